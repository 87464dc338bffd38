"""Scores: counted right, and no newcomer is called better for what chance alone would do."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_recall_fscore_support

from dedupe.learning.scores import Scores, compare, score

WORDS = ("offer", "request", "other")


@given(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(WORDS)), min_size=1, max_size=40))
def test_the_figures_are_those_of_scikit_learn(pairs: list[tuple[str, str]]):
    said, labels = (list(each) for each in zip(*pairs, strict=True))
    found, given_by_people = score(said, labels), sorted(set(labels))
    precision, recall, f1, support = precision_recall_fscore_support(
        labels, said, labels=given_by_people, zero_division=0
    )
    assert [each.category for each in found.categories] == given_by_people
    assert [each.labels for each in found.categories] == list(support)
    for ours, theirs in (("precision", precision), ("recall", recall), ("f1", f1)):
        assert [getattr(each, ours) for each in found.categories] == pytest.approx(list(theirs), abs=1e-4)
    mean = f1_score(labels, said, labels=given_by_people, average="macro", zero_division=0)
    assert found.macro_f1 == pytest.approx(mean, abs=1e-4)
    assert Scores.of_json(found.to_json()) == found


def better(before: str, after: str, labels: str) -> bool:
    return compare(*(pl.Series(list(each)) for each in (before, after, labels))).better


def test_three_corrections_without_a_mistake_are_better_and_two_may_be_chance():
    assert better("bbbbbb", "aaabbb", "aaabbb")
    assert not better("bbbbbb", "aabbbb", "aaabbb")


def test_as_many_new_mistakes_as_corrections_are_no_better():
    assert not better("bbbaaa", "aaabbb", "aaaaaa")


def test_what_hides_offers_is_no_better_however_much_it_corrects():
    labels = pl.Series(["offer"] * 4 + ["blame"] * 30)
    before = pl.Series(["offer"] * 4 + ["other"] * 30)
    hiding = pl.Series(["blame"] * 34)
    assert compare(before, hiding, labels).fixed == 30
    assert not compare(before, hiding, labels).better
    assert compare(before, labels, labels).better
