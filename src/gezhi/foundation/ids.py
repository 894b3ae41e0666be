"""Ids as people and programs send them."""

MOST_DIGITS = 18  # of a whole number that fits into a column of ids


def id_in(text: str) -> int:
    """The id a text is, or 0: no row has that one."""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else 0
