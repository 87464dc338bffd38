"""Who am I: a name and a role, asked at the start and shown on every page."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from html import escape

import streamlit as st

from dashboard.board import Board
from dashboard.markup import cards
from dashboard.visitors import COOKIE, LONGEST_NAME, ROLES, WATCHER, Visitors
from dashboard.words import Words
from dedupe.deciding.notes import take_role
from dedupe.deciding.roles import Actor
from dedupe.errors import StoreError

ME, TOKEN, REFUSED = "me", "token", "who refused"

# The token is ours (letters, digits, - and _): nothing that somebody wrote comes near a script.
REMEMBER = """<script>document.cookie = "{cookie}={token}; SameSite=Strict; Path=/; Max-Age=86400";</script>"""


@cache
def visitors() -> Visitors:
    """Those this process knows."""
    return Visitors()


def me() -> Actor:
    """Who looks at this page; a watcher without a name until they have said so."""
    held: Actor | None = st.session_state.get(ME)
    if held is None:
        held = st.session_state[ME] = visitors().recall(st.context.cookies.get(COOKIE))
    return held


def badge(board: Board, said: Words) -> None:
    """Draw who the viewer is, with the way to say otherwise."""
    actor = me()
    name = f"{actor.who} · {said.word('role', actor.role)}" if actor.who else said.say("who.start")
    box = st.popover(name, key="who", icon=":material/person:", type="tertiary", on_change="rerun")
    if box.open:
        with box:
            _form(board, said, actor)
    # There for everybody, or what stands after it would move and forget what was chosen.
    with st.container(key="unseen-who"):
        if token := st.session_state.get(TOKEN):
            st.html(REMEMBER.format(cookie=COOKIE, token=token), unsafe_allow_javascript=True)


def _form(board: Board, said: Words, actor: Actor) -> None:
    with st.form("who-form", border=False):
        st.text_input(said.say("who.name"), value=actor.who, key="who-name", max_chars=LONGEST_NAME)
        st.radio(
            said.say("who.role"),
            ROLES,
            index=ROLES.index(actor.role) if actor.who else ROLES.index("volunteer"),
            key="who-role",
            format_func=lambda role: said.word("role", role),
            captions=[said.word("role_does", role) for role in ROLES],
        )
        st.form_submit_button(said.say("who.button"), type="primary", on_click=_greet, args=(board,))
    if st.session_state.pop(REFUSED, False):
        st.html(cards.notice(said.say("who.refused"), "alarm"))
    st.html(f'<p class="note">{escape(said.say("who.note"))}</p>')


def _greet(board: Board) -> None:
    try:
        token, actor = visitors().greet(st.session_state["who-name"], st.session_state["who-role"])
    except ValueError:
        st.session_state[REFUSED] = True
        return
    st.session_state[ME], st.session_state[TOKEN] = actor, token
    with suppress(StoreError):  # the store that cannot be written is told by the page
        take_role(board.store, board.incident.id, actor, at=board.now())


def forget() -> None:
    """Be a watcher without a name again."""
    st.session_state[ME] = WATCHER
