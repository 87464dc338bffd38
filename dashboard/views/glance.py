"""What the store holds at one moment, shared by all who look: read once per batch, however many are watching.

What depends on a viewer's filters is worked out once for all who chose the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl
import streamlit as st

from dashboard import lives, queries
from dashboard.board import Board
from dashboard.figures import figures
from dashboard.lives import Known
from dashboard.noticed import Noticed, notice
from dashboard.queries import Filters, Page
from dedupe.deciding.life import Terms
from dedupe.store import Store
from playbooks.model import Playbook
from playbooks.triggers import Figures

HELD = "glance"
KEPT = 4
"""How many batches back a frame is kept: long enough for a viewer who is drawing, short enough for memory."""
CHOSEN = 200
"""How many lists of what passes a viewer's filters, and lists of a filter's options, are kept."""
TICK = timedelta(seconds=5)
"""How often, by the incident's clock, it is worked out anew who holds what and what expired; every decision does too."""
SHARED = 1.0
"""Seconds for which one look serves all viewers: with many of them the store is asked no more often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """One look at the store. `rows` as in `lives.standing` at `moment`, `batches` and `totals` as in `queries`."""

    rows: pl.DataFrame
    totals: pl.DataFrame
    batches: pl.DataFrame
    now: datetime
    wall: datetime
    version: tuple[int, int]
    moment: datetime


def look(board: Board, *, paused: bool) -> Glance:
    """The store now; for a viewer who paused, as it was then. Raises StoreError."""
    held: Glance | None = st.session_state.get(HELD)
    if paused and held is not None:
        return held
    glance = st.session_state[HELD] = glimpse(board)
    return glance


def glimpse(board: Board) -> Glance:
    """The store now, not held for a pause: what another page than the first looks at. Raises StoreError."""
    return _seen(board.store.name, board.incident.id, board)


def look_again() -> None:
    """Let the next look see what was decided just now, for all who look."""
    _seen.clear()
    st.session_state.pop(HELD, None)


def warm(board: Board) -> None:
    """Read what the first viewer would otherwise wait for. Raises StoreError."""
    seen = _seen(board.store.name, board.incident.id, board)
    _over_time(board.store.name, board.incident.id, seen.version, board.store, seen.rows)


def over_time(board: Board, glance: Glance) -> pl.DataFrame:
    """`queries.over_time` for the batch of `glance`. Raises StoreError."""
    return _over_time(board.store.name, board.incident.id, glance.version, board.store, glance.rows)


def noticed(board: Board, glance: Glance) -> Noticed:
    """`noticed.notice` for the batch and the minute of `glance`. Raises StoreError."""
    minute = glance.now.replace(second=0, microsecond=0)
    return _noticed(board.store.name, board.incident.id, glance.version, minute, board.store)


def figured(board: Board, glance: Glance, playbook: Playbook) -> Figures:
    """`figures.figures` of what `glance` saw. Raises StoreError."""
    seen = noticed(board, glance)
    return _figured(board.store.name, board.incident.id, glance.version, glance.moment, board, playbook, glance, seen)


def seen(board: Board) -> tuple[object, pl.DataFrame, Noticed]:
    """What triggers are judged by, from the glance all share: version, rows, what there is to notice. Raises StoreError."""
    found = _seen(board.store.name, board.incident.id, board)
    minute = board.now().replace(second=0, microsecond=0)
    return found.version, found.rows, _noticed(board.store.name, board.incident.id, found.version, minute, board.store)


def pages(board: Board, glance: Glance, wanted: Filters) -> int:
    """`queries.pages` of what `glance` saw."""
    return queries.pages(_sought(board, glance, wanted), wanted.per_page)


def page(board: Board, glance: Glance, wanted: Filters, number: int) -> Page:
    """`queries.page` of what `glance` saw."""
    return queries.page(glance.rows, _sought(board, glance, wanted), number, wanted.per_page)


def _sought(board: Board, glance: Glance, wanted: Filters) -> pl.DataFrame:
    return _found(board.store.name, board.incident.id, glance.version, glance.moment, wanted, glance.rows)


def options(board: Board, glance: Glance, name: str, category: str) -> list[str]:
    """The kinds (`name` is "kind") or places ("place") there are of a category, most first."""
    return _options(board.store.name, board.incident.id, glance.version, name, category, glance.rows)


# The store itself is no part of the key: it is one per process and has no value of its own.
@st.cache_resource(ttl=SHARED, max_entries=KEPT, show_spinner=False)
def _seen(name: str, incident: str, _board: Board) -> Glance:
    store, now = _board.store, _board.now()
    version = queries.version(store, incident)
    rows, totals = _rows(name, incident, version, store), _totals(name, incident, version, store)
    moment = datetime.fromtimestamp(now.timestamp() // TICK.seconds * TICK.seconds, UTC)
    standing = _standing(name, incident, version, moment, rows, _known(name, incident, version, store), _board.terms)
    batches = _batches(name, incident, version, store)
    return Glance(
        rows=standing, totals=totals, batches=batches, now=now, wall=_board.wall(), version=version, moment=moment
    )


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _known(name: str, incident: str, version: tuple[int, int], _store: Store) -> Known:
    return lives.known(_store, incident)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _standing(
    name: str, incident: str, version: tuple[int, int], moment: datetime, _rows: pl.DataFrame, _known: Known, _terms: Terms
) -> pl.DataFrame:  # fmt: skip
    return lives.standing(_rows, _known, moment, _terms)


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


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _noticed(name: str, incident: str, version: tuple[int, int], now: datetime, _store: Store) -> Noticed:
    return notice(_store, incident, now)


# What is not in the key changes by the minute, or is looked at again within `SHARED`.
@st.cache_resource(ttl=SHARED, max_entries=KEPT, show_spinner=False)
def _figured(
    name: str, incident: str, version: tuple[int, int], moment: datetime, _board: Board, _playbook: Playbook, _glance: Glance,
    _seen: Noticed,
) -> Figures:  # fmt: skip
    return figures(_playbook, _board.incident, _glance.rows, _seen, _board.sources(), _glance.now, _glance.wall)


@st.cache_resource(max_entries=CHOSEN, show_spinner=False)
def _found(
    name: str, incident: str, version: tuple[int, int], moment: datetime, wanted: Filters, _rows: pl.DataFrame
) -> pl.DataFrame:
    return queries.found(_rows, wanted)


@st.cache_resource(max_entries=CHOSEN, show_spinner=False)
def _options(
    name: str, incident: str, version: tuple[int, int], column: str, category: str, _rows: pl.DataFrame
) -> list[str]:
    counted = queries.kinds(_rows, category) if column == "kind" else queries.places(_rows, category)
    return [str(option) for option in counted[column]]
