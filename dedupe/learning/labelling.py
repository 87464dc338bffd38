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

_met: WeakKeyDictionary[Store, dict[str, tuple[str | None, pl.DataFrame]]] = WeakKeyDictionary()
"""By statement, the model it asked about and what was found of the heads met so far."""


def labelling_queue(store: Store, incident: str, limit: int = 20) -> pl.DataFrame:
    """At most `limit` records of an incident that nobody labelled, the one that teaches most first: `QUEUE`.

    The same store gives the same order. Raises StoreError.
    """
    mine = current_records(store, incident).filter(~pl.col("labelled")).select(RECORD).collect()
    rows = mine.join(_opinions(store, mine.select("root")), on="root")
    worth = rows.with_columns(why=_why(), worth=_doubt() * pl.col("posts").log1p() * _weight())
    order = [-pl.col("worth"), pl.col("record")]
    best = worth.filter(pl.col("worth") > 0).bottom_k(CONSIDERED, by=order).sort(order)
    texts = _looked_up(store, statements.texts_of_wordings(), best.select("root"))
    best = best.join(texts, on="root", how="left", maintain_order="left").with_columns(pl.col("text").fill_null(""))
    return pl.DataFrame(best[_picked(best, limit)].select(QUEUE.names()), schema=QUEUE)


def _opinions(store: Store, roots: pl.DataFrame) -> pl.DataFrame:
    """What rules and model think of `roots`, as `statements.opinions_of_heads` has it."""
    model = model_in_force(store)
    return _looked_up(store, statements.opinions_of_heads(), roots, "" if model is None else model.name)


def _looked_up(store: Store, sql: str, roots: pl.DataFrame, model: str | None = None) -> pl.DataFrame:
    """The rows of `roots` by a statement, and of others met before: a wording is read once and for all, and once by a model."""
    kept = _met.setdefault(store, {})
    of, known = kept.get(sql, (model, None))
    if of != model:
        known = None
    if known is not None and model:
        known = known.filter(pl.col("opinion").is_not_null())
    wanted = roots if known is None else roots.join(known, on="root", how="anti")
    new = store.read(sql, None if model is None else {"model": model}, {"wanted": wanted})
    rows = new if known is None else pl.concat([known, new])
    kept[sql] = model, rows
    return rows


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

    # Sorted once and not for each pair, as `token_sort_ratio` would.
    texts = [" ".join(sorted(text.split())) for text in rows["text"]]
    worth = rows["worth"].to_numpy()
    closest = np.zeros(rows.height)
    picked: list[int] = []
    for _ in range(min(limit, rows.height)):
        left = worth * (1.0 - closest)
        left[picked] = -1.0
        picked.append(int(left.argmax()))
        alike = process.cdist([texts[picked[-1]]], texts, scorer=fuzz.ratio)[0] / 100.0
        closest = np.maximum(closest, alike)
    return picked
