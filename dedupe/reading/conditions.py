"""Conditions and reach: on what terms help is given or needed, and how its writer can be reached.

Owns the rules; the words are in `words/conditions.yaml` and `words/reach.yaml`. Numbers and addresses are not known here.
"""

from __future__ import annotations

import polars as pl

from dedupe.reading.finding import gap, neighbour
from dedupe.reading.lexicon import CONDITIONS, WAYS

REFUSED = 14
"""Bytes between "geen" and the last of what it refuses ("geen honden of katten")."""
BARRED = 10
"""Bytes between a term and the words that refuse it ("huisdieren zijn hier niet welkom")."""
UNASKED = 5
"""Bytes between "niet" and the way that is not wanted ("niet meer bellen")."""
OPPOSITES = {"pets": "no_pets", "smokers": "no_smokers"}


def read_conditions(matches: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """The terms of each text.

    `matches` are those of the concept condition, sorted by place: `row`, `start`, `stop`, `value`, `firm`. `facts` has
    `row`, `stance`, `firm_stance` and `kind`: dogs are no term where the help is for them, nor is parking where it is the help.
    Returns a row per term: `row`, `value` (one of `CONDITIONS`), `start`, `stop`.
    """
    value, kind, stance = pl.col("value"), pl.col("kind"), pl.col("stance")
    told = matches.filter(value != "none").with_columns(
        # "geen honden of katten", but not "keine Hunde, Nichtraucher"
        refused=_refused(REFUSED)
        & ((neighbour("value", -1) == "not") | (neighbour("value", -1) == value)).fill_null(False),
        no=_no("start"),
        after=neighbour("value"),
        gap=gap(),
        until=neighbour("stop"),
    )
    told = told.filter(value.is_in(CONDITIONS)).join(facts, on="row", how="left", maintain_order="left")
    barred = ((pl.col("after") == "barred") & (pl.col("gap") <= BARRED)).fill_null(False)
    refused = pl.col("refused") | barred
    asks, offers = ((stance == each).fill_null(False) for each in ("request", "offer"))
    helps = kind.is_not_null()
    meant = (
        pl.when(value == "pets")
        .then(pl.when(refused).then(~(asks & pl.col("firm_stance"))).otherwise(asks & helps))
        .when(value == "smokers")
        .then(refused)
        .when(value == "families")
        .then(asks | offers)
        .otherwise(offers & helps)
    )
    turned = pl.when(refused).then(value.replace_strict(OPPOSITES, default=None)).otherwise(value)
    beside = ((value.is_in(["pets", "no_pets"])) & (kind == "animal")) | ((value == "parking") & (kind == "parking"))
    beside = beside | ((value == "pick_up") & (kind == "ride"))
    holds = (pl.col("firm") | meant) & ~beside.fill_null(False)
    first = pl.when("refused").then("no").otherwise("start")
    last = pl.when(barred).then("until").otherwise("stop")
    return told.filter(holds).select("row", start=first, stop=last, value=turned).drop_nulls("value")


def read_reach(matches: pl.DataFrame) -> pl.DataFrame:
    """How a writer can be reached, by the words of each text.

    `matches` are those of the concept reach, sorted by place. Returns a row per way: `row`, `value` (one of `WAYS`), `start`, `stop`.
    """
    value = pl.col("value")
    told = matches.filter(value != "none")
    # "bel niet" refuses as "niet bellen" does; in "bel, niet sms'en" it is the other way.
    further = (neighbour("value", 2).is_in(WAYS) & (neighbour("start", 2) - neighbour("stop") + 1 <= 0)).fill_null(
        False
    )
    after = (neighbour("value") == "never") & (gap() == 0) & ~further
    told = told.with_columns(refused=_refused(UNASKED) | after.fill_null(False))
    return told.filter(value.is_in(WAYS) & ~pl.col("refused")).select("row", "value", "start", "stop")


def _refused(within: int) -> pl.Expr:
    """Whether a word of refusing stands shortly before."""
    return (pl.col("start") - _no("stop") + 1 <= within).fill_null(False)


def _no(column: str) -> pl.Expr:
    """Where the last word of refusing before begins, or ends."""
    return pl.when(pl.col("value").is_in(["not", "never"])).then(column).forward_fill().over("row")
