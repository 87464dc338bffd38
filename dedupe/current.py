"""The records of an incident as they stand, and the wordings that make them, kept in memory: each look reads only what was written
since the one before.

Owns what is kept, and when to read all of it anew: when rows came or went among those that were read already, which on a store
that several machines write can happen. Knows nothing of who looks; what moderators hid is still in it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Self
from weakref import WeakKeyDictionary

import polars as pl

from dedupe.store import Store

CHANGED = 20_000
"""Records that changed before they are put in the place of what they were: a board's help is about as many."""
PIECES = 50
"""Pieces of a frame, one per look, before it is made of one again."""

Since = dict[str, int]


@dataclass(slots=True)
class _Kept:
    """What was read of some table until `batch`, which took `read` rows: `rows`, the latest of each root or wording."""

    batch: int = -1
    read: int = 0
    rows: pl.DataFrame = field(default_factory=pl.DataFrame)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self, store: Store, table: str) -> Self:
        """Read what came into `table` since the last look; all of it, where that does not do."""
        with self.lock:
            last, before, now = store.read(extent(table), {"since": self.batch}).row(0)
            whole = self.batch < 0 or before != self.read
            if whole or last != self.batch:
                self.renew(store, {"since": -1 if whole else self.batch, "until": last}, whole=whole)
                self.batch, self.read = last, now
        return self

    def renew(self, store: Store, since: Since, *, whole: bool) -> None:
        """Add what was written `since` to what is kept, or put it in its place."""
        raise NotImplementedError


@dataclass(slots=True)
class _Records(_Kept):
    """Of each root the latest row is in `changed`, or else in `rows`, where `stands` tells which were not replaced. Both together,
    where they have posts, are `shown`; of these, `help` are the offers and requests."""

    incident: str = ""
    changed: pl.DataFrame = field(default_factory=pl.DataFrame)
    shown: pl.LazyFrame = field(default_factory=pl.LazyFrame)
    help: pl.DataFrame = field(default_factory=pl.DataFrame)

    def renew(self, store: Store, since: Since, *, whole: bool) -> None:
        faces = store.read(faces_since(), {**since, "incident": self.incident})
        counts = store.read(counts_since(), since)
        if whole:
            read = faces.join(counts, on="root")
            rows, changed, helping = _standing(read), read.clear(), _helping(read)
        else:
            rows, changed, helping = self._with(faces, counts)
        shown = pl.concat([rows.lazy().filter("stands").drop("stands"), changed.lazy()]).filter(pl.col("posts") > 0)
        # All at once: a record is never in neither of them, for who looks meanwhile or after a renewal that failed.
        self.rows, self.changed, self.shown, self.help = rows, changed, shown, helping

    def _with(self, faces: pl.DataFrame, counts: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """Rows, changed and help as they are with what was written."""
        new = pl.concat([faces["root"], counts["root"]]).implode()
        replaced, again = self.rows["root"].is_in(new), self.changed["root"].is_in(new)
        before = pl.concat(
            [self.rows.filter(replaced & self.rows["stands"]).drop("stands"), self.changed.filter(again)]
        )
        fresh = _latest(faces, before).join(_latest(counts, before), on="root").select(before.columns)
        rows = self.rows.with_columns(stands=self.rows["stands"] & ~replaced)
        changed = _whole(pl.concat([self.changed.filter(~again), fresh]))
        if changed.height > CHANGED:
            rows = _standing(pl.concat([rows.filter("stands").drop("stands"), changed]).rechunk())
            changed = changed.clear()
        return rows, changed, _whole(pl.concat([self.help.filter(~pl.col("root").is_in(new)), _helping(fresh)]))


@dataclass(slots=True)
class _Links(_Kept):
    """Of the `rows` of every wording, `several` counts those of each record that has more than one."""

    several: pl.DataFrame = field(default_factory=pl.DataFrame)

    def renew(self, store: Store, since: Since, *, whole: bool) -> None:
        links = store.read(links_since(), since)
        if whole:
            self.rows, self.several = links, _several(links)
            return
        replaced = self.rows["wording"].is_in(links["wording"].implode())
        touched = pl.concat([links["root"], self.rows.filter(replaced)["root"]]).unique().implode()
        self.rows = _whole(pl.concat([self.rows.filter(~replaced), links]))
        counted = _several(self.rows.filter(pl.col("root").is_in(touched)))
        self.several = _whole(pl.concat([self.several.filter(~pl.col("root").is_in(touched)), counted]))


_records: WeakKeyDictionary[Store, dict[str, _Records]] = WeakKeyDictionary()
_links: WeakKeyDictionary[Store, _Links] = WeakKeyDictionary()


def current_help(store: Store, incident: str) -> pl.DataFrame:
    """The offers and requests among `current_records`. Raises StoreError."""
    return _now(store, incident).help


def current_records(store: Store, incident: str) -> pl.LazyFrame:
    """The records of an incident that have posts, one row each; whoever collects takes only what is needed. Raises StoreError.

    Columns of the view `current_records`: root, record, category, certainty, kind, place, lat, lon, network, url, lang, text, until,
    conditions and flags (empty where there are none), capacity, capacity_at, capacity_post, state, proposal, proposal_post, posts,
    first_seen, last_seen, last_confirmed; and networks (how many), labelled (a person gave it its category), shows_contact (its own
    words hold a number or an address).
    """
    return _now(store, incident).shown


def current_roots(store: Store) -> pl.DataFrame:
    """The record each wording belongs to, of all incidents. Columns: wording, root, strength (of its link). Raises StoreError."""
    return _linked(store).rows


def several_wordings(store: Store) -> pl.DataFrame:
    """The records of more than one wording, of all incidents. Columns: root, wordings (how many), weakest (the least sure of their
    links). Raises StoreError."""
    return _linked(store).several


def _now(store: Store, incident: str) -> _Records:
    kept = _records.setdefault(store, {}).setdefault(incident, _Records(incident=incident))
    return kept.look(store, "(select batch from records union all select batch from faces)")


def _linked(store: Store) -> _Links:
    return _links.setdefault(store, _Links()).look(store, "links")


def _several(links: pl.DataFrame) -> pl.DataFrame:
    weakest = pl.col("strength").filter(pl.col("wording") != pl.col("root")).min()
    counted = links.group_by("root").agg(wordings=pl.len().cast(pl.Int32), weakest=weakest)
    return counted.filter(pl.col("wordings") > 1)


def _latest(new: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """`new` with those of `before` that it does not replace: a face is only written when it changes."""
    return pl.concat([new, before.select(new.columns).join(new, on="root", how="anti")])


def _standing(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(stands=pl.lit(value=True))


def _helping(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter((pl.col("posts") > 0) & pl.col("category").is_in(["offer", "request"]))


def _whole(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.rechunk() if rows.n_chunks() > PIECES else rows


def extent(table: str) -> str:
    """The last batch in `table` (-1 without), and the rows there are until `$since` and until that one."""
    return f"""
    select coalesce(max(batch), -1) as last, count(*) filter (batch <= $since) as before, count(*) as now from {table}
    """


def links_since() -> str:
    """The last link of each wording that was written after batch `$since` until `$until`."""
    return """
    select wording, max_by(root, batch) as root, max_by(strength, batch) as strength
    from links where batch > $since and batch <= $until group by wording
    """


def faces_since() -> str:
    """The last face of each record of `$incident` that was written after batch `$since` until `$until`."""
    return r"""
    with told as (
        select root, max(batch) as batch from faces
        where incident = $incident and batch > $since and batch <= $until group by root
    )
    select root, category, certainty, label <> '' as labelled, kind, place, lat, lon, network, url, lang, text, until,
           coalesce(conditions, []) as conditions, coalesce(flags, []) as flags,
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
