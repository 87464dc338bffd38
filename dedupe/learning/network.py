"""The network: what a text is taken for, where words mean more together than each alone ("nobody offered us a bed").

Owns judging by a hidden layer of a few dozen rectified units between the features of a text and its categories, the words
that weigh most in that, and the form in which it is kept: plain numbers, nothing that could run when it is read. Knows no
labels and no training.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dedupe.errors import LearningError
from dedupe.learning.features import BUCKETS, Features
from dedupe.learning.model import weightiest

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

FINEST = 63
"""A weight is kept as a whole number up to this, times the step of its unit: seven bits of weight are enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Weights: `text` (bucket × unit), `told` (mark × unit), `bias` (unit), `out` (unit × category), `lean` (category)."""

    categories: tuple[str, ...]
    text: NDArray[np.float32]
    told: NDArray[np.float32]
    bias: NDArray[np.float32]
    out: NDArray[np.float32]
    lean: NDArray[np.float32]

    def shares(self, found: Features) -> NDArray[np.float64]:
        """How sure it is of each category: text × category."""
        import numpy as np

        scores = self._units(found) @ self.out + self.lean
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares: NDArray[np.float64] = odds / odds.sum(axis=1, keepdims=True)
        return shares

    def reasons(self, found: Features, best: NDArray[np.int64]) -> pl.Series:
        """The words of each text that speak most for its category, whose place in `categories` is `best`.

        A unit that is silent in a text carries nothing there; through the others a word weighs as through one layer.
        """
        import numpy as np

        carried = (self._units(found) > 0) * self.out.T[best]
        rows = np.repeat(np.arange(found.texts.shape[0]), np.diff(found.texts.indptr))
        words = found.terms @ self.text
        return weightiest(found, np.einsum("nu,nu->n", words[found.texts.indices], carried[rows]))

    def _units(self, found: Features) -> NDArray[np.float64]:
        import numpy as np

        units: NDArray[np.float64] = np.maximum(
            found.texts @ (found.terms @ self.text) + found.told @ self.told + self.bias, 0.0
        )
        return units

    def to_bytes(self) -> bytes:
        """Its numbers as an npz archive; what never had a weight is left out."""
        import numpy as np

        step = np.maximum(np.abs(self.text).max(axis=0), 1e-6) / FINEST
        whole = np.rint(self.text / step).astype(np.int8)
        used = np.flatnonzero(whole.any(axis=1)).astype(np.int32)
        kept = io.BytesIO()
        np.savez_compressed(
            kept, categories=np.array(self.categories), used=used, text=whole[used], step=step.astype(np.float32),
            told=self.told, bias=self.bias, out=self.out, lean=self.lean,
        )  # fmt: skip
        return kept.getvalue()


def network_of(kept: bytes) -> Network:
    """The network that `to_bytes` wrote. Raises LearningError when that is none."""
    import zipfile

    import numpy as np

    try:
        with np.load(io.BytesIO(kept), allow_pickle=False) as numbers:
            text = np.zeros((BUCKETS, len(numbers["bias"])), dtype=np.float32)
            text[numbers["used"]] = numbers["text"] * numbers["step"]
            return Network(
                categories=tuple(str(each) for each in numbers["categories"]),
                text=text,
                **{name: numbers[name].astype(np.float32) for name in ("told", "bias", "out", "lean")},
            )
    except (ValueError, KeyError, IndexError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise LearningError("The weights that helpt comes with cannot be read: install it anew.") from error
