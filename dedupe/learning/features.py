"""Features: what a text and the rules' verdict on it look like as numbers.

Owns their layout; knows no labels. A text is the sum of its terms, words and pairs of neighbours, and a term the sum of
its features: the runs of 2 to 4 letters of a word, its ends marked by a space (McNamee & Mayfield, Character N-Gram
Tokenization, 2004), and the term itself, hashed into buckets (Weinberger et al., Feature Hashing, 2009). So nothing has
to be remembered but a weight per bucket, and each distinct term is looked at once, however many texts have it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from dedupe.keys import digest
from dedupe.reading.category import CATEGORIES, FIRM, MARKED
from dedupe.reading.lexicon import KINDS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = Any  # scipy ships no types

VERSION = 1
"""Rises with any change in how features are made."""

BITS = 18
BUCKETS = 1 << BITS
RUNS = (2, 3, 4)
"""Letters (bytes) in a row. On the English set of the benchmark 2 to 5 and 3 to 5 are no better, and slower."""
WHOLE = 3.0
"""What a whole term weighs beside a run of its letters, of which it has many."""
TOLD_WEIGHT = 0.25
"""What each mark of the rules weighs beside a whole text: enough to trust them at twenty labels, not after a thousand."""
SPREAD = 0x9E3779B97F4A7C15
"""2^64 over the golden ratio: multiplying by it spreads numbers over the upper bits (Knuth, vol. 3, 6.4)."""

READ = (
    *("wording", "text", "category", "certainty", "category_why", "stance", "kind"),
    *("counted", "placed", "reached", "marks"),
)
"""What must be known of a wording: as in the table `wordings`, and whether it holds a place, a contact and a count. As it is
read, `counted` is a number that speaks for help; of the table, which keeps no such answer, any number there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """Texts as numbers: `texts` (text × term), `terms` (term × bucket), `told` (text × mark of the rules).

    `words` names the terms, in order; a text is one long, whatever its length.
    """

    words: pl.Series
    texts: Matrix
    terms: Matrix
    told: NDArray[np.float64]

    def take(self, rows: NDArray[np.int64]) -> Features:
        """Some of the texts."""
        return Features(words=self.words, texts=self.texts[rows], terms=self.terms, told=self.told[rows])

    def matrix(self) -> Matrix:
        """All features of each text, a sparse row each: first the buckets, then the marks."""
        from scipy import sparse

        return sparse.csr_matrix(sparse.hstack([self.texts @ self.terms, self.told]))


def layout() -> str:
    """The form of the features: weights of another form mean nothing. A new kind of help makes a new form."""
    marks = [mark.meta.output_name() for mark in _told()]
    return hashlib.sha256(repr((VERSION, BITS, RUNS, WHOLE, TOLD_WEIGHT, marks)).encode()).hexdigest()[:12]


def find_features(heads: pl.DataFrame) -> Features:
    """The features of wordings (columns `READ`), in order."""
    import numpy as np
    from scipy import sparse

    used = _terms(heads["text"])
    words = used["term"].unique().sort()
    terms = _hashed(words)
    place = used.join(pl.DataFrame({"term": words}).with_row_index("column"), on="term", maintain_order="left")
    counts = (place["count"].to_numpy().astype(np.float64), (place["row"].to_numpy(), place["column"].to_numpy()))
    texts = sparse.csr_matrix(counts, shape=(heads.height, len(words)))
    # Sums in one order whatever else is in the batch: the same text must get the same figure to the last digit.
    texts.sort_indices()
    length = np.sqrt(texts @ np.asarray(terms.multiply(terms).sum(axis=1)).ravel())
    texts = sparse.diags_array(1.0 / np.maximum(length, 1.0)) @ texts
    told = heads.select(_told()).to_numpy().astype(np.float64) * TOLD_WEIGHT
    return Features(words=words, texts=sparse.csr_matrix(texts), terms=terms, told=told)


def _terms(texts: pl.Series) -> pl.DataFrame:
    """The words and pairs of neighbours of texts: row, term, count. Figures are all 0: no number is learnt by heart."""
    split = pl.col("text").fill_null("").str.replace_all(r"\d", "0").str.split(" ")
    words = (
        pl.DataFrame({"text": texts})
        .with_row_index("row")
        .select("row", term=split)
        .explode("term", empty_as_null=False)
        .filter(pl.col("term") != "")
    )
    pair = pl.col("term") + " " + pl.col("term").shift(-1)
    pairs = words.select("row", term=pl.when(pl.col("row") == pl.col("row").shift(-1)).then(pair)).drop_nulls("term")
    return pl.concat([words, pairs]).group_by("row", "term").agg(count=pl.len()).sort("row", "term")


def _hashed(words: pl.Series) -> Matrix:
    """The features of each term: term × bucket."""
    import numpy as np
    from scipy import sparse

    every = pl.DataFrame({"word": words}).with_row_index("row")
    padded = every.filter(~pl.col("word").str.contains(" ", literal=True)).with_columns(word=" " + pl.col("word") + " ")
    letters = np.frombuffer("".join(padded["word"].to_list()).encode(), dtype=np.uint8).astype(np.uint64)
    owner = np.repeat(padded["row"].to_numpy(), padded["word"].str.len_bytes().to_numpy())
    whole = every.select(digest(pl.col("word")) % BUCKETS).to_series().to_numpy()
    rows, buckets, values = [np.arange(len(words))], [whole], [np.full(len(words), WHOLE)]
    run = letters
    for length in range(2, max(RUNS) + 1):
        run = (run[:-1] << np.uint64(8)) | letters[length - 1 :]
        inside = owner[: len(run)] == owner[length - 1 :]
        named = (run[inside] + np.uint64(length << 48)) * np.uint64(SPREAD)
        rows.append(owner[: len(run)][inside])
        buckets.append((named >> np.uint64(64 - BITS)).astype(np.int64))
        values.append(np.ones(len(named)))
    where = (np.concatenate(rows), np.concatenate(buckets))
    return sparse.csr_matrix((np.concatenate(values), where), shape=(len(words), BUCKETS))


def _told() -> list[pl.Expr]:
    """The marks of the rules, each true or false."""
    firm = pl.col("certainty") >= FIRM
    return [
        *((firm & (pl.col("category") == each)).alias(f"firm {each}") for each in CATEGORIES),
        *((~firm & (pl.col("category") == each)).alias(f"perhaps {each}") for each in CATEGORIES),
        *((pl.col("stance") == each).fill_null(value=False).alias(f"to {each}") for each in ("offer", "request")),
        *((pl.col("kind") == each).fill_null(value=False).alias(each) for each in KINDS),
        *(pl.col(each).fill_null(value=False) for each in ("counted", "placed", "reached")),
        pl.col("text").fill_null("").str.contains("?", literal=True).alias("asks"),
        *(pl.col("marks").list.contains(each).fill_null(value=False).alias(each) for each in MARKED),
    ]
