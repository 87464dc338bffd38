"""Said: the words that made each fact, for people to read.

Owns their form: a line per fact, `until: tot morgen 10u`. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

MOST = 8
"""Words (or runs of words) told of one fact."""


def read_said(wordings: pl.Series, begins: pl.Series, told: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Spell out the words that made facts.

    `told` has, by the name of the fact, the places of its words: `row` (index of the wording), `start` and `stop` (bytes in the
    padded wordings put one after the other, each beginning at its `begins`). Returns `row` and `said`, for rows that say a fact.
    """
    facts = pl.Enum(list(told))
    places = pl.concat(
        [part.select("row", "start", "stop", fact=pl.lit(name, facts)) for name, part in told.items()],
        how="vertical_relaxed",
    ).sort("row", "fact", "start")
    padded = " " + wordings.fill_null("").gather(places["row"]) + " "
    texts = places.select(
        "row",
        "fact",
        text=padded.cast(pl.Binary),
        offset=pl.col("start") - begins.gather(places["row"]),
        length=pl.col("stop") - pl.col("start"),
    )
    words = pl.col("text").bin.slice("offset", "length").cast(pl.String).str.strip_chars()
    lines = (
        texts.select("row", "fact", word=words)
        .group_by("row", "fact", maintain_order=True)
        .agg(pl.col("word").unique(maintain_order=True).head(MOST))
        .select("row", line=pl.col("fact").cast(pl.String) + ": " + pl.col("word").list.join(", "))
    )
    return lines.group_by("row", maintain_order=True).agg(said=pl.col("line").str.join("\n"))
