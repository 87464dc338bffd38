"""How far what is listed lies from a town that was chosen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl

from dashboard import queries
from dashboard.nearness import away
from dashboard.queries import Filters
from tests.support.boards import START

HASSELT, GENK, LUIK = (50.9307, 5.3325), (50.9650, 5.5008), (50.6412, 5.5718)


def rows(*told: tuple[str, str | None, tuple[float, float] | None, str]) -> pl.DataFrame:
    """Offers by record, town, position and state, each a minute newer than the one before."""
    made: list[dict[str, Any]] = [
        {
            "record": record, "category": "offer", "kind": "bed", "place": place, "text": "", "state": state, "posts": 1,
            "lat": at and at[0], "lon": at and at[1], "first_seen": START + timedelta(minutes=n),
        }
        for n, (record, place, at, state) in enumerate(told)
    ]  # fmt: skip
    return pl.DataFrame(made, schema_overrides={"lat": pl.Float64, "lon": pl.Float64, "place": pl.String})


SOME = rows(
    ("here", "Hasselt", HASSELT, "available"),
    ("far", "Luik", LUIK, "available"),
    ("gone", "Hasselt", HASSELT, "expired"),
    ("nowhere", None, None, "available"),
    ("close", "Genk", GENK, "available"),
    ("newer", "Hasselt", HASSELT, "claimed"),
)


def test_distances_are_as_the_crow_flies_and_unknown_without_a_town():
    found = dict(away(SOME, "Hasselt").select("record", "km").iter_rows())
    assert found["here"] == 0
    assert 12 < found["close"] < 13
    assert 35 < found["far"] < 38
    assert found["nowhere"] is None
    assert away(SOME, None).columns == SOME.columns
    assert away(SOME, "Atlantis").columns == SOME.columns


def test_the_nearest_come_first_what_is_over_last():
    found = queries.found(SOME, Filters(near="Hasselt", order="nearest"))
    shown = queries.page(SOME, found, 1, 10).rows
    assert shown["km"].to_list()[:2] == [0, 0]
    assert shown["record"].to_list() == ["newer", "here", "close", "far", "nowhere", "gone"]


def test_with_nothing_to_be_near_to_the_newest_come_first():
    shown = queries.page(SOME, queries.found(SOME, Filters(order="nearest")), 1, 10).rows
    assert shown["record"].to_list() == ["newer", "close", "nowhere", "far", "here", "gone"]
