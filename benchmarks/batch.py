"""Small batches: how long a round of collecting waits for the store, and the board for its offers page.

Owns the replay of the posts that follow a stream into a store that already holds it, in batches of 500, in this
process and one after the other. The first few are not counted: they open files and fill caches, which a running helpt
does once.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from benchmarks import engine

BATCH = 500
UNCOUNTED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Batches:
    """Seconds that batches of `BATCH` posts took in a store of `posts` posts, and the offers page's queries after each."""

    posts: int
    count: int
    median: float
    p95: float
    page: float


def measure_batches(posts: int, store: Path, tail: Path, count: int) -> Batches:
    """Write `count` batches from the file `tail` into `store`, which holds `posts` posts and grows.

    `page` is the median time of the queries behind the offers page, asked after each batch, in seconds.
    """
    seconds, page = engine.batches_and_page(store, tail, size=BATCH, count=count + UNCOUNTED)
    counted = pl.Series(seconds[UNCOUNTED:], dtype=pl.Float64)
    return Batches(
        posts=posts,
        count=counted.len(),
        median=float(counted.quantile(0.5, "linear") or 0),
        p95=float(counted.quantile(0.95, "linear") or 0),
        page=page,
    )
