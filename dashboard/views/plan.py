"""The playbook pane: the clock and the phase, what to do now and why, texts to send, and what the plan says beside it."""

from __future__ import annotations

from html import escape

import polars as pl
import streamlit as st

from dashboard.board import Board
from dashboard.course import NOTHING, course
from dashboard.fillings import Known
from dashboard.markup import cards, plan
from dashboard.markup.problems import told
from dashboard.markup.refusals import spoken
from dashboard.plans import Standing
from dashboard.views import plan_aside, plan_task
from dashboard.views.glance import figured, look, noticed
from dashboard.views.plan_deeds import FAILED, may_mark, step, take_over
from dashboard.views.who import me
from dashboard.words import Words
from dedupe.deciding.plan_deeds import deeds
from dedupe.errors import StoreError
from playbooks.model import Playbook

MARKS = {"late": "▲", "now": "●", "next": "○"}
ALL, MINE = "", "mine"


def draw(board: Board, said: Words, paused: bool) -> None:
    """Draw the plan as it stands at this minute."""
    with st.container(key="plan"):
        st.html(f'<h2 id="plan">{escape(said.say("plan.heading"))}</h2>')
        standing = board.plans.look()
        if standing.playbook is not None:
            _plan(board, standing, standing.playbook, said, paused)
        elif standing.problems:
            st.html(cards.notice(said.say("plan.problem", sentence=told(standing.problems, said)), "alarm"))
        else:
            st.html(cards.notice(said.say("plan.none")))


def _plan(board: Board, standing: Standing, playbook: Playbook, said: Words, paused: bool) -> None:
    known, rumours = known_now(board, playbook, paused)
    _changed(board, standing, said)
    st.html(plan.head(known, said))
    if known.figures is None:
        st.html(cards.notice(said.say("plan.store"), "alarm"))
    if problem := st.session_state.pop(FAILED, None):
        st.html(cards.notice(said.say("plan.failed", sentence=spoken(problem, said, board.now())), "alarm"))
    with st.container(key="plan-steps", horizontal=True, gap="small", vertical_alignment="center"):
        roles = _chosen_roles(known, said)
        if may_mark():
            _steps(board, known, said)
    _tasks(board, known, said, roles, rumours)
    plan_aside.draw(board, known, said, rumours)


def _steps(board: Board, known: Known, said: Words) -> None:
    for way, forward, icon in (
        ("back", False, ":material/skip_previous:"),
        ("forward", True, ":material/skip_next:"),
    ):
        text = said.say(f"plan.{way}")
        st.button(text, key=f"phase-{way}", on_click=step, args=(board, known, forward), type="tertiary", icon=icon)


def known_now(board: Board, playbook: Playbook, paused: bool) -> tuple[Known, pl.DataFrame | None]:
    """What the board knows; without the store only the clock, for then the plan is needed all the more."""
    try:
        glance = look(board, paused=paused)
        seen = noticed(board, glance)
        counted = figured(board, glance, playbook)
        so_far = course(deeds(board.store, board.incident.id))
    except StoreError:
        return Known(playbook=playbook, incident=board.incident, figures=None, course=NOTHING, now=board.now()), None
    known = Known(playbook=playbook, incident=board.incident, figures=counted, course=so_far, now=glance.now)
    return known, seen.rumours


def _changed(board: Board, standing: Standing, said: Words) -> None:
    """What is on disk is not what is in force."""
    if standing.problems:
        st.html(cards.notice(said.say("plan.kept", sentence=told(standing.problems, said)), "alarm"))
    elif standing.waiting is not None:
        st.html(cards.notice(said.say("plan.waiting", version=standing.waiting.plan.version)))
        if may_mark():
            st.button(said.say("plan.take_over"), key="take-over", on_click=take_over, args=(board,))


def _chosen_roles(known: Known, said: Words) -> list[str] | None:
    """Whose actions to show; None for everybody's."""
    names = {role.id: plan.role_line(role, known.course, said) for role in known.playbook.roles}
    mine = [role for role, who in known.course.duties.items() if who == me().who and role in names]
    texts = {ALL: said.say("plan.for_all"), MINE: said.say("plan.for_me"), **names}
    options = [ALL, *([MINE] if mine else []), *names]
    if st.session_state.get("plan-for") not in options:
        st.session_state["plan-for"] = ALL
    label = said.say("plan.for")
    chosen = st.selectbox(
        label, options, key="plan-for", format_func=texts.__getitem__, label_visibility="collapsed", width="stretch"
    )
    return None if chosen == ALL else mine if chosen == MINE else [str(chosen)]


def _tasks(board: Board, known: Known, said: Words, roles: list[str] | None, rumours: pl.DataFrame | None) -> None:
    by_state, left = plan.tasks(known, roles)
    for state, entries in by_state.items():
        if not entries:
            continue
        word = escape(said.say(f"plan.{state}"))
        st.html(
            f'<h3 class="urgency {state}"><span aria-hidden="true">{MARKS[state]}</span>{word}'
            f' <span class="note">{len(entries)}</span></h3>'
        )
        for entry in entries:
            plan_task.draw(board, known, entry, said, plan.line(known, entry, said, rumours))
    if left:
        st.html(cards.notice(said.count("plan.more", left)))
    if not any(by_state.values()):
        st.html(cards.notice(said.say("plan.quiet")))
