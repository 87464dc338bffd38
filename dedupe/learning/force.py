"""The model in force: which one it is, what it says of the heads of records, and bringing their faces in line with it.

Owns the tables `learned` and, of `faces`, what a change of model changes. Never overrules a person or a firm rule.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import polars as pl

from dedupe.errors import LearningError
from dedupe.learning import statements
from dedupe.learning.features import layout
from dedupe.learning.model import OPINION, Model, model_of, overruled
from dedupe.store import Store, Transaction

log = logging.getLogger(__name__)

_KEPT = 3
_read: dict[str, Model | None] = {}
"""Models read before, by name: what a name stands for never changes."""

SAID = ("category", "certainty", "category_why")


def models_in_line(tx: Store | Transaction) -> list[str]:
    """The model in force, and those that come into force in turn when it is withdrawn; none: the rules alone."""
    return tx.read(statements.promoted_models(), {"layout": layout()})["model"].to_list()


def model_in_force(tx: Store | Transaction) -> Model | None:
    """The model in force; None when the rules alone are."""
    line = models_in_line(tx)
    return model_named(tx, line[0]) if line else None


def model_named(tx: Store | Transaction, name: str) -> Model | None:
    """A model that was promoted; None when its weights cannot be read: collecting goes on by the rules alone."""
    if name not in _read:
        while len(_read) >= _KEPT:
            _read.pop(next(iter(_read)), None)
        weights = tx.read(statements.weights_of_model(), {"model": name})["weights"]
        try:
            _read[name] = model_of(weights.item() if len(weights) else b"")
        except LearningError as error:
            log.error("model %s: %s The rules alone are in force.", name, error)
            _read[name] = None
    return _read[name]


def taught(
    tx: Transaction, number: int, faces: pl.DataFrame, look_up: Callable[[pl.DataFrame, str], pl.DataFrame]
) -> pl.DataFrame:
    """Faces that are about to be written (root and `SAID` as the rules have them), with what the model in force says.

    Writes its opinions, too. look_up: rows for the roots of a frame, by a statement.
    """
    model = model_in_force(tx)
    if model is None or faces.height == 0:
        return faces
    opinions = model.judge(look_up(faces.select("root"), statements.readings_of_wordings()))
    append_opinions(tx, number, model, opinions)
    return overruled(faces.with_columns(wording="root"), opinions, model.threshold).drop("wording")


def judge_heads(store: Store, model: Model | None) -> pl.DataFrame:
    """What a model says of every wording that heads a record: `OPINION`. Takes a while; needs no transaction."""
    if model is None:
        return pl.DataFrame(schema=OPINION)
    return model.judge(store.read(statements.readings_of_heads()).unique("wording"))


def settle(tx: Transaction, model: Model | None, opinions: pl.DataFrame, begin: Callable[[], int]) -> int:
    """Bring the faces of all records in line with a model (None: the rules alone); gives how many changed.

    opinions: those of `judge_heads`; wordings that came since are judged here. begin: gives the number to write under.
    """
    heads = tx.read(statements.readings_of_heads()).unique("wording")
    late = heads.join(opinions, on="wording", how="anti")
    if model is not None:
        opinions = pl.concat([opinions, model.judge(late)])
        heads = overruled(heads, opinions, model.threshold)
    standing = tx.read(statements.standing_faces()).unique("root")
    meant = heads.select("wording", *SAID)
    both = standing.join(meant, left_on="root", right_on="wording", suffix="_meant")
    differs = pl.any_horizontal(pl.col(each).ne_missing(pl.col(f"{each}_meant")) for each in SAID)
    changed = both.filter(differs)
    if model is not None:
        known = tx.read(statements.judged_wordings(), {"model": model.name})
        opinions = opinions.join(known, on="wording", how="anti")
    if changed.height == 0 and opinions.height == 0:
        return 0
    number = begin()
    if model is not None:
        append_opinions(tx, number, model, opinions)
    rest = tx.read(statements.faces_by_root(), frames={"wanted": changed.select("root", "batch")}).unique("root")
    said = changed.select("root", *(pl.col(f"{each}_meant").alias(each) for each in SAID))
    tx.append("faces", rest.join(said, on="root").with_columns(batch=pl.lit(number, pl.Int64)))
    return changed.height


def append_opinions(tx: Transaction, number: int, model: Model, opinions: pl.DataFrame) -> None:
    """Write what a model says of wordings (`OPINION`) as of batch `number`."""
    tx.append("learned", opinions.with_columns(model=pl.lit(model.name), batch=pl.lit(number, pl.Int64)))
