"""The case loop: one table of acts, its clocks, and the record of what was done."""
