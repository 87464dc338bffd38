"""Kind: which help is meant, by the words that name it.

Owns the rules; the words are in `words/kinds.yaml`. A word that only helps to tell a kind ("opvangen", "brengen") is read
by whom it is for: animals, children, or people to take along; cars and furniture are parked where a room is named.
Driving and fetching is a ride where it is all that is offered, else it is how the help comes.
"""

from __future__ import annotations

from functools import cache

import polars as pl

from dedupe.reading.lexicon import KINDS

NEAR = 26
"""Bytes between who is looked after and the word that says so ("vangt overdag kindjes op")."""
ALONG = 12
"""Bytes between a word of taking along and whom ("breng nog twee mensen")."""
ALREADY = 20
"""Bytes between a thing and the word that says that it is there, or to be brought along ("shovels provided")."""
THINGS = ("material", "shower", "food", "tool")
"""The kinds of things that one brings along or finds there, whatever is offered or asked for besides."""
NEST = "nest"
"""A roof with animals beside it ("onderdak voor twee honden")."""
DRIVE = "drive"
"""Goes or fetches by car ("nurse, can drive to you")."""
LEADING = ("bed", "ride")
"""The kinds that lead wherever they stand; the others go by what is named first."""
APART = 64
"""Bytes put between two texts, so that nothing in one is near to the other."""


def read_kinds(matches: pl.DataFrame) -> pl.DataFrame:
    """Read the kinds of help that each text names.

    `matches` are those of the concept kind, sorted by place: `row`, `start`, `stop`, `value`, `firm`.
    Returns, for rows that name a kind: `row`, `kinds` (all, sorted), `surely` (the one that leads among firm words, or
    null), `lead` (by hints too) and `named` (where the first firm word starts).
    """
    named = pl.col("firm") & pl.col("value").is_in(KINDS)
    masks = (
        _told(matches)
        .join(_bits(), on="value")
        .group_by("row")
        .agg(
            all=pl.col("bit").bitwise_or(),
            sure=pl.col("bit").filter("firm").bitwise_or().fill_null(0),
            first=pl.col("value").filter(named).sort_by(pl.col("start").filter(named)).first(),
            named=pl.col("start").filter("firm").min(),
        )
        .with_columns(roof=_roof())
        .with_columns(_driven())
        .with_columns(pl.col("all", "sure") % (1 << len(KINDS)) | pl.col("roof"))
    )
    table = _sets()
    read = masks.join(table, on="all", how="left")
    read = read.join(table.select(sure="all", surely="lead"), on="sure", how="left").with_columns(surely=_first())
    return read.select("row", "kinds", "surely", "named", lead=pl.coalesce("surely", "lead"))


def _first() -> pl.Expr:
    """What leads surely: a bed, then a ride, then the kind that is named first (animals under a roof apart)."""
    lead, first = pl.col("surely"), pl.col("first")
    return pl.when(lead.is_in(LEADING) | first.is_null() | (pl.col("roof") > 0)).then(lead).otherwise(first)


def _told(matches: pl.DataFrame) -> pl.DataFrame:
    """The matches that name a kind, those that only help to tell one turned into it."""
    value = pl.col("value")
    spread = pl.col("row").cast(pl.Int64) * APART
    animal, child = _near(value == "animal"), _near(value == "child")
    kept = (
        pl.when((animal <= NEAR) & (animal <= child))
        .then(pl.lit("animal"))
        .when(child <= NEAR)
        .then(pl.lit("children"))
    )
    carried = _near(value.is_in(["whom", "child"])) <= ALONG
    # "Fünf Mann, zehn Schaufeln": a tool is lent, unless there are hands to it.
    handled = ((value == "hands") & pl.col("firm")).any().over("row")
    parked = _near(value.is_in(["room", "keep", "parking"])) <= NEAR
    placed = matches.with_columns(begins=pl.col("start") + spread, ends=pl.col("stop") + spread)
    there = value.is_in(THINGS) & (_near(value == "own") <= ALREADY)
    placed = placed.with_columns(firm=pl.col("firm") & ~there)
    around = ["animal", "parking", "hands"]
    helpers = placed.filter(~value.is_in([*KINDS, "none"]) | value.is_in(around)).with_columns(
        meant=pl.when(value == "keep")
        .then(kept)
        .when(value.is_in(["car", "goods"]) & parked)
        .then(pl.lit("parking"))
        .when((value == "shelter") & (animal <= NEAR))
        .then(pl.lit(NEST))
        .when(value == "tool")
        .then(pl.when(handled).then(pl.lit("hands")).otherwise(pl.lit("material")))
        .when((value != "carry") | carried)
        .then(value.replace({"car": "ride", "carry": "ride", "goods": "material", "room": "bed"})),
        firm=pl.col("firm") & ~value.is_in(["carry", "room"]) & (~value.is_in(["car", "goods"]) | parked),
    )
    plain = placed.filter(value.is_in(KINDS)).select("row", "start", "value", "firm")
    turned = helpers.filter(~value.is_in(KINDS)).select("row", "start", value="meant", firm="firm")
    return pl.concat([plain, turned])


def _driven() -> tuple[pl.Expr, pl.Expr]:
    """`all` and `sure`, with a ride for driving and fetching: surely where nothing else is sure."""
    bits = dict(_bits().iter_rows())
    ride, other = pl.lit(bits["ride"], pl.UInt16), pl.col("sure") % (1 << len(KINDS)) | pl.col("roof")
    drives = pl.col("all") & bits[DRIVE] > 0
    return (
        pl.when(drives).then(pl.col("all") | ride).otherwise("all").alias("all"),
        pl.when(drives & (other == 0)).then(pl.col("sure") | ride).otherwise("sure").alias("sure"),
    )


def _roof() -> pl.Expr:
    """A roof for whoever, as a mask: for the animals named beside it or where no bed is offered, else a bed."""
    bits = dict(_bits().iter_rows())
    everything, sure = pl.col("all"), pl.col("sure")
    named, bed, surely_bed = everything & bits["animal"] > 0, everything & bits["bed"] > 0, sure & bits["bed"] > 0
    nest = everything & bits[NEST] > 0
    roof = nest | (everything & bits["shelter"] > 0)
    animals = named & (~bed | (nest & ~surely_bed))
    return pl.when(roof & animals).then(bits["animal"]).when(roof).then(bits["bed"]).otherwise(0).cast(pl.UInt16)


@cache
def _bits() -> pl.DataFrame:
    """The bit of every kind, and those of a roof for whoever and of one beside animals."""
    values = (*KINDS, "shelter", NEST, DRIVE)
    return pl.DataFrame(
        {"value": values, "bit": [1 << n for n in range(len(values))]}, schema_overrides={"bit": pl.UInt16}
    )


def _near(wanted: pl.Expr) -> pl.Expr:
    """Bytes to the nearest match that is wanted, on either side in the same text (elsewhere: `APART` or more)."""
    left = pl.col("begins") - pl.when(wanted).then("ends").forward_fill() + 1
    right = pl.when(wanted).then("begins").backward_fill() - pl.col("ends") + 1
    return pl.min_horizontal(left, right).fill_null(APART)


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
