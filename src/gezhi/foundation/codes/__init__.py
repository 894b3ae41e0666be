"""Codes of areas, grids, components, people, organisations and positions. Pure Python, no Django."""
