"""How offers and requests stand at a moment, as a frame beside what their posts say.

Owns the join of what is listed (`queries.records`) with the rules of their life (`dedupe.life`), and the reading of what is
told about a record: its decisions and notes. Decides nothing.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from dedupe import life, statements
from dedupe.life import Terms
from dedupe.store import Store

Known = tuple[pl.DataFrame, pl.DataFrame]

LIVED = (
    "state", "why", "said_by", "holder", "claim", "held_until", "claims", "capacity", "left", "matched", "over", "until",
    "last_confirmed", "expires_at", "proposal", "proposal_places", "lat", "lon",
)  # fmt: skip
"""The columns of `life.states` that `standing` adds, or puts in the place of what the posts alone say."""

READ = ("conditions", "flags")
"""Lists of codes a text is read for; a store from before they were read has none."""

OPEN = ("available", "unknown")
"""States in which somebody can be helped, or still must be."""


def known(store: Store, incident: str) -> Known:
    """What `standing` works on: it changes with posts and decisions alone. The frames of `life.known`, the first with READ."""
    records, told = life.known(store, incident)
    return _with_read(store, records), told


def standing(rows: pl.DataFrame, known: Known, now: datetime, terms: Terms) -> pl.DataFrame:
    """`rows` (of `queries.records`) as they stand at `now`: with the columns LIVED and READ."""
    records, told = known
    lived = life.lives(records, told, now, terms).select("root", *LIVED)
    lived = lived.join(records.select("root", *READ), on="root", how="left")
    kept = rows.drop(column for column in rows.columns if column in (*LIVED, *READ))
    return kept.join(lived, on="root", how="inner", maintain_order="left")


def history(store: Store, incident: str, root: int) -> pl.DataFrame:
    """What people did with a record, newest first; notes and who took what back among it.

    Columns: decision, decided_at, who, role, action, value, places, until, reason, bulk, undone_by (null while it stands).
    """
    members = store.read(statements.posts_of_record(), {"root": root}).select("post").unique()
    rows = store.read(statements.decisions_of_posts(), frames={"wanted": members})
    rows = rows.filter(pl.col("incident") == incident)
    undos = rows.filter(pl.col("action") == "undo").select(decision="undoes", undone_by="who").unique("decision")
    return (
        rows.filter(pl.col("action") != "undo")
        .join(undos, on="decision", how="left")
        .sort("decided_at", "decision", descending=True)
        .select(
            *("decision", "decided_at", "who", "role", "action", "value", "places", "until", "reason", "bulk"),
            "undone_by",
        )
    )


def _with_read(store: Store, records: pl.DataFrame) -> pl.DataFrame:
    """The columns READ beside the records."""
    there = [name for name in READ if name in store.read("select * from faces limit 0").columns]
    none = pl.lit([], pl.List(pl.String))
    if not there:
        return records.with_columns(**dict.fromkeys(READ, none))
    columns = "".join(f", {name}" for name in there)
    read = store.read(
        f"""
        with latest as (
            select root, max(batch) as batch from faces semi join wanted using (root) group by root
        )
        select root{columns} from faces join latest using (root, batch)
        """,
        frames={"wanted": records.select("root")},
    )
    said = {name: pl.col(name).fill_null([]) if name in there else none for name in READ}
    return records.join(read, on="root", how="left").with_columns(**said)
