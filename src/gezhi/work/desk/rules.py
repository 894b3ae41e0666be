"""Who works at which desk, and what may be kept for it. Nothing here asks the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from gezhi.foundation.actors.scope import Actor

DESK_GRANTS = frozenset({"intake", "dispatch", "desk", "call_back"})  # desks that work in shifts
WATCHES = frozenset({"lead", "approve"})  # who reads the notes of all desks of the area
KEEPS_PHRASES = DESK_GRANTS | WATCHES
LONGEST_SHIFT = timedelta(days=7)
FILTER_WORD_LIMIT = 80
FILTER_WORDS_MOST = 12


@dataclass(frozen=True)
class DeskPlace:
    """A desk somebody works at: its area, and what is done there ("" where one desk does several things)."""

    area_id: int
    area_path: str
    grant: str

    @property
    def key(self) -> str:
        return f"{self.area_id}:{self.grant}"


def desks_of(actor: Actor) -> list[DeskPlace]:
    """The desks of an actor's posts, each once, in the order of the posts."""
    found: dict[str, DeskPlace] = {}
    for seat in actor.seats:
        own = sorted(seat.grants & DESK_GRANTS)
        if own:
            place = DeskPlace(seat.area_id, seat.area_path, own[0] if len(own) == 1 else "")
            found.setdefault(place.key, place)
    return list(found.values())


def plain_words(words: Mapping[str, str]) -> dict[str, str]:
    """The words of a filter as they may be kept: few, short, none empty."""
    kept = {str(name)[:20]: str(value)[:FILTER_WORD_LIMIT] for name, value in words.items() if value}
    return dict(list(kept.items())[:FILTER_WORDS_MOST])
