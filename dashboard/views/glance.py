"""What the store holds at one moment, shared by all who look: read once per batch, however many are watching.

What depends on a viewer's filters is worked out once for all who chose the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl
import streamlit as st

from dashboard import queries
from dashboard.board import Board
from dashboard.queries import Filters, Page
from dedupe.store import Store

HELD = "glance"
KEPT = 4
"""How many batches back a frame is kept: long enough for a viewer who is drawing, short enough for memory."""
CHOSEN = 200
"""How many pages of the list, and lists of a filter's options, are kept."""
SHARED = 1.0
"""Seconds for which one look serves all viewers: with many of them the store is asked no more often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """One look at the store. `rows` as in `queries.records`, `batches` and `totals` as there."""

    rows: pl.DataFrame
    totals: pl.DataFrame
    batches: pl.DataFrame
    now: datetime
    wall: datetime
    version: tuple[int, int]


def look(board: Board, *, paused: bool) -> Glance:
    """The store now; for a viewer who paused, as it was then. Raises StoreError."""
    held: Glance | None = st.session_state.get(HELD)
    if paused and held is not None:
        return held
    rows, totals, batches, version = _seen(board.store.name, board.incident.id, board.store)
    glance = Glance(rows=rows, totals=totals, batches=batches, now=board.now(), wall=board.wall(), version=version)
    st.session_state[HELD] = glance
    return glance


def anew() -> None:
    """Let the next look see what was decided this moment."""
    _seen.clear()


def warm(board: Board) -> None:
    """Read what the first viewer would otherwise wait for. Raises StoreError."""
    rows, _, _, version = _seen(board.store.name, board.incident.id, board.store)
    _over_time(board.store.name, board.incident.id, version, board.store, rows)


def over_time(board: Board, glance: Glance) -> pl.DataFrame:
    """`queries.over_time` for the batch of `glance`. Raises StoreError."""
    return _over_time(board.store.name, board.incident.id, glance.version, board.store, glance.rows)


def pages(board: Board, glance: Glance, wanted: Filters) -> int:
    """`queries.pages` of what `glance` saw."""
    return _pages(board.store.name, board.incident.id, glance.version, wanted, glance.rows)


def page(board: Board, glance: Glance, wanted: Filters, number: int) -> Page:
    """`queries.page` of what `glance` saw."""
    return _page(board.store.name, board.incident.id, glance.version, wanted, number, glance.rows)


def options(board: Board, glance: Glance, name: str, category: str) -> list[str]:
    """The kinds (`name` is "kind") or places ("place") there are of a category, most first."""
    return _options(board.store.name, board.incident.id, glance.version, name, category, glance.rows)


# The store itself is no part of the key: it is one per process and has no value of its own.
@st.cache_resource(ttl=SHARED, max_entries=KEPT, show_spinner=False)
def _seen(name: str, incident: str, _store: Store) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, tuple[int, int]]:
    version = queries.version(_store, incident)
    rows, totals = _rows(name, incident, version, _store), _totals(name, incident, version, _store)
    return rows, totals, _batches(name, incident, version, _store), version


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _rows(name: str, incident: str, version: tuple[int, int], _store: Store) -> pl.DataFrame:
    return queries.records(_store, incident)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _totals(name: str, incident: str, version: tuple[int, int], _store: Store) -> pl.DataFrame:
    return queries.totals(_store, incident)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _batches(name: str, incident: str, version: tuple[int, int], _store: Store) -> pl.DataFrame:
    return queries.batches(_store, incident)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _over_time(name: str, incident: str, version: tuple[int, int], _store: Store, _rows: pl.DataFrame) -> pl.DataFrame:
    return queries.over_time(_store, incident, _rows)


@st.cache_resource(max_entries=CHOSEN, show_spinner=False)
def _pages(name: str, incident: str, version: tuple[int, int], wanted: Filters, _rows: pl.DataFrame) -> int:
    return queries.pages(_rows, wanted)


@st.cache_resource(max_entries=CHOSEN, show_spinner=False)
def _page(
    name: str, incident: str, version: tuple[int, int], wanted: Filters, number: int, _rows: pl.DataFrame
) -> Page:
    return queries.page(_rows, wanted, number)


@st.cache_resource(max_entries=CHOSEN, show_spinner=False)
def _options(
    name: str, incident: str, version: tuple[int, int], column: str, category: str, _rows: pl.DataFrame
) -> list[str]:
    counted = queries.kinds(_rows, category) if column == "kind" else queries.places(_rows, category)
    return [str(option) for option in counted[column]]
