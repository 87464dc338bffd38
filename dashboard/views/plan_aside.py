"""What the plan says beside its actions: what the board noticed, what was done, rumours, roles, moderation."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import streamlit as st

from dashboard.board import Board
from dashboard.fillings import Known
from dashboard.markup import plan
from dashboard.views.plan_deeds import checked, may_mark, take, take_back
from dashboard.views.who import me
from dashboard.visitors import can
from dashboard.words import Words
from dedupe.deciding.roles import UNDO_OF_OTHERS

SHOWN_DEEDS = 20


def draw(board: Board, known: Known, said: Words, rumours: pl.DataFrame | None) -> None:
    """Draw each part, closed; what is inside is worked out only while it is open."""
    playbook, so_far = known.playbook, known.course
    if so_far.marks:
        _part(said.say("plan.log", n=len(so_far.marks)), "log", lambda: _log(board, known, said))
    if so_far.firings:
        label = said.say("plan.triggers", n=len(so_far.firings))
        _part(label, "triggers", lambda: st.html(plan.firings(known, said, rumours)))
    _part(said.say("plan.rumours"), "rumours", lambda: _rumours(board, known, said))
    _part(said.say("plan.roles"), "roles", lambda: _roles(board, known, said))
    advice = f"{said.say('plan.do')} · {said.say('plan.dont')}"
    _part(advice, "advice", lambda: st.html(plan.advice(playbook, said)))
    _part(said.say("plan.moderation"), "moderation", lambda: st.html(plan.moderation(playbook, said)))


def _part(label: str, key: str, inside: Callable[[], object]) -> None:
    box = st.expander(label, key=f"plan-{key}", type="compact", on_change="rerun")
    if box.open:
        with box:
            inside()


def _log(board: Board, known: Known, said: Words) -> None:
    actor = me()
    for mark in list(reversed(known.course.marks))[:SHOWN_DEEDS]:
        with st.container(key=f"done-{mark.decision}", gap=None):
            st.html(plan.deed(known, mark, said))
            theirs = "skipped" if mark.skipped else "sent"
            if actor.who and (actor.who == mark.who or theirs in UNDO_OF_OTHERS.get(actor.role, ())):
                st.button(
                    said.say("plan.undo"),
                    key=f"undo-{mark.decision}",
                    type="tertiary",
                    on_click=take_back,
                    args=(board, mark.decision),
                )


def _rumours(board: Board, known: Known, said: Words) -> None:
    for rumour in known.playbook.rumours:
        with st.container(key=f"rumour-of-{rumour.id}", gap=None):
            st.html(plan.rumour(known, rumour, said))
            if may_mark():
                text = said.say("plan.check")
                st.button(text, key=f"check-{rumour.id}", type="tertiary", on_click=checked, args=(board, rumour.id))


def _roles(board: Board, known: Known, said: Words) -> None:
    actor = me()
    for role in known.playbook.roles:
        with st.container(key=f"duty-{role.id}", horizontal=True, vertical_alignment="center", gap="small"):
            st.html(plan.role(known.playbook, role, known.course.duties, said))
            if can(actor, "duty") and known.course.duties.get(role.id) != actor.who:
                text = said.say("plan.take")
                st.button(text, key=f"take-{role.id}", type="tertiary", on_click=take, args=(board, role.id))
