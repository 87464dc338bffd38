"""One hashtag of one server, page by page.

Owns in which direction to read and when to stop: where a page brings nothing new, and at a bound in any case, so that a
server that repeats itself, or never ends, holds up nothing. Any id of a page will do to go on from: what lies between is
on that page, or comes again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from ingest.mastodon.cursor import Place, Walk
from ingest.mastodon.wire import PAGE
from ingest.reading.found import key, moment

_ID_CHARS = 200


class Ask(Protocol):
    """Gives a page of statuses, newest first: right after an id, right before one, or the newest."""

    def __call__(self, *, after: str | None = None, before: str | None = None) -> list[object]:
        """Raises TransientError and TerminalError."""
        ...


class TagReading:
    """Reads one tag on. `place` is right after every page, whatever ends the reading."""

    def __init__(self, place: Place, ask: Ask, take: Callable[[Sequence[object]], None], *, pages: int) -> None:
        """take: gets every page. pages: the most that are read, in both directions together."""
        self.place = place
        self.caught_up = place.newest is None
        self._ask = ask
        self._take = take
        self._pages = pages
        self._nothing_new = False

    def forward(self) -> None:
        """Read what came after the newest id known; `caught_up` tells whether there is no more."""
        seen: set[str] = set()
        while not self.caught_up and self._pages > 0:
            page, ids = self._page(after=self.place.newest)
            self._nothing_new = not ids and not seen
            if seen.issuperset(ids):
                self.caught_up = True
                return
            seen.update(ids)
            self.place = Place(newest=ids[0], walk=self.place.walk)
            # a page may miss a few that the server leaves out; one not half full is the last
            self.caught_up = 2 * len(page) < PAGE

    def back(self, may: Callable[[], bool]) -> None:
        """Go on with the walk backwards, if there is one, for as long as it `may`."""
        seen: set[str] = set()
        while (walk := self.place.walk) is not None and self._pages > 0 and may():
            page, ids = self._page(before=walk.before)
            newest = self.place.newest
            if walk.before is None and ids and (newest is None or (self._nothing_new and newest not in ids)):
                # also where the server was set back to an earlier state: nothing would ever come after the old id
                newest = ids[0]
            on = not seen.issuperset(ids) and ids[-1] != walk.before and walk.pages > 1 and _reaches(page, walk.until)
            seen.update(ids)
            next_walk = Walk(until=walk.until, pages=walk.pages - 1, before=ids[-1]) if on else None
            self.place = Place(newest=newest, walk=next_walk)

    def _page(self, *, after: str | None = None, before: str | None = None) -> tuple[list[object], list[str]]:
        page = self._ask(after=after, before=before)
        self._pages -= 1
        self._take(page)
        found = [key(status, "id") for status in page if isinstance(status, Mapping)]
        return page, [one for one in found if one is not None and len(one) <= _ID_CHARS]


def _reaches(page: Sequence[object], until: datetime) -> bool:
    """Whether anything on a page was written after `until`: one wrong clock must not end the reading."""
    times = [moment(status.get("created_at")) for status in page if isinstance(status, Mapping)]
    return any(at is not None and at >= until for at in times)
