"""An opened record: what can be done with it, its notes, what was done with it, and why its posts are one."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from dashboard import deeds, landscape, lives, queries
from dashboard.board import Board
from dashboard.markup import cards, land, life
from dashboard.views import who
from dashboard.views.attempt import attempt, click, is_refused, refused
from dashboard.views.glance import Glance
from dashboard.visitors import can, can_undo
from dashboard.words import Words
from dedupe.deciding.life import GONE
from dedupe.deciding.notes import MOST
from dedupe.store import Store

Row = dict[str, Any]

RECORD = "record"
"""Where it is kept which record is open."""
REVEALED = "revealed"
"""Where the contact shown to this viewer is, and of which record: gone when another is opened."""
SHOWN = 15
"""Most deeds that are listed."""
KEPT = 100


def turn(record: str) -> None:
    """Open a record, or close it when it is open."""
    st.session_state.pop(REVEALED, None)
    st.session_state[RECORD] = "" if st.session_state.get(RECORD) == record else record


def quick(board: Board, said: Words, row: Row, *, small: bool = False) -> None:
    """Draw what is done with one click: open, claim, hold longer, let go, answer what a post proposes."""
    record, actor = row["record"], who.me()
    offered = [deed for deed in _at_hand(row, actor.who) if can(actor, deeds.NEEDS.get(deed, deed))]
    if not offered and not is_refused(record):
        _turner(said, record)  # alone it needs no room: most only look, and each room is a message more
        return
    with st.container(key=f"quick-{record}", horizontal=True, gap="small", width="content" if small else "stretch"):
        _turner(said, record)
        for deed in offered:
            _button(board, said, row, deed, main=deed == "claim" and not small)
        if is_refused(record):
            refused(board, record, said)


def _turner(said: Words, record: str) -> None:
    is_open = st.session_state.get(RECORD) == record
    label = said.say("deed.close" if is_open else "deed.open")
    st.button(label, key=f"open-{record}", type="tertiary", on_click=turn, args=(record,))


def _at_hand(row: Row, me: str) -> list[str]:
    """The deeds that fit how a record stands, the likeliest first."""
    mine = row["holder"] == me and me != ""
    found = ["extend", "release"] if mine else []
    if row["holder"] is None and row["state"] not in GONE:
        found.append("claim")
    if row["proposal"] and row["state"] in life.UNANSWERED:
        found += ["accept", "refuse"]
    return found


def _button(board: Board, said: Words, row: Row, deed: str, *, main: bool = False) -> None:
    named = f"deed.{deed}_{row['proposal']}" if deed in ("accept", "refuse") else f"deed.{deed}"
    label = said.say(named, minutes=board.terms.hold, n=row["proposal_places"])
    st.button(
        label,
        key=f"{deed}-{row['record']}",
        type="primary" if main else "secondary",
        on_click=partial(click, board, row["record"], deeds.DEEDS[deed], row["record"]),
    )


def draw(board: Board, said: Words, row: Row, glance: Glance) -> None:
    """Draw an opened record beneath its card."""
    record = row["record"]
    with st.container(key=f"opened-{record}", gap="small"):
        st.html(life.facts(row, said))
        _actions(board, said, row)
        _contact(board, said, row)
        if row["lat"] is not None and (where := _land(row["place"], row["lat"], row["lon"], row["category"])):
            st.html(land.thumbnail(where, said))
        _notes(board, said, row)
        _history(board, said, row, glance)
        if read := cards.reading(_reading(board.store.name, row["root"], glance.version, board.store), said):
            st.html(read)  # of a post of X there is nothing to show, and the framework refuses an empty one
        st.html(f"<h4>{escape(said.say('card.why'))}</h4>")
        members = _members(board.store.name, row["root"], glance.version, board.store)
        st.html(cards.why(members, row["posts"], said, glance.now))


def _actions(board: Board, said: Words, row: Row) -> None:
    actor, record = who.me(), row["record"]
    if not can(actor, "confirm"):
        st.html(cards.notice(said.say("deed.role" if actor.who else "deed.who")))
        return
    gone = row["state"] in GONE
    with st.container(key=f"deeds-{record}", horizontal=True, vertical_alignment="bottom", gap="small"):
        for deed in ("reopen",) if gone else ("confirm", "full", "withdraw"):
            _button(board, said, row, deed)
        held = row["holder"] not in (None, actor.who)
        if held and can_undo(actor, "release", row["holder"]):
            _button(board, said, row, "release")
        st.number_input(
            said.say(f"deed.places_{row['category']}"),
            min_value=0,
            max_value=9_999,
            value=row["left"],
            key=f"places-{record}",
            width=130,
        )
        st.button(said.say("deed.count"), key=f"count-{record}", on_click=_count, args=(board, record))


def _count(board: Board, record: str) -> None:
    places = st.session_state[f"places-{record}"]
    if places is not None:
        attempt(board, record, deeds.recount, record, int(places))


def _contact(board: Board, said: Words, row: Row) -> None:
    """The contact, for who is on the record and says why."""
    actor, record = who.me(), row["record"]
    if not can(actor, "reveal"):
        return
    shown = st.session_state.get(REVEALED)
    if shown and shown[0] == record:
        st.html(cards.notice(said.say("deed.contact_note"), "told"))
        st.code(shown[1], language=None)
        return
    if row["holder"] != actor.who and not row["matched"] and not (actor.role == "coordinator" and row["holder"]):
        st.html(cards.notice(said.say("deed.contact_claim")))
        return
    with (
        st.form(f"reveal-{record}", border=False, enter_to_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom", gap="small"),
    ):
        st.text_input(
            said.say("deed.reason"), key=f"reason-{record}", max_chars=200, placeholder=said.say("deed.reason_hint")
        )
        st.form_submit_button(said.say("deed.reveal"), on_click=_reveal, args=(board, record))


def _reveal(board: Board, record: str) -> None:
    if contact := attempt(board, record, deeds.reveal, record, st.session_state[f"reason-{record}"]):
        st.session_state[REVEALED] = record, contact


def _notes(board: Board, said: Words, row: Row) -> None:
    record = row["record"]
    if not can(who.me(), "note"):
        return
    with (
        st.form(f"note-{record}", border=False, clear_on_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom", gap="small"),
    ):
        st.text_input(
            said.say("deed.note"), key=f"text-{record}", max_chars=MOST, placeholder=said.say("deed.note_hint")
        )
        st.form_submit_button(said.say("deed.note_button"), on_click=_note, args=(board, record))


def _note(board: Board, record: str) -> None:
    if text := st.session_state[f"text-{record}"].strip():
        attempt(board, record, deeds.note, record, text)


def _history(board: Board, said: Words, row: Row, glance: Glance) -> None:
    done = _done(board.store.name, board.incident.id, row["root"], glance.version, board.store)
    st.html(f"<h4>{escape(said.say('did.heading'))}</h4>")
    if done.is_empty():
        st.html(cards.notice(said.say("did.none")))
        return
    actor = who.me()
    with st.container(key=f"did-{row['record']}", gap=None):
        for one in done.head(SHOWN).iter_rows(named=True):
            with st.container(
                key=f"did-{one['decision']}-{row['record']}", horizontal=True, vertical_alignment="center"
            ):
                st.html(life.done(one, said, glance.now))
                if one["undone_by"] is None and can_undo(actor, one["action"], one["who"]):
                    st.button(
                        said.say("did.undo"),
                        key=f"undo-{one['decision']}-{row['record']}",
                        type="tertiary",
                        on_click=partial(click, board, row["record"], deeds.undo, one["decision"]),
                    )
        if done.height > SHOWN:
            st.html(cards.notice(said.count("did.more", done.height - SHOWN)))


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _done(name: str, incident: str, root: int, version: tuple[int, int], _store: Store) -> pl.DataFrame:
    return lives.history(_store, incident, root)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _members(name: str, root: int, version: tuple[int, int], _store: Store) -> list[Row]:
    return queries.members(_store, root).to_dicts()


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _reading(name: str, root: int, version: tuple[int, int], _store: Store) -> str:
    return queries.reading(_store, root)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _land(place: str, lat: float, lon: float, category: str) -> landscape.Land | None:
    """The map around one town."""
    offered = int(category != "request")
    town = {"place": place, "lat": lat, "lon": lon, "offers": offered, "requests": 1 - offered}
    return landscape.land(pl.DataFrame([town]))
