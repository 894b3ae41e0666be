"""Names for the town. English names are spelt from the pinyin."""

import tomllib
from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import Any

import numpy as np
from pypinyin import lazy_pinyin

WORDS: dict[str, Any] = tomllib.loads(files(__package__).joinpath("names.toml").read_text("utf-8"))
LANE_ENDINGS = ("巷", "东巷", "西巷", "南巷", "北巷", "里", "弄", "横巷")
STREET_ENDINGS = ("街", "路", "东街", "西街", "北街", "南街", "一街", "二街")
ESTATE_ENDINGS = ("", "二期", "三期", "四期")
OLD_ESTATE_ENDINGS = ("", "东区", "西区", "南区", "北区", "一区", "二区", "三区")


def english(text: str, word: str = "") -> str:
    """Pinyin with a capital, and a word after it: 青禾 + Street → Qinghe Street."""
    return f"{''.join(lazy_pinyin(text)).capitalize()} {word}".strip()


class Names:
    """Hands out names, none twice as long as there are enough, in an order the seed decides."""

    def __init__(self, random: np.random.Generator) -> None:
        self.random = random
        self._lanes = self._endless("lanes", LANE_ENDINGS)
        self._streets = self._endless("streets", STREET_ENDINGS)
        self._estates = self._endless("estates", ESTATE_ENDINGS)
        self._old_estates = self._endless("old_estates", OLD_ESTATE_ENDINGS)

    def _endless(self, key: str, endings: Sequence[str]) -> Iterator[str]:
        words = WORDS[key].split()
        for ending in endings:
            for index in self.random.permutation(len(words)):
                yield words[index] + ending

    def _one_of(self, key: str) -> str:
        words: list[str] = WORDS[key].split()
        return words[self.random.integers(len(words))]

    def lane(self) -> tuple[str, str]:
        name = next(self._lanes)
        return name, english(name.rstrip("巷里弄"), "Lane" if name.endswith("巷") else "Alley")

    def street(self) -> tuple[str, str]:
        name = next(self._streets)
        return name, english(name.rstrip("街路"), "Street" if name.endswith("街") else "Road")

    def estate(self, *, old: bool = False) -> tuple[str, str]:
        name = next(self._old_estates if old else self._estates)
        return name, english(name)

    def shop(self) -> tuple[str, str]:
        sign = self._one_of("signs")
        trades = list(WORDS["trades"].items())
        trade, trade_en = trades[self.random.integers(len(trades))]
        return sign + trade, english(sign, trade_en)

    def office(self) -> tuple[str, str]:
        name = self._one_of("offices")
        part = str(self.random.choice(("", "A座", "B座", "C座")))
        return name + part, english(name, f"Offices {part[:1]}")

    def works(self) -> tuple[str, str]:
        name = self._one_of("works")
        return name, english(name, "Works")
