"""Rows as they were found → content of posts, or a refusal that says why.

Owns what a row must be to count as a post: fields, types, lengths, times. Every reader ends here, so a row gets
the same verdict whatever file it came from. Knows no file and no network.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import polars as pl

from ingest.post import CONTENT, REQUIRED, UTC_TIME
from ingest.source import Refusal

ROW = "row"
RAW = "raw"
Raw = Callable[[list[int]], list[str]]
"""Given numbers of rows, those rows as they were."""

STRINGS = pl.Schema({name: pl.String() for name in CONTENT})
"""A row before it is checked: every field as text, null where absent."""

EARLIEST = datetime(2006, 3, 21, tzinfo=UTC)
"""The day of the first post on the oldest of the networks read; whatever claims to be older has a broken clock."""
AHEAD = timedelta(days=1)
"""How far a post may run ahead of the reader's clock."""
TEXT_BYTES = 10_000_000
FIELD_BYTES = 10_000
RAW_CHARS = 2_000
"""How much of a refused row is kept, in characters."""

_CONTROL = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
_SURROGATE = re.compile("[\ud800-\udfff]")
_ROUNDED = r"^\d(\.\d+[eE]\+?|[eE]\+)\d+$"
_TIMES = ("created_at", "edited_at")
_LABELS = "labels"
_COUNTS = ("reposts", "likes")
_IDS = ("id", "repost_of", "quote_of", "reply_to")
_ISO = "%+"
_ISO_OTHERS = ("%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z", "%Y-%m-%d %H:%M%#z")
_NAIVE = r"^\s*\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?\s*$"


class FlawedRow(ValueError):
    """A row that is no post; `str()` is the reason in plain words."""


def cut(raw: str) -> str:
    """The row as it was, cut to `RAW_CHARS` and free of lone surrogates."""
    return _SURROGATE.sub("\ufffd", raw[:RAW_CHARS])


def as_strings(row: Mapping[str, object]) -> dict[str, str | None]:
    """The fields of a post in `row` as text; whatever else it holds is left out.

    Numbers become their digits and a lone surrogate becomes U+FFFD; labels are joined with commas. Raises FlawedRow
    where a field is true, false, an object, or a list that is no list of labels.
    """
    return {name: _as_string(name, row.get(name)) for name in CONTENT}


def _as_string(name: str, value: object) -> str | None:
    if value is None:
        return None
    if name == _LABELS and isinstance(value, list) and all(isinstance(label, str) for label in value):
        # a comma alone is an empty list: that there are no labels is something else than that nobody asked
        value = ",".join(value) or ","
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        # the same digits as the vectorised reader gives, so that a row reads alike on both paths
        digits = format(Decimal(repr(value)), "f")
        return digits.removesuffix(".0")
    shown = json.dumps(value)[:60] if not isinstance(value, bool) else str(value).lower()
    raise FlawedRow(f"{name} is {shown}, not text or a number")


def admit(rows: pl.DataFrame, *, now: datetime, raw: Raw | None = None) -> tuple[pl.DataFrame, list[Refusal]]:
    """Part `rows` into posts and refusals; every row ends up in exactly one of the two.

    rows: columns `row` (number in the file), `raw` (the row as it was) and those of `CONTENT`, all of them text but
    times and counts, which may have types of their own. now: with a zone, for "in the future". raw: asked for rows
    whose `raw` is null.
    Returns the columns of `CONTENT` in the order of `rows`, and the refusals.
    """
    found = _typed(_cleaned(rows))
    flaws = _flaws(found, now)
    bad = found.select(pl.any_horizontal([flaw.fill_null(False) for flaw, _ in flaws])).to_series()
    if not bad.any():
        return _content(found), []
    reason = pl.coalesce([pl.when(flaw).then(why) for flaw, why in flaws])
    refused = found.filter(bad).select(ROW, reason.alias("reason"), RAW)
    unseen = refused.filter(pl.col(RAW).is_null())[ROW].to_list()
    asked = iter(raw(unseen) if raw is not None and unseen else [])
    refusals = [
        Refusal(row=number, reason=why, raw=cut(next(asked, "") if known is None else known))
        for number, why, known in refused.iter_rows()
    ]
    return _content(found.filter(~bad)), refusals


def _content(found: pl.DataFrame) -> pl.DataFrame:
    optional = [name for name, dtype in CONTENT.items() if dtype == pl.String and name not in REQUIRED]
    blank = found.select(pl.any_horizontal([(pl.col(name) == "").any() for name in optional])).item()
    if blank:
        found = found.with_columns(pl.when(pl.col(optional) != "").then(pl.col(optional)))
    parsed = [pl.col(_parsed(name)).alias(name) for name in (*_TIMES, *_COUNTS)]
    return found.with_columns(*parsed, _labels(found[_LABELS])).select(list(CONTENT))


def _labels(joined: pl.Series) -> pl.Series:
    if joined.null_count() == joined.len():
        return pl.Series(_LABELS, [None], dtype=CONTENT[_LABELS]).new_from_index(0, joined.len())
    split = pl.col(_LABELS).str.split(",").list.eval(pl.element().str.strip_chars()).list.set_difference([""])
    return joined.to_frame().select(pl.when(pl.col(_LABELS) != "").then(split.list.sort())).to_series()


def _cleaned(rows: pl.DataFrame) -> pl.DataFrame:
    names = [name for name in CONTENT if rows.schema[name] == pl.String]
    dirty = rows.select(pl.col(names).str.contains(_CONTROL).any())
    return rows.with_columns(pl.col([n for n in names if dirty[n].item()]).str.replace_all(_CONTROL, ""))


def _parsed(name: str) -> str:
    return f"{name} parsed"


def _typed(rows: pl.DataFrame) -> pl.DataFrame:
    """Add each time and count beside what was found, null where it cannot be read as such."""
    times = [_time(rows[name]).alias(_parsed(name)) for name in _TIMES]
    counts = [_count(rows[name]).alias(_parsed(name)) for name in _COUNTS]
    shown = [pl.col(name).cast(pl.String) for name in (*_TIMES, *_COUNTS)]
    return rows.with_columns(*times, *counts).with_columns(shown)


def _time(found: pl.Series) -> pl.Series:
    if isinstance(found.dtype, pl.Datetime) and found.dtype.time_zone is not None:
        return found.dt.convert_time_zone("UTC").cast(UTC_TIME)
    if found.dtype != pl.String:
        return pl.Series(found.name, [None], dtype=UTC_TIME).new_from_index(0, found.len())
    parsed = found.str.to_datetime(_ISO, time_unit="us", time_zone="UTC", strict=False)
    if parsed.null_count() == found.null_count():
        return parsed
    text = pl.col(found.name).str.strip_chars()
    others = [text.str.to_datetime(form, time_unit="us", time_zone="UTC", strict=False) for form in _ISO_OTHERS]
    return found.to_frame().select(pl.coalesce([pl.lit(parsed), *others])).to_series()


def _count(found: pl.Series) -> pl.Series:
    counts = found.cast(pl.Int64, strict=False)
    if counts.null_count() == found.null_count() or found.dtype != pl.String:
        return counts
    return found.str.replace(r"\.0+$", "").str.strip_chars().cast(pl.Int64, strict=False)


def _flaws(found: pl.DataFrame, now: datetime) -> list[tuple[pl.Expr, pl.Expr]]:
    """What may be wrong with a row, in the order it is told: (is it so, the reason)."""
    return [
        *((pl.col(name).is_null(), pl.lit(f"{name} is missing")) for name in REQUIRED),
        *((_is_blank(name), pl.lit(f"{name} is empty")) for name in REQUIRED if name != "text"),
        *_length_flaws(found),
        *((pl.col(name).str.contains(_ROUNDED), _says(name, "has lost digits to rounding")) for name in _IDS),
        *(flaw for name in _TIMES for flaw in _time_flaws(name, now)),
        *(
            (~_is_blank(name) & pl.col(_parsed(name)).is_null(), _says(name, "is not a whole number"))
            for name in _COUNTS
        ),
    ]


def _is_blank(name: str) -> pl.Expr:
    return pl.col(name).str.strip_chars() == ""


def _says(name: str, what: str) -> pl.Expr:
    return pl.format(f'{name} "{{}}" {what}', pl.col(name).str.head(60))


def _length_flaws(found: pl.DataFrame) -> list[tuple[pl.Expr, pl.Expr]]:
    bounds = {name: TEXT_BYTES if name == "text" else FIELD_BYTES for name in CONTENT if name not in _COUNTS}
    return [
        (
            pl.col(name).str.len_bytes() > bound,
            pl.format(f"{name} is {{}} bytes long, the most is {bound:,}", pl.col(name).str.len_bytes()),
        )
        for name, bound in bounds.items()
        if found.schema[name] == pl.String
    ]


def _time_flaws(name: str, now: datetime) -> list[tuple[pl.Expr, pl.Expr]]:
    parsed = pl.col(_parsed(name))
    unread = ~_is_blank(name) & parsed.is_null()
    zoneless = unread & pl.col(name).str.contains(_NAIVE)
    return [
        (zoneless, _says(name, "has no time zone; write it as 2011-08-18T18:15:00+02:00")),
        (unread, _says(name, "is not a time in ISO 8601 with a zone, such as 2011-08-18T18:15:00+02:00")),
        (parsed < EARLIEST, _says(name, f"is before {EARLIEST:%Y-%m-%d}, the day of the first post of all")),
        (parsed > now + AHEAD, _says(name, "is more than a day in the future")),
    ]
