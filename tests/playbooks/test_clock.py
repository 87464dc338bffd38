from __future__ import annotations

import pytest

from playbooks.clock import due, phase_at
from playbooks.loader import parse_playbook
from playbooks.model import Playbook


@pytest.fixture
def playbook(small_plan: str) -> Playbook:
    read = parse_playbook(small_plan.encode(), name="plan").playbook
    assert read is not None
    return read


def states(playbook: Playbook, minutes: int, done: tuple[tuple[str, int], ...] = ()) -> list[tuple[str, int, str]]:
    return [(entry.action.id, entry.due_min, entry.state) for entry in due(playbook, minutes, done=done)]


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
    assert states(playbook, 21, (("tell", 20),))[0][0] == "repeat"
    assert states(playbook, 65, (("repeat", 70),)) == [("repeat", 100, "next"), ("close", 160, "next")]
