"""What people told the collectors stays, and the last word counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dedupe.steering import steer, steered
from dedupe.store import LAKE, Store

MOMENT = datetime(2026, 8, 18, 18, 15, tzinfo=UTC)


@pytest.fixture(params=["a DuckDB file", "a DuckLake"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    name = f"{LAKE}{tmp_path / 'night.ducklake'}" if "Lake" in request.param else str(tmp_path / "night.duckdb")
    with Store(name) as opened:
        yield opened


def test_the_last_word_of_each_source_and_incident_counts(store: Store):
    assert steered(store) == []
    steer(store, "storm", "x", "pause", at=MOMENT)
    steer(store, "storm", "x", "resume", at=MOMENT)
    steer(store, "storm", "x", "pause", "An", at=MOMENT)
    steer(store, "flood", "x", "resume", at=MOMENT)
    stands = [(each.incident, each.source, each.step, each.action, each.taken_at) for each in steered(store)]
    assert stands == [("flood", "x", 1, "resume", MOMENT), ("storm", "x", 3, "pause", MOMENT)]
    assert [each.who for each in steered(store)] == [None, "An"], "and who said it, where that is known"
    assert store.read("select count(*) from steering").item() == 4, "every word stays on record"
