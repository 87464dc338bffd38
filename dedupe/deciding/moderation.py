"""Moderation: hiding what should not be seen, keeping the evidence, telling where it was reported.

Owns the rule of two pairs of eyes: an offer or request leaves the board when a second person agrees, unless it is a threat.
What is hidden stays in the store, as do its copies; evidence (link, time, hash of the text) is kept in the decision, so that
it outlives the text. Nothing is reported by itself.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

import polars as pl

from dedupe import statements
from dedupe.deciding.decisions import Found, act, concerned, write
from dedupe.deciding.roles import Actor
from dedupe.errors import DecisionRefused
from dedupe.store import Store, Transaction

REASONS = ("threat", "group_hatred", "contact_data", "scam", "rumour", "improper", "off_topic")
"""Codes a hiding can have: those of the plan that ships."""
ONE_PAIR = ("threat",)
"""Codes for which one pair of eyes is enough."""
MOST_EVIDENCE = 50
"""Posts of a record, one for each wording, of which evidence is kept."""


def hide(
    store: Store, name: str, code: str, by: Actor, reason: str = "", *, post: bool = False, at: datetime | None = None
) -> str:
    """Take a record off the board or, with `post`, one post (`network/id`); later copies of a record are hidden with it.

    Of an offer or request, the first person proposes and a second one hides; `code` is one of `REASONS`, and a threat needs
    one person. Gives the decision's id. Raises NotAllowed, NotFound, DecisionRefused.
    """
    doing = act(by, reason, at)

    def work(tx: Transaction) -> str:
        here = concerned(tx, doing, "hide", name)
        if code not in REASONS:
            raise DecisionRefused(f"{code} is no reason: take one of {', '.join(REASONS)}.", said="unknown", value=code)
        target = _post_named(tx, name) if post else here.first_post
        if _is_hidden(tx, here, target if post else None):
            raise DecisionRefused(f"{name} is hidden already.", said="hidden")
        value = _value(tx, here, target if post else None, code=code)
        if code in ONE_PAIR or _category(tx, here) not in ("offer", "request"):
            return write(tx, doing, "hide", here.incident, [target], value=value)
        first = _proposal(tx, here, target if post else None)
        if first is None:
            return write(tx, doing, "propose_hide", here.incident, [target], value=value)
        if first["who"] == by.who:
            raise DecisionRefused("You proposed to hide it: a second person must agree.", said="second")
        return write(tx, doing, "hide", here.incident, [target], value=value, follows=first["decision"])

    return store.in_turn(work)


def unhide(
    store: Store, name: str, by: Actor, reason: str = "", *, post: bool = False, at: datetime | None = None
) -> str:
    """Show a record, or one post, again. Gives the decision's id. Raises NotAllowed, NotFound, DecisionRefused."""
    doing = act(by, reason, at)

    def work(tx: Transaction) -> str:
        here = concerned(tx, doing, "unhide", name)
        target = _post_named(tx, name) if post else None
        if not _is_hidden(tx, here, target):
            raise DecisionRefused(f"{name} is not hidden.", said="shown")
        scope = json.dumps({"scope": "post" if post else "record"})
        return write(tx, doing, "unhide", here.incident, [target or here.first_post], value=scope)

    return store.in_turn(work)


def report(store: Store, name: str, where: str, by: Actor, reason: str = "", *, at: datetime | None = None) -> str:
    """Note that a person reported a record, and where (a network, the police, a reporting point), with the evidence.

    Gives the decision's id. Raises NotAllowed, NotFound, DecisionRefused.
    """
    doing = act(by, reason, at)

    def work(tx: Transaction) -> str:
        here = concerned(tx, doing, "report", name)
        if not where.strip():
            raise DecisionRefused("Say where it was reported.", said="where")
        return write(
            tx, doing, "report", here.incident, [here.first_post], value=_value(tx, here, None, where=where.strip())
        )

    return store.in_turn(work)


def clear(store: Store, name: str, by: Actor, reason: str = "", *, at: datetime | None = None) -> str:
    """Say that a record was looked at and may stay. Gives the decision's id. Raises NotAllowed, NotFound."""
    doing = act(by, reason, at)

    def work(tx: Transaction) -> str:
        here = concerned(tx, doing, "clear", name)
        return write(tx, doing, "clear", here.incident, [here.first_post], value=json.dumps({"scope": "record"}))

    return store.in_turn(work)


def without_hidden(store: Store | Transaction, rows: pl.DataFrame, incident: str | None = None) -> pl.DataFrame:
    """Rows of records (root, text) as others may see them: hidden ones left out, words of hidden posts null."""
    decided = _hidden(store, incident)
    if decided.height == 0:
        return rows
    rows = rows.join(decided.filter(pl.col("scope") == "record"), on="root", how="anti")
    posts = decided.filter(pl.col("scope") == "post").select("post")
    bare = store.read(roots_showing(), frames={"wanted": posts})["root"].implode()
    return rows.with_columns(text=pl.when(~pl.col("root").is_in(bare)).then("text"))


def hidden_records(store: Store | Transaction, incident: str | None = None) -> pl.DataFrame:
    """The records that are off the board, of an incident or of all: root, record, decision, decided_at, who, role, code,
    reason."""
    rows = _hidden(store, incident).filter(pl.col("scope") == "record")
    return rows.drop("scope", "post").unique("root", keep="last", maintain_order=True)


def hidden_posts(store: Store | Transaction, incident: str | None = None) -> pl.DataFrame:
    """The posts that are hidden by themselves: post and the columns of `hidden_records`."""
    return _hidden(store, incident).filter(pl.col("scope") == "post").drop("scope")


def proposed(store: Store | Transaction, incident: str) -> pl.DataFrame:
    """What waits for a second pair of eyes: the columns of `hidden_records`, post and scope."""
    rows = _moderated(store, incident)
    done = rows.filter(pl.col("action") == "hide").select("root", "scope")
    first = rows.filter(pl.col("action") == "propose_hide").join(done, on=["root", "scope"], how="anti")
    return first.drop("action", "where", "follows")


def reported(store: Store | Transaction, incident: str) -> pl.DataFrame:
    """What was reported, oldest first: root, record, decision, decided_at, who, role, where, reason."""
    return (
        _moderated(store, incident)
        .filter(pl.col("action") == "report")
        .drop("action", "code", "scope", "post", "follows")
    )


def cleared(store: Store | Transaction, incident: str) -> pl.DataFrame:
    """What was looked at and may stay: root, record, decision, decided_at, who, role, reason."""
    rows = _moderated(store, incident).filter(pl.col("action") == "clear")
    return rows.drop("action", "code", "scope", "where", "post", "follows")


def _hidden(store: Store | Transaction, incident: str | None) -> pl.DataFrame:
    """Of hidings and showings, the last of each record and of each post counts."""
    rows = _moderated(store, incident).filter(pl.col("action").is_in(["hide", "unhide"]))
    target = pl.when(pl.col("scope") == "record").then("root").otherwise("post")
    last = rows.with_columns(target=target).unique(["scope", "target"], keep="last", maintain_order=True)
    return last.filter(pl.col("action") == "hide").drop("action", "where", "target", "follows")


def _moderated(store: Store | Transaction, incident: str | None) -> pl.DataFrame:
    """Standing decisions of moderation with the record each is about now, oldest first."""
    rows = _decided(store, incident)
    if rows.height:
        found = store.read(statements.records_of_posts(), frames={"wanted": rows.select("post").unique()})
    else:
        found = pl.DataFrame(schema={"post": pl.Int64, "root": pl.Int64, "record": pl.String})
    told = {name: pl.col("value").str.json_path_match(f"$.{name}") for name in ("code", "scope", "where")}
    return rows.join(found, on="post", maintain_order="left").with_columns(**told).drop("value")


def _decided(store: Store | Transaction, incident: str | None) -> pl.DataFrame:
    """The rows of `moderating`, read anew when there are more decisions than at the last look: every page asks several times."""
    if isinstance(store, Transaction):
        return store.read(moderating(), {"incident": incident})
    decisions = int(store.read("select count(*) from decisions").item())
    kept = _kept.setdefault(store, {})
    if incident not in kept or kept[incident][0] != decisions:
        kept[incident] = decisions, store.read(moderating(), {"incident": incident})
    return kept[incident][1]


_kept: WeakKeyDictionary[Store, dict[str | None, tuple[int, pl.DataFrame]]] = WeakKeyDictionary()
"""What `_decided` found of each incident, and how many decisions there were then."""


def _is_hidden(tx: Transaction, here: Found, post: int | None) -> bool:
    rows = _hidden(tx, here.incident)
    return rows.filter(_about(here, post)).height > 0


def _proposal(tx: Transaction, here: Found, post: int | None) -> dict[str, Any] | None:
    rows = proposed(tx, here.incident)
    rows = rows.filter(_about(here, post))
    return rows.row(0, named=True) if rows.height else None


def _about(here: Found, post: int | None) -> pl.Expr:
    """Which decisions are about the whole record, or about the one post."""
    if post is None:
        return (pl.col("scope") == "record") & (pl.col("root") == here.root)
    return (pl.col("scope") == "post") & (pl.col("post") == post)


def _post_named(tx: Transaction, name: str) -> int:
    network, _, id = name.partition("/")
    rows = tx.read(
        "select distinct post from posts where network = $network and id = $id", {"network": network, "id": id}
    )
    if rows.height != 1:
        raise DecisionRefused(f"{name} is not one post: name it as network/id.", said="no_post", name=name)
    return int(rows.item())


def _category(tx: Transaction, here: Found) -> str:
    sql = "select max_by(category, batch) as category from faces where root = $root"
    return str(tx.read(sql, {"root": here.root}).item())


def _value(tx: Transaction, here: Found, post: int | None, **told: str) -> str:
    """What a moderator's decision keeps: the code, what it is about, and evidence of one post for each wording."""
    rows = tx.read(statements.posts_of_record(), {"root": here.root})
    rows = rows.filter(pl.col("post") == post) if post is not None else rows.unique("wording", maintain_order=True)
    evidence = [
        {
            "network": row["network"], "id": row["id"], "url": row["url"], "created_at": row["created_at"].isoformat(),
            "collected_at": row["collected_at"].isoformat(), "sha256": hashlib.sha256(row["text"].encode()).hexdigest(),
        }
        for row in rows.head(MOST_EVIDENCE).iter_rows(named=True)
    ]  # fmt: skip
    scope = "record" if post is None else "post"
    return json.dumps({**told, "scope": scope, "evidence": evidence}, ensure_ascii=False)


def moderating() -> str:
    """The standing decisions of moderation of `$incident`, of all where it is null, oldest first."""
    return """
    select decision, decided_at, who, role, action, value, reason, follows, posts[1] as post from standing_decisions
    where ($incident::varchar is null or incident = $incident)
      and action in ('propose_hide', 'hide', 'unhide', 'report', 'clear')
    order by decided_at, decision
    """


def roots_showing() -> str:
    """The records whose face shows a version of one of the posts in `wanted` (post): root."""
    return """
    with versions as (select distinct version as shown from posts semi join wanted using (post)),
    candidates as (select distinct root from faces semi join versions using (shown)),
    latest as (
        select root, max_by(shown, batch) as shown from faces semi join candidates using (root) group by root
    )
    select root from latest semi join versions using (shown)
    """
