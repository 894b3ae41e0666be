"""The roof: settings, urls, subscriptions of the outbox, command line, demo. May know all other rooms."""
