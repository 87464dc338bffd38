"""The model: weights by which a text's features speak for a category, and what it says of wordings.

Owns judging and the form in which weights are kept: plain numbers, nothing that could run when it is read. Knows no labels
and no training, so that a process that only judges never loads scikit-learn.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from dedupe.errors import LearningError
from dedupe.learning.features import BUCKETS, Features, find_features
from dedupe.reading.category import FIRM

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

AT_ONCE = 20_000
"""Wordings judged at once: their features take some 100 MB."""
WORDS_SHOWN = 3
HIDING = 0.9
"""Certainty from which alone a model may say that what the rules call an offer is none: a hidden offer is the worst mistake."""
DIGITS = 4
"""Decimals of what is said of a wording."""

OPINION = pl.Schema(
    {
        "wording": pl.Int64(),
        "category": pl.String(),
        "certainty": pl.Float64(),
        "margin": pl.Float64(),
        "why": pl.String(),
    }
)
"""What a model says of a wording: the category it takes it for, how sure (0 to 1), how much surer than of the next best,
and the words with most weight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Weights: `text` (bucket × category), `told` (mark × category), `bias` (category). It speaks from `threshold` up.

    `name` is made of the weights themselves: the same labels give the same model.
    """

    name: str
    categories: tuple[str, ...]
    text: NDArray[np.float32]
    told: NDArray[np.float32]
    bias: NDArray[np.float32]
    threshold: float

    def judge(self, heads: pl.DataFrame) -> pl.DataFrame:
        """What it says of wordings (columns `features.READ`): `OPINION`, one row per wording, in order."""
        parts = [self._judge(part) for part in heads.iter_slices(AT_ONCE)] if heads.height else []
        return pl.concat([pl.DataFrame(schema=OPINION), *parts])

    def _judge(self, heads: pl.DataFrame) -> pl.DataFrame:
        import numpy as np

        found = find_features(heads)
        shares = self.shares(found)
        best = shares.argmax(axis=1)
        ordered = np.sort(shares, axis=1)
        return pl.DataFrame(
            {
                "wording": heads["wording"],
                "category": np.array(self.categories)[best],
                "certainty": ordered[:, -1].round(DIGITS),
                "margin": (ordered[:, -1] - ordered[:, -2]).round(DIGITS),
                "why": self.reasons(found, best),
            },
            schema=OPINION,
        )

    def shares(self, found: Features) -> NDArray[np.float64]:
        """How sure it is of each category: text × category."""
        return shares_of(found.texts @ (found.terms @ self.text) + found.told @ self.told + self.bias)

    def reasons(self, found: Features, best: NDArray[np.int64]) -> pl.Series:
        """The words of each text that speak most for its category, whose place in `categories` is `best`."""
        import numpy as np

        rows = np.repeat(np.arange(len(best)), np.diff(found.texts.indptr))
        return weightiest(found, (found.terms @ self.text)[found.texts.indices, best[rows]])

    def to_bytes(self) -> bytes:
        """Its numbers as an npz archive; what never had a weight is left out."""
        import numpy as np

        used = np.flatnonzero(self.text.any(axis=1)).astype(np.int32)
        kept = io.BytesIO()
        np.savez_compressed(
            kept, categories=np.array(self.categories), used=used, text=self.text[used].astype(np.float16),
            told=self.told.astype(np.float16), bias=self.bias.astype(np.float32), threshold=np.array(self.threshold),
        )  # fmt: skip
        return kept.getvalue()


def model_of(kept: bytes) -> Model:
    """The model that `to_bytes` wrote. Raises LearningError when that is no model."""
    import zipfile

    import numpy as np

    try:
        with np.load(io.BytesIO(kept), allow_pickle=False) as numbers:
            text = np.zeros((BUCKETS, len(numbers["categories"])), dtype=np.float32)
            text[numbers["used"]] = numbers["text"]
            return Model(
                name=hashlib.sha256(kept).hexdigest()[:12],
                categories=tuple(str(each) for each in numbers["categories"]),
                text=text,
                told=numbers["told"].astype(np.float32),
                bias=numbers["bias"],
                threshold=float(numbers["threshold"]),
            )
    except (ValueError, KeyError, IndexError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise LearningError("The model in the store cannot be read: withdraw it, or restore the store.") from error


def shares_of(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """How sure of each category, of scores (text × category): each against all others, made to add up to one."""
    import numpy as np

    chances = 1.0 / (1.0 + np.exp(-np.clip(scores, -30.0, 30.0)))
    shares: NDArray[np.float64] = chances / chances.sum(axis=1, keepdims=True)
    return shares


def speaks(threshold: float) -> pl.Expr:
    """Whether what a model says (`learned`, `learned_certainty`) goes before the rules' `category` and `certainty`."""
    level = pl.when(pl.col("category") == "offer").then(max(threshold, HIDING)).otherwise(threshold)
    sure = (pl.col("certainty") < FIRM) & (pl.col("learned_certainty") >= level)
    return (sure & (pl.col("learned") != pl.col("category"))).fill_null(value=False)


def overruled(rows: pl.DataFrame, opinions: pl.DataFrame, threshold: float) -> pl.DataFrame:
    """`rows` (wording, category, certainty, category_why of the rules, and more), as they are with what a model says."""
    said = opinions.select("wording", learned="category", learned_certainty="certainty", learned_why="why")
    both = rows.join(said, on="wording", how="left", maintain_order="left")
    words = pl.col("learned_why")
    why = "learned from labels" + pl.when(words == "").then(pl.lit("")).otherwise(": " + words)
    return both.with_columns(
        category=pl.when(speaks(threshold)).then("learned").otherwise("category"),
        certainty=pl.when(speaks(threshold)).then("learned_certainty").otherwise("certainty"),
        category_why=pl.when(speaks(threshold)).then(why).otherwise("category_why"),
    ).select(rows.columns)


def weightiest(found: Features, weights: NDArray[np.float64]) -> pl.Series:
    """The words of each text that weigh most; none with figures: they may be a number. weights: of each term of each text."""
    import numpy as np

    lengths = np.diff(found.texts.indptr)
    rows = np.repeat(np.arange(len(lengths)), lengths)
    weight = (found.texts.data * weights).round(DIGITS)
    shown = pl.DataFrame({"row": rows, "column": found.texts.indices, "weight": weight}).filter(pl.col("weight") > 0)
    names = pl.DataFrame({"word": found.words}).with_row_index("column").with_columns(pl.col("column").cast(pl.Int32))
    names = names.filter(~pl.col("word").str.contains(r"[ 0?]"))
    told = (
        shown.with_columns(pl.col("column").cast(pl.Int32))
        .join(names, on="column")
        .sort("row", "weight", "word", descending=[False, True, False])
        .group_by("row", maintain_order=True)
        .agg(pl.col("word").head(WORDS_SHOWN))
        .select("row", why="‘" + pl.col("word").list.join("’, ‘") + "’")
    )
    every = pl.DataFrame({"row": np.arange(len(lengths))})
    return every.join(told, on="row", how="left", maintain_order="left")["why"].fill_null("")
