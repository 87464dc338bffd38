"""Scores: how often what is said of records is what people said of them, per category.

Owns the figures and the test by which one way of telling is better than another. Knows no store and no model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any

import polars as pl

CHANCE = 1.64
"""Standard deviations by which corrections must outnumber new mistakes: chance alone does that one time in twenty.

McNemar, Note on the sampling error of the difference between correlated proportions (Psychometrika, 1947), one-sided."""
DEAREST = "offer"
"""The category that a better model must not hide: it is the worst mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryScore:
    """Of one category: how many `labels` people gave, which share of those was found (`recall`), which share of what was
    said is right (`precision`), and the harmonic mean of the two (`f1`)."""

    category: str
    labels: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """`right` is the share of labels that were said; `macro_f1` the mean over the categories that people gave."""

    right: float
    macro_f1: float
    categories: tuple[CategoryScore, ...]

    def of(self, category: str) -> CategoryScore | None:
        """The figures of one category; None where nobody gave it."""
        return next((each for each in self.categories if each.category == category), None)

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)

    @classmethod
    def of_json(cls, told: dict[str, Any]) -> Scores:
        """What `to_json` gave."""
        categories = tuple(CategoryScore(**each) for each in told["categories"])
        return cls(right=told["right"], macro_f1=told["macro_f1"], categories=categories)


def score(said: Sequence[str] | pl.Series, labels: Sequence[str] | pl.Series) -> Scores:
    """What is said of records beside what people said of them, in the same order; at least one."""
    both = pl.DataFrame({"said": said, "label": labels})
    categories = []
    for category in both["label"].unique().sort():
        named, meant = both["said"] == category, both["label"] == category
        hits = int((named & meant).sum())
        precision, recall = hits / max(int(named.sum()), 1), hits / int(meant.sum())
        f1 = 2 * hits / (int(named.sum()) + int(meant.sum()))
        figures = {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}
        categories.append(CategoryScore(category=category, labels=int(meant.sum()), **figures))
    right = int((both["said"] == both["label"]).sum()) / both.height
    mean = sum(each.f1 for each in categories) / len(categories)
    return Scores(right=round(right, 4), macro_f1=round(mean, 4), categories=tuple(categories))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What another way of telling makes of the same labels: `fixed` were wrong before, `broken` were right.

    Of those that people call offers, `uncovered` were not called so before, `hidden` are not any more.
    """

    before: Scores
    after: Scores
    fixed: int
    broken: int
    uncovered: int
    hidden: int

    @property
    def better(self) -> bool:
        """Better by more than chance, in the mean over categories too, and without hiding offers by more than chance."""
        more = self.fixed - self.broken > CHANCE * sqrt(self.fixed + self.broken)
        fewer = self.hidden - self.uncovered > CHANCE * sqrt(self.hidden + self.uncovered)
        return more and not fewer and self.after.macro_f1 > self.before.macro_f1


def compare(before: pl.Series, after: pl.Series, labels: pl.Series) -> Change:
    """Two ways of telling the same records beside what people said of them."""
    was, now = before == labels, after == labels
    offers = labels == DEAREST
    return Change(
        before=score(before, labels),
        after=score(after, labels),
        fixed=int((now & ~was).sum()),
        broken=int((was & ~now).sum()),
        uncovered=int((now & ~was & offers).sum()),
        hidden=int((was & ~now & offers).sum()),
    )
