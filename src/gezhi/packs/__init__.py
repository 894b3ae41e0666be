"""Business packs: folders of data, no code."""
