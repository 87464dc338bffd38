"""Doing something on a click, and saying at the place of the click why it did not happen."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.board import Board
from dashboard.markup.refusals import refusal
from dashboard.views import who
from dashboard.views.glance import look_again
from dashboard.words import Words
from dedupe.errors import DedupeError
from dedupe.roles import Actor

REFUSED = "refused"


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


def refused(board: Board, place: str, said: Words) -> None:
    """Draw why the last click at `place` led to nothing; else leave its room empty."""
    where, error = st.session_state.get(REFUSED, (None, None))
    if where == place:
        st.html(refusal(error, said, board.now()))
    else:
        st.empty()
