"""What passes between the administration and people."""
