"""Versions of plans: numbered, kept as written, never saved over, and in force only once taken over."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from dedupe.deciding.decisions import undo
from dedupe.deciding.plan_versions import MOST, save_version, saved_plans, take_version, taken, version_text, versions
from dedupe.deciding.roles import Actor
from dedupe.errors import DecisionRefused, NotAllowed, NotFound, Overtaken
from dedupe.store import Store
from tests.dedupe.deciding.test_claims import beside
from tests.support.posts import at
from tests.support.shift import AN, CHIEF, MO, WIM

PIA = Actor(who="Pia", role="planner")
TEXT = "\ufeffplan: één\r\n\tnaïve # and a comment \r\n"


def test_a_version_is_kept_as_it_was_written_with_who_when_and_why(either: Store):
    assert save_version(either, "storm", "flood", TEXT, PIA, began=0, why=" first ", at=at(1)) == 1
    assert save_version(either, "storm", "flood", "two", CHIEF, began=1, at=at(2)) == 2
    assert version_text(either, "flood", 1) == TEXT
    rows = versions(either, "flood").select("number", "began", "saved_at", "who", "role", "why").rows()
    assert rows == [(2, 1, at(2), "Chief", "coordinator", ""), (1, 0, at(1), "Pia", "planner", "first")]
    assert saved_plans(either) == ["flood"]
    assert taken(either, "storm") is None, "saving changes nothing for the incident"


def test_who_saves_second_is_told_who_was_first(either: Store):
    save_version(either, "storm", "flood", "one", PIA, began=0)
    save_version(either, "storm", "flood", "two", PIA, began=1, at=at(5))
    with pytest.raises(Overtaken, match="Pia saved version 2") as told:
        save_version(either, "storm", "flood", "mine", CHIEF, began=1)
    assert (told.value.number, told.value.who, told.value.at) == (2, "Pia", at(5))
    assert version_text(either, "flood", 2) == "two"
    assert versions(either, "flood").height == 2


@pytest.mark.parametrize("machines", ["one machine", "each on a machine of its own"])
def test_of_many_who_save_at_once_exactly_one_does(either: Store, machines: str):
    apart = machines != "one machine" and either.name.startswith("ducklake:")  # a file is held by one process
    people = [Actor(who=f"p{n}", role="planner") for n in range(4)]
    stores = [beside(either) if apart else either for _ in people]
    ready = threading.Barrier(len(people))

    def go(store: Store, by: Actor) -> str | None:
        ready.wait()
        try:
            save_version(store, "storm", "flood", by.who, by, began=0)
        except Overtaken as refused:
            return refused.who
        return None

    with ThreadPoolExecutor(len(people)) as pool:
        told = list(pool.map(go, stores, people))
    winner = people[told.index(None)].who
    assert sorted(filter(None, told)) == [winner] * 3
    assert version_text(either, "flood", 1) == winner
    assert versions(either, "flood").height == 1


def test_who_may_not_save_or_take_over_and_what_is_too_much_or_the_same_is_refused(either: Store):
    for by in (AN, MO, WIM):
        with pytest.raises(NotAllowed):
            save_version(either, "storm", "flood", "one", by, began=0)
    with pytest.raises(DecisionRefused, match="at most"):
        save_version(either, "storm", "flood", "x" * (MOST + 1), PIA, began=0)
    save_version(either, "storm", "flood", "one", PIA, began=0)
    with pytest.raises(DecisionRefused, match="Nothing changed since version 1"):
        save_version(either, "storm", "flood", "one", PIA, began=1)
    with pytest.raises(NotAllowed):
        take_version(either, "storm", "flood", 1, AN)
    with pytest.raises(NotFound):
        take_version(either, "storm", "flood", 2, PIA)


def test_the_last_one_taken_over_counts_whatever_the_clocks_say_and_each_incident_has_its_own(either: Store):
    for number in (1, 2):
        save_version(either, "storm", "flood", f"text {number}", PIA, began=number - 1)
    take_version(either, "storm", "flood", 2, PIA, at=at(20))
    take_version(either, "storm", "flood", 1, MO, at=at(10))
    found = taken(either, "storm")
    assert found is not None
    assert (found.plan, found.number, found.who) == ("flood", 1, "Mo")
    with pytest.raises(DecisionRefused, match="Mo took that version over already"):
        take_version(either, "storm", "flood", 1, PIA)
    assert taken(either, "other") is None
    undo(either, found.decision, MO)
    before = taken(either, "storm")
    assert before is not None
    assert before.number == 2


def test_a_version_taken_back_leaves_the_list_and_its_number_is_not_given_again(either: Store):
    save_version(either, "storm", "flood", "one", PIA, began=0)
    save_version(either, "storm", "flood", "two", PIA, began=1)
    decision = either.read("select decision from plan_versions where number = 2").item()
    undo(either, decision, PIA)
    assert versions(either, "flood")["number"].to_list() == [1]
    with pytest.raises(Overtaken):
        save_version(either, "storm", "flood", "three", PIA, began=2)
    assert save_version(either, "storm", "flood", "three", PIA, began=1) == 3
