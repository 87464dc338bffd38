"""Posts seen again and posts taken down: counts change and records follow, words and links stay as they are."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dedupe.collapse import Batch, collapse
from dedupe.rebuild import rebuild
from dedupe.removals import collected
from dedupe.sightings import due, ids_since
from dedupe.store import Store
from ingest.post import Post
from ingest.source import Removal, removed
from tests.support.posts import BED, at, outcome, partition, post, posts, record_of, take, together


def seen(store: Store, *rows: Post, minute: float, gone: tuple[Removal, ...] = ()) -> Any:
    """The posts as they were seen `minute` minutes after the storm."""
    batch = Batch(incident="storm", source="bluesky", query="reread")
    looked = posts(*rows).with_columns(collected_at=pl.lit(at(minute)).cast(pl.Datetime("us", "UTC")))
    return collapse(store, looked, batch, removals=removed(gone) if gone else None)


def counts(store: Store) -> tuple[int, int, int]:
    return store.read(
        "select (select count(*) from posts) as p, (select count(*) from links) as l, (select count(*) from sightings) as s"
    ).row(0)


def test_other_counts_are_no_new_version_and_the_record_has_their_sum(either: Store):
    one, copy = post("x", "1", "jan", BED, reposts=3), post("x", "2", "piet", f"RT @jan: {BED}", reposts=1)
    seen(either, one, copy, minute=10)
    before = counts(either)
    assert record_of(either, "x/1")["reposts"] == 4
    done = seen(either, post("x", "1", "jan", BED, reposts=90, likes=7), copy, minute=20)
    assert (done.new, done.known, done.records) == (0, 2, 1)
    assert record_of(either, "x/1")["reposts"] == 91
    assert counts(either) == (before[0], before[1], 1)
    assert either.read("select reposts, likes from sightings").row(0) == (90, 7)


def test_a_look_that_found_all_as_it_was_leaves_no_row(either: Store):
    one = post("x", "1", "jan", BED, reposts=3, labels=("spam",))
    for minute in (10, 20, 30):
        seen(either, one, minute=minute)
    assert counts(either)[2] == 0
    seen(either, post("x", "1", "jan", BED), minute=40)
    assert counts(either)[2] == 0, "a source that does not know the counts says nothing"
    assert record_of(either, "x/1")["reposts"] == 3


@pytest.mark.parametrize("order", [(10, 20, 30), (30, 20, 10), (20, 30, 10), (10, 30, 20)])
def test_the_latest_look_counts_in_whatever_order_they_arrive(store: Store, order: tuple[int, ...]):
    for minute in order:
        seen(store, post("x", "1", "jan", BED, reposts=minute), minute=minute)
    assert record_of(store, "x/1")["reposts"] == 30
    assert store.read("select count(*) from posts").item() == 1


def test_an_edit_seen_later_counts_with_its_own_reposts(store: Store):
    seen(store, post("x", "1", "jan", BED, reposts=3), minute=10)
    seen(store, post("x", "1", "jan", BED, reposts=5), minute=20)
    seen(store, post("x", "1", "jan", f"{BED} vanaf 20u", reposts=6, edited=25), minute=30)
    assert record_of(store, "x/1")["reposts"] == 6
    seen(store, post("x", "1", "jan", f"{BED} vanaf 20u", reposts=8, edited=25), minute=40)
    assert record_of(store, "x/1")["reposts"] == 8


def test_labels_are_kept_with_the_post_and_a_change_is_a_sighting(either: Store):
    seen(either, post("bluesky", "1", "jan", BED, labels=("!no-unauthenticated",)), minute=10)
    assert either.read("select labels from current_posts").item().to_list() == ["!no-unauthenticated"]
    seen(either, post("bluesky", "1", "jan", BED, labels=()), minute=20)
    assert either.read("select labels from sightings").item().to_list() == []
    assert either.read("select count(*) from posts").item() == 1


def test_a_rebuild_knows_the_latest_counts(tmp_path: Path):
    with Store(tmp_path / "night.duckdb") as store:
        seen(store, post("x", "1", "jan", BED, reposts=3), minute=10)
        seen(store, post("x", "1", "jan", BED, reposts=50), minute=20)
        before = outcome(store)
        found = rebuild(store, apply=True)
        assert (found.links, found.records) == (0, 0)
        assert outcome(store) == before


# Removals of whole accounts


def closed(start: str) -> Removal:
    return Removal(network="bluesky", id=start, at=at(500), reason="the account was closed", whole=True)


AN, BO, ANNA = "at://did:an/post/1", "at://did:bo/post/1", "at://did:anna/post/1"


def test_a_closed_account_takes_all_its_posts_along_and_no_other(either: Store):
    seen(either, post("bluesky", AN, "an", BED, 1), post("bluesky", BO, "bo", BED, 2), minute=10)
    seen(either, post("bluesky", ANNA, "anna", BED, 3), minute=10, gone=(closed("at://did:an/"),))
    assert partition(either) == together(f"bluesky/{BO} bluesky/{ANNA}")
    assert either.read("select reason from retired where version is null").to_series().to_list() == [
        "the account was closed"
    ]


def test_posts_that_come_with_the_closing_of_their_account_are_gone_as_well(store: Store):
    seen(
        store,
        post("bluesky", AN, "an", BED, 1),
        post("bluesky", BO, "bo", BED, 2),
        minute=10,
        gone=(closed("at://did:an/"),),
    )
    assert partition(store) == together(f"bluesky/{BO}")


def test_of_all_that_a_network_takes_down_only_what_was_collected_is_kept(either: Store):
    seen(either, post("bluesky", AN, "an", BED, 1), post("bluesky", BO, "bo", BED, 2), minute=10)
    told = removed(
        [
            closed("at://did:nobody/"),
            closed("at://did:bo/"),
            Removal(network="bluesky", id="at://did:cy/post/7", at=at(20), reason="deleted"),
            Removal(network="mastodon", id=AN, at=at(20), reason="deleted"),
            Removal(network="bluesky", id=AN, at=at(20), reason="deleted"),
            Removal(network="bluesky", id=ANNA, at=at(20), reason="deleted"),
        ]
    )
    coming = posts(post("bluesky", ANNA, "anna", BED, 3))
    assert set(collected(either, told, coming, "storm")["id"]) == {AN, BO, ANNA}
    assert collected(either, told, coming, "flood")["id"].to_list() == [ANNA]
    seen(either, minute=30, gone=(Removal(network="bluesky", id=AN, at=at(20), reason="deleted"),))
    assert set(collected(either, told, coming, "storm")["id"]) == {BO, ANNA}, "it is gone already"


# Whose turn it is


def test_posts_come_round_in_the_order_they_were_collected_and_gone_ones_no_more(either: Store):
    for minute, ids in ((10, ("1", "2", "3")), (20, ("4", "5")), (30, ("6",))):
        seen(either, *(post("mastodon", id, f"w{id}", f"Dank {id}") for id in ids), minute=minute)
    take(either, post("x", "9", "jan", BED))
    gone = Removal(network="mastodon", id="4", at=at(40), reason="deleted")
    seen(either, post("mastodon", "1", "w1", "Dank 1, en nog", edited=35), minute=40, gone=(gone,))
    rounds, after = [], ""
    while True:
        rows = due(either, "storm", "mastodon", after=after, most=2)
        if rows.height == 0:
            break
        rounds += rows["id"].to_list()
        after = rows["place"][-1]
    assert sorted(rounds[:3]) == ["1", "2", "3"]
    assert rounds[3:] == ["5", "6"]
    late = due(either, "storm", "mastodon", after="", most=9, since=at(15))
    assert late["id"].to_list() == ["5", "6", "1"], "an edit was collected when it came"
    assert due(either, "flood", "mastodon", after="", most=9).height == 0


def test_what_was_collected_or_seen_again_since_a_moment_is_known(store: Store):
    seen(store, post("x", "1", "jan", BED, reposts=1), post("x", "2", "piet", "Dank"), minute=10)
    seen(store, post("x", "1", "jan", BED, reposts=2), post("x", "3", "an", "Merci"), minute=20)
    assert sorted(ids_since(store, "x", at(20))) == ["1", "3"]
    assert sorted(ids_since(store, "x", at(20) - timedelta(hours=1))) == ["1", "2", "3"]
