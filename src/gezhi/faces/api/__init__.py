"""The typed HTTP API: everything the pages do, for programs."""
