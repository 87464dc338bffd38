"""Stance: whether a text offers or asks, and which kind of help it means by that.

Owns the rules; the words are in `words/stance.yaml`. A question speaks to a reader in need or for a writer in need by the words
before it; a kind and a number of places are an offer where no word says so.
"""

from __future__ import annotations

import polars as pl

from dedupe.reading.finding import gap, neighbour

ASKED = 30
"""Bytes between "nodig" and the question mark that makes it an offer."""


def read_stance(matches: pl.DataFrame) -> pl.DataFrame:
    """Per row `stance`: firm words beat hints, the first of two firm ones leads, a turned need is an offer.

    "iemand slaapplaats nodig?" speaks to a reader in need, "wie heeft slaapplaats?" for a writer in need.
    """
    value, after, firm = pl.col("value"), neighbour("value"), pl.col("firm")
    # "who has help needed": a hint in between does not part them.
    spoken = pl.when(firm | (value != "request"))
    same = spoken.then("row").forward_fill().shift(1) == pl.col("row")
    before = pl.when(same).then(spoken.then("value").forward_fill().shift(1))
    needs = value.is_in(["need", "seek"])
    turned = (needs & before.is_in(["you", "ask"])) | ((value == "need") & (after == "mark") & (gap() <= ASKED))
    question = pl.col("start") < pl.col("start").filter(value == "mark").max().over("row")
    asked = (value == "ask") | ((value == "query") & question)
    asked = asked & ~after.is_in(["need", "seek"]).fill_null(False)
    wanted = ((value == "you") & (after == "mark")) | (value == "query")
    offer, request = pl.lit("offer"), pl.lit("request")
    judged = matches.with_columns(
        strong=pl.when(turned | (firm & (value == "offer")))
        .then(offer)
        .when(asked | needs | (firm & (value == "request")))
        .then(request),
        weak=pl.when(value == "offer").then(offer).when(wanted | (value == "request")).then(request),
    )
    told = judged.group_by("row", maintain_order=True).agg(
        strong=pl.col("strong").drop_nulls().first(),
        offers=(pl.col("weak") == "offer").any(),
        requests=(pl.col("weak") == "request").any(),
        asked=pl.col("start").filter(pl.col("value") == "mark").min(),
        offered=pl.col("start").filter(pl.col("weak") == "offer").max(),
        done=(pl.col("value") == "done").any(),
    )
    # "Honger? Frietjes bij ons": what is offered after the question answers it.
    answers = pl.col("offers") & ~(pl.col("offered") < pl.col("asked")).fill_null(False)
    weakly = pl.when(answers).then(offer).when(pl.col("requests") | pl.col("offers")).then(request)
    return told.select(
        "row", "asked", "done", stance=pl.coalesce("strong", weakly), firm_stance=pl.col("strong").is_not_null()
    )


def bound() -> tuple[pl.Expr, ...]:
    """What goes to a town and names no other help hints at a ride ("I have to be in Mol anyway, two can come")."""
    rides = (pl.col("lead").is_null() & pl.col("bound")).fill_null(False)
    ride = pl.lit("ride")
    return (
        pl.when(rides).then(ride).otherwise("lead").alias("lead"),
        pl.when(rides).then(pl.concat_list(ride)).otherwise("kinds").alias("kinds"),
        rides.alias("bound"),
    )


def meant_kind() -> pl.Expr:
    """A hint of a kind ("tent", "auto", "water") leads only where something is offered or asked.

    A hint of a bed or a ride leads also where a place or number stands beside it; a town to go to is no such place.
    """
    place = pl.col("place_key").is_not_null() & ~pl.col("bound")
    beside = pl.any_horizontal(place, *(pl.col(name).fill_null(False) for name in ("counted", "closed")))
    meant = pl.col("stance").is_not_null() | (pl.col("lead").is_in(["bed", "ride"]) & beside)
    return pl.coalesce("surely", pl.when(meant).then("lead"))


def stated() -> pl.Expr:
    """What a text without a word of offering or asking does: it asks for the kind that it names before a question mark.

    A kind and a number of places ("2 places in the car") are an offer, also as the answer to a question; three burgers are
    lunch.
    """
    named, counted = pl.col("surely").is_not_null(), pl.col("counted").fill_null(False)
    asked = (pl.col("named") < pl.col("asked")).fill_null(False)
    answered = (pl.col("named") > pl.col("asked")).fill_null(False) & ~pl.col("firm_stance").fill_null(False)
    stated = (pl.col("surely") != "food") & named & counted & pl.col("done").not_().fill_null(True)
    offers = stated & (pl.col("asked").is_null() | answered)
    return (
        pl.when(answered & offers)
        .then(pl.lit("offer"))
        .otherwise(pl.coalesce("stance", pl.when(offers).then(pl.lit("offer")).when(asked).then(pl.lit("request"))))
    )
