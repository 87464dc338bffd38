"""The page: who and what is watched on top, the offers, and the playbook beside them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from html import escape
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import cards
from dashboard.board import Board
from dashboard.queries import Filters
from dashboard.views import filters, offers, plan, plot
from dashboard.views.glance import Glance, look, options
from dashboard.words import LANGUAGES, Words, words
from dedupe.errors import StoreError

LOOK = Path(__file__).parent.parent / "board.css"
REFRESH = 2.0
"""Seconds between two looks at the store."""
SLOWLY = 21.0
"""Seconds between two drawings of the plan, which goes by the minute, and of the plot, which reads every post.

No multiple of the other: of two parts asked for in one moment Streamlit may drop what the first drew.
"""

# Constant but for one of four known codes: what posts say never comes near a script.
SPEAK = """<script>
document.documentElement.lang = "{language}";
document.querySelector(".st-key-found")?.setAttribute("role", "status");
</script>"""


def draw(board: Board) -> None:
    """Draw the whole page for one viewer."""
    said = words(filters.language(), board.incident.zone)
    st.set_page_config(page_title=said.say("board.title", incident=board.incident.name), layout="wide")
    st.html(LOOK)
    paused = _top(board, said)
    figures = st.empty()
    left, right = st.columns([0.62, 0.38], gap="medium")
    with left:
        try:
            wanted = filters.chosen(said, partial(options, board, look(board, paused=paused)))
        except StoreError as error:
            st.html(cards.notice(said.say("board.store", sentence=error), "alarm"))
        else:
            _live(listed, REFRESH, paused)(board, said, wanted, paused, figures)
    with right:
        _live(beside, SLOWLY, paused)(board, said, paused)
    filters.write_address()
    with st.container(key="unseen"):
        st.html(SPEAK.format(language=said.language), unsafe_allow_javascript=True)


def _live(view: Callable[..., None], seconds: float, paused: bool) -> Callable[..., None]:
    """`view` redrawn by itself, unless the viewer paused."""
    return st.fragment(view, run_every=None if paused else seconds)


def _top(board: Board, said: Words) -> bool:
    name, switches = st.columns([0.6, 0.4], vertical_alignment="center")
    with name:
        tags = " ".join(f"#{tag}" for tag in board.incident.tags[:6])
        st.html(
            f'<h1>{escape(board.incident.name)} <span class="note">{escape(tags)}</span></h1>'
            f'<p class="skip"><a href="#offers">{escape(said.say("tab.offer"))}</a>'
            f'<a href="#plan">{escape(said.say("plan.heading"))}</a>'
            f'<a href="#plot">{escape(said.say("plot.short"))}</a></p>'
        )
    with switches:
        paused = filters.switches(said)
    if board.incident.synthetic:
        st.html(_synthetic(board, said))
    return paused


def _synthetic(board: Board, said: Words) -> str:
    others = (words(language, board.incident.zone) for language in LANGUAGES if language != said.language)
    rest = "".join(f'<span lang="{other.language}">{escape(other.say("board.synthetic"))}</span>' for other in others)
    return f'<p class="synthetic"><strong>▨ {escape(said.say("board.synthetic"))}</strong> {rest}</p>'


def listed(board: Board, said: Words, wanted: Filters, paused: bool, space: DeltaGenerator) -> None:
    """The figures line in its `space`, and the offers."""
    with suppress(StoreError):  # which the list says
        space.html(_figures(board, said, look(board, paused=paused), paused))
    offers.draw(board, said, wanted, paused)


def beside(board: Board, said: Words, paused: bool) -> None:
    """The plan, and the plot beneath it."""
    plan.draw(board, said, paused)
    plot.draw(board, said, paused)


def _figures(board: Board, said: Words, glance: Glance, paused: bool) -> str:
    counted = {category: (records, posts) for category, records, posts in glance.totals.iter_rows()}
    read = int(glance.batches["posts"].sum())
    fare = cards.sources(board.sources(), glance.batches.to_dicts(), said, glance.wall)
    still = said.say("board.paused", time=said.clock(glance.now, glance.now))
    return cards.figures(counted, read, said) + fare + (cards.notice(still, "alarm") if paused else "")
