from __future__ import annotations

from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks.loader import parse_playbook
from playbooks.model import Playbook
from playbooks.triggers import Cause, Figures, ceased, fired
from playbooks.vocabulary import BOARD_VARIABLES, FIGURES, BoardVariable, Figure
from tests.playbooks.conftest import SMALL_PLAN

MANY: Figures = {("unique_offers", None): 60, ("open_requests", None): 5}


def plan(text: str = SMALL_PLAN) -> Playbook:
    read = parse_playbook(text.encode(), name="plan").playbook
    assert read is not None
    return read


def causes(figures: Figures, already: list[Cause], over: list[Cause], playbook: Playbook) -> list[str]:
    return [one.cause.key for one in fired(playbook, figures, already, over)]


def test_every_figure_and_every_variable_says_what_it_is() -> None:
    assert tuple(FIGURES) == get_args(Figure)
    assert tuple(BOARD_VARIABLES) == get_args(BoardVariable)


@pytest.mark.parametrize(
    ("offers", "requests", "fires"), [(60, 5, True), (59, 5, False), (60, 6, False), (500, 0, True)]
)
def test_all_conditions_must_hold(offers: int, requests: int, fires: bool) -> None:
    found = fired(plan(), {("unique_offers", None): offers, ("open_requests", None): requests}, [])
    assert [one.trigger.action for one in found] == (["tell"] if fires else [])
    if fires:
        assert found[0].figures == (("unique_offers", offers), ("open_requests", requests))


def test_a_figure_that_is_missing_is_unknown_and_neither_fires_nor_ends() -> None:
    half: Figures = {("unique_offers", None): 60}
    cause = Cause(trigger="many")
    assert fired(plan(), half, []) == []
    assert ceased(plan(), half, [cause]) == []
    assert ceased(plan(), {("open_requests", None): 6}, [cause]) == [cause], "one that is known not to hold is enough"


def test_it_fires_for_each_kind_apart() -> None:
    short: Figures = {("short_of_kind", "ride"): 12, ("short_of_kind", "bed"): 30, ("short_of_kind", "food"): 0}
    assert causes(short, [], [], plan()) == ["short/bed/1", "short/ride/1"]
    assert causes(short, [Cause(trigger="short", about="bed")], [], plan()) == ["short/ride/1"]


def test_a_kind_that_is_named_is_the_only_one_looked_at() -> None:
    playbook = plan(SMALL_PLAN.replace("{figure: short_of_kind,", "{figure: short_of_kind, kind: bed,"))
    assert causes({("short_of_kind", "ride"): 12}, [], [], playbook) == []
    assert causes({("short_of_kind", "bed"): 12}, [], [], playbook) == ["short/bed/1"]


def test_the_same_cause_never_fires_twice_and_again_only_when_it_was_over() -> None:
    playbook = plan()
    already: list[Cause] = []
    over: list[Cause] = []
    assert causes(MANY, already, over, playbook) == ["many//1"]
    already.append(Cause(trigger="many"))
    assert causes(MANY, already, over, playbook) == []
    calm: Figures = {**MANY, ("open_requests", None): 40}
    assert causes(calm, already, over, playbook) == []
    assert ceased(playbook, calm, already, over) == already
    assert causes(MANY, already, over, playbook) == [], "nobody wrote down that it was over"
    over.append(already[0])
    assert causes(MANY, already, over, playbook) == ["many//2"]
    assert ceased(playbook, calm, already, over) == []


def test_what_fires_once_per_incident_never_fires_again_for_the_same_thing() -> None:
    playbook = plan(SMALL_PLAN.replace("    within_min: 15\n", "    within_min: 15\n    once_per: incident\n"))
    bed = Cause(trigger="short", about="bed")
    figures: Figures = {("short_of_kind", "bed"): 12, ("short_of_kind", "ride"): 12}
    assert causes(figures, [bed], [bed], playbook) == ["short/ride/1"]


def test_a_cause_of_a_trigger_that_left_the_plan_is_left_alone() -> None:
    assert ceased(plan(), MANY, [Cause(trigger="gone")]) == []


@given(st.lists(st.tuples(st.integers(0, 120), st.integers(0, 10)), max_size=30))
def test_over_any_night_it_fires_as_often_as_its_conditions_begin_to_hold(night: list[tuple[int, int]]) -> None:
    playbook = plan()
    already: list[Cause] = []
    over: list[Cause] = []
    for offers, requests in night:
        figures: Figures = {("unique_offers", None): offers, ("open_requests", None): requests}
        over += ceased(playbook, figures, already, over)
        already += [one.cause for one in fired(playbook, figures, already, over)]
    held = [False, *(offers >= 60 and requests <= 5 for offers, requests in night)]
    begins = sum(now and not before for before, now in pairwise(held))
    assert [cause.round for cause in already] == list(range(1, begins + 1))
