"""Registers of what is in the grids."""
