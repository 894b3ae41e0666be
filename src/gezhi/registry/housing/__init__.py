"""Buildings and the households in them."""
