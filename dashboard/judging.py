"""What a person judges on the board: pairs, categories, records to split, posts that hurt, rumours; each a row that stays.

Owns the way from a button to the store, by the incident's clock. Every function raises NotAllowed, NotFound, DecisionRefused
and StoreError as the store's do, and gives the name by which `undo` takes it back.
"""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.board import Board
from dedupe import decisions, moderation, review, rumours
from dedupe.roles import Actor


def same(board: Board, record: str, other: str, by: Actor) -> str:
    """The two are one."""
    return review.same(board.store, record, other, by, at=board.now())


def not_the_same(board: Board, record: str, other: str, by: Actor) -> str:
    """The two are not one, for good."""
    return review.not_the_same(board.store, record, other, by, at=board.now())


def later(board: Board, record: str, other: str, by: Actor) -> str:
    """Ask this person again in an hour."""
    return review.later(board.store, record, other, by, at=board.now())


def relabel(board: Board, record: str, category: str, by: Actor) -> str:
    """Say what kind of message it is."""
    return decisions.relabel(board.store, record, category, by, at=board.now())


def split(board: Board, record: str, posts: Sequence[int], by: Actor) -> str:
    """Make the picked posts a record of their own."""
    return decisions.split(board.store, record, posts, by, at=board.now())


def hide(board: Board, record: str, code: str, by: Actor) -> str:
    """Hide a record, or propose that."""
    return moderation.hide(board.store, record, code, by, at=board.now())


def unhide(board: Board, name: str, by: Actor, *, post: bool) -> str:
    """Show a record, or one post (`network/id`), again."""
    return moderation.unhide(board.store, name, by, post=post, at=board.now())


def report(board: Board, record: str, where: str, by: Actor) -> str:
    """Note where it was reported."""
    return moderation.report(board.store, record, where, by, at=board.now())


def clear(board: Board, record: str, by: Actor) -> str:
    """It may stay."""
    return moderation.clear(board.store, record, by, at=board.now())


def judge_rumour(board: Board, records: Sequence[str], found: str, source: str, by: Actor) -> str:
    """Say how a claim stands and who confirms it."""
    return rumours.judge_rumour(board.store, records, found, by, source, at=board.now())


def undo(board: Board, decision: str, by: Actor) -> str:
    """Take it back."""
    return decisions.undo(board.store, decision, by, at=board.now())
