"""Place: which of the towns named is meant, and which only passed by.

Owns the rules; towns come from the gazetteer, the words before them ("in", "richting") from `words/where.yaml`.
"""

from __future__ import annotations

import polars as pl

from dedupe.reading.finding import gap, neighbour

TOGETHER = 5
"""Bytes between two towns that share a word of place ("in Hasselt en Genk")."""
RANKS = {"home": 0, "at": 1, "fetched": 2, "to": 3, "bare": 4, "of": 4, "near": 5, "stuck": 6}
RIDE_RANKS = {"to": 0, "home": 1, "at": 1, "second": 2, "bare": 3, "near": 4, "stuck": 5}
"""Which town leads, the lowest first. A ride is where it goes; where it begins never leads ("from" has no rank), and where
people are stuck only if no other town is named."""
RIDDEN, FETCHED = {"pickup": "from", "drop": "to"}, {"pickup": "fetched", "drop": "at"}
"""What a place to be picked up or set down at says of a ride, and of anything else."""
ENDS = ("then", "at", "home", "to", "near", "from")
"""What comes behind a town, and seldom behind a word that a town is called like: a word of time or of another place."""
HOW = {"to": "to", "second": "to", "near": "near"}
"""How the leading town is meant; every other word of place, and none, says that it is there."""


def read_places(matches: pl.DataFrame, kinds: pl.DataFrame) -> pl.DataFrame:
    """Read the towns of each text.

    `matches` are those of towns and of words of place, sorted by place: `row`, `start`, `stop`, `value`, `firm`, and
    for towns `index` (row of the gazetteer), `strict`, `lone`, `french`. `kinds` has `row`, `kind`, `begin` and `end` (of the
    text) `meant` (help is named, and offered or asked for) and `offers` (help is offered, or a bed is named and not asked for).
    Returns, for rows that name a town: `row`, `towns` (all, as indices), `index` (the leading one or null), `place_how`
    (`at`, `near` or `to`: how that one is meant), `origin` (where a ride begins, or null).
    """
    towns = _towns(matches).join(
        kinds.select("row", "begin", "end", "meant", "offers", ride=pl.col("kind").eq_missing("ride")),
        on="row",
        maintain_order="left",
    )
    # "Bed vrij, Mol": a town that is a word too counts where it is the first or last word, or a word of place or time comes
    # right behind it ("Mol tot 18u"), and no other town is named.
    edge = (pl.col("start") == pl.col("begin")) | (pl.col("stop") == pl.col("end")) | pl.col("ends")
    alone = pl.col("lone") & edge & pl.col("meant") & (pl.len().over("row") == 1)
    towns = towns.filter(~pl.col("strict") | pl.col("sure") | alone)
    # "Gestrand in Kiewit? Wij wonen in Hasselt": who offers does so at home; who asks may be far from it.
    away = (pl.col("role") == "home") & ~pl.col("offers")
    towns = towns.with_columns(role=pl.when(away).then(pl.lit("at")).otherwise("role"))
    # Where people are picked up and set down is where a ride begins and ends; where things are fetched is where they are.
    meant = pl.when("ride").then(pl.col("role").replace(RIDDEN)).otherwise(pl.col("role").replace(FETCHED))
    towns = towns.with_columns(role=meant)
    role = pl.col("role")
    rank = (
        pl.when("ride")
        .then(role.replace_strict(RIDE_RANKS, default=None, return_dtype=pl.Int32))
        .otherwise(role.replace("second", "bare").replace_strict(RANKS, default=None, return_dtype=pl.Int32))
    )
    towns = towns.with_columns(rank=rank)
    # "Hasselt > Breda > Rotterdam": of towns in a row the last is where it goes.
    along = pl.when((role == "second") & pl.col("ride")).then(-pl.col("start")).otherwise("start")
    lead = towns.drop_nulls("rank").with_columns(along=along).sort("row", "rank", "along")
    lead = lead.unique("row", keep="first", maintain_order=True)
    how = role.replace_strict(HOW, default="at")
    lead = lead.select("row", "index", at="start", goes=role == "to", place_how=how)
    begins = towns.filter("ride").join(lead.select("row", "at", "goes"), on="row", how="left", maintain_order="left")
    left = (role == "stuck") & (pl.col("start") != pl.col("at"))
    begun = role.is_in(["from", "of"]) | left | ((role == "bare") & (pl.col("start") < pl.col("at")))
    # "Ik rijd naar Genk, sta nog in Hasselt": where somebody is who goes elsewhere is where the ride begins.
    stands = pl.col("goes") & role.is_in(["at", "home", "bare"])
    origin = (
        begins.filter(begun | stands)
        .sort(begun.not_(), maintain_order=True)
        .unique("row", keep="first", maintain_order=True)
        .select("row", origin="index")
    )
    named = towns.group_by("row", maintain_order=True).agg(towns=pl.col("index").unique(maintain_order=True))
    named = named.join(lead.select("row", "index", "place_how"), on="row", how="left", maintain_order="left")
    return named.join(origin, on="row", how="left", maintain_order="left")


def read_bound(matches: pl.DataFrame) -> pl.DataFrame:
    """The rows in which a town is where something goes ("naar Gent", "bis Dortmund"): `row`, `bound`."""
    goes = pl.col("index").is_not_null() & neighbour("value", -1).is_in(["to", "drop"]) & neighbour("firm", -1)
    goes = goes & (gap(-1) == 0)
    return matches.filter(goes.fill_null(False)).select("row", bound=pl.lit(True)).unique("row")


def _towns(matches: pl.DataFrame) -> pl.DataFrame:
    """The towns that count, each with its `role`: at, home, to, near, from, pickup, drop, bare, or second of two ("Hasselt-Gent")."""
    town = pl.col("index").is_not_null()
    ends = (gap() == 0) & neighbour("firm") & neighbour("value").is_in(ENDS)
    matches = matches.with_columns(ends=ends.fill_null(False)).filter(pl.col("value").ne_missing("then"))
    matches = matches.filter(town | town.shift(-1, fill_value=False))
    touching = gap(-1) == 0
    said = pl.when(touching).then(neighbour("value", -1))
    sure = pl.when(touching).then(neighbour("firm", -1)) | ((said == "at") & pl.col("french"))
    after_town = neighbour("index", -1).is_not_null() & (gap(-1) < TOGETHER)
    towns = matches.with_columns(
        said=said.cast(pl.String),
        sure=sure.fill_null(False),
        touching=touching.fill_null(False),
        after_town=after_town.fill_null(False),
    )
    # A town right after a town ("in Hasselt en Genk") is meant as the one before it.
    shared = pl.when("after_town").then(neighbour("said", -1)).otherwise("said")
    second = pl.col("after_town") & pl.col("touching") & shared.is_null()
    # "sinistrés de Pepinster": a small word of origin says where a ride begins, and else no more than the town.
    role = pl.when((shared == "from") & ~pl.col("sure")).then(pl.lit("of")).otherwise(shared.fill_null("bare"))
    towns = towns.with_columns(role=pl.when(second).then(pl.lit("second")).otherwise(role))
    meant = pl.col("index").is_not_null() & (pl.col("role") != "not")
    return towns.filter(meant).select("row", "start", "stop", "index", "role", "strict", "lone", "sure", "ends")
