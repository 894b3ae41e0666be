"""Drawn pictures for the demo: plain street scenes with one thing wrong, and the same scene put right.

They are drawings on purpose, so that nobody takes them for photographs of a real place.
"""

import random
from collections.abc import Callable
from io import BytesIO

from PIL import Image, ImageDraw

SIZE = (960, 720)  # drawn
STORED = (720, 540)
HORIZON = 330
Pen = ImageDraw.ImageDraw
SKIES = ("#dfe9ee", "#e8ece6", "#d5dee6", "#efe7da")
WALLS = ("#c9b8a2", "#b9c3c6", "#a9b7ae", "#c7c0b4", "#9fa8b2")


def picture(theme: str, variant: int, *, solved: bool) -> bytes:
    """A JPEG of the theme; the same variant shows the same street before and after."""
    rng = random.Random(f"{theme}/{variant}")
    image = Image.new("RGB", SIZE, rng.choice(SKIES))
    pen = ImageDraw.Draw(image)
    _street(pen, rng)
    if solved:
        _SOLVED.get(theme, _nothing)(pen, rng)
    else:
        _THEMES[theme](pen, rng)
    image = image.resize(STORED)
    out = BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


def _street(pen: Pen, rng: random.Random) -> None:
    left = 0
    while left < SIZE[0]:
        width, height = rng.randint(90, 220), rng.randint(130, 300)
        pen.rectangle((left, HORIZON - height, left + width, HORIZON), fill=rng.choice(WALLS))
        for x in range(left + 16, left + width - 20, 34):
            for y in range(HORIZON - height + 18, HORIZON - 30, 42):
                pen.rectangle((x, y, x + 16, y + 22), fill="#7f8f98" if rng.random() < 0.7 else "#e9d9a8")
        left += width + rng.choice((0, 0, 24))
    pen.rectangle((0, HORIZON, SIZE[0], HORIZON + 90), fill="#bdb8ae")
    for x in range(0, SIZE[0], 60):
        pen.line((x, HORIZON, x - 40, HORIZON + 90), fill="#aaa598", width=2)
    pen.rectangle((0, HORIZON + 90, SIZE[0], SIZE[1]), fill="#6f7376")
    pen.rectangle((0, HORIZON + 84, SIZE[0], HORIZON + 96), fill="#d6d2c8")
    for x in range(20, SIZE[0], 190):
        pen.polygon([(x, 640), (x + 90, 640), (x + 80, 652), (x - 10, 652)], fill="#d9d6cc")
    for _tree in range(rng.randint(1, 3)):
        x = rng.randint(40, SIZE[0] - 40)
        pen.rectangle((x - 6, HORIZON - 60, x + 6, HORIZON + 40), fill="#6b5540")
        pen.ellipse((x - 60, HORIZON - 170, x + 60, HORIZON - 40), fill="#6f8f68")


def _nothing(pen: Pen, rng: random.Random) -> None:
    """The street as it should be."""


def _rubbish(pen: Pen, rng: random.Random) -> None:
    for _bag in range(26):
        x, y, r = rng.gauss(480, 110), rng.gauss(HORIZON + 70, 26), rng.randint(14, 38)
        colour = rng.choice(("#2f3336", "#47525b", "#b8ad8e", "#7b8f6a", "#cfd3d4"))
        pen.ellipse((x - r, y - r * 0.8, x + r, y + r * 0.8), fill=colour)


def _cover(pen: Pen, rng: random.Random) -> None:
    pen.ellipse((380, 520, 600, 610), fill="#141618")
    pen.chord((400, 500, 640, 600), 200, 20, fill="#4b4f52")
    pen.line((430, 560, 560, 540), fill="#2c2f31", width=5)


def _cover_solved(pen: Pen, rng: random.Random) -> None:
    pen.ellipse((380, 520, 600, 610), fill="#4b4f52", outline="#33373a", width=6)
    for n in range(5):
        pen.line((410 + 35 * n, 535, 410 + 35 * n, 596), fill="#3a3e41", width=4)


def _lamp(pen: Pen, rng: random.Random) -> None:
    pen.rectangle((0, 0, SIZE[0], SIZE[1]), fill="#1d2733")
    pen.rectangle((0, HORIZON + 90, SIZE[0], SIZE[1]), fill="#161b22")
    for x in (180, 760):
        _pole(pen, x, lit=True)
    _pole(pen, 470, lit=False)


def _lamp_solved(pen: Pen, rng: random.Random) -> None:
    _lamp(pen, rng)
    _pole(pen, 470, lit=True)


def _pole(pen: Pen, x: int, *, lit: bool) -> None:
    if lit:
        pen.ellipse((x - 110, 70, x + 130, 300), fill="#51513f")
        pen.ellipse((x - 50, 110, x + 70, 220), fill="#9a9050")
    pen.rectangle((x - 5, 140, x + 5, HORIZON + 100), fill="#59636e")
    pen.rectangle((x - 6, 132, x + 46, 146), fill="#f6e8a0" if lit else "#39424c")


def _water(pen: Pen, rng: random.Random) -> None:
    pen.polygon([(90, 560), (420, 500), (840, 540), (900, 660), (300, 700), (60, 640)], fill="#8da3ae")
    pen.polygon([(200, 580), (430, 540), (700, 570), (640, 630), (330, 640)], fill="#a9bcc4")


def _stalls(pen: Pen, rng: random.Random) -> None:
    for n in range(4):
        x = 120 + 190 * n + rng.randint(-20, 20)
        pen.rectangle(
            (x, HORIZON + 30, x + 120, HORIZON + 120), fill=rng.choice(("#c7764f", "#5f7f9a", "#b99b3d"))
        )
        pen.polygon(
            [
                (x - 14, HORIZON + 30),
                (x + 134, HORIZON + 30),
                (x + 110, HORIZON - 14),
                (x + 10, HORIZON - 14),
            ],
            fill=rng.choice(("#b8433c", "#3d7a5c", "#d9d2bf")),
        )


def _bikes(pen: Pen, rng: random.Random) -> None:
    for _bike in range(15):
        x, y = rng.randint(90, 820), rng.randint(HORIZON + 40, HORIZON + 130)
        colour = rng.choice(("#2f7ab8", "#e0b33a", "#3e9a6d", "#42474b"))
        pen.ellipse((x, y, x + 44, y + 44), outline="#2a2d30", width=4)
        pen.ellipse((x + 60, y, x + 104, y + 44), outline="#2a2d30", width=4)
        pen.line((x + 22, y + 22, x + 50, y - 12, x + 82, y + 22), fill=colour, width=7)


def _bikes_solved(pen: Pen, rng: random.Random) -> None:
    for n in range(12):
        x = 150 + n * 52
        pen.ellipse((x, HORIZON + 36, x + 18, HORIZON + 76), outline="#2a2d30", width=4)
        pen.line((x + 9, HORIZON + 20, x + 9, HORIZON + 58), fill="#2f7ab8", width=6)


def _posters(pen: Pen, rng: random.Random) -> None:
    for _poster in range(16):
        x, y = rng.randint(60, 860), rng.randint(130, HORIZON - 40)
        pen.rectangle((x, y, x + 44, y + 58), fill=rng.choice(("#f4ecd2", "#f2c9c4", "#dfe8c8")))
        for line in range(4):
            pen.line((x + 6, y + 10 + line * 11, x + 38, y + 10 + line * 11), fill="#8a5a55", width=3)


def _road(pen: Pen, rng: random.Random) -> None:
    for _hole in range(4):
        x, y = rng.randint(160, 740), rng.randint(480, 640)
        points = [(x + rng.randint(-90, 90), y + rng.randint(-26, 26)) for _corner in range(7)]
        pen.polygon(sorted(points, key=lambda p: (p[1] > y, p[0] if p[1] <= y else -p[0])), fill="#474a4c")


def _road_solved(pen: Pen, rng: random.Random) -> None:
    pen.rectangle((220, 500, 720, 640), fill="#5b5f62")


def _green(pen: Pen, rng: random.Random) -> None:
    pen.rectangle((80, HORIZON + 20, 880, HORIZON + 110), fill="#8f8a5e")
    for _patch in range(40):
        x, y = rng.randint(90, 860), rng.randint(HORIZON + 26, HORIZON + 100)
        pen.ellipse((x, y, x + 26, y + 10), fill=rng.choice(("#7b6a4a", "#a08b5f", "#6f7a4a")))


def _green_solved(pen: Pen, rng: random.Random) -> None:
    pen.rectangle((80, HORIZON + 20, 880, HORIZON + 110), fill="#6f9c5f")
    for _tuft in range(60):
        x, y = rng.randint(90, 860), rng.randint(HORIZON + 26, HORIZON + 100)
        pen.line((x, y, x + 4, y - 12), fill="#517f47", width=3)


def _cars(pen: Pen, rng: random.Random) -> None:
    for n in range(4):
        x = 70 + n * 215
        colour = rng.choice(("#e9e9e6", "#3a4046", "#8c2f2b", "#5a7186"))
        pen.rounded_rectangle((x, HORIZON + 60, x + 180, HORIZON + 120), 16, fill=colour)
        pen.polygon(
            [
                (x + 34, HORIZON + 60),
                (x + 58, HORIZON + 22),
                (x + 132, HORIZON + 22),
                (x + 154, HORIZON + 60),
            ],
            fill=colour,
        )
        for wheel in (x + 42, x + 138):
            pen.ellipse((wheel - 20, HORIZON + 100, wheel + 20, HORIZON + 140), fill="#1b1d1f")


def _stains(pen: Pen, rng: random.Random) -> None:
    for _stain in range(14):
        x, y = rng.randint(60, 880), rng.randint(HORIZON + 20, 640)
        w, h = rng.randint(20, 120), rng.randint(8, 26)
        pen.ellipse((x, y, x + w, y + h), fill=rng.choice(("#7d6f5c", "#8f8067", "#5d5a50")))


_THEMES: dict[str, Callable[[Pen, random.Random], None]] = {
    "rubbish": _rubbish,
    "cover": _cover,
    "lamp": _lamp,
    "water": _water,
    "stalls": _stalls,
    "bikes": _bikes,
    "posters": _posters,
    "road": _road,
    "green": _green,
    "cars": _cars,
    "street": _stains,
}
_SOLVED: dict[str, Callable[[Pen, random.Random], None]] = {
    "cover": _cover_solved,
    "lamp": _lamp_solved,
    "bikes": _bikes_solved,
    "road": _road_solved,
    "green": _green_solved,
}
THEMES = tuple(_THEMES)
