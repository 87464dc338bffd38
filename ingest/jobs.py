"""What the schedule is given and what it tells: a job, how it fares, and what one run of it brought.

Owns these records and the one judgement that follows from them alone: whether a source is silent or behind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from ingest.source import Fetch, Quota, Source

State = Literal["waiting", "running", "retrying", "stopped", "paused"]

SILENT, SILENT_ROUNDS = 120.0, 3
"""A source is silent after so many seconds without an answer, or so many waits of its own if that is longer."""

LATE = 60.0
"""Seconds a stream may lag after its network before that is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One thing to ask, at first every so many seconds (`every`). `jitter` seconds of chance keep jobs apart.

    With `floor` and `ceiling` (seconds) the wait follows what comes: it shrinks towards the one while there are posts
    and grows towards the other while there are none. `longest_wait` (seconds) is the most that failures in a row make it
    wait, for a source that comes back by itself and need not be spared. `silent_after` and `late_after` are seconds without an answer, and
    behind the network, from which the job is flagged. `rereads` tells a second look at posts from collecting them.
    """

    incident: str
    source: Source
    query: str
    every: float
    jitter: float | None = None
    floor: float | None = None
    ceiling: float | None = None
    longest_wait: float | None = None
    silent_after: float = SILENT
    late_after: float = LATE
    rereads: bool = False

    @property
    def id(self) -> str:
        """The name no other job has."""
        return f"{self.incident}/{self.source.name}/{self.query}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How a job fares. Times are in UTC.

    `sentence` is the last failure in words fit for a screen, None when all is well; `notice` what is less than it
    should be though nothing failed; `flag` says that the source is `silent` or behind. `failures` counts those in a row,
    `surprises` the errors no source announced, since the start. `posts` counts what was delivered and `reads` what the
    network charges for, since the start. `wait` is seconds between two runs now, `last_post` when something new came,
    `behind` how many seconds a stream lags after its network.
    """

    incident: str
    source: str
    query: str
    state: State = "waiting"
    sentence: str | None = None
    last_ok: datetime | None = None
    next_try: datetime | None = None
    failures: int = 0
    surprises: int = 0
    posts: int = 0
    progress: float | None = None
    quota: Quota | None = None
    wait: float = 0.0
    last_post: datetime | None = None
    behind: float | None = None
    reads: int = 0
    notice: str | None = None
    silent: bool = False
    flag: str | None = None
    rereads: bool = False

    @property
    def id(self) -> str:
        """The id of the job."""
        return f"{self.incident}/{self.source}/{self.query}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one run of a job brought, for the record. Times are in UTC.

    `fetches` answers, for which it asked `calls` times, with `fetched` posts, `new` of them unknown before, `removed`
    taken down, `refused` that were no posts. `error` is the sentence it ended with, None when all went well.
    """

    started_at: datetime
    finished_at: datetime
    fetches: int = 0
    calls: int = 0
    fetched: int = 0
    new: int = 0
    removed: int = 0
    refused: int = 0
    reads: int = 0
    counts: int = 0
    quota: Quota | None = None
    behind: float | None = None
    notice: str | None = None
    error: str | None = None

    def row(self, job: Job) -> dict[str, object]:
        """The run as a row for a table: its fields, those of `quota` apart, with whose run it was and its `seconds`."""
        return {
            **{name: getattr(self, name) for name in self.__slots__ if name != "quota"},
            "incident": job.incident, "source": job.source.name, "query": job.query,
            "runs": 1, "seconds": (self.finished_at - self.started_at).total_seconds(),
            "remaining": self.quota.remaining if self.quota else None,
            "resets_at": self.quota.resets_at if self.quota else None,
        }  # fmt: skip


Ask = Callable[[Job], str | None]
"""Gives a job's last cursor."""
Deliver = Callable[[Job, Fetch], int | None]
"""Keeps what came, with its cursor, or raises. Gives how many of the posts are new, None when that is not known."""
Record = Callable[[Job, Run], None]
"""Notes what a run brought."""


def flagged(job: Job, status: Status, *, since: datetime, now: datetime) -> Status:
    """`status` with `silent` and `flag` as they are at `now`.

    `since` is when the job began or was resumed; a job that was paused or stopped is silent because someone wanted it so.
    """
    quiet = (now - max(status.last_ok or since, since)).total_seconds()
    at_work = status.state not in ("paused", "stopped")
    if at_work and quiet > max(job.silent_after, SILENT_ROUNDS * status.wait):
        return replace(status, silent=True, flag=f"No answer for {spoken(quiet)}.")
    if at_work and status.behind is not None and status.behind > job.late_after:
        return replace(status, silent=False, flag=f"{spoken(status.behind)} behind its network.")
    return replace(status, silent=False, flag=None)


def spoken(seconds: float) -> str:
    """A span of time in words: 45 s, 12 min, 3 h."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6_000 else f"{seconds / 3600:.0f} h"
