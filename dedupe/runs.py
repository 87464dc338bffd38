"""The journal of collecting: where each source goes on, and what each run brought.

Owns the cursors and the table `runs`, and what is too little to write: an answer that holds nothing but a new cursor is
kept in memory and written at most once a minute, so that a stream that is asked every second does not make the store
grow. A process killed meanwhile asks again from a minute earlier, which is harmless. Knows no network.

    with Journal(store) as journal:                   # leaving writes what was held back
        cursor = journal.cursor("storm", "bluesky", "search")
        done = journal.take(posts, Batch(incident="storm", source="bluesky", query="search", cursor="7"))
        journal.record(row)                           # one row of `RUN_SCHEMA`
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Self

import polars as pl

from dedupe.collapse import Batch, Collapsed, collapse
from dedupe.removals import collected
from dedupe.sightings import due, ids_since
from dedupe.store import Store, Transaction

QUIET = 60.0
"""Seconds that cursors and runs that brought nothing may wait until they are written."""

RUN_SCHEMA = pl.Schema(
    {
        "incident": pl.String(), "source": pl.String(), "query": pl.String(),
        "started_at": pl.Datetime("us", "UTC"), "finished_at": pl.Datetime("us", "UTC"),
        "runs": pl.Int64(), "fetches": pl.Int64(), "calls": pl.Int64(), "fetched": pl.Int64(), "new": pl.Int64(), "removed": pl.Int64(),
        "refused": pl.Int64(), "seconds": pl.Float64(), "remaining": pl.Int64(), "resets_at": pl.Datetime("us", "UTC"),
        "reads": pl.Int64(), "counts": pl.Int64(), "behind": pl.Float64(), "notice": pl.String(), "error": pl.String(),
    }
)  # fmt: skip
"""A row of the table `runs`."""

_Key = tuple[str, str, str]
"""Incident, source, query."""


class Journal:
    """Keeps batches, cursors and runs in `store`. Used by several threads at once, one per source and query."""

    def __init__(self, store: Store, *, quiet: float = QUIET, clock: Callable[[], float] = time.monotonic) -> None:
        """quiet: seconds. clock: seconds that only ever rise."""
        self._store = store
        self._quiet = quiet
        self._clock = clock
        self._lock = threading.Lock()
        self._cursors: dict[_Key, str | None] = {}
        self._held: dict[_Key, Batch] = {}
        self._written: dict[_Key, float] = {}
        self._runs: dict[_Key, pl.DataFrame] = {}
        self._told: dict[_Key, tuple[float, str | None]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.flush()

    def cursor(self, incident: str, source: str, query: str) -> str | None:
        """Where a source goes on. Raises StoreError."""
        key = (incident, source, query)
        with self._lock:
            known = key in self._cursors
        if not known:
            found = last_cursor(self._store, incident, source, query)
            with self._lock:
                self._cursors.setdefault(key, found)
        return self._cursors[key]

    def take(self, posts: pl.DataFrame, batch: Batch, *, removals: pl.DataFrame | None = None) -> Collapsed | None:
        """Take an answer in with its cursor, in one transaction; None when it held nothing worth writing now.

        `posts` and `removals` as for `collapse`. Raises StoreError: nothing of it is written then.
        """
        key = (batch.incident, batch.source, batch.query)
        before = self.cursor(*key)
        if removals is not None and batch.source != "file":
            # A network tells of every removal it knows of, in order; the rows of a file come in any order.
            removals = collected(self._store, removals, posts, batch.incident)
        if posts.height or batch.refused or (removals is not None and removals.height):
            done = collapse(self._store, posts, batch, removals=removals)
            self._keep(key, batch, written=True)
            return done
        if batch.cursor not in (None, before):
            self._keep(key, batch, written=False)
            if self._clock() - self._written.setdefault(key, self._clock()) >= self._quiet:
                self._write_cursor(key)
        return None

    def record(self, run: pl.DataFrame) -> None:
        """Put a run down: one row of `RUN_SCHEMA`. Those that brought nothing are summed up, a row a minute at most.

        Raises StoreError.
        """
        row = run.row(0, named=True)
        key = (row["incident"], row["source"], row["query"])
        now = self._clock()
        with self._lock:
            said_at, error = self._told.get(key, (float("-inf"), None))
            eventful = (
                any(row[name] for name in ("new", "removed", "refused", "reads", "counts")) or row["error"] != error
            )
            gathered = self._runs.get(key)
            if not eventful:
                self._runs[key] = run if gathered is None else summed(pl.concat([gathered, run]))
                gathered, run = self._runs[key], run.clear()
            due = eventful or now - said_at >= self._quiet
            if due:
                self._runs.pop(key, None)
                self._told[key] = (now, row["error"])
        if due:
            self._write_runs([run if gathered is None else pl.concat([gathered, run])])

    def known(self, incident: str, network: str) -> list[str]:
        """The ids of an incident's posts on a network, those taken down too. Raises StoreError."""
        found = self._store.read(posts_of_network(), {"incident": incident, "network": network})
        return [str(id) for id in found["id"].to_list()]

    def due(self, incident: str, network: str, after: str, most: int, since: datetime | None) -> list[tuple[str, str]]:
        """Id and place of the next posts to look at again, as `sightings.due` finds them. Raises StoreError."""
        return due(self._store, incident, network, after=after, most=most, since=since).rows()

    def paid(self, source: str, since: datetime) -> tuple[int, int]:
        """Reads and counts of a source on record, as `paid_since` finds them. Raises StoreError."""
        return paid_since(self._store, source, since)

    def read_since(self, network: str, since: datetime) -> list[str]:
        """Ids of posts that were read, as `sightings.ids_since` finds them. Raises StoreError."""
        return ids_since(self._store, network, since)

    def flush(self) -> None:
        """Write what was held back. Raises StoreError."""
        with self._lock:
            keys, runs = list(self._held), list(self._runs.values())
            self._runs.clear()
        for key in keys:
            self._write_cursor(key)
        self._write_runs(runs)

    def _keep(self, key: _Key, batch: Batch, *, written: bool) -> None:
        with self._lock:
            if batch.cursor is not None:
                self._cursors[key] = batch.cursor
            if written:
                self._held.pop(key, None)
                self._written[key] = self._clock()
            else:
                self._held[key] = batch

    def _write_cursor(self, key: _Key) -> None:
        with self._lock:
            batch = self._held.get(key)
        if batch is not None:
            with self._store.transaction() as tx:
                tx.append("batches", tx.read(cursor_row(), _values(batch)))
            self._keep(key, batch, written=True)

    def _write_runs(self, runs: list[pl.DataFrame]) -> None:
        rows = pl.concat([pl.DataFrame(schema=RUN_SCHEMA), *runs])
        if rows.height:
            with self._store.transaction() as tx:
                tx.append("runs", rows)


def last_cursor(store: Store | Transaction, incident: str, source: str, query: str) -> str | None:
    """The cursor saved with the last batch of a source; None when there is none. Raises StoreError."""
    values = {"incident": incident, "source": source, "query": query}
    found: str | None = store.read(cursor_of_source(), values).item()
    return found


def opened_at(store: Store | Transaction, incident: str) -> datetime | None:
    """When the first batch of an incident came in. Raises StoreError."""
    found: datetime | None = store.read(first_batch(), {"incident": incident}).item()
    return found


def paid_since(store: Store | Transaction, source: str, since: datetime) -> tuple[int, int]:
    """How many reads and counts of a source are on record from `since` (with a zone) on, of all incidents.

    Raises StoreError.
    """
    reads, counts = store.read(sum_of_reads(), {"source": source, "since": since}).row(0)
    return int(reads), int(counts)


def runs_since(store: Store | Transaction, incident: str, since: datetime) -> pl.DataFrame:
    """The rows of the table `runs` of an incident from `since` (with a zone) on, oldest first. Raises StoreError."""
    return store.read(runs_of_incident(), {"incident": incident, "since": since})


def summed(runs: pl.DataFrame) -> pl.DataFrame:
    """Runs of one source that follow each other, as one row: counts are added up, the last of the rest counts."""
    counts = ["runs", "fetches", "calls", "fetched", "new", "removed", "refused", "seconds", "reads", "counts"]
    last = [name for name in RUN_SCHEMA if name not in (*counts, "started_at")]
    return runs.select(
        pl.col("started_at").min(), *(pl.col(name).sum() for name in counts), *(pl.col(name).last() for name in last)
    ).select(RUN_SCHEMA.names())


def cursor_of_source() -> str:
    """The last cursor of `$incident`, `$source` and `$query`."""
    return """
    select max_by(cursor, batch) as cursor from batches
    where incident = $incident and source = $source and query = $query
    """


def cursor_row() -> str:
    """A row of the table `batches` that moves a cursor on and holds nothing else."""
    return """
    select coalesce(max(batch), 0) + 1 as batch, $incident::varchar as incident, $source::varchar as source,
           $query::varchar as query, $cursor::varchar as cursor, now() as started_at, now() as finished_at,
           0::bigint as fetched, 0::bigint as new, 0::bigint as known, 0::bigint as refused, 0::bigint as removed
    from batches
    """


def posts_of_network() -> str:
    """Ids of the posts of `$incident` on `$network`."""
    return "select distinct id from posts where incident = $incident and network = $network"


def first_batch() -> str:
    """When the first batch of `$incident` was begun."""
    return "select min(started_at) as first_at from batches where incident = $incident"


def sum_of_reads() -> str:
    """What `$source` was charged for in runs that ended at `$since` or later: reads, counts."""
    return """
    select coalesce(sum(reads), 0)::bigint as reads, coalesce(sum(counts), 0)::bigint as counts
    from runs where source = $source and finished_at >= $since
    """


def runs_of_incident() -> str:
    """Runs of `$incident` that ended at `$since` or later."""
    return "select * from runs where incident = $incident and finished_at >= $since order by finished_at, source, query"


def _values(batch: Batch) -> dict[str, str | None]:
    return {"incident": batch.incident, "source": batch.source, "query": batch.query, "cursor": batch.cursor}
