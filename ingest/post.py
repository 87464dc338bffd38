"""The post: one message as its network published it, with its provenance.

Owns the schema in which posts travel. Knows no network and no store.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

UTC_TIME = pl.Datetime("us", "UTC")

REQUIRED = ("network", "id", "author", "text", "created_at")
"""Columns without which a row is refused. `text` may be the empty string, the others may not."""

CONTENT: dict[str, pl.DataType] = {
    "network": pl.String(),
    "id": pl.String(),
    "author": pl.String(),
    "text": pl.String(),
    "created_at": UTC_TIME,
    "url": pl.String(),
    "author_name": pl.String(),
    "lang": pl.String(),
    "repost_of": pl.String(),
    "quote_of": pl.String(),
    "reply_to": pl.String(),
    "reposts": pl.Int64(),
    "likes": pl.Int64(),
    "edited_at": UTC_TIME,
    "labels": pl.List(pl.String()),
}
"""What a network says of a post: column -> type. `repost_of`, `quote_of`, `reply_to` are ids on the same network.

`labels` is what its writer or its network marked a post with, in the network's own words (`!no-unauthenticated`: not
for readers without an account). An empty list says that there are none; null, that nobody asked.
"""

PROVENANCE: dict[str, pl.DataType] = {
    "incident": pl.String(),
    "source": pl.String(),
    "query": pl.String(),
    "collected_at": UTC_TIME,
}
"""Where a post came from: the incident watched, the source, what was asked of it, and when it answered."""

POST_SCHEMA = pl.Schema({**CONTENT, **PROVENANCE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One post as a record; the same columns as `POST_SCHEMA`. Times carry a zone."""

    network: str
    id: str
    author: str
    text: str
    created_at: datetime
    url: str | None = None
    author_name: str | None = None
    lang: str | None = None
    repost_of: str | None = None
    quote_of: str | None = None
    reply_to: str | None = None
    reposts: int | None = None
    likes: int | None = None
    edited_at: datetime | None = None
    labels: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where and when a batch was collected. `collected_at` carries a zone."""

    incident: str
    source: str
    query: str
    collected_at: datetime


def stamp(content: pl.DataFrame, provenance: Provenance) -> pl.DataFrame:
    """Give every post of `content` (columns of `CONTENT`, any may be absent but the required) its provenance.

    Returns the columns of `POST_SCHEMA`, in its order.
    """
    absent = [pl.lit(None, dtype).alias(name) for name, dtype in CONTENT.items() if name not in content.columns]
    return (
        content.with_columns(
            *absent,
            incident=pl.lit(provenance.incident),
            source=pl.lit(provenance.source),
            query=pl.lit(provenance.query),
            collected_at=pl.lit(provenance.collected_at).cast(UTC_TIME),
        )
        .select(POST_SCHEMA.names())
        .cast(POST_SCHEMA)
    )


def frame(posts: list[Post]) -> pl.DataFrame:
    """Posts as a frame with the columns of `CONTENT`."""
    rows = [{name: getattr(post, name) for name in CONTENT} for post in posts]
    return pl.DataFrame(rows, schema=CONTENT)
