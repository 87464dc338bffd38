"""The life of an offer or request: how it stands at a moment, told by what its posts say and what people decided.

Owns the rules. Nothing is stored but decisions: who has a record, how many places are left and whether it expired are
worked out from them and from the clock that is given, so that a hold runs out and a bed expires without a job doing it.

1. number   the last that counts: what a person said (`capacity`, an accepted proposal, `full` is 0), else the writer's own
2. places   left = number - places of matches made since it was told, + places of earlier ones that fell through since.
            Who says "1 place left" has taken off the guests they know of: matches before do not count down again
3. claim    the earliest that is not released, has not run out and was not followed by a match of the same person
4. state    withdrawn, full (nothing left), claimed, matched, what a person said else, expired, available: the first that holds
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import polars as pl

from dedupe import statements
from dedupe.current import current_help
from dedupe.store import Store, Transaction

WHEN = pl.Datetime("us", "UTC")

STATES = ("available", "claimed", "matched", "full", "withdrawn", "expired", "unknown")
FREE = ("available", "unknown")
"""States in which nobody has it and somebody may take it. What is unknown is asked after, never taken for gone."""
OPEN = (*FREE, "claimed")
"""States in which an offer may still be used, and a request still needs somebody: what is claimed may be let go again."""
GONE = ("full", "withdrawn", "matched")
"""States in which there is nothing to claim, confirm or match until somebody says otherwise."""

EXPIRY: Mapping[str, int] = {
    "ride": 180, "food": 360, "hands": 480, "shower": 720, "charging": 720, "parking": 720, "care": 720, "children": 720,
    "bed": 1440, "animal": 1440, "language": 1440, "material": 1440,
}  # fmt: skip
"""Minutes that an offer or request of each kind stands without being confirmed."""


TOLD = (
    "root", "record", "category", "kind", "place", "lat", "lon", "lang", "until", "conditions", "flags", "capacity", "capacity_at",
    "capacity_post", "first_seen", "last_confirmed", "proposal", "proposal_post",
)  # fmt: skip
"""The columns of `offers_and_requests`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How long things hold: a claim, and a record of each kind without a word; `other` for kinds not named (all minutes)."""

    hold: int = 15
    other: int = 720
    expiry: Mapping[str, int] = field(default_factory=lambda: EXPIRY)


TERMS = Terms()


def states(store: Store | Transaction, incident: str, now: datetime, terms: Terms = TERMS) -> pl.DataFrame:
    """How every offer and request of an incident stands at `now`, the incident's clock.

    Columns: root, record, category, kind, place, lat, lon, lang, first_seen
    state      one of STATES
    why        a code: said, emptied (people said full), counted, claim, until, unconfirmed, partly, or null
    said_by    who said the state
    holder, claim, held_until   who has it, by which decision, until when; null when nobody does
    claims     how many do: more than one only where two claimed records were merged; the earliest counts
    capacity, left   the number that counts and what is left of it; null when nobody said a number
    matched, over    places in standing matches, and those promised beyond the number
    until, last_confirmed, expires_at   the end that was told, unless somebody asked after it; the last word that it stands
    proposal, proposal_places, proposal_post   what a post proposes and nobody answered: full, or a number of places
    """
    return lives(*known(store, incident), now, terms)


def stands(store: Store | Transaction, incident: str, root: int, now: datetime, terms: Terms = TERMS) -> pl.DataFrame:
    """The same for one record: a row, or none when it is no offer or request."""
    return lives(*known(store, incident, root), now, terms)


def known(store: Store | Transaction, incident: str, root: int | None = None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What `lives` works on: it changes with posts and decisions alone, so a board reads it once for all who look.

    The rows of `offers_and_requests`, and those of `words_and_deeds` for each record that they touch (`root`).
    """
    if root is None and isinstance(store, Store):
        records = current_help(store, incident).select(TOLD)
    else:
        records = store.read(offers_and_requests(), {"incident": incident, "root": root})
    told = store.read(words_and_deeds(), {"incident": incident})
    sides = pl.when(pl.col("action") == "match").then(pl.col("posts").list.concat("others")).otherwise("posts")
    touched = told.select("decision", post=sides).explode("post")
    wanted = touched.select("post").drop_nulls().unique()
    found = store.read(statements.records_of_posts(), frames={"wanted": wanted})
    rooted = touched.join(found, on="post").select("decision", "root").unique()
    return records, rooted.join(told.drop("posts"), on="decision")


def lives(records: pl.DataFrame, told: pl.DataFrame, now: datetime, terms: Terms = TERMS) -> pl.DataFrame:
    """The rules, frames in and frame out: rows of `offers_and_requests` and `words_and_deeds`; columns as in `states`."""
    standing = told.filter(~pl.col("undone"))
    frame = (
        records.join(_numbers(standing), on="root", how="left")
        .join(_said(standing), on="root", how="left")
        .join(_holders(told, now), on="root", how="left")
        .join(_dealt(standing), on="root", how="left")
    )
    person = pl.col("number_at").is_not_null()
    frame = frame.with_columns(
        capacity=pl.when(person).then("number").otherwise("capacity"),
        base_at=pl.when(person).then("number_at").otherwise(pl.coalesce("capacity_at", "first_seen")),
        own=pl.col("capacity"),
    )
    frame = frame.join(_taken(frame.select("root", "base_at"), _matches(standing)), on="root", how="left").with_columns(
        pl.col("matched", "taken", "claims").fill_null(0)
    )
    free = pl.col("capacity") - pl.col("taken")
    frame = frame.with_columns(left=free.clip(0), over=(-free).clip(0).fill_null(0))
    return _stand(_proposed(_clocked(frame, now, terms)))


def _stand(frame: pl.DataFrame) -> pl.DataFrame:
    """4. state"""
    request = (pl.col("category") == "request") & ~pl.col("emptied").fill_null(value=False)
    gone = pl.col("left") == 0
    served = pl.col("capacity").is_null() & (pl.col("matched") > 0)
    rules = (
        (pl.col("said") == "withdrawn", pl.lit("withdrawn"), "said"),
        (gone & pl.col("emptied"), pl.lit("full"), "emptied"),
        (gone, pl.when(request).then(pl.lit("matched")).otherwise(pl.lit("full")), "counted"),
        (pl.col("holder").is_not_null(), pl.lit("claimed"), "claim"),
        (served, pl.lit("matched"), "counted"),
        (pl.col("said").is_not_null(), pl.col("said"), "said"),
        (pl.col("late").is_not_null(), pl.lit("expired"), None),
    )
    state: pl.Expr = pl.lit("available")
    why: pl.Expr = pl.when(pl.col("matched") > 0).then(pl.lit("partly"))
    for holds, word, reason in reversed(rules):
        state = pl.when(holds).then(word).otherwise(state)
        why = pl.when(holds).then(pl.lit(reason) if reason else pl.col("late")).otherwise(why)
    return frame.with_columns(state=state, why=why).select(
        *("root", "record", "category", "kind", "place", "lat", "lon", "lang", "first_seen", "state", "why"),
        pl.when(why == "said").then("said_by").alias("said_by"),
        *("holder", "claim", "held_until", "claims"),
        *("capacity", "left", "matched", "over", "until", "last_confirmed", "expires_at"),
        *("proposal", "proposal_places", "proposal_post"),
    )


def _clocked(frame: pl.DataFrame, now: datetime, terms: Terms) -> pl.DataFrame:
    """`last_confirmed` with people's words in it, `expires_at`, and `late`: why it expired, if it did."""
    minutes = pl.col("kind").replace_strict(dict(terms.expiry), default=terms.other, return_dtype=pl.Int64)
    confirmed = pl.max_horizontal("last_confirmed", "confirmed_at")
    outlived = pl.col("confirmed_at") >= pl.col("until")  # somebody asked after it should have ended
    until = pl.when(~outlived.fill_null(value=False)).then("until")
    frame = frame.with_columns(last_confirmed=confirmed, until=until, fades=confirmed + pl.duration(minutes=minutes))
    moment = pl.lit(now.astimezone(UTC), WHEN)
    return frame.with_columns(
        expires_at=pl.min_horizontal("until", "fades"),
        late=pl.when(pl.col("until") <= moment).then(pl.lit("until"))
        .when(pl.col("fades") <= moment).then(pl.lit("unconfirmed")),
    )  # fmt: skip


def _proposed(frame: pl.DataFrame) -> pl.DataFrame:
    """What posts propose and nobody answered. The writer's newer number waits where a person has said one."""
    dealt = pl.col("dealt").fill_null([])
    full = (
        (pl.col("proposal") == "full")
        & ~pl.col("proposal_post").is_in(dealt)
        & (pl.col("left") != 0).fill_null(value=True)
    )
    newer = (pl.col("capacity_at") > pl.col("number_at")) & ~pl.col("capacity_post").is_in(dealt)
    full, newer = full.fill_null(value=False), newer.fill_null(value=False)
    return frame.with_columns(
        proposal=pl.when(full).then(pl.lit("full")).when(newer).then(pl.lit("places")),
        proposal_places=pl.when(~full & newer).then("own"),
        proposal_post=pl.when(full).then("proposal_post").when(newer).then("capacity_post"),
    )


def _last(rows: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """Of each root the row decided last; decisions of one moment in the order of their ids, as everywhere."""
    return rows.sort("decided_at", "decision").group_by("root").agg(pl.col(columns).last())


def _numbers(standing: pl.DataFrame) -> pl.DataFrame:
    """1. number, as people said it: root, number, number_at (from when it counts), emptied (they said full)."""
    words = standing.filter(pl.col("action") == "state")
    full = words.filter(pl.col("value") == "full").with_columns(places=pl.lit(0, pl.Int32), since="decided_at")
    told = standing.filter(pl.col("action").is_in(["capacity", "accept"]))
    reopened = _last(words.filter(pl.col("value") != "full"), "decided_at").rename({"decided_at": "reopened_at"})
    rows = pl.concat([full, told]).join(reopened, on="root", how="left")
    stale = (pl.col("places") == 0) & (pl.col("decided_at") < pl.col("reopened_at"))
    rows = rows.filter(~stale.fill_null(value=False)).with_columns(emptied=pl.col("places") == 0)
    return _last(rows, "places", "since", "emptied").rename({"places": "number", "since": "number_at"})


def _said(standing: pl.DataFrame) -> pl.DataFrame:
    """The last state a person said and when one was confirmed: root, said, said_by, confirmed_at. That something is full
    or available is told by its places."""
    words = _last(standing.filter(pl.col("action") == "state"), "value", "who", "decided_at")
    good = (pl.col("action") == "confirm") | ((pl.col("action") == "state") & (pl.col("value") == "available"))
    good |= pl.col("action") == "capacity"
    confirmed = standing.filter(good).group_by("root").agg(confirmed_at=pl.col("decided_at").max())
    both = words.join(confirmed, on="root", how="full", coalesce=True)
    doubt = pl.col("value").is_in(["expired", "unknown"]) & (pl.col("confirmed_at") >= pl.col("decided_at"))
    void = pl.col("value").is_in(["full", "available"]) | doubt.fill_null(value=False)
    return both.select("root", said=pl.when(~void).then("value"), said_by="who", confirmed_at="confirmed_at")


def _holders(told: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """3. claim: root, holder, claim (its decision), held_until, and claims: how many people hold it."""
    standing = told.filter(~pl.col("undone"))
    follows = pl.col("follows")
    ended = standing.filter(pl.col("action") == "release").select(decision=follows)
    longer = standing.filter(pl.col("action") == "extend").group_by(decision=follows).agg(longest=pl.col("until").max())
    # A match uses a claim up, also one that was taken back since: who wants the record again claims it again.
    used = told.filter(pl.col("action") == "match").group_by("root", "who").agg(used_at=pl.col("decided_at").max())
    claims = (
        standing.filter(pl.col("action") == "claim")
        .join(ended, on="decision", how="anti")
        .join(longer, on="decision", how="left")
        .join(used, on=["root", "who"], how="left")
        .with_columns(until=pl.max_horizontal("until", "longest"))
        .filter(pl.col("until") > pl.lit(now.astimezone(UTC), WHEN))
        .filter((pl.col("used_at") < pl.col("decided_at")).fill_null(value=True))
        .sort("decided_at", "decision")
    )
    return claims.group_by("root").agg(
        holder=pl.col("who").first(), claim=pl.col("decision").first(), held_until=pl.col("until").first(),
        claims=pl.col("who").n_unique().cast(pl.Int64),
    )  # fmt: skip


def _matches(standing: pl.DataFrame) -> pl.DataFrame:
    """Standing matches, a row for each side: root, decided_at, places, outcome, outcome_at."""
    outcomes = standing.filter(pl.col("action").is_in(["arrived", "fell_through"])).unique("decision")
    last = outcomes.sort("decided_at", "decision").group_by(decision="follows").agg(
        outcome=pl.col("action").last(), outcome_at=pl.col("decided_at").last()
    )  # fmt: skip
    return standing.filter(pl.col("action") == "match").join(last, on="decision", how="left")


def _taken(bases: pl.DataFrame, matches: pl.DataFrame) -> pl.DataFrame:
    """2. places: root, taken (of the number), matched (in all)."""
    fell = (pl.col("outcome") == "fell_through").fill_null(value=False)
    since = pl.col("decided_at") >= pl.col("base_at")
    freed = fell & ~since & (pl.col("outcome_at") >= pl.col("base_at"))
    places = pl.col("places")
    return (
        matches.join(bases, on="root")
        .group_by("root")
        .agg(
            taken=places.filter(~fell & since).sum() - places.filter(freed).sum(),
            matched=places.filter(~fell).sum(),
        )
        .cast({"taken": pl.Int64, "matched": pl.Int64})
    )


def _dealt(standing: pl.DataFrame) -> pl.DataFrame:
    """The posts whose proposals people answered: root, dealt."""
    answers = standing.filter(pl.col("action").is_in(["accept", "refuse"]))
    return answers.group_by("root").agg(dealt=pl.col("others").explode(keep_nulls=False, empty_as_null=False))


def offers_and_requests() -> str:
    """The offers and requests of `$incident`, of `$root` alone unless it is null, as their posts tell. The narrow columns
    are read first."""
    return """
    with mine as materialized (
        select distinct root from faces
        where incident = $incident and category in ('offer', 'request') and ($root::bigint is null or root = $root)
    ), latest as (
        select root, max(batch) as batch from records semi join mine using (root) group by root
    ), shown as (
        select root, max(batch) as batch from faces semi join mine using (root) group by root
    ), said as (
        select root, category, kind, place, lat, lon, lang, until, conditions, flags from faces join shown using (root, batch)
    )
    select root, record, category, kind, place, lat, lon, lang, until, coalesce(conditions, []) as conditions,
           coalesce(flags, []) as flags, capacity, capacity_at, capacity_post, first_seen,
           last_confirmed, proposal, proposal_post
    from records join latest using (root, batch) join said using (root)
    where posts > 0 and category in ('offer', 'request')
    """


def words_and_deeds() -> str:
    """What people decided in `$incident` about how records stand, taken back or not."""
    return """
    select decision, decided_at, who, action, posts, others, value, until, since, places, follows,
           coalesce(decision in (select undoes from decisions where undoes is not null), false) as undone
    from decisions
    where incident = $incident
      and action in ('claim', 'release', 'extend', 'confirm', 'capacity', 'accept', 'refuse', 'match', 'arrived',
                     'fell_through', 'state')
    """
