"""The State Council's list of holidays and moved working days, year by year, from the `holidays` library."""

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


def works_officially(day: date) -> bool:
    """Whether the list makes this a working day; without a list, by weekday and statutory holidays."""
    listed = official_year(day.year)
    return day in listed.moved or (day.weekday() < 5 and day not in listed.rest)
