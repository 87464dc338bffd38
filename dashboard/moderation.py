"""What moderators look at: candidates with what was decided about them, what is hidden, the evidence that is kept.

Reads; deciding is in `deeds`. Knows which codes of the reader mean harm.
"""

from __future__ import annotations

import hashlib
import json

import polars as pl

from dedupe import statements
from dedupe.current import current_records
from dedupe.deciding.moderation import (
    MOST_EVIDENCE,
    cleared,
    hidden_posts,
    hidden_records,
    moderating,
    proposed,
    reported,
)
from dedupe.store import Store

HARM = ("threat", "minor", "doxing", "address", "hate", "scam")
"""Flags a moderator looks at, the most urgent first."""

SUSPECT = ("root", "record", "category", "network", "url", "lang", "text", "posts", "first_seen", "last_seen", "flags")

EVIDENCE = pl.Schema(
    {
        "network": pl.String(), "id": pl.String(), "url": pl.String(), "created_at": pl.String(), "collected_at": pl.String(),
        "sha256": pl.String(),
    }
)  # fmt: skip
"""What is kept of one post; times as ISO 8601."""


def candidates(store: Store, incident: str, also: int | None = None) -> pl.DataFrame:
    """What may have to be hidden: what waits for a second pair of eyes, then the most urgent, then the newest.

    Records that are abuse or bear a flag of `HARM`, and the one with root `also`, without those that are hidden or were let
    stand. Columns: root, record, category, network, url, lang, text, posts, first_seen, last_seen, flags (of `HARM`),
    proposer, code (both null where nobody proposed to hide it), reports (where it was reported).
    """
    waiting = _proposals(store, incident)
    asked = pl.concat([waiting["root"], pl.Series("root", [] if also is None else [also], dtype=pl.Int64)]).unique()
    suspect = (pl.col("category") == "abuse") | (pl.col("flags").list.len() > 0) | pl.col("root").is_in(asked.implode())
    rows = current_records(store, incident).filter(suspect).select(SUSPECT).collect()
    # Of the few that bear any flag those of `HARM` are picked, which for all records would take long.
    rows = rows.with_columns(flags=pl.col("flags").list.set_intersection(list(HARM))).filter(suspect)
    done = pl.concat([hidden_records(store, incident)["root"], cleared(store, incident)["root"]])
    rows = rows.filter(~pl.col("root").is_in(done.implode()) | pl.col("root").is_in(asked.implode()))
    places = reported(store, incident).group_by("root", maintain_order=True).agg(reports="where")
    rows = rows.join(waiting, on="root", how="left").join(places, on="root", how="left")
    urgency = pl.col("flags").list.eval(pl.element().replace_strict(_RANK, default=len(HARM))).list.min()
    return rows.sort(
        pl.col("proposer").is_null(), urgency.fill_null(len(HARM)), pl.col("last_seen"), "record",
        descending=[False, False, True, False],
    )  # fmt: skip


_RANK = {flag: place for place, flag in enumerate(HARM)}


def hidden(store: Store, incident: str) -> pl.DataFrame:
    """What is off the board, the last first: record, post (`network/id` where one post is hidden, else null), decided_at, who,
    code, reason, network, url (of the first post)."""
    whole = hidden_records(store, incident).with_columns(post=pl.lit(None, pl.String), of=pl.lit(None, pl.Int64))
    single = hidden_posts(store, incident)
    wanted = single.select("post").unique()
    sql = "select distinct post, network || '/' || id as name from posts semi join wanted using (post)"
    none = pl.DataFrame(schema={"post": pl.Int64, "name": pl.String})
    names = store.read(sql, frames={"wanted": wanted}) if wanted.height else none
    single = single.join(names, on="post", how="left").drop("post").rename({"name": "post"})
    rows = pl.concat([whole.drop("of"), single.select(whole.drop("of").columns)])
    linked = current_records(store, incident).filter(pl.col("root").is_in(rows["root"].implode()))
    told = rows.join(linked.select("root", "network", "url").collect(), on="root", how="left")
    return told.sort("decided_at", descending=True).drop("root", "decision", "role")


def evidence(store: Store, incident: str, root: int) -> tuple[pl.DataFrame, bool]:
    """The evidence about a record (`EVIDENCE`), and whether it is kept already; else it is what would be."""
    rows = store.read(moderating(), {"incident": incident})
    found = store.read(statements.records_of_posts(), frames={"wanted": rows.select("post").unique()})
    mine = rows.join(found.filter(pl.col("root") == root), on="post", how="semi", maintain_order="left")
    kept = [each for value in mine["value"].drop_nulls() for each in json.loads(value).get("evidence", ())]
    if kept:
        return pl.DataFrame(kept, schema=EVIDENCE).unique(["network", "id", "sha256"], maintain_order=True), True
    posts = store.read(statements.posts_of_record(), {"root": root}).unique("wording", maintain_order=True)
    would = [
        {
            **{name: row[name] for name in ("network", "id", "url")},
            **{name: row[name].isoformat() for name in ("created_at", "collected_at")},
            "sha256": hashlib.sha256(row["text"].encode()).hexdigest(),
        }
        for row in posts.head(MOST_EVIDENCE).iter_rows(named=True)
    ]
    return pl.DataFrame(would, schema=EVIDENCE), False


def _proposals(store: Store, incident: str) -> pl.DataFrame:
    """The first proposal about each whole record: root, proposer, code."""
    rows = proposed(store, incident).filter(pl.col("scope") == "record")
    return rows.unique("root", keep="first", maintain_order=True).select("root", "code", proposer="who")
