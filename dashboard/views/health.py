"""The page of the sources: how each fares and what to do, what is watched, what runs brought, what X costs."""

from __future__ import annotations

from datetime import datetime
from html import escape

import streamlit as st

from dashboard import collecting, runs
from dashboard.board import Board
from dashboard.fare import Fare, fares
from dashboard.markup import cards, charts, sources
from dashboard.markup.refusals import spoken
from dashboard.views import filters, who
from dashboard.views.live import REFRESH, SLOWLY, live
from dashboard.visitors import can
from dashboard.words import Words
from dedupe.errors import IncidentRefused, NotAllowed, StoreError
from dedupe.steering import Action

FAILED, TOLD = "failed", "told"
"""Where what a click led to waits for the page to be drawn."""


def page(board: Board, said: Words) -> None:
    """Draw the page."""
    paused = filters.paused()
    left, right = st.columns([0.55, 0.45], gap="medium")
    with left:
        live(draw, REFRESH, paused=paused)(board, said)
    with right:
        st.fragment(tags)(board, said)
        live(plots, SLOWLY, paused=paused)(board, said)
    filters.write_address(names=("lang",))


def draw(board: Board, said: Words) -> None:
    """Draw the coverage line and each source, with what can be done about it."""
    found = fares(board)
    at = escape(said.say("health.at", time=said.time(found.at)))
    heading = f'<h2>{escape(said.say("health.heading"))} <span class="note">{at}</span></h2>'
    st.html(heading + (sources.line(found.covered, said, heading=False) if found.sources else ""))
    if found.problem is not None:
        st.html(cards.notice(said.say("health.problem", sentence=found.problem), "alarm"))
    if problem := st.session_state.pop(FAILED, None):
        st.html(cards.notice(problem, "alarm"))
    if not found.sources:
        st.html(cards.notice(said.say("health.nothing")))
    for fare in found.sources:
        _source(board, said, fare, found.at)
    if found.bill:
        st.html(f"<h3>{escape(said.say('bill.heading'))}</h3>{sources.bill(found.bill, said)}")


def _source(board: Board, said: Words, fare: Fare, now: datetime) -> None:
    name = said.word("source", fare.source)
    with st.container(key=f"source-{fare.source}"):
        with st.container(key=f"row-{fare.source}", horizontal=True, vertical_alignment="top"):
            st.html(sources.source(fare, said, now))
            with st.container(key=f"can-{fare.source}", horizontal=True, width="content"):
                for action in fare.can if can(who.me(), "incident") else ():
                    retry = action == "resume" and fare.covered.cover != "paused"
                    st.button(
                        said.say("health.retry" if retry else f"health.{action}", name=name),
                        key=f"{action}-{fare.source}",
                        on_click=_tell,
                        args=(board, said, fare.source, action),
                    )
        if len(fare.lines) > 1:
            with st.expander(said.say("health.details"), key=f"parts-{fare.source}", type="compact"):
                st.html(sources.parts(fare.lines, said, now))


def _tell(board: Board, said: Words, source: str, action: Action) -> None:
    try:
        collecting.tell_source(board, who.me(), source, action)
    except NotAllowed as error:
        st.session_state[FAILED] = spoken(error, said, board.now())
    except StoreError as error:
        st.session_state[FAILED] = said.say("health.failed", sentence=error)


def tags(board: Board, said: Words) -> None:
    """Draw what is watched, and the way to watch one more spelling."""
    st.html(f"<h2>{escape(said.say('tags.heading'))}</h2>")
    try:
        incident = collecting.watched(board)
    except StoreError:
        return
    st.html(sources.tags(collecting.hashtags(board)[0]))
    if incident is None:
        return
    if not incident.is_open:
        st.html(cards.notice(said.say("tags.closed")))
        return
    if not can(who.me(), "incident"):
        st.html(cards.notice(said.say("tags.who")))
        return
    with (
        st.form("tags", clear_on_submit=True, border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.text_input(said.say("tags.add"), key="variant", placeholder=said.say("tags.hint"), max_chars=64)
        st.form_submit_button(said.say("tags.button"), on_click=_add, args=(board, said))
    if told := st.session_state.pop(TOLD, None):
        st.html(cards.notice(told, "told"))


def _add(board: Board, said: Words) -> None:
    word = st.session_state["variant"].strip()
    try:
        st.session_state[TOLD] = (
            said.say("tags.added", word=collecting.add_variant(board, who.me(), word)) if word else None
        )
    except (IncidentRefused, NotAllowed) as error:
        st.session_state[TOLD] = spoken(error, said, board.now())
    except StoreError as error:
        st.session_state[TOLD] = said.say("health.failed", sentence=error)


def plots(board: Board, said: Words) -> None:
    """Draw what runs brought and how many failed, with the same told in a sentence and a table."""
    st.html(f"<h2>{escape(said.say('runs.heading'))}</h2>")
    try:
        series = runs.over_time(board.store, board.incident.id, board.wall())
    except StoreError:
        return
    if series.is_empty():
        st.html(cards.notice(said.say("runs.none")))
        return
    step = said.length(series["step"][0])
    st.html(cards.notice(charts.runs_summary(series, said)))
    st.html(f"<h3 class='minor'>{escape(said.say('runs.new', step=step))}</h3>")
    st.altair_chart(charts.runs_panel(series, said, "new"), key="runs-new")
    st.html(f"<h3 class='minor'>{escape(said.say('runs.failed', step=step))}</h3>")
    if charts.any_failed(series):
        st.altair_chart(charts.runs_panel(series, said, "failed"), key="runs-failed")
    else:
        st.html(cards.notice(said.say("runs.none_failed")))
    st.expander(said.say("plot.table"), key="runs-table", type="compact").html(charts.runs_table(series, said))
