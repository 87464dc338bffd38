"""Judgements: what people decided, laid over what the evidence says."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.judgements import MERGED, PARTED, Judgement, apply_judgements
from dedupe.links import ALONE, roots

RANKS = {n: n for n in range(12)}


def families(**parent_of: int) -> pl.DataFrame:
    """`families(w2=1, w3=1)`: who hangs under whom."""
    rows = [
        (int(name[1:]), parent, ALONE if int(name[1:]) == parent else "same", 1.0) for name, parent in parent_of.items()
    ]
    return pl.DataFrame(rows, schema=["wording", "parent", "why", "strength"], orient="row")


def groups(parents: pl.DataFrame) -> set[frozenset[int]]:
    return {frozenset(rows["wording"]) for _, rows in roots(parents).group_by("root")}


def merge(picked: int, other: int) -> Judgement:
    return Judgement(action="merge", picked=(picked,), others=(other,))


def split(picked: list[int], others: list[int]) -> Judgement:
    return Judgement(action="split", picked=tuple(picked), others=tuple(others))


FOUR = families(w1=1, w2=1, w3=3, w4=3)


def test_a_merge_joins_two_families_under_the_senior_of_their_roots():
    merged = apply_judgements(FOUR, [merge(4, 2)], RANKS)
    assert groups(merged) == {frozenset({1, 2, 3, 4})}
    assert merged.filter(pl.col("why") == MERGED).select("wording", "parent", "strength").rows() == [(3, 1, 1.0)]


def test_a_merge_of_what_is_one_already_changes_nothing():
    assert apply_judgements(FOUR, [merge(1, 2)], RANKS).equals(FOUR)


def test_a_split_takes_the_picked_out_and_what_follows_them_along():
    chain = families(w1=1, w2=1, w3=2, w4=1)
    assert groups(apply_judgements(chain, [split([2], [1, 4])], RANKS)) == {frozenset({1, 4}), frozenset({2, 3})}


def test_a_split_of_the_root_keeps_those_who_stay_together():
    parted = apply_judgements(families(w1=1, w2=1, w3=1, w4=2), [split([1], [2, 3, 4])], RANKS)
    assert groups(parted) == {frozenset({1}), frozenset({2, 3, 4})}
    assert set(parted.filter(pl.col("why") == PARTED)["wording"]) >= {1}


def test_the_later_decision_goes_before_the_earlier():
    both = split([2], [1]), merge(2, 1)
    assert groups(apply_judgements(families(w1=1, w2=1), both, RANKS)) == {frozenset({1, 2})}
    assert groups(apply_judgements(families(w1=1, w2=1), both[::-1], RANKS)) == {frozenset({1}), frozenset({2})}


@given(st.lists(st.integers(0, 11), min_size=12, max_size=12), st.data())
@settings(max_examples=80)
def test_the_last_judgement_always_holds_and_nothing_turns_in_circles(targets: list[int], data: st.DataObject):
    parents = families(**{f"w{node}": min(node, target) for node, target in enumerate(targets)})
    nodes = st.integers(0, 11)
    judgements = []
    for _ in range(data.draw(st.integers(1, 5))):
        picked = data.draw(st.lists(nodes, min_size=1, max_size=3, unique=True))
        left = st.sampled_from([node for node in range(12) if node not in picked])
        others = data.draw(st.lists(left, min_size=1, max_size=3, unique=True))
        judgements.append(merge(picked[0], others[0]) if data.draw(st.booleans()) else split(picked, others))
    done = apply_judgements(parents, judgements, RANKS)
    root_of = dict(roots(done).iter_rows())
    assert sorted(root_of) == list(range(12))
    last = judgements[-1]
    if last.action == "merge":
        assert len({root_of[node] for node in (*last.picked, *last.others)}) == 1
    else:
        assert len({root_of[node] for node in last.picked}) == 1
        assert not {root_of[node] for node in last.picked} & {root_of[node] for node in last.others}
