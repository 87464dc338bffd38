"""Removals: which stored posts a network's word that something is gone is about.

Owns telling posts that were collected from the many that never were, and spelling out a closed account. What follows
for the records is the business of the collapse.
"""

from __future__ import annotations

import polars as pl

from dedupe.naming import post_digest
from dedupe.store import Store, Transaction

REMOVAL = ("network", "id", "removed_at", "reason")


def spelled_out(tx: Store | Transaction, removals: pl.DataFrame, posts: pl.DataFrame, incident: str) -> pl.DataFrame:
    """Removals (network, id, removed_at, reason, and maybe `whole`), each of one post: without `whole`.

    One that is `whole` becomes a removal of each post of the store, and of `posts`, whose id begins with its id.
    """
    if "whole" not in removals.columns:
        return removals
    whole = removals.filter(pl.col("whole")).select("network", "removed_at", "reason", start="id")
    if whole.height == 0:
        return removals.drop("whole")
    there = tx.read(posts_beginning(), {"incident": incident}, frames={"wanted": whole})
    coming = (
        posts.select("network", "id").join(whole, on="network").filter(pl.col("id").str.starts_with(pl.col("start")))
    )
    gone = pl.concat([there, coming.select(there.columns)], how="vertical_relaxed").unique(
        ["network", "id"], keep="any"
    )
    return pl.concat([removals.filter(~pl.col("whole")).select(REMOVAL), gone.select(REMOVAL)], how="vertical_relaxed")


def collected(store: Store | Transaction, removals: pl.DataFrame, posts: pl.DataFrame, incident: str) -> pl.DataFrame:
    """The removals, spelled out, of posts that the store still shows or that are among `posts`."""
    single = spelled_out(store, removals, posts, incident)
    if single.height == 0:
        return single
    named = single.with_columns(incident=pl.lit(incident)).with_columns(post=post_digest("id"))
    there = store.read(posts_standing(), frames={"wanted": named.select("post").unique()})
    coming = posts.select("network", "id", incident=pl.lit(incident)).select(post=post_digest("id"))
    return named.join(pl.concat([there, coming]), on="post", how="semi").select(REMOVAL)


def posts_standing() -> str:
    """Which of the posts in `wanted` (post) the store has, leaving out those that are gone already."""
    return """
    with gone as (select post from retired semi join wanted using (post) where version is null)
    select distinct post from posts semi join wanted using (post) anti join gone using (post)
    """


def posts_beginning() -> str:
    """Posts of `$incident` whose id begins as those in `wanted` (network, start, removed_at, reason) do."""
    return """
    select distinct posts.network, posts.id, wanted.removed_at, wanted.reason
    from posts join wanted on posts.network = wanted.network and starts_with(posts.id, wanted.start)
    where posts.incident = $incident
    """
