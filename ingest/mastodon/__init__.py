"""Mastodon: the tag timelines of one or several servers."""
