"""Measuring: a seeded stream whose truth is known, and what is measured on it. Nothing in the program imports this."""
