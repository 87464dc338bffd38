"""Until: when an offer or a request ends, by the words that say so.

Owns the reading of those words (`words/until.yaml`, and times as `times.py` makes them) into a *spec*, which says nothing of
the day it was written: a wording is read once, and many posts may say it. `moments.py` makes a moment of it.

    22:00         the next time it is 22:00          10:00/12     the next 10 o'clock, by day or by night
    +1d 10:00     tomorrow at ten                    sun 23:59    the next Sunday, today if it is one
    +2h  +45m     so long from now                   +1n  +2n     the morning after the first, the second night
    21-08 23:59   the next 21 August                 d21 23:59    the next 21st of a month
    eom 23:59     the last day of this month

A day without a time ends at 23:59, and so do an evening, midnight, a weekend and a week (on Sunday); a night ends at 08:00
the next morning, a morning at noon, an afternoon at 18:00. An hour in words is the next one, by day or by night, but for a
bed. When a ride leaves is no end. Absent is better than wrong.
"""

from __future__ import annotations

import polars as pl

from dedupe.reading.finding import gap, neighbour
from dedupe.reading.lexicon import DAYS, MONTHS, ONES, PARTS, QUARTERS, UNITS
from dedupe.reading.times import NEAR, NOON, read_times

WHOLE = ("week", "weekend")
OPENERS = ("until", "before", "for", "between", "from", *ONES)
TIMES = ("clock", "stretch", "span", "hour", "date", "dated", *DAYS, *PARTS, *UNITS, *QUARTERS, *ONES, *MONTHS)
FIGURE = 4
"""Bytes of an hour in figures with its spaces; more is a word, and words say neither day nor night."""
RANGE = 2
"""Bytes between two times that make a stretch ("18h à 22h", "18-22u")."""
BESIDE = 25
"""Bytes between a day and the hours said of it ("zondag open van 10u tot 18u")."""
LAST, DAY = 1439, 1440
ENDS = {"night": DAY + 480, "evening": LAST, "midnight": LAST, "morning": NOON, "noon": NOON, "afternoon": 1080}
"""When a part of a day ends, in minutes of that day."""
DAYS_ON = {"today": "+0d", "tomorrow": "+1d", "overmorrow": "+2d", "weekend": "sun", "week": "sun"}
TODAY = {"morning": "+0d 12:00", "afternoon": "+0d 18:00"}
COMING = {
    "night": "+1n", "evening": "+0d 23:59", "midnight": "23:59", "morning": "12:00", "noon": "12:00", "afternoon": "18:00",
}  # fmt: skip
"""The specs of parts of a day: of this one ("vanmorgen"), and of the one that comes ("tot de ochtend")."""


def read_until(matches: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """Read until when each text holds.

    `matches` are those of the concepts until and number, sorted by place: `row`, `start`, `stop`, `value`, `firm`,
    `number`. `texts` has `row`, `end`, `ride` and `bed` (help is a ride, a bed).
    Returns, for rows that say it: `row`, `until` (a spec), `start` and `stop` of the words.
    """
    told = _meant(matches).filter(
        (pl.col("value") != "none")
        & ~(pl.col("firm") & pl.col("value").is_in(["number", "one", "pair"]))
        & ~((pl.col("value") == "number") & pl.col("number").is_null())
    )
    bare = (pl.col("value") == "number") & (neighbour("value", -1) == "until") & (gap(-1) == 0)
    timed = told.filter((pl.col("value").is_in(TIMES) | bare).fill_null(False))["row"].unique()
    told = told.filter(pl.col("row").is_in(timed.implode())).join(texts, on="row", how="left", maintain_order="left")
    chains = _chains(read_times(_linked(told)))
    said = _specs(chains.with_columns(_rules(), rank=_rank()).drop_nulls("rule")).drop_nulls("spec")
    best = said.filter(pl.col("rank") == pl.col("rank").min().over("row"))
    return best.unique("row", keep="last", maintain_order=True).select("row", "start", "stop", until="spec")


def _meant(matches: pl.DataFrame) -> pl.DataFrame:
    """What stands for something else by what stands beside it: adds `the` ("until the"), `tonight` and `short` (a figure)."""
    value = pl.col("value")
    named = (value.is_in(DAYS) & pl.col("firm") & (value != "today")).any().over("row")
    dayed = (value.is_in([*DAYS, "daily", "allday"]) & (pl.col("firm") | (value == "daily"))).any().over("row")
    # "Children from 6 to 12" are no hours.
    hours = (gap() == 0) & (neighbour("value") == "oclock")
    # "4 sept" is no 7, and "sept heures" no month.
    first, second = pl.col("start") == neighbour("start"), pl.col("start") == neighbour("start", -1)
    before = pl.when(second).then(neighbour("value", -2)).otherwise(neighbour("value", -1))
    twice = (first | second) & ((value == "number") == (before == "number").fill_null(False))
    kept = (
        ~twice.fill_null(False)
        & ~((value == "stretch") & ~dayed & ~hours.fill_null(False))
        & ~((value == "allday") & named)
    )
    return matches.filter(kept).with_columns(
        value=value.replace({"untilthe": "until", "allday": "today", "tonight": "night"}),
        the=value == "untilthe",
        tonight=value == "tonight",
        short=pl.col("stop") - pl.col("start") <= FIGURE,
    )


def _linked(told: pl.DataFrame) -> pl.DataFrame:
    """Words that follow one another closely are one chain; a word that opens an end begins one, or stands behind it."""
    # "22u ten laatste", "10pm at the latest".
    timed = neighbour("value", -1).is_in(["clock", "hour", "oclock", "stretch", "span"])
    behind = (pl.col("value") == "until") & pl.col("firm") & timed & (gap(-1) == 0) & (gap().is_null() | (gap() > NEAR))
    told = told.with_columns(value=pl.when(behind.fill_null(False)).then(pl.lit("closes")).otherwise("value"))
    value = pl.col("value")
    opens = value.is_in(OPENERS)
    near = (gap(-1) <= NEAR).fill_null(False)
    # "gisteren tot 22u" is over.
    past = (value == "past") | (opens & near & (neighbour("value", -1) == "past"))
    hour = (neighbour("value", -2) == "daily") & (neighbour("value", -1) == "number")
    daily = (value == "daily") | (opens & near & ((neighbour("value", -1) == "daily") | hour))
    return told.with_columns(chain=(opens | ~near).cum_sum(), past=past.fill_null(False), daily=daily.fill_null(False))


def _chains(told: pl.DataFrame) -> pl.DataFrame:
    """A row per chain that speaks of time, with what its words add up to."""
    speaks = pl.any_horizontal(pl.col("at", "length", "date", "dated", "day", "part").is_not_null())
    told = told.filter(pl.col("chain").is_in(told.filter(speaks)["chain"].unique().implode()))
    value = pl.col("value")
    timed = pl.col("at").is_not_null()
    numbers = pl.any_horizontal(pl.col("at", "length", "date").is_not_null(), "second")
    tells = value.is_in([*OPENERS, *TIMES, "to", "closes"]) | numbers
    chains = told.group_by("chain", maintain_order=True).agg(
        pl.col("row", "ride").first(),
        start=pl.col("start").filter(tells).min(),
        stop=pl.col("stop").filter(tells).max(),
        opener=pl.when(value.is_in(["closes", "stretch", "span"]).any() & timed.any())
        .then(pl.lit("until"))
        .otherwise(value.filter(value.is_in(OPENERS)).first()),
        daily=pl.col("daily").any(),
        past=pl.col("past").any(),
        at=pl.col("at").drop_nulls().last(),
        loose=pl.col("loose").filter(timed).last(),
        whole=pl.col("whole").filter(timed).last(),
        times=timed.sum(),
        since=pl.col("stop").filter(timed).first(),
        ending=pl.col("start").filter(timed).last(),
        to=(value == "to").any(),
        lasting=(value == "lasting").any(),
        tonight=pl.col("tonight").any(),
        before=((value == "night") & pl.col("firm")).arg_max() < value.is_in(DAYS).arg_max(),
        length=pl.col("length").drop_nulls().first(),
        unit=pl.col("unit").drop_nulls().first(),
        date=pl.col("date").drop_nulls().last(),
        dated=pl.col("dated").drop_nulls().last(),
        day=pl.col("day").drop_nulls().last(),
        part=pl.col("part").drop_nulls().last(),
        firm_day=(pl.col("day").is_not_null() & pl.col("firm")).any(),
        firm_part=(pl.col("part").is_not_null() & pl.col("firm")).any(),
        firm_night=((pl.col("part") == "night") & pl.col("firm")).any(),
        hint_part=(pl.col("part").is_not_null() & ~pl.col("firm")).any(),
    )
    # "zondag open van 10u tot 18u", "tot zondag, elke dag tot 18u", "elke dag tot 18u, tot zondag".
    dayless, timeless = pl.col("day").is_null(), pl.col("at").is_null()
    named = pl.col("firm_day") & ~pl.col("day").is_in(["today", "weekend", "week"]) & timeless
    alone = named & (pl.col("opener").is_null() | (pl.col("opener") == "until"))
    before = {name: pl.when(alone).then(name).shift(1).forward_fill().over("row") for name in ("day", "stop")}
    near = pl.col("start") - before["stop"] <= BESIDE
    carried = pl.when(near & ~timeless & pl.col("part").is_null()).then(before["day"])
    each = pl.when(pl.col("daily") & dayless).then("at").shift(1).over("row")
    hours = pl.when(named & (pl.col("opener") == "until") & pl.col("part").is_null()).then(each)
    return chains.with_columns(day=pl.coalesce("day", carried), at=pl.coalesce("at", hours))


def _rules() -> list[pl.Expr]:
    """By which rule a chain says an end, the first that holds (`rule`), and the days it names (`on`)."""
    opener, day, part, unit, length = (pl.col(name) for name in ("opener", "day", "part", "unit", "length"))
    ends, starts, begins, lasts, between = (
        opener.eq_missing(name) for name in ("until", "from", "before", "for", "between")
    )
    lasts = lasts | opener.is_in(list(ONES)).fill_null(False) | (pl.col("lasting") & unit.is_not_null() & ~starts)
    timed, free = pl.col("at").is_not_null(), ~starts
    joined = pl.col("ending") - pl.col("since") + 1 <= RANGE
    stretch = (pl.col("times") == 2) & (joined | pl.col("to") | between)
    early = pl.col("whole") & (pl.col("at") <= 360)
    leaves = pl.col("ride").fill_null(False) & timed
    span = starts & pl.col("to") & pl.col("firm_day")
    lengthy = lasts & pl.col("whole") & pl.col("at").is_between(60, NOON)
    counted = (lasts | ends) & (unit.is_in(["hours", "minutes"]) | (unit.is_in(["days", "weeks"]) & (length <= 30)))
    tonight = opener.is_null() & pl.col("firm_night") & (day == "tomorrow")
    tonight = tonight & (part.is_in(["morning", "noon"]) | pl.col("before"))
    told_day = day.is_not_null() & (ends | span | begins | (free & pl.col("firm_day") & ~leaves))
    told_part = part.is_not_null() & (ends | (free & pl.col("firm_part") & ~leaves))
    rules = {
        "timed": timed & (ends | stretch | (begins & ~early)),
        "hours": lengthy,
        "nights": free & (unit == "nights") & (length <= 14),
        "length": counted,
        "date": ends & pl.col("date").is_not_null(),
        "dated": ends & pl.col("dated").is_not_null() & day.is_null(),
        # "vannacht, morgenvroeg ontbijt" is for the night.
        "tonight": tonight,
        "day": told_day,
        "part": told_part,
    }
    first = pl.coalesce(pl.when(holds).then(pl.lit(name)) for name, holds in rules.items())
    return [pl.when(~pl.col("past")).then(first).alias("rule"), day.replace(DAYS_ON).alias("on")]


def _specs(chains: pl.DataFrame) -> pl.DataFrame:
    """The specs of chains, by their rules."""
    rule, part, length = pl.col("rule"), pl.col("part"), pl.col("length").cast(pl.String)
    # "vanavond en morgen": the evening is today's.
    # "Every afternoon this week" is for the week.
    ending = pl.when(pl.col("hint_part") & ~pl.col("day").is_in(WHOLE)).then(
        part.replace_strict(ENDS, default=None, return_dtype=pl.Int32)
    )
    minutes = pl.when(rule == "timed").then(_minutes()).when(rule == "day").then(ending).fill_null(LAST)
    dated = rule.is_in(["timed", "date"]) & pl.col("date").is_not_null()
    head = (
        pl.when(dated)
        .then(_two(pl.col("date") // 100) + "-" + _two(pl.col("date") % 100))
        .when(rule == "dated")
        .then("d" + _two(pl.col("dated")))
        .when(rule.is_in(["timed", "day"]))
        .then("on")
    )
    any_half = (
        ~pl.col("tonight")
        & ~part.is_in(["morning", "evening", "afternoon", "noon"]).fill_null(False)
        & (pl.col("at") <= NOON)
    )
    twice = (rule == "timed") & head.is_null() & pl.col("loose") & any_half
    # Midnight is the last minute of the day it ends.
    minutes = pl.when(minutes.is_in([0, DAY])).then(LAST).otherwise(minutes)
    clock = _two(minutes // 60) + ":" + _two(minutes % 60) + pl.when(twice).then(pl.lit("/12")).otherwise(pl.lit(""))
    today = pl.when(pl.col("firm_part")).then(part.replace({**COMING, **TODAY})).otherwise(part.replace(COMING))
    units = pl.col("unit").str.slice(0, 1)
    weeks = pl.when(pl.col("unit") == "weeks").then((pl.col("length") * 7).cast(pl.String)).otherwise(length)
    return chains.with_columns(
        spec=pl.when(rule == "hours")
        .then("+" + (pl.col("at") // 60).cast(pl.String) + "h")
        .when(rule == "nights")
        .then("+" + length + "n")
        .when(rule == "tonight")
        .then(pl.lit("+1n"))
        .when((rule == "length") & units.is_in(["h", "m"]))
        .then("+" + length + units)
        .when(rule == "length")
        .then("+" + weeks + "d 23:59")
        .when(rule == "part")
        .then(today)
        .otherwise(pl.concat_str(head, clock, separator=" ", ignore_nulls=True))
    )


def _minutes() -> pl.Expr:
    """The time of a chain in minutes of the day, by day or by night as its other words say."""
    at, part = pl.col("at"), pl.col("part")
    evening = ((part == "evening") & at.is_between(300, NOON - 1)) | (pl.col("tonight") & at.is_between(360, NOON - 1))
    noon = part.is_in(["afternoon", "noon"]) & (at <= 420)
    daily = pl.coalesce("date", "dated").is_not_null() | pl.col("day").is_not_null()
    afternoon = daily & pl.col("loose") & part.is_null() & at.is_between(60, 419)
    later = pl.any_horizontal(each.fill_null(False) for each in (evening, noon, afternoon))
    return pl.when(later).then(at + NOON).otherwise(at)


def _two(number: pl.Expr) -> pl.Expr:
    return number.cast(pl.String).str.zfill(2)


def _rank() -> pl.Expr:
    """An end that is said goes before tonight and today, and these before a day that is named."""
    ended = pl.col("opener").is_in(["until", "between", "before", "for", *ONES]) | (pl.col("times") == 2)
    by_itself = pl.col("firm_part") | pl.col("day").is_in(["today", "weekend", "week"]) | (pl.col("unit") == "nights")
    ended = ended & (
        (pl.col("opener") == "until") | pl.col("at").is_not_null() | pl.col("unit").is_not_null()
    ).fill_null(False)
    return pl.when(ended.fill_null(False)).then(0).when(by_itself.fill_null(False)).then(1).otherwise(2)
