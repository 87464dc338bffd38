"""Rumours: how a claim stands, with a source, for all its wordings at once."""

from __future__ import annotations

import pytest

from dedupe.deciding.decisions import relabel, undo
from dedupe.deciding.moderation import clear, cleared, hide
from dedupe.deciding.rumours import judge_rumour, rumours
from dedupe.errors import DecisionRefused, NotAllowed
from dedupe.store import Store
from tests.support.posts import INCIDENT, at, post, take
from tests.support.shift import AN, CHIEF, MIA, MO, name

CLAIM = "Naar het schijnt is het water vergiftigd, niemand bevestigt het"


@pytest.fixture
def whispers(night: Store) -> Store:
    """A claim (x/5) with a copy, and another one (x/7) that a person calls so."""
    take(
        night,
        post("x", "5", "jef", CLAIM),
        post("x", "6", "mie", f"RT @jef: {CLAIM}"),
        post("x", "7", "lou", "Water vergiftigd!"),
    )
    relabel(night, "x/5", "rumour", AN, at=at(8))
    relabel(night, "x/7", "rumour", AN, at=at(8))
    return night


def stand(store: Store) -> dict[str, str]:
    return dict(rumours(store, INCIDENT).select("record", "found").iter_rows())


def test_a_claim_counts_its_copies_and_begins_unverified(whispers: Store):
    rows = rumours(whispers, INCIDENT)
    assert rows.select("record", "posts", "found").rows() == [
        (name(whispers, "x/5"), 2, "unverified"),
        (name(whispers, "x/7"), 1, "unverified"),
    ]


def test_all_its_wordings_are_judged_in_one_go_and_taken_back_in_one(whispers: Store):
    decision = judge_rumour(whispers, ["x/5", "x/6", "x/7"], "false", MO, " the water company ", at=at(10))
    rows = rumours(whispers, INCIDENT)
    assert rows["found"].to_list() == ["false", "false"]
    assert rows.select("source", "who").rows()[0] == ("the water company", "Mo")
    assert whispers.read("select 1 from decisions where action = 'rumour'").height == 2
    undo(whispers, decision, CHIEF, at=at(11))
    assert set(stand(whispers).values()) == {"unverified"}


def test_the_last_word_counts_also_for_copies_that_come_later(whispers: Store):
    judge_rumour(whispers, ["x/5"], "false", MO, "police", at=at(10))
    judge_rumour(whispers, ["x/5"], "checked", MIA, "water company", at=at(11))
    take(whispers, post("x", "8", "bea", f"RT @jef: {CLAIM}"))
    assert stand(whispers)[name(whispers, "x/8")] == "checked"


def test_nothing_is_checked_without_a_source_nor_by_a_volunteer(whispers: Store):
    with pytest.raises(DecisionRefused, match="who confirms it"):
        judge_rumour(whispers, ["x/5"], "false", MO, "  ")
    with pytest.raises(DecisionRefused, match="no standing"):
        judge_rumour(whispers, ["x/5"], "true", MO, "police")
    with pytest.raises(DecisionRefused, match="Pick"):
        judge_rumour(whispers, [], "unverified", MO)
    with pytest.raises(NotAllowed):
        judge_rumour(whispers, ["x/5"], "false", AN, "police")
    judge_rumour(whispers, ["x/5"], "unverified", MO)
    assert whispers.read("select 1 from decisions where action = 'rumour'").height == 1


def test_a_claim_that_is_hidden_or_called_otherwise_goes(whispers: Store):
    hide(whispers, "x/5", "improper", MO, at=at(10))
    assert list(stand(whispers)) == [name(whispers, "x/7")]
    relabel(whispers, "x/7", "information", AN, at=at(11))
    assert stand(whispers) == {}


def test_what_may_stay_is_on_record_and_can_be_taken_back(night: Store):
    decision = clear(night, "x/4", MO, at=at(10))
    assert cleared(night, INCIDENT).select("record", "who").rows() == [(name(night, "x/4"), "Mo")]
    undo(night, decision, MIA, at=at(11))
    assert cleared(night, INCIDENT).height == 0
    with pytest.raises(NotAllowed):
        clear(night, "x/4", AN)
