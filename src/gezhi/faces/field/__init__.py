"""The phone pages of grid workers and handlers."""
