"""Where people and machines meet the system: pages and API. HTTP lives only here."""
