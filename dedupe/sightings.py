"""Sightings: a post seen again with other counts or labels than before, which is no new version of it.

Owns telling what is news in that, and whose turn it is to be seen again. Knows nothing of wordings, links and records.
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from dedupe.store import Store, Transaction

SEEN = ("reposts", "likes", "labels")
"""What a network says of a post that may change while its words stay the same."""


def find_sightings(tx: Transaction, posts: pl.DataFrame) -> pl.DataFrame:
    """What is news of `posts`, which the store has: columns post, reposts, likes, labels, seen_at.

    `posts` has post, collected_at, and of `SEEN` what its source knows; null says nothing. The latest look counts,
    whatever the order they come in; an earlier one, or one that found all as it was, gives no row.
    """
    told = posts.select("post", *(_column(posts, name) for name in SEEN), seen_at="collected_at")
    told = told.filter(pl.any_horizontal(pl.col(SEEN).is_not_null()))
    if told.height == 0:
        return told
    told = told.sort("seen_at").unique("post", keep="last", maintain_order=True)
    known = tx.read(latest_sightings(), frames={"wanted": told.select("post")})
    beside = told.join(known, on="post", how="left", suffix="_known")
    news = pl.any_horizontal(
        pl.col(name).is_not_null() & pl.col(name).ne_missing(pl.col(f"{name}_known")) for name in SEEN
    )
    later = pl.col("seen_at") > pl.col("seen_at_known")
    return beside.filter(news & later.fill_null(value=True)).select(told.columns)


def _column(posts: pl.DataFrame, name: str) -> pl.Expr:
    dtype = pl.List(pl.String) if name == "labels" else pl.Int64
    return pl.col(name).cast(dtype) if name in posts.columns else pl.lit(None, dtype).alias(name)


def latest_sightings() -> str:
    """What was last seen of the posts in `wanted` (post): post, reposts, likes, labels, seen_at."""
    return """
    with seen as (
        select post, reposts, likes, labels, collected_at as seen_at from posts semi join wanted using (post)
        union all select post, reposts, likes, labels, seen_at from sightings semi join wanted using (post)
    )
    select post, max_by(reposts, seen_at) filter (reposts is not null) as reposts,
           max_by(likes, seen_at) filter (likes is not null) as likes,
           max_by(labels, seen_at) filter (labels is not null) as labels, max(seen_at) as seen_at
    from seen group by post
    """


def due(
    store: Store, incident: str, network: str, *, after: str, most: int, since: datetime | None = None
) -> pl.DataFrame:
    """The next posts to look at again: at most `most` of those the store shows, in the order they were collected.

    `after` is the `place` of the last one looked at, empty to begin; whoever goes round and round like this always
    has those that were not looked at for longest. `since` leaves out what was collected before (with a zone).
    Columns: id, place. Raises StoreError.
    """
    at, _, post = after.partition("/")
    values = {"incident": incident, "network": network, "at": int(at or -(2**62)), "post": int(post or 0), "most": most}
    return store.read(posts_due(), {**values, "since": since})


def posts_due() -> str:
    """Standing posts of `$incident` on `$network` after the place `$at`/`$post`, at most `$most`: id, place."""
    return """
    with mine as (
        select post, any_value(id) as id, min(epoch_us(collected_at)) as at_us from posts
        where incident = $incident and network = $network and ($since is null or collected_at >= $since::timestamptz)
        group by post
    ), gone as (select post from retired semi join mine using (post) where version is null)
    select id, at_us || '/' || post as place from mine anti join gone using (post)
    where at_us > $at or (at_us = $at and post > $post)
    order by at_us, post limit $most
    """


def ids_since(store: Store, network: str, since: datetime) -> list[str]:
    """The ids of the posts of a network that were collected, or seen again, from `since` (with a zone) on."""
    found = store.read(posts_collected(), {"network": network, "since": since})
    return [str(id) for id in found["id"].to_list()]


def posts_collected() -> str:
    """Ids of the posts on `$network` that were collected or seen again at `$since` or later."""
    return """
    with again as (select distinct post from sightings where seen_at >= $since)
    select distinct id from posts left join again using (post)
    where network = $network and (collected_at >= $since or again.post is not null)
    """
