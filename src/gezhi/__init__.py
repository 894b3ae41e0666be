"""Gezhi 格治: community grid service and governance."""
