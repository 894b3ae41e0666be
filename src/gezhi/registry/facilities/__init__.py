"""City components: manhole covers, lamps and the like, with owner and maintainer."""
