"""Bluesky: its stream (Jetstream) without keys, and with an app password its search and re-reads."""
