"""The contract every source keeps, from a dropped file to a network.

A source owns how to talk to one place posts come from. It does not know where they go: it is asked with the cursor of
its last answer and gives back what is new. Delivery is at least once: the caller writes posts and cursor in one
transaction, so a source may be asked again for what it gave before, and must then give it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import polars as pl

from ingest.post import UTC_TIME


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A post its network no longer shows: deleted, hidden, or its account closed. `at` carries a zone.

    With `whole`, `id` is not one post's but how the ids of all posts of a closed account begin.
    """

    network: str
    id: str
    at: datetime
    reason: str
    whole: bool = False


def removed(removals: Sequence[Removal]) -> pl.DataFrame:
    """Removals as a frame: network, id, removed_at, reason, whole."""
    rows = [
        {"network": gone.network, "id": gone.id, "removed_at": gone.at, "reason": gone.reason, "whole": gone.whole}
        for gone in removals
    ]
    types = pl.Schema(
        {
            "network": pl.String(),
            "id": pl.String(),
            "removed_at": UTC_TIME,
            "reason": pl.String(),
            "whole": pl.Boolean(),
        }
    )
    return pl.DataFrame(rows, schema=types)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A row that is no post: its number in its origin (from 1), why in plain words, and the row as it was (cut)."""

    row: int
    reason: str
    raw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What the other side still allows: calls left until `resets_at`."""

    remaining: int
    resets_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """One answer of a source.

    `posts` has the columns of `POST_SCHEMA`. `cursor` is opaque to everyone but the source that made it. `more` says
    that asking again at once would bring more; `progress` runs from 0 to 1 where the end is known. `behind` is how many
    seconds a stream lags after its network, None where that is not known. `reads` and `counts` are what the network
    bills: posts read, and questions how many posts there are; the caller keeps both, for they are counted against a budget.
    `calls` is how many questions it took of those a `quota` counts. `notice` is one sentence for the screen when
    something is less than it should be though nothing failed.
    """

    posts: pl.DataFrame
    cursor: str | None
    removals: tuple[Removal, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    quota: Quota | None = None
    more: bool = False
    progress: float | None = field(default=None)
    behind: float | None = None
    reads: int = 0
    counts: int = 0
    calls: int = 1
    notice: str | None = None


class Source(Protocol):
    """A place posts come from."""

    @property
    def name(self) -> str:
        """One of the words of the vocabulary: bluesky, mastodon, x, file, desk, replay."""
        ...

    def fetch(self, cursor: str | None) -> Fetch:
        """Give what came after `cursor`; None asks from the beginning.

        Raises TransientError when it may work later, TerminalError when a person must act first.
        """
        ...

    def close(self) -> None:
        """Let go of connections and threads, within seconds; a source without any does nothing."""
        ...


class Rereading(Protocol):
    """A source that can say how posts it once gave stand now: edited, counted anew, or gone."""

    def reread(self, ids: Sequence[str]) -> Fetch:
        """The posts of `ids` as they are now; those the network no longer shows as removals. The cursor is None.

        Raises TransientError and TerminalError like `Source.fetch`. Any number of ids: the source pages.
        """
        ...
