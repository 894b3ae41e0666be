"""The product under fire: real processes, real HTTP on the loopback, the test's own database."""
