"""Labelling: which records a person should look at next, in the order that teaches most.

Owns that order. A record teaches when the model doubts or contradicts the rules (uncertainty sampling: Lewis & Gale, 1994;
by margin: Scheffer et al., 2001), more when many posts hang on it, and less when its like was picked already (maximal
marginal relevance: Carbonell & Goldstein, 1998). Without a model the rules' own doubt counts.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

import polars as pl

from dedupe.current import current_records
from dedupe.learning import statements
from dedupe.learning.force import model_in_force
from dedupe.reading.category import FIRM
from dedupe.store import Store

CONSIDERED = 300
"""Records of which the likeness is looked at: those that teach most by themselves."""
TOLD = 2.0
"""How much more a record counts in which a word of help was read: a hidden offer is the worst mistake."""

QUEUE = pl.Schema(
    {
        "root": pl.Int64(), "record": pl.String(), "category": pl.String(), "certainty": pl.Float64(),
        "opinion": pl.String(), "opinion_certainty": pl.Float64(), "why": pl.String(), "posts": pl.Int64(), "text": pl.String(),
    }
)  # fmt: skip
"""A record to label: what it counts as now and how sure, what the model takes it for and how sure (null without one), why
it is here (`disagree`: model and rules say otherwise; `unsure`: nobody is sure), its posts, and its folded words."""


RECORD = ("root", "record", "category", "certainty", "posts")
"""What is taken of a record as it stands."""

_met: WeakKeyDictionary[Store, dict[str, pl.DataFrame]] = WeakKeyDictionary()
"""By the model in force, what was thought of the heads met so far."""


def labelling_queue(store: Store, incident: str, limit: int = 20) -> pl.DataFrame:
    """At most `limit` records of an incident that nobody labelled, the one that teaches most first: `QUEUE`.

    The same store gives the same order. Raises StoreError.
    """
    mine = current_records(store, incident).filter(~pl.col("labelled"))
    rows = mine.select(RECORD).join(_opinions(store, mine.select("root")), on="root")
    worth = rows.with_columns(why=_why(), worth=_doubt() * pl.col("posts").log1p() * _weight())
    order = [-pl.col("worth"), pl.col("record")]
    best = worth.filter(pl.col("worth") > 0).bottom_k(CONSIDERED, by=order).sort(order)
    texts = store.read(statements.texts_of_wordings(), frames={"wanted": best.select("root")})
    best = best.join(texts, on="root", how="left", maintain_order="left").with_columns(pl.col("text").fill_null(""))
    return pl.DataFrame(best[_picked(best, limit)].select(QUEUE.names()), schema=QUEUE)


def _opinions(store: Store, roots: pl.DataFrame) -> pl.DataFrame:
    """What rules and model think of `roots`. A wording is read once and for all, so that only those not met before are looked up."""
    model = model_in_force(store)
    name = "" if model is None else model.name
    known = _met.get(store, {}).get(name)
    if known is not None and model is not None:
        known = known.filter(pl.col("opinion").is_not_null())
    wanted = roots if known is None else roots.join(known, on="root", how="anti")
    new = store.read(statements.opinions_of_heads(), {"model": name}, {"wanted": wanted})
    opinions = new if known is None else pl.concat([known, new])
    _met[store] = {name: opinions}
    return opinions


def _disagrees() -> pl.Expr:
    return (pl.col("opinion") != pl.col("ruled")).fill_null(value=False)


def _why() -> pl.Expr:
    return pl.when(_disagrees()).then(pl.lit("disagree")).otherwise(pl.lit("unsure"))


def _doubt() -> pl.Expr:
    """From 0 (all agree and are sure) to 1: how far the model is from sure, or from what a firm rule says."""
    firm = pl.col("ruled_certainty") >= FIRM
    against = pl.when(_disagrees()).then("opinion_certainty").otherwise(0.0)
    between = 1.0 - pl.col("margin")
    taught = pl.when(firm).then(against).otherwise(between)
    return pl.when(pl.col("opinion").is_null()).then(1.0 - pl.col("ruled_certainty")).otherwise(taught)


def _weight() -> pl.Expr:
    return pl.when(pl.col("told")).then(TOLD).otherwise(1.0)


def _picked(rows: pl.DataFrame, limit: int) -> list[int]:
    """Places of the rows to take, in order: the next is worth most, and least like any taken before."""
    if rows.height == 0:
        return []
    import numpy as np
    from rapidfuzz import fuzz, process

    texts, worth = rows["text"].to_list(), rows["worth"].to_numpy()
    closest = np.zeros(rows.height)
    picked: list[int] = []
    for _ in range(min(limit, rows.height)):
        left = worth * (1.0 - closest)
        left[picked] = -1.0
        picked.append(int(left.argmax()))
        alike = process.cdist([texts[picked[-1]]], texts, scorer=fuzz.token_sort_ratio)[0] / 100.0
        closest = np.maximum(closest, alike)
    return picked
