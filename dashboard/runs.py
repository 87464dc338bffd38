"""What the board reads of collecting: the last run of each source, what runs brought over time, and what X charged.

Knows the table of runs and nothing of screens.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from dedupe.runs import paid_since
from dedupe.store import Store

RECENT = timedelta(days=1)
"""How far back a source's last runs are looked for."""

SHOWN = timedelta(hours=3)
"""How far back the plot of the runs goes."""
STEP = 60
"""Seconds of a bar of that plot."""
LEAST_BARS = 15

SERIES_SCHEMA = pl.Schema(
    {"at": pl.Datetime("us", "UTC"), "step": pl.Int64(), "source": pl.String(), "new": pl.Int64(), "failed": pl.Int64()}
)


def last_runs(store: Store, incident: str, now: datetime) -> pl.DataFrame:
    """How each source and query fared last, within a day of `now` (with a zone).

    Columns: source, query, finished_at, last_ok, last_post (when a run without error ended, and one that brought
    something new), behind (seconds), remaining, resets_at, notice, error (of the last run). Raises StoreError.
    """
    return store.read(
        """
        select source, query, max(finished_at) as finished_at,
               max(finished_at) filter (error is null) as last_ok, max(finished_at) filter (new > 0) as last_post,
               arg_max_null(behind, finished_at) as behind, arg_max_null(remaining, finished_at) as remaining,
               arg_max_null(resets_at, finished_at) as resets_at, arg_max_null(notice, finished_at) as notice,
               arg_max_null(error, finished_at) as error
        from runs where incident = $incident and finished_at >= $since
        group by source, query order by source, query
        """,
        {"incident": incident, "since": now - RECENT},
    )


def over_time(store: Store, incident: str, now: datetime) -> pl.DataFrame:
    """What runs brought in each minute until `now` (with a zone), three hours back at most. Empty before the first run.

    Columns: at (start of the minute), step (its width in seconds), source, new (posts), failed (runs). Every source that
    ran has a row for every minute. Raises StoreError.
    """
    found = store.read(
        """
        select epoch_us(finished_at) // $width as bar, source, sum(new)::bigint as new,
               coalesce(sum(runs) filter (error is not null), 0)::bigint as failed
        from runs where incident = $incident and finished_at >= $since group by bar, source
        """,
        {"incident": incident, "since": now - SHOWN, "width": STEP * 1_000_000},
    )
    if found.is_empty():
        return pl.DataFrame(schema=SERIES_SCHEMA)
    last = int(now.timestamp()) // STEP
    first = min(found.select(pl.col("bar").min()).item(), last - LEAST_BARS + 1)
    bars = pl.DataFrame({"bar": pl.int_range(first, last + 1, eager=True, dtype=pl.Int64)})
    return (
        bars.join(found.select("source").unique().sort("source"), how="cross")
        .join(found, on=["bar", "source"], how="left")
        .select(
            at=pl.from_epoch(pl.col("bar") * STEP, "s").dt.cast_time_unit("us").dt.replace_time_zone("UTC"),
            step=pl.lit(STEP, pl.Int64),
            source=pl.col("source"),
            new=pl.col("new").fill_null(0),
            failed=pl.col("failed").fill_null(0),
        )
    )


def charged(store: Store, now: datetime) -> tuple[tuple[int, int], tuple[int, int]]:
    """What X charged for, of all incidents: reads and counts of this day of UTC, and of this month. Raises StoreError."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return paid_since(store, "x", today), paid_since(store, "x", today.replace(day=1))
