"""What a person does with records on the board, helping, judging and moderating: each a decision of theirs, by its clock.

Owns the way from a button to the store's decisions, and which action a button asks a role for. The rules are the store's:
all here raise what it raises (NotAllowed, Held, DecisionRefused, NotFound, StoreError).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from dashboard.board import Board
from dedupe.deciding import bulk, claims, decisions, matches, moderation, notes, reveals, review, rumours
from dedupe.deciding.roles import Actor
from dedupe.learning import steps

Deed = Callable[[Board, Actor, str], str]
"""Something done to a record by one click. Gives the decision's id."""


def claim(board: Board, by: Actor, record: str) -> str:
    """Take it on for as long as a claim holds."""
    return claims.claim(board.store, record, by, at=board.now(), terms=board.terms)


def extend(board: Board, by: Actor, record: str) -> str:
    """Hold it longer."""
    return claims.extend(board.store, record, by, at=board.now(), terms=board.terms)


def release(board: Board, by: Actor, record: str) -> str:
    """Let go of it."""
    return claims.release(board.store, record, by, at=board.now())


def confirm(board: Board, by: Actor, record: str) -> str:
    """It still stands."""
    return claims.confirm(board.store, record, by, at=board.now())


def accept(board: Board, by: Actor, record: str) -> str:
    """What a post proposes is so."""
    return claims.accept(board.store, record, by, at=board.now())


def refuse(board: Board, by: Actor, record: str) -> str:
    """What a post proposes is not so."""
    return claims.refuse(board.store, record, by, at=board.now())


def full(board: Board, by: Actor, record: str) -> str:
    """Nothing is left of it."""
    return decisions.set_state(board.store, record, "full", by, at=board.now())


def withdraw(board: Board, by: Actor, record: str) -> str:
    """It was taken back by who wrote it."""
    return decisions.set_state(board.store, record, "withdrawn", by, at=board.now())


def reopen(board: Board, by: Actor, record: str) -> str:
    """It is there again."""
    return decisions.set_state(board.store, record, "available", by, at=board.now())


DEEDS: Mapping[str, Deed] = {
    "claim": claim, "extend": extend, "release": release, "confirm": confirm, "accept": accept, "refuse": refuse,
    "full": full, "withdraw": withdraw, "reopen": reopen,
}  # fmt: skip
NEEDS: Mapping[str, str] = {"full": "state", "withdraw": "state", "reopen": "state"}
"""The action a role must be allowed for a deed, where it has another name."""


def recount(board: Board, by: Actor, record: str, places: int) -> str:
    """So many places are free, or still needed."""
    return claims.recount(board.store, record, places, by, at=board.now())


def note(board: Board, by: Actor, record: str, text: str) -> str:
    """Write something beside it."""
    return notes.note(board.store, record, text, by, at=board.now())


def reveal(board: Board, by: Actor, record: str, reason: str) -> str:
    """The contact of who wrote it; that it was shown stays on record."""
    return reveals.reveal(board.store, record, by, reason, at=board.now())


def undo(board: Board, by: Actor, decision: str) -> str:
    """Take a decision back, or all of one go."""
    return decisions.undo(board.store, decision, by, at=board.now())


def match(board: Board, by: Actor, offer: str, request: str, places: int | None) -> str:
    """Bring an offer and a request together; `places` None for as many as fit."""
    return matches.match(board.store, offer, request, by, places=places, at=board.now())


def arrived(board: Board, by: Actor, match: str) -> str:
    """The people of a match are there."""
    return matches.arrived(board.store, match, by, at=board.now())


def fell_through(board: Board, by: Actor, match: str) -> str:
    """Nothing came of a match: both sides are free again."""
    return matches.fell_through(board.store, match, by, at=board.now())


def same(board: Board, by: Actor, record: str, other: str) -> str:
    """The two are one."""
    return review.same(board.store, record, other, by, at=board.now())


def not_the_same(board: Board, by: Actor, record: str, other: str) -> str:
    """The two are not one, for good."""
    return review.not_the_same(board.store, record, other, by, at=board.now())


def later(board: Board, by: Actor, record: str, other: str) -> str:
    """Ask this person again in an hour."""
    return review.later(board.store, record, other, by, at=board.now())


def relabel(board: Board, by: Actor, record: str, category: str) -> str:
    """Say what kind of message it is."""
    return decisions.relabel(board.store, record, category, by, at=board.now())


def roll_back(board: Board, by: Actor, reason: str) -> None:
    """Take what the board learnt last out of force, for all records."""
    steps.roll_back(board.store, by, reason)


def split(board: Board, by: Actor, record: str, posts: Sequence[int]) -> str:
    """Make the picked posts a record of their own."""
    return decisions.split(board.store, record, posts, by, at=board.now())


def hide(board: Board, by: Actor, record: str, code: str) -> str:
    """Hide a record, or propose that."""
    return moderation.hide(board.store, record, code, by, at=board.now())


def unhide(board: Board, by: Actor, name: str, *, post: bool) -> str:
    """Show a record, or one post (`network/id`), again."""
    return moderation.unhide(board.store, name, by, post=post, at=board.now())


def report(board: Board, by: Actor, record: str, where: str) -> str:
    """Note where it was reported."""
    return moderation.report(board.store, record, where, by, at=board.now())


def clear(board: Board, by: Actor, record: str) -> str:
    """It may stay."""
    return moderation.clear(board.store, record, by, at=board.now())


def judge_rumour(board: Board, by: Actor, records: Sequence[str], found: str, source: str) -> str:
    """Say how a claim stands and who confirms it."""
    return rumours.judge_rumour(board.store, records, found, by, source, at=board.now())


MANY: Mapping[str, tuple[str, str]] = {
    "claim": ("claim", ""), "release": ("release", ""), "confirm": ("confirm", ""), "full": ("state", "full"),
    "withdraw": ("state", "withdrawn"),
}  # fmt: skip
"""What can be done to many records at once: the action and its value."""


def many(board: Board, by: Actor, records: Sequence[str], deed: str, *, preview: bool) -> bulk.Bulk:
    """One of `MANY` for each record; with `preview` only what would become of them."""
    action, value = MANY[deed]
    return bulk.bulk(board.store, records, action, by, value=value, at=board.now(), preview=preview, terms=board.terms)
