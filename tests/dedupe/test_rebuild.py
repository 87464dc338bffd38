"""Rebuilding: it comes out as it stands, and when it does not, it says so and can mend it."""

from __future__ import annotations

import polars as pl

from dedupe.deciding.decisions import Actor, merge, relabel, split
from dedupe.rebuild import rebuild
from dedupe.records import append_records
from dedupe.store import Store
from tests.support.posts import BED, hash_of, outcome, post, take

AN = Actor(who="An", role="volunteer")


def fill(store: Store) -> None:
    take(store, post("x", "2", "piet", f"RT @jan: {BED}", 2), post("x", "3", "els", "Zetelbed in Genk, dm @els", 3))
    take(
        store,
        post("x", "1", "jan", BED, 1),
        post("x", "4", "jan", "volzet", 4, reply_to="1"),
        post("x", "5", "an", "", 5, repost_of="9"),
    )
    take(store, post("x", "2", "piet", f"RT @jan: {BED} dank", 2, edited=9), gone=["x/5"])
    take(store, post("mastodon", "1", "jan", BED, 1), incident="flood")
    merge(store, "x/1", "x/3", AN)
    split(store, "x/1", [hash_of(store, "x/2")], AN)
    relabel(store, "x/4", "information", AN)


def test_a_store_that_is_sound_comes_out_as_it_stands(store: Store):
    fill(store)
    before = outcome(store)
    shares: list[float] = []
    found = rebuild(store, progress=shares.append)
    assert (found.posts, found.links, found.records) == (store.read("from posts").height, 0, 0)
    assert outcome(store) == before
    assert shares[-1] == 1.0


def test_an_empty_store_comes_out_empty(store: Store):
    found = rebuild(store, apply=True)
    assert (found.posts, found.links, found.records) == (0, 0, 0)


def break_it(store: Store) -> None:
    """What a fault or another version might leave: a copy that stands alone, and a record that is not counted right."""
    batch = int(store.read("select max(batch) + 1 as n from batches").item())
    link = store.read("from current_links where wording <> root limit 1")
    record = store.read("from current_records limit 1")
    with store.transaction() as tx:
        tx.append("links", link.with_columns(root=pl.col("wording"), parent=pl.col("wording"), batch=pl.lit(batch)))
        append_records(tx, batch, record.with_columns(posts=pl.lit(77)), record.clear())
        tx.append("batches", pl.DataFrame({"batch": [batch]}))


def test_a_difference_is_told_and_nothing_is_written_unasked(store: Store):
    fill(store)
    break_it(store)
    broken = outcome(store)
    found = rebuild(store)
    assert found.links == 1
    assert found.records >= 1
    assert outcome(store) == broken


def test_a_difference_is_mended_when_asked(store: Store):
    fill(store)
    sound = outcome(store)
    break_it(store)
    rebuild(store, apply=True)
    assert outcome(store) == sound
    assert rebuild(store) == rebuild(store, apply=True)


def test_a_record_too_many_is_told_and_mended(store: Store):
    fill(store)
    sound = outcome(store)
    batch = int(store.read("select max(batch) + 1 as n from batches").item())
    ghost = store.read("from current_records limit 1").with_columns(root=pl.lit(1, pl.Int64))
    with store.transaction() as tx:
        append_records(tx, batch, ghost, ghost)
        tx.append("batches", pl.DataFrame({"batch": [batch]}))
    assert rebuild(store).records == 1
    rebuild(store, apply=True)
    assert outcome(store) == sound
