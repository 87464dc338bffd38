"""What each page of the board asks of a store, right after posts came in, in processor and wall time.

    python -m benchmarks.pages STORE TAIL      # works on a copy of STORE; TAIL: posts that come in

Owns which queries make up a page. What all viewers share is counted once, as the board asks it once for all of them.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from dashboard import lives, moderation, noticed, pairs, queries, review, rumours, situation
from dedupe.collapse import Batch, collapse
from dedupe.deciding import notes
from dedupe.deciding.plan_deeds import deeds
from dedupe.deciding.roles import Actor
from dedupe.store import Store
from ingest.files import read_posts
from ingest.post import Provenance, stamp

ROUNDS = 5
BATCH = 20
"""Posts of a batch: two seconds of 600 posts a minute."""
ME = Actor(who="an", role="coordinator")

Page = Callable[[], object]


def pages(store: Store, incident: str, now: datetime) -> Mapping[str, Page]:
    """The queries of each page, by its name."""
    root = int(store.read("select max_by(root, posts) as root from records").item())

    def together(*asked: Callable[[Store, str], object]) -> Page:
        return lambda: [each(store, incident) for each in asked]

    return {
        "offers": together(queries.version, queries.records, queries.totals, queries.batches, lives.known),
        "plan and triggers": together(lambda store, incident: noticed.notice(store, incident, now), deeds),
        "plot": lambda: queries.over_time(store, incident, queries.records(store, incident)),
        "situation, wall": together(situation.read, notes.shift_notes, notes.people),
        "matches": together(pairs.made),
        "review: the same?": lambda: review.pairs(store, incident, ME, now),
        "review: what is it?": lambda: (review.to_label(store, incident), review.score(store)),
        "review: several?": together(review.splittable),
        "moderation": together(moderation.candidates, moderation.hidden),
        "rumours": lambda: rumours.claims(store, incident, None),
        "largest record, opened": lambda: (
            queries.members(store, root), lives.history(store, incident, root), queries.reading(store, root)
        ),
    }  # fmt: skip


def measure(store: Store, tail: Path) -> dict[str, tuple[float, float]]:
    """Median seconds of processor and of wall time for each page, each time after another batch from `tail`."""
    incident = str(store.read("select min(incident) as incident from posts").item())
    now = store.read("select quantile_disc(created_at, 0.999) as now from posts").item()
    where = Provenance(incident=incident, source="file", query=tail.name, collected_at=datetime.now(UTC))
    posts = stamp(next(iter(read_posts(tail, now=where.collected_at))).content, where)
    batches = posts.iter_slices(BATCH)
    asked = pages(store, incident, now)
    for ask in asked.values():  # the first reading is the board's when it starts
        ask()
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in asked}
    for _ in range(ROUNDS):
        for name, ask in asked.items():
            collapse(store, next(batches), Batch(incident=incident, source="file"))
            processor, wall = time.process_time(), time.perf_counter()
            ask()
            took[name].append((time.process_time() - processor, time.perf_counter() - wall))
    return {name: _medians(each) for name, each in took.items()}


def _medians(took: list[tuple[float, float]]) -> tuple[float, float]:
    processor, wall = zip(*took, strict=True)
    return statistics.median(processor), statistics.median(wall)


def main() -> int:
    """Measure on a copy of the store that was named, and print a table."""
    with tempfile.TemporaryDirectory(prefix="helpt-bench-") as scratch:
        copy = shutil.copyfile(sys.argv[1], Path(scratch) / "pages.duckdb")
        with Store(copy) as store:
            found = measure(store, Path(sys.argv[2]))
    rows = [{"page": name, "processor ms": 1000 * cpu, "wall ms": 1000 * wall} for name, (cpu, wall) in found.items()]
    with pl.Config(tbl_rows=-1, float_precision=0, tbl_hide_column_data_types=True, tbl_hide_dataframe_shape=True):
        print(pl.DataFrame(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
