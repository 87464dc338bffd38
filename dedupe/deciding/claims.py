"""Claims and statements: who is on an offer or request, and what people heard about it.

Owns claim, release, extend, "still true", the number of places, and the answers to what posts propose. A claim runs out
by itself: `life` compares it with the clock. Every function is one decision, written in turn with the look that allows it.
`at` is the incident's clock, now by default; each gives the decision's id.

All raise NotAllowed, NotFound, Held (somebody else has it) and DecisionRefused.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dedupe.deciding.decisions import Act, Found, act, concerned, write
from dedupe.deciding.life import GONE, TERMS, Terms, stands
from dedupe.deciding.roles import Actor, check_other
from dedupe.errors import DecisionRefused, Held
from dedupe.store import Store, Transaction


def claim(
    store: Store, record: str, by: Actor, reason: str = "", *, at: datetime | None = None, terms: Terms = TERMS
) -> str:
    """Take an offer or request on for `terms.hold` minutes. One that expired may be claimed: somebody must ask."""
    doing = act(by, reason, at)
    return store.in_turn(lambda tx: claim_in(tx, doing, record, terms))


def release(store: Store, record: str, by: Actor, reason: str = "", *, at: datetime | None = None) -> str:
    """Let go of a claim before it runs out. A coordinator may do so for others."""
    doing = act(by, reason, at)
    return store.in_turn(lambda tx: release_in(tx, doing, record))


def extend(
    store: Store, record: str, by: Actor, reason: str = "", *, at: datetime | None = None, terms: Terms = TERMS
) -> str:
    """Hold a claim `terms.hold` minutes from now."""
    doing = act(by, reason, at)
    return store.in_turn(lambda tx: extend_in(tx, doing, record, terms))


def confirm(store: Store, record: str, by: Actor, reason: str = "", *, at: datetime | None = None) -> str:
    """Say that it still stands: it expires later, and is no longer unknown or expired."""
    doing = act(by, reason, at)
    return store.in_turn(lambda tx: confirm_in(tx, doing, record))


def recount(store: Store, record: str, places: int, by: Actor, reason: str = "", *, at: datetime | None = None) -> str:
    """Say how many places are free (or still needed) as of now. Of what the writer says later, the board proposes it."""
    doing = act(by, reason, at)

    def work(tx: Transaction) -> str:
        here, _ = standing(tx, doing, "capacity", record)
        if not 0 <= places <= 9_999:
            raise DecisionRefused("A number of places is between 0 and 9999.", said="count", most=9_999)
        return write(
            tx, doing, "capacity", here.incident, [here.first_post], value=str(places), places=places, since=doing.at
        )

    return store.in_turn(work)


def accept(store: Store, record: str, by: Actor, reason: str = "", *, at: datetime | None = None) -> str:
    """Take over what a post proposes (full, or a number of places), as of when that post was written."""
    doing = act(by, reason, at)

    def work(tx: Transaction) -> str:
        here, stand = standing(tx, doing, "accept", record)
        post = _proposing(stand)
        sql = "select max(coalesce(edited_at, created_at)) as said_at from posts where post = $post"
        said_at = tx.read(sql, {"post": post}).item()
        places = 0 if stand["proposal"] == "full" else stand["proposal_places"]
        return write(
            tx, doing, "accept", here.incident, [here.first_post], [post],
            value=stand["proposal"], places=places, since=said_at,
        )  # fmt: skip

    return store.in_turn(work)


def refuse(store: Store, record: str, by: Actor, reason: str = "", *, at: datetime | None = None) -> str:
    """Say that what a post proposes is not so. It is remembered for that post; a later one may propose again."""
    doing = act(by, reason, at)

    def work(tx: Transaction) -> str:
        here, stand = standing(tx, doing, "refuse", record)
        post = _proposing(stand)
        return write(tx, doing, "refuse", here.incident, [here.first_post], [post], value=stand["proposal"])

    return store.in_turn(work)


def claim_in(tx: Transaction, doing: Act, record: str, terms: Terms = TERMS) -> str:
    """`claim` inside a transaction."""
    here, stand = standing(tx, doing, "claim", record)
    if stand["holder"] is not None:
        raise Held(stand["holder"], stand["held_until"])
    still_there(stand)
    until = doing.at + timedelta(minutes=terms.hold)
    return write(tx, doing, "claim", here.incident, [here.first_post], until=until)


def release_in(tx: Transaction, doing: Act, record: str) -> str:
    """`release` inside a transaction."""
    here, stand = standing(tx, doing, "release", record)
    if stand["holder"] is None:
        raise DecisionRefused("Nobody has it: there is nothing to release.", said="nobody")
    check_other(doing.by, "release", stand["holder"])
    return write(tx, doing, "release", here.incident, [here.first_post], follows=stand["claim"])


def extend_in(tx: Transaction, doing: Act, record: str, terms: Terms = TERMS) -> str:
    """`extend` inside a transaction."""
    here, stand = standing(tx, doing, "extend", record)
    if stand["holder"] is None:
        raise DecisionRefused("You do not have it any more: claim it again.", said="not_held")
    if stand["holder"] != doing.by.who:
        raise Held(stand["holder"], stand["held_until"])
    until = doing.at + timedelta(minutes=terms.hold)
    return write(tx, doing, "extend", here.incident, [here.first_post], until=until, follows=stand["claim"])


def confirm_in(tx: Transaction, doing: Act, record: str) -> str:
    """`confirm` inside a transaction."""
    here, stand = standing(tx, doing, "confirm", record)
    still_there(stand)
    return write(tx, doing, "confirm", here.incident, [here.first_post])


def standing(tx: Transaction, doing: Act, action: str, record: str) -> tuple[Found, dict[str, Any]]:
    """The record an action is about and how it stands (a row of `life.stands`)."""
    here = concerned(tx, doing, action, record)
    rows = stands(tx, here.incident, here.root, doing.at)
    if rows.height == 0:
        raise DecisionRefused(f"{record} is no offer and no request: say first what it is.", said="neither")
    return here, rows.row(0, named=True)


def free_for(stand: dict[str, Any], by: Actor) -> None:
    """Raises Held when somebody else has the record."""
    if stand["holder"] not in (None, by.who):
        raise Held(stand["holder"], stand["held_until"])


def still_there(stand: dict[str, Any]) -> None:
    """Raises DecisionRefused when nothing is left of an offer or request."""
    if stand["state"] in GONE:
        what, state = stand["category"], stand["state"]
        raise DecisionRefused(
            f"The {what} is {state}: say first how many places it has.", said="gone", what=what, state=state
        )


def _proposing(stand: dict[str, Any]) -> int:
    if stand["proposal"] is None:
        raise DecisionRefused("No post proposes anything that was not answered.", said="answered")
    return int(stand["proposal_post"])
