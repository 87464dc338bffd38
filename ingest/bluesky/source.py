"""Bluesky searched with an account: what the stream missed, and how posts stand now.

Owns the rounds of the search, a tag at a time and a page at a time, and reading posts again. The server's search may
take no notice of case, tag or time, so what it gives is sifted here. Needs an app password.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from atproto import models

from ingest.bluesky.account import Account, NotTaken
from ingest.errors import TransientError
from ingest.post import Provenance, stamp
from ingest.reading.form_bluesky import NETWORK, POST, is_tagged, read_view
from ingest.reading.found import Record, child, children, moment, text
from ingest.reading.gather import Gathering
from ingest.source import Fetch, Quota, Removal
from ingest.tags import Tags

PAGE = 100
PAGES = 200
"""The most pages of one tag in one round: a server whose cursors never end must not hold us for ever."""

OVERLAP = timedelta(minutes=10)
"""How far a round goes back before the one before: posts reach the search some time after they were written."""

PER_REREAD = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    """Where a round is: at page `pages` of `tag`, which the server calls `page`. Times are ISO 8601."""

    tag: str
    since: str
    began: str
    page: str | None = None
    pages: int = 0


class BlueskySearch:
    """The search of Bluesky as a source, and its posts read again.

    Each `fetch` gives one page. A round goes over all tags and ends with `more` false; the next round begins where this
    one began, a tag that is new `back_fill` ago. clock: the time now, with a zone.
    """

    name = "bluesky"

    def __init__(
        self,
        tags: Tags,
        *,
        incident: str,
        clock: Callable[[], datetime],
        account: Account,
        back_fill: timedelta,
        query: str = "search",
    ) -> None:
        self._tags = tags
        self._incident = incident
        self._clock = clock
        self._account = account
        self._back_fill = back_fill
        self._query = query
        self._failed: str | None = None

    def fetch(self, cursor: str | None) -> Fetch:
        """The next page of tagged posts; hidden ones as removals. Raises TransientError and TerminalError."""
        now = self._clock()
        done, at = _place(cursor)
        if at is None or at.tag not in self._tags.names:
            at = self._begin(self._tags.names[0], done, now)
        at, page, quota = self._page(at)
        views = children(page, "posts")
        ours = [view for view in views if is_tagged(child(view, "record"), self._tags)]
        follow = text(page, "cursor")
        capped = at.pages + 1 >= PAGES
        if follow and follow != at.page and not capped and views and not _all_before(views, at.since):
            ahead: _Round | None = replace(at, page=follow, pages=at.pages + 1)
        else:
            done = {**done, at.tag: (datetime.fromisoformat(at.began) - OVERLAP).isoformat()}
            ahead = self._after(at.tag, done, now)
        notice = (
            f"The search for #{at.tag} has no end; posts further back than the newest {PAGES * PAGE:,} may be missing."
        )
        answer = self._answer(ours, now, quota, query=self._query)
        return replace(
            answer, cursor=_cursor(done, ahead), more=ahead is not None, notice=notice if capped and follow else None
        )

    def reread(self, ids: Sequence[str]) -> Fetch:
        """How posts stand now: counts, labels and edits; those that are gone, or hidden, as removals. See `Rereading`.

        A whole call of posts of which none is there any more is rather the server's trouble: that is a TransientError.
        """
        wanted = [uri for uri in dict.fromkeys(ids) if uri.startswith("at://did:") and f"/{POST}/" in uri]
        now, quota = self._clock(), None
        views: list[Record] = []
        gone: list[Removal] = []
        for start in range(0, len(wanted), PER_REREAD):
            some = wanted[start : start + PER_REREAD]
            page, quota = self._account.ask("app.bsky.feed.getPosts", models.AppBskyFeedGetPosts.Params(uris=some))
            found = children(page, "posts")
            if not found and len(some) == PER_REREAD:
                raise TransientError(
                    f"Bluesky shows none of {PER_REREAD} posts; that is more likely its fault than theirs."
                )
            there = {text(view, "uri") for view in found}
            gone += [_gone(uri, now) for uri in some if uri not in there]
            views += found
        answer = self._answer(views, now, quota, query="reread")
        return replace(answer, removals=answer.removals + tuple(gone))

    def close(self) -> None:
        """Let go of the connection."""
        self._account.close()

    def _begin(self, tag: str, done: dict[str, str], now: datetime) -> _Round:
        return _Round(tag=tag, since=done.get(tag, (now - self._back_fill).isoformat()), began=now.isoformat())

    def _after(self, tag: str, done: dict[str, str], now: datetime) -> _Round | None:
        """The next tag of the round, None after the last."""
        following = self._tags.names[self._tags.names.index(tag) + 1 :]
        return self._begin(following[0], done, now) if following else None

    def _page(self, at: _Round) -> tuple[_Round, Record, Quota | None]:
        """One page. A cursor that the server does not take (any more), or stumbles over twice, begins the tag anew."""
        try:
            return at, *self._ask(at)
        except NotTaken:
            if at.page is None:
                raise
        except TransientError:
            if at.page is None or at.page != self._failed:
                self._failed = at.page
                raise
        self._failed = None
        at = replace(at, page=None)
        return at, *self._ask(at)

    def _ask(self, at: _Round) -> tuple[Record, Quota | None]:
        since = datetime.fromisoformat(at.since).astimezone(UTC).isoformat(timespec="milliseconds")
        params = models.AppBskyFeedSearchPosts.Params(
            q=f"#{at.tag}", sort="latest", limit=PAGE, since=since.replace("+00:00", "Z"), cursor=at.page
        )
        return self._account.ask("app.bsky.feed.searchPosts", params)

    def _answer(self, views: Sequence[Record], now: datetime, quota: Quota | None, *, query: str) -> Fetch:
        gathering = Gathering(now)
        for number, view in enumerate(views, 1):
            for found in read_view(view):
                gathering.take_found(number, found)
        chunk = gathering.chunk(rows=len(views), progress=1.0)
        provenance = Provenance(incident=self._incident, source=self.name, query=query, collected_at=now)
        return Fetch(
            posts=stamp(chunk.content, provenance),
            cursor=None,
            removals=chunk.removals,
            refusals=chunk.refusals,
            quota=quota,
        )


def _gone(uri: str, now: datetime) -> Removal:
    return Removal(network=NETWORK, id=uri, at=now, reason="no longer shown by its network")


def _all_before(views: Sequence[Record], since: str) -> bool:
    """Whether a page, which goes from new to old, lies wholly before what was asked for."""
    seen = [at for view in views if (at := moment(view.get("indexedAt"))) is not None]
    return bool(seen) and max(seen) < datetime.fromisoformat(since)


def _cursor(done: dict[str, str], at: _Round | None) -> str:
    return json.dumps({"done": done, "at": asdict(at) if at is not None else None}, separators=(",", ":"))


def _place(cursor: str | None) -> tuple[dict[str, str], _Round | None]:
    """Until when each tag was searched, and where the round is; nothing of either from a cursor that is not ours."""
    try:
        kept: Any = json.loads(cursor) if cursor else {}
        at = _Round(**kept["at"]) if kept.get("at") else None
        return dict(kept.get("done", {})), at
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}, None
