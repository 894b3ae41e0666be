"""Measuring: `gezhi bench NAME` on data and a database of its own (see docs/benchmarks.md)."""
