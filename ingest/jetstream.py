"""Bluesky as it is written: every post of the network from Jetstream, of which the tagged ones are kept.

Owns what has been given and what not. Needs no account. The stream runs in a thread of its own, which waits when nobody
fetches, so nothing is lost and memory is bounded; what it keeps is given at the next `fetch`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from ingest.bluesky_settings import BlueskySettings
from ingest.errors import TransientError
from ingest.form_bluesky import read_account, read_event
from ingest.found import Found, Record, Row, text
from ingest.gather import Chunk, Gathering
from ingest.post import Provenance, stamp
from ingest.profiles import Profile, Profiles
from ingest.sift import ACCOUNT, IDENTITY, Sift
from ingest.source import Fetch
from ingest.tags import Tags
from ingest.tail import Tail
from ingest.waiting import Event, Refused, Waiting

PATIENCE = 10.0
"""Seconds without the stream before that is an error and not a hiccup."""

STEP = 30_000_000
"""Microseconds a quiet stream moves on before its cursor does: a row a second in the store would be noise."""


class Jetstream:
    """Bluesky's stream as a source.

    known: ids of the incident's posts of Bluesky collected before, so that what happens to them is seen; `remember`
    adds those another source finds meanwhile. clock: the time now, with a zone. profiles: who writers are; without it
    they stay DIDs. batch: the most events in one answer. room: the most events that wait; then the stream waits too.
    """

    name = "bluesky"

    def __init__(
        self,
        tags: Tags,
        *,
        incident: str,
        clock: Callable[[], datetime],
        settings: BlueskySettings,
        known: Iterable[str] = (),
        profiles: Profiles | None = None,
        query: str = "jetstream",
        batch: int = 2_000,
        room: int = 10_000,
        patience: float = PATIENCE,
        first_wait: float = 1.0,
    ) -> None:
        self._sift = Sift(tags, known=known)
        self._incident = incident
        self._clock = clock
        self._settings = settings
        self._profiles = profiles
        self._query = query
        self._batch = batch
        self._room = room
        self._patience = patience
        self._first_wait = first_wait
        self._asking = threading.Lock()
        self._tail: Tail | None = None
        self._waiting = Waiting(room)
        self._refused = Refused()
        # what was given since the caller last showed that it kept something, and the cursors before and after it
        self._held: list[Event] = []
        self._before: str | None = None
        self._after: str | None = None
        self._count = 0

    def remember(self, ids: Iterable[str]) -> None:
        """Watch these posts too: another source found them. May be called from any thread."""
        self._sift.remember(ids)

    def fetch(self, cursor: str | None) -> Fetch:
        """What came since `cursor`, at most `batch` events; begins to listen the first time it is asked.

        None begins `look_back` hours ago. Edits, reposts and removals are of posts that were tagged once. Raises
        TransientError when the stream has not been there for a while; it keeps trying by itself, whoever asks or not.
        """
        with self._asking:
            tail = self._go_on(cursor)
            # read before the events are taken: whatever is behind this position waits in the queue by now
            reached, notice, trouble = tail.position, tail.notice, tail.trouble
            events, more = self._waiting.take(self._batch)
            refusals = self._refused.take()
            if not events and not refusals and trouble is not None and trouble[0] > self._patience:
                raise TransientError(trouble[1])
            self._held += events
            if more:
                # what lies before the last cursor was given once: going over it again must not set us back
                reached = max(min(reached, events[-1].at), _place(self._after) or 0)
            self._after = self._cursor(reached, given=len(events))
            now = self._clock()
            chunk = self._gather([event.payload for event in events], now)
            return Fetch(
                posts=stamp(chunk.content, self._provenance(now)),
                cursor=self._after,
                removals=chunk.removals,
                refusals=chunk.refusals + refusals,
                more=more,
                behind=max(0.0, now.timestamp() - reached / 1e6),
                notice=notice or (trouble[1] if trouble is not None else None),
            )

    def close(self) -> None:
        """Stop the stream, within 5 seconds. The next `fetch` starts it again."""
        self._waiting.shut()
        if self._tail is not None:
            self._tail.close()
        if self._profiles is not None:
            self._profiles.close()
        self._tail = None

    def _go_on(self, cursor: str | None) -> Tail:
        """Make ready to give what came after `cursor`: the next, the same again, or all from another place."""
        tail = self._tail
        if tail is None or cursor not in (self._after, self._before):
            return self._start(cursor)
        if cursor == self._after:
            self._before = cursor
        else:
            self._waiting.put_back(self._held)
        self._held = []
        return tail

    def _start(self, cursor: str | None) -> Tail:
        if self._tail is not None:
            self._waiting.shut()
            self._tail.close()
        place, now = _place(cursor), self._clock()
        if place is None:
            now -= timedelta(hours=self._settings.look_back)
        # whatever clock made a place in the future: waiting for it there would lose all until then
        latest = int(now.timestamp() * 1e6)
        place = latest if place is None else min(place, latest)
        self._before = self._after = cursor
        self._held, self._waiting, self._refused = [], Waiting(self._room), Refused()
        self._tail = tail = Tail(
            hosts=self._settings.hosts,
            position=place,
            take=_keeping(self._sift, self._waiting),
            refuse=self._refused.add,
            clock=self._clock,
            rewind=self._settings.rewind,
            silence=self._settings.silence,
            compress=self._settings.compress,
            first_wait=self._first_wait,
        )
        tail.start()
        return tail

    def _cursor(self, reached: int, *, given: int) -> str | None:
        """The place reached, and how much was given: after something was given it is never the one before."""
        self._count += given
        before = _place(self._after)
        if not given and before is not None and reached - before < STEP:
            return self._after
        return f"{reached}/{self._count}"

    def _provenance(self, now: datetime) -> Provenance:
        return Provenance(incident=self._incident, source=self.name, query=self._query, collected_at=now)

    def _gather(self, events: list[Record], now: datetime) -> Chunk:
        found: list[Found] = []
        for event in events:
            if event.get("$type") == ACCOUNT:
                gone = read_account(event)
                found += [gone] if gone is not None else []
            elif event.get("$type") == IDENTITY:
                if self._profiles is not None:
                    self._profiles.forget(text(event, "did") or "")
            else:
                found += read_event(event)
        gathering = Gathering(now)
        for number, each in enumerate(self._named(found), 1):
            gathering.take_found(number, each)
        return gathering.chunk(rows=len(found), progress=1.0)

    def _named(self, found: list[Found]) -> list[Found]:
        """Posts with the handle, name and labels of their writer, where these are known."""
        if self._profiles is None:
            return found
        profiles = self._profiles.of(str(row["author"]) for row in found if isinstance(row, dict))
        return [_signed(row, profiles.get(str(row["author"]))) if isinstance(row, dict) else row for row in found]


def _signed(row: Row, profile: Profile | None) -> Row:
    if profile is None:
        return row
    own = row.get("labels")
    labels = sorted({*profile.labels, *(own if isinstance(own, list) else ())})
    return {**row, "author": profile.handle, "author_name": profile.name, "labels": labels}


def _keeping(sift: Sift, waiting: Waiting) -> Callable[[Event], None]:
    def keep(event: Event) -> None:
        if sift.keep(event.payload):
            waiting.put(event)

    return keep


def _place(cursor: str | None) -> int | None:
    """The place a cursor of ours names, in microseconds since 1970; None for any other."""
    place = (cursor or "").partition("/")[0]
    return int(place) if place.isdecimal() else None
