"""Draws the case loop from its table: docs/case-loop.svg and the table in docs/case-loop.md."""

from collections import defaultdict
from html import escape
from textwrap import wrap

from django.utils import translation

from gezhi.work.cases.acts import ACTS
from gezhi.work.cases.states import ACTIVE, AFTER_WORK, IN_WORK, State
from gezhi.work.cases.table import TABLE

WIDTH, HEIGHT, BOX_W, BOX_H = 1320, 660, 132, 46
# Where each state stands, in the order of the loop; the arrows come from the table.
PLACES: dict[State, tuple[int, int]] = {
    State.REPORTED: (110, 90),
    State.CHECKING: (250, 280),
    State.FILED: (410, 90),
    State.DISPATCHED: (670, 90),
    State.HANDLING: (930, 90),
    State.SUSPENDED: (1210, 44),
    State.BANKED: (1210, 184),
    State.DONE: (1210, 312),
    State.VERIFYING: (1210, 430),
    State.VERIFIED: (900, 430),
    State.CLOSED: (610, 430),
    State.ARCHIVED: (370, 430),
    State.REFUSED: (110, 430),
    State.FORWARDED: (110, 580),
    State.WITHDRAWN: (370, 580),
    State.MERGED: (650, 580),
    State.CANCELLED: (1000, 580),
}
# Reached from so many states that a note serves better than arrows.
FROM_MANY = (State.FORWARDED, State.WITHDRAWN, State.MERGED, State.CANCELLED)
NOTED = ("force_close",)
# Sets of states the table in the docs calls by name.
SETS = {
    "any active": {state.value for state in ACTIVE},
    "any in work": {state.value for state in IN_WORK},
    "any after work": {state.value for state in AFTER_WORK},
}
COLOURS = {
    "before": "#e6edfb",
    "work": "#fdf0dc",
    "after": "#e3f2ef",
    "closed": "#e6f4ea",
    "ended": "#eef1f0",
}
HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" font-family="sans-serif" font-size="13">'
)
MARKER = (
    '<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
    'orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" fill="#52605d"/></marker></defs>'
)


def moves() -> dict[tuple[State, State], list[str]]:
    """Acts that change the state, by from and to."""
    found: dict[tuple[State, State], list[str]] = defaultdict(list)
    for row in TABLE:
        for to in (row.to, *row.may_go):
            if row.source and to and row.act not in found[row.source, to]:
                found[row.source, to].append(row.act)
    return found


def svg() -> str:
    """The picture, with state names in Chinese and English."""
    parts = [HEAD.format(w=WIDTH, h=HEIGHT), MARKER, f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>']
    for (source, to), acts in moves().items():
        drawn = [act for act in acts if act not in NOTED]
        if drawn and source != to and not {source, to} & set(FROM_MANY):
            parts.append(_arrow(source, to, drawn))
    parts += [_box(state) for state in PLACES]
    parts += [_note(to, 42, _sources(to)) for to in FROM_MANY]
    parts += [_note(s, -32, "restore: to reported") for s in FROM_MANY if (s, State.REPORTED) in moves()]
    parts.append(_note(State.CLOSED, 42, f"force_close {_sources(State.CLOSED, NOTED)}"))
    return "\n".join([*parts, "</svg>", ""])


def _box(state: State) -> str:
    x, y = PLACES[state]
    with translation.override("zh-hans"):
        chinese = str(state.label)
    left, top = x - BOX_W / 2, y - BOX_H / 2
    return (
        f'<rect x="{left:g}" y="{top:g}" width="{BOX_W}" height="{BOX_H}" rx="6" fill="{_colour(state)}" '
        f'stroke="#52605d"/><text x="{x}" y="{y - 3}" text-anchor="middle" font-weight="600">{chinese}</text>'
        f'<text x="{x}" y="{y + 14}" text-anchor="middle" fill="#52605d">{state.value}</text>'
    )


def _sources(to: State, acts: tuple[str, ...] = ()) -> str:
    """Which states lead here, by these acts if any are named."""
    found = [
        source.value
        for (source, target), by in moves().items()
        if target == to and source != to and (not acts or set(acts) & set(by))
    ]
    return f"from {', '.join(found)}"


def _note(state: State, below: int, words: str) -> str:
    """A line under a box, broken where it would be wider than its column."""
    x, y = PLACES[state]
    lines = wrap(words, 44)
    return "".join(
        f'<text x="{x}" y="{y + below + 16 * n}" text-anchor="middle" fill="#52605d">{line}</text>'
        for n, line in enumerate(lines)
    )


def _colour(state: State) -> str:
    if state == State.CLOSED:
        return COLOURS["closed"]
    if state not in ACTIVE:
        return COLOURS["ended"]
    if state in (State.REPORTED, State.CHECKING):
        return COLOURS["before"]
    return COLOURS["after" if state in (State.DONE, State.VERIFYING, State.VERIFIED) else "work"]


def _arrow(source: State, to: State, acts: list[str]) -> str:
    """A curve bent to the right of its direction, so that there and back do not lie on each other."""
    (x1, y1), (x2, y2) = _edge(source, to), _edge(to, source)
    dx, dy = x2 - x1, y2 - y1
    length = max((dx * dx + dy * dy) ** 0.5, 1)
    nx, ny = -dy / length, dx / length
    bend = max(0.14 * length, 44 + 40 * abs(nx)) if length < 300 else 0.14 * length
    mx, my = (x1 + x2) / 2 + nx * bend, (y1 + y2) / 2 + ny * bend
    lx, ly = (x1 + 2 * mx + x2) / 4 + 6 * nx, (y1 + 2 * my + y2) / 4 + 8 * ny + 4
    path = f"M{x1:.0f} {y1:.0f} Q{mx:.0f} {my:.0f} {x2:.0f} {y2:.0f}"
    line = f'<path d="{path}" fill="none" stroke="#87938f" marker-end="url(#a)"/>'
    step = 15 if ny >= 0 else -15
    return line + "".join(_label(lx, ly + step * n, act) for n, act in enumerate(acts))


def _label(x: float, y: float, act: str) -> str:
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="middle" fill="#0f766e" '
        f'stroke="#fff" stroke-width="4" paint-order="stroke">{escape(act)}</text>'
    )


def _edge(state: State, towards: State) -> tuple[float, float]:
    """Where the line to another box leaves this one."""
    (x, y), (tx, ty) = PLACES[state], PLACES[towards]
    dx, dy = tx - x, ty - y
    scale = min(BOX_W / 2 / abs(dx) if dx else 9, BOX_H / 2 / abs(dy) if dy else 9)
    return x + dx * scale, y + dy * scale


def table() -> str:
    """The rows as a Markdown table, in English."""
    lines = ["| act | from | to | who | clocks |", "|---|---|---|---|---|"]
    grouped: dict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    with translation.override("en"):
        for row in TABLE:
            to = " or ".join(s.value for s in (row.to, *row.may_go) if s) or "same"
            name = f"{row.act} · {ACTS[row.act].label}"
            key = (name, to, row.who, ", ".join(row.clocks.words))
            grouped[key].append(row.source.value if row.source else "–")
    for (name, to, who, clocks), sources in grouped.items():
        lines.append(f"| {name} | {_named(sources)} | {to} | {who} | {clocks} |")
    return "\n".join(lines) + "\n"


def _named(sources: list[str]) -> str:
    """The states of a row, long sets by their names."""
    found, names = list(dict.fromkeys(sources)), []
    for name, states in SETS.items():
        if states <= set(found):
            names.append(name)
            found = [state for state in found if state not in states]
    return ", ".join([*names, *found])
