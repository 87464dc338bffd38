"""Matches: an offer and a request brought together, and what came of it.

Owns the checks that no place is given twice. A match names a post of each side and how many people; both sides count it.
`at` is the incident's clock, now by default; each function gives the decision's id. Nothing is sent by it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl

from dedupe import statements
from dedupe.deciding.claims import free_for, standing, still_there
from dedupe.deciding.decisions import Act, act, write
from dedupe.deciding.roles import Actor, check
from dedupe.errors import DecisionRefused, NotFound
from dedupe.store import Store, Transaction


def match(
    store: Store, offer: str, request: str, by: Actor, reason: str = "", *,
    places: int | None = None, at: datetime | None = None,
) -> str:  # fmt: skip
    """Give places of an offer to a request: all that fit unless `places` says how many.

    Needs no claim, but neither side may be another's. A claim of one's own is used up by it. Raises NotAllowed, NotFound,
    Held, or DecisionRefused: not an offer and a request, gone, more than is free or needed.
    """
    doing = act(by, reason, at)
    return store.in_turn(lambda tx: match_in(tx, doing, offer, request, places))


def arrived(store: Store, match: str, by: Actor, reason: str = "", *, at: datetime | None = None) -> str:
    """Say that the people of a match are there. Raises NotAllowed, NotFound, DecisionRefused."""
    doing = act(by, reason, at)
    return store.in_turn(lambda tx: _outcome(tx, doing, "arrived", match))


def fell_through(store: Store, match: str, by: Actor, reason: str = "", *, at: datetime | None = None) -> str:
    """Say that nothing came of a match: both sides are free again. Raises NotAllowed, NotFound, DecisionRefused."""
    doing = act(by, reason, at)
    return store.in_turn(lambda tx: _outcome(tx, doing, "fell_through", match))


def matches(store: Store | Transaction, incident: str) -> pl.DataFrame:
    """The standing matches, newest first.

    Columns: match (its decision), matched_at, who, role, offer and request (ids of records; null when a side is gone),
    places, outcome (arrived, fell_through or null), outcome_at, outcome_by, outcome_said (the decision that said so), reason.
    """
    rows = store.read(standing_matches(), {"incident": incident})
    posts = pl.concat([rows["giving"], rows["taking"]]).unique().to_frame("post")
    found = store.read(statements.records_of_posts(), frames={"wanted": posts}).select("post", "record")
    for side, name in (("giving", "offer"), ("taking", "request")):
        named = found.rename({"post": side, "record": name})
        rows = rows.join(named, on=side, how="left", maintain_order="left").drop(side)
    return rows


def match_in(tx: Transaction, doing: Act, offer: str, request: str, places: int | None = None) -> str:
    """`match` inside a transaction."""
    here, giving = standing(tx, doing, "match", offer)
    there, taking = standing(tx, doing, "match", request)
    if (giving["category"], taking["category"]) != ("offer", "request"):
        raise DecisionRefused("A match needs an offer and a request, in this order.", said="sides")
    if here.incident != there.incident:
        raise DecisionRefused("The offer and the request are of two incidents.", said="two_incidents")
    for stand in (giving, taking):
        free_for(stand, doing.by)
        still_there(stand)
    rooms = [stand["left"] for stand in (giving, taking) if stand["left"] is not None]
    given = min(rooms, default=1) if places is None else places
    if given < 1 or given > min(rooms, default=given):
        most = min(rooms, default=given)
        raise DecisionRefused(
            f"{given} is no number of places here: {most} can be matched.", said="places", asked=given, most=most
        )
    return write(tx, doing, "match", here.incident, [here.first_post], [there.first_post], places=given)


def _outcome(tx: Transaction, doing: Act, action: str, match: str) -> str:
    check(doing.by, action)
    rows = tx.read("from standing_decisions where decision = $match and action = 'match'", {"match": match})
    if rows.height == 0:
        raise NotFound(f"No match goes by {match}.")
    row: dict[str, Any] = rows.row(0, named=True)
    earlier = tx.read(
        "select action from standing_decisions where follows = $match and action in ('arrived', 'fell_through')",
        {"match": match},
    )
    if earlier.height:
        raise DecisionRefused("What came of it was said already: take that back first.", said="outcome")
    return write(tx, doing, action, row["incident"], row["posts"], row["others"], places=row["places"], follows=match)


def standing_matches() -> str:
    """The matches of `$incident` that were not taken back, with what came of each."""
    return """
    with outcomes as (
        select follows as match, action as outcome, decided_at as outcome_at, who as outcome_by, decision as outcome_said
        from standing_decisions where incident = $incident and action in ('arrived', 'fell_through')
    )
    select matches.decision as match, matches.decided_at as matched_at, matches.who, matches.role, matches.posts[1] as giving,
           matches.others[1] as taking, matches.places, outcome, outcome_at, outcome_by, outcome_said, matches.reason
    from standing_decisions as matches left join outcomes on outcomes.match = matches.decision
    where matches.incident = $incident and matches.action = 'match'
    order by matched_at desc, match
    """
