"""Responsibility traced back: where a case stuck, what a leader decided of it, and the appeal against it."""
