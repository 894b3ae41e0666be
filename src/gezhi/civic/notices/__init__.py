"""Telling whoever waits: notices inside, and what leaves the system by e-mail or another channel."""
