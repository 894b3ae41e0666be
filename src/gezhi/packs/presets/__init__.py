"""Presets a new district starts from: roles and policies."""
