"""The desk's settings: people and posts, agencies, calendar, catalogue, rules, outbox, audit, keys, areas."""
