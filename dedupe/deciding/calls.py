"""Calls: what was typed in at the desk. Which records a call is like before it is in, who took it, and taking it back.

A call is a post like any and follows the same rules; here is only what a person decides about it. Knows no form and makes
no post: who does hands over its name, `network/id`.
"""

from __future__ import annotations

import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import polars as pl

from dedupe import statements
from dedupe.collapse import POST_COLUMNS, Batch, collapse
from dedupe.deciding.decisions import act, find_record, merge, relabel_in, split, undo, write
from dedupe.deciding.life import WHEN
from dedupe.deciding.roles import Actor, check, check_other
from dedupe.errors import DecisionRefused, NotFound
from dedupe.incidents import must_be_open
from dedupe.prepare import Prepared, prepare
from dedupe.records import ends
from dedupe.relink import Change, relink
from dedupe.store import Store, Transaction

DESK = "desk"
"""The network such posts are on, and the action of taking one in."""
MOST_ALIKE = 4
LAST = 10
SAME_CONTACT, SUGGESTED = "same_contact", "suggested"
"""Codes beside those of the engine: only the number or address is the same; the engine would ask a person."""

Settled = Literal["new", "joined", "same_words"]
_NAMED = ("batch", "post", "version", "wording", "writer")
_NONE = pl.DataFrame(schema={"wording": pl.Int64})


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """How a call reads before it is in. `until`: UTC.

    `alike`: the offers and requests it may be, the surest first, at most `MOST_ALIKE`: record, root, why (a code), joins (whether the
    rules put it there by themselves).
    """

    category: str
    kind: str | None
    place: str | None
    capacity: int | None
    until: datetime | None
    alike: pl.DataFrame


class _Unwritten(Exception):  # never leaves this module
    """Ends a transaction that only asked."""


def read_call(store: Store, incident: str, text: str, at: datetime) -> Draft:
    """Read what is being typed as the store would, and find what it is like; nothing is written. Raises StoreError."""
    row = {"network": DESK, "id": uuid.uuid4().hex, "text": text, "incident": incident, "created_at": at}
    blank = store.read(f"select {', '.join(POST_COLUMNS)} from posts limit 0").drop(_NAMED[1:])
    # A writer nobody else is: two callers without a number are not one person.
    draft = pl.concat([blank, pl.DataFrame([row | {"author": row["id"]}])], how="diagonal_relaxed")
    prepared = prepare(draft)
    said = prepared.wordings.row(0, named=True)
    found, end = pl.DataFrame(), None
    with suppress(_Unwritten), store.transaction() as tx:
        # Judging what people decided, the engine looks up the wording it is asked about in the store.
        tx.append("wordings", prepared.wordings.select("wording", "rank"))
        found = _alike(tx, incident, prepared)
        told = prepared.wordings.select("until", incident=pl.lit(incident), until_said_at=pl.lit(at, WHEN))
        end = ends(tx, told).item()
        raise _Unwritten
    return Draft(
        category=said["category"],
        kind=said["kind"],
        place=said["place"],
        capacity=said["capacity"],
        until=end,
        alike=found,
    )


def _alike(tx: Transaction, incident: str, prepared: Prepared) -> pl.DataFrame:
    wanted = prepared.wordings.select("wording")
    mine = wanted.item()
    known = tx.read(statements.links_of_wordings(), frames={"wanted": wanted}).height > 0
    linked, asked = (wanted.with_columns(why=pl.lit("wording")), _NONE) if known else _linked(tx, incident, prepared)
    keys = prepared.keys.filter(pl.col("route") == "contact").select("key").unique()
    reached = tx.read(statements.blocks_of_keys(), frames={"wanted": keys}).select("wording").unique()
    found = pl.concat(
        [
            linked.with_columns(joins=pl.lit(value=True)),
            asked.with_columns(why=pl.lit(SUGGESTED), joins=pl.lit(value=False)),
            reached.with_columns(why=pl.lit(SAME_CONTACT), joins=pl.lit(value=False)),
        ]
    ).filter(pl.col("wording").ne(mine) | pl.col("joins"))
    return _records(tx, found)


def _linked(tx: Transaction, incident: str, prepared: Prepared) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The wordings the rules put with this new one (wording, why), and those they would ask about (wording)."""
    keys, posts = prepared.keys.drop("handle"), prepared.posts.select("post")
    links, suggestions = relink(
        tx, Change(incident=incident, wordings=prepared.wordings, keys=keys, again=_NONE, posts=posts)
    )
    mine = prepared.wordings["wording"].item()
    own = links.filter(pl.col("wording") == mine)
    family = links.filter(pl.col("root").is_in(own["root"].implode()))
    # The call may come before what stands, being the fuller text: then that would follow it.
    linked = pl.concat([own.select("why", wording="root"), family.select("why", "wording")])
    asked = pl.concat(
        [
            suggestions.filter(pl.col("wording") == mine).select(wording="other"),
            suggestions.filter(pl.col("other") == mine).select("wording"),
        ]
    )
    return linked.select("wording", "why").filter(pl.col("wording") != mine), asked


def _records(tx: Transaction, found: pl.DataFrame) -> pl.DataFrame:
    return tx.read(
        """
        with latest as (
            select wording, max_by(root, batch) as root from links semi join found using (wording) group by wording
        ), standing as (
            select root, max_by(record, batch) as record, max_by(posts, batch) as posts
            from records semi join latest using (root) group by root
        ), said as (
            select root, max_by(category, batch) as category from faces semi join latest using (root) group by root
        )
        select record, root, first(why order by joins desc, place) as why, bool_or(joins) as joins
        from (select *, case why when 'suggested' then 1 else 2 end as place from found)
        join latest using (wording) join standing using (root) join said using (root)
        where posts > 0 and category in ('offer', 'request') group by record, root order by joins desc, min(place), record limit $most
        """,
        {"most": MOST_ALIKE},
        {"found": found},
    )


def check_call(store: Store, by: Actor, incident: str) -> None:
    """Raises NotAllowed when `by` may not take calls, IncidentRefused for a closed incident: to be asked before the post is made."""
    check(by, DESK)
    must_be_open(store, incident)


def settle(
    store: Store, name: str, by: Actor, *, category: str, same_as: str | None = None, apart: bool = False, at: datetime
) -> Settled:
    """Put on record who took the call `name` (`network/id`, in the store already), and what they said of it.

    category: what they heard, which stands where the reader heard otherwise. same_as: the record it is, by their word.
    apart: it is none that there is. Says what became of it: `new` (a record of its own), `joined`, or `same_words` where it
    should be apart but its words and number are those of another. Raises NotAllowed, NotFound, DecisionRefused.
    """
    doing = act(by, at=at)
    post = _post(store, name)

    def work(tx: Transaction) -> bool:
        here = find_record(tx, name)
        write(tx, doing, DESK, here.incident, [post])
        said = "select max_by(category, batch) as category from faces where root = $root"
        stands = tx.read(said, {"root": here.root}).item()
        alone = tx.read(statements.posts_of_record(), {"root": here.root}).height == 1
        if alone and same_as is None and stands != category:
            relabel_in(tx, doing, name, category)
        return alone

    alone = store.in_turn(work)
    if same_as is not None:
        if find_record(store, name).root != find_record(store, same_as).root:
            merge(store, same_as, name, by, at=at)
        return "joined"
    if alone:
        return "new"
    if not apart:
        return "joined"
    try:
        split(store, name, [post], by, at=at)
    except DecisionRefused:
        return "same_words"
    return "new"


def take_back(store: Store, decision: str, by: Actor, *, at: datetime) -> str:
    """Take a call back: its post is gone, as if its writer had removed it. `decision` is that of taking it in.

    Own calls, and for a coordinator those of others. Gives the id of the undoing. Raises NotFound, NotAllowed, StoreError.
    """
    rows = store.read(
        "from standing_decisions where decision = $decision and action = $desk", {"decision": decision, "desk": DESK}
    )
    if rows.height == 0:
        raise NotFound("That call was taken back already.")
    row = rows.row(0, named=True)
    check_other(by, DESK, row["who"])
    gone = store.read(
        "select distinct network, id, $at::timestamptz as removed_at, 'withdrawn' as reason from posts where post = $post",
        {"post": row["posts"][0], "at": at},
    )
    nothing = store.read(f"select {', '.join(POST_COLUMNS)} from posts limit 0").drop(_NAMED[1:])
    collapse(store, nothing, Batch(incident=row["incident"], source=DESK, query=DESK), removals=gone)
    return undo(store, decision, by, at=at)


def last_calls(store: Store, incident: str, who: str, limit: int = LAST) -> pl.DataFrame:
    """The last calls one person took, the newest first, whatever became of them.

    Columns: decision, decided_at, record (null once taken back), text, category, kind, place, capacity, posts (of its
    record), undone (bool).
    """
    return store.read(
        """
        with taken as (
            select decision, decided_at, posts[1] as post from decisions
            where incident = $incident and action = $desk and who = $who
        ), mine as (
            select taken.*, posts.text, posts.wording, posts.batch from taken join posts using (post)
            order by batch desc, decision limit $limit
        ), latest as (
            select wording, max_by(root, batch) as root from links semi join mine using (wording) group by wording
        ), told as (
            select root, max(batch) as batch from faces semi join latest using (root) group by root
        ), said as (
            select root, category, kind, place from faces join told using (root, batch)
        ), counted as (
            select root, max(batch) as batch from records semi join latest using (root) group by root
        )
        select decision, decided_at, case when standing.decision is null then null else record end as record, mine.text,
               category, kind, place, capacity, posts, standing.decision is null as undone
        from mine left join latest using (wording) left join said using (root)
        left join (from records semi join counted using (root, batch)) as records using (root)
        left join (select decision from standing_decisions where action = $desk) as standing using (decision)
        order by mine.batch desc, decision
        """,
        {"incident": incident, "desk": DESK, "who": who, "limit": limit},
    )


def _post(store: Store, name: str) -> int:
    network, _, id = name.partition("/")
    rows: Any = store.read(
        "select post from posts where network = $network and id = $id limit 1", {"network": network, "id": id}
    )
    if rows.height == 0:
        raise NotFound(f"No post goes by {name}.")
    return int(rows.item())
