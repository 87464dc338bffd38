"""Reading again: how posts that were collected stand now, as a source of equal rank.

Owns going round and round through the collected posts, so many at a time, and remembering where it is. Which posts
there are is told by a callable; what their network says of them now by the source that gave them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import polars as pl

from ingest.post import POST_SCHEMA
from ingest.source import Fetch, Rereading, Source

Due = Callable[[str, int], Sequence[tuple[str, str]]]
"""Gives the next posts after a place (empty: from the beginning), at most so many: the id and the place of each."""


class Collector(Source, Rereading, Protocol):
    """A source that can also say how its posts stand now."""


class Reread:
    """The second look at what `source` gave: counts, edits, and removals, which arrive as any post does."""

    def __init__(self, source: Collector, *, due: Due, most: int) -> None:
        """most: how many posts are looked at in one go."""
        self._source = source
        self._due = due
        self._most = most

    @property
    def name(self) -> str:
        """That of the source."""
        return self._source.name

    def fetch(self, cursor: str | None) -> Fetch:
        """The next posts as they are now; after the last it begins again. Raises as the source does."""
        chosen = self._due(cursor or "", self._most) or self._due("", self._most)
        if not chosen:
            return Fetch(posts=pl.DataFrame(schema=POST_SCHEMA), cursor=cursor)
        place = chosen[-1][1] if len(chosen) == self._most else ""
        return replace(self._source.reread([id for id, _ in chosen]), cursor=place, more=False)

    def close(self) -> None:
        """Nothing: the source belongs to the job that collects from it."""
