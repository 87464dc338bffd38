"""Posts of Bluesky: views (`getPosts`, `searchPosts`, feeds) and the events of Jetstream, versions 1 and 2.

Owns the names of their fields. The id is the at:// address of the record. Views name their author by handle; Jetstream
knows only the account's DID.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from ingest.reading.found import Found, Record, Row, child, children, earliest, moment, text
from ingest.source import Removal
from ingest.tags import Tags

NETWORK = "bluesky"
POST = "app.bsky.feed.post"
REPOST = "app.bsky.feed.repost"

HIDDEN = frozenset({"!hide", "!takedown"})
"""Labels with which Bluesky's moderators take a post, or an account with all its posts, off every screen."""

EDITED_AFTER = timedelta(minutes=1)
"""A post that Bluesky looked at anew so long after it was written has been changed: a view has no other word for it."""

CLOSED = frozenset({"deleted", "deactivated", "suspended", "takendown", None})
"""What makes an inactive account's posts vanish; the other states only say that its server cannot be reached."""

_V2 = "network.bsky.jetstream.subscribeEvents#"


def is_tagged(record: Record, tags: Tags) -> bool:
    """Whether the record of a post carries one of `tags`: marked in its text, beside it, or only typed.

    The marks (facets) name the tag itself, so where in the text's bytes they stand does not matter.
    """
    marked = (text(feature, "tag") for facet in children(record, "facets") for feature in children(facet, "features"))
    beside = record.get("tags")
    named = [*marked, *(beside if isinstance(beside, list) else ())]
    return any(isinstance(tag, str) and tags.match(tag) for tag in named) or tags.in_text(text(record, "text") or "")


def labels_of(*labelled: Record) -> list[str]:
    """What posts, accounts or records are labelled with, each label once, those taken back left out."""
    own = [each for record in labelled for each in children(child(record, "labels"), "values")]
    given = [each for record in labelled for each in children(record, "labels") if not each.get("neg")]
    return sorted({label for each in (*own, *given) if (label := text(each, "val"))})


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
    """The post of a view, or its removal where it is hidden; its author is the handle, or the DID without a valid one."""
    view = child(record, "post") or record
    author, post, uri = child(view, "author"), child(view, "record"), text(view, "uri") or ""
    labels = labels_of(view, author, post)
    seen, written = moment(view.get("indexedAt")), moment(post.get("createdAt"))
    if HIDDEN & set(labels) and (at := seen or written) is not None:
        return (Removal(network=NETWORK, id=uri, at=at, reason="hidden by its network"),)
    row = _row(post, uri, handle_of(author), view.get("indexedAt"))
    counts = {"reposts": view.get("repostCount"), "likes": view.get("likeCount")}
    edited = seen.isoformat() if seen and written and seen - written > EDITED_AFTER else None
    return ({**row, **counts, "author_name": text(author, "displayName"), "labels": labels, "edited_at": edited},)


def handle_of(author: Record) -> str | None:
    """How an account is called: its handle, or its DID where the handle is not its own."""
    handle = text(author, "handle")
    return text(author, "did") if handle is None or handle == "handle.invalid" else handle


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


def read_account(event: Record) -> Removal | None:
    """That an account was closed, and with it all its posts; None for every other event of an account."""
    account, did, at = child(event, "account"), text(event, "did"), moment(event.get("time_us", event.get("time")))
    if did is None or at is None or account.get("active") is not False or text(account, "status") not in CLOSED:
        return None
    why = text(account, "status") or "closed"
    return Removal(network=NETWORK, id=f"at://{did}/", at=at, reason=f"account {why}", whole=True)


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
        "labels": labels_of(record) or None,
    }


def _quoted(embed: Record) -> str | None:
    """What a post embeds, when that is a post: a feed, a list or a starter pack is no quote."""
    uri = text(child(embed, "record"), "uri") or text(child(embed, "record", "record"), "uri")
    return uri if uri and f"/{POST}/" in uri else None
