"""One action on many records of the list: picked by a box, looked at first, taken back in one go."""

from __future__ import annotations

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from dashboard import deeds
from dashboard.board import Board
from dashboard.markup import bulk, cards
from dashboard.views import who
from dashboard.views.attempt import attempt, refused
from dashboard.views.glance import Glance
from dashboard.visitors import can
from dashboard.words import Words
from dedupe.deciding.bulk import Bulk
from dedupe.deciding.roles import Actor

PICKED, REHEARSED, DONE, UNDONE = "picked", "rehearsed", "done in one go", "undone in one go"
PLACE = "many"


def box(said: Words, row: dict[str, Any]) -> None:
    """Draw the box by which a record is picked, for who may do something with it."""
    if can(who.me(), "confirm"):
        record = row["record"]
        st.checkbox(
            said.say(
                "many.pick", what=said.word("kind", cards.kind_of(row)), where=cards.label(cards.place(row, said))
            ),
            value=record in _picked(),
            key=f"pick-{record}",
            label_visibility="collapsed",
            on_change=_pick,
            args=(record,),
        )


def _picked() -> set[str]:
    found: set[str] = st.session_state.setdefault(PICKED, set())
    return found


def _pick(record: str) -> None:
    (_picked().add if st.session_state[f"pick-{record}"] else _picked().discard)(record)
    _forget()


def _forget() -> None:
    st.session_state.pop(REHEARSED, None)
    st.session_state.pop(DONE, None)
    st.session_state.pop(UNDONE, None)


def draw(board: Board, said: Words, rows: pl.DataFrame, glance: Glance) -> None:
    """Draw what can be done with the picked ones, what would become of them, and the way back."""
    actor, picked = who.me(), _picked()
    with st.container(key="many", gap="small"):
        if not can(actor, "confirm"):
            return
        if not picked:
            st.html(cards.notice(said.say("many.hint")))
            return
        with st.container(key="many-bar", horizontal=True, vertical_alignment="center", gap="small"):
            st.html(f"<strong>{escape(said.count('many.picked', len(picked)))}</strong>")
            for deed, (action, _) in deeds.MANY.items():
                if can(actor, action):
                    label = said.say(f"deed.{deed}", minutes=board.terms.hold)
                    st.button(label, key=f"many-{deed}", on_click=_try, args=(board, deed))
            st.button(said.say("many.none"), key="many-none", type="tertiary", on_click=_drop, args=(picked.copy(),))
        refused(board, PLACE, said)
        if rehearsed := st.session_state.get(REHEARSED):
            _preview(board, said, glance, *rehearsed)
        elif done := st.session_state.get(DONE):
            _done(board, said, glance, done)
        elif undone := st.session_state.get(UNDONE):
            st.html(cards.notice(said.count("many.undone", undone), "told"))
        else:
            st.empty()


def _preview(board: Board, said: Words, glance: Glance, deed: str, found: Bulk) -> None:
    with st.container(key="many-preview", gap="small"):
        st.html(bulk.table(found, glance.rows, said, deed, board.now()))
        with st.container(horizontal=True, gap="small"):
            if found.done:
                some = said.say("many.do_some", n=said.number(found.done), of=said.number(found.rows.height))
                label = some if found.refused else said.count("many.do", found.done)
                st.button(label, key="many-do", type="primary", on_click=_do, args=(board, deed))
            st.button(said.say("many.not"), key="many-not", on_click=_forget)


def _done(board: Board, said: Words, glance: Glance, done: Bulk) -> None:
    with st.container(key="many-done", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(cards.notice(said.count("many.done", done.done), "told"))
        if done.done:
            st.button(said.say("many.undo"), key="many-undo", on_click=_undo, args=(board, done))
    if done.refused:
        st.html(bulk.left_out(done, glance.rows, said, board.now()))


def _try(board: Board, deed: str) -> None:
    _forget()
    _run(board, deed, preview=True)


def _do(board: Board, deed: str) -> None:
    _forget()
    _run(board, deed, preview=False)


def _run(board: Board, deed: str, *, preview: bool) -> None:
    def work(board: Board, by: Actor) -> str:
        found = deeds.many(board, by, sorted(_picked()), deed, preview=preview)
        st.session_state[REHEARSED if preview else DONE] = (deed, found) if preview else found
        return found.bulk or ""

    attempt(board, PLACE, work)


def _undo(board: Board, done: Bulk) -> None:
    if attempt(board, PLACE, deeds.undo, done.bulk):
        _forget()
        st.session_state[UNDONE] = done.done


def _drop(picked: set[str]) -> None:
    _forget()
    _picked().clear()
    for record in picked:
        st.session_state[f"pick-{record}"] = False
