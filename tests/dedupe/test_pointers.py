"""Pointers: when what a network says of two posts makes them one record."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from dedupe.pointers import ANSWERED, QUOTED, REPOSTED, follow

FACTS: dict[str, Any] = {
    "wording": pl.Int64, "rank": pl.Int64, "kind": pl.String, "places": pl.List(pl.String), "place_key": pl.String,
    "capacity": pl.Int32, "closed": pl.Boolean, "phones": pl.List(pl.String),
}  # fmt: skip
BED: dict[str, Any] = {
    "kind": "bed",
    "places": ["genk.be"],
    "place_key": "genk.be",
    "capacity": 2,
    "closed": False,
    "phones": ["475123456"],
}
NOTHING: dict[str, Any] = {
    "kind": None,
    "places": [],
    "place_key": None,
    "capacity": None,
    "closed": False,
    "phones": [],
}


def followed(
    how: str, own: dict[str, Any], *, author: str = "jan", ranks: tuple[int, int] = (2, 1)
) -> list[tuple[Any, ...]]:
    """Wording 2, with the facts `own`, points at post 7 of @jan, which has wording 1 and offers a bed."""
    wordings = [{"wording": 2, "rank": ranks[0], **own}, {"wording": 1, "rank": ranks[1], **BED}]
    pointers = pl.DataFrame(
        {"wording": [2], "target": [7], "how": [how], "author": [author]}, schema_overrides={"author": pl.String}
    )
    targets = pl.DataFrame({"post": [7], "wording": [1], "author": ["jan"]})
    return follow(pointers, targets, pl.DataFrame(wordings, schema=FACTS)).rows()


@pytest.mark.parametrize("own", [NOTHING, BED, {**BED, "kind": "ride"}])
def test_a_repost_is_certain_whatever_it_says(own: dict[str, Any]):
    assert followed("repost", own) == [(2, 1, REPOSTED, 1.0)]


@pytest.mark.parametrize(
    ("own", "joins"),
    [
        (NOTHING, True),
        (BED, True),
        ({**NOTHING, "kind": "bed"}, True),
        ({**NOTHING, "kind": "ride"}, False),
        ({**NOTHING, "place_key": "bilzen.be", "places": ["bilzen.be"]}, False),
        ({**NOTHING, "capacity": 5}, False),
        ({**NOTHING, "phones": ["498765432"]}, False),
    ],
)
def test_a_quote_passes_on_only_when_it_has_nothing_of_its_own(own: dict[str, Any], joins: bool):
    assert followed("quote", own, author="piet") == ([(2, 1, QUOTED, 0.96)] if joins else [])


@pytest.mark.parametrize(
    ("own", "author", "joins"),
    [
        ({**NOTHING, "closed": True}, "jan", True),
        ({**NOTHING, "closed": True}, "piet", False),
        ({**NOTHING, "capacity": 1}, "jan", True),
        ({**NOTHING, "kind": "ride"}, "jan", False),
        ({**NOTHING, "place_key": "bilzen.be", "places": ["bilzen.be"], "closed": True}, "jan", False),
    ],
)
def test_only_the_writer_answers_for_a_post_and_only_about_the_same(own: dict[str, Any], author: str, joins: bool):
    assert followed("reply", own, author=author) == ([(2, 1, ANSWERED, 0.93)] if joins else [])


def test_nothing_follows_to_a_higher_rank_or_to_itself_or_to_a_post_unknown():
    assert followed("repost", NOTHING, ranks=(1, 2)) == []
    none = pl.DataFrame(schema={"post": pl.Int64, "wording": pl.Int64, "author": pl.String})
    pointers = pl.DataFrame({"wording": [2], "target": [7], "how": ["repost"], "author": ["jan"]})
    assert follow(pointers, none, pl.DataFrame([{"wording": 2, "rank": 1, **BED}], schema=FACTS)).height == 0


def test_of_two_pointers_the_surer_goes_first_and_then_the_senior():
    wordings = [{"wording": 9, "rank": 9, **NOTHING}, *({"wording": n, "rank": n, **BED} for n in (1, 2, 3))]
    pointers = pl.DataFrame(
        {
            "wording": [9, 9, 9],
            "target": [11, 12, 13],
            "how": ["quote", "repost", "repost"],
            "author": ["a", None, None],
        }
    )
    targets = pl.DataFrame({"post": [11, 12, 13], "wording": [1, 3, 2], "author": ["b", "b", "b"]})
    assert follow(pointers, targets, pl.DataFrame(wordings, schema=FACTS)).rows() == [(9, 2, REPOSTED, 1.0)]
