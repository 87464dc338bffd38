"""One action of the plan: what to do, and, once opened, its message to copy and the marks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from dashboard.board import Board
from dashboard.course import key_of
from dashboard.fillings import Known, fillings
from dashboard.markup import cards, plan
from dashboard.views.plan_deeds import filled, keep, may_mark, sent, skipped
from dashboard.words import LANGUAGES, Language, Words, language_of, words
from playbooks.clock import Due
from playbooks.fill import fill, variables_in
from playbooks.lengths import measure
from playbooks.parts import Rumour, Template
from playbooks.values import Text

TOLD_OF_RUMOUR = frozenset({"fact", "source", "checked"})
LONGEST_FILLING = 300


def draw(board: Board, known: Known, entry: Due, said: Words, line: str) -> None:
    """Draw it; what is inside is worked out only while it is open."""
    key = key_of(entry)
    label = "plan.template" if entry.action.template else "plan.mark"
    with st.container(key=f"task-{key}", gap=None):
        st.html(line)
        box = st.expander(said.say(label), key=f"open-{key}", type="compact", on_change="rerun")
        if box.open:
            with box:
                _inside(board, known, entry, said)


def _inside(board: Board, known: Known, entry: Due, said: Words) -> None:
    networks, language = plan.networks(known.playbook, entry), ""
    if entry.action.template is not None:
        language = _message(known, entry, known.playbook.template(entry.action.template), networks, said)
    if may_mark():
        _marks(board, entry, networks if entry.action.template else [], language, said)
    else:
        st.html(cards.notice(said.say("plan.who_may")))


def _message(known: Known, entry: Due, template: Template, networks: list[str], said: Words) -> str:
    """The message with its fields. Returns its language."""
    key = key_of(entry)
    variables = template.variables.longest()
    rumour = _rumour(known, entry, said) if TOLD_OF_RUMOUR & variables.keys() else None
    spoken = [one for one in LANGUAGES if _is_in(template.text, one)]
    with st.container(key=f"tabs-{key}", horizontal=True, gap="small"):
        language = _one_of(said.say("plan.language"), spoken, f"language-{key}", said.language, str.upper)
        limited = [one for one in networks if measure(one, "") is not None]
        start = next(iter(limited or networks), "")
        named = partial(said.word, "network")
        network = _one_of(said.say("plan.network"), networks, f"network-{key}", start, named) if networks else ""
    told = words(language_of(language), known.incident.zone)
    text = template.text_for(network).in_language(told.language)
    there = fillings(known, told, entry, rumour)
    values = {name: there[name] for name in variables if name in there and name not in template.variables.person}
    values |= _fields(entry, [name for name in variables_in(text) if name not in values], said)
    message = fill(text, values)
    st.code(message, language=None, wrap_lines=True)
    st.html(plan.size(measure(network, message), said))
    return language


def _rumour(known: Known, entry: Due, said: Words) -> Rumour | None:
    """Which rumour of the plan the message answers: a person knows."""
    rumours = {rumour.id: rumour for rumour in known.playbook.rumours}
    if not rumours:
        return None
    chosen = st.selectbox(
        said.say("plan.rumour"),
        list(rumours),
        key=f"rumour-{key_of(entry)}",
        format_func=lambda one: rumours[one].question.in_language(said.language),
    )
    return rumours.get(str(chosen))


def _is_in(text: Text, language: Language) -> bool:
    return bool(getattr(text, language, None))


def _one_of(label: str, options: list[str] | list[Language], key: str, start: str, named: Callable[[str], str]) -> str:
    first = start if start in options else options[0]
    chosen = st.segmented_control(
        label,
        options,
        key=key,
        default=first,
        required=True,
        wrap=True,
        label_visibility="collapsed",
        format_func=named,
    )
    return str(chosen or first)


def _fields(entry: Due, names: list[str], said: Words) -> dict[str, str]:
    """A field for each variable a person fills in; what is typed is kept until it is sent."""
    held = filled(entry)
    if names:
        with st.container(key=f"fields-{key_of(entry)}", horizontal=True, gap="small"):
            for name in names:
                widget = f"fill-{key_of(entry)}-{name}"
                st.text_input(
                    said.say("plan.fill", name=said.word("variable", name)),
                    value=held.get(name, ""),
                    key=widget,
                    max_chars=LONGEST_FILLING,
                    on_change=keep,
                    args=(entry, name, widget),
                )
    return {name: held[name] for name in names if held.get(name, "").strip()}


def _marks(board: Board, entry: Due, networks: list[str], language: str, said: Words) -> None:
    key = key_of(entry)
    where: list[str] = []
    if networks:
        where = st.pills(
            said.say("plan.where"),
            networks,
            selection_mode="multi",
            default=networks,
            key=f"where-{key}",
            format_func=partial(said.word, "network"),
        )
    with st.container(key=f"marks-{key}", horizontal=True, gap="small", vertical_alignment="center"):
        st.button(
            said.say("plan.sent" if networks else "plan.done"),
            key=f"sent-{key}",
            type="primary",
            icon=":material/check:",
            disabled=bool(networks) and not where,
            on_click=sent,
            args=(board, entry, where, language),
        )
        reason, asks = f"reason-{key}", said.say("plan.reason")
        st.text_input(asks, key=reason, max_chars=LONGEST_FILLING, placeholder=asks, label_visibility="collapsed")
        st.button(said.say("plan.skip"), key=f"skipped-{key}", on_click=skipped, args=(board, entry, reason))
