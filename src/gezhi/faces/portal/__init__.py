"""The residents' pages: report, follow, rate. They work without scripts and without an account."""
