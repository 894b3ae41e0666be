"""A year of cases that really go through the loop: every act by the person who may do it, at a likely time.

Each case is a generator that yields the moment of its next act; the simulation resumes them in order of
time and stops at the present, which leaves the newest cases open in every state.
"""

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from django.db import transaction
from django.db.models import Min

from gezhi.foundation.actors.models import Agency
from gezhi.foundation.clocks.queries import calendar
from gezhi.foundation.clocks.rules import advance
from gezhi.foundation.files.models import File
from gezhi.site.demo.life import life
from gezhi.site.demo.matters import HAPPENINGS, Happening
from gezhi.site.demo.staff import Staff
from gezhi.work.cases.models import Clock
from gezhi.work.cases.services import tick
from gezhi.work.matters.models import Condition, MatterItem

DAYS = 365
BUSY = timedelta(days=4)  # at the end: a windy week, many reports at once
ACTS_PER_COMMIT = 400
# Reports by hour of the day: a quiet night, a peak when patrols start, another after lunch.
HOURS = (1, 0, 0, 0, 0, 1, 4, 10, 22, 26, 22, 14, 8, 8, 18, 22, 18, 12, 8, 7, 6, 5, 3, 2)


@dataclass(frozen=True)
class Place:
    """Where something happens, with words for it."""

    lon: float
    lat: float
    text: str
    kind: str
    grid: str


@dataclass
class World:
    """What the lives of cases need to know."""

    random: random.Random
    staff: Staff
    places: dict[str, list[Place]]
    items: dict[str, MatterItem]
    conditions: dict[str, list[Condition]]
    pictures: dict[tuple[str, int, bool], File]
    now: datetime
    agency_codes: dict[int, str] = field(default_factory=dict)
    departments: list[Agency] = field(default_factory=list)  # those a street may call by whistle

    def after(self, at: datetime, minutes: float, *, working: bool = True) -> datetime:
        """Some minutes later, in working time unless it cannot wait."""
        return advance(start=at, seconds=max(int(minutes * 60), 1), working=working, calendar=calendar())

    def about(self, minutes: float, spread: float = 0.6) -> float:
        """A likely duration: mostly near the figure, sometimes much longer."""
        return minutes * self.random.lognormvariate(0, spread)

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def photo(self, theme: str, *, solved: bool) -> list[int]:
        file = self.pictures.get((theme or "street", self.random.randrange(3), solved))
        return [file.pk] if file else []


@dataclass(order=True)
class Turn:
    """The next act of a case."""

    at: datetime
    n: int
    life: Iterator[datetime] = field(compare=False)


def simulate(world: World, *, cases: int, start: datetime) -> int:
    """Let `cases` reports come in between `start` and now and live their lives; return the acts done."""
    turns = [
        Turn(at, n, life(world, what, where, at))
        for n, (at, what, where) in enumerate(_happen(world, cases, start))
    ]
    heapq.heapify(turns)
    number, done = count(len(turns)), 0
    while turns and turns[0].at <= world.now:
        with transaction.atomic():
            for _act in range(ACTS_PER_COMMIT):
                if not turns or turns[0].at > world.now:
                    break
                turn = heapq.heappop(turns)
                _clocks_until(turn.at)
                done += 1
                then = next(turn.life, None)
                if then is not None and not _waits(world, then):
                    heapq.heappush(turns, Turn(max(then, turn.at), next(number), turn.life))
    _clocks_until(world.now)
    return done


def _waits(world: World, at: datetime) -> bool:
    """In the last days there is more to do than hands: some cases still wait where they are."""
    ago = world.now - at
    return world.chance(0.5 if ago < timedelta(minutes=40) else 0.07 if ago < BUSY else 0)


def _happen(world: World, cases: int, start: datetime) -> Iterator[tuple[datetime, Happening, Place]]:
    """What is reported when and where; now and then two people report the same thing."""
    last: tuple[Happening, Place] | None = None
    for at in _moments(world, cases, start):
        if last is None or not world.chance(0.06):
            what = _what(world, at)
            last = what, _where(world, what)
        yield at, *last


def _clocks_until(at: datetime) -> None:
    """Let the worker's marks fall at the moments they were due."""
    while (
        first := Clock.objects.filter(next_at__lte=at).aggregate(first=Min("next_at"))["first"]
    ) is not None:
        tick(at=first)


def _moments(world: World, cases: int, start: datetime) -> list[datetime]:
    """When reports come in: fewer at weekends and at night, a little more from month to month."""
    days = [start + timedelta(days=n) for n in range((world.now - start).days + 1)]
    weights = [
        (0.55 if d.weekday() >= 5 else 1.0) * (1 + n / len(days) * 0.25) * (8 if world.now - d < BUSY else 1)
        for n, d in enumerate(days)
    ]
    found: list[datetime] = []
    while len(found) < cases:
        day = world.random.choices(days, weights)[0].replace(hour=16, minute=0, second=0)  # midnight there
        hour = world.random.choices(range(24), HOURS)[0]
        at = day + timedelta(
            hours=hour, minutes=world.random.randrange(60), seconds=world.random.randrange(60)
        )
        if start <= at <= world.now:
            found.append(at)
    return sorted(found)


def _what(world: World, at: datetime) -> Happening:
    weights = [h.weight * (3 if at.month in h.season else 1) for h in HAPPENINGS]
    return world.random.choices(HAPPENINGS, weights)[0]


def _where(world: World, happening: Happening) -> Place:
    kinds = [kind for kind in happening.places if world.places.get(kind)] or list(world.places)
    return world.random.choice(world.places[world.random.choice(kinds)])
