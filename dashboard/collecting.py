"""What a person does on the board that changes what is collected, each a row that stays.

Owns the way from a button to the store. Whoever collects, in this process or another, follows within seconds.
"""

from __future__ import annotations

from dashboard.board import Board
from dashboard.incident import change
from dedupe.deciding.roles import Actor, check
from dedupe.errors import NotFound, StoreError
from dedupe.incidents import Incident, incident_by_id
from dedupe.steering import Action, steer


def tell_source(board: Board, by: Actor, source: str, action: Action) -> None:
    """Pause a source of the board's incident, or have it asked again. Raises NotAllowed, StoreError."""
    check(by, "incident")
    steer(board.store, board.incident.id, source, action, by.who)


def watched(board: Board) -> Incident | None:
    """The board's incident as it is watched now; None where nobody opened it, as for the demo night. Raises StoreError."""
    try:
        return incident_by_id(board.store, board.incident.id)
    except NotFound:
        return None


def hashtags(board: Board) -> tuple[tuple[str, ...], bool]:
    """What is watched now, and whether it was closed; where that cannot be told, what was watched when the board began."""
    try:
        found = watched(board)
    except StoreError:
        found = None
    return (board.incident.tags, False) if found is None else (found.hashtags, not found.is_open)


def add_variant(board: Board, by: Actor, word: str) -> str:
    """Watch one more spelling of the hashtag. Returns it without its #.

    Raises NotAllowed, IncidentRefused when it is no hashtag, NotFound, StoreError.
    """
    change(board, by, board.incident.id, add=(word,))
    return word.strip().removeprefix("#")
