"""The tree of areas of any depth, each with the path of codes from the root."""
