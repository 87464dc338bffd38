"""Training: weights from labels, and what a newcomer is worth on labels it was not shown.

Owns the use of scikit-learn, which is loaded at the first training and not before, and the holding back of labels. Knows
no store: labels come in as a frame, and what comes out is a model and its figures.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from dedupe.learning.features import BUCKETS, find_features
from dedupe.learning.model import DIGITS, Model, model_of, shares_of, speaks
from dedupe.learning.scores import Change, compare

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST = 20
"""Labels from which learning begins."""
ENOUGH = 200
"""Labels from which a part is held back for good; below, each fold in turn is."""
HELD_BACK = 4
"""One record in so many is held back, told by its name: the same ones for every model."""
FOLDS, INNER_FOLDS = 5, 3
NEVER = 2.0
"""A threshold no certainty reaches."""
STEPS = tuple(step / 20 for step in range(4, 20))
"""The thresholds that are tried."""

SETTINGS: dict[str, Any] = {
    "loss": "log_loss", "alpha": 2e-4, "average": True, "class_weight": "balanced", "max_iter": 20, "tol": None, "random_state": 0,
}  # fmt: skip
"""Logistic regression by averaged stochastic gradient descent: on the benchmark as good as liblinear and lbfgs and twenty
times faster. From 3e-5 to 1e-3 for alpha, and from 20 rounds up, it makes no difference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """Labels by the row: what was labelled (`labelled`: key, label, decided_at and `features.READ`) and its features."""

    labelled: pl.DataFrame
    matrix: Any

    def take(self, rows: NDArray[np.bool_]) -> Lessons:
        """Some of them."""
        return Lessons(labelled=self.labelled.filter(pl.Series(rows)), matrix=self.matrix[rows])

    @property
    def labels(self) -> NDArray[np.str_]:
        """What people said."""
        import numpy as np

        return self.labelled["label"].to_numpy().astype(np.str_)

    @property
    def rules(self) -> NDArray[np.str_]:
        """What the rules say."""
        import numpy as np

        return self.labelled["category"].to_numpy().astype(np.str_)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A newcomer and its worth on `held_back` labels: against the rules alone, and against what is in force now.

    `apart`: they were one part set aside; else each of some folds in turn.
    """

    model: Model | None
    rules: Change
    present: Change
    held_back: int
    apart: bool

    @property
    def better(self) -> bool:
        """Whether it may take the place of what is in force."""
        return self.model is not None and self.rules.better and self.present.better


def lessons_of(labelled: pl.DataFrame) -> Lessons:
    """The lessons in labels (key, label, decided_at and `features.READ`), in an order that is theirs alone."""
    labelled = labelled.sort("key", "wording")
    return Lessons(labelled=labelled, matrix=find_features(labelled).matrix())


def teach(lessons: Lessons) -> Model | None:
    """A model of these labels; None while they name one category alone.

    It speaks from the certainty up at which, on folds it was not shown, it corrected most of what the rules say beyond
    what it spoilt; of equals the middle one.
    """
    import numpy as np

    if len(np.unique(lessons.labels)) < 2:
        return None
    unseen = _unseen(lessons)
    gains = [
        int((_heard(lessons, unseen, step) == lessons.labels).sum() - (lessons.rules == lessons.labels).sum())
        for step in STEPS
    ]
    best = [step for step, gained in zip(STEPS, gains, strict=True) if gained == max(gains)]
    return _fit(lessons, best[len(best) // 2] if max(gains) > 0 else NEVER)


def told(model: Model | None, lessons: Lessons) -> pl.Series:
    """The category records get with a model (None: by the rules alone), if no person said one."""
    return pl.Series(lessons.rules if model is None else _heard(lessons, _say(model, lessons), model.threshold))


def try_out(lessons: Lessons, present: Model | None, *, known: NDArray[np.bool_], present_apart: bool) -> Trial:
    """Teach a newcomer and judge it on labels that neither it nor the model in force was shown.

    known: the labels there were when the model in force was taught; present_apart: part of them was held back from it.
    Else its like is taught anew without the labels to judge on.
    """
    import numpy as np

    apart = lessons.labelled.height >= ENOUGH
    newcomer: Model | None = None
    parts: list[tuple[pl.Series, pl.Series, pl.Series, pl.Series]] = []
    for held in _held_back(lessons, apart=apart):
        newcomer = teach(lessons.take(~held))
        earlier = present if present is None or (apart and present_apart) else teach(lessons.take(known & ~held))
        tested = lessons.take(held)
        names = pl.Series(tested.labels)
        parts.append((names, told(None, tested), told(earlier, tested), told(newcomer, tested)))
    labels, rules, before, after = (pl.concat(column) for column in zip(*parts, strict=True))
    return Trial(
        model=newcomer if apart else teach(lessons),
        rules=compare(rules, after, labels),
        present=compare(before, after, labels),
        held_back=int(np.size(labels)),
        apart=apart,
    )


def _held_back(lessons: Lessons, *, apart: bool) -> Iterator[NDArray[np.bool_]]:
    """Which labels are kept from a newcomer: one part for good, or one fold after the other."""
    if apart:
        yield (lessons.labelled["key"] % HELD_BACK == 0).to_numpy()
        return
    fold = _folds(lessons, FOLDS)
    for number in range(FOLDS):
        yield fold == number


def _folds(lessons: Lessons, folds: int) -> NDArray[np.int64]:
    """The fold of each label: those of a category dealt out in turn."""
    dealt = lessons.labelled.select((pl.int_range(pl.len()).over("label") % folds).alias("fold"))
    dealt_out: NDArray[np.int64] = dealt["fold"].to_numpy()
    return dealt_out


def _heard(lessons: Lessons, opinions: pl.DataFrame, threshold: float) -> NDArray[np.str_]:
    """The category that records get with such opinions, heard from `threshold` up."""
    import numpy as np

    heard = pl.concat([lessons.labelled.select("category", "certainty"), opinions], how="horizontal")
    heard = heard.select(pl.when(speaks(threshold)).then("learned").otherwise("category"))
    return heard.to_series().to_numpy().astype(np.str_)


def _unseen(lessons: Lessons) -> pl.DataFrame:
    """What models that were not shown a label say of it: columns of `_say`; nothing where there was too little to teach."""
    import numpy as np

    fold = pl.Series("fold", _folds(lessons, INNER_FOLDS))
    parts = []
    for number in range(INNER_FOLDS):
        held = (fold == number).to_numpy()
        rest = lessons.take(~held)
        if held.any() and len(np.unique(rest.labels)) > 1:
            said = _say(_fit(rest, NEVER), lessons.take(held))
            parts.append(said.with_columns(place=pl.Series(np.flatnonzero(held))))
    every = pl.DataFrame({"place": np.arange(lessons.labelled.height)})
    none = pl.DataFrame(schema={"learned": pl.String, "learned_certainty": pl.Float64, "place": pl.Int64})
    return every.join(pl.concat([none, *parts]), on="place", how="left", maintain_order="left").drop("place")


def _fit(lessons: Lessons, threshold: float) -> Model:
    import numpy as np
    from sklearn.linear_model import SGDClassifier

    fitted = SGDClassifier(**SETTINGS).fit(lessons.matrix, lessons.labels)
    weights, bias = fitted.coef_.T, fitted.intercept_
    if len(fitted.classes_) == 2:  # one column then: for the second against the first
        weights, bias = np.hstack([-weights, weights]), np.concatenate([-bias, bias])
    model = Model(
        name="", categories=tuple(str(each) for each in fitted.classes_), text=weights[:BUCKETS], told=weights[BUCKETS:], bias=bias,
        threshold=threshold,
    )  # fmt: skip
    return model_of(model.to_bytes())  # as it will be kept: what is judged here is what will be in force


def _say(model: Model, lessons: Lessons) -> pl.DataFrame:
    """What a model says of labelled texts: learned, learned_certainty."""
    import numpy as np

    shares = shares_of(lessons.matrix @ np.vstack([model.text, model.told]) + model.bias)
    said = np.array(model.categories)[shares.argmax(axis=1)]
    return pl.DataFrame({"learned": said, "learned_certainty": shares.max(axis=1).round(DIGITS)})
