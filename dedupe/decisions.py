"""Decisions: what people do to records, written once and never changed.

A decision names the posts a person saw, so it stays true however records are cut later. Taking one back is a decision
too. Owns their writing and the relinking they cause; who may decide what is not known here yet.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl

from dedupe import statements
from dedupe.collapse import append_links
from dedupe.errors import DecisionRefused, NotFound
from dedupe.records import refresh_records
from dedupe.relink import Change, relink
from dedupe.store import Store, Transaction

CATEGORIES = ("offer", "request", "information", "rumour", "sympathy", "blame", "abuse", "other")
STATES = ("available", "claimed", "matched", "full", "withdrawn", "expired", "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who decides: a name and the role it is done in."""

    who: str
    role: str


def merge(store: Store, record: str, other: str, by: Actor, reason: str = "") -> str:
    """Put two records together. Gives the decision's id. Raises NotFound, or DecisionRefused when they are one already."""
    with store.transaction() as tx:
        here, there = find_record(tx, record), find_record(tx, other)
        if here.root == there.root:
            raise DecisionRefused(f"{record} and {other} are one record already.")
        decision = _write(tx, here.incident, by, "merge", [here.first_post], [there.first_post], reason=reason)
        _relink_families(tx, here.incident, [here.root, there.root])
    return decision


def split(store: Store, record: str, posts: Sequence[int], by: Actor, reason: str = "") -> str:
    """Take the picked posts (by hash) out of a record, to be one of their own; copies of them go along.

    Raises NotFound, or DecisionRefused when nothing would stay or nothing of the record was picked.
    """
    with store.transaction() as tx:
        here = find_record(tx, record)
        members = tx.read(statements.posts_of_record(), {"root": here.root})
        chosen = members.filter(pl.col("post").is_in(list(posts)))
        rest = members.join(chosen.select("wording").unique(), on="wording", how="anti")
        if chosen.height == 0 or rest.height == 0:
            raise DecisionRefused("Pick some posts of the record, and leave some: the same words go together.")
        picked = chosen.unique("wording", keep="any")["post"].to_list()
        others = rest.unique("wording", keep="any")["post"].to_list()
        decision = _write(tx, here.incident, by, "split", picked, others, reason=reason)
        _relink_families(tx, here.incident, [here.root])
    return decision


def relabel(store: Store, record: str, category: str, by: Actor, reason: str = "") -> str:
    """Say what kind of message a record is. Raises DecisionRefused for an unknown category."""
    if category not in CATEGORIES:
        raise DecisionRefused(f"{category} is no category: take one of {', '.join(CATEGORIES)}.")
    return _about(store, record, by, "relabel", category, reason)


def set_state(store: Store, record: str, state: str, by: Actor, reason: str = "") -> str:
    """Say how an offer or request stands. Raises DecisionRefused for an unknown state."""
    if state not in STATES:
        raise DecisionRefused(f"{state} is no state: take one of {', '.join(STATES)}.")
    return _about(store, record, by, "state", state, reason)


def undo(store: Store, decision: str, by: Actor, reason: str = "") -> str:
    """Take a decision back. Raises NotFound, or DecisionRefused when it was taken back already or is itself an undo."""
    with store.transaction() as tx:
        found = tx.read("from decisions where decision = $decision", {"decision": decision})
        if found.height == 0:
            raise NotFound(f"No decision goes by {decision}.")
        standing = tx.read("select 1 from standing_decisions where decision = $decision", {"decision": decision})
        if standing.height == 0:
            raise DecisionRefused(
                "That decision was taken back already, or is itself an undo: take the decision again."
            )
        row = found.row(0, named=True)
        posts = pl.DataFrame({"post": [*row["posts"], *(row["others"] or [])]}, schema={"post": pl.Int64})
        undone = _write(
            tx, row["incident"], by, "undo", row["posts"], row["others"] or [], reason=reason, undoes=decision
        )
        wordings = tx.read(statements.every_wording_of_posts(), frames={"wanted": posts}).select("wording").unique()
        if row["action"] in ("merge", "split"):
            roots = tx.read(statements.links_of_wordings(), frames={"wanted": wordings})["root"].unique().to_list()
            _relink_families(tx, row["incident"], roots)
        else:
            _refresh(tx, wordings)
    return undone


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A record as decisions need it."""

    root: int
    incident: str
    first_post: int


def find_record(tx: Store | Transaction, name: str) -> Found:
    """A record by its id, by an id it had before it joined another, or by `network/post id`. Raises NotFound."""
    network, _, post = name.partition("/")
    rows = tx.read(statements.record_by_name(), {"name": name.lower(), "network": network, "id": post})
    if rows.height == 0:
        raise NotFound(f"No record or post goes by {name}.")
    row = rows.row(0, named=True)
    return Found(root=row["root"], incident=row["incident"], first_post=row["first_post"])


def _about(store: Store, record: str, by: Actor, action: str, value: str, reason: str) -> str:
    with store.transaction() as tx:
        here = find_record(tx, record)
        decision = _write(tx, here.incident, by, action, [here.first_post], [], value=value, reason=reason)
        root = pl.DataFrame({"root": [here.root]}, schema={"root": pl.Int64})
        _refresh(tx, tx.read(statements.links_of_roots(), frames={"wanted": root}).select("wording"))
    return decision


def _write(
    tx: Transaction, incident: str, by: Actor, action: str, posts: list[int], others: list[int],
    *, value: str | None = None, reason: str = "", undoes: str | None = None,
) -> str:  # fmt: skip
    decision = uuid.uuid4().hex
    row = {
        "decision": decision, "decided_at": datetime.now(UTC), "incident": incident, "who": by.who, "role": by.role,
        "action": action, "posts": posts, "others": others, "value": value, "reason": reason, "undoes": undoes,
    }  # fmt: skip
    types: dict[str, Any] = {
        "posts": pl.List(pl.Int64),
        "others": pl.List(pl.Int64),
        "value": pl.String,
        "undoes": pl.String,
    }
    tx.append("decisions", pl.DataFrame([row], schema_overrides=types))
    return decision


def _relink_families(tx: Transaction, incident: str, roots: list[int]) -> None:
    """Judge all members of these records anew, so that what was decided before and since holds together."""
    wanted = pl.DataFrame({"root": roots}, schema={"root": pl.Int64})
    members = tx.read(statements.links_of_roots(), frames={"wanted": wanted}).select("wording")
    links, suggestions = relink(tx, Change.again_only(incident, members))
    number = append_links(tx, links, suggestions)
    refresh_records(tx, number, members, links)


def _refresh(tx: Transaction, wordings: pl.DataFrame) -> None:
    none = pl.DataFrame(schema={"wording": pl.Int64})
    refresh_records(tx, append_links(tx, none, none), wordings, none)
