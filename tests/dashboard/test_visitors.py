"""Who looks: a name and a role, remembered by a token."""

from __future__ import annotations

import re

import pytest

from dashboard.visitors import LONGEST_NAME, MOST, ROLES, WATCHER, Visitors, can


def test_a_visitor_is_known_again_by_their_token_and_nobody_else_is():
    visitors = Visitors()
    token, actor = visitors.greet("  Els   B. ", "volunteer")
    assert re.fullmatch(r"[\w-]{20,}", token, re.ASCII)
    assert (actor.who, actor.role) == ("Els B.", "volunteer")
    assert visitors.recall(token) == actor
    assert visitors.recall("another") == visitors.recall(None) == WATCHER


@pytest.mark.parametrize(("name", "role"), [("", "volunteer"), (" \u202e ", "volunteer"), ("Els", "king")])
def test_nobody_without_a_name_or_with_a_role_of_their_own_comes_in(name: str, role: str):
    with pytest.raises(ValueError, match="a name and a role"):
        Visitors().greet(name, role)


def test_a_name_is_cut_and_the_oldest_visitors_are_forgotten():
    visitors = Visitors()
    first, actor = visitors.greet("a" * 500, "watcher")
    assert len(actor.who) == LONGEST_NAME
    for number in range(MOST):
        visitors.greet(f"visitor {number}", "watcher")
    assert visitors.recall(first) == WATCHER
    assert len(visitors.known) == MOST


def test_a_role_is_offered_what_it_may_do_and_nobody_without_a_name_is_offered_anything():
    _, volunteer = Visitors().greet("Els", "volunteer")
    assert can(volunteer, "claim")
    assert not can(volunteer, "hide")
    assert not any(can(WATCHER, action) for action in ("claim", "note", "shift_note"))
    assert set(ROLES) == {"watcher", "volunteer", "coordinator", "planner", "moderator"}
