from __future__ import annotations

from typing import Any

import pytest

from playbooks.clock import Call, due, phase_at, starts, step
from playbooks.loader import parse_playbook
from playbooks.model import Playbook
from playbooks.triggers import Cause


@pytest.fixture
def playbook(small_plan: str) -> Playbook:
    read = parse_playbook(small_plan.encode(), name="plan").playbook
    assert read is not None
    return read


def states(playbook: Playbook, minutes: int, **told: Any) -> list[tuple[str, int, str]]:
    return [(entry.action.id, entry.due_min, entry.state) for entry in due(playbook, minutes, **told)]


@pytest.mark.parametrize(
    ("minutes", "phase"), [(-1, None), (0, "first"), (59, "first"), (60, "later"), (10_000, "later")]
)
def test_a_phase_lasts_until_the_next_one_starts(playbook: Playbook, minutes: int, phase: str | None) -> None:
    found = phase_at(playbook, minutes)
    assert (found.id if found else None) == phase


def test_before_the_incident_the_first_phase_is_for_next(playbook: Playbook) -> None:
    assert states(playbook, -5) == [("tell", 20, "next")]


def test_an_action_is_now_up_to_its_minute_and_late_after_it(playbook: Playbook) -> None:
    assert states(playbook, 20)[0] == ("tell", 20, "now")
    assert states(playbook, 21)[0] == ("tell", 20, "late")


def test_the_phase_after_the_current_one_is_for_next(playbook: Playbook) -> None:
    assert states(playbook, 59)[1:] == [("repeat", 70, "next"), ("close", 160, "next")]


def test_a_phase_that_ended_takes_its_actions_with_it(playbook: Playbook) -> None:
    assert states(playbook, 60) == [("repeat", 70, "now"), ("close", 160, "next")]


def test_a_repeated_action_shows_its_next_round_and_is_never_late(playbook: Playbook) -> None:
    assert [states(playbook, minutes)[0][:2] for minutes in (70, 71, 100, 101)] == [
        ("repeat", 70),
        ("repeat", 100),
        ("repeat", 100),
        ("repeat", 130),
    ]


def test_what_was_done_is_left_out_and_a_round_done_makes_way_for_the_next(playbook: Playbook) -> None:
    assert states(playbook, 21, done={("tell", "0")})[0][0] == "repeat"
    assert states(playbook, 65, done={("repeat", "0")}) == [("repeat", 100, "next"), ("close", 160, "next")]


def test_each_entry_says_which_round_to_mark(playbook: Playbook) -> None:
    assert [(entry.action.id, entry.round) for entry in due(playbook, 101)] == [("repeat", "2"), ("close", "0")]


def test_an_action_that_waits_for_a_trigger_is_never_due_by_the_clock(playbook: Playbook) -> None:
    assert all("look" not in {name for name, _, _ in states(playbook, minutes)} for minutes in range(-10, 400, 10))


def test_a_phase_that_a_person_let_start_takes_the_later_ones_along(playbook: Playbook) -> None:
    assert starts(playbook) == {"first": 0, "later": 60}
    assert starts(playbook, {"first": 15}) == {"first": 15, "later": 75}
    assert starts(playbook, {"first": None}) == {"first": None, "later": None}
    assert states(playbook, 40, started={"later": 40}) == [("repeat", 50, "now"), ("close", 140, "next")]


def test_stepping_forward_starts_the_next_phase_now(playbook: Playbook) -> None:
    after = step(playbook, 25, forward=True)
    assert after == {"later": 25}
    found = phase_at(playbook, 25, after)
    assert found is not None
    assert found.id == "later"
    assert step(playbook, 30, after, forward=True) == after, "there is no phase after the last one"


def test_a_phase_stepped_back_from_waits_for_a_person(playbook: Playbook) -> None:
    after = step(playbook, 65, forward=False)
    for minutes in (65, 90, 5_000):
        found = phase_at(playbook, minutes, after)
        assert found is not None
        assert found.id == "first"
    assert states(playbook, 65, started=after) == [("tell", 20, "late")]
    assert states(playbook, 65, started=after, done={("tell", "0")}) == [], "what was done stays done"
    assert states(playbook, 80, started=step(playbook, 80, after, forward=True))[0] == ("repeat", 90, "now")
    assert step(playbook, 20, forward=False) == {}, "there is no phase before the first one"


def test_what_a_trigger_calls_for_is_due_from_the_minute_it_fired(playbook: Playbook) -> None:
    cause = Cause(trigger="short", about="bed")
    called = [Call(cause=cause, minute=30)]
    entry = next(one for one in due(playbook, 40, called=called) if one.cause)
    assert (entry.action.id, entry.due_min, entry.state, entry.round) == ("look", 45, "now", "short/bed/1")
    assert ("look", 45, "late") in states(playbook, 500, called=called), "it outlives its phase"
    assert "look" not in {name for name, _, _ in states(playbook, 40, called=called, done={("look", entry.round)})}


def test_an_action_that_is_called_for_stands_there_once_and_is_done_once(playbook: Playbook) -> None:
    called = [Call(cause=Cause(trigger="many"), minute=2)]
    assert [name for name, _, _ in states(playbook, 5, called=called)].count("tell") == 1
    assert states(playbook, 5, called=called)[0] == ("tell", 12, "now"), "the trigger is sooner than the clock"
    assert "tell" not in {name for name, _, _ in states(playbook, 5, called=called, done={("tell", "many//1")})}


def test_two_things_that_are_short_are_two_things_to_do(playbook: Playbook) -> None:
    called = [Call(cause=Cause(trigger="short", about=kind), minute=1) for kind in ("bed", "ride")]
    assert [entry.round for entry in due(playbook, 5, called=called) if entry.cause] == ["short/bed/1", "short/ride/1"]


def test_a_call_of_a_trigger_that_left_the_plan_is_passed_over(playbook: Playbook) -> None:
    assert states(playbook, 5, called=[Call(cause=Cause(trigger="gone"), minute=1)]) == states(playbook, 5)
