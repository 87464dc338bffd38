"""What there is to review: pairs that may be one, categories nobody is sure of, records that may be several.

Reads; deciding is in `deeds`. What is asked first is told by `labelling` and `score`: a model that learns from the answers
takes their place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from dedupe import statements
from dedupe.current import current_records, several_wordings
from dedupe.deciding.decisions import find_record
from dedupe.deciding.moderation import hidden_posts, hidden_records
from dedupe.deciding.review import SHOWN, suggested_merges
from dedupe.deciding.roles import Actor
from dedupe.learning.labelling import labelling_queue
from dedupe.learning.steps import standing
from dedupe.store import Store

ASKED = 50
"""Pairs or records that wait, at most: more says nothing to who answers them one by one."""
SPLITTABLE = 100
WORDINGS = 60
"""Wordings of a record that are listed to pick from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What answers led to: how many there are; of a model, how often it is right (0 to 1) on how many it was not shown, and
    how often the rules alone are. None without a model."""

    labels: int
    right: float | None = None
    rules: float | None = None
    held_back: int | None = None


def pairs(store: Store, incident: str, by: Actor, now: datetime) -> pl.DataFrame:
    """`suggested_merges` for `by`, at most `ASKED`, without what moderators hid. Raises StoreError."""
    hidden = hidden_records(store, incident)["record"].implode()
    rows = suggested_merges(store, incident, by, now, limit=ASKED)
    return rows.filter(~pl.col("record").is_in(hidden) & ~pl.col("other_record").is_in(hidden))


def labelling(store: Store, incident: str) -> pl.DataFrame:
    """The records nobody labelled, the one that teaches most first, at most `ASKED`: root, record, category, certainty,
    posts."""
    return labelling_queue(store, incident, ASKED).select("root", "record", "category", "certainty", "posts")


def to_label(store: Store, incident: str) -> pl.DataFrame:
    """`labelling` with what the records show, hidden ones left out: and kind, capacity, place, until, conditions, first_seen,
    network, url, lang, text.

    Raises StoreError.
    """
    hidden = hidden_records(store, incident)["root"].implode()
    rows = labelling(store, incident).filter(~pl.col("root").is_in(hidden))
    asked = current_records(store, incident).filter(pl.col("root").is_in(rows["root"].implode()))
    told = asked.select("root", *(name for name in SHOWN if name not in rows.columns)).collect()
    return rows.join(told, on="root", maintain_order="left")


def score(store: Store) -> Score:
    """What the answers led to so far. Raises StoreError."""
    counted = "select count(distinct posts[1]) from standing_decisions where action = 'relabel'"
    labels, model = int(store.read(counted).item()), standing(store)
    if model is None:
        return Score(labels=labels)
    return Score(labels=labels, right=model.after.right, rules=model.rules.right, held_back=model.held_back)


def splittable(store: Store, incident: str, root: int | None = None) -> pl.DataFrame:
    """Records of several wordings, or the one with this root, the least sure of a link first: root, record, category, kind,
    place, posts, wordings. Raises StoreError."""
    shown = current_records(store, incident).select("root", "record", "category", "kind", "place", "posts")
    found = several_wordings(store)
    if root is not None:
        found = found.filter(pl.col("root") == root)
    order = [pl.col("weakest"), -pl.col("posts"), pl.col("record")]
    several = shown.join(found.lazy(), on="root").collect()
    rows = several.bottom_k(SPLITTABLE, by=order).sort(order, nulls_last=True)
    hidden = hidden_records(store, incident)["root"].implode()
    return rows.filter(~pl.col("root").is_in(hidden)).drop("weakest")


def wordings(store: Store, root: int) -> pl.DataFrame:
    """The wordings of a record, oldest first, at most `WORDINGS`: post (the first that bears it), network, url, lang, text,
    created_at, why, strength, copies (posts that say the same). Raises StoreError."""
    rows = store.read(statements.posts_of_record(), {"root": root})
    rows = rows.join(hidden_posts(store).select("post"), on="post", how="anti")
    first = rows.with_columns(copies=pl.len().over("wording")).unique("wording", keep="first", maintain_order=True)
    named = ("post", "network", "url", "lang", "text", "created_at", "why", "strength", "copies")
    return first.select(named).head(WORDINGS)


def named(store: Store, name: str) -> dict[str, Any]:
    """The record that goes by an id, by `network/id` or by the address of a post: root, record. Raises NotFound."""
    sought = name.strip()
    if "://" in sought:
        found = store.read("select network || '/' || id as name from posts where url = $url limit 1", {"url": sought})
        sought = str(found.item()) if found.height else sought
    here = find_record(store, sought)
    return {"root": here.root, "record": here.record}
