"""Small builders: rows of the post file, and records as the networks write them. All people and posts are invented."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from ingest.files import read_posts
from ingest.reading.gather import Chunk

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
AT = "2011-08-18T16:20:00Z"


def row(number: int | str, **fields: object) -> dict[str, object]:
    """A row of the post file."""
    given = {"network": "x", "id": str(number), "author": "ann", "text": f"bed {number}", "created_at": AT}
    return {**given, **fields}


def ndjson(records: Iterable[object]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def write(path: Path, data: bytes | str) -> Path:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def read(path: Path, *, chunk_bytes: int = 32 << 20, start: int = 0, now: datetime = NOW) -> list[Chunk]:
    return list(read_posts(path, now=now, chunk_bytes=chunk_bytes, start=start))


def content(chunks: Iterable[Chunk]) -> pl.DataFrame:
    return pl.concat([chunk.content for chunk in chunks])


def ids(chunks: Iterable[Chunk]) -> list[str]:
    return content(chunks)["id"].to_list()


def reasons(chunks: Iterable[Chunk]) -> list[tuple[int, str]]:
    return [(refusal.row, refusal.reason) for chunk in chunks for refusal in chunk.refusals]


def x_post(number: int, **fields: object) -> dict[str, object]:
    given = {"id": str(number), "text": f"bed {number}", "author_id": "7", "created_at": "2026-08-18T16:20:00.000Z"}
    return {**given, "edit_history_tweet_ids": [str(number)], **fields}


def x_page(*posts: Mapping[str, object], **includes: object) -> dict[str, object]:
    users = [{"id": "7", "username": "ann", "name": "Ann Example"}]
    return {"data": list(posts), "includes": {"users": users, **includes}, "meta": {"result_count": len(posts)}}


def tweet(number: int, **fields: object) -> dict[str, object]:
    user = {"id_str": "7", "screen_name": "ann", "name": "Ann Example"}
    given = {"id": number, "id_str": str(number), "text": f"bed {number}", "user": user}
    return {**given, "created_at": "Thu Aug 18 16:20:00 +0000 2011", "lang": "nl", **fields}


def bluesky_uri(key: str, did: str = "did:plc:ann") -> str:
    return f"at://{did}/app.bsky.feed.post/{key}"


def bluesky_record(text: str, **fields: object) -> dict[str, object]:
    return {
        "$type": "app.bsky.feed.post",
        "text": text,
        "createdAt": "2026-08-18T16:20:00.000Z",
        "langs": ["nl"],
        **fields,
    }


def bluesky_view(key: str, **fields: object) -> dict[str, object]:
    author = {"did": "did:plc:ann", "handle": "ann.example.org", "displayName": "Ann Example"}
    given = {"uri": bluesky_uri(key), "cid": "bafy", "author": author, "record": bluesky_record(f"bed {key}")}
    return {**given, "repostCount": 2, "likeCount": 3, "indexedAt": "2026-08-18T16:20:05.000Z", **fields}


def jetstream_v1(key: str, operation: str = "create", **commit: object) -> dict[str, object]:
    given: dict[str, object] = {"operation": operation, "collection": "app.bsky.feed.post", "rkey": key, "rev": "3l"}
    if operation != "delete":
        given["record"] = bluesky_record(f"bed {key}")
    return {"did": "did:plc:ann", "time_us": 1_787_070_010_000_000, "kind": "commit", "commit": {**given, **commit}}


def jetstream_v2(key: str, operation: str = "create", **fields: object) -> dict[str, object]:
    given: dict[str, object] = {
        "$type": "network.bsky.jetstream.subscribeEvents#commit",
        "did": "did:plc:ann",
        "seq": 12,
        "time": "2026-08-18T16:20:10.000000Z",
        "collection": "app.bsky.feed.post",
        "operation": operation,
        "rkey": key,
        "rev": "3l",
    }
    if operation != "delete":
        given["record"] = bluesky_record(f"bed {key}")
    return {**given, **fields}


def status(number: int, **fields: object) -> dict[str, object]:
    home = "https://social.example"
    account = {
        "id": "7",
        "acct": "ann",
        "display_name": "Ann Example",
        "url": f"{home}/@ann",
        "uri": f"{home}/users/ann",
    }
    given = {
        "id": str(number),
        "uri": f"{home}/users/ann/statuses/{number}",
        "url": f"{home}/@ann/{number}",
        "content": f"<p>bed {number}</p>",
        "created_at": "2026-08-18T16:20:00.000Z",
        "edited_at": None,
        "account": account,
        "visibility": "public",
        "language": "nl",
        "reblog": None,
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "spoiler_text": "",
        "reblogs_count": 2,
        "favourites_count": 3,
    }
    return {**given, **fields}
