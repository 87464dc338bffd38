"""Review: pairs of records that may be one, for a person to judge.

Owns what is asked and what is not asked again: `same` is a merge, `not_the_same` is remembered for good, `later` hides a
pair from one person for an hour.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from dedupe import statements
from dedupe.current import current_records, current_roots
from dedupe.deciding.decisions import act, concerned, find_record, merge, write
from dedupe.deciding.roles import Actor
from dedupe.errors import DecisionRefused
from dedupe.store import Store, Transaction

LATER = timedelta(hours=1)
SHOWN = (
    *("record", "category", "kind", "capacity", "place", "until", "conditions", "first_seen"),
    *("network", "url", "lang", "text", "posts"),
)


def suggested_merges(store: Store, incident: str, by: Actor, now: datetime, *, limit: int = 50) -> pl.DataFrame:
    """The pairs `by` has not judged, the likeliest first, at most `limit`.

    Columns: strength (0.5 to 0.8), why and against (codes of `evidence.WHY` and `AGAINST`); record, category, kind, capacity,
    place, until, conditions, first_seen, network, url, lang, text, posts of the one, and the same of the other as
    other_record, … other_posts.
    """
    pairs = _suggested(store).join(_judged(store, incident, by, now), on=["one", "two"], how="anti")
    rows = current_records(store, incident)
    wanted = pl.concat([pairs["one"], pairs["two"]]).unique().implode()
    shown = rows.filter(pl.col("root").is_in(wanted)).select("root", *SHOWN).collect()
    other = shown.rename({name: f"other_{name}" for name in SHOWN})
    both = pairs.join(shown, left_on="one", right_on="root").join(other, left_on="two", right_on="root")
    both = both.sort("strength", "record", "other_record", descending=[True, False, False]).head(limit)
    return both.select("strength", "why", "against", *SHOWN, *(f"other_{name}" for name in SHOWN))


def _suggested(store: Store) -> pl.DataFrame:
    """Pairs of roots between the two lines, the smaller root as `one`: one, two, strength, why, against."""
    pairs = store.read("select wording, other, strength, why, against from suggestions")
    sides = pl.concat([pairs["wording"], pairs["other"]]).implode()
    roots = current_roots(store).filter(pl.col("wording").is_in(sides)).select("wording", "root")
    pairs = pairs.join(roots, on="wording").join(roots, left_on="other", right_on="wording", suffix="_other")
    pairs = pairs.select(
        pl.min_horizontal("root", "root_other").alias("one"), pl.max_horizontal("root", "root_other").alias("two"),
        "strength", "why", "against",
    )  # fmt: skip
    surest = pairs.filter(pl.col("one") != pl.col("two")).sort(
        "strength", "why", "against", descending=[True, False, False]
    )
    return surest.unique(["one", "two"], keep="first")


def same(store: Store, record: str, other: str, by: Actor, reason: str = "", *, at: datetime | None = None) -> str:
    """The two are one: a merge."""
    return merge(store, record, other, by, reason, at=at)


def not_the_same(
    store: Store, record: str, other: str, by: Actor, reason: str = "", *, at: datetime | None = None
) -> str:
    """The two are not one: nobody is asked again. Gives the decision's id. Raises NotAllowed, NotFound, DecisionRefused."""
    return _judge(store, "apart", record, other, by, reason, at)


def later(store: Store, record: str, other: str, by: Actor, *, at: datetime | None = None) -> str:
    """Ask this person again in an hour. Gives the decision's id. Raises NotAllowed, NotFound, DecisionRefused."""
    return _judge(store, "later", record, other, by, "", at)


def _judge(store: Store, action: str, record: str, other: str, by: Actor, reason: str, at: datetime | None) -> str:
    doing = act(by, reason, at)

    def work(tx: Transaction) -> str:
        here, there = concerned(tx, doing, action, record), find_record(tx, other)
        if here.root == there.root:
            raise DecisionRefused(f"{record} and {other} are one record: split it instead.", said="one_already")
        until = doing.at + LATER if action == "later" else None
        return write(tx, doing, action, here.incident, [here.first_post], [there.first_post], until=until)

    return store.in_turn(work)


def _judged(store: Store, incident: str, by: Actor, now: datetime) -> pl.DataFrame:
    """The pairs not to ask: one, two (roots, the smaller first)."""
    said = store.read(judged_pairs(), {"incident": incident, "who": by.who, "now": now.astimezone(UTC)})
    posts = pl.concat([said["here"], said["there"]]).unique().to_frame("post")
    found = store.read(statements.records_of_posts(), frames={"wanted": posts}).select("post", "root")
    both = said.join(found, left_on="here", right_on="post").join(
        found, left_on="there", right_on="post", suffix="_there"
    )
    return both.select(one=pl.min_horizontal("root", "root_there"), two=pl.max_horizontal("root", "root_there"))


def judged_pairs() -> str:
    """The posts of pairs of `$incident` that stand apart, and of those `$who` put off until after `$now`: here, there."""
    return """
    select posts[1] as here, others[1] as there from standing_decisions
    where incident = $incident and (action = 'apart' or (action = 'later' and who = $who and until > $now))
    """
