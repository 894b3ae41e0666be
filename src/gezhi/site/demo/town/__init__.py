"""A made-up town drawn from a seed: river, streets, blocks, buildings, street furniture, grids.

Pure numpy and shapely, no Django. Everything is drawn in metres around the town's middle (x east, y north)
and turned into lon, lat at the end.
"""
