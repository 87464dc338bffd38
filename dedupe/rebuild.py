"""Rebuilding: everything derived computed anew from posts and decisions, and held against what the store says.

Owns the comparison. The collapse being a function of the set of posts, any difference is either a change of the rules
since (another version, another word list) or an error, and it is reported as one number per table.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from dedupe.collapse import POST_COLUMNS, Batch, append_links, collapse
from dedupe.records import append_records
from dedupe.store import Store

log = logging.getLogger(__name__)

PART = 200_000
"""Posts a step."""

RECORD_COLUMNS = (
    "root", "record", "category", "kind", "place_key", "capacity", "until", "state", "proposal", "posts", "networks", "first_seen",
    "last_seen", "capacity_at", "capacity_post",
)  # fmt: skip

_POSTS = f"select {', '.join(POST_COLUMNS)} from posts order by created_at, post, version limit $part offset $start"
_REMOVED = """
select distinct posts.incident, posts.network, posts.id, retired.retired_at as removed_at, retired.reason
from retired join posts using (post) where retired.version is null
"""
_LINKS = "select wording, parent, root, why, strength from current_links"
_RECORDS = f"select {', '.join(RECORD_COLUMNS)} from current_records"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """How many posts were read, and how many wordings and records came out otherwise than they stand."""

    posts: int
    links: int
    records: int


def rebuild(store: Store, *, apply: bool = False, progress: Callable[[float], None] | None = None) -> Rebuilt:
    """Compute links and records anew in a store of their own, and compare. With `apply` the new ones are written.

    Needs as much free disk as the store takes. Raises StoreError.
    """
    with tempfile.TemporaryDirectory(prefix="helpt-rebuild-") as folder, Store(Path(folder) / "anew.duckdb") as anew:
        total = int(store.read("select count(*) as n from posts").item())
        with anew.transaction() as tx:
            tx.append("decisions", store.read("from decisions"))
            tx.append("sightings", store.read("from sightings"))
            tx.append("incidents", store.read("from incidents"))
            tx.append("models", store.read("from models"))
        removed = store.read(_REMOVED)
        for start, part in _parts(store):
            for incident in part["incident"].unique().sort().to_list():
                own = part.filter(pl.col("incident") == incident).drop("post", "version", "wording", "incident")
                gone = removed.filter(pl.col("incident") == incident).drop("incident")
                collapse(
                    anew,
                    own.with_columns(incident=pl.lit(incident)),
                    Batch(incident=incident, source="rebuild"),
                    removals=gone,
                )
            if progress:
                progress(min(1.0, (start + part.height) / max(total, 1)))
        links = _differing(anew.read(_LINKS), store.read(_LINKS))
        records = _differing(anew.read(_RECORDS), store.read(_RECORDS))
        if apply and (links.height or records.height):
            _apply(store, anew, links)
        return Rebuilt(posts=total, links=links.height, records=records.height)


def _parts(store: Store) -> Iterator[tuple[int, pl.DataFrame]]:
    start = 0
    while (part := store.read(_POSTS, {"part": PART, "start": start})).height:
        yield start, part
        start += part.height


def _differing(new: pl.DataFrame, old: pl.DataFrame) -> pl.DataFrame:
    """The rows that are new or otherwise, and those of the old whose name (the first column) is gone."""
    changed = new.join(old.select(new.columns), on=new.columns, how="anti", nulls_equal=True)
    return pl.concat([changed, old.select(new.columns).join(new, on=new.columns[0], how="anti")])


def _apply(store: Store, anew: Store, links: pl.DataFrame) -> None:
    """What was read of wordings, and their keys, are replaced in effect: a later row of the same wording counts."""
    with store.transaction() as tx:
        known = links.join(anew.read("select wording from current_links"), on="wording", how="semi")
        number = append_links(tx, known, pl.DataFrame(schema={"wording": pl.Int64}))
        batch = pl.lit(number, pl.Int64).alias("batch")
        rows = anew.read("from current_records")
        gone = store.read("select root from current_records").join(rows.select("root"), on="root", how="anti")
        append_records(tx, number, rows, rows)
        tx.append("learned", anew.read("from learned").with_columns(batch))
        tx.append("records", gone.with_columns(batch, posts=pl.lit(0, pl.Int64)))
    log.info("rebuilt: %d links written", links.height)
