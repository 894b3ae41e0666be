"""The catalogue of matters: classes, items, filing conditions, and who answers for them."""
