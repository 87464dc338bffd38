"""Links: leaders of keys, who is looked at again, and the way from parents to roots."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.evidence import HOTLINE
from dedupe.keys import KEY_COLUMNS
from dedupe.links import ALONE, LEADERS, disturbed, lead, pair, roots, straighten

PARENT = {"wording": pl.Int64, "parent": pl.Int64, "why": pl.String, "strength": pl.Float64}


def blocks(*rows: tuple[int, str, int, int, int, int | None]) -> pl.DataFrame:
    """Rows of keys: key, route, wording, rank, facts, told."""
    return pl.DataFrame(rows, schema=KEY_COLUMNS, orient="row")


def parents(*rows: tuple[int, int, str]) -> pl.DataFrame:
    return pl.DataFrame([(*row, 0.9) for row in rows], schema=PARENT, orient="row")


def test_of_each_group_in_a_key_the_first_in_rank_leads():
    led = lead(blocks((1, "contact", 10, 5, 7, 1), (1, "contact", 11, 3, 7, 1), (1, "contact", 12, 9, 8, 2)))
    assert sorted(led["leader"]) == [11, 12]
    assert set(led["crowd"]) == {2}


def test_a_key_has_no_more_leaders_than_are_compared():
    led = lead(blocks(*((1, "text", n, 1000 - n, n, None) for n in range(100))))
    assert sorted(led["leader"]) == list(range(100 - LEADERS, 100))
    assert set(led["crowd"]) == {0}


def test_a_child_is_compared_with_leaders_of_lower_rank_only():
    rows = blocks(
        (1, "contact", 10, 5, 7, 1), (1, "contact", 11, 3, 8, 1), (2, "line", 10, 5, 10, 1), (2, "line", 12, 4, 12, 1)
    )
    found = pair(rows, lead(rows), pl.Series([10, 11, 12]))
    assert sorted(found.select("wording", "parent", "route").rows()) == [(10, 11, "contact"), (10, 12, "line")]


def test_a_follower_disturbs_nobody_and_a_new_leader_all_who_share_its_key():
    before = blocks((1, "contact", 10, 5, 7, 1), (1, "contact", 11, 6, 7, 1), (2, "contact", 12, 5, 7, 1))
    follower = pl.concat([before, blocks((1, "contact", 20, 9, 7, 1))])
    leader = pl.concat([before, blocks((1, "contact", 20, 1, 7, 1))])
    assert disturbed(lead(before), lead(follower), before).to_list() == []
    assert sorted(disturbed(lead(before), lead(leader), before)) == [10, 11]


def test_crowding_a_key_disturbs_all_who_share_it():
    rows = [(1, "contact", n, n, 7, n) for n in range(HOTLINE)]
    before, after = blocks(*rows[:-1]), blocks(*rows)
    assert sorted(disturbed(lead(before), lead(after), before)) == list(range(HOTLINE - 1))


@st.composite
def forests(draw: st.DrawFn) -> dict[int, int]:
    """A parent for each node, itself or one before it."""
    size = draw(st.integers(1, 40))
    return {node: draw(st.integers(0, node)) for node in range(size)}


@given(forests())
@settings(max_examples=60)
def test_roots_are_found_however_deep(forest: dict[int, int]):
    def root(node: int) -> int:
        return node if forest[node] == node else root(forest[node])

    found = roots(parents(*((node, parent, "same") for node, parent in forest.items())))
    assert dict(found.iter_rows()) == {node: root(node) for node in forest}


def test_a_chain_of_ten_thousand_is_followed_to_its_end():
    chain = pl.DataFrame({"wording": range(10_000), "parent": [0, *range(9_999)]})
    assert roots(chain)["root"].unique().to_list() == [0]


def test_nothing_has_no_roots():
    assert roots(pl.DataFrame(schema={"wording": pl.Int64, "parent": pl.Int64})).height == 0


@given(st.lists(st.integers(0, 9), min_size=10, max_size=10), st.data())
@settings(max_examples=60)
def test_circles_closed_by_slips_are_cut_once_and_the_rest_is_left(targets: list[int], data: st.DataObject):
    # A slip may lead anywhere; all else leads to a lower rank, as it does in the engine.
    rows = []
    for node, target in enumerate(targets):
        slip = data.draw(st.booleans())
        rows.append((node, target if slip else min(node, target), "mistyped" if slip and target != node else "same"))
    cut = straighten(parents(*rows))
    found = dict(roots(cut).iter_rows())  # would not come to an end in a circle
    parent_of = dict(cut.select("wording", "parent").iter_rows())
    assert all(parent_of[root] == root for root in found.values())
    changed = cut.filter(pl.col("why") == ALONE)
    assert (changed["wording"] == changed["parent"]).all()
    assert cut.filter(pl.col("why") != ALONE).equals(parents(*rows).join(changed, on="wording", how="anti"))
    for node in changed["wording"]:  # nothing was cut but circles
        walked, here = {node}, rows[node][1]
        while here not in walked:
            walked.add(here)
            here = rows[here][1]
        assert here == node


def test_without_slips_nothing_is_straightened():
    told = parents((1, 1, "same"), (2, 1, "same"))
    assert straighten(told) is told
