"""The records of an incident as they stand, kept in memory: each look reads only what was written since the one before.

Owns what is kept, and when to read all of it anew: when rows came or went among those that were read already, which on a store
that several machines write can happen. Knows nothing of who looks; what moderators hid is still in it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import polars as pl

from dedupe.store import Store

READS = 200
"""Looks that add to what is kept before all is read anew: what was replaced does not pile up in memory."""


@dataclass(slots=True)
class _Kept:
    """What was read until `batch`, which took `read` rows: `rows` of every root, `shown` of those with posts, `help` of these alone that
    are offers or requests."""

    batch: int = -1
    read: int = 0
    looks: int = 0
    rows: pl.DataFrame = field(default_factory=pl.DataFrame)
    shown: pl.DataFrame = field(default_factory=pl.DataFrame)
    help: pl.DataFrame = field(default_factory=pl.DataFrame)
    lock: threading.Lock = field(default_factory=threading.Lock)


_kept: WeakKeyDictionary[Store, dict[str, _Kept]] = WeakKeyDictionary()


def current_help(store: Store, incident: str) -> pl.DataFrame:
    """The offers and requests among `current_records`. Raises StoreError."""
    return _now(store, incident).help


def current_records(store: Store, incident: str) -> pl.DataFrame:
    """The records of an incident that have posts, one row each. Raises StoreError.

    Columns of the view `current_records`: root, record, category, kind, place, lat, lon, network, url, lang, text, until, conditions
    and flags (empty where there are none), capacity, capacity_at, capacity_post, state, proposal, proposal_post, posts, first_seen,
    last_seen, last_confirmed; and networks (how many), shows_contact (its own words hold a number or an address).
    """
    return _now(store, incident).shown


def _now(store: Store, incident: str) -> _Kept:
    kept = _kept.setdefault(store, {}).setdefault(incident, _Kept())
    with kept.lock:
        _look(store, incident, kept)
    return kept


def _look(store: Store, incident: str, kept: _Kept) -> None:
    last, before, now = store.read(extent(), {"since": kept.batch}).row(0)
    whole = kept.batch < 0 or before != kept.read or kept.looks >= READS
    if not whole and last == kept.batch:
        return
    since = {"since": -1 if whole else kept.batch, "until": last}
    faces, counts = store.read(faces_since(), {**since, "incident": incident}), store.read(counts_since(), since)
    kept.rows = faces.join(counts, on="root") if whole else _renewed(kept.rows, faces, counts)
    kept.shown = kept.rows.filter(pl.col("posts") > 0)
    kept.help = kept.shown.filter(pl.col("category").is_in(["offer", "request"]))
    kept.batch, kept.read, kept.looks = last, now, 0 if whole else kept.looks + 1


def _renewed(rows: pl.DataFrame, faces: pl.DataFrame, counts: pl.DataFrame) -> pl.DataFrame:
    """`rows` with those that changed in the place of what they were: a face is only written when it changes."""
    touched = rows["root"].is_in(pl.concat([faces["root"], counts["root"]]).implode())
    before = rows.filter(touched)

    def latest(new: pl.DataFrame) -> pl.DataFrame:
        return pl.concat([new, before.select(new.columns).join(new, on="root", how="anti")])

    return pl.concat([rows.filter(~touched), latest(faces).join(latest(counts), on="root")])


def extent() -> str:
    """The last batch that touched a record (-1 without), and the rows there are until `$since` and until that one."""
    return """
    with rows as (select batch from records union all select batch from faces)
    select coalesce(max(batch), -1) as last, count(*) filter (batch <= $since) as before, count(*) as now from rows
    """


def faces_since() -> str:
    """The last face of each record of `$incident` that was written after batch `$since` until `$until`."""
    return r"""
    with told as (
        select root, max(batch) as batch from faces
        where incident = $incident and batch > $since and batch <= $until group by root
    )
    select root, category, kind, place, lat, lon, network, url, lang, text, until, coalesce(conditions, []) as conditions,
           coalesce(flags, []) as flags,
           coalesce(regexp_full_match(contact, '\+?[0-9]+') or contact like '%_@_%._%' or list_contains(flags, 'address'), false)
               as shows_contact
    from faces join told using (root, batch)
    """


def counts_since() -> str:
    """The last row in `records` of each record, of whichever incident, that was written after batch `$since` until `$until`."""
    return """
    with latest as (
        select root, max(batch) as batch from records where batch > $since and batch <= $until group by root
    )
    select root, record, capacity, capacity_at, capacity_post, state, proposal, proposal_post, posts,
           len(networks)::integer as networks, first_seen, last_seen, last_confirmed
    from records join latest using (root, batch)
    """
