"""What was brought together: what came of each match, and the texts to send to both sides."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from dashboard import deeds, pairs
from dashboard.board import Board
from dashboard.markup import cards
from dashboard.markup import match as markup
from dashboard.views import who
from dashboard.views.attempt import click, refused
from dashboard.views.glance import Glance
from dashboard.visitors import can, can_undo
from dashboard.words import Words
from dedupe.store import Store

Row = dict[str, Any]

JUST = "just matched"
"""Where the match is that this viewer made last."""
SHOWN = 40
"""Most that are listed."""
KEPT = 20


def just(board: Board, said: Words, glance: Glance) -> None:
    """What was just brought together, with the texts to send."""
    decision = st.session_state.get(JUST)
    with st.container(key="just"):
        if decision is None:
            return
        found = standing(board, glance).filter(pl.col("match") == decision)
        for row in found.iter_rows(named=True):
            st.html(cards.notice(said.say("match.just"), "told"))
            _match(board, said, glance, row, _both_sides(glance, found), unfolded=True)


def draw(board: Board, said: Words, glance: Glance) -> None:
    """The standing matches with what came of them."""
    found = standing(board, glance)
    st.html(f"<h2>{escape(said.count('match.made', found.height))}</h2>")
    if found.is_empty():
        st.html(cards.notice(said.say("match.none_made")))
    rows = _both_sides(glance, found.head(SHOWN))
    with st.container(key="made", gap="small"):
        for row in found.head(SHOWN).iter_rows(named=True):
            _match(board, said, glance, row, rows)
        if found.height > SHOWN:
            st.html(cards.notice(said.count("match.more", found.height - SHOWN)))


def _match(
    board: Board, said: Words, glance: Glance, row: Row, rows: Mapping[str, Row], *, unfolded: bool = False
) -> None:  # fmt: skip
    match, actor = row["match"], who.me()
    offer, request = rows.get(row["offer"]), rows.get(row["request"])
    with st.container(key=f"made-{match}", gap="small"):
        st.html(markup.matched(row, offer, request, said, glance.now))
        with st.container(key=f"came-{match}", horizontal=True, gap="small"):
            if row["outcome"] is None:
                for deed in (deeds.arrived, deeds.fell_through):
                    name = deed.__name__
                    if can(actor, name):
                        st.button(
                            said.say(f"match.{name}"),
                            key=f"{name}-{match}",
                            on_click=partial(click, board, match, deed, match),
                        )
            done, by = (match, row["who"]) if row["outcome"] is None else (row["outcome_said"], row["outcome_by"])
            if can_undo(actor, row["outcome"] or "match", by):
                undo = partial(click, board, match, deeds.undo, done)
                st.button(said.say("did.undo"), key=f"undo-{done}", type="tertiary", on_click=undo)
        refused(board, match, said)
        if offer and request and row["outcome"] is None:
            with st.expander(said.say("match.letters"), key=f"letters-{match}", type="compact", expanded=unfolded):
                _letters(board, said, offer, request, row["places"])
        else:
            st.empty()


def _letters(board: Board, said: Words, offer: Row, request: Row, places: int) -> None:
    for letter in markup.letters(offer, request, places, board.incident.name, said):
        heading = said.say(f"match.to_{letter.side}", language=letter.language.upper())
        st.html(f"<h4>{escape(heading)}</h4>{letter.link}")
        st.code(letter.text, language=None, wrap_lines=True)
    st.html(cards.notice(said.say("match.not_sent")))


def by_record(rows: pl.DataFrame, wanted: pl.Series) -> dict[str, Row]:
    """The rows of the wanted records, by record."""
    found = rows.filter(pl.col("record").is_in(wanted.drop_nulls().unique().implode()))
    return {row["record"]: row for row in found.iter_rows(named=True)}


def _both_sides(glance: Glance, found: pl.DataFrame) -> dict[str, Row]:
    return by_record(glance.rows, pl.concat([found["offer"], found["request"]]))


def standing(board: Board, glance: Glance) -> pl.DataFrame:
    """`pairs.made` of what `glance` saw."""
    return _read(board.store.name, board.incident.id, glance.version, board.store)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _read(name: str, incident: str, version: tuple[int, int], _store: Store) -> pl.DataFrame:
    return pairs.made(_store, incident)
