"""The page of moderators: what may have to be hidden, what is hidden, and rumours; apart from the view of volunteers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any

import streamlit as st

from dashboard import deeds, moderation, review
from dashboard.board import Board
from dashboard.markup import cards
from dashboard.markup import moderation as markup
from dashboard.markup.refusals import refusal
from dashboard.queries import version
from dashboard.views import filters, rumours, who
from dashboard.views.attempt import do, last
from dashboard.views.live import REFRESH, live
from dashboard.visitors import can
from dashboard.words import Words
from dedupe.deciding.moderation import ONE_PAIR, REASONS
from dedupe.deciding.roles import Actor
from dedupe.errors import NotFound, StoreError
from playbooks.fill import fill

PARTS = {"harm": "hide", "hidden": "hide", "rumours": "rumour"}
"""The parts of the page with the action one needs for each."""
PART, OPEN, SOUGHT = "moderation-part", "moderation-open", "moderation-sought"
PLACE = "moderation"
SHOWN = 20
"""Candidates on the screen; the next comes when one is done."""
# What fits a flag: the reason that is chosen to begin with.
FITS = {
    "threat": "threat",
    "hate": "group_hatred",
    "doxing": "contact_data",
    "address": "contact_data",
    "minor": "contact_data",
    "scam": "scam",
}


def page(board: Board, said: Words) -> None:
    """Draw the page."""
    st.html(f"<h2>{escape(said.say('moderation.heading'))}</h2>")
    actor = who.me()
    if not can(actor, "hide"):
        st.html(cards.notice(said.say("moderation.not_you" if actor.who else "moderation.nobody"), "told"))
    parts = [part for part, action in PARTS.items() if can(actor, action)]
    left, right = st.columns([0.62, 0.38], gap="medium")
    with left:
        if parts:
            live(draw, REFRESH, paused=filters.paused())(board, said, actor, parts)
        else:
            st.html(f"<h3>{escape(said.say('moderation.rumours'))}</h3>")
            live(rumours.draw, REFRESH, paused=filters.paused())(board, said, actor)
    with right:
        _beside(board, said, actor)
    filters.write_address(names=("lang",))


def _beside(board: Board, said: Words, actor: Actor) -> None:
    """The plan's part: where to report, what makes it worse; the rumours it expects."""
    with st.container(key="plan"):
        if board.playbook is None:
            st.html(cards.notice(said.say("plan.none")))
            return
        if can(actor, "hide"):
            told = markup.points(board.playbook.moderation, said)
            st.html(f"<h3>{escape(said.say('plan.report_at'))}</h3>{told}")
        expected = markup.expected(board.playbook, said)
        st.expander(said.say("plan.rumours"), key="moderation-rumours", type="compact").html(expected)


def draw(board: Board, said: Words, actor: Actor, parts: list[str]) -> None:
    """Draw the part that was chosen."""
    if st.session_state.get(PART) not in parts:
        st.session_state[PART] = parts[0]
    st.segmented_control(
        said.say("moderation.part"),
        parts,
        key=PART,
        default=st.session_state[PART],
        required=True,
        label_visibility="collapsed",
        format_func=lambda part: said.say(f"moderation.{part}"),
    )
    draws: dict[str, Callable[[Board, Words, Actor], None]] = {
        "harm": _harm,
        "hidden": _hidden,
        "rumours": rumours.draw,
    }
    try:
        draws[st.session_state[PART]](board, said, actor)
    except StoreError as error:
        st.html(refusal(error, said, board.now()))


# Read once for all who look, anew when something came in or was decided.
@st.cache_resource(max_entries=8, show_spinner=False)
def _candidates(
    name: str, incident: str, version: tuple[int, int], also: int | None, _board: Board
) -> list[dict[str, Any]]:
    return moderation.candidates(_board.store, incident, also).to_dicts()


def _harm(board: Board, said: Words, actor: Actor) -> None:
    last(board, PLACE, said)
    also = _sought(board, said)
    seen = version(board.store, board.incident.id)
    rows = _candidates(board.store.name, board.incident.id, seen, also, board)
    if also is not None:
        rows = sorted(rows, key=lambda row: row["root"] != also)
    st.html(f"<h3>{escape(said.count('moderation.found', len(rows)))}</h3>")
    if not rows:
        st.html(cards.notice(said.say("moderation.none"), "told"))
    for row in rows[:SHOWN]:
        _candidate(board, said, actor, row)
    if len(rows) > SHOWN:
        st.html(cards.notice(said.count("moderation.more", len(rows) - SHOWN)))


def _sought(board: Board, said: Words) -> int | None:
    """A record that is not among the candidates, by a link or a name. Gives its root."""
    with st.expander(said.say("moderation.seek"), key="moderation-seek", type="compact"):
        sought = st.text_input(said.say("moderation.seek_label"), key=SOUGHT, max_chars=2_000)
        if not sought.strip():
            return None
        try:
            return int(review.named(board.store, sought)["root"])
        except NotFound as error:
            st.html(refusal(error, said, board.now()))
            return None


def _candidate(board: Board, said: Words, actor: Actor, row: dict[str, Any]) -> None:
    record = row["record"]
    with st.container(key=f"suspect-{record}"):
        st.html(markup.suspect(row, said, board.now()))
        opened = st.session_state.get(OPEN) == record
        with st.container(key=f"suspect-do-{record}", horizontal=True):
            st.button(
                said.say("moderation.close" if opened else "moderation.open"),
                key=f"open-{record}",
                on_click=_open,
                args=(record,),
            )
            st.button(
                said.say("moderation.clear"),
                key=f"clear-{record}",
                type="tertiary",
                on_click=do,
                args=(board, PLACE, said.say("moderation.done_clear"), deeds.clear, record),
            )
        if not opened:
            return
        _recognise(board, said, actor, row)
        _report(board, said, row)
        _talk(board, said)


def _open(record: str) -> None:
    st.session_state[OPEN] = None if st.session_state.get(OPEN) == record else record


def _recognise(board: Board, said: Words, actor: Actor, row: dict[str, Any]) -> None:
    """Step 1: read it, when one has to, and say what it is."""
    record = row["record"]
    st.html(markup.step(1, "recognise", board.playbook, said))
    text = st.expander(said.say("moderation.show"), key=f"words-{record}", type="compact", on_change="rerun")
    if text.open:
        text.html(markup.words_of(row, said))
    fits = row["code"] or next((FITS[flag] for flag in moderation.HARM if flag in row["flags"]), None)
    own, second = row["proposer"] == actor.who, row["proposer"] is not None
    with st.container(key=f"hide-row-{record}", horizontal=True, vertical_alignment="bottom"):
        code = st.selectbox(
            said.say("moderation.reason"),
            REASONS,
            index=REASONS.index(fits) if fits in REASONS else None,
            key=f"reason-{record}",
            format_func=lambda each: said.word("reason", each),
            placeholder=said.say("moderation.choose"),
        )
        alone = row["category"] not in ("offer", "request") or code in ONE_PAIR
        deed = "hide" if alone else "confirm_hide" if second else "propose"
        told = f"moderation.done_{'propose' if deed == 'propose' else 'hide'}"
        st.button(
            said.say(f"moderation.{deed}"),
            key=f"hide-{record}",
            type="primary",
            disabled=code is None or (own and not alone),
            on_click=do,
            args=(board, PLACE, said.say(told), deeds.hide, record, code),
        )
    if not alone:
        st.html(
            cards.notice(said.say("moderation.own" if own else "moderation.second" if second else "moderation.two"))
        )


def _report(board: Board, said: Words, row: dict[str, Any]) -> None:
    """Step 2: what is kept, and where it was reported."""
    record = row["record"]
    st.html(markup.step(2, "report", board.playbook, said))
    rows, kept = moderation.evidence(board.store, board.incident.id, row["root"])
    st.html(markup.evidence(rows, kept, said))
    places = [said.word("network", row["network"])]
    if board.playbook:
        points = board.playbook.moderation.reporting_points
        places += [f"{point.name} ({point.country})" for point in points]
    with st.container(key=f"report-row-{record}", horizontal=True, vertical_alignment="bottom"):
        where = st.selectbox(
            said.say("moderation.where"),
            list(dict.fromkeys(places)),
            index=None,
            key=f"where-{record}",
            accept_new_options=True,
            placeholder=said.say("moderation.where_hint"),
        )
        st.button(
            said.say("moderation.report"),
            key=f"report-{record}",
            disabled=not where,
            on_click=do,
            args=(board, PLACE, said.say("moderation.done_report"), deeds.report, record, str(where)[:200]),
        )
    st.html(cards.notice(said.say("moderation.by_hand")))


def _talk(board: Board, said: Words) -> None:
    """Step 3: the text for who was hit."""
    st.html(markup.step(3, "talk", board.playbook, said))
    if board.playbook is None:
        return
    named = next((one.template for one in board.playbook.moderation.steps if one.id == "talk"), None)
    if named:
        text = board.playbook.template(named).text.in_language(said.language)
        st.code(fill(text, {}), language=None, wrap_lines=True)


def _hidden(board: Board, said: Words, actor: Actor) -> None:
    last(board, PLACE, said)
    rows = moderation.hidden(board.store, board.incident.id)
    st.html(f"<h3>{escape(said.count('moderation.hidden_found', rows.height))}</h3>")
    for row in rows.head(SHOWN).iter_rows(named=True):
        name = row["post"] or row["record"]
        with st.container(key=f"suspect-hidden-{name}"):
            st.html(markup.gone(row, said, board.now()))
            st.button(
                said.say("moderation.unhide"),
                key=f"unhide-{name}",
                on_click=do,
                args=(
                    board,
                    PLACE,
                    said.say("moderation.done_unhide"),
                    partial(deeds.unhide, post=row["post"] is not None),
                    name,
                ),
            )
    if rows.height > SHOWN:
        st.html(cards.notice(said.count("moderation.more", rows.height - SHOWN)))
