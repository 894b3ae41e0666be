"""How a case is shown on every face for staff: its clocks, its story, its buttons, its line in a list."""
