"""Grid schemes and layers over the areas."""
