"""In-app notices to the people who wait for something."""
