"""A case's state is reached only through perform()."""

import ast
from pathlib import Path

import gezhi

SOURCE = Path(gezhi.__file__).parent
# record.py and move.py are perform's own hands; replay.py only compares.
HANDS = {"work/cases/move.py", "work/cases/record.py", "work/cases/perform.py"}

OTHERS = {"finding", "part"}  # have states of their own


def writes_of_state(tree: ast.AST) -> list[int]:
    """Lines that assign to `….state`, or set `state=` in an update() or Case(…) call."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found += [place.lineno for target in targets for place in ast.walk(target) if is_state(place)]
        if isinstance(node, ast.Call) and called(node) in ("update", "Case", "bulk_update"):
            found += [node.lineno for word in node.keywords if word.arg == "state"]
    return found


def is_state(place: ast.AST) -> bool:
    if not isinstance(place, ast.Attribute) or place.attr != "state":
        return False
    return not (isinstance(place.value, ast.Name) and place.value.id in OTHERS)


def called(node: ast.Call) -> str:
    match node.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def test_the_scan_sees_each_way_of_writing_a_state() -> None:
    wrong = "case.state = 'closed'\nCase.objects.update(state='closed')\nCase(state='closed')\n"
    assert sorted(writes_of_state(ast.parse(wrong + "a, b.state = 1, 2\n"))) == [1, 2, 3, 4]


def test_nothing_but_perform_writes_the_state_of_a_case() -> None:
    elsewhere = {
        str(path.relative_to(SOURCE)): lines
        for path in SOURCE.rglob("*.py")
        if "gezhi.work.cases" in path.read_text(encoding="utf-8")
        and str(path.relative_to(SOURCE)) not in HANDS
        and (lines := writes_of_state(ast.parse(path.read_text(encoding="utf-8"))))
    }
    assert elsewhere == {}
