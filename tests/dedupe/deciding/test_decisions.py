"""Decisions: what people do to records is obeyed by later batches and by rebuilding, and can be taken back."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.deciding.decisions import Actor, find_record, merge, relabel, set_state, split, undo
from dedupe.errors import DecisionRefused, DedupeError, NotFound
from dedupe.rebuild import rebuild
from dedupe.store import Store
from ingest.post import Post
from tests.dedupe.test_collapse import NAMES, rows
from tests.support.posts import BED, hash_of, outcome, partition, post, record_of, take, together, why_of

AN = Actor(who="An", role="volunteer")
OTHER = "Ook in Genk een zetelbed over voor wie wil, dm @els"


def counted(store: Store) -> dict[str, int]:
    tables = ("decisions", "links", "records", "batches", "suggestions")
    return {table: int(store.read(f"select count(*) from {table}").item()) for table in tables}


def name_of(store: Store, post_name: str) -> str:
    return str(record_of(store, post_name)["record"])


def unchanged_by_rebuilding(store: Store) -> bool:
    found = rebuild(store)
    return (found.links, found.records) == (0, 0)


@pytest.fixture
def two(either: Store) -> Store:
    """Two records: x/1 with its copy x/2, and x/3."""
    take(
        either,
        post("x", "1", "jan", BED, 1),
        post("x", "2", "piet", f"RT @jan: {BED}", 2),
        post("x", "3", "els", OTHER, 3),
    )
    assert partition(either) == together("x/1 x/2", "x/3")
    return either


def test_a_merge_puts_two_records_together_and_undoing_it_takes_them_apart(two: Store):
    before = outcome(two)
    decision = merge(two, "x/1", "x/3", AN, "same house")
    assert partition(two) == together("x/1 x/2 x/3")
    assert two.read("select why from current_links where why like '%person%'").height == 1
    assert unchanged_by_rebuilding(two)
    undo(two, decision, AN)
    assert outcome(two) == before
    assert unchanged_by_rebuilding(two)


def test_a_merge_outlives_later_batches(two: Store):
    merge(two, "x/1", "x/3", AN)
    take(
        two,
        post("x", "4", "koen", f"RT @els: {OTHER}", 4),
        post("x", "0", "dirk", f"In Genk 2 bedden, tel {BED[-13:]}", 0.5),
    )
    assert partition(two) == together("x/0 x/1 x/2 x/3 x/4")
    assert unchanged_by_rebuilding(two)


def test_a_split_takes_posts_out_with_their_copies_and_undoing_it_brings_them_back(two: Store):
    take(two, post("x", "5", "jan", "volzet", 5, reply_to="1"))
    before = outcome(two)
    assert partition(two) == together("x/1 x/2 x/5", "x/3")
    decision = split(two, name_of(two, "x/1"), [hash_of(two, "x/2")], AN)
    assert partition(two) == together("x/1 x/5", "x/2", "x/3")
    assert why_of(two, "x/2") == "a person took these apart"
    assert unchanged_by_rebuilding(two)
    undo(two, decision, AN)
    assert outcome(two) == before


def test_a_split_outlives_batches_that_would_link_the_parts_again(two: Store):
    split(two, "x/1", [hash_of(two, "x/2")], AN)
    more = [
        post("x", "0", "dirk", f"Nog eens: {BED}", 0.5),
        post("x", "6", "piet", f"RT @jan: {BED}", 6),
        post("x", "7", "an", f"Slaapplaats in Genk, {BED[-13:]}", 7),
        post("x", "8", "koen", "", 8, repost_of="2"),
    ]
    for row in more:
        take(two, row)
    found = partition(two)
    assert not [group for group in found if {"x/1", "x/2"} <= group]
    assert {"x/2", "x/6", "x/8"} <= next(group for group in found if "x/2" in group)
    assert unchanged_by_rebuilding(two)


def test_splitting_off_the_first_post_keeps_the_others_together(two: Store):
    take(two, post("x", "4", "koen", f"{BED} dank", 4))
    split(two, "x/1", [hash_of(two, "x/1")], AN)
    assert partition(two) == together("x/1", "x/2 x/4", "x/3")
    assert unchanged_by_rebuilding(two)


def test_of_a_split_and_a_merge_the_later_counts(two: Store):
    split(two, "x/1", [hash_of(two, "x/2")], AN)
    merge(two, "x/1", "x/2", AN)
    assert partition(two) == together("x/1 x/2", "x/3")
    split(two, "x/1", [hash_of(two, "x/2")], AN)
    assert partition(two) == together("x/1", "x/2", "x/3")
    assert unchanged_by_rebuilding(two)


def test_undoing_the_first_of_two_merges_leaves_the_second_with_the_first_post_of_what_was_merged(two: Store):
    take(two, post("x", "9", "dirk", "Soep en dekens in de sporthal, dm @dirk", 9))
    first = merge(two, "x/1", "x/3", AN)
    merge(two, "x/3", "x/9", AN)
    assert partition(two) == together("x/1 x/2 x/3 x/9")
    undo(two, first, AN)
    assert partition(two) == together("x/1 x/2 x/9", "x/3")
    assert unchanged_by_rebuilding(two)


def test_a_merged_record_that_an_edit_takes_elsewhere_moves_as_a_whole(two: Store):
    merge(two, "x/1", "x/3", AN)
    big = "Tent en matras te leen in Bilzen, bel 0498 76 54 32"
    take(two, *(post("x", f"2{n}", f"w{n}", f"{'Zeg ' * n}{big}", 20 + n) for n in range(3)))
    take(two, post("x", "3", "els", big, 3, edited=40))
    assert partition(two) == together("x/1 x/2 x/3 x/20 x/21 x/22")
    assert unchanged_by_rebuilding(two)


@pytest.mark.parametrize(
    ("decide", "column", "value"),
    [(relabel, "category", "request"), (set_state, "state", "matched")],
    ids=["relabel", "state"],
)
def test_a_label_or_state_stays_until_it_is_taken_back(two: Store, decide: Callable[..., str], column: str, value: str):
    was = record_of(two, "x/1")[column]
    decision = decide(two, "x/1", value, AN)
    assert record_of(two, "x/1")[column] == value
    assert record_of(two, "x/3")[column] != value
    take(two, post("x", "4", "koen", f"{BED} dank", 4), post("x", "0", "dirk", f"Nog altijd: {BED}", 0.2))
    assert record_of(two, "x/4")[column] == value
    assert record_of(two, "x/0")[column] == value
    assert unchanged_by_rebuilding(two)
    undo(two, decision, AN)
    assert record_of(two, "x/1")[column] == was
    assert unchanged_by_rebuilding(two)


def test_of_two_labels_the_later_counts_and_undoing_it_brings_the_earlier_back(two: Store):
    relabel(two, "x/1", "request", AN)
    later = relabel(two, "x/1", "rumour", AN)
    assert record_of(two, "x/1")["category"] == "rumour"
    undo(two, later, AN)
    assert record_of(two, "x/1")["category"] == "request"


def test_a_label_moves_with_its_posts_into_a_merged_record(two: Store):
    set_state(two, "x/3", "claimed", AN)
    merge(two, "x/1", "x/3", AN)
    assert record_of(two, "x/1")["state"] == "claimed"
    assert unchanged_by_rebuilding(two)


def test_a_proposal_waits_for_a_person_and_does_not_undo_one(two: Store):
    set_state(two, "x/1", "matched", AN)
    take(two, post("x", "5", "jan", "volzet", 5, reply_to="1"))
    told = record_of(two, "x/1")
    assert (told["state"], told["proposal"]) == ("matched", "full")


@pytest.mark.parametrize(
    ("decide", "error"),
    [
        (lambda store: merge(store, "x/1", "x/2", AN), DecisionRefused),
        (lambda store: merge(store, "x/1", "x/404", AN), NotFound),
        (lambda store: split(store, "x/1", [], AN), DecisionRefused),
        (lambda store: split(store, "x/1", [1234], AN), DecisionRefused),
        (lambda store: split(store, "x/1", [hash_of(store, "x/3")], AN), DecisionRefused),
        (lambda store: split(store, "x/1", [hash_of(store, "x/1"), hash_of(store, "x/2")], AN), DecisionRefused),
        (lambda store: relabel(store, "x/1", "nonsense", AN), DecisionRefused),
        (lambda store: relabel(store, "ffffffffffffffff", "offer", AN), NotFound),
        (lambda store: set_state(store, "x/1", "gone", AN), DecisionRefused),
        (lambda store: undo(store, "nothing", AN), NotFound),
    ],
)
def test_a_decision_that_is_refused_writes_nothing(
    two: Store, decide: Callable[[Store], Any], error: type[DedupeError]
):
    before, links = counted(two), outcome(two)
    with pytest.raises(error, match=r"^[A-Z][^\n]+\.$|^[^\n]+:[^\n]+\.$|^[^\n]+\.$"):
        decide(two)
    assert (counted(two), outcome(two)) == (before, links)


def test_a_decision_is_taken_back_once_and_its_undoing_not_at_all(two: Store):
    decision = merge(two, "x/1", "x/3", AN)
    undone = undo(two, decision, AN)
    for each in (decision, undone):
        with pytest.raises(DecisionRefused):
            undo(two, each, AN)
    assert partition(two) == together("x/1 x/2", "x/3")


def test_decisions_tell_who_when_and_why(two: Store):
    decision = merge(two, "x/1", "x/3", AN, "same house")
    row = two.read("from decisions").row(0, named=True)
    assert (row["decision"], row["who"], row["role"], row["action"], row["reason"]) == (
        decision,
        "An",
        "volunteer",
        "merge",
        "same house",
    )
    assert (row["posts"], row["others"]) == ([hash_of(two, "x/1")], [hash_of(two, "x/3")])
    assert row["decided_at"].utcoffset().total_seconds() == 0


def test_the_id_a_record_had_keeps_finding_it(two: Store):
    ids = {post_name: name_of(two, post_name) for post_name in ("x/1", "x/3")}
    merge(two, "x/1", "x/3", AN)
    take(two, post("x", "0", "dirk", f"Nog altijd: {BED}", 0.2))
    now = name_of(two, "x/0")
    assert now not in ids.values()
    for old in ids.values():
        assert find_record(two, old).root == find_record(two, now).root
        assert find_record(two, old.upper()).root == find_record(two, now).root


def test_of_an_edited_post_the_record_of_its_newest_version_is_found_whichever_came_last(store: Store):
    take(store, post("x", "1", "jan", BED.replace("Genk", "Bilzen"), 1, edited=30))
    take(store, post("x", "1", "jan", BED, 1), post("x", "2", "piet", BED, 2))
    assert find_record(store, "x/1").root == record_of(store, "x/1")["root"]


def test_records_without_posts_are_not_found(two: Store):
    take(two, gone=["x/3"])
    with pytest.raises(NotFound):
        find_record(two, "x/3")


def test_a_decision_about_one_incident_leaves_another_alone(either: Store):
    for incident in ("storm", "flood"):
        take(either, post("x", "1", "jan", BED), post("y", "3", "els", OTHER), incident=incident)
    roots = either.read("select record from current_records where incident = 'storm' order by record")["record"]
    merge(either, roots[0], roots[1], AN)
    counts = either.read("select incident, count(*) as n from current_records group by incident order by incident")
    assert counts.rows() == [("flood", 2), ("storm", 1)]


@given(st.data())
@settings(max_examples=10)
def test_whatever_is_decided_while_posts_arrive_rebuilding_comes_out_the_same(data: st.DataObject):
    whole: list[Post] = data.draw(rows())
    cut = data.draw(st.integers(1, len(whole)))
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder, "1")) as store:
        take(store, *whole[:cut])
        taken: list[str] = []
        for _ in range(data.draw(st.integers(1, 4))):
            one, other = (
                f"{network}/{id}"
                for network, id in data.draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=2, unique=True))
            )
            action = data.draw(st.sampled_from(["merge", "split", "state", "undo"]))
            try:
                if action == "merge":
                    taken.append(merge(store, one, other, AN))
                elif action == "split":
                    taken.append(split(store, one, [hash_of(store, one)], AN))
                elif action == "state":
                    taken.append(set_state(store, one, "full", AN))
                elif taken:
                    undo(store, data.draw(st.sampled_from(taken)), AN)
            except (NotFound, DecisionRefused):
                continue
            except ValueError:  # hash_of: no such post
                continue
        take(store, *whole[cut:])
        found = rebuild(store)
        assert (found.links, found.records) == (0, 0)
        assert store.read("from current_posts anti join current_links using (wording)").height == 0
        assert pl.Series(store.read("select root from current_records")["root"]).is_unique().all()
