"""The plot of posts against unique offers over time, with the same told in a sentence and a table."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from dashboard.board import Board
from dashboard.markup import cards, charts
from dashboard.views.glance import look, over_time
from dashboard.words import Words
from dedupe.errors import StoreError

KEPT = 8
"""How many plots are kept: those of a batch or two, in every language."""


def draw(board: Board, said: Words, paused: bool) -> None:
    """Draw both panels; nothing before there are posts."""
    try:
        glance = look(board, paused=paused)
        series = over_time(board, glance)
    except StoreError:
        return
    if series.is_empty():
        return
    drawn = _drawn(board.store.name, board.incident.id, glance.version, said.language, said, series)
    st.html(f"<h2 id='plot'>{escape(said.say('plot.heading'))}</h2>{cards.notice(drawn.summary)}")
    st.html(f"<h3 class='minor'>{escape(said.say('plot.posts', step=said.length(series['step'][0])))}</h3>")
    st.vega_lite_chart({**drawn.posts}, key="plot-posts")
    st.html(f"<h3 class='minor'>{escape(said.say('plot.offers'))}</h3>")
    st.vega_lite_chart({**drawn.offers}, key="plot-offers")
    st.expander(said.say("plot.table"), key="plot-table", type="compact").html(drawn.table)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    """What every viewer of one language gets: two specifications of Vega-Lite, and the same in words and numbers."""

    summary: str
    posts: dict[str, Any]
    offers: dict[str, Any]
    table: str


# Altair checks a chart against its whole schema, which takes longer than all else on the page. Streamlit takes the data
# out of what it is given.
@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _drawn(
    name: str, incident: str, version: tuple[int, int], language: str, _said: Words, _series: pl.DataFrame
) -> _Drawn:
    return _Drawn(
        summary=charts.summary(_series, _said),
        posts=charts.posts_panel(_series, _said).to_dict(),
        offers=charts.offers_panel(_series, _said).to_dict(),
        table=charts.table(_series, _said),
    )
