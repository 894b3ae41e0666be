"""The State Council's list of holidays and moved working days, year by year.

From the `holidays` library, or as it was imported."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import holidays


@dataclass(frozen=True)
class OfficialYear:
    """What is known of one year. `published` is False while its list is not out: then `rest` holds the
    statutory days alone, and no moved days."""

    published: bool
    rest: dict[date, str]  # days that rest though it may be a weekday, with the name of the holiday
    moved: frozenset[date]  # weekend days that work


@lru_cache(maxsize=64)
def official_year(year: int, language: str = "zh_CN") -> OfficialYear:
    """The year's list; `language` is that of the holidays' names (zh_CN or en_US)."""
    # A moved day may stand in the list of the year before or after.
    known = holidays.country_holidays("CN", years=range(year - 1, year + 2), language=language)
    moved = frozenset(day for day in known.weekend_workdays if day.year == year)
    return OfficialYear(
        # Every list since 2001 moves some weekend day, and statutory days alone never do.
        published=bool(moved),
        rest={day: name for day, name in known.items() if day.year == year},
        moved=moved,
    )


@dataclass(frozen=True, order=True)
class ListedDay:
    """One day of an imported list: a holiday that rests, or a weekend day that works."""

    date: date
    working: bool
    name: str = ""


def imported_year(days: Iterable[ListedDay]) -> OfficialYear:
    """An imported list in the shape of those the program knows."""
    listed = list(days)
    return OfficialYear(
        published=True,
        rest={day.date: day.name for day in listed if not day.working},
        moved=frozenset(day.date for day in listed if day.working),
    )


def year_of(day: date, imported: Mapping[int, OfficialYear], language: str = "zh_CN") -> OfficialYear:
    """The list that says of this day: its year's, or that of a neighbouring year which names it (the list of
    2019 moved a day of December 2018)."""
    for year in (day.year, day.year + 1, day.year - 1):
        found = imported.get(year)
        if found and (day in found.moved or day in found.rest):
            return found
    return imported.get(day.year) or official_year(day.year, language)


def works_officially(day: date, imported: Mapping[int, OfficialYear] | None = None) -> bool:
    """Whether the list makes this a working day; without a list, by weekday and statutory holidays."""
    listed = year_of(day, imported or {})
    return day in listed.moved or (day.weekday() < 5 and day not in listed.rest)
