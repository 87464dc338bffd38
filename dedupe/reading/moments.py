"""Moments: what a spec of `until.py` means for a post, by the time it was written and the zone it was written in.

Owns the calendar. A moment always lies after the post: what is past by then is no end, or the next day's.
"""

from __future__ import annotations

import polars as pl

from dedupe.reading.lexicon import WEEKDAYS

SPEC = (
    r"^(?:\+(?P<length>\d+)(?P<unit>[hmdn])|(?P<weekday>[a-z]{3})|d(?P<dated>\d\d)|(?P<day>\d\d)-(?P<month>\d\d))?"
    r" ?(?:(?P<hour>\d\d):(?P<minute>\d\d)(?P<twice>/12)?)?$"
)
FARTHEST = 60
"""Days after which a date without its year is taken for one that is past."""
MORNING = 8
"""The hour at which a night is over."""
MONTH_END = "eom"
AWAKE = 4
"""The hour up to which those awake call the coming morning tomorrow."""
RESTING = 2
"""Hours before the morning up to which a night still counts as this one."""


def resolve(specs: pl.DataFrame) -> pl.Series:
    """The moments that specs mean.

    `specs` has `until` (a spec or null), `written_at` (UTC) and `zone` (a name such as Europe/Brussels). Returns `until` as
    UTC datetimes, in order: each after `written_at`, or null when there is none. Times that the clocks skip in spring are
    an hour later, those they show twice in autumn the later of both.
    """
    numbered = specs.select("until", "written_at", "zone").with_row_index("row")
    parts = [_in_zone(part, str(zone)) for (zone,), part in numbered.group_by("zone")]
    if not parts:
        return pl.Series("until", [], pl.Datetime("us", "UTC"))
    return pl.concat(parts).sort("row")["until"]


def _in_zone(rows: pl.DataFrame, zone: str) -> pl.DataFrame:
    read = rows.with_columns(
        pl.col("written_at").dt.cast_time_unit("us"), pl.col("until").str.extract_groups(SPEC).struct.unnest()
    ).with_columns(
        pl.col("length", "dated", "day", "month", "hour", "minute").cast(pl.Int32),
        here=pl.col("written_at").dt.convert_time_zone(zone).dt.replace_time_zone(None),
    )
    read = read.with_columns(today=pl.col("here").dt.truncate("1d"))
    read = read.with_columns(end=_local())
    wall = pl.col("end").dt.replace_time_zone(zone, ambiguous="latest", non_existent="null")
    skipped = pl.col("end").dt.offset_by("1h").dt.replace_time_zone(zone, ambiguous="latest", non_existent="null")
    hours = pl.when(pl.col("unit") == "h").then("length")
    minutes = pl.when(pl.col("unit") == "m").then("length")
    lasts = pl.coalesce(pl.duration(hours=hours), pl.duration(minutes=minutes))
    moment = pl.coalesce(
        pl.col("written_at") + lasts, wall.dt.convert_time_zone("UTC"), skipped.dt.convert_time_zone("UTC")
    )
    return read.select("row", until=pl.when(moment > pl.col("written_at")).then(moment))


def _local() -> pl.Expr:
    """When it ends by the clocks of the zone, or null."""
    here, today, weekday = pl.col("here"), pl.col("today"), pl.col("weekday")
    clock = pl.duration(hours="hour", minutes="minute")
    small = (here.dt.hour() < AWAKE) & (pl.col("length") == 1) & (pl.col("hour") * 60 + pl.col("minute") <= 720)
    days_on = today + pl.duration(days=pl.col("length") - small.cast(pl.Int32)) + clock
    morning = today.dt.offset_by(f"{MORNING}h")
    morning = pl.when(morning - here < pl.duration(hours=RESTING)).then(morning.dt.offset_by("1d")).otherwise(morning)
    ahead = weekday.replace_strict({name: n for n, name in enumerate(WEEKDAYS, 1)}, default=None, return_dtype=pl.Int32)
    coming = today + pl.duration(days=(ahead - here.dt.weekday()) % 7) + clock
    twelve = pl.duration(hours=pl.col("hour") % 12, minutes="minute")
    again = [today + twelve + pl.duration(hours=hours) for hours in (0, 12, 24)]
    once = today + clock
    return (
        pl.when(pl.col("unit") == "d")
        .then(days_on)
        .when(pl.col("unit") == "n")
        .then(morning + pl.duration(days=pl.col("length") - 1))
        .when(weekday == MONTH_END)
        .then(today.dt.month_end() + clock)
        .when(weekday.is_not_null())
        .then(_next(coming, "7d"))
        .when(pl.col("month").is_not_null())
        .then(_near(_dates("year", pl.col("month"), pl.col("day")), clock))
        .when(pl.col("dated").is_not_null())
        .then(_near(_dates("month", here.dt.month(), pl.col("dated")), clock))
        .when(pl.col("twice").is_not_null())
        .then(pl.coalesce(pl.when(each > here).then(each) for each in again))
        .when(pl.col("hour").is_not_null())
        .then(_next(once, "1d"))
    )


def _next(moment: pl.Expr, step: str) -> pl.Expr:
    return pl.when(moment > pl.col("here")).then(moment).otherwise(moment.dt.offset_by(step))


def _dates(step: str, month: pl.Expr, day: pl.Expr) -> list[pl.Expr]:
    """That day of this year (month) and of the next; null where the calendar has none."""
    year = pl.col("here").dt.year()
    later = (year + 1, month) if step == "year" else (year + month // 12, month % 12 + 1)
    return [
        pl.concat_str([part.cast(pl.String).str.zfill(2) for part in parts], separator="-").str.to_datetime(
            "%Y-%m-%d", strict=False, time_unit="us"
        )
        for parts in ((year, month, day), (*later, day))
    ]


def _near(dates: list[pl.Expr], clock: pl.Expr) -> pl.Expr:
    """The first of these that is to come, unless it is far off."""
    soon = [
        pl.when(
            (date + clock).is_between(pl.col("here"), pl.col("here").dt.offset_by(f"{FARTHEST}d"), closed="right")
        ).then(date + clock)
        for date in dates
    ]
    return pl.coalesce(soon)
