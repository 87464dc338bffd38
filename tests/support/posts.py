"""Builders for tests of recognising and storing: posts written in one line, batches, and what came of them.

Every telephone number in here and in the tests that use it is made up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from dedupe.collapse import Batch, Collapsed, collapse
from dedupe.store import Store
from ingest.post import Post, Provenance, frame, stamp

INCIDENT = "storm"
STORM = datetime(2011, 8, 18, 16, 15, tzinfo=UTC)

BED = "Slaapplaats vrij in Genk voor 2 personen, bel 0475 12 34 56"
RIDE = "Kan iemand een lift geven naar Tongeren, rij met 3 plaatsen, bel 0475 12 34 56"


def at(minute: float) -> datetime:
    """A moment, in minutes after the storm."""
    return STORM + timedelta(minutes=minute)


def post(network: str, id: str, author: str, text: str, minute: float | None = None, **more: Any) -> Post:
    """A post; written `minute` minutes after the storm (without it: the number in its id). `edited` is in minutes too."""
    digits = "".join(each for each in id if each.isdecimal())
    written = at(float(digits or 0) if minute is None else minute)
    edited = more.pop("edited", None)
    return Post(
        network=network, id=id, author=author, text=text, created_at=written,
        edited_at=None if edited is None else at(edited), **more,
    )  # fmt: skip


def posts(*rows: Post, incident: str = INCIDENT, source: str = "file") -> pl.DataFrame:
    """Posts as a source delivers them."""
    return stamp(frame(list(rows)), Provenance(incident=incident, source=source, query="", collected_at=at(600)))


def removals(*names: str, minute: float = 500) -> pl.DataFrame:
    """Posts taken down, named `network/id`."""
    rows = [
        {"network": name.partition("/")[0], "id": name.partition("/")[2], "removed_at": at(minute)} for name in names
    ]
    types: dict[str, Any] = {"network": pl.String, "id": pl.String, "removed_at": pl.Datetime("us", "UTC")}
    return pl.DataFrame(rows, schema=types).with_columns(reason=pl.lit("deleted"))


def take(
    store: Store, *rows: Post, gone: Sequence[str] = (), incident: str = INCIDENT, cursor: str | None = None
) -> Collapsed:
    """One batch into a store."""
    batch = Batch(incident=incident, source="file", cursor=cursor)
    return collapse(store, posts(*rows, incident=incident), batch, removals=removals(*gone) if gone else None)


def partition(store: Store) -> set[frozenset[str]]:
    """Which posts (`network/id`) are one record."""
    rows = store.read(
        """
        select list(current_posts.network || '/' || current_posts.id) as members
        from current_posts join current_links using (wording) join current_records using (root)
        group by root
        """
    )
    return {frozenset(members) for members in rows["members"].to_list()}


def together(*groups: str) -> set[frozenset[str]]:
    """A partition, written shortly: `together("x/1 x/2", "x/3")`."""
    return {frozenset(group.split()) for group in groups}


def record_of(store: Store, name: str) -> dict[str, Any]:
    """The record that the post `network/id` counts for."""
    network, _, id = name.partition("/")
    rows = store.read(
        """
        select current_records.* from current_records join current_links using (root) join current_posts using (wording)
        where current_posts.network = $network and current_posts.id = $id
        """,
        {"network": network, "id": id},
    )
    assert rows.height == 1, f"{name} counts for {rows.height} records"
    return rows.row(0, named=True)


def why_of(store: Store, name: str) -> str:
    """Why the post `network/id` is where it is."""
    network, _, id = name.partition("/")
    sql = "select why from current_links join current_posts using (wording) where network = $network and id = $id"
    return str(store.read(sql, {"network": network, "id": id}).item())


def hash_of(store: Store, name: str) -> int:
    """The hash by which a decision names the post `network/id`."""
    network, _, id = name.partition("/")
    found = store.read(
        "select distinct post from posts where network = $network and id = $id", {"network": network, "id": id}
    )
    return int(found.item())


def outcome(store: Store) -> dict[str, Any]:
    """All that must not depend on how posts arrived: who is one with whom, records, and links with their reasons."""
    records = store.read("select * from current_records order by root").to_dicts()
    links = store.read("select wording, parent, root, why, strength from current_links order by wording").to_dicts()
    return {"partition": partition(store), "records": records, "links": links}


def in_batches(store: Store, batches: Iterable[Sequence[Post]]) -> Store:
    """Several batches into a store, which is given back."""
    for batch in batches:
        take(store, *batch)
    return store
