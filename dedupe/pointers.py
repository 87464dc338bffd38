"""Pointers: joining a wording to the post its network says it repeats.

A repost is certain. A quote without facts of its own is the quoted thing passed on. A reply is word about the post only
when the writer of that post gives it. Frames in, frames out.
"""

from __future__ import annotations

import polars as pl

REPOSTED, QUOTED, ANSWERED = (
    "reposted on its network",
    "quoted with no offer of its own",
    "the writer answers their own post",
)


def follow(pointers: pl.DataFrame, targets: pl.DataFrame, wordings: pl.DataFrame) -> pl.DataFrame:
    """Turn pointers into parents.

    `pointers` has wording, target, how, author; `targets` has post, wording, author (a stem); `wordings` holds the facts
    of both ends. Returns wording, parent, why, strength: at most one row a wording, and always to a lower rank, so that
    no circle can arise.
    """
    facts = wordings.select("wording", "rank", "kind", "places", "place_key", "capacity", "closed", "phones")
    ends = (
        pointers.join(
            targets.rename({"wording": "parent", "author": "author_parent"}), left_on="target", right_on="post"
        )
        .filter(pl.col("wording") != pl.col("parent"))
        .join(facts, on="wording")
        .join(facts.rename({"wording": "parent"}), on="parent", suffix="_parent")
        .filter(pl.col("rank_parent") < pl.col("rank"))
    )
    reason = (
        pl.when(pl.col("how") == "repost")
        .then(pl.lit(REPOSTED))
        .when((pl.col("how") == "quote") & _nothing_own())
        .then(pl.lit(QUOTED))
        .when((pl.col("how") == "reply") & (pl.col("author") == pl.col("author_parent")) & _about_the_same())
        .then(pl.lit(ANSWERED))
    )
    strength = pl.when(pl.col("how") == "repost").then(1.0).when(pl.col("how") == "quote").then(0.96).otherwise(0.93)
    return (
        ends.with_columns(why=reason, strength=strength)
        .drop_nulls("why")
        .sort("wording", "strength", "rank_parent", descending=[False, True, False])
        .unique("wording", keep="first", maintain_order=True)
        .select("wording", "parent", "why", "strength")
    )


def _fits(column: str) -> pl.Expr:
    return pl.col(column).is_null() | (pl.col(column) == pl.col(f"{column}_parent")).fill_null(value=False)


def _nothing_own() -> pl.Expr:
    place = pl.col("place_key").is_null() | pl.col("places_parent").list.contains(pl.col("place_key"))
    count = pl.col("capacity").is_null() | (pl.col("capacity") == pl.col("capacity_parent")).fill_null(value=False)
    number = pl.col("phones").list.set_difference("phones_parent").list.len() == 0
    return _fits("kind") & place.fill_null(value=False) & count & number


def _about_the_same() -> pl.Expr:
    """A writer's answer to their own post is about it, unless it offers something else or somewhere else."""
    place = pl.col("place_key").is_null() | pl.col("places_parent").list.contains(pl.col("place_key"))
    bare = pl.col("closed") & pl.col("place_key").is_null()  # "no more room" is said of soup too
    return (_fits("kind") | bare) & place.fill_null(value=False)
