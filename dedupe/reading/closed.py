"""Closed: whether the writer says that the offer is gone.

Owns the rules; the words are in `words/closed.yaml`. A cellar is full too, and so are hearts: a word that is not firm must
be the message, end it, or be said of what is offered.
"""

from __future__ import annotations

import polars as pl

from dedupe.reading.finding import gap

SHORT = 45
"""Bytes of a text in which a lone "vol" is the message."""
OF = 26
"""Bytes between what is offered and the word that says it is gone ("the beds are all long gone")."""
OF_OTHER = 14
"""Bytes between something else ("the road") and the word that says it is gone."""
ASKED_OF = 10
"""Bytes between "full" and the question mark that asks whether it is."""
CLOSING = ("bed", "ride", "shower", "food", "material", "parking", "shelter", "car", "goods", "room")
"""Kinds that run out; a cat that is gone is lost."""


def read_closed(matches: pl.DataFrame, kinds: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Per row `closed`: a firm word, or a hint that is the message, its last word, put before a copied offer, or said of
    what is offered ("the bed is gone"). Thanks and regrets beside it are part of it; a question asks whether it is so.
    """
    rows = matches.filter(pl.col("value").is_in(["closed", "last"]))["row"].unique().implode()
    matches = matches.filter(pl.col("row").is_in(rows) & (pl.col("value") != "none"))
    things = kinds.filter(pl.col("row").is_in(rows) & pl.col("value").is_in(CLOSING))
    told = (
        pl.concat([matches, things.select("row", "start", "stop", value=pl.lit("thing"))], how="diagonal_relaxed")
        .sort("start", "stop")
        .join(facts.select("row", "begin", "end", kind="lead"), on="row", how="left", maintain_order="left")
        .with_columns(_last_stop("thing"), _last_stop("other"))
    )
    of = (pl.col("thing") > pl.col("begin")) & (pl.col("start") - pl.col("thing") < OF)
    of_other = (pl.col("other") > pl.col("begin")) & (pl.col("start") - pl.col("other") < OF_OTHER)
    of_other = of_other & (pl.col("other") >= pl.col("thing").fill_null(0))
    asked = pl.when(pl.col("value") == "mark").then("start").backward_fill() - pl.col("stop")
    asked = (asked < ASKED_OF) & (asked + pl.col("stop") < pl.col("end"))
    said = told.with_columns(of=of, aside=asked | of_other).filter(~pl.col("value").is_in(["thing", "other"]))
    run = (gap(-1) != 0).fill_null(True).cum_sum()
    said = said.with_columns(opens=pl.col("start").min().over(run), ends=pl.col("stop").max().over(run))
    short = pl.col("end") - pl.col("begin") <= SHORT
    first = (pl.col("opens") == pl.col("begin")) & (short | pl.col("kind").is_not_null())
    last = pl.col("ends") == pl.col("end")
    closes = pl.col("firm") | last | ((pl.col("value") == "closed") & (first | pl.col("of")))
    closes = closes & pl.col("value").is_in(["closed", "last"]) & ~pl.col("aside").fill_null(False)
    return said.group_by("row").agg(closed=closes.any())


def _last_stop(value: str) -> pl.Expr:
    """Where the last match of that value ended."""
    return pl.when(pl.col("value") == value).then("stop").forward_fill().alias(value)


def but_for_full(matches: pl.DataFrame) -> pl.DataFrame:
    """The matches of stance, of those of stance and of `closed`: "we have no more beds" does not ask for beds."""
    full = (pl.col("value") == "closed") & pl.col("firm")
    before, after = (pl.when(pl.col("row") == pl.col("row").shift(n)).then(full.shift(n)) for n in (1, -1))
    inside = (before & (gap(-1) < 0)) | (after & (gap() < 0))
    return matches.filter((pl.col("concept") == "stance") & ~inside.fill_null(False))
