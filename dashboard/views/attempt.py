"""Doing something on a click, and saying at the place of the click why it did not happen."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import streamlit as st

from dashboard import deeds
from dashboard.board import Board
from dashboard.markup.refusals import refusal
from dashboard.views import who
from dashboard.views.glance import look_again
from dashboard.words import Words
from dedupe.deciding.roles import Actor
from dedupe.errors import DedupeError

REFUSED, DONE = "refused", "done"


def attempt(board: Board, place: str, deed: Callable[..., str], *values: object) -> str | None:
    """Do `deed(board, who looks, *values)`. Gives what it gives; None where it was refused, which `refused(place)` says."""
    st.session_state.pop(REFUSED, None)
    actor: Actor = who.me()
    try:
        given = deed(board, actor, *values)
    except DedupeError as error:
        st.session_state[REFUSED] = place, error
        given = None
    # Also after a refusal: what stood in the way is to be seen.
    look_again()
    return given


def click(board: Board, place: str, deed: Callable[..., str], *values: object) -> None:
    """`attempt`, for a button that needs nothing of what it gives."""
    attempt(board, place, deed, *values)


def do(board: Board, place: str, told: str, deed: Callable[..., str], *values: object) -> None:
    """`attempt`, remembered with the sentence `told` for the way back that `last` draws."""
    if done := attempt(board, place, deed, *values):
        st.session_state.setdefault(DONE, {})[place] = done, told


def last(board: Board, place: str, said: Words) -> None:
    """Draw why the last click at `place` led to nothing, and what the last `do` did there, with the way back."""
    refused(board, place, said)
    if place in (done := st.session_state.get(DONE, {})):
        decision, told = done[place]
        with st.container(key=f"{place}-last", horizontal=True, vertical_alignment="center"):
            st.html(f'<p class="note" role="status">{escape(said.say("review.done", what=told))}</p>')
            st.button(said.say("review.undo"), key=f"{place}-undo", on_click=_undo, args=(board, place, decision))


def _undo(board: Board, place: str, decision: str) -> None:
    st.session_state[DONE].pop(place, None)
    attempt(board, place, deeds.undo, decision)


def is_refused(place: str) -> bool:
    """Whether `refused` has something to say at `place`: for a place of which there are many on a page."""
    return REFUSED in st.session_state and st.session_state[REFUSED][0] == place


def refused(board: Board, place: str, said: Words) -> None:
    """Draw why the last click at `place` led to nothing; else leave its room empty."""
    where, error = st.session_state.get(REFUSED, (None, None))
    if where == place:
        st.html(refusal(error, said, board.now()))
    else:
        st.empty()
