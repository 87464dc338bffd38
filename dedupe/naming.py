"""Naming: which wording a post has, who wrote it, and what it points at.

A wording is its words together with its contact: the same words with another number, or from another writer, are another
wording. Copies that say whose words they are share the wording of that credit. Owns these names; judges nothing.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from dedupe.keys import digest
from dedupe.wording import FEW_WORDS, read_wordings, stem

FULL_NAME = 7
"""Characters from which a display name of two words or more is taken for a person's full name."""
SHORT_REPLY = 15
"""Words up to which a reply is looked at as word about the post it answers."""

TOLD = ("incident", "credit", "ask", "phones", "emails", "cut", "points")


def post_digest(column: str) -> pl.Expr:
    """The hash that names the post whose id on its network stands in `column`."""
    return digest(pl.col("incident"), pl.col("network"), pl.col(column))


def name_wordings(posts: pl.DataFrame, kept_tags: Collection[str]) -> pl.DataFrame:
    """Read the words of posts (columns of the table `posts`, with `post`) and name their wordings.

    Adds `wording`, `said` (the folded words), `who` (the writer's stem) and `writer` (its hash), `target` (the post pointed at, or null),
    `words`, and `TOLD` but for the incident.
    """
    read = read_wordings(posts["text"].unique(), kept_tags=kept_tags).drop("numbers").rename({"wording": "said"})
    named = posts.join(read, on="text", how="left", maintain_order="left").with_columns(
        who=stem(pl.col("author")),
        target=_target(),
        no_contact=(pl.col("phones").list.len() == 0) & (pl.col("emails").list.len() == 0),
    )
    unsigned = pl.col("no_contact") & pl.col("credit").is_null() & pl.col("ask").is_null()
    remark = pl.coalesce("quote_of", "reply_to").is_not_null() & (pl.col("words") <= FEW_WORDS)
    named = named.with_columns(points=unsigned & (pl.col("repost_of").is_not_null() | remark))
    return named.with_columns(
        wording=digest(
            pl.col("incident"), pl.col("said"), _contact(), pl.col("ask"), pl.col("credit").is_not_null(), pl.col("cut")
        ),
        writer=digest(pl.col("who")),
    )


def _target() -> pl.Expr:
    pointed = pl.coalesce("repost_of", "quote_of", "reply_to")
    return pl.when(pointed.is_not_null()).then(digest(pl.col("incident"), pl.col("network"), pointed))


def _contact() -> pl.Expr:
    """Who to reach: number, address, or handle in the text; the post pointed at; the one credited; else the writer.

    A text without a single word says nothing by which it could be the same as another.
    """
    at = pl.lit("@")
    remarker = pl.when(pl.col("repost_of").is_null()).then(pl.col("who")).otherwise(pl.lit(""))
    return (
        pl.when(~pl.col("no_contact"))
        .then(pl.concat_str(pl.col("phones").list.join(" "), pl.col("emails").list.join(" "), separator="|"))
        .when(pl.col("points"))
        .then(pl.concat_str(pl.lit("to "), pl.col("target").cast(pl.String), pl.lit(" "), remarker))
        .when(pl.col("words") == 0)
        .then(pl.col("post").cast(pl.String))
        .otherwise(at + pl.coalesce("ask", "credit", "who"))
    )


def distinct_wordings(named: pl.DataFrame) -> pl.DataFrame:
    """One row per wording: `wording`, `text`, and `TOLD`."""
    return named.select("wording", pl.col("said").alias("text"), *TOLD).unique("wording", keep="any")


def find_writers(named: pl.DataFrame) -> pl.DataFrame:
    """Who wrote each wording, or is credited with it: `wording`, `writer` (the hash of the next), `handle`, `named` (the
    handle is a full name, after ~)."""
    credited = named.filter(pl.col("credit").is_not_null()).select(
        "wording", handle="credit", named=pl.lit(value=False)
    )
    own = named.filter(pl.col("credit").is_null() & pl.col("repost_of").is_null() & (pl.col("words") > 0))
    written = own.select("wording", handle="who", named=pl.lit(value=False))
    name = pl.col("author_name").str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()
    signed = (
        own.filter(pl.col("no_contact"))
        .select("wording", handle=name, named=pl.lit(value=True))
        .filter(pl.col("handle").str.contains(" ", literal=True) & (pl.col("handle").str.len_chars() >= FULL_NAME))
        .with_columns(handle=pl.lit("~") + pl.col("handle"))
    )
    return pl.concat([credited, written, signed]).unique().with_columns(writer=digest(pl.col("handle")))


def find_pointers(named: pl.DataFrame) -> pl.DataFrame:
    """What wordings point at: `wording`, `target` (a post), `how` (repost, quote, reply), `author` (the stem of who does)."""
    how = (
        pl.when(pl.col("repost_of").is_not_null())
        .then(pl.lit("repost"))
        .when(pl.col("quote_of").is_not_null() & (pl.col("words") <= FEW_WORDS))
        .then(pl.lit("quote"))
        .when(pl.col("reply_to").is_not_null() & (pl.col("words") <= SHORT_REPLY))
        .then(pl.lit("reply"))
    )
    rows = named.select("wording", "target", how=how, author=pl.when(pl.col("repost_of").is_null()).then(pl.col("who")))
    return rows.drop_nulls(["target", "how"]).unique()
