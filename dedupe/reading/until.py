"""Until: when an offer or a request ends, by the words that say so.

Owns the reading of those words (`words/until.yaml`, and times and dates in digits) into a *spec*, which says nothing of
the day it was written: a wording is read once, and many posts may say it. `moments.py` makes a moment of it.

    22:00         the next time it is 22:00          10:00/12     the next 10 o'clock, by day or by night
    +1d 10:00     tomorrow at ten                    sun 23:59    the next Sunday, today if it is one
    +2h  +45m     so long from now                   +1n  +2n     the morning after the first, the second night
    21-08 23:59   the next 21 August                 d21 23:59    the next 21st of a month

A day without a time ends at 23:59, and so do an evening, midnight, a weekend and a week (on Sunday); a night ends at 08:00
the next morning, a morning at noon, an afternoon at 18:00. When a ride leaves is no end. Absent is better than wrong.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from dedupe.reading.lexicon import DAYS, MONTHS, PARTS, UNITS, WEEKDAYS, gap, neighbour

OPENERS = ("until", "before", "for", "between", "from")
TIMES = ("clock", "hour", "date", "dated", *DAYS, *PARTS, *UNITS)
LENGTHS = ("hours", "minutes", "nights", "days", "weeks")
NEAR = 3
"""Bytes between words that say one time together ("morgen om 10u")."""
RANGE = 2
"""Bytes between two times that make a stretch ("18h à 22h", "18-22u")."""
BESIDE = 25
"""Bytes between a day and the hours said of it ("zondag open van 10u tot 18u")."""
MINUTES = (*range(0, 60, 5), 59)
NOON, LAST, DAY = 720, 1439, 1440
ENDS = {"night": DAY + 480, "evening": LAST, "midnight": LAST, "morning": NOON, "noon": NOON, "afternoon": 1080}
"""When a part of a day ends, in minutes of that day."""
DAYS_ON = {"today": "+0d", "tomorrow": "+1d", "overmorrow": "+2d", "weekend": "sun", "week": "sun"}


def figures() -> Iterator[tuple[str, str, int]]:
    """Times and dates in digits: pattern, value and number (minutes of the day; day * 100 + month; day)."""
    for hour in range(25):
        for spelled in dict.fromkeys((str(hour), f"{hour:02}")):
            for unit in ("u", "h", " u", " h", "uhr", "uur", "heures", "hrs", "std"):
                yield f" {spelled}{unit} ", "hour", hour * 60
            for minute in MINUTES:
                # Without a unit, ten to the hour is rather a price.
                for form in (
                    *([f".{minute:02}"] if minute != 50 else []),
                    f".{minute:02}u",
                    f".{minute:02}h",
                    f"u{minute:02}",
                    f"h{minute:02}",
                ):
                    yield f" {spelled}{form} ", "clock", hour * 60 + minute
            for minute in (15, 30, 45):
                for unit in ("h", "u", "uur", "heures", "uhr"):
                    yield f" {spelled} {unit} {minute} ", "clock", hour * 60 + minute
    for hour in range(1, 13):
        for half, noon in (("a", 0), ("p", NOON)):
            for minute in MINUTES:
                for form in (f"{hour}" if minute == 0 else f"{hour}.{minute:02}", f"{hour}.{minute:02}"):
                    for unit in (f"{half}m", f" {half}m", f" {half} m"):
                        yield f" {form}{unit} ", "clock", hour % 12 * 60 + noon + minute
    for day in range(1, 32):
        for ordinal in ("ste", "de", "e", "er", "st", "nd", "rd", "th"):
            yield f" {day}{ordinal} ", "dated", day
        for month in range(1, 13):
            for form in dict.fromkeys((f"{day}.{month}", f"{day}.{month:02}", f"{day:02}.{month:02}")):
                yield f" {form} ", "date", day * 100 + month
                yield f" {form}.", "date", day * 100 + month


def read_until(matches: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """Read until when each text holds.

    `matches` are those of the concepts until and number, sorted by place: `row`, `start`, `stop`, `value`, `firm`,
    `number`. `texts` has `row`, `end` and `ride` (help is a ride).
    Returns, for rows that say it: `row`, `until` (a spec), `start` and `stop` of the words.
    """
    told = matches.filter(
        (pl.col("value") != "none")
        & ~(pl.col("firm") & (pl.col("value") == "number"))
        & ~((pl.col("value") == "number") & pl.col("number").is_null())
    )
    bare = (pl.col("value") == "number") & (neighbour("value", -1) == "until") & (gap(-1) == 0)
    timed = told.filter((pl.col("value").is_in([*TIMES, *MONTHS]) | bare).fill_null(False))["row"].unique()
    told = told.filter(pl.col("row").is_in(timed.implode())).join(texts, on="row", how="left", maintain_order="left")
    chains = _chains(_tokens(_linked(told)))
    said = chains.with_columns(spec=_spec(), rank=_rank()).drop_nulls("spec")
    best = said.filter(pl.col("rank") == pl.col("rank").min().over("row"))
    return best.unique("row", keep="last", maintain_order=True).select("row", "start", "stop", until="spec")


def _linked(told: pl.DataFrame) -> pl.DataFrame:
    """Words that follow one another closely are one chain; a word that opens an end begins one."""
    value = pl.col("value")
    opens = value.is_in(OPENERS)
    near = (gap(-1) <= NEAR).fill_null(False)
    # "gisteren tot 22u" is over.
    past = (value == "past") | (opens & near & (neighbour("value", -1) == "past"))
    return told.with_columns(chain=(opens | ~near).cum_sum(), past=past.fill_null(False))


def _tokens(told: pl.DataFrame) -> pl.DataFrame:
    """What each word of a chain adds: `at` (minutes of the day; `loose`: by day or by night), `length` of `unit`, `date`."""
    value, number = pl.col("value"), pl.col("number")
    told = told.with_columns(
        next=_touching("value", 1),
        then=_touching("number", 1),
        last=_touching("stop", 1),
        before=_touching("value", -1),
        purely=_touching("firm", -1),
        later=pl.when(pl.col("chain") == pl.col("chain").shift(-2)).then(pl.col("value").shift(-2)),
    )
    after, plain = pl.col("next"), value == "number"
    timely = plain & (number <= 24)
    hours_after = (after == "number") & (pl.col("then") > number) & (pl.col("later") == "oclock")
    spoken = timely & after.eq_missing("oclock")
    halved = timely & pl.col("before").eq_missing("half")
    followed = after.is_in([*DAYS, *PARTS])
    # "until 10", but not "tot 10", which may be euros; "tot 10 morgenvroeg".
    opened = ((pl.col("before") == "until") & (pl.col("purely") | followed)) | ((pl.col("before") == "to") & followed)
    bare = timely & opened.fill_null(False) & (after.is_null() | followed)
    bare = bare | (
        timely & pl.col("before").is_in(["between", "from"]).fill_null(False) & (after != "unit").fill_null(True)
    )
    # "18-22u"
    begun = plain & number.is_between(7, 24) & (after.is_in(["hour", "clock"]) | hours_after)
    bare = bare | begun.fill_null(False)
    # "tot 10.50 euro" is a price.
    clock = value.is_in(["clock", "hour"]) & ~((value == "clock") & (after == "unit")).fill_null(False)
    month = after.replace_strict({name: n for n, name in enumerate(MONTHS, 1)}, default=None, return_dtype=pl.Int32)
    earlier = pl.col("before").replace_strict(
        {name: n for n, name in enumerate(MONTHS, 1)}, default=None, return_dtype=pl.Int32
    )
    pair = plain & (pl.col("before").is_in(["until", *WEEKDAYS])) & (after == "number") & (pl.col("then") <= 12)
    pair = pair & ((number > 12) | (pl.col("last") == pl.col("end")))
    return told.with_columns(
        at=pl.when(clock).then(number).when(halved).then(number * 60 - 30).when(spoken | bare).then(number * 60),
        loose=halved | (bare & ~spoken),
        whole=(value == "hour") | spoken,
        length=pl.when(plain & after.is_in(LENGTHS)).then(number),
        unit=pl.when(plain & after.is_in(LENGTHS)).then(after),
        date=pl.when(value == "date")
        .then(number)
        .when(plain & month.is_not_null())
        .then(number * 100 + month)
        .when(plain & earlier.is_not_null())
        .then(number * 100 + earlier)
        .when(pair)
        .then(number * 100 + pl.col("then")),
        month=pair.shift(1),
        dated=pl.when(value == "dated").then(number),
        day=pl.when(value.is_in(DAYS)).then(value),
        part=pl.when(value.is_in(PARTS)).then(value),
    )


def _touching(column: str, steps: int) -> pl.Expr:
    """The same of the word that touches, in the same chain."""
    same = pl.col("chain") == pl.col("chain").shift(-steps)
    return pl.when(same & (gap(steps) <= (0 if steps > 0 else NEAR))).then(pl.col(column).shift(-steps))


def _chains(told: pl.DataFrame) -> pl.DataFrame:
    """A row per chain that speaks of time, with what its words add up to."""
    speaks = pl.any_horizontal(pl.col("at", "length", "date", "dated", "day", "part").is_not_null())
    told = told.filter(pl.col("chain").is_in(told.filter(speaks)["chain"].unique().implode()))
    value = pl.col("value")
    timed = pl.col("at").is_not_null()
    numbers = pl.any_horizontal(pl.col("at", "length", "date").is_not_null(), "month")
    tells = value.is_in([*OPENERS, *TIMES, *MONTHS, "to"]) | numbers
    chains = told.group_by("chain", maintain_order=True).agg(
        pl.col("row", "ride").first(),
        start=pl.col("start").filter(tells).min(),
        stop=pl.col("stop").filter(tells).max(),
        opener=value.filter(value.is_in(OPENERS)).first(),
        past=pl.col("past").any(),
        at=pl.col("at").drop_nulls().last(),
        loose=pl.col("loose").filter(timed).last(),
        whole=pl.col("whole").filter(timed).last(),
        times=timed.sum(),
        since=pl.col("stop").filter(timed).first(),
        ending=pl.col("start").filter(timed).last(),
        to=(value == "to").any(),
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
    alone = pl.col("firm_day") & pl.col("opener").is_null() & ~pl.col("day").is_in(["today", "weekend", "week"])
    before = {name: pl.when(alone).then(name).shift(1).forward_fill().over("row") for name in ("day", "stop")}
    near = pl.col("start") - before["stop"] <= BESIDE
    carried = pl.when(near & pl.col("at").is_not_null() & pl.col("part").is_null()).then(before["day"])
    return chains.with_columns(day=pl.coalesce("day", carried))


def _spec() -> pl.Expr:
    """The spec of a chain, or null, by the first rule that holds."""
    opener, day, part, unit, length = (pl.col(name) for name in ("opener", "day", "part", "unit", "length"))
    ends = (opener == "until").fill_null(False)
    starts = (opener == "from").fill_null(False)
    neutral = ~starts & ~pl.col("past")
    joined = pl.col("ending") - pl.col("since") + 1 <= RANGE
    stretch = (pl.col("times") == 2) & (joined | pl.col("to") | (opener == "between").fill_null(False))
    early = pl.col("whole") & (pl.col("at") <= 360)
    timed = pl.col("at").is_not_null() & (ends | stretch | ((opener == "before") & ~early).fill_null(False))
    lasts = opener.is_in(["for", "until"]).fill_null(False)
    hours = (opener == "for").fill_null(False) & pl.col("whole") & ~stretch
    leaves = pl.col("ride").fill_null(False) & pl.col("at").is_not_null()
    span = starts & pl.col("to") & pl.col("firm_day")
    told_day = day.is_not_null() & (
        ends | span | (pl.col("firm_day") & ~leaves) | (opener == "before").fill_null(False)
    )
    told_part = part.is_not_null() & (ends | (pl.col("firm_part") & ~leaves))
    # "vannacht, morgenvroeg ontbijt" is for the night.
    tonight = (pl.col("firm_night") & (day == "tomorrow") & part.is_in(["morning", "noon"])).fill_null(False)
    on = day.replace(DAYS_ON)
    # "vanavond en morgen": the evening is today's.
    ending = pl.when("hint_part").then(part.replace_strict(ENDS, default=None, return_dtype=pl.Int32)).fill_null(LAST)
    ran = pl.when(unit == "weeks").then(length * 7).otherwise(length).cast(pl.String)
    return (
        pl.when(pl.col("past"))
        .then(None)
        .when(timed)
        .then(_timed(on))
        .when(hours & pl.col("at").is_between(60, NOON))
        .then("+" + (pl.col("at") // 60).cast(pl.String) + "h")
        .when(neutral & (unit == "nights") & (length <= 14))
        .then("+" + ran + "n")
        .when(lasts & unit.is_in(["hours", "minutes"]))
        .then("+" + ran + unit.str.slice(0, 1))
        .when(lasts & unit.is_in(["days", "weeks"]) & (length <= 30))
        .then("+" + ran + "d 23:59")
        .when(ends & pl.col("date").is_not_null())
        .then(_date() + " 23:59")
        .when(ends & pl.col("dated").is_not_null() & day.is_null())
        .then("d" + _two(pl.col("dated")) + " 23:59")
        .when(neutral & opener.is_null() & tonight)
        .then(pl.lit("+1n"))
        .when((neutral | span) & told_day)
        .then(on + " " + _clock(ending))
        .when(neutral & told_part)
        .then(_part())
    )


def _timed(on: pl.Expr) -> pl.Expr:
    """A time, with the date, day or part of the day it is said of."""
    at, part = pl.col("at"), pl.col("part")
    evening = (part == "evening") & at.is_between(300, NOON - 1)
    noon = part.is_in(["afternoon", "noon"]) & (at <= 420)
    at = pl.when((evening | noon).fill_null(False)).then(at + NOON).otherwise(at)
    afternoon = pl.col("loose") & part.is_null() & at.is_between(60, 419)
    daily = pl.when(afternoon).then(at + NOON).otherwise(at)
    told = part.is_in(["morning", "evening", "afternoon", "noon"]).fill_null(False)
    loose = pl.col("loose") & ~told & (at <= NOON)
    return (
        pl.when(pl.col("date").is_not_null())
        .then(_date() + " " + _clock(daily))
        .when(on.is_not_null())
        .then(on + " " + _clock(daily))
        .when(loose)
        .then(_clock(at) + "/12")
        .otherwise(_clock(at))
    )


def _part() -> pl.Expr:
    """A part of a day without the day: tonight's, or the next one."""
    today = {"evening": "+0d 23:59", "morning": "+0d 12:00", "afternoon": "+0d 18:00"}
    coming = {"midnight": "23:59", "morning": "12:00", "noon": "12:00", "afternoon": "18:00"}
    later = {"night": "+1n", "evening": "+0d 23:59", **coming}
    part = pl.col("part")
    return pl.when(pl.col("firm_part")).then(part.replace({**later, **today})).otherwise(part.replace(later))


def _date() -> pl.Expr:
    return _two(pl.col("date") // 100) + "-" + _two(pl.col("date") % 100)


def _clock(minutes: pl.Expr) -> pl.Expr:
    """`22:00`; midnight is the last minute of the day it ends."""
    kept = pl.when(minutes.is_in([0, DAY])).then(LAST).otherwise(minutes)
    return _two(kept // 60) + ":" + _two(kept % 60)


def _two(number: pl.Expr) -> pl.Expr:
    return number.cast(pl.String).str.zfill(2)


def _rank() -> pl.Expr:
    """An end that is said goes before tonight and today, and these before a day that is named."""
    ended = pl.col("opener").is_in(["until", "between", "before", "for"]) | (pl.col("times") == 2)
    by_itself = pl.col("firm_part") | pl.col("day").is_in(["today", "weekend", "week"]) | (pl.col("unit") == "nights")
    ended = ended & (
        (pl.col("opener") == "until") | pl.col("at").is_not_null() | pl.col("unit").is_not_null()
    ).fill_null(False)
    return pl.when(ended.fill_null(False)).then(0).when(by_itself.fill_null(False)).then(1).otherwise(2)
