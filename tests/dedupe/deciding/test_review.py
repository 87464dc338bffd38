"""Review: pairs are asked once, judged by a person, and not asked again."""

from __future__ import annotations

import polars as pl
import pytest

from dedupe.deciding.decisions import undo
from dedupe.deciding.review import later, not_the_same, same, suggested_merges
from dedupe.deciding.roles import Actor
from dedupe.errors import DecisionRefused
from dedupe.store import Store
from tests.support.posts import BED, INCIDENT, at, partition, post, take, together
from tests.support.shift import AN, BLAME, BOB, NEED


@pytest.fixture
def doubted(night: Store) -> Store:
    """Two records that the store suggests to be one."""
    pairs = [
        (hash_of_wording(night, "x/1"), hash_of_wording(night, "x/3"), 0.7),
        (hash_of_wording(night, "x/1"), hash_of_wording(night, "x/4"), 0.6),
    ]
    rows = pl.DataFrame(pairs, schema=["wording", "other", "strength"], orient="row")
    with night.transaction() as tx:
        tx.append(
            "suggestions",
            rows.with_columns(batch=pl.lit(1, pl.Int64), why=pl.lit("phone_near"), against=pl.lit(None, pl.String)),
        )
    return night


def hash_of_wording(store: Store, post_name: str) -> int:
    network, _, id = post_name.partition("/")
    return int(store.read("select wording from posts where network = $n and id = $i", {"n": network, "i": id}).item())


def asked(store: Store, by: Actor, minute: float = 20) -> set[frozenset[str]]:
    rows = suggested_merges(store, INCIDENT, by, at(minute))
    return {frozenset(pair) for pair in rows.select("text", "other_text").iter_rows()}


def test_pairs_are_asked_with_the_words_of_both_the_likeliest_first(doubted: Store):
    rows = suggested_merges(doubted, INCIDENT, AN, at(20))
    assert rows["strength"].to_list() == [0.7, 0.6]
    assert asked(doubted, AN) == {frozenset({BED, NEED}), frozenset({BED, BLAME})}
    assert suggested_merges(doubted, INCIDENT, AN, at(20), limit=1).height == 1
    assert suggested_merges(doubted, "flood", AN, at(20)).height == 0


def test_what_is_the_same_is_merged_and_asked_no_more(doubted: Store):
    decision = same(doubted, "x/1", "x/3", AN)
    assert partition(doubted) == together("x/1 x/2 x/3", "x/4")
    assert len(asked(doubted, BOB)) == 1
    undo(doubted, decision, AN)
    assert len(asked(doubted, BOB)) == 2


def test_what_is_not_the_same_never_comes_back_for_anyone(doubted: Store):
    decision = not_the_same(doubted, "x/3", "x/1", AN)
    assert asked(doubted, BOB) == {frozenset({BED, BLAME})}
    take(doubted, post("x", "0", "jan", f"Zeg: {BED}", 0.5))
    assert len(asked(doubted, BOB)) == 1
    undo(doubted, decision, AN)
    assert len(asked(doubted, BOB)) == 2
    with pytest.raises(DecisionRefused):
        not_the_same(doubted, "x/1", "x/2", AN)


def test_later_asks_this_person_again_in_an_hour_and_others_at_once(doubted: Store):
    later(doubted, "x/1", "x/3", AN, at=at(20))
    assert (len(asked(doubted, AN, 21)), len(asked(doubted, BOB, 21)), len(asked(doubted, AN, 81))) == (1, 2, 2)
