"""Matters, cases and the work on them."""
