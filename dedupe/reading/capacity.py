"""Capacity: how many people fit, by the numbers beside words that count.

Owns the rules; the words are in `words/counting.yaml` and `words/numbers.yaml`. A number that may be a time, a distance
or a price is no capacity, and two numbers that contradict each other are none either: absent is better than wrong.
"""

from __future__ import annotations

import polars as pl

from dedupe.reading.lexicon import gap, neighbour

NEAR = 16
"""Bytes allowed between a number and what it counts ("2 gratis, droge slaapplaatsen")."""
RANKS = {"persons": 1, "others": 1, "seats": 2, "free": 2, "beds": 3, "animals": 4, "things": 5}
"""What is counted, the most telling first: "2 bedden voor 4 personen" is four."""
WIDEST = 4
"""How far apart "2-3" may be when nothing but a dash, or a space, stands between."""
OF_THINGS = ("animal", "food", "parking")
"""Kinds of help in which meals and cars are counted: those of a bed or a ride only come along."""
LEFT = 0
"""Rank of a number that is said to be left ("nog 2"): it is newer than every other."""


def read_capacity(matches: pl.DataFrame, kinds: pl.DataFrame) -> pl.DataFrame:
    """Read how many places a text speaks of.

    `matches` are those of the concepts count and number, sorted by place: `row`, `start`, `stop`, `value`, `firm`,
    `number`. `kinds` has `row`, `kind`, `stance`: animals count only where the help is for animals, meals and cars where it is for them.
    Returns `row`, `capacity`, and `start` and `stop` of the words, for rows that have one.
    """
    counted = _counted(_ranges(matches)).join(kinds, on="row", how="left", maintain_order="left")
    animals = (pl.col("what") == "animals") & pl.col("kind").ne_missing("animal")
    things = (pl.col("what") == "things") & ~pl.col("kind").is_in(OF_THINGS).fill_null(False)
    # "heeft iemand nog een plaats?" asks for a place, not for one.
    article = pl.col("firm") & (pl.col("number") == 1) & (pl.col("stance") == "request")
    best = counted.filter(~(animals.fill_null(False) | things.fill_null(False) | article.fill_null(False))).filter(
        pl.col("rank") == pl.col("rank").min().over("row")
    )
    return (
        best.group_by("row", maintain_order=True)
        .agg(
            capacity=pl.col("number").max(),
            several=pl.col("number").n_unique() > 1,
            # "2 volwassenen en 2 kinderen" are four, "4 personen, ook kinderen" may be anything.
            mixed=(pl.col("what") == "others").any() & (pl.len() > 1),
            start=pl.col("start").first(),
            stop=pl.col("stop").first(),
        )
        .filter(~pl.col("several") & ~pl.col("mixed"))
        .select("row", "capacity", "start", "stop")
    )


def _ranges(matches: pl.DataFrame) -> pl.DataFrame:
    """Make one number of "2 à 3", "2-3" (the upper end) and of "2 van de 4" (what is left)."""
    beside = pl.any_horizontal(
        pl.col("number").is_not_null().shift(steps, fill_value=False) for steps in (-1, 0, 1, 2, 3)
    )
    matches = matches.filter(beside)
    plain = pl.col("number").is_not_null() & ~pl.col("firm")
    marked = matches.with_columns(plain=pl.when(plain).then("number"), touches=gap() == 0)
    link, other, third = neighbour("value"), neighbour("plain"), neighbour("plain", 2)
    pair = pl.col("touches") & (other - pl.col("plain")).is_between(1, WIDEST)
    joined = pl.col("touches") & neighbour("touches") & third.is_not_null() & pl.col("plain").is_not_null()
    upper = joined & link.is_in(["joins", "upto"])
    total = joined & (link == "of")
    marked = marked.with_columns(
        takes=pl.when(upper | total).then(2).when(pair).then(1).otherwise(0),
        number=pl.when(upper).then(pl.max_horizontal("plain", third)).when(pair).then(other).otherwise("number"),
        stop=pl.when(upper | total).then(neighbour("stop", 2)).when(pair).then(neighbour("stop")).otherwise("stop"),
    )
    taken = (pl.col("takes").shift(1, fill_value=0) > 0) | (pl.col("takes").shift(2, fill_value=0) == 2)
    return marked.filter(~taken)


def _counted(matches: pl.DataFrame) -> pl.DataFrame:
    """The numbers that count something, with `what` and `rank`."""
    after, before = neighbour("value"), pl.when(gap(-1) == 0).then(neighbour("value", -1))
    beside, here = (gap() == 0).fill_null(False), gap() <= NEAR
    what = pl.when(here & after.is_in(list(RANKS)) & ~((after == "free") & (gap() > 1))).then(after)
    told = before.is_in(["for", "group"]).fill_null(False)
    freely = (after == "free") & (neighbour("value", 2) == "notafter") & (neighbour("start", 2) - neighbour("stop") < 0)
    time = beside & ((after == "notafter") | ((after == "number") & told) | freely)
    double = here & (after == "double")
    placed = before.is_in(["notbefore", "upto"]).fill_null(False) & ~(
        beside & what.is_in(["persons", "seats", "beds"]).fill_null(False)
    )
    self_telling = pl.col("firm") | told
    rank = (
        pl.when((before == "left") & what.is_not_null())
        .then(LEFT)
        .when(self_telling)
        .then(1)
        .otherwise(what.replace_strict(RANKS, default=None, return_dtype=pl.Int32))
    )
    wrong = pl.col("number").is_null() | ((time | double).fill_null(False) & ~pl.col("firm")) | placed
    stop = pl.when(what.is_not_null()).then(pl.max_horizontal("stop", neighbour("stop"))).otherwise("stop")
    judged = matches.select("row", "start", "number", "firm", stop=stop, what=what, rank=rank, wrong=wrong)
    return judged.filter(~pl.col("wrong") & pl.col("rank").is_not_null())
