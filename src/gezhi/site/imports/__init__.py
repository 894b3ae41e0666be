"""Bringing in what exists elsewhere: OpenStreetMap extracts, lists of areas."""
