"""The frame of every page: who is watched on top, the language and the pause, the way to the other page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.navigation.page import Page

from dashboard import actions
from dashboard.board import Board
from dashboard.fare import covered
from dashboard.markup import cards, sources
from dashboard.queries import Filters
from dashboard.views import filters, health, offers, plan, plot
from dashboard.views.glance import look, options
from dashboard.words import LANGUAGES, Words, words
from dedupe.errors import StoreError

LOOK = Path(__file__).parent.parent / "board.css"
REFRESH = 2.0
"""Seconds between two looks at the store."""
SLOWLY = 21.0
"""Seconds between two drawings of the plan, which goes by the minute, and of the plots, which read every post or run.

No multiple of the other: of two parts asked for in one moment Streamlit may drop what the first drew.
"""
HEALTH = "health"
"""The address of the page of the sources; that of the offers is empty."""
KEPT = "address"
"""Where a viewer's filters are kept while they look at the other page."""

# Constant but for one of four known codes: what posts say never comes near a script.
SPEAK = """<script>
document.documentElement.lang = "{language}";
document.querySelector(".st-key-found")?.setAttribute("role", "status");
</script>"""


def draw(board: Board) -> None:
    """Draw the page that the viewer's address names."""
    said = words(filters.language(), board.incident.zone)
    pages = (
        st.Page(partial(_offers_page, board, said), title=said.say("health.back"), default=True),
        st.Page(partial(_health_page, board, said), title=said.say("health.link"), url_path=HEALTH),
    )
    chosen = st.navigation(pages, position="hidden")
    title = "health.title" if chosen.url_path == HEALTH else "board.title"
    st.set_page_config(page_title=said.say(title, incident=board.incident.name), layout="wide")
    st.html(LOOK)
    _top(board, said, chosen, pages)
    chosen.run()
    with st.container(key="unseen"):
        st.html(SPEAK.format(language=said.language), unsafe_allow_javascript=True)


def _offers_page(board: Board, said: Words) -> None:
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
            _live(listed, REFRESH, paused)(board, said, wanted, paused, space)
    with right:
        _live(beside, SLOWLY, paused)(board, said, paused)
    filters.write_address()
    st.session_state[KEPT] = st.query_params.to_dict()


def _health_page(board: Board, said: Words) -> None:
    paused = filters.paused()
    left, right = st.columns([0.55, 0.45], gap="medium")
    with left:
        _live(health.draw, REFRESH, paused)(board, said)
    with right:
        st.fragment(health.tags)(board, said)
        _live(health.plots, SLOWLY, paused)(board, said)
    filters.write_address(names=("lang",))


def _live(view: Callable[..., None], seconds: float, paused: bool) -> Callable[..., None]:
    """`view` redrawn by itself, unless the viewer paused."""
    return st.fragment(view, run_every=None if paused else seconds)


def _top(board: Board, said: Words, chosen: Page, pages: tuple[Page, Page]) -> None:
    name, switches = st.columns([0.52, 0.48], vertical_alignment="center")
    with name:
        tags = " ".join(f"#{tag}" for tag in actions.hashtags(board)[:6])
        st.html(
            f'<h1>{escape(board.incident.name)} <span class="note">{escape(tags)}</span></h1>'
            + (_jumps(said) if chosen is pages[0] else "")
        )
    with switches, _row("switches"):
        other = pages[1] if chosen is pages[0] else pages[0]
        kept = {} if other is pages[1] else st.session_state.get(KEPT, {})
        st.page_link(other, query_params={**kept, "lang": said.language})
        filters.switches(said)
    if board.incident.synthetic:
        st.html(_synthetic(board, said))


def _row(key: str) -> DeltaGenerator:
    return st.container(key=key, horizontal=True, vertical_alignment="center", horizontal_alignment="right")


def _jumps(said: Words) -> str:
    return (
        f'<p class="skip"><a href="#offers">{escape(said.say("tab.offer"))}</a>'
        f'<a href="#plan">{escape(said.say("plan.heading"))}</a>'
        f'<a href="#plot">{escape(said.say("plot.short"))}</a></p>'
    )


def _synthetic(board: Board, said: Words) -> str:
    others = (words(language, board.incident.zone) for language in LANGUAGES if language != said.language)
    rest = "".join(f'<span lang="{other.language}">{escape(other.say("board.synthetic"))}</span>' for other in others)
    return f'<p class="synthetic"><strong>▨ {escape(said.say("board.synthetic"))}</strong> {rest}</p>'


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
