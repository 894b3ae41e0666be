"""Reading and writing a year's official list as text: one line a day (or a stretch of days).

    日期, 休/班, 名称
    2027-01-01, 休, 元旦
    2月5日至11日, 休, 春节
    2月14日（周日）, 班, 春节调休

Pure: the text in, the days and every error by line out.
"""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from gezhi.foundation.audit.errors import Text
from gezhi.foundation.clocks.official import ListedDay, official_year

HEAD = ("日期", "休/班", "名称")
RESTS, WORKS = "休", "班"
RESTING = {"休", "放假", "休息", "休假", "调休放假", "off", "rest", "holiday"}
WORKING = {"班", "上班", "补班", "调休上班", "工作", "work"}
LONGEST_NAME = 40
LONGEST_STRETCH = 15
MOST_LINES = 200
BEFORE, AFTER = timedelta(days=14), timedelta(days=14)  # a list may name days just outside its year
_DAY = (
    r"(?:(?P<year{n}>\d{{4}})\s*[-/.年]\s*)?"
    r"(?:(?P<month{n}>\d{{1,2}})\s*[-/.月]\s*)?"
    r"(?P<day{n}>\d{{1,2}})\s*日?"
)
_ONE = re.compile(_DAY.format(n=1))
_STRETCH = re.compile(_DAY.format(n=1) + r"\s*(?:至|到|—+|–|~|～)\s*" + _DAY.format(n=2))
_WEEKDAY = re.compile(r"[(（]\s*(?:周|星期)[一二三四五六日天]\s*[)）]")


@dataclass(frozen=True)
class LineError:
    """What is wrong with a line; 0 for the list as a whole."""

    line: int
    text: str
    reason: Text


@dataclass
class Reading:
    """What a text says: the days in order, every error, and what looks odd though it can be taken."""

    days: list[ListedDay] = field(default_factory=list)
    errors: list[LineError] = field(default_factory=list)
    odd: list[Text] = field(default_factory=list)


class _WrongLineError(ValueError):
    """A line that cannot be read; the reason stands in `args`."""


def read_list(text: str, year: int) -> Reading:
    """The days of a list and every error in it, line by line."""
    found = Reading()
    seen: dict[date, int] = {}
    lines = text.removeprefix("\ufeff").splitlines()
    if len(lines) > MOST_LINES:
        found.errors.append(
            LineError(0, "", _("A year's list is shorter than %(n)s lines.") % {"n": MOST_LINES})
        )
        return found
    for number, line in enumerate(lines, start=1):
        try:
            for day in _days_of(line.strip(), year):
                if day.date in seen:
                    told = _("%(day)s stands in line %(line)s already.")
                    raise _WrongLineError(told % {"day": day.date, "line": seen[day.date]})
                seen[day.date] = number
                found.days.append(day)
        except _WrongLineError as error:
            found.errors.append(LineError(number, line.strip()[:80], error.args[0]))
    found.days.sort()
    if not found.days and not found.errors:
        found.errors.append(LineError(0, "", _("There is no day in it yet.")))
    found.odd = _odd(found.days, year) if found.days else []
    return found


def check_day(year: int, day: ListedDay) -> dict[str, Text]:
    """What is wrong with one day of a list, by field."""
    first, last = date(year, 1, 1) - BEFORE, date(year, 12, 31) + AFTER
    if not first <= day.date <= last:
        return {
            "date": _("%(day)s does not belong to the list of %(year)s.") % {"day": day.date, "year": year}
        }
    if day.working and day.date.weekday() < 5:
        return {"working": _("%(day)s is a weekday and works anyway. Is the date right?") % {"day": day.date}}
    if len(day.name) > LONGEST_NAME:
        return {"name": _("Shorten the name to at most %(n)s characters.") % {"n": LONGEST_NAME}}
    return {}


def write_list(days: Iterable[ListedDay]) -> str:
    """The list as text that `read_list` reads."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(HEAD)
    rows.writerows((day.date, WORKS if day.working else RESTS, day.name) for day in days)
    return out.getvalue()


def _days_of(line: str, year: int) -> list[ListedDay]:
    parts = [part.strip().strip('"') for part in re.split(r"[,，;；\t]", line)]
    if len(parts) == 1:
        parts = line.split()
    if not line or line.startswith("#") or not any(parts) or parts[0] in ("日期", "date"):
        return []
    if len(parts) < 2 or parts[1].lower() not in RESTING | WORKING:
        raise _WrongLineError(_("Write a date, then 休 or 班, then the name, with commas between."))
    working = parts[1].lower() in WORKING
    name = parts[2] if len(parts) > 2 else ""
    days = [ListedDay(day, working, name) for day in _dates(parts[0], year)]
    for day in days:
        for reason in check_day(year, day).values():
            raise _WrongLineError(reason)
    return days


def _dates(text: str, year: int) -> list[date]:
    plain = _WEEKDAY.sub("", text).strip()
    if one := _ONE.fullmatch(plain):
        return [_date(one["year1"], one["month1"], one["day1"], year)]
    stretch = _STRETCH.fullmatch(plain)
    if stretch is None:
        raise _WrongLineError(_("“%(text)s” is no date. Write 2027-01-01 or 1月1日.") % {"text": text[:20]})
    first = _date(stretch["year1"], stretch["month1"], stretch["day1"], year)
    month = stretch["month2"] or str(first.month)
    last = _date(stretch["year2"] or str(first.year), month, stretch["day2"], year)
    if not first < last <= first + timedelta(days=LONGEST_STRETCH):
        raise _WrongLineError(_("From %(first)s to %(last)s is no holiday.") % {"first": first, "last": last})
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _date(year: str | None, month: str | None, day: str, listed: int) -> date:
    try:
        return date(int(year or listed), int(month or 0), int(day))
    except ValueError:
        told = "-".join(part for part in (year, month, day) if part)
        raise _WrongLineError(_("There is no day %(day)s.") % {"day": told}) from None


def _odd(days: list[ListedDay], year: int) -> list[Text]:
    """What a list would hardly leave out, and where it contradicts the one the program brings."""
    found: list[Text] = []
    known = official_year(year)
    mine = {day.date: day.working for day in days}
    if not any(mine.values()):
        found.append(_("No moved working day is in it; every list so far had some."))
    theirs = dict.fromkeys(known.rest, False) | dict.fromkeys(known.moved, True)
    missing = [day for day in sorted(theirs) if mine.get(day) is not theirs[day]]
    if known.published:
        missing += [day for day in sorted(mine) if day not in theirs]
        said = _("It differs from the list the program brings on: %(days)s.")
    else:
        said = _("These statutory holidays do not rest in it: %(days)s.")
    if missing:
        found.append(said % {"days": ", ".join(str(day) for day in missing[:20])})
    return found
