"""Roles: each does what the table says, and the store refuses the rest."""

from __future__ import annotations

from typing import Any

import pytest

from dedupe.deciding import claims, notes
from dedupe.deciding.decisions import find_record, relabel, undo
from dedupe.deciding.moderation import hide, report
from dedupe.deciding.review import not_the_same
from dedupe.deciding.roles import MAY, Actor, may
from dedupe.errors import NotAllowed, NotFound
from dedupe.store import Store
from tests.support.posts import INCIDENT
from tests.support.shift import AN, BOB, CHIEF, MO, WIM, name


def test_what_others_did_is_taken_back_by_a_coordinator_and_ones_own_by_oneself(night: Store):
    label = relabel(night, "x/4", "information", AN)
    for by in (BOB, MO, WIM):
        with pytest.raises(NotAllowed, match=r"^An did that: ask them, or a coordinator\.$"):
            undo(night, label, by)
    undo(night, label, CHIEF)
    undo(night, relabel(night, "x/4", "information", AN), AN)


@pytest.mark.parametrize("role", sorted(MAY))
def test_each_role_does_what_the_table_says_and_nothing_else(night: Store, role: str):
    by = Actor(who="Iris", role=role)
    calls: dict[str, Any] = {
        "claim": lambda: claims.claim(night, "x/1", by),
        "confirm": lambda: claims.confirm(night, "x/1", by),
        "capacity": lambda: claims.recount(night, "x/1", 2, by),
        "relabel": lambda: relabel(night, "x/4", "other", by),
        "note": lambda: notes.note(night, "x/1", "seen", by),
        "shift_note": lambda: notes.shift_note(night, INCIDENT, "quiet", by),
        "role": lambda: notes.take_role(night, INCIDENT, by),
        "hide": lambda: hide(night, "x/4", "threat", by),
        "report": lambda: report(night, "x/4", "police", by),
        "apart": lambda: not_the_same(night, "x/1", "x/3", by),
    }
    for action, call in calls.items():
        if may(role, action):
            call()
        else:
            with pytest.raises(NotAllowed):
                call()
    assert {row for (row,) in night.read("select distinct action from decisions").rows()} <= set(MAY[role])


def test_a_decision_about_nothing_is_not_found(night: Store):
    for call in (claims.claim, claims.release, claims.accept):
        with pytest.raises(NotFound):
            call(night, "x/404", AN)
    assert find_record(night, "x/1").record == name(night, "x/1")
