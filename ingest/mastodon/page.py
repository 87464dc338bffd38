"""The statuses of one answer, on their way to being posts.

Owns which of them are taken: those written for everyone, and not known to have been given already. Knows no connection.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from ingest.reading.check import FlawedRow
from ingest.reading.form_mastodon import is_status, read_status
from ingest.reading.found import Found, Record, key, text
from ingest.reading.gather import Chunk, Gathering
from ingest.source import Removal

IsNews = Callable[[str, str | None, str], bool]
"""Whether a status, by its `uri`, its id on the server and what tells one state of it from the next, is to be given."""


def always(*_: object) -> bool:
    """All is news."""
    return True


def home_of(uri: str) -> str | None:
    """The host, with its port, of the server a post was written on; None where its name does not tell."""
    try:
        return urlsplit(uri).netloc.lower() or None
    except ValueError:
        return None


class Taking:
    """Takes page after page. `now` is when the answer is made, `pages` counts what was read."""

    def __init__(self, now: datetime, is_news: IsNews, others: Iterable[str]) -> None:
        """others: hosts that count the boosts and likes of their own posts, so that nobody else need to."""
        self.now = now
        self.pages = 0
        self._is_news = is_news
        self._others = frozenset(others)
        self._gathering = Gathering(now)
        self._rows = 0

    def take(self, page: Sequence[object]) -> None:
        """Take a page of statuses; what is none, or was not written for everyone, is refused by its number."""
        self.pages += 1
        for status in page:
            self._rows += 1
            if not isinstance(status, Mapping):
                self._gathering.refuse(self._rows, "the server gave something that is no status", _raw(status))
            elif self._is_news(_name(status), key(status, "id"), _state(status)):
                self._take(status)

    def _take(self, status: Record) -> None:
        raw = _raw(status)
        try:
            if not is_status(status):
                raise FlawedRow("the server gave something that is no status")
            if text(status, "visibility") not in (None, "public"):
                raise FlawedRow("the status is not public; it was not written for everyone to find")
            for found in read_status(status):
                self._gathering.take_found(self._rows, self._counted(found), raw)
        except FlawedRow as error:
            self._gathering.refuse(self._rows, str(error), raw)

    def _counted(self, found: Found) -> Found:
        if isinstance(found, Removal) or home_of(text(found, "id") or "") not in self._others:
            return found
        return {**found, "reposts": None, "likes": None}

    def chunk(self) -> Chunk:
        """All that was taken, checked."""
        return self._gathering.chunk(rows=self._rows, progress=1.0)


def _name(status: Record) -> str:
    return text(status, "uri") or f"#{key(status, 'id')}"


def _state(status: Record) -> str:
    return "/".join(str(status.get(name))[:40] for name in ("edited_at", "reblogs_count", "favourites_count"))


def _raw(status: object) -> str:
    try:
        return json.dumps(status, ensure_ascii=False)
    except (RecursionError, ValueError):
        return ""
