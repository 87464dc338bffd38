"""What the store holds at one moment, shared by all who look: read once per batch, however many are watching."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl
import streamlit as st

from dashboard import queries
from dashboard.board import Board
from dedupe.store import Store

HELD = "glance"
KEPT = 4
"""How many batches back a frame is kept: long enough for a viewer who is drawing, short enough for memory."""


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
    store, incident = board.store, board.incident.id
    version = queries.version(store, incident)
    glance = Glance(
        rows=_rows(store.name, incident, version, store),
        totals=_totals(store.name, incident, version, store),
        batches=queries.batches(store, incident),
        now=board.now(),
        wall=board.wall(),
        version=version,
    )
    st.session_state[HELD] = glance
    return glance


def over_time(board: Board, glance: Glance) -> pl.DataFrame:
    """`queries.over_time` for the batch of `glance`. Raises StoreError."""
    return _over_time(board.store.name, board.incident.id, glance.version, board.store, glance.rows)


# The store itself is no part of the key: it is one per process and has no value of its own.
@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _rows(name: str, incident: str, version: tuple[int, int], _store: Store) -> pl.DataFrame:
    return queries.records(_store, incident)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _totals(name: str, incident: str, version: tuple[int, int], _store: Store) -> pl.DataFrame:
    return queries.totals(_store, incident)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _over_time(name: str, incident: str, version: tuple[int, int], _store: Store, _rows: pl.DataFrame) -> pl.DataFrame:
    return queries.over_time(_store, incident, _rows)
