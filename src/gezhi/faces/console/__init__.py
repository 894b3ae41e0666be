"""The desktop pages of staff: queues, cases, map, settings."""
