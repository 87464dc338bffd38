"""The replay: a recorded evening given again, as if it were happening now.

Owns which posts are due. Two clocks run: the wall clock of whoever watches, and the replayed clock, which starts `head`
after the first post and runs `speed` times as fast. A post is due once the replayed clock has reached its time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from ingest.post import Provenance, stamp
from ingest.source import Fetch

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Anchor:
    """At `wall` the replayed clock stood `gone` after the first post; posts are moved by `moved`."""

    wall: datetime
    gone: timedelta
    moved: timedelta


class Replay:
    """Recorded posts as a source.

    Posts keep their own times. With `shift` every time is moved by the same span, so that the first `head` ends at
    `start`; from there the replayed clock runs on at `speed`, so at a speed above 1 posts carry times ahead of the wall
    clock. `now()` is the time to hold them against, with or without `shift`.

    The cursor holds how many posts were given and where the replayed clock stood. A new process that gets it goes on
    from there: the time in between did not pass for the replay.
    """

    name = "replay"

    def __init__(
        self,
        posts: pl.DataFrame,
        *,
        incident: str,
        speed: float,
        start: datetime,
        clock: Callable[[], datetime],
        head: timedelta = timedelta(minutes=30),
        shift: bool = False,
        query: str = "replay",
        batch: int = 5_000,
    ) -> None:
        """posts: columns of `CONTENT`, in any order of rows. speed: replayed seconds per second, above 0.

        start: when the replay begins on the wall clock. clock: the wall clock; both with a zone. head: how much of the
        record is given at once. batch: the most posts in one answer.
        """
        if speed <= 0 or batch < 1:
            raise ValueError("speed and batch must be above 0")
        self._posts = posts.sort("created_at", "network", "id", maintain_order=True)
        self._incident = incident
        self._speed = speed
        self._clock = clock
        self._query = query
        self._batch = batch
        self._first: datetime = self._posts["created_at"][0] if posts.height else start
        self._fresh = _Anchor(wall=start, gone=head, moved=start - (self._first + head) if shift else timedelta(0))
        self._anchor: _Anchor | None = None

    @property
    def span(self) -> timedelta:
        """From the first post to the last."""
        last: datetime = self._posts["created_at"][-1] if self._posts.height else self._first
        return last - self._first

    def now(self) -> datetime:
        """The replayed clock, on the same scale as the times of the posts given."""
        anchor = self._anchor or self._fresh
        return self._first + self._gone(anchor, self._clock()) + anchor.moved

    def fetch(self, cursor: str | None) -> Fetch:
        """The posts that are due after `cursor`, oldest first. Raises nothing of its own."""
        wall = self._clock()
        given = 0
        if cursor is not None:
            given, gone, moved = (int(part) for part in cursor.split("/"))
            if self._anchor is None:
                self._anchor = _Anchor(wall=wall, gone=gone * _MICROSECOND, moved=moved * _MICROSECOND)
        self._anchor = self._anchor or self._fresh
        gone_by = self._gone(self._anchor, wall)
        due = int(self._posts.select((pl.col("created_at") <= self._first + gone_by).sum()).item())
        until = max(min(due, given + self._batch), given)
        moved_by = pl.col("created_at", "edited_at") + self._anchor.moved
        posts = self._posts.slice(given, until - given).with_columns(moved_by)
        provenance = Provenance(incident=self._incident, source=self.name, query=self._query, collected_at=wall)
        return Fetch(
            posts=stamp(posts, provenance),
            cursor=f"{until}/{gone_by // _MICROSECOND}/{self._anchor.moved // _MICROSECOND}",
            more=until < due,
            progress=until / self._posts.height if self._posts.height else 1.0,
        )

    def close(self) -> None:
        """Nothing is held open between two answers."""

    def _gone(self, anchor: _Anchor, wall: datetime) -> timedelta:
        """How far the replayed clock is past the first post; a wall clock set back does not set it back."""
        return anchor.gone + max(wall - anchor.wall, timedelta(0)) * self._speed
