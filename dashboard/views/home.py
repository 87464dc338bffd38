"""The first page: the unique offers or requests with their filters, and the plan beside them."""

from __future__ import annotations

from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.board import Board
from dashboard.fare import covered
from dashboard.markup import cards, sources
from dashboard.queries import Filters
from dashboard.views import filters, offers, plan, plot
from dashboard.views.glance import look, options
from dashboard.views.live import REFRESH, SLOWLY, live
from dashboard.words import Words
from dedupe.errors import StoreError

KEPT = "address"
"""Where a viewer's filters are kept while they look at another page."""


def page(board: Board, said: Words) -> None:
    """Draw the page."""
    paused = filters.paused()
    space = st.empty()
    left, right = st.columns([0.62, 0.38], gap="medium")
    with left:
        try:
            wanted = filters.chosen(said, partial(options, board, look(board, paused=paused)))
        except StoreError as error:
            space.html(sources.line(covered(board), said))
            st.html(cards.notice(said.say("board.store", sentence=error), "alarm"))
        else:
            live(listed, REFRESH, paused=paused)(board, said, wanted, paused, space)
    with right:
        live(beside, SLOWLY, paused=paused)(board, said, paused)
    filters.write_address()
    st.session_state[KEPT] = st.query_params.to_dict()


def listed(board: Board, said: Words, wanted: Filters, paused: bool, space: DeltaGenerator) -> None:
    """The figures line and what the sources cover in their `space`, and the offers."""
    space.html(_figures(board, said, paused))
    offers.draw(board, said, wanted, paused)


def beside(board: Board, said: Words, paused: bool) -> None:
    """The plan, and the plot beneath it."""
    plan.draw(board, said, paused)
    plot.draw(board, said, paused)


def _figures(board: Board, said: Words, paused: bool) -> str:
    told = sources.line(covered(board), said)
    try:
        glance = look(board, paused=paused)
    except StoreError:  # which the list says
        return told
    counted = {category: (records, posts) for category, records, posts in glance.totals.iter_rows()}
    read = int(glance.batches["posts"].sum())
    still = said.say("board.paused", time=said.clock(glance.now, glance.now))
    return cards.figures(counted, read, said) + told + (cards.notice(still, "alarm") if paused else "")
