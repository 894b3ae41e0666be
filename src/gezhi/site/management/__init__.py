"""Commands of the gezhi command line."""
