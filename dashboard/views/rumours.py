"""Rumours: what goes round and how often, how it stands, what to answer, and one text for all copies."""

from __future__ import annotations

from html import escape

import streamlit as st

from dashboard import deeds
from dashboard.board import Board
from dashboard.markup import cards
from dashboard.markup import moderation as markup
from dashboard.markup.refusals import refusal
from dashboard.queries import version
from dashboard.rumours import SHOWN, Claim, claims, correction
from dashboard.views.attempt import do, last
from dashboard.visitors import can
from dashboard.words import Words
from dedupe.deciding.roles import Actor
from dedupe.deciding.rumours import FOUND
from dedupe.errors import StoreError

PLACE = "rumours"


def draw(board: Board, said: Words, actor: Actor) -> None:
    """Draw the claims, those that nobody checked first."""
    last(board, PLACE, said)
    try:
        seen = version(board.store, board.incident.id)
        found, there = _claims(board.store.name, board.incident.id, seen, board)
    except StoreError as error:
        st.html(refusal(error, said, board.now()))
        return
    st.html(f"<h3>{escape(said.count('rumours.found', there))}</h3>")
    if not found:
        st.html(cards.notice(said.say("rumours.none"), "told"))
    for claim in found:
        with st.container(key=f"hearsay-{claim.key}"):
            _claim(board, said, actor, claim)
    if there > SHOWN:
        st.html(cards.notice(said.count("moderation.more", there - SHOWN)))


@st.cache_resource(max_entries=4, show_spinner=False)
def _claims(name: str, incident: str, version: tuple[int, int], _board: Board) -> tuple[list[Claim], int]:
    return claims(_board.store, incident, _board.playbook)


def _claim(board: Board, said: Words, actor: Actor, claim: Claim) -> None:
    st.html(markup.claim(claim, said, board.now()))
    opened = st.expander(said.say("rumours.wordings"), key=f"said-{claim.key}", type="compact", on_change="rerun")
    if opened.open:
        opened.html(markup.wordings(claim, said))
    if can(actor, "rumour"):
        box = st.expander(said.say("rumours.judge"), key=f"judge-{claim.key}", type="compact", on_change="rerun")
        if box.open:
            with box:
                _judge(board, said, claim)
    if board.playbook and claim.found != "checked":
        text = st.expander(said.say("rumours.correction"), key=f"text-{claim.key}", type="compact")
        with text:
            st.code(correction(claim, board.playbook, said, board.now()), language=None, wrap_lines=True)
            st.html(cards.notice(said.say("rumours.one_text" if claim.found == "false" else "rumours.first_check")))


def _judge(board: Board, said: Words, claim: Claim) -> None:
    records = [str(row["record"]) for row in claim.rows]
    numbers = list(range(1, len(records) + 1))
    chosen = numbers
    if len(records) > 1:
        st.html(markup.wordings(claim, said))
        chosen = st.pills(
            said.say("rumours.which"),
            numbers,
            selection_mode="multi",
            default=numbers,
            key=f"which-{claim.key}-{len(records)}",
        )
    source = st.text_input(
        said.say("rumours.source"),
        key=f"confirmer-{claim.key}",
        max_chars=120,
        placeholder=claim.known.source.in_language(said.language) if claim.known else None,
    )
    picked = [records[number - 1] for number in chosen]
    with st.container(key=f"judging-{claim.key}", horizontal=True):
        for found in FOUND:
            st.button(
                said.say(f"found_do.{found}"),
                key=f"{found}-{claim.key}",
                on_click=do,
                args=(board, PLACE, said.word("found", found), deeds.judge_rumour, picked, found, source),
            )
    st.html(cards.notice(said.say("rumours.needs_source")))
