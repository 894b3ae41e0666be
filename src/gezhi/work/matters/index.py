"""Finding an item in three keystrokes: a small index of one version, held in memory.

A query is matched against the code, the Chinese and English names, other names people use, and the
readings of the name in pinyin, full or initials. Better kinds of match come first, then earlier ones.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from gezhi.work.matters.models import KIND_ORDER, Condition, MatterItem
from gezhi.work.matters.rules import has_han, syllables

_SPACES = re.compile(r"\s+")
_WORD = re.compile(r"[a-z0-9]+")
_HAN_RUN = re.compile(r"[㐀-鿿]+")
NO_MATCH = (99, 0)


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as the index knows it."""

    item: MatterItem
    name: str
    aliases: tuple[str, ...]
    english: str
    initials: tuple[str, ...]  # of the name, then of each alias
    readings: tuple[tuple[str, ...], ...]  # syllables of the name and of each alias
    texts: str  # the conditions in both languages
    pairs: frozenset[str]  # pairs of Chinese characters in names and conditions


class MatterIndex:
    """The items of one version, ready to be searched."""

    def __init__(self, items: Iterable[MatterItem], conditions: Iterable[Condition]) -> None:
        texts: dict[int, list[str]] = {}
        for condition in conditions:
            texts.setdefault(condition.item_id, []).append(f"{condition.text_zh} {condition.text_en}")
        self.entries = [_entry(item, " ".join(texts.get(item.pk, []))) for item in items]
        self.entries.sort(key=lambda entry: (KIND_ORDER[entry.item.kind], entry.item.code))

    def search(self, text: str, *, public_only: bool, limit: int) -> list[MatterItem]:
        """Items that match, best first; nothing for an empty query."""
        query = _SPACES.sub(" ", text).strip().lower()
        if not query:
            return []
        ranked = []
        for order, entry in enumerate(self.entries):
            if public_only and not entry.item.public:
                continue
            rank = _han_rank(entry, query) if has_han(query) else _latin_rank(entry, query)
            if rank < NO_MATCH:
                ranked.append((rank, order))
        return [self.entries[order].item for _, order in sorted(ranked)[:limit]]

    def propose(self, text: str, *, public_only: bool, limit: int) -> list[MatterItem]:
        """Items that share most with a free description ("路灯好几天不亮了"), best first."""
        pairs = _pairs(text)
        scored = []
        for order, entry in enumerate(self.entries):
            if public_only and not entry.item.public:
                continue
            named = any(name in text for name in (entry.name, *entry.aliases))
            shared = len(pairs & entry.pairs)
            if named or shared >= 2:
                scored.append((-(shared + 4 * named), len(entry.pairs), order))
        return [self.entries[order].item for _, _, order in sorted(scored)[:limit]]


def _entry(item: MatterItem, texts: str) -> Entry:
    aliases = tuple(item.aliases.split())
    readings = tuple(tuple(syllables(name)) for name in (item.name, *aliases))
    return Entry(
        item=item,
        name=item.name.lower(),
        aliases=tuple(alias.lower() for alias in aliases),
        english=item.name_en.lower(),
        initials=(item.initials, *("".join(part[0] for part in parts) for parts in readings[1:])),
        readings=readings,
        texts=texts.lower(),
        pairs=_pairs(" ".join((item.name, item.aliases, texts))),
    )


def _han_rank(entry: Entry, query: str) -> tuple[int, int]:
    if entry.name == query:
        return 0, 0
    if entry.name.startswith(query):
        return 1, len(entry.name)
    if query in entry.aliases:
        return 2, entry.aliases.index(query)
    if query in entry.name:
        return 3, entry.name.index(query)
    if any(alias.startswith(query) for alias in entry.aliases):
        return 4, len(entry.name)
    if any(query in alias for alias in entry.aliases):
        return 5, len(entry.name)
    if len(query) > 1 and query in entry.texts:
        return 6, entry.texts.index(query)
    return NO_MATCH


def _latin_rank(entry: Entry, query: str) -> tuple[int, int]:
    """For digits, pinyin and English: whichever of the three fits best."""
    if query.isdigit():
        return _code_rank(entry.item.code, query)
    typed = query.replace(" ", "").replace("'", "")
    if not typed:
        return NO_MATCH
    return min(_initials_rank(entry, typed), _reading_rank(entry, typed), _english_rank(entry, query))


def _code_rank(code: str, query: str) -> tuple[int, int]:
    if query == code:
        return 0, 0
    return (1, 0) if code.startswith(query) else NO_MATCH


def _initials_rank(entry: Entry, typed: str) -> tuple[int, int]:
    name, *aliases = entry.initials
    if name == typed:
        return 0, 0
    if name.startswith(typed):
        return 1, len(name)
    if len(typed) > 1 and typed in name:
        return 2, name.index(typed)
    if any(letters.startswith(typed) for letters in aliases):
        return 3, len(name)
    return NO_MATCH


def _reading_rank(entry: Entry, typed: str) -> tuple[int, int]:
    """Full or half-typed pinyin, from the start of a name or from one of its later syllables."""
    if len(typed) < 2:
        return NO_MATCH
    name, *aliases = entry.readings
    if _begins(name, typed):
        return 1, len(name)
    if any(_begins(reading, typed) for reading in aliases):
        return 3, len(name)
    if any(_begins(name[start:], typed) for start in range(1, len(name))):
        return 4, len(name)
    return NO_MATCH


def _english_rank(entry: Entry, query: str) -> tuple[int, int]:
    if entry.english.startswith(query):
        return 1, len(entry.english)
    if any(word.startswith(query) for word in _WORD.findall(entry.english)):
        return 2, len(entry.english)
    if len(query) > 2 and query in entry.english:
        return 5, entry.english.index(query)
    if len(query) > 2 and query in entry.texts:
        return 6, entry.texts.index(query)
    return NO_MATCH


def _begins(reading: tuple[str, ...], typed: str) -> bool:
    """Whether `typed` begins the reading, each syllable whole, begun or a first letter: shangsj → 上水井."""
    if not typed:
        return True
    if not reading:
        return False
    syllable, rest = reading[0], reading[1:]
    if syllable.startswith(typed):
        return True
    for length in range(len(syllable), 0, -1):
        if typed.startswith(syllable[:length]) and _begins(rest, typed[length:]):
            return True
    return False


def _pairs(text: str) -> frozenset[str]:
    return frozenset(run[n : n + 2] for run in _HAN_RUN.findall(text) for n in range(len(run) - 1))
