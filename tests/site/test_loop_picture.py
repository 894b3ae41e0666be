"""The picture of the case loop in the docs is the one the table draws."""

from pathlib import Path

from gezhi.site.loop_picture import PLACES, moves, svg, table

DOCS = Path(__file__).parents[2] / "docs"


def test_the_picture_in_the_docs_is_up_to_date() -> None:
    assert (DOCS / "case-loop.svg").read_text(encoding="utf-8") == svg()


def test_the_table_in_the_docs_is_up_to_date() -> None:
    assert table() in (DOCS / "case-loop.md").read_text(encoding="utf-8")


def test_every_state_a_row_reaches_has_its_place_in_the_picture() -> None:
    assert {state for move in moves() for state in move} == set(PLACES)
