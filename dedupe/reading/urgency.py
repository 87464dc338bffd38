"""Urgency: signs that somebody is in danger of life.

Owns the rules; the words are in `words/urgency.yaml`. A sign missed costs more than one too many: the board shows the emergency
number beside it, a person reads on.
"""

from __future__ import annotations

import polars as pl

from dedupe.reading.lexicon import CONCEPTS

DANGER = "danger"
REFUSED = 12
"""Bytes between "niemand" and the sign it takes back ("niemand is bewusteloos")."""
SIGNS = ("danger", "hurt", "stuck", "water")


def read_urgency(matches: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Signs of danger to life.

    `matches` are those of the concept urgency, sorted by place: `row`, `start`, `stop`, `value`. `facts` has `row`, `stance`
    and `helps` (surely an offer of help). Returns a row per sign: `row`, `start`, `stop`.
    """
    value = pl.col("value")
    rows = matches.filter(value.is_in(SIGNS))["row"].unique().implode()
    told = matches.filter(pl.col("row").is_in(rows) & (value != "none"))
    no = pl.when(value == "not").then("stop").forward_fill().over("row")
    refused = (pl.col("start") - no + 1 <= REFUSED).fill_null(False)
    told = told.filter(~(value.is_in(SIGNS) & refused))
    there = {name: (value == name).any().over("row").alias(f"has_{name}") for name in CONCEPTS["urgency"]}
    told = told.with_columns(there.values()).join(facts, on="row", how="left", maintain_order="left")
    plea, people, water, stuck = (pl.col(f"has_{name}") for name in ("plea", "people", "water", "stuck"))
    asked = people & (pl.col("stance") == "request").fill_null(False)
    sign = (
        pl.when(value == "danger")
        .then(pl.lit(value=True))
        .when(value == "hurt")
        .then(plea | asked)
        .when(value == "stuck")
        .then(water)
        .when(value == "water")
        .then(people | plea | stuck)
        .otherwise(pl.lit(value=False))
    )
    over = (pl.col("has_past") | pl.col("helps").fill_null(False)) & ~plea
    return told.filter(sign & ~over).select("row", "start", "stop")
