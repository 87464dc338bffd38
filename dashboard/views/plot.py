"""The plot of posts against unique offers over time, with the same told in a sentence and a table."""

from __future__ import annotations

from html import escape

import streamlit as st

from dashboard import cards, charts
from dashboard.board import Board
from dashboard.views.glance import look, over_time
from dashboard.words import Words
from dedupe.errors import StoreError


def draw(board: Board, said: Words, paused: bool) -> None:
    """Draw both panels; nothing before there are posts."""
    try:
        series = over_time(board, look(board, paused=paused))
    except StoreError:
        return
    if series.is_empty():
        return
    st.html(f"<h2 id='plot'>{escape(said.say('plot.heading'))}</h2>{cards.notice(charts.summary(series, said))}")
    st.html(f"<h4>{escape(said.say('plot.posts', step=said.length(series['step'][0])))}</h4>")
    st.altair_chart(charts.posts_panel(series, said), key="plot-posts")
    st.html(f"<h4>{escape(said.say('plot.offers'))}</h4>")
    st.altair_chart(charts.offers_panel(series, said), key="plot-offers")
    st.expander(said.say("plot.table"), key="plot-table", type="compact").html(charts.table(series, said))
