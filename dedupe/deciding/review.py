"""Review: pairs of records that may be one, for a person to judge.

Owns what is asked and what is not asked again: `same` is a merge, `not_the_same` is remembered for good, `later` hides a
pair from one person for an hour.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl

from dedupe import statements
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
    pairs = store.read(suggested_pairs())
    pairs = pairs.join(_judged(store, incident, by, now), on=["one", "two"], how="anti")
    wanted = pl.concat([pairs["one"], pairs["two"]]).unique().to_frame("root")
    shown = store.read(shown_records(), {"incident": incident}, frames={"wanted": wanted})
    other = shown.rename({name: f"other_{name}" for name in SHOWN})
    rows = pairs.join(shown, left_on="one", right_on="root").join(other, left_on="two", right_on="root")
    rows = rows.sort("strength", "record", "other_record", descending=[True, False, False]).head(limit)
    return rows.select("strength", "why", "against", *SHOWN, *(f"other_{name}" for name in SHOWN))


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


def suggested_pairs() -> str:
    """Pairs of roots between the two lines, the smaller root as `one`: one, two, strength, why, against."""
    return """
    with sides as (select wording from suggestions union select other from suggestions),
    rooted as (select wording, max_by(root, batch) as root from links semi join sides using (wording) group by wording),
    pairs as (
        select least(here.root, there.root) as one, greatest(here.root, there.root) as two, strength, why, against
        from suggestions
        join rooted as here on here.wording = suggestions.wording
        join rooted as there on there.wording = suggestions.other
        where here.root <> there.root
    )
    select one, two, max(strength) as strength, max_by(why, strength) as why, max_by(against, strength) as against
    from pairs group by one, two
    """


def shown_records() -> str:
    """What the records of `wanted` (root) in `$incident` show."""
    return """
    with latest as (select root, max(batch) as batch from records semi join wanted using (root) group by root),
    told as (select root, max(batch) as batch from faces semi join wanted using (root) group by root),
    said as (select faces.* exclude (batch) from faces join told using (root, batch) where incident = $incident)
    select root, record, category, kind, capacity, place, until, conditions, first_seen, network, url, lang, text, posts
    from records join latest using (root, batch) join said using (root) where posts > 0
    """
