"""Preparing: all that can be told of a batch of posts without the store.

Owns what a post and its versions are called, and what the rows of a batch are before any of them is known to be new.
Asks no store, so one batch can be prepared while the one before it is being written.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import polars as pl

from dedupe.keys import digest, find_keys, rank
from dedupe.learning.shipped import weigh
from dedupe.naming import distinct_wordings, find_pointers, find_writers, name_wordings, post_digest
from dedupe.reading.readers import Reader, current_reader
from dedupe.spread import spread

WORDING_COLUMNS = (
    "wording", "incident", "text", "credit", "ask", "phones", "emails", "cut", "points", "rank", "category", "certainty",
    "category_why", "stance", "kind", "kinds", "place", "place_key", "places", "origin_key", "lat", "lon", "capacity", "closed",
    "meant", "marks", "until", "conditions", "reach", "flags", "said",
)  # fmt: skip

UNCOUNTED = ("material", "charging", "language")
"""Kinds of help without a number of places: "nappies size 4", "two candles, 3 children here"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A batch by tables, without its number: `posts` (with `written_at`, by which the newest version wins), `wordings`,
    `writers`, `pointers`, and `keys` with the `handle` a key was made of, null where it has none."""

    posts: pl.DataFrame
    wordings: pl.DataFrame
    writers: pl.DataFrame
    pointers: pl.DataFrame
    keys: pl.DataFrame


def prepare(posts: pl.DataFrame) -> Prepared:
    """Read each distinct text once, name posts and wordings, and find what a wording says and can be found by.

    `posts` has the columns of the table `posts` that a source knows (network, id, author, text, created_at, … collected_at).
    """
    reader = current_reader()
    named = name_wordings(identify(posts), reader.facts.tags())
    wordings, writers = read_new(distinct_wordings(named), reader), find_writers(named)
    return Prepared(
        posts=named,
        wordings=wordings,
        writers=writers,
        pointers=find_pointers(named),
        keys=find_keys(wordings, writers),
    )


def identify(posts: pl.DataFrame) -> pl.DataFrame:
    """Name posts and their versions by hash: adds `post`, `version` and `written_at`, by which the newest version wins."""
    written = pl.coalesce("edited_at", "created_at")
    return posts.with_columns(post=post_digest("id"), written_at=written).with_columns(
        version=digest(pl.col("post"), pl.col("text"), written.dt.epoch("us"), pl.col("repost_of"), pl.col("quote_of"), pl.col("reply_to"))
    )  # fmt: skip


def read_new(distinct: pl.DataFrame, reader: Reader | None = None) -> pl.DataFrame:
    """What each wording says, and the rank that follows from it; rows of the table `wordings`."""
    reader = reader or current_reader()
    said = spread(distinct, partial(read_by_rules, reader=reader))
    weighed = weigh(said) if reader.weighed else said.select(meant="kind")
    counts = ~pl.col("meant").is_in(UNCOUNTED).fill_null(False)
    told = said.with_columns(weighed).with_columns(reach=_reach(), capacity=pl.when(counts).then("capacity"))
    return told.with_columns(rank=rank()).select(WORDING_COLUMNS)


def read_by_rules(distinct: pl.DataFrame, reader: Reader) -> pl.DataFrame:
    """The wordings (`text`, `phones`, `emails`, …) with what `reader` gives (`why` as `category_why`), and what a model needs
    besides: `placed`, `reached`."""
    reached = (pl.col("phones").list.len() > 0) | (pl.col("emails").list.len() > 0)
    read = reader.read(distinct.select(wording="text", has_contact=reached)).rename({"why": "category_why"})
    return pl.concat([distinct, read], how="horizontal").with_columns(
        placed=pl.col("place_key").is_not_null(), reached=reached
    )


def _reach() -> pl.Expr:
    """How the writer can be reached: as the words say, and by the number, address or handle in the text."""
    words, none = pl.col("reach"), pl.lit([], pl.List(pl.String))
    number = (pl.col("phones").list.len() > 0) & ~words.list.contains("call") & ~words.list.contains("text")
    named = {"call": number, "dm": pl.col("ask").is_not_null(), "mail": pl.col("emails").list.len() > 0}
    ways = [pl.when(there).then(pl.lit([way], pl.List(pl.String))).otherwise(none) for way, there in named.items()]
    return pl.concat_list(words, *ways).list.unique().list.sort()
