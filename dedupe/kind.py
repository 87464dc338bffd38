"""Kind: which help is meant, by the words that name it.

Owns the rules; the words are in `words/kinds.yaml`. A word that only helps to tell a kind ("opvangen", "brengen") is read
by whom it is for: animals, children, or people to take along; cars and furniture are parked where a room is named.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from dedupe.lexicon import KINDS

NEAR = 26
"""Bytes between who is looked after and the word that says so ("vangt overdag kindjes op")."""
ALONG = 12
"""Bytes between a word of taking along and whom ("breng nog twee mensen")."""


def read_kinds(matches: pl.DataFrame) -> pl.DataFrame:
    """Read the kinds of help that each text names.

    `matches` are those of the concept kind, sorted by place: `row`, `start`, `stop`, `value`, `firm`.
    Returns, for rows that name a kind: `row`, `kinds` (all, sorted), `surely` (the one that leads among firm words, or
    null) and `lead` (by hints too).
    """
    bits = pl.DataFrame({"value": KINDS, "bit": [1 << n for n in range(len(KINDS))]}, schema_overrides={"bit": pl.UInt16})
    masks = (
        _told(matches)
        .join(bits, on="value")
        .group_by("row")
        .agg(all=pl.col("bit").bitwise_or(), sure=pl.col("bit").filter("firm").bitwise_or())
    )
    table = _sets()
    read = masks.join(table, on="all", how="left")
    return read.join(table.select(sure="all", surely="lead"), on="sure", how="left").select(
        "row", "kinds", "surely", lead=pl.coalesce("surely", "lead")
    )


def _told(matches: pl.DataFrame) -> pl.DataFrame:
    """The matches that name a kind, those that only help to tell one turned into it or left out."""
    value = pl.col("value")
    kept, carried = _nearest(value.is_in(["animal", "child"]), NEAR), _nearest(value.is_in(["whom", "child"]), ALONG)
    roomy = _nearest(value.is_in(["room", "keep", "parking"]), NEAR).is_not_null()
    named, bed, surely_bed = (
        word.any().over("row") for word in (value == "animal", value == "bed", (value == "bed") & pl.col("firm"))
    )
    # "Stal kan ezels opvangen": a roof near animals is theirs, unless a bed is offered too.
    animals = named & (~bed | ((kept == "animal").fill_null(False) & ~surely_bed))
    return (
        matches.filter(value != "none")
        .with_columns(
            value=pl.when(value == "shelter")
            .then(pl.when(animals).then(pl.lit("animal")).otherwise(pl.lit("bed")))
            .when(value == "keep")
            .then(kept.replace("child", "children"))
            .when(value == "carry")
            .then(pl.when(carried.is_not_null()).then(pl.lit("ride")))
            .when(value.is_in(["car", "goods"]) & roomy)
            .then(pl.lit("parking"))
            .otherwise(value.replace({"car": "ride", "goods": "material", "room": "bed"})),
            firm=pl.col("firm") & ~value.is_in(["carry", "room"]) & ((value != "car") | roomy),
        )
        .filter(value.is_in(KINDS))
    )


def _nearest(wanted: pl.Expr, near: int) -> pl.Expr:
    """The value of the wanted match that lies nearest in the same text, or null where none does within `near` bytes."""
    marked = pl.when(wanted)
    before, after = (
        {name: getattr(marked.then(name), fill)() for name in ("row", "value", "start", "stop")}
        for fill in ("forward_fill", "backward_fill")
    )
    left = pl.when(before["row"] == pl.col("row")).then(pl.col("start") - before["stop"] + 1)
    right = pl.when(after["row"] == pl.col("row")).then(after["start"] - pl.col("stop") + 1)
    nearest = pl.when(right.fill_null(near + 1) < left.fill_null(near + 1)).then(after["value"]).otherwise(before["value"])
    return pl.when(pl.min_horizontal(left, right) <= near).then(nearest)


@cache
def _sets() -> pl.DataFrame:
    """Every set of kinds as a mask `all`, with its `kinds` in order of name and the one that leads."""
    sets = [[kind for n, kind in enumerate(KINDS) if mask >> n & 1] for mask in range(1 << len(KINDS))]
    return pl.DataFrame(
        {
            "all": list(range(len(sets))),
            "kinds": [sorted(kinds) for kinds in sets],
            "lead": [next(iter(kinds), None) for kinds in sets],
        },
        schema={"all": pl.UInt16, "kinds": pl.List(pl.String), "lead": pl.String},
    )
