"""Which of the events of a whole network are ours: tagged posts, and whatever later happens to them.

Owns the memory of the posts we have, without which deletes and reposts, which name no tag, could not be told from those
of everybody else. Knows no connection and no cursor.
"""

from __future__ import annotations

from collections.abc import Iterable

from ingest.reading.check import FlawedRow
from ingest.reading.form_bluesky import POST, REPOST, is_tagged
from ingest.reading.found import Record, child, text
from ingest.tags import Tags

_KIND = "network.bsky.jetstream.subscribeEvents#"
COMMIT, ACCOUNT, IDENTITY = f"{_KIND}commit", f"{_KIND}account", f"{_KIND}identity"


class Sift:
    """Keeps tagged posts, reposts of posts it knows, and edits, deletes and account events that concern those.

    `known` are ids of posts collected before. A post is remembered as a hash of 64 bits (some 70 bytes of memory):
    with a million posts and ten billion deletes of strangers, the odds that one is taken for ours are 1 in 2,000.
    """

    def __init__(self, tags: Tags, *, known: Iterable[str] = ()) -> None:
        self._tags = tags
        self._posts: set[int] = set()
        self._accounts: set[int] = set()
        self.remember(known)

    def remember(self, ids: Iterable[str]) -> None:
        """Take these posts (at:// addresses) for ours. May be called from any thread."""
        for uri in ids:
            did = uri.removeprefix("at://").partition("/")[0]
            self._posts.add(hash(uri))
            self._accounts.add(hash(did))

    def keep(self, event: Record) -> bool:
        """Whether `event`, the payload of a message of Jetstream, is ours. Raises FlawedRow when it is malformed."""
        kind = event.get("$type")
        did = event.get("did")
        if not isinstance(did, str) or not isinstance(kind, str):
            raise FlawedRow("the event names no account or no kind")
        if kind == COMMIT:
            return self._keep_commit(event, did)
        return kind in (ACCOUNT, IDENTITY) and hash(did) in self._accounts

    def _keep_commit(self, event: Record, did: str) -> bool:
        collection, operation, key = event.get("collection"), event.get("operation"), event.get("rkey")
        if collection not in (POST, REPOST):
            return False
        if not isinstance(key, str) or operation not in ("create", "update", "delete"):
            raise FlawedRow("the event names no record or an unknown operation")
        uri = f"at://{did}/{collection}/{key}"
        if operation == "delete":
            return hash(uri) in self._posts
        record = event.get("record")
        if not isinstance(record, dict):
            raise FlawedRow("the event holds no record")
        if collection == REPOST:
            ours = hash(text(child(record, "subject"), "uri")) in self._posts
        else:
            # an edit that takes the tag out still changes what we show
            ours = is_tagged(record, self._tags) or (operation == "update" and hash(uri) in self._posts)
        if ours:
            self.remember((uri,))
        return ours
