"""Decisions: what people do to records, written once and never changed.

A decision names the posts a person saw, so it stays true however records are cut later. Taking one back is a decision
too. Owns their writing, the relinking they cause and their taking back; what a role may do is told by `roles`, how a
record stands after them by `life`. All are written in turn: of two people deciding at once, one sees what the other did.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl

from dedupe import statements
from dedupe.collapse import append_links
from dedupe.deciding.life import STATES, stands
from dedupe.deciding.roles import MACHINE, PROMISES, check, check_other
from dedupe.deciding.roles import Actor as Actor  # who decides belongs to deciding: callers find it here
from dedupe.errors import DecisionRefused, NotFound
from dedupe.incidents import must_be_open
from dedupe.records import refresh_records
from dedupe.relink import Change, relink
from dedupe.store import Store, Transaction

CATEGORIES = ("offer", "request", "information", "rumour", "sympathy", "blame", "abuse", "other")

_RECORD = re.compile("[0-7][0-9a-fA-F]{15}")  # 63 bits


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One doing of one person: who, when by the incident's clock, why, and the name all that is done in one go shares."""

    by: Actor
    at: datetime
    reason: str = ""
    bulk: str | None = None


def act(by: Actor, reason: str = "", at: datetime | None = None, bulk: str | None = None) -> Act:
    """An act; `at` is now by default."""
    return Act(by=by, at=at or datetime.now(UTC), reason=reason, bulk=bulk)


def merge(store: Store, record: str, other: str, by: Actor, reason: str = "", *, at: datetime | None = None) -> str:
    """Put two records together. Gives the decision's id. Raises NotFound, or DecisionRefused when they are one already."""
    doing = act(by, reason, at)

    def work(tx: Transaction) -> str:
        here, there = concerned(tx, doing, "merge", record), find_record(tx, other)
        if here.root == there.root:
            raise DecisionRefused(f"{record} and {other} are one record already.", said="one_already")
        decision = write(tx, doing, "merge", here.incident, [here.first_post], [there.first_post])
        _relink_families(tx, here.incident, [here.root, there.root])
        return decision

    return store.in_turn(work)


def split(
    store: Store, record: str, posts: Sequence[int], by: Actor, reason: str = "", *, at: datetime | None = None
) -> str:
    """Take the picked posts (by hash) out of a record, to be one of their own; copies of them go along.

    Raises NotFound, or DecisionRefused when nothing would stay or nothing of the record was picked.
    """
    doing = act(by, reason, at)

    def work(tx: Transaction) -> str:
        here = concerned(tx, doing, "split", record)
        members = tx.read(statements.posts_of_record(), {"root": here.root})
        chosen = members.filter(pl.col("post").is_in(list(posts)))
        rest = members.join(chosen.select("wording").unique(), on="wording", how="anti")
        if chosen.height == 0 or rest.height == 0:
            raise DecisionRefused(
                "Pick some posts of the record, and leave some: the same words go together.", said="pick"
            )
        picked = chosen.unique("wording", keep="any")["post"].to_list()
        others = rest.unique("wording", keep="any")["post"].to_list()
        decision = write(tx, doing, "split", here.incident, picked, others)
        _relink_families(tx, here.incident, [here.root])
        return decision

    return store.in_turn(work)


def relabel(
    store: Store, record: str, category: str, by: Actor, reason: str = "", *, at: datetime | None = None
) -> str:
    """Say what kind of message a record is. Raises DecisionRefused for an unknown category."""
    doing = act(by, reason, at)
    return store.in_turn(lambda tx: relabel_in(tx, doing, record, category))


def set_state(store: Store, record: str, state: str, by: Actor, reason: str = "", *, at: datetime | None = None) -> str:
    """Say how an offer or request stands. Raises DecisionRefused for an unknown state."""
    doing = act(by, reason, at)
    return store.in_turn(lambda tx: set_state_in(tx, doing, record, state))


def relabel_in(tx: Transaction, doing: Act, record: str, category: str) -> str:
    """`relabel` inside a transaction."""
    if category not in CATEGORIES:
        raise DecisionRefused(
            f"{category} is no category: take one of {', '.join(CATEGORIES)}.", said="unknown", value=category
        )
    return _about(tx, doing, record, "relabel", category)


def set_state_in(tx: Transaction, doing: Act, record: str, state: str) -> str:
    """`set_state` inside a transaction."""
    if state not in STATES:
        raise DecisionRefused(f"{state} is no state: take one of {', '.join(STATES)}.", said="unknown", value=state)
    return _about(tx, doing, record, "state", state)


def undo(store: Store, decision: str, by: Actor, reason: str = "", *, at: datetime | None = None) -> str:
    """Take a decision back, or all that stand of those taken in one go. What others did needs a coordinator.

    Gives the id of (the last) undoing. Raises NotFound, NotAllowed, or DecisionRefused when it was taken back already, is
    itself an undo, or when what it gave free was given to others since.
    """
    doing = act(by, reason, at)
    return store.in_turn(lambda tx: _undo(tx, doing, decision))


def _undo(tx: Transaction, doing: Act, decision: str) -> str:
    named = "from {} where decision = $decision or bulk = $decision order by decided_at, decision"
    if tx.read(named.format("decisions"), {"decision": decision}).height == 0:
        raise NotFound(f"No decision goes by {decision}.")
    standing = tx.read(named.format("standing_decisions"), {"decision": decision})
    if standing.height == 0:
        raise DecisionRefused(
            "That decision was taken back already, or is itself an undo: take the decision again.", said="undone"
        )
    undone = ""
    for row in standing.iter_rows(named=True):
        check_other(doing.by, row["action"], row["who"])
        undone = write(tx, doing, "undo", row["incident"], row["posts"], row["others"] or [], undoes=row["decision"])
        _follow_undone(tx, doing, row)
    return undone


def _follow_undone(tx: Transaction, doing: Act, row: dict[str, Any]) -> None:
    """Bring links and records after the taking back of a decision. Raises DecisionRefused when others came in between."""
    posts = pl.DataFrame({"post": [*row["posts"], *(row["others"] or [])]}, schema={"post": pl.Int64})
    wordings = tx.read(statements.every_wording_of_posts(), frames={"wanted": posts}).select("wording").unique()
    if row["action"] in ("merge", "split"):
        _relink_families(tx, row["incident"], _roots(tx, wordings))
    elif row["action"] in ("relabel", "state"):
        _refresh(tx, wordings)
    elif row["action"] in ("release", "fell_through"):
        for root in _roots(tx, wordings):
            stand = stands(tx, row["incident"], root, doing.at).filter((pl.col("claims") > 1) | (pl.col("over") > 0))
            if stand.height:
                raise DecisionRefused("Somebody else has it since: ask them before you take that back.", said="given")


def _roots(tx: Transaction, wordings: pl.DataFrame) -> list[int]:
    return tx.read(statements.links_of_wordings(), frames={"wanted": wordings})["root"].unique().to_list()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A record as decisions need it."""

    root: int
    incident: str
    first_post: int
    record: str


def find_record(tx: Store | Transaction, name: str) -> Found:
    """A record by its id, by an id it had before it joined another, or by `network/post id`. Raises NotFound."""
    if _RECORD.fullmatch(name):
        rows = tx.read(statements.record_by_name("post = $post"), {"post": int(name, 16)})
    else:
        network, _, post = name.partition("/")
        named = statements.record_by_name("network = $network and id = $id")
        rows = tx.read(named, {"network": network, "id": post})
    if rows.height == 0:
        raise NotFound(f"No record or post goes by {name}.")
    return Found(**rows.row(0, named=True))


def concerned(tx: Transaction, doing: Act, action: str, record: str) -> Found:
    """The record an action is about. Raises NotAllowed before anything else, NotFound."""
    check(doing.by, action)
    return find_record(tx, record)


def write(
    tx: Transaction, doing: Act, action: str, incident: str, posts: Sequence[int], others: Sequence[int] = (), **more: Any
) -> str:  # fmt: skip
    """One row of the table `decisions`; `more` are its columns value, until, since, places, follows, undoes. Gives its id.

    Raises NotAllowed, IncidentRefused for a promise about what is closed. Whether a role may take something back hangs on
    what: that is asked in `undo`.
    """
    if action != "undo" and doing.by is not MACHINE:
        check(doing.by, action)
    if action in PROMISES:
        must_be_open(tx, incident)
    decision = uuid.uuid4().hex
    row = {
        "decision": decision, "decided_at": doing.at, "incident": incident, "who": doing.by.who, "role": doing.by.role,
        "action": action, "posts": list(posts), "others": list(others), "reason": doing.reason, "bulk": doing.bulk, **more,
    }  # fmt: skip
    types = {name: kind for name, kind in _TYPES.items() if name in row}
    tx.append("decisions", pl.DataFrame([row], schema_overrides=types))
    return decision


_TYPES: dict[str, Any] = {
    **dict.fromkeys(("posts", "others"), pl.List(pl.Int64)),
    **dict.fromkeys(("value", "undoes", "follows", "bulk"), pl.String),
    **dict.fromkeys(("decided_at", "until", "since"), pl.Datetime("us", "UTC")),
    "places": pl.Int32,
}


def _about(tx: Transaction, doing: Act, record: str, action: str, value: str) -> str:
    here = concerned(tx, doing, action, record)
    decision = write(tx, doing, action, here.incident, [here.first_post], value=value)
    root = pl.DataFrame({"root": [here.root]}, schema={"root": pl.Int64})
    _refresh(tx, tx.read(statements.links_of_roots(), frames={"wanted": root}).select("wording"))
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
