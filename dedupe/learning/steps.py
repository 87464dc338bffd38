"""The steps of learning: train on what people said, promote or refuse what comes of it, take it back.

Owns the table `models`. A model takes the place of what is in force only when it is better on labels it was not shown;
every training is on record with its figures, whatever came of it. Training happens outside any transaction; a kill between
training and writing loses a training and nothing else, for labels are decisions and stay.
"""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import polars as pl

from dedupe.collapse import append_links
from dedupe.deciding.roles import Actor, check
from dedupe.errors import DecisionRefused
from dedupe.learning import statements
from dedupe.learning.features import layout
from dedupe.learning.force import judge_heads, model_named, models_in_line, settle
from dedupe.learning.model import Model
from dedupe.learning.scores import Scores
from dedupe.learning.training import LEAST, Trial, lessons_of, try_out
from dedupe.store import Store, Transaction

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What became of a look at the labels, with a `sentence` fit for a screen.

    `waiting`: too few labels (`labels` of the `needed`); `rested`: nothing new since the last time; `promoted`: a model is
    in force as of now; `refused`: it was no better. `before` and `after` are figures on labels that were held back, None
    where nothing was trained. `seconds` is what it took.
    """

    step: Literal["waiting", "rested", "promoted", "refused"]
    sentence: str
    labels: int
    needed: int
    before: Scores | None = None
    after: Scores | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInForce:
    """The model in force: of how many labels, and how records come out on `held_back` labels it was not shown: by the
    `rules` alone, with what was in force before it, and with it. It speaks from the certainty `threshold` up."""

    model: str
    trained_at: datetime
    labels: int
    held_back: int
    threshold: float
    rules: Scores
    before: Scores
    after: Scores


def count_decisions(store: Store) -> int:
    """How many decisions there are that give a label or may take one back: as long as it stays, there is nothing new."""
    return int(store.read(statements.count_of_decisions()).item())


def learn(store: Store, *, now: datetime | None = None) -> Learnt:
    """Train on the labels there are, if there are new ones, and promote what comes of it when it is better. Raises StoreError.

    now: when the step is taken (default: now).
    """
    began = time.perf_counter()
    steps = store.read(statements.steps_of_models())
    decisions = count_decisions(store)
    if decisions == steps["decisions"].max():
        return Learnt(step="rested", sentence="There are no new labels.", labels=0, needed=0)
    labelled = store.read(statements.labelled_heads()).unique("key").sort("key")
    if (missing := _missing(labelled, steps)) is not None:
        return missing
    line = models_in_line(store)
    present = model_named(store, line[0]) if line else None
    trial = _try(labelled, present, steps.filter(pl.col("model") == line[0]).tail(1) if line else steps.clear())
    opinions = judge_heads(store, trial.model) if trial.better else None
    action: Literal["promoted", "refused"] = "promoted" if trial.better else "refused"
    with store.transaction() as tx:
        if tx.read(statements.steps_of_models()).height != steps.height:
            return Learnt(step="rested", sentence="Another process learnt meanwhile.", labels=0, needed=0)
        row = {
            "step": _next(steps), "action": action, "taken_at": now or datetime.now(UTC), "labels": labelled.height,
            "decisions": decisions, "taught_until": labelled["decided_at"].max(), "layout": layout(),
            "model": trial.model.name if trial.model else "", "scores": json.dumps(_figures(trial)),
            "weights": trial.model.to_bytes() if trial.better and trial.model else None,
        }  # fmt: skip
        tx.append("models", pl.DataFrame([row], schema_overrides={"weights": pl.Binary}))
        changed = _settle(tx, trial.model, opinions) if opinions is not None else 0
    seconds = time.perf_counter() - began
    log.info("model of %d labels %s, %d records changed, %.1f s", labelled.height, action, changed, seconds)
    sentence = _sentence(trial, labelled.height)
    before, after = trial.present.before, trial.present.after
    counted = {"labels": labelled.height, "needed": LEAST}
    return Learnt(step=action, sentence=sentence, before=before, after=after, seconds=seconds, **counted)


def roll_back(store: Store, by: Actor, reason: str = "") -> ModelInForce | None:
    """Take the model in force out of force: the one before it is again, or else the rules alone. Gives which (None: rules).

    Raises NotAllowed, DecisionRefused when the rules alone are in force, StoreError.
    """
    check(by, "roll_back")
    line = models_in_line(store)
    if not line:
        raise DecisionRefused("No model is in force: the rules alone decide.", said="no_model")
    before = model_named(store, line[1]) if len(line) > 1 else None
    opinions = judge_heads(store, before)
    with store.transaction() as tx:
        if models_in_line(tx) != line:
            raise DecisionRefused("Another model came into force meanwhile: look again.", said="other_model")
        steps = tx.read(statements.steps_of_models())
        row = {
            "step": _next(steps), "action": "withdrawn", "model": line[0], "taken_at": datetime.now(UTC),
            "layout": layout(), "who": by.who, "role": by.role, "reason": reason,
        }  # fmt: skip
        tx.append("models", pl.DataFrame([row]))
        changed = _settle(tx, before, opinions)
    log.info("model %s withdrawn, %d records changed", line[0], changed)
    return standing(store)


def standing(store: Store) -> ModelInForce | None:
    """The model in force with its figures; None when the rules alone decide."""
    line = models_in_line(store)
    if not line:
        return None
    steps = store.read(statements.steps_of_models())
    row = steps.filter((pl.col("model") == line[0]) & (pl.col("action") == "promoted")).row(-1, named=True)
    told = json.loads(row["scores"])
    return ModelInForce(
        model=row["model"],
        trained_at=row["taken_at"],
        labels=row["labels"],
        held_back=told["held_back"],
        threshold=told["threshold"],
        **{name: Scores.of_json(told[name]) for name in ("rules", "before", "after")},
    )


def keep_settled(store: Store) -> int:
    """Bring records in line with the model in force that another process may have written by the one before; gives how many."""
    if store.read(statements.steps_of_models()).height == 0:
        return 0
    line = models_in_line(store)
    model = model_named(store, line[0]) if line else None
    opinions = judge_heads(store, model)
    with store.transaction() as tx:
        return _settle(tx, model, opinions) if models_in_line(tx) == line else 0


def _missing(labelled: pl.DataFrame, steps: pl.DataFrame) -> Learnt | None:
    """What there is too little of to learn from: labels, categories, or labels since a model was withdrawn."""
    withdrawn = steps.filter(pl.col("action") == "withdrawn")["taken_at"].max()
    counted = labelled if withdrawn is None else labelled.filter(pl.col("decided_at") > withdrawn)
    since = "" if withdrawn is None else " since the model was withdrawn"
    if counted.height < LEAST:
        sentence = f"Learning begins at {LEAST} labels{since}: {counted.height} so far."
    elif labelled["label"].n_unique() < 2:
        sentence = f"All {labelled.height} labels name one category: learning needs two."
    else:
        return None
    return Learnt(step="waiting", sentence=sentence, labels=counted.height, needed=LEAST)


def _try(labelled: pl.DataFrame, present: Model | None, step: pl.DataFrame) -> Trial:
    """Try what these labels teach against the model in force, whose `step` it was."""
    lessons = lessons_of(labelled)
    known = lessons.labelled["decided_at"] <= (step["taught_until"].item() if step.height else datetime.now(UTC))
    apart = bool(step.height and json.loads(step["scores"].item())["apart"])
    return try_out(lessons, present, known=known.to_numpy(), present_apart=apart)


def _settle(tx: Transaction, model: Model | None, opinions: pl.DataFrame) -> int:
    none = pl.DataFrame(schema={"wording": pl.Int64})
    return settle(tx, model, opinions, lambda: append_links(tx, none, none))


def _next(steps: pl.DataFrame) -> int:
    last: Any = steps["step"].max()
    return int(last or 0) + 1


def _figures(trial: Trial) -> dict[str, Any]:
    return {
        "held_back": trial.held_back,
        "apart": trial.apart,
        "threshold": trial.model.threshold if trial.model else None,
        "fixed": trial.present.fixed,
        "broken": trial.present.broken,
        "rules": trial.rules.before.to_json(),
        "before": trial.present.before.to_json(),
        "after": trial.present.after.to_json(),
    }


def _sentence(trial: Trial, labels: int) -> str:
    was, now = trial.present.before.right, trial.present.after.right
    figures = f"right on {now:.0%} of {trial.held_back} labels it was not shown, {was:.0%} before"
    if trial.better:
        return f"A model of {labels} labels is in force: {figures}."
    return f"The model of {labels} labels is not clearly better ({figures}): what was in force stays."
