"""Deeds by the plan: who may, once for each key, kept whole, taken back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dedupe.deciding import plan_deeds
from dedupe.deciding.decisions import undo
from dedupe.errors import DecisionRefused, NotAllowed
from dedupe.store import Store
from tests.support.posts import INCIDENT, at
from tests.support.shift import AN, CHIEF, MO


def test_what_was_sent_is_kept_with_who_when_and_where(night: Store):
    plan_deeds.do(night, INCIDENT, "sent", "warn/0", MO, told={"networks": ["x"], "language": "fr"}, at=at(10))
    row = plan_deeds.deeds(night, INCIDENT).row(0, named=True)
    assert (row["who"], row["role"], row["action"], row["key"]) == ("Mo", "moderator", "sent", "warn/0")
    assert json.loads(row["value"]) == {"key": "warn/0", "networks": ["x"], "language": "fr"}
    assert row["decided_at"] == at(10)


def test_it_is_sent_or_skipped_once_until_that_is_taken_back(night: Store):
    first = plan_deeds.do(night, INCIDENT, "sent", "warn/0", MO)
    with pytest.raises(DecisionRefused, match="Mo did that already"):
        plan_deeds.do(night, INCIDENT, "skipped", "warn/0", CHIEF, reason="too late")
    plan_deeds.do(night, INCIDENT, "sent", "warn/1", CHIEF)
    undo(night, first, MO)
    plan_deeds.do(night, INCIDENT, "skipped", "warn/0", CHIEF, reason="too late")
    assert plan_deeds.deeds(night, INCIDENT)["action"].to_list() == ["sent", "skipped"]


def test_skipping_wants_a_reason_and_a_volunteer_sends_nothing(night: Store):
    with pytest.raises(DecisionRefused, match="why"):
        plan_deeds.do(night, INCIDENT, "skipped", "warn/0", MO, reason="  ")
    with pytest.raises(NotAllowed):
        plan_deeds.do(night, INCIDENT, "sent", "warn/0", AN)
    plan_deeds.do(night, INCIDENT, "duty", "spokesperson", AN)
    with pytest.raises(DecisionRefused, match="At most"):
        plan_deeds.do(night, INCIDENT, "skipped", "warn/0", MO, reason="x" * 3_000)


def test_a_cause_is_noted_once_by_two_boards_and_after_a_restart(tmp_path: Path):
    path = tmp_path / "store.duckdb"
    with Store(path) as store:
        assert plan_deeds.note(store, "storm", "fired", [("short/bed/1", {"n": 12}), ("short/ride/1", {})]) == [
            "short/bed/1",
            "short/ride/1",
        ]
        assert plan_deeds.note(store, "storm", "fired", [("short/bed/1", {"n": 40})]) == []
        assert plan_deeds.note(store, "flood", "fired", [("short/bed/1", {})]) == ["short/bed/1"], (
            "each incident its own"
        )
    with Store(path) as store:
        assert plan_deeds.note(store, "storm", "fired", [("short/bed/1", {}), ("short/bed/2", {})]) == ["short/bed/2"]
        rows = plan_deeds.deeds(store, "storm")
        assert rows.select("who", "role").unique().rows() == [("helpt", "machine")]
        assert sorted(rows["key"]) == ["short/bed/1", "short/bed/2", "short/ride/1"]
        with pytest.raises(NotAllowed):
            undo(store, rows["decision"][0], CHIEF)
