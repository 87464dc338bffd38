"""The engine as the benchmarks see it: a command that imports and exports, and two calls inside one process.

Owns every touch of helpt's own code, so that the rest of the benchmarks treats the engine as one more peer.
"""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from benchmarks.process import Run, measure, python
from dashboard import lives, queries
from dedupe.collapse import Batch, collapse
from dedupe.store import Store
from ingest.files import read_posts
from ingest.post import Provenance, stamp


def import_file(file: Path, store: Path) -> Run:
    """Import a post file into a store that does not exist yet, by the command line, as a process of its own."""
    return measure(python("-m", "helpt", "import", file, "--store", store, "-q"))


def export_links(store: Path, out: Path) -> pl.DataFrame:
    """The links of a store, by the command line: network, id, record."""
    measure(python("-m", "helpt", "export", "links", "--as", "parquet", "-o", out, "--store", store, "-q"))
    return pl.read_parquet(out, columns=["network", "id", "record"])


def batches_and_page(file: Path, tail: Path, *, size: int, count: int) -> tuple[list[float], float]:
    """Collapse the posts of `tail` into the store `file` in `count` batches of `size` posts, and read the offers page after each.

    Returns the seconds of each batch (until it is durable), and the median seconds of the queries behind the page.
    """
    with Store(file) as store:
        incident = str(store.read("select min(incident) as incident from batches").item())
        where = Provenance(incident=incident, source="file", query=tail.name, collected_at=datetime.now(UTC))
        posts = stamp(pl.concat([chunk.content for chunk in read_posts(tail, now=where.collected_at)]), where)
        seconds: list[float] = []
        read: list[float] = []
        for part in posts.iter_slices(size):
            if len(seconds) == count:
                break
            started = time.perf_counter()
            collapse(store, part, Batch(incident=incident, source=where.source, query=where.query))
            seconds.append(time.perf_counter() - started)
            read.append(_read_page(store, incident))
        return seconds, statistics.median(read)


def _read_page(store: Store, incident: str) -> float:
    started = time.perf_counter()
    queries.version(store, incident)
    rows = queries.records(store, incident)
    queries.totals(store, incident)
    queries.batches(store, incident)
    lives.known(store, incident)
    queries.page(rows, queries.found(rows, queries.Filters()), 1, queries.PER_PAGE)
    return time.perf_counter() - started
