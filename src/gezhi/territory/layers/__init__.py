"""Published grid layers, the base map's features, and which grid a point lies in."""
