"""The unique offers, or requests, as cards or lines; each opens to what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from dashboard import queries
from dashboard.board import Board
from dashboard.markup import cards
from dashboard.queries import Filters, Page
from dashboard.views import filters, many, opened, who
from dashboard.views.glance import CHOSEN, Glance, look, page, pages
from dashboard.words import Words
from dedupe.errors import StoreError

# Streamlit gives a container no role; without this one the number found changes unheard.
TELL = """<script>document.querySelector(".st-key-found")?.setAttribute("role", "status");</script>"""


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
            with st.container(key="unseen-found"):
                st.html(TELL, unsafe_allow_javascript=True)
        found = page(board, glance, wanted, filters.page_number(pages(board, glance, wanted), wanted))
        heading = said.count(f"list.found_{wanted.category}", found.found)
        space.html(f'<h2 id="offers">{escape(heading)}</h2>')
    _elsewhere(board, said, wanted, glance, found.rows)
    if found.found == 0:
        st.html(cards.notice(_nothing(said, wanted, glance)))
        return
    one = _line if wanted.dense else _card
    if wanted.dense:
        many.draw(board, said, found.rows, glance)
    with st.container(key="lines" if wanted.dense else "cards"):
        drawn = _drawn(board, said, wanted, found, glance)
        for row, html in zip(found.rows.iter_rows(named=True), drawn, strict=True):
            one(board, said, row, html, glance)
    st.html(cards.notice(said.say("board.masked")))
    filters.write_address()


def _elsewhere(board: Board, said: Words, wanted: Filters, glance: Glance, shown: pl.DataFrame) -> None:
    """What is open stays in sight though it stands on another page, or no longer passes the filters."""
    record = filters.opened()
    space = st.empty()
    if record is None or record in shown["record"]:
        return
    rows = glance.rows.filter(pl.col("record") == record)
    with space.container(key="elsewhere"):
        for row in rows.iter_rows(named=True):
            _card(board, said, row, cards.card(row, said, glance.now, who.me().who), glance)


def _drawn(board: Board, said: Words, wanted: Filters, found: Page, glance: Glance) -> list[str]:
    """The markup of a page of cards or lines: for all who look at the same in one language, once."""
    me = who.me().who
    mine = me if me in found.rows["holder"] else ""  # else nothing on this page is told otherwise to them
    markup = cards.line if wanted.dense else cards.card
    shown = wanted, found.number, said.language, mine
    return _markup(
        board.store.name, board.incident.id, glance.version, glance.moment, shown, markup, found, said, glance
    )


@st.cache_resource(max_entries=CHOSEN, show_spinner=False)
def _markup(
    name: str, incident: str, version: tuple[int, int], moment: datetime, shown: tuple[Filters, int, str, str],
    _one: Callable[..., str], _found: Page, _said: Words, _glance: Glance,
) -> list[str]:  # fmt: skip
    return [_one(row, _said, _glance.now, shown[-1]) for row in _found.rows.iter_rows(named=True)]


def _nothing(said: Words, wanted: Filters, glance: Glance) -> str:
    if glance.batches.is_empty():
        return said.say("board.waiting")
    narrowed = wanted.kind or wanted.place or wanted.words or wanted.state
    return said.say("list.none_filtered" if narrowed else f"list.none_{wanted.category}")


def _card(board: Board, said: Words, row: dict[str, Any], html: str, glance: Glance) -> None:
    with st.container(key=f"card-{row['record']}"):
        st.html(html)
        opened.quick(board, said, row)
        if filters.opened() == row["record"]:
            opened.draw(board, said, row, glance)
            return
        if row["posts"] < 2:
            # Takes the place of the expander that stood here, which would otherwise linger until the next look.
            st.empty()
            return
        # A label that counted along would make it another expander, closed again, with every copy.
        why = st.expander(said.say("card.why"), key=f"why-{row['record']}", type="compact", on_change="rerun")
        if why.open:
            members = queries.members(board.store, row["root"]).to_dicts()
            why.html(cards.why(members, row["posts"], said, glance.now))


def _line(board: Board, said: Words, row: dict[str, Any], html: str, glance: Glance) -> None:
    with st.container(key=f"line-{row['record']}", gap=None):
        with st.container(key=f"across-{row['record']}", horizontal=True, vertical_alignment="center", gap="small"):
            many.box(said, row)
            st.html(html)
            opened.quick(board, said, row, small=True)
        if filters.opened() == row["record"]:
            opened.draw(board, said, row, glance)
        else:
            st.empty()
