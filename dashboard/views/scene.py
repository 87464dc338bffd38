"""The situation as all who look share it: read once per version of the store, worked out once per quarter of a minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl
import streamlit as st

from dashboard import landscape, situation
from dashboard.board import Board
from dashboard.course import Course, course
from dashboard.landscape import Land
from dashboard.situation import Changes, Read
from dashboard.views.glance import Glance, look
from dedupe.deciding import life, notes
from dedupe.deciding.life import Terms
from dedupe.deciding.plan_deeds import deeds
from dedupe.store import Store

KEPT = 4
TICK = 15
"""Seconds of the incident's clock for which one working out serves: states change with it, places do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One moment: `lives` as `life.states`, `towns` and `balance` as in `situation`; the map, or None without towns."""

    glance: Glance
    found: Read
    lives: pl.DataFrame
    balance: pl.DataFrame
    towns: pl.DataFrame
    land: Land | None


def scene(board: Board, *, paused: bool = False) -> Scene:
    """How things stand now; for a viewer who paused, as they stood then. Raises StoreError."""
    glance = look(board, paused=paused)
    key = (board.store.name, board.incident.id, glance.version)
    found = _read(*key, board.store)
    lives, balance, towns, land = _stands(*key, int(glance.now.timestamp()) // TICK, found, glance.now, board.terms)
    return Scene(glance=glance, found=found, lives=lives, balance=balance, towns=towns, land=land)


def changes(board: Board, seen: Scene, since: datetime) -> Changes:
    """What changed since `since`."""
    tick = int(seen.glance.now.timestamp()) // TICK
    key = (board.store.name, board.incident.id, seen.glance.version)
    return _changes(*key, tick, since, seen.found, seen.lives, board.terms)


def shift(board: Board, seen: Scene) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The shift notes, newest first, and who is on duty, as `notes.shift_notes` and `notes.people`. Raises StoreError."""
    return _shift(board.store.name, board.incident.id, seen.glance.version, board.store)


def so_far(board: Board, seen: Scene) -> Course:
    """How the plan went so far. Raises StoreError."""
    return _so_far(board.store.name, board.incident.id, seen.glance.version, board.store)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _read(name: str, incident: str, version: tuple[int, int], _store: Store) -> Read:
    return situation.read(_store, incident)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _stands(
    name: str, incident: str, version: tuple[int, int], tick: int, _found: Read, _now: datetime, _terms: Terms
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, Land | None]:
    lives = life.lives(_found.records, _found.told, _now, _terms)
    towns = situation.towns(lives)
    return lives, situation.balance(lives), towns, landscape.land(towns)


@st.cache_resource(max_entries=4 * KEPT, show_spinner=False)
def _changes(
    name: str, incident: str, version: tuple[int, int], tick: int, since: datetime, _found: Read, _lives: pl.DataFrame,
    _terms: Terms,
) -> Changes:  # fmt: skip
    return situation.changes(_found, _lives, since, _terms)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _shift(name: str, incident: str, version: tuple[int, int], _store: Store) -> tuple[pl.DataFrame, pl.DataFrame]:
    return notes.shift_notes(_store, incident), notes.people(_store, incident)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _so_far(name: str, incident: str, version: tuple[int, int], _store: Store) -> Course:
    return course(deeds(_store, incident))
