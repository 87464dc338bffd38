"""Posts of Bluesky: views (`getPosts`, `searchPosts`, feeds) and the events of Jetstream, versions 1 and 2.

Owns the names of their fields. The id is the at:// address of the record. Views name their author by handle; Jetstream
knows only the account's DID.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ingest.found import Found, Record, Row, child, children, earliest, moment, text
from ingest.source import Removal

NETWORK = "bluesky"
POST = "app.bsky.feed.post"
REPOST = "app.bsky.feed.repost"

_V2 = "network.bsky.jetstream.subscribeEvents#"


def is_page(record: Record) -> bool:
    """An answer of `getPosts` or `searchPosts` (`posts`), or of a feed (`feed`)."""
    items = record.get("posts", record.get("feed"))
    return isinstance(items, list) and all(isinstance(item, dict) and is_view(item) for item in items)


def read_page(page: Record) -> Iterator[Found]:
    """The posts of a page."""
    for item in children(page, "posts" if "posts" in page else "feed"):
        yield from read_view(item)


def is_view(record: Record) -> bool:
    """A post as an app is shown it; in a feed it sits in `post`."""
    view = child(record, "post") or record
    return (text(view, "uri") or "").startswith("at://") and isinstance(view.get("record"), dict)


def read_view(record: Record) -> Iterable[Found]:
    """The post of a view; its author is the handle, or the DID where the handle is not valid."""
    view = child(record, "post") or record
    author = child(view, "author")
    handle = text(author, "handle")
    if handle is None or handle == "handle.invalid":
        handle = text(author, "did")
    row = _row(child(view, "record"), text(view, "uri") or "", handle, view.get("indexedAt"))
    counts = {"reposts": view.get("repostCount"), "likes": view.get("likeCount")}
    return ({**row, **counts, "author_name": text(author, "displayName")},)


def is_event(record: Record) -> bool:
    """An event of Jetstream: version 1, or version 2 with or without its message frame."""
    if isinstance(record.get("kind"), str) and "did" in record:
        return True
    kind = text(record, "$type") or ""
    return kind.startswith(_V2) or (kind == "message" and is_event(child(record, "payload")))


def read_event(record: Record) -> Iterable[Found]:
    """The post or repost an event made or changed, or the one it removed; nothing for all other events."""
    event = child(record, "payload") or record
    # version 1 keeps what happened in `commit`, version 2 lays it flat
    commit = child(event, "commit") or event
    time = event.get("time_us", event.get("time"))
    collection, did, at = text(commit, "collection"), text(event, "did"), moment(time)
    uri = f"at://{did}/{collection}/{text(commit, 'rkey')}"
    operation = text(commit, "operation")
    if collection not in (POST, REPOST) or operation is None:
        return
    if operation == "delete":
        if at is not None:
            yield Removal(network=NETWORK, id=uri, at=at, reason="deleted")
        return
    row = _row(child(commit, "record"), uri, did, time)
    yield {**row, "edited_at": at.isoformat() if at and operation == "update" else None}


def _row(record: Record, uri: str, author: str | None, seen_at: object) -> Row:
    langs = record.get("langs")
    reposted = text(child(record, "subject"), "uri")
    return {
        "network": NETWORK,
        "id": uri,
        "author": author,
        "text": "" if reposted else record.get("text"),
        # the writer's own clock may be wrong; what the network saw first is the bound
        "created_at": earliest(record.get("createdAt"), seen_at),
        "url": f"https://bsky.app/profile/{author}/post/{uri.rpartition('/')[2]}" if not reposted else None,
        "lang": langs[0] if isinstance(langs, list) and langs and isinstance(langs[0], str) else None,
        "repost_of": reposted,
        "quote_of": _quoted(child(record, "embed")),
        "reply_to": text(child(record, "reply", "parent"), "uri"),
    }


def _quoted(embed: Record) -> str | None:
    """What a post embeds, when that is a post: a feed, a list or a starter pack is no quote."""
    uri = text(child(embed, "record"), "uri") or text(child(embed, "record", "record"), "uri")
    return uri if uri and f"/{POST}/" in uri else None
