"""How offers and requests stand at a moment, as a frame beside what their posts say.

Owns the join of what is listed (`queries.records`) with the rules of their life (`dedupe.deciding.life`), and the reading of what is
told about a record: its decisions and notes. Decides nothing.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from dedupe import statements
from dedupe.deciding import life
from dedupe.deciding.life import Terms
from dedupe.store import Store

Known = tuple[pl.DataFrame, pl.DataFrame]

LIVED = (
    "state", "why", "said_by", "holder", "claim", "held_until", "claims", "capacity", "left", "matched", "over", "until",
    "last_confirmed", "expires_at", "proposal", "proposal_places", "lat", "lon",
)  # fmt: skip
"""The columns of `life.states` that `standing` adds, or puts in the place of what the posts alone say."""

READ = ("conditions", "flags")
"""Lists of codes a text is read for."""


def known(store: Store, incident: str) -> Known:
    """What `standing` works on: it changes with posts and decisions alone. The frames of `life.known`."""
    return life.known(store, incident)


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
    # Only the posts are wanted: the texts of a record of hundreds of copies cost a tenth of a second.
    members = store.read(f"select distinct post from ({statements.posts_of_record()})", {"root": root})
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
