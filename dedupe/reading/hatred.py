"""Threats and hatred of groups: what is said together, and how heavily it weighs.

Owns the rules; the words are in `words/abuse.yaml`, what is done with the weights in `flags.py`. Words that stand within
`NEAR` of each other are said together. The heaviest part of a wording counts; it is looked for among what stands within
`FAR` too, for which `FARTHER` is taken off ("women think they are special. I hate them").
"""

from __future__ import annotations

import polars as pl

from dedupe.reading.finding import gap

NEAR, FAR = 30, 80
"""Bytes between two words that are said together, and between two that may be."""
FARTHER = 0.15
DENIED, DENIED_HARM = 22, 40
"""Bytes before a word, and before one of harm, within which "not" denies it."""
DENIED_AFTER = 24
"""Bytes after a word of hatred within which it does ("ik haat immigranten niet")."""
NONE_OF = 6
"""Bytes between "no" and the group of which it is."""

ILL = ("scorn", "loathe", "expel")
SAID = (*ILL, "group", "slur", "crude", "praise", "harm", "threat", "intent", "aimed", "wish", "not", "counter")

AT_SOMEBODY = ("group", "slur", "threat", "harm")
"""Without one of these nobody is threatened or hated."""


def weigh_hatred(found: pl.LazyFrame) -> pl.LazyFrame:
    """Per row the weights `threatening` and `hating`, 0 to 1, of matches (`row`, `start`, `stop`, `value`, `firm`) sorted by place."""
    aimed = found.filter(pl.col("value").is_in(AT_SOMEBODY)).select("row").unique()
    said = found.filter(pl.col("value").is_in(SAID)).join(aimed, on="row", how="semi")
    wide = (gap(-1) > FAR) | gap(-1).is_null()
    value, firm = pl.col("value"), pl.col("firm")
    said = said.with_columns(far=wide.cum_sum()).with_columns(
        counter=((value == "counter") & firm).any().over("far"),
        sayings=((value == "counter") & ~firm).sum().over("far"),
    )
    near = _weights(_parts(said, NEAR), "threatening", "hating")
    far = _weights(_parts(said, FAR), "far_threatening", "far_hating")
    both = near.join(far, on="row", how="left", maintain_order="left")
    return both.select(
        "row",
        threatening=pl.max_horizontal("threatening", pl.col("far_threatening") - FARTHER),
        hating=pl.max_horizontal("hating", pl.col("far_hating") - FARTHER),
    )


def _parts(said: pl.LazyFrame, reach: int) -> pl.LazyFrame:
    """What is said together, a row each (`row`, `part`), as what it holds of each value."""
    value, firm = pl.col("value"), pl.col("firm")
    said = said.with_columns(part=((gap(-1) > reach) | gap(-1).is_null()).cum_sum())
    before = pl.col("start") - pl.when(value == "not").then("stop").forward_fill().over("part")
    after = pl.when(value == "not").then("start").backward_fill().over("part") - pl.col("stop")
    within = pl.when(value == "harm").then(DENIED_HARM).otherwise(DENIED)
    # "geen vrouw verdient": what is said of nobody of a group is denied as far as it goes.
    nobody = (value == "not") & (pl.col("value").shift(-1).over("part") == "group") & (gap() <= NONE_OF)
    of_none = pl.when(nobody).then("stop").forward_fill().over("part").is_not_null()
    led = pl.when(value == "group").then("start").forward_fill().over("part").is_not_null()
    denied = (before <= within) | of_none | ((value == "loathe") & (after <= DENIED_AFTER))
    # "een gevaar voor vrouwen" speaks of women, not against them.
    idle = (value == "scorn") & ~firm & ~led
    said = said.with_columns(denied=denied.fill_null(False), idle=idle)
    meant = ~pl.col("denied") & ~pl.col("idle")
    return said.group_by("row", "part", maintain_order=True).agg(
        group=(value == "group").any(),
        slur=((value == "slur") & firm).any(),
        slurred=((value == "slur") & ~firm).any(),
        ill=((value.is_in(ILL) & meant) | ((value == "praise") & firm & pl.col("denied"))).sum(),
        denied=(value.is_in([*ILL, "harm"]) & pl.col("denied")).any(),
        crude=((value == "crude") & firm).any(),
        oath=((value == "crude") & ~firm).any(),
        praise=((value == "praise") & ~pl.col("denied")).any(),
        counter=pl.col("counter").any(),
        sayings=pl.col("sayings").max(),
        threat=((value == "threat") & meant).any(),
        kill=((value == "harm") & firm & meant).any(),
        hurt=((value == "harm") & ~firm & meant).any(),
        aimed=(value == "aimed").any(),
        planned=value.is_in(["intent", "aimed"]).any(),
        wished=value.is_in(["wish", "intent", "aimed"]).any(),
    )


def _weights(parts: pl.LazyFrame, threatening: str, hating: str) -> pl.LazyFrame:
    """Per row the weights of its heaviest part. The first that holds counts, then what speaks against it is taken off."""
    about = pl.any_horizontal("group", "slur", "slurred")
    threat = _first(
        (pl.col("kill") & pl.col("aimed"), 0.8),
        (about & (pl.col("threat") | (pl.col("kill") & pl.col("wished"))), 0.75),
        (pl.col("threat"), 0.7),
        (about & pl.col("hurt") & pl.col("planned"), 0.6),
        (about & pl.col("hurt") & pl.col("wished"), 0.5),
        (pl.col("hurt") & pl.col("aimed"), 0.4),
        (pl.col("kill") & (about | pl.col("wished")), 0.4),
    )
    hate = _first(
        (about & (pl.col("ill") > 0), 0.6),
        (pl.col("slur"), 0.6),
        (about & pl.col("crude"), 0.55),
        (pl.col("slurred"), 0.5),
        (about & pl.col("oath"), 0.45),
        (about & pl.col("denied"), 0.3),
    )
    more = 0.1 * (pl.col("ill") - (~pl.col("slur")).cast(pl.Int64)).clip(0, 2) + 0.1 * (
        (pl.col("ill") > 0) & pl.any_horizontal("crude", "oath")
    ).cast(pl.Float64)
    told = pl.max_horizontal(0.5 * pl.col("counter").cast(pl.Float64), 0.2 * pl.col("sayings").clip(0, 2))
    less = told + 0.15 * pl.col("praise").cast(pl.Float64)
    hate = pl.max_horizontal(pl.when(hate > 0).then(hate + more).otherwise(0.0), pl.when(about).then(threat))
    return (
        parts.select("row", (threat - less).alias(threatening), (hate - less).alias(hating))
        .group_by("row", maintain_order=True)
        .agg(pl.all().max().clip(0, 1))
    )


def _first(*rules: tuple[pl.Expr, float]) -> pl.Expr:
    """The weight of the first rule that holds, else 0."""
    return pl.coalesce(*(pl.when(rule).then(weight) for rule, weight in rules), 0.0)
