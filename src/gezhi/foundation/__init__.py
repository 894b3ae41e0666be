"""What every other room stands on: codes, clocks, sealed fields, files, audit, outbox, areas, actors."""
