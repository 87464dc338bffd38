"""Times: the times, dates and lengths that digits and words make together.

Owns their forms: digits ("22u30", "10pm", "21.8.") are patterns like words, and a number is what the words beside it say
("3 uur", "2 nachten", "half elf", "21 augustus"). Which of them is an end is not known here.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from dedupe.reading.finding import gap
from dedupe.reading.lexicon import DAYS, MONTHS, ONES, PARTS, QUARTERS, WEEKDAYS

LENGTHS = ("hours", "minutes", "nights", "days", "weeks")
NEAR = 3
"""Bytes between words that say one time together ("morgen om 10u")."""
MINUTES = (*range(0, 60, 5), 59)
FOURTHS = (0, 15, 30, 45)
STRETCHES = (
    ("van", "tot"), ("de", "a"), ("from", "to"), ("from", "till"), ("from", "until"), ("von", "bis"), ("tussen", "en"), ("entre", "et"),
)  # fmt: skip
"""What stands before and between two bare hours ("demain de 9 à 17")."""
FEASTS = {
    2512: ("kerst", "kerstmis", "eerste kerstdag", "noel", "christmas", "xmas", "christmas day", "weihnachten"),
    2412: ("kerstavond", "christmas eve", "heiligabend"),
    3112: (
        "oudjaar",
        "oudejaar",
        "oudejaarsavond",
        "new year s eve",
        "silvester",
        "le reveillon",
        "la saint sylvestre",
    ),
    101: ("nieuwjaar", "nouvel an", "le nouvel an", "new year", "new year s day", "neujahr"),
}
"""Feasts that are a date each year: day * 100 + month."""
LASTS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
MIDDLE = 15
MIDDLES = ("midmonth", "half", "wed")
"""Words before a month for its middle; `wed`, for "mi octobre" and "bis Mi" are one word."""
NOON = 720


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
            for minute in FOURTHS[1:]:
                for unit in ("h", "u", "uur", "heures", "uhr"):
                    yield f" {spelled} {unit} {minute} ", "clock", hour * 60 + minute
    for hour in range(1, 13):
        for half, noon in (("a", 0), ("p", NOON)):
            for minute in FOURTHS:
                for form in (f"{hour}" if minute == 0 else f"{hour}.{minute:02}", f"{hour}.{minute:02}"):
                    for unit in (f"{half}m", f" {half}m", f" {half} m"):
                        yield f" {form}{unit} ", "clock", hour % 12 * 60 + noon + minute
    for opens, joins in STRETCHES:
        for first in range(5, 23):
            for last in range(1, 25):
                # "From 9 to 5" ends in the afternoon.
                ends = last + 12 if last <= min(first, 12) else last
                if first < ends <= 24:
                    yield f" {opens} {first} {joins} {last} ", "stretch", ends * 60
                    for unit in ("h", " h", " heures") if joins in ("a", "et") else ():
                        yield f" {opens} {first} {joins} {last}{unit} ", "span", ends * 60
    for feast, names in FEASTS.items():
        for name in names:
            yield f" {name} ", "date", feast
    for day in range(1, 32):
        for ordinal in ("ste", "de", "e", "er", "st", "nd", "rd", "th"):
            yield f" {day}{ordinal} ", "dated", day
        for month in range(1, 13):
            for form in dict.fromkeys((f"{day}.{month}", f"{day}.{month:02}", f"{day:02}.{month:02}")):
                yield f" {form} ", "date", day * 100 + month
                yield f" {form}.", "date", day * 100 + month


def read_times(told: pl.DataFrame) -> pl.DataFrame:
    """What each word of a chain adds to its time.

    `told` are words sorted by place: `row`, `start`, `stop`, `value`, `firm`, `number`, `the` (it is "until the"), `short` (a
    figure), `bed` (help is one), `end` (of the text) and `chain` (words that say one time together). Adds `at` (minutes of the
    day; `loose`: by day or by night; `whole`: an hour, which may be hours), `length` of `unit`, `date` (day * 100 + month),
    `dated` (day), `second` (the month of a date), `day`, `part`.
    """
    value, number = pl.col("value"), pl.col("number")
    told = _understood(_beside(told))
    # "tot 10.50 euro" is a price.
    clock = (value == "hour") | (value.is_in(["clock", "stretch", "span"]) & pl.col("next_value").ne_missing("unit"))
    hour = pl.when(pl.col("spoken") | pl.col("bare")).then(number * 60)
    quarter = pl.col("last_value").replace_strict(QUARTERS, default=None, return_dtype=pl.Int32)
    after = pl.col("next_value").replace("oclock", "hours")
    return told.with_columns(
        at=pl.when(clock).then(number).when("halved").then(number * 60 + quarter).otherwise(hour),
        loose=pl.col("halved")
        | (pl.col("bare") & ~pl.col("spoken"))
        | (pl.col("spoken") & ~pl.col("short") & ~pl.col("bed")),
        whole=(value == "hour") | pl.col("spoken"),
        length=pl.when("counts").then(number).otherwise(_one(0, pl.Int32)),
        unit=pl.when("counts").then(after).otherwise(_one(1, pl.String)),
        date=_date(),
        dated=pl.when((value == "dated") | pl.col("nth")).then(number),
        second=pl.col("paired").shift(1),
        day=pl.when(value.is_in(DAYS)).then(value),
        part=pl.when(value.is_in(PARTS)).then(value),
    )


def _beside(told: pl.DataFrame) -> pl.DataFrame:
    """What stands before and after each word of its chain: `last_…` and `next_…`, and `later`, the value after the next."""
    months = {name: n for n, name in enumerate(MONTHS, 1)}
    told = told.with_columns(month=pl.col("value").replace_strict(months, default=None, return_dtype=pl.Int32))
    told = told.with_columns(
        touches=(pl.col("chain") == pl.col("chain").shift(-1)) & (gap() == 0),
        touched=(pl.col("chain") == pl.col("chain").shift(1)) & (gap(-1) <= NEAR),
    )
    return told.with_columns(
        *(
            pl.when("touches").then(pl.col(name).shift(-1)).alias(f"next_{name}")
            for name in ("value", "number", "stop", "month")
        ),
        *(
            pl.when("touched").then(pl.col(name).shift(1)).alias(f"last_{name}")
            for name in ("value", "firm", "month", "the")
        ),
        later=pl.when(pl.col("chain") == pl.col("chain").shift(-2)).then(pl.col("value").shift(-2)),
    )


def _understood(told: pl.DataFrame) -> pl.DataFrame:
    """What each number is, by the words `_beside` it: it `counts` a length; an hour that is `spoken`, `halved` or `bare`; the
    first of two that are `paired` in a date; the `nth` of a month."""
    after, before, number, plain = (
        pl.col("next_value"),
        pl.col("last_value"),
        pl.col("number"),
        pl.col("value") == "number",
    )
    return told.with_columns(
        # "48 heures" are no time of a day.
        counts=plain & (after.is_in(LENGTHS) | ((after == "oclock") & (number > 24))).fill_null(False),
        spoken=plain & (number <= 24) & after.eq_missing("oclock"),
        halved=plain & (number <= 24) & before.is_in(list(QUARTERS)).fill_null(False),
        bare=(plain & (number <= 24) & _bare()).fill_null(False),
        paired=(plain & _paired()).fill_null(False),
        nth=(plain & pl.col("last_the") & (number <= 31) & (after.is_null() | (after == "filler"))).fill_null(False),
    )


def _date() -> pl.Expr:
    """The date that a word says with those beside it, day * 100 + month: in digits, a number and a month, the end of one."""
    value, number, before = pl.col("value"), pl.col("number"), pl.col("last_value")
    month = pl.coalesce("next_month", "last_month", pl.when("paired").then("next_number"))
    ends = before.is_in(["monthend", *MIDDLES]) & pl.col("month").is_not_null()
    last = pl.col("month").replace_strict(dict(enumerate(LASTS, 1)), default=None, return_dtype=pl.Int32)
    closing = pl.when(ends).then(pl.when(before == "monthend").then(last).otherwise(MIDDLE) * 100 + pl.col("month"))
    spelled = (value == "number") & month.is_not_null()
    return pl.when(value == "date").then(number).when(spelled).then(number * 100 + month).otherwise(closing)


def _one(part: int, dtype: type[pl.DataType]) -> pl.Expr:
    """The number (0) or the unit (1) of a length that needs no number."""
    return pl.col("value").replace_strict(
        {name: one[part] for name, one in ONES.items()}, default=None, return_dtype=dtype
    )


def _bare() -> pl.Expr:
    """Whether a number without a unit is an hour: "until 10", "tot 10 morgenvroeg" (but not "tot 10", which may be euros),
    "between 8 and 12 o'clock", "18-22u"."""
    after, before, number = pl.col("next_value"), pl.col("last_value"), pl.col("number")
    followed = after.is_in([*DAYS, *PARTS]).fill_null(False)
    clear = pl.col("last_firm") & ~pl.col("last_the")
    opened = ((before == "until") & (clear | followed)) | ((before == "to") & followed)
    opened = opened | ((before == "before") & clear & followed)
    begins = before.is_in(["between", "from"]) & after.ne_missing("unit")
    hours = (after == "number") & (pl.col("next_number") > number) & (pl.col("later") == "oclock")
    ranges = (number >= 7) & (after.is_in(["hour", "clock"]) | hours)
    opened = opened & (after.is_null() | followed)
    # "bis morgen früh um 8", "um 7 ist Schluss".
    ends = pl.col("value").is_in(["until", "closes"]).any().over("chain")
    opened = opened | ((before == "at") & ends & (after.is_null() | followed | (after == "closes")))
    return opened.fill_null(False) | begins.fill_null(False) | ranges.fill_null(False)


def _paired() -> pl.Expr:
    """Whether two numbers are a date ("tot 21/8") and no range ("tot 2-3 personen")."""
    opened = pl.col("last_value").is_in(["until", *WEEKDAYS]) & (pl.col("next_value") == "number")
    told = (pl.col("number") > 12) | (pl.col("next_stop") == pl.col("end"))
    return opened & (pl.col("next_number") <= 12) & told
