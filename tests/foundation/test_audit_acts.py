"""Every act of the audit trail has its words."""

import ast
from collections.abc import Iterator
from pathlib import Path

import gezhi
from gezhi.foundation.audit.acts import LABELS
from gezhi.work.cases.acts import ACTS

SOURCE = Path(gezhi.__file__).parent


def calls_of(name: str) -> Iterator[tuple[str, ast.expr]]:
    """Where a helper of the audit is called, and with which act."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                (act,) = [keyword.value for keyword in node.keywords if keyword.arg == "act"]
                yield str(path.relative_to(SOURCE)), act


def words_of(act: ast.expr) -> list[str]:
    """The act as it is written in the call: one word, or one of two."""
    parts = [act.body, act.orelse] if isinstance(act, ast.IfExp) else [act]
    assert all(isinstance(part, ast.Constant) for part in parts), (
        f"write the word of the act: {ast.unparse(act)}"
    )
    return [ast.literal_eval(part) for part in parts]


def test_every_act_recorded_has_a_label_and_every_label_an_act() -> None:
    recorded = {word for _place, act in calls_of("record") for word in words_of(act)}
    assert recorded == set(LABELS)


def test_only_acts_of_the_case_loop_are_refused_on_record() -> None:
    assert [place for place, _act in calls_of("record_refusal")] == ["work/cases/perform.py"]


def test_an_act_has_one_label() -> None:
    assert set(LABELS).isdisjoint(ACTS)
