"""What a click on the planner's page does, and what is held for a viewer until it is saved.

Owns the edit under way and the one before it, so that no click loses what was typed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape

import streamlit as st

from dashboard import planning
from dashboard.board import Board
from dashboard.markup.refusals import spoken
from dashboard.planning import MOST, Draft
from dashboard.views.who import me
from dashboard.words import Words
from dedupe.errors import DedupeError, Overtaken
from playbooks.errors import PlaybookError

DRAFT, FIELDS, KEPT, LOADED, RIVAL, TOLD, FAILED = (
    "planner draft", "planner fields", "planner kept", "planner loaded", "planner rival", "planner told", "planner failed",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """What somebody saved while this viewer wrote."""

    plan: str
    number: int
    who: str
    at: datetime


def draft(board: Board) -> Draft:
    """The edit of this viewer; at first, of the plan in force. Raises StoreError."""
    held: Draft | None = st.session_state.get(DRAFT)
    if held is None:
        last = planning.in_force(board)
        names = [last.plan] if last is not None and last.number else [board.plans.key, *planning.plans(board)]
        held = planning.begin(board, next(name for name in names if name))
        st.session_state[DRAFT] = held
    return held


def hold(now: Draft) -> Draft:
    """Keep what was typed."""
    st.session_state[DRAFT] = now
    return now


def field() -> str:
    """The key of the field. Another text comes in another field: one given to a field that stands may be lost with the drawing
    it came in, when somebody clicks meanwhile, and the field then empties the edit."""
    return f"planner-field-{st.session_state.get(FIELDS, 0)}"


def kept() -> Draft | None:
    """The edit that another took the place of."""
    held: Draft | None = st.session_state.get(KEPT)
    return held


def rival(now: Draft) -> Rival | None:
    """What somebody saved meanwhile, as long as the edit does not go on from it."""
    held: Rival | None = st.session_state.get(RIVAL)
    return held if held is not None and (held.plan, held.number) != (now.plan, now.began) else None


def tell(board: Board, said: Words) -> None:
    """Draw what came of the last click."""
    if told := st.session_state.pop(TOLD, None):
        st.html(f'<p class="told" role="status">{escape(told)}</p>')
    if failed := st.session_state.pop(FAILED, None):
        told = failed if isinstance(failed, str) else spoken(failed, said, board.now())
        st.html(f'<p class="alarm" role="alert">{escape(told)}</p>')


def choose(board: Board) -> None:
    """Edit another plan."""
    _try(lambda: _begin(planning.begin(board, str(st.session_state["planner-plan"]))))


def open_version(board: Board, plan: str, number: int) -> None:
    """Load a version as a new edit, which goes on from the latest one."""

    def work() -> None:
        text = planning.text_of(board, plan, number)
        _begin(Draft(plan=plan, began=planning.latest_version(board, plan), text=text))

    _try(work)


def swap() -> None:
    """Back to the edit before, and forth."""
    if (before := kept()) is not None:
        st.session_state[KEPT], st.session_state[LOADED] = _now(), None
        _put(before)


def go_on(other: Rival) -> None:
    """Go on with this text after having seen what the other saved."""
    _put(replace(_now(), plan=other.plan, began=other.number))


def upload(board: Board, said: Words) -> None:
    """Load a file as a new edit; a file that is no text stays out."""
    file = st.session_state.get("planner-file")
    if file is None:
        return
    now = _now()
    try:
        text = bytes(file.getvalue()).decode()
    except UnicodeDecodeError as error:
        st.session_state[FAILED] = said.say("planner.no_text", n=error.start + 1)
        return
    if len(text) > MOST:
        st.session_state[FAILED] = said.say("planner.too_long", n=said.number(MOST))
        return
    _begin(replace(now, text=text))


def save(board: Board, said: Words) -> None:
    """Save the edit as the next version; a broken one is refused with its lines."""
    try:
        now = planning.save(board, _now(), me(), str(st.session_state.get("planner-why") or ""))
    except PlaybookError as error:
        lines = sorted({one.line for one in error.problems if one.level == "error"})
        told = ", ".join(map(str, lines[:10])) + (", …" if len(lines) > 10 else "")
        st.session_state[FAILED] = said.say("planner.refused", lines=told)
    except Overtaken as error:
        st.session_state[RIVAL] = Rival(plan=error.plan, number=error.number, who=error.who, at=error.at)
    except DedupeError as error:
        st.session_state[FAILED] = said.say("planner.failed", sentence=spoken(error, said, board.now()))
    else:
        _put(now)
        st.session_state.pop(RIVAL, None)
        st.session_state["planner-why"] = ""
        st.session_state[TOLD] = said.say("planner.saved", n=now.began)


def take(board: Board, said: Words, plan: str, number: int) -> None:
    """Have the incident work by a version."""

    def work() -> None:
        planning.take(board, plan, number, me())
        st.session_state[TOLD] = said.say("planner.took")

    _try(work)


def _now() -> Draft:
    """The edit with the text as it stands in the field at this click."""
    held: Draft = st.session_state[DRAFT]
    return replace(held, text=str(st.session_state.get(field(), held.text) or ""))


def _begin(new: Draft) -> None:
    """Put another edit in the place of this one, which is kept; unless nothing was typed in it since it was loaded itself."""
    if (before := _now()) != new and (kept() is None or before.text != st.session_state.get(LOADED)):
        st.session_state[KEPT] = before
    _put(new)
    st.session_state[LOADED] = new.text


def _put(new: Draft) -> None:
    if new.text != _now().text:
        st.session_state[FIELDS] = st.session_state.get(FIELDS, 0) + 1
    st.session_state[DRAFT] = new


def _try(work: Callable[[], None]) -> None:
    try:
        work()
    except (DedupeError, PlaybookError) as error:
        st.session_state[FAILED] = error
