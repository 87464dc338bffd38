"""A call at the desk: what the form holds, the words it becomes, and the way from the button to the store.

Owns the wording of a call, which the reader must read back as it was meant, and what is held back for a second look.
Making it a post is the business of `Board.take_call`; what a person decides about it is in `dedupe.deciding.calls`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import polars as pl

from dashboard.board import Board
from dashboard.words import Words
from dedupe.deciding.calls import DESK, Draft, Settled, check_call, last_calls, read_call, settle, take_back
from dedupe.deciding.roles import Actor

CATEGORIES = ("offer", "request")
KINDS = (
    *("bed", "ride", "food", "shower", "material", "care"),
    *("children", "animal", "charging", "parking", "hands", "language"),
)
"""The kinds of help, those that are asked for most first."""
LONGEST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What was heard. Empty where nothing was said; `places` counts people, or what the kind counts."""

    category: str = "offer"
    kind: str = "bed"
    places: int | None = None
    town: str = ""
    until: str = ""
    contact: str = ""
    conditions: str = ""
    said: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed yet: a kind alone helps nobody."""
        return not any(each.strip() for each in (self.town, self.contact, self.conditions, self.said))


def sentence(call: Call, words: Words) -> str:
    """The call as a post, in the language of the desk: first what the board sorts by, then what was said."""
    thing = (
        words.say(f"desk.some_{call.kind}")
        if call.places is None
        else words.count(f"desk.many_{call.kind}", call.places)
    )
    parts = [words.say(f"desk.says_{call.category}", thing=thing)]
    for name, value in (("in", call.town), ("until", call.until)):
        if value.strip():
            parts.append(words.say(f"desk.says_{name}", value=_short(value)))
    first = " ".join(parts)
    more = [words.say("desk.says_if", value=_short(call.conditions))] if call.conditions.strip() else []
    return ". ".join(part for part in (first, *more, _short(call.said), _short(call.contact)) if part)


def _short(value: str) -> str:
    return " ".join(value.split())[:LONGEST]


def draft(board: Board, call: Call, words: Words) -> Draft:
    """How the call reads now, and which records it is like. Raises StoreError."""
    return _draft(board, sentence(call, words))


def _draft(board: Board, text: str) -> Draft:
    return read_call(board.store, board.incident.id, text, board.now())


def take(
    board: Board, by: Actor, call: Call, words: Words, *, same_as: str | None = None, apart: bool = False
) -> tuple[str, Settled]:
    """Take the call in. Gives its name (`network/id`) and what became of it; `same_as` and `apart` as in `calls.settle`.

    Raises NotAllowed or IncidentRefused before anything is written, NotFound, DecisionRefused, StoreError, LookupError on a
    board that takes none.
    """
    check_call(board.store, by, board.incident.id)
    if board.take_call is None:
        raise LookupError("this board takes no calls")
    now = board.now()
    name = board.take_call(sentence(call, words), f"{DESK} {secrets.token_hex(6)}", now)
    return name, settle(board.store, name, by, category=call.category, same_as=same_as, apart=apart, at=now)


def undo_call(board: Board, by: Actor, decision: str) -> None:
    """Take a call back. Raises NotAllowed, NotFound, StoreError."""
    take_back(board.store, decision, by, at=board.now())


def taken(board: Board, by: Actor) -> pl.DataFrame:
    """The last calls this person took, as `calls.last_calls`. Raises StoreError."""
    return last_calls(board.store, board.incident.id, by.who)
