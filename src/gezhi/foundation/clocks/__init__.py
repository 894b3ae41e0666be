"""Working calendar and time limits: the only place that does working-time arithmetic."""
