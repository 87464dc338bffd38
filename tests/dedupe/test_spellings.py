"""Spellings: likely slips in a tag, and what is written beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dedupe.spellings import MOST_MISSPELT, beside, misspelt
from dedupe.store import Store
from tests.support.posts import post, take


@pytest.mark.parametrize(
    ("tag", "slips"),
    [
        ("hasselthelpt", {"hasselthelp", "hasselthelpd", "haselthelpt"}),
        ("#LiègeAide", {"liegeaide"}),
        ("ijzerhelpt", {"yzerhelpt"}),
    ],
)
def test_the_slips_people_make_are_among_those_proposed(tag: str, slips: set[str]):
    found = misspelt(tag)
    assert slips <= set(found)
    assert len(found) == len(set(found)) <= MOST_MISSPELT
    assert tag.removeprefix("#").casefold() not in found


@pytest.mark.parametrize("tag", ["", "#", "pp11", "ok"])
def test_of_a_short_tag_no_slip_is_still_that_tag(tag: str):
    assert misspelt(tag) == []


def test_every_slip_can_be_watched():
    for tag in ("hasselthelpt", "été_2026", "ikwilhelpen", "aaaaaaa", "ñandú", "ттттт"):
        assert all(slip and not slip.isdecimal() for slip in misspelt(tag))


def test_tags_beside_ours_are_counted_by_writers_and_look_alikes_stand_first(tmp_path: Path):
    with Store(tmp_path / "store.duckdb") as store:
        rows = [post("bluesky", str(n), f"an{n}", f"sterkte #Hasselthelpt #pukkelpop #2026 {n}") for n in range(4)]
        rows += [post("bluesky", str(10 + n), f"bo{n}", f"bed {n} #hasselthelp #hasselthelp") for n in range(2)]
        rows += [post("bluesky", str(20 + n), "spam", f"koop nu #goedkoop {n}") for n in range(9)]
        take(store, *rows)
        found = beside(store, "storm", ["hasselthelpt"])
        assert found.select("tag", "posts", "writers", "near").rows() == [
            ("hasselthelp", 2, 2, True), ("pukkelpop", 4, 4, False),
        ]  # fmt: skip
        assert beside(store, "elsewhere", ["hasselthelpt"]).is_empty()
