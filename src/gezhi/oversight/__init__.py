"""Judging the work from its record: who answered for what, and where it sticks."""
