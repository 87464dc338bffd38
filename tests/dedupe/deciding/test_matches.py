"""Matches: places are counted down for both sides, come back when it falls through, and are never given twice."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from dedupe.deciding import claims
from dedupe.deciding.decisions import Actor, find_record, merge, undo
from dedupe.deciding.life import stands
from dedupe.deciding.matches import arrived, fell_through, match, matches
from dedupe.errors import DecisionRefused, DedupeError, Held, NotAllowed, NotFound
from dedupe.rebuild import rebuild
from dedupe.store import Store
from tests.support.copies import begin
from tests.support.posts import INCIDENT, at, post, record_of, take

AN, BOB = (Actor(who=who, role="volunteer") for who in ("An", "Bob"))

BED = "Slaapplaats vrij in Genk voor 4 personen, bel 0470 00 00 01"
NEED = "Zoek slaapplaats in Genk voor 2 personen, bel 0470 00 00 02"
OTHER = "Wij zoeken een slaapplaats in Hasselt voor 3 personen, bel 0470 00 00 03"
OPEN = "Slaapplaats vrij in Bilzen, bel 0470 00 00 04"


def stand(store: Store, name: str, minute: float) -> dict[str, Any]:
    return stands(store, INCIDENT, find_record(store, name).root, at(minute)).row(0, named=True)


def shown(store: Store, name: str, minute: float) -> tuple[str, int | None]:
    row = stand(store, name, minute)
    return row["state"], row["left"]


def four(store: Store) -> None:
    take(
        store,
        post("x", "1", "jan", BED),
        post("x", "2", "els", NEED),
        post("x", "3", "mia", OTHER),
        post("x", "4", "dirk", OPEN),
    )


@pytest.fixture
def night(store_name: str) -> Iterator[Store]:
    """A bed for four (x/1), a bed of no told size (x/4), requests for two (x/2) and for three (x/3)."""
    begin(store_name, "four", four)
    with Store(store_name) as store:
        assert [record_of(store, f"x/{n}")["category"] for n in range(1, 5)] == ["offer", "request", "request", "offer"]
        assert [record_of(store, f"x/{n}")["capacity"] for n in range(1, 5)] == [4, 2, 3, None]
        yield store


def test_a_match_counts_down_both_sides_until_the_offer_is_full(night: Store):
    first = match(night, "x/1", "x/2", AN, at=at(10))
    assert (shown(night, "x/1", 11), shown(night, "x/2", 11)) == (("available", 2), ("matched", 0))
    assert stand(night, "x/1", 11)["why"] == "partly"
    match(night, "x/1", "x/3", AN, at=at(12))
    assert (shown(night, "x/1", 13), shown(night, "x/3", 13)) == (("full", 0), ("available", 1))
    undo(night, first, AN, at=at(14))
    assert (shown(night, "x/1", 15), shown(night, "x/2", 15)) == (("available", 2), ("available", 2))


def test_a_match_that_falls_through_frees_both_sides(night: Store):
    made = match(night, "x/1", "x/2", AN, at=at(10))
    fell = fell_through(night, made, AN, "nobody there", at=at(20))
    assert (shown(night, "x/1", 21), shown(night, "x/2", 21)) == (("available", 4), ("available", 2))
    undo(night, fell, AN, at=at(22))
    assert shown(night, "x/1", 23) == ("available", 2)
    arrived(night, made, BOB, at=at(24))
    assert shown(night, "x/1", 25) == ("available", 2)
    with pytest.raises(DecisionRefused, match="said already"):
        fell_through(night, made, AN, at=at(26))
    row = matches(night, INCIDENT).row(0, named=True)
    assert (row["offer"], row["request"]) == (record_of(night, "x/1")["record"], record_of(night, "x/2")["record"])
    assert (row["places"], row["who"], row["outcome"], row["outcome_by"]) == (2, "An", "arrived", "Bob")


def test_that_it_fell_through_is_not_taken_back_once_the_places_are_given_to_others(night: Store):
    made = match(night, "x/1", "x/2", AN, at=at(10), places=2)
    fell = fell_through(night, made, AN, at=at(11))
    match(night, "x/1", "x/3", AN, at=at(12), places=3)
    with pytest.raises(DecisionRefused, match="Somebody else has it since"):
        undo(night, fell, AN, at=at(13))
    assert shown(night, "x/1", 14) == ("available", 1)


def test_a_number_the_writer_tells_after_a_match_is_what_is_left_from_then_on(night: Store):
    early = match(night, "x/1", "x/2", AN, at=at(10))
    take(night, post("x", "9", "jan", BED.replace("4 personen", "3 personen"), 20))
    assert shown(night, "x/1", 21) == ("available", 3)
    match(night, "x/1", "x/3", AN, at=at(22), places=2)
    assert shown(night, "x/1", 23) == ("available", 1)
    fell_through(night, early, AN, at=at(24))  # whom the writer had taken off
    assert shown(night, "x/1", 25) == ("available", 3)


def test_a_copy_of_the_first_number_does_not_count_up_again(night: Store):
    match(night, "x/1", "x/2", AN, at=at(10))
    take(night, post("x", "9", "koen", f"RT @jan: {BED}", 20))
    assert shown(night, "x/1", 21) == ("available", 2)


def test_an_offer_of_no_told_size_is_matched_once_unless_somebody_counts(night: Store):
    match(night, "x/4", "x/2", AN, at=at(10))
    assert shown(night, "x/4", 11) == ("matched", None)
    with pytest.raises(DecisionRefused, match="how many places"):
        match(night, "x/4", "x/3", AN, at=at(12))
    claims.recount(night, "x/4", 3, AN, at=at(13))
    match(night, "x/4", "x/3", AN, at=at(14))
    assert shown(night, "x/4", 15) == ("full", 0)


def test_a_match_uses_up_the_claim_even_when_it_is_taken_back(night: Store):
    claims.claim(night, "x/1", AN, at=at(10))
    claims.claim(night, "x/2", AN, at=at(10))
    made = match(night, "x/1", "x/2", AN, at=at(12))
    claims.claim(night, "x/1", BOB, at=at(13))
    undo(night, made, AN, at=at(14))
    assert stand(night, "x/1", 14)["holder"] == "Bob"
    assert stand(night, "x/2", 14)["holder"] is None


def test_what_another_has_claimed_is_not_matched(night: Store):
    claims.claim(night, "x/2", BOB, at=at(10))
    with pytest.raises(Held, match=r"^Bob has it until"):
        match(night, "x/1", "x/2", AN, at=at(12))
    match(night, "x/1", "x/2", AN, at=at(25))


@pytest.mark.parametrize(
    ("sides", "places", "error"),
    [
        (("x/2", "x/1"), None, DecisionRefused),
        (("x/1", "x/4"), None, DecisionRefused),
        (("x/1", "x/2"), 3, DecisionRefused),
        (("x/1", "x/2"), 0, DecisionRefused),
        (("x/1", "x/404"), None, NotFound),
    ],
)
def test_a_match_that_cannot_be_is_refused(
    night: Store, sides: tuple[str, str], places: int | None, error: type[DedupeError]
):
    with pytest.raises(error):
        match(night, *sides, AN, places=places, at=at(10))
    with pytest.raises(NotAllowed):
        match(night, "x/1", "x/2", Actor(who="Wim", role="watcher"), at=at(10))
    assert matches(night, INCIDENT).height == 0


def test_the_last_place_is_given_once_when_two_machines_match_at_the_same_moment(night: Store):
    claims.recount(night, "x/1", 2, AN, at=at(5))
    other = copy.copy(night)
    if night.name.startswith("ducklake:"):
        other._write, other._local = threading.RLock(), threading.local()
    ready = threading.Barrier(2)

    def go(store: Store, request: str, by: Actor) -> bool:
        ready.wait()
        with suppress(DecisionRefused):
            match(store, "x/1", request, by, places=2, at=at(10))
            return True
        return False

    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(go, night, "x/2", AN), pool.submit(go, other, "x/3", BOB)]
        assert sorted(each.result() for each in done) == [False, True]
    assert shown(night, "x/1", 11) == ("full", 0)


def test_matches_outlive_merges_copies_and_rebuilding(night: Store):
    match(night, "x/1", "x/2", AN, at=at(10))
    take(night, post("x", "0", "jan", f"Zeg: {BED}", 0.5), post("y", "8", "koen", f"RT @jan: {BED}", 11))
    joined = merge(night, "x/2", "x/3", AN, at=at(12))
    assert shown(night, "x/0", 13) == ("available", 2)
    assert stand(night, "x/3", 13)["matched"] == 2
    undo(night, joined, AN)
    assert (stand(night, "x/2", 14)["matched"], stand(night, "x/3", 14)["matched"]) == (2, 0)
    found = rebuild(night)
    assert (found.links, found.records) == (0, 0)
