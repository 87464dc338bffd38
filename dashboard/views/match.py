"""The page where offers and requests come together: what waits, what fits it, one proposal for all, and what came of matches."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from dashboard import deeds, pairs
from dashboard.board import Board
from dashboard.markup import cards
from dashboard.markup import match as markup
from dashboard.pairs import Choice, Proposal, Side
from dashboard.queries import searchable
from dashboard.views import filters, matched, opened, who
from dashboard.views.attempt import attempt, refused
from dashboard.views.glance import Glance, look
from dashboard.views.live import REFRESH, live
from dashboard.visitors import can
from dashboard.words import Words
from dedupe.errors import StoreError
from dedupe.reading.lexicon import KINDS

Row = dict[str, Any]

STARTS = {"lang": "nl", "side": "request", "chosen": "", "record": ""}
"""What the address of this page begins with."""
SIDES = ("request", "offer", "all", "made")
OTHER: Mapping[str, Side] = {"request": "offer", "offer": "request"}
SHOWN = 40
"""Most that are listed of what waits, and of matches."""
PROPOSED = "proposed"
KEPT = 100


def page(board: Board, said: Words) -> None:
    """Draw the page."""
    if "side" not in st.session_state:
        asked = st.query_params.get("side", "")
        st.session_state["side"] = asked if asked in SIDES else SIDES[0]
    if "chosen" not in st.session_state:
        st.session_state["chosen"] = st.query_params.get("chosen", "")
    filters.opened()
    side = st.segmented_control(
        said.say("match.side"),
        SIDES,
        key="side",
        default=st.session_state["side"],
        required=True,
        label_visibility="collapsed",
        format_func=lambda code: said.say(f"match.side_{code}"),
    )
    paused = filters.paused()
    sought = ""
    if side in OTHER:
        sought = st.text_input(
            said.say("match.find"), key="sought", placeholder=said.say("match.find_hint"), max_chars=100, width=420
        )
    live(draw, REFRESH, paused=paused)(board, said, side, paused, sought)
    filters.write_address(STARTS)


def draw(board: Board, said: Words, side: str, paused: bool, sought: str = "") -> None:
    """Draw the side that was chosen; of what waits, what is `sought`."""
    try:
        glance = look(board, paused=paused)
        if not can(who.me(), "match"):
            st.html(cards.notice(said.say("deed.role" if who.me().who else "deed.who")))
        if side == "all":
            _all(board, said, glance)
        elif side == "made":
            matched.draw(board, said, glance)
        else:
            _one(board, said, glance, "offer" if side == "offer" else "request", sought)
    except StoreError as error:
        st.html(cards.notice(said.say("board.store", sentence=error), "alarm"))
    filters.write_address(STARTS)


def _one(board: Board, said: Words, glance: Glance, side: Side, sought: str) -> None:
    """Left what waits, right what fits the one that was chosen."""
    if not searchable(sought):
        st.html(cards.notice(said.say("filters.no_persons"), "alarm"))
        return
    everything = _waiting(board.store.name, board.incident.id, glance.version, glance.moment, side, glance.rows)
    listed = pairs.about(everything, sought, {kind: said.word("kind", kind) for kind in KINDS})
    chosen = _chosen(glance.rows, listed, side)
    left, right = st.columns([0.4, 0.6], gap="medium")
    with left:
        st.html(f"<h2>{escape(said.count(f'match.waiting_{side}', listed.height))}</h2>")
        with st.container(key="waiting", gap="small"):
            for row in listed.head(SHOWN).iter_rows(named=True):
                _waits(said, row, glance, is_chosen=chosen is not None and row["record"] == chosen["record"])
            if listed.is_empty() and sought:
                st.html(cards.notice(said.say("list.none_filtered")))
            if listed.height > SHOWN:
                st.html(cards.notice(said.count("match.more", listed.height - SHOWN)))
    with right:
        if chosen is None:
            st.html(cards.notice(said.say(f"match.none_{side}")))
        else:
            _fitting(board, said, glance, chosen, side)


def _chosen(rows: pl.DataFrame, listed: pl.DataFrame, side: Side) -> Row | None:
    """What the viewer chose, also when it waits no longer; else the first that waits, which stays chosen when others come."""
    record = st.session_state["chosen"]
    mine = rows.filter(pl.col("record") == record, pl.col("category") == side)
    found = mine if mine.height else listed.head(1)
    if found.is_empty():
        return None
    st.session_state["chosen"] = found["record"][0]
    return found.row(0, named=True)


def _waits(said: Words, row: Row, glance: Glance, *, is_chosen: bool) -> None:
    with st.container(key=f"waits{'-on' if is_chosen else ''}-{row['record']}", gap=None):
        st.button(
            markup.label(row, said),
            key=f"choose-{row['record']}",
            type="primary" if is_chosen else "secondary",
            width="stretch",
            on_click=_choose,
            args=(row["record"],),
        )
        st.html(markup.asked(row, said, glance.now, who.me().who))


def _choose(record: str) -> None:
    st.session_state["chosen"] = record
    st.session_state.pop(matched.JUST, None)


def _fitting(board: Board, said: Words, glance: Glance, chosen: Row, side: Side) -> None:
    me = who.me().who
    _record(board, said, chosen, glance)
    if chosen["kind"] is None:
        st.html(cards.notice(said.say("match.what"), "told"))
    matched.just(board, said, glance)
    found = _choice(
        board.store.name, board.incident.id, glance.version, glance.moment, chosen["record"], side, me, glance.rows
    )
    heading = "best" if found.pairs.height == pairs.BEST else "fits"
    st.html(f"<h2>{escape(said.count(f'match.{heading}_{side}', found.pairs.height))}</h2>")
    if found.misfits.height:
        st.html(markup.misfits(list(found.misfits.iter_rows()), said))
    rows = matched.by_record(glance.rows, found.pairs[OTHER[side]])
    with st.container(key="fits", gap="small"):
        for pair in found.pairs.iter_rows(named=True):
            if row := rows.get(pair[OTHER[side]]):
                _fit(board, said, glance, pair, row)


def _record(board: Board, said: Words, row: Row, glance: Glance) -> None:
    with st.container(key=f"card-{row['record']}"):
        st.html(cards.card(row, said, glance.now, who.me().who))
        opened.quick(board, said, row)
        if filters.opened() == row["record"]:
            opened.draw(board, said, row, glance)
        else:
            st.empty()


def _fit(board: Board, said: Words, glance: Glance, pair: Row, row: Row) -> None:
    name = f"{pair['request']}-{pair['offer']}"
    with st.container(key=f"fit-{name}", gap="small"):
        st.html(markup.fit(row, pair, said, glance.now, who.me().who))
        with st.container(key=f"can-{name}", horizontal=True, vertical_alignment="bottom", gap="small"):
            _match(board, said, pair, name)
            opened.quick(board, said, row, small=True)
        refused(board, name, said)
        if filters.opened() == row["record"]:
            opened.draw(board, said, row, glance)
        else:
            st.empty()


def _match(board: Board, said: Words, pair: Row, name: str) -> None:
    """Draw how many, and the button that brings the two together."""
    if not can(who.me(), "match"):
        return
    most = pair["places"]
    if most is None or most > 1:
        st.number_input(
            said.say("match.places"),
            min_value=1,
            max_value=most or 9_999,
            value=most if pair["need"] else 1,
            key=f"many-{name}",
            width=120,
        )
    st.button(
        said.say("match.do"),
        key=f"match-{name}",
        type="primary",
        on_click=_bring,
        args=(board, pair["offer"], pair["request"], name),
    )


def _bring(board: Board, offer: str, request: str, name: str) -> None:
    places = st.session_state.get(f"many-{name}")
    st.session_state.pop(matched.JUST, None)
    if decision := attempt(board, name, deeds.match, offer, request, places and int(places)):
        st.session_state[matched.JUST] = decision


def _all(board: Board, said: Words, glance: Glance) -> None:
    """A proposal for all that wait, confirmed row by row. Made when asked for: it costs seconds, and must not change while read."""
    st.html(cards.notice(said.say("match.all_note")))
    with st.container(key="propose", horizontal=True, vertical_alignment="center", gap="small"):
        if st.button(said.say("match.propose"), key="propose-all", type="primary"):
            me = who.me().who
            with st.spinner(said.say("match.propose")):
                found = _proposal(board.store.name, board.incident.id, glance.version, glance.moment, me, glance.rows)
            st.session_state[PROPOSED] = found, glance.now
        found, at = st.session_state.get(PROPOSED, (None, None))
        if found is not None:
            st.html(cards.notice(_told(found, at, said, glance)))
    if found is not None:
        _proposed(board, said, glance, found.pairs)


def _told(found: Proposal, at: datetime, said: Words, glance: Glance) -> str:
    people = int(found.pairs["need"].fill_null(1).sum())
    told = said.count("match.proposed", found.pairs.height, people=said.number(people), time=said.clock(at, glance.now))
    if found.looked_at == found.open:
        return told
    return f"{told}. {said.say('match.looked_at', n=said.number(found.looked_at), all=said.number(found.open))}"


def _proposed(board: Board, said: Words, glance: Glance, found: pl.DataFrame) -> None:
    rows = matched.by_record(glance.rows, pl.concat([found["offer"], found["request"]]))
    done = {
        (row["offer"], row["request"]): row
        for row in matched.standing(board, glance).iter_rows(named=True)
        if not row["outcome"]
    }
    with st.container(key="proposed", gap="small"):
        for pair in found.iter_rows(named=True):
            name = f"{pair['request']}-{pair['offer']}"
            with st.container(key=f"pair-{name}", gap="small"):
                offer, request = rows.get(pair["offer"]), rows.get(pair["request"])
                st.html(markup.both(offer, request, said) + markup.reasons(pair, said))
                if made := done.get((pair["offer"], pair["request"])):
                    st.html(cards.notice(said.count("match.done", made["places"]), "told"))
                elif offer and request:
                    with st.container(key=f"can-{name}", horizontal=True, vertical_alignment="bottom", gap="small"):
                        _match(board, said, pair, name)
                refused(board, name, said)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _waiting(
    name: str, incident: str, version: tuple[int, int], moment: datetime, side: Side, _rows: pl.DataFrame
) -> pl.DataFrame:
    return pairs.waiting(_rows, side)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _choice(
    name: str, incident: str, version: tuple[int, int], moment: datetime, record: str, side: Side, me: str, _rows: pl.DataFrame
) -> Choice:  # fmt: skip
    return pairs.choice(_rows, record, side, moment, me or None)


@st.cache_resource(max_entries=4, show_spinner=False)
def _proposal(
    name: str, incident: str, version: tuple[int, int], moment: datetime, me: str, _rows: pl.DataFrame
) -> Proposal:
    return pairs.proposal(_rows, moment, me or None)
