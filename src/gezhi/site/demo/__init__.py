"""The demonstration: a made-up district, its people and a year of its cases, all from one seed."""
