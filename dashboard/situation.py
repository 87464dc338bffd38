"""The situation: what is offered, what is asked for, where, and what changed; frames out, for a page and a wall.

Owns how what is open is counted and which request is urgent. Knows neither Streamlit nor words; how a record
stands is told by `dedupe.deciding.life`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl

from dedupe.current import current_records
from dedupe.deciding import life, matches, moderation
from dedupe.deciding.life import OPEN, STATES, TERMS, Terms
from dedupe.store import Store

RUMOURS, SENT = 6, 12
"""How many rumours, the most repeated first, and messages, the newest first, are listed."""
THREATS = ("danger", "threat", "hate", "doxing", "scam")
"""Flags of a text that somebody should look at."""
APART = ("role", "shift_note", "fired", "ceased")
"""Actions that are told elsewhere, or that nobody took."""

OFFERED, ASKED = pl.col("category") == "offer", pl.col("category") == "request"
PEOPLE = pl.col("left").fill_null(1)
"""Places left, or people who still need one. Who says no number counts as one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What the store holds for the situation, as of one version of it.

    `records` and `told` are those of `life.known`, hidden ones left out; `matched` as `matches.matches`; `deeds` has
    decided_at, who, role, action of every decision but those told elsewhere; `rumours` has text, network, url, posts,
    first_seen; `flags` maps each flag to how many records bear it; `sent` has decided_at, who, value.
    """

    records: pl.DataFrame
    told: pl.DataFrame
    matched: pl.DataFrame
    deeds: pl.DataFrame
    rumours: pl.DataFrame
    flags: dict[str, int]
    sent: pl.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What changed since `since`.

    `offers` and `requests` are new ones; `places` were given in `matches`, of which `arrived` and `fell_through` got an
    outcome since. `turned` has category, state, records: what was open and is so no more. `deeds` has who, role, action,
    times: who did what, most first.
    """

    since: datetime
    offers: int
    requests: int
    matches: int
    places: int
    arrived: int
    fell_through: int
    turned: pl.DataFrame
    deeds: pl.DataFrame


def read(store: Store, incident: str) -> Read:
    """Everything that changes with posts and decisions alone. Raises StoreError."""
    records, told = life.known(store, incident)
    rows = current_records(store, incident)
    hidden = moderation.hidden_records(store, incident).select("root")
    return Read(
        records=records.join(hidden, on="root", how="anti"),
        told=told,
        matched=matches.matches(store, incident),
        deeds=store.read(decided(), {"incident": incident, "apart": list(APART)}),
        rumours=_rumours(store, rows, incident),
        flags=_flags(store, rows, incident),
        sent=store.read(sent(), {"incident": incident, "most": SENT}),
    )


def balance(lives: pl.DataFrame) -> pl.DataFrame:
    """Places against people, by kind, the shortest first; what does not say which kind comes last. `lives` as `life.states`.

    Columns: kind, offers and requests (open ones), places (left in these offers), people (these requests are about), short
    (people for whom there is no place; 0 is enough).
    """
    return (
        _counted(lives, "kind")
        .with_columns(short=(pl.col("people") - pl.col("places")).clip(0))
        .sort(
            pl.col("kind").is_null(), "short", "people", "places", "kind", descending=[False, True, True, True, False]
        )
    )


def towns(lives: pl.DataFrame) -> pl.DataFrame:
    """What is open in each town, most first; what names no town has a row with place null, at the end.

    Columns: place, lat, lon, offers, requests, places, people, kinds (of the offers) and wanted (of the requests): lists of
    structs of kind and records, most first.
    """
    counted = _counted(lives, "place", "lat", "lon")
    for name, category in (("kinds", OFFERED), ("wanted", ASKED)):
        kinds = (
            lives.filter(category & pl.col("state").is_in(OPEN))
            .group_by("place", "lat", "lon", "kind")
            .agg(records=pl.len())
            .sort("records", "kind", descending=[True, False], nulls_last=True)
            .group_by("place", "lat", "lon", maintain_order=True)
            .agg(pl.struct("kind", "records").alias(name))
        )
        counted = counted.join(kinds, on=["place", "lat", "lon"], how="left", nulls_equal=True)
    total = pl.col("offers") + pl.col("requests")
    return counted.sort(pl.col("place").is_null(), -total.cast(pl.Int64), "place")


def _counted(lives: pl.DataFrame, *by: str) -> pl.DataFrame:
    there = lives.filter(pl.col("state").is_in(OPEN))
    return there.group_by(by).agg(
        offers=OFFERED.sum().cast(pl.Int64), requests=ASKED.sum().cast(pl.Int64),
        places=PEOPLE.filter(OFFERED).sum().cast(pl.Int64), people=PEOPLE.filter(ASKED).sum().cast(pl.Int64),
    )  # fmt: skip


def closed(lives: pl.DataFrame) -> dict[str, int]:
    """How many offers are no longer open, by state, in the order of STATES; states without any are left out."""
    counted = dict(lives.filter(OFFERED).group_by("state").len().iter_rows())
    return {state: int(counted[state]) for state in STATES if state not in OPEN and counted.get(state)}


def newest(lives: pl.DataFrame, most: int) -> list[dict[str, Any]]:
    """The newest open offers."""
    return _first(lives.filter(OFFERED).sort("first_seen", "record", descending=True), most)


def urgent(lives: pl.DataFrame, most: int) -> list[dict[str, Any]]:
    """The most urgent open requests.

    First those nobody has; of these those that say what and where, for they can be acted upon; then those that end soonest;
    then who waits longest.
    """
    vague = pl.any_horizontal(pl.col("kind", "place").is_null())
    order = [pl.col("holder").is_not_null(), vague, pl.col("until"), pl.col("first_seen"), pl.col("record")]
    return _first(lives.filter(ASKED).sort(order, nulls_last=True), most)


def _first(rows: pl.DataFrame, most: int) -> list[dict[str, Any]]:
    return rows.filter(pl.col("state").is_in(OPEN)).head(most).to_dicts()


def changes(found: Read, lives: pl.DataFrame, since: datetime, terms: Terms = TERMS) -> Changes:
    """What changed since `since`, by the incident's clock. `lives` is how things stand now, `terms` how long things hold.

    How they stood then is worked out by the same rules from the decisions taken until then; numbers that posts tell are
    taken as they are now.
    """
    moment = pl.lit(since.astimezone(UTC), life.WHEN)
    records = found.records.filter(pl.col("first_seen") <= moment)
    before = life.lives(records, found.told.filter(pl.col("decided_at") <= moment), since, terms)
    turned = (
        lives.join(before.filter(pl.col("state").is_in(OPEN)).select("root"), on="root", how="semi")
        .filter(~pl.col("state").is_in(OPEN))
        .group_by("category", "state")
        .agg(records=pl.len())
        .sort("category", "records", "state", descending=[False, True, False])
    )
    new = lives.filter(pl.col("first_seen") > moment)
    matched = found.matched.filter(pl.col("matched_at") > moment)
    ended = found.matched.filter(pl.col("outcome_at") > moment)["outcome"]
    deeds = found.deeds.filter(pl.col("decided_at") > moment).group_by("who", "role", "action").agg(times=pl.len())
    return Changes(
        since=since,
        offers=new.filter(OFFERED).height,
        requests=new.filter(ASKED).height,
        matches=matched.height,
        places=int(matched["places"].sum()),
        arrived=int((ended == "arrived").sum()),
        fell_through=int((ended == "fell_through").sum()),
        turned=turned,
        deeds=deeds.sort("who", "role", "times", "action", descending=[False, False, True, False]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message that was sent: `action` is the plan's, or what was written where the plan did not ask for it."""

    at: datetime
    who: str
    action: str
    networks: tuple[str, ...] = ()


def messages(found: Read) -> list[Message]:
    """The messages sent, newest first."""
    return [_message(row) for row in found.sent.iter_rows(named=True)]


def _message(row: dict[str, Any]) -> Message:
    try:
        told = json.loads(row["value"] or "")
    except ValueError:
        told = None
    told = told if isinstance(told, dict) else {"action": row["value"]}
    networks = told.get("networks")
    return Message(
        at=row["decided_at"],
        who=row["who"],
        action=str(told.get("action") or told.get("key") or ""),
        networks=tuple(map(str, networks)) if isinstance(networks, list) else (),
    )


def _rumours(store: Store, rows: pl.LazyFrame, incident: str) -> pl.DataFrame:
    columns = ("root", "network", "url", "lang", "text", "posts", "first_seen")
    claimed = rows.filter(pl.col("category") == "rumour").select(columns).collect()
    told = moderation.without_hidden(store, claimed, incident)
    return told.sort("posts", "first_seen", "root", descending=True).head(RUMOURS)


def _flags(store: Store, rows: pl.LazyFrame, incident: str) -> dict[str, int]:
    bearing = rows.filter(pl.col("flags").list.len() > 0).select("root", "text", "flags").collect()
    flagged = moderation.without_hidden(store, bearing, incident)
    counted = dict(flagged.explode("flags").group_by("flags").len().iter_rows())
    return {flag: int(counted[flag]) for flag in THREATS if counted.get(flag)}


def decided() -> str:
    """Every decision of `$incident` but `$apart`, taken back or not."""
    return """
    select decided_at, who, role, action from decisions
    where incident = $incident and not list_contains($apart, action) order by decided_at, decision
    """


def sent() -> str:
    """The last `$most` messages of `$incident` that people marked as sent."""
    return """
    select decided_at, who, value from standing_decisions where incident = $incident and action = 'sent'
    order by decided_at desc, decision limit $most
    """
