"""The unique offers, or requests, as cards; each opens to why its posts are one."""

from __future__ import annotations

from html import escape
from typing import Any

import streamlit as st

from dashboard import queries
from dashboard.board import Board
from dashboard.markup import cards
from dashboard.queries import Filters
from dashboard.views import filters
from dashboard.views.glance import Glance, look, page, pages
from dashboard.words import Words
from dedupe.errors import StoreError


def draw(board: Board, said: Words, wanted: Filters, paused: bool) -> None:
    """Draw the page of cards the viewer asked for."""
    try:
        glance = look(board, paused=paused)
        if not queries.searchable(wanted.words):
            st.html(cards.notice(said.say("filters.no_persons"), "alarm"))
            return
        _list(board, said, wanted, glance)
    except StoreError as error:
        st.html(cards.notice(said.say("board.store", sentence=error), "alarm"))


def _list(board: Board, said: Words, wanted: Filters, glance: Glance) -> None:
    with st.container(key="heading", horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(key="found", width="content"):
            space = st.empty()
        found = page(board, glance, wanted, filters.page_number(pages(board, glance, wanted), wanted))
        heading = said.count(f"list.found_{wanted.category}", found.found)
        space.html(f'<h2 id="offers">{escape(heading)}</h2>')
    if found.found == 0:
        st.html(cards.notice(_nothing(said, wanted, glance)))
        return
    with st.container(key="cards"):
        for row in found.rows.iter_rows(named=True):
            _card(board, said, row, glance)
    st.html(cards.notice(said.say("board.masked")))
    filters.write_address()


def _nothing(said: Words, wanted: Filters, glance: Glance) -> str:
    if glance.batches.is_empty():
        return said.say("board.waiting")
    narrowed = wanted.kind or wanted.place or wanted.words
    return said.say("list.none_filtered" if narrowed else f"list.none_{wanted.category}")


def _card(board: Board, said: Words, row: dict[str, Any], glance: Glance) -> None:
    with st.container(key=f"card-{row['record']}"):
        st.html(cards.card(row, said, glance.now))
        if row["posts"] < 2:
            # Takes the place of the expander that stood here, which would otherwise linger until the next look.
            st.empty()
            return
        # A label that counted along would make it another expander, closed again, with every copy.
        opened = st.expander(said.say("card.why"), key=f"why-{row['record']}", type="compact", on_change="rerun")
        if opened.open:
            members = queries.members(board.store, row["root"]).to_dicts()
            opened.html(cards.why(members, row["posts"], said, glance.now))
