"""The playbook pane: phase and clock, what to do now, texts to send, rumours, moderation."""

from __future__ import annotations

from html import escape

import streamlit as st

from dashboard import queries
from dashboard.board import Board
from dashboard.markup import cards, plan
from dashboard.views.glance import look
from dashboard.words import Words
from dedupe.errors import StoreError
from playbooks.model import Playbook

MARKS = {"late": "▲", "now": "●", "next": "○"}


def draw(board: Board, said: Words, paused: bool) -> None:
    """Draw the plan as it stands at this minute."""
    with st.container(key="plan"):
        st.html(f'<h2 id="plan">{escape(said.say("plan.heading"))}</h2>')
        if board.playbook is not None:
            _plan(board, board.playbook, said, paused)
        elif board.playbook_problem:
            st.html(cards.notice(said.say("plan.problem", sentence=board.playbook_problem), "alarm"))
        else:
            st.html(cards.notice(said.say("plan.none")))


def _plan(board: Board, playbook: Playbook, said: Words, paused: bool) -> None:
    try:
        glance = look(board, paused=paused)
        now, rows = glance.now, glance.rows
    except StoreError:
        # Without its figures the plan is needed all the more.
        now, rows = board.now(), queries.nothing()
    st.html(plan.head(playbook, board.incident, said, now))
    known = plan.values(board.incident, rows, said, now)
    _tasks(plan.tasks(playbook, board.incident, known, said, now), said)
    for heading, body in (
        (f"{said.say('plan.do')} · {said.say('plan.dont')}", plan.advice(playbook, said)),
        (said.say("plan.rumours"), plan.rumours(playbook, said, now)),
        (said.say("plan.moderation"), plan.moderation(playbook, said)),
    ):
        st.expander(heading, key=f"plan-{heading}", type="compact").html(body)


def _tasks(tasks: list[plan.Task], said: Words) -> None:
    shown: str | None = None
    for task in tasks:
        if task.state != shown:
            shown = task.state
            mark = MARKS[shown]
            word = escape(said.say(f"plan.{shown}"))
            st.html(f'<h3 class="urgency {shown}"><span aria-hidden="true">{mark}</span>{word}</h3>')
        with st.container(key=f"task-{task.key}", gap=None):
            st.html(task.line)
            if task.message is not None:
                with st.expander(said.say("plan.template"), key=f"text-{task.key}", type="compact"):
                    st.code(task.message, language=None, wrap_lines=True)
                    st.html(cards.notice(task.size))
