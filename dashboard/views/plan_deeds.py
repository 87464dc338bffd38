"""What a click on the plan does: a decision in the name of who looks, or the error that says why not.

Owns where that error waits for the page to be drawn, and what somebody filled in until it is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from dashboard import planning
from dashboard.board import Board
from dashboard.course import key_of, told_of
from dashboard.fillings import Known
from dashboard.views.who import me
from dashboard.visitors import can
from dedupe.deciding.decisions import undo
from dedupe.deciding.plan_deeds import Deed, do
from dedupe.errors import DedupeError
from playbooks.clock import Due
from playbooks.clock import step as stepped

FAILED = "plan failed"
FILLED = "plan filled"


def may_mark() -> bool:
    """Whether to offer what the plan asks of people."""
    return can(me(), "plan")


def filled(entry: Due) -> dict[str, str]:
    """What this viewer filled in for one action's turn; kept until it is sent or skipped."""
    held: dict[str, dict[str, str]] = st.session_state.setdefault(FILLED, {})
    return held.setdefault(key_of(entry), {})


def keep(entry: Due, name: str, widget: str) -> None:
    """Keep what was typed into a field."""
    filled(entry)[name] = str(st.session_state[widget])


def sent(board: Board, entry: Due, networks: Sequence[str], language: str) -> None:
    """Mark as sent on `networks`, or as done when there are none."""
    _do(board, "sent", key_of(entry), {**told_of(entry), "networks": list(networks), "language": language})
    st.session_state.get(FILLED, {}).pop(key_of(entry), None)


def skipped(board: Board, entry: Due, widget: str) -> None:
    """Skip, for the reason typed into `widget`."""
    _do(board, "skipped", key_of(entry), told_of(entry), reason=str(st.session_state.get(widget) or ""))


def checked(board: Board, rumour: str) -> None:
    """Note that the answer to a rumour was checked now."""
    _do(board, "checked", rumour)


def take(board: Board, role: str) -> None:
    """Take a role of the plan for tonight."""
    _do(board, "duty", role)


def step(board: Board, known: Known, forward: bool) -> None:
    """Step one phase forward or back, at this minute."""
    started = stepped(known.playbook, known.minutes, known.course.started, forward=forward)
    if started != dict(known.course.started):
        _do(board, "phase", "forward" if forward else "back", {"started": started})


def take_over(board: Board) -> None:
    """Put the file that waits in force, even while the store cannot keep that."""
    board.plans.take_over()
    _try(lambda: planning.take(board, board.plans.key or "", 0, me()))


def take_back(board: Board, decision: str) -> None:
    """Take back a decision about the plan."""
    _try(lambda: undo(board.store, decision, me(), at=board.now()))


def _do(board: Board, deed: Deed, key: str, told: Mapping[str, object] | None = None, reason: str = "") -> None:
    _try(lambda: do(board.store, board.incident.id, deed, key, me(), told=told, reason=reason, at=board.now()))


def _try(deed: Callable[[], object]) -> None:
    try:
        deed()
    except DedupeError as error:
        st.session_state[FAILED] = error
