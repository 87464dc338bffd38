"""What the board reads from the store: one function per statement, values bound, frames out.

Knows the tables of the store and nothing of screens. What many viewers look at is read once per batch (`version` tells
when that is) and then filtered in memory, so that the store does not feel how many are watching.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import polars as pl

from dashboard.nearness import KM, away, nearest_first
from dedupe.current import current_help, current_records
from dedupe.deciding.life import FREE
from dedupe.deciding.moderation import hidden_posts, without_hidden
from dedupe.store import Store

Order = Literal["newest", "urgent", "confirmed", "seen", "nearest"]
ORDERS: tuple[Order, ...] = ("newest", "urgent", "confirmed", "seen", "nearest")
OVER = ("full", "withdrawn", "expired")
"""States of what helps nobody any more: it stands after what may."""

PER_PAGE = 30
LINES = 60
"""How many stand on a page of the dense list."""
MEMBERS = 40
"""Most posts of a record that are listed under "why these are one"."""

STEPS = (60, 300, 600, 1_800, 3_600, 21_600, 86_400)
"""Widths of a bar of the plot in seconds; the narrowest that gives at most `BARS` of them is taken."""
BARS = 96
ABSURD = 0.001
"""Part of the posts, at either end, whose date the plot may leave out."""


LISTED = (
    "record", "root", "category", "kind", "place", "capacity", "network", "url", "lang", "text", "proposal", "posts", "networks",
    "first_seen", "last_seen", "last_confirmed", "state",
)  # fmt: skip
"""The columns of `records`."""


def version(store: Store, incident: str) -> tuple[int, int]:
    """What the answers below depend on: the last batch, and the number of decisions and of steps of what they taught."""
    row = store.read(
        """
        select coalesce((select max(batch) from batches where incident = $incident), -1) as batch,
               (select count(*) from decisions where incident = $incident) + (select count(*) from models) as decisions
        """,
        {"incident": incident},
    ).row(0)
    return int(row[0]), int(row[1])


def records(store: Store, incident: str) -> pl.DataFrame:
    """The offers and requests as they stand, one row each.

    Columns: record, root, category, kind, place, capacity, network, url, lang, text, proposal, posts, networks (how
    many), first_seen, last_seen, last_confirmed, state (available, claimed, … as people set it). What
    moderators hid is left out.
    """
    return without_hidden(store, current_help(store, incident).select(LISTED), incident)


def totals(store: Store, incident: str) -> pl.DataFrame:
    """How many records and posts of each category there are. Columns: category, records, posts."""
    counted = (
        current_records(store, incident)
        .group_by("category")
        .agg(records=pl.len().cast(pl.Int64), posts=pl.col("posts").sum())
    )
    return counted.sort("records", "category", descending=[True, False]).collect()


def batches(store: Store, incident: str) -> pl.DataFrame:
    """The last batch of each source and query. Columns: source, query, finished_at, posts (new ones in all), error."""
    return store.read(
        """
        select source, query, max(finished_at) as finished_at, sum(new)::bigint as posts, max_by(error, batch) as error
        from batches where incident = $incident group by source, query order by source, query
        """,
        {"incident": incident},
    )


def members(store: Store, root: int, limit: int = MEMBERS) -> pl.DataFrame:
    """The posts of the record with this root, oldest first, at most `limit`; what moderators hid is left out.

    Columns: network, url, text, created_at, strength, why (a code or words of the engine; `wording` for a post whose
    words are those of an earlier one).
    """
    return store.read(
        """
        with mine as (
            select distinct wording from links where root = $root
        ), latest as (
            select wording, max_by(root, batch) as root, max_by(why, batch) as why, max_by(strength, batch) as strength
            from links semi join mine using (wording) group by wording
        )
        select posts.network, posts.url, posts.text, posts.created_at, latest.strength,
               case when row_number() over same_words = 1 then latest.why
                    when posts.repost_of is not null then 'reposted on its network'
                    else 'wording' end as why
        from current_posts as posts join latest using (wording) anti join hidden on hidden.post = posts.post
        where latest.root = $root
        window same_words as (partition by posts.wording order by posts.created_at, posts.post)
        order by posts.created_at, posts.post limit $limit
        """,
        {"root": root, "limit": limit},
        {"hidden": hidden_posts(store).select("post")},
    )


def reading(store: Store, root: int) -> str:
    """What made the category and the facts of a record, a line for each (`category: examples: ‘come’`, `kind: bed, sofa`).

    Of a post of X nothing. A category that nothing speaks for has no line.
    """
    found = store.read(
        """
        select if(coalesce(category_why, '') = '', '', 'category: ' || category_why || chr(10)) || coalesce(said, '') as made
        from faces where root = $root and network <> 'x' order by batch desc limit 1
        """,
        {"root": root},
    )
    return "".join(found["made"])


def over_time(store: Store, incident: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Posts against unique offers and requests (`rows`, as `records` gives them), by the time they were written.

    Columns: at (start of the bar), step (its width in seconds), posts (written in it), offers and requests (unique ones
    first seen until its end). Empty without posts.
    """
    written = _written(store, incident)
    ends = _span(written)
    if ends is None:
        return pl.DataFrame(
            schema={"at": pl.Datetime("us", "UTC"), "step": pl.Int64, **dict.fromkeys(SERIES, pl.Int64)}
        )
    length = (ends[1] - ends[0]).total_seconds()
    step = next((step for step in STEPS if length / step <= BARS), STEPS[-1])
    first, last = (int(end.timestamp()) // step for end in ends)
    bars = pl.DataFrame({"bar": pl.int_range(first, last + 1, eager=True, dtype=pl.Int64)})
    return (
        bars.join(written.group_by(bar=pl.col("minute") * 60 // step).agg(pl.col("posts").sum()), on="bar", how="left")
        .join(_first_seen(rows, step, first), on="bar", how="left")
        .with_columns(pl.col(SERIES).fill_null(0))
        .select(
            at=pl.from_epoch(pl.col("bar") * step, "s").dt.cast_time_unit("us").dt.replace_time_zone("UTC"),
            step=pl.lit(step, pl.Int64),
            posts=pl.col("posts"),
            offers=pl.col("offers").cum_sum(),
            requests=pl.col("requests").cum_sum(),
        )
    )


def _written(store: Store, incident: str) -> pl.DataFrame:
    """Posts by the minute they were written in: minute (since 1970), posts."""
    return store.read(
        """
        select epoch_us(created_at) // 60_000_000 as minute, count(*) as posts
        from current_posts where incident = $incident group by minute
        """,
        {"incident": incident},
    )


def _span(written: pl.DataFrame) -> tuple[datetime, datetime] | None:
    """Between which minutes posts were written, leaving out the few with an absurd date; None without posts."""
    rows = written.sort("minute").with_columns(part=pl.col("posts").cum_sum() / pl.col("posts").sum())
    inner = rows.filter(pl.col("part") >= ABSURD, pl.col("part").shift(1, fill_value=0) < 1 - ABSURD)["minute"]
    if inner.is_empty():
        return None
    first, last = (datetime.fromtimestamp(60 * minute, UTC) for minute in (inner[0], inner[-1]))
    return first, last


def _first_seen(rows: pl.DataFrame, step: int, first: int) -> pl.DataFrame:
    bar = pl.max_horizontal(pl.col("first_seen").dt.epoch("s") // step, first)
    return rows.group_by(bar=bar).agg(
        offers=(pl.col("category") == "offer").sum().cast(pl.Int64),
        requests=(pl.col("category") == "request").sum().cast(pl.Int64),
    )


SERIES = ["posts", "offers", "requests"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a viewer wants to see. `kind` and `place` as they stand in the records, None for all; `state`: free, or one of
    the states; `dense`: lines instead of cards; `near`: the town to measure from."""

    category: str = "offer"
    kind: str | None = None
    place: str | None = None
    words: str = ""
    order: Order = "newest"
    state: str | None = None
    dense: bool = False
    near: str | None = None

    @property
    def per_page(self) -> int:
        """How many fit on a page."""
        return LINES if self.dense else PER_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of the list: `rows` with the columns of `records`, and how many rows there are on all pages."""

    rows: pl.DataFrame
    found: int
    number: int


def found(rows: pl.DataFrame, filters: Filters) -> pl.DataFrame:
    """Where in `rows` those stand that pass the filters, in the order asked for: `at`.

    With `km` where `filters.near` is a town of some; without one, nearest first is newest first.
    """
    rows = away(rows, filters.near)
    far = [KM] if KM in rows.columns else []
    passed = rows.lazy().with_row_index("at").filter(_passes(filters))
    return (
        _sorted(passed, "newest" if filters.order == "nearest" and not far else filters.order)
        .select("at", *far)
        .collect()
    )


def pages(found: pl.DataFrame, per_page: int) -> int:
    """How many pages there are of what was `found`; at least one."""
    return max(1, -(-found.height // per_page))


def page(rows: pl.DataFrame, found: pl.DataFrame, number: int, per_page: int) -> Page:
    """The page `number` (from 1) of what was `found` in `rows`; a number beyond the last gives the last."""
    number = min(max(number, 1), pages(found, per_page))
    here = found.slice((number - 1) * per_page, per_page)
    return Page(rows=rows[here["at"]].hstack(here.drop("at")), found=found.height, number=number)


def _sorted(rows: pl.LazyFrame, order: Order) -> pl.LazyFrame:
    if order == "urgent":
        return rows.sort(_urgency())
    ordered = nearest_first(rows) if order == "nearest" else rows.sort(_order(order), descending=True, nulls_last=True)
    return ordered.sort(pl.col("state").is_in(OVER), maintain_order=True)


def kinds(rows: pl.DataFrame, category: str) -> pl.DataFrame:
    """How many records of a category there are of each kind, most first. Columns: kind, records."""
    return _counted(rows, category, "kind")


def places(rows: pl.DataFrame, category: str) -> pl.DataFrame:
    """How many records of a category there are in each place, most first. Columns: place, records."""
    return _counted(rows, category, "place")


def _counted(rows: pl.DataFrame, category: str, column: str) -> pl.DataFrame:
    mine = rows.filter(pl.col("category") == category, pl.col(column).is_not_null())
    return mine.group_by(column).agg(records=pl.len()).sort("records", column, descending=[True, False])


def _passes(filters: Filters) -> pl.Expr:
    wanted = [pl.col("category") == filters.category]
    if filters.kind is not None:
        wanted.append(pl.col("kind") == filters.kind)
    if filters.place is not None:
        wanted.append(pl.col("place") == filters.place)
    if filters.state is not None:
        wanted.append(pl.col("state").is_in(FREE if filters.state == "free" else (filters.state,)))
    haystack = pl.concat_str(pl.col("text", "place", "kind"), separator=" ", ignore_nulls=True).str.to_lowercase()
    wanted += [haystack.str.contains(word, literal=True) for word in filters.words.lower().split()]
    return pl.all_horizontal(wanted)


def _order(order: str) -> list[pl.Expr]:
    first = {"newest": "first_seen", "confirmed": "last_confirmed", "seen": "posts"}[order]
    return [pl.col(first), pl.col("record")]


def urgent_first(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` with what waits for somebody first: danger before all else, then what nobody has, the oldest first."""
    return rows.sort(_urgency())


def _urgency() -> list[pl.Expr]:
    danger = pl.col("flags").list.contains("danger").fill_null(value=False)
    return [~danger, ~pl.col("state").is_in(FREE), pl.col("first_seen"), pl.col("record")]


def searchable(words: str) -> bool:
    """Whether `words` ask for a thing and not for a person: no handle, address or number can be looked up."""
    return "@" not in words and not re.search(r"(?:\d\D{0,2}){5}", words)
