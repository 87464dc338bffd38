"""Mastodon as a source: hashtags on one server, read forward as posts come and backward for those that came late.

Owns the order in which a server is asked, and which of its statuses are given. Knows no store. docs/sources/mastodon.md
tells what servers give and allow.

A server files a post from elsewhere under the time it was written, so it may appear below what was read already. That is
why reading forward from the newest id is not enough: every minute the last while is read backward as well, and every
hour the whole look-back.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, field_validator

from ingest.errors import IngestError, TerminalError, TransientError
from ingest.mastodon.cursor import Given, Place, Stand, Walk, read_stand
from ingest.mastodon.page import Taking, always, home_of
from ingest.mastodon.tag import TagReading
from ingest.mastodon.wire import BATCH, MastodonWire, address_of, host_of, token_name
from ingest.post import Provenance, stamp
from ingest.reading.form_mastodon import NETWORK
from ingest.reading.found import text
from ingest.reading.gather import Chunk
from ingest.source import Fetch, Removal
from ingest.tags import Tags

__all__ = ["MastodonServer", "MastodonSettings", "host_of", "token_name"]

log = logging.getLogger(__name__)

LOOK_BACK_PAGES = 250
"""The most pages a look-back reads: 10,000 posts, within the calls most servers allow in five minutes."""

SWEEP = timedelta(seconds=60)
"""How often the last while is read again for posts that came late, and for edits and counts."""

LOOK_AGAIN = timedelta(hours=1)
"""How often the whole look-back is made again, and a server asked whether it still shows its hashtags."""

_FLUKES = 3

_HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}(:\d{1,5})?")
_LOOPBACK = re.compile(r"http://(127(\.\d{1,3}){3}|localhost|\[::1\])(:\d{1,5})?")


class MastodonSettings(BaseModel):
    """Hashtags on servers of Mastodon, and of others that speak its API."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    servers: tuple[str, ...] = Field(
        default=("mastodon.social", "mastodon.nl", "social.overheid.nl"),
        max_length=20,
        description="servers to read, by host; each knows only the posts that reached it; at most 20, none reads nothing",
    )
    look_back_hours: float = Field(
        default=36.0,
        ge=0,
        le=168,
        description="hours the first look at a tag goes back, 0 to 168, and at most 10,000 posts",
    )
    late_minutes: float = Field(
        default=30.0,
        ge=0,
        le=1440,
        description="minutes a post may take from its own server to the one that is read and still be found, 0 to 1440",
    )
    pages: int = Field(
        default=25,
        ge=1,
        le=100,
        description="pages of 40 posts read of a tag in one look, 1 to 100; the rest follows at once",
    )
    timeout: float = Field(default=10.0, ge=0.1, le=60, description="seconds an answer may take, 0.1 to 60")

    @field_validator("servers")
    @classmethod
    def _known_hosts(cls, servers: tuple[str, ...]) -> tuple[str, ...]:
        known = {address_of(server).removeprefix("https://"): server for server in servers}
        for host, server in known.items():
            if not _HOST.fullmatch(host) and not _LOOPBACK.fullmatch(host):
                raise ValueError(f"{server!r} is no server; write its host, such as mastodon.nl")
        return tuple(known)


class MastodonServer:
    """Posts with any of some hashtags, as one server shows them. One object per server and incident.

    A post is named by its `uri`, the same on all servers. How often it was boosted and liked is taken from the server it
    was written on, where that is read too: any other knows only a part.
    """

    name = NETWORK

    def __init__(
        self,
        server: str,
        tags: Sequence[str],
        *,
        incident: str,
        settings: MastodonSettings,
        clock: Callable[[], datetime],
        token: str | None = None,
    ) -> None:
        """server: one of those in `settings`. tags: with or without #. clock: the time, with a zone.

        token: with the right `read:statuses`, from the environment (`token_name`). Raises ValueError when it cannot be
        one, or when there is no tag.
        """
        self._tags = {name.casefold(): name for name in Tags(tags).names}
        self._incident = incident
        self._settings = settings
        self._clock = clock
        self._wire = MastodonWire(server, token=token, timeout=settings.timeout)
        self._others = {host_of(other) for other in settings.servers} - {self._wire.host}
        self._given = Given()
        self._swept: dict[str, datetime] = {}
        self._feeds_asked: datetime | None = None
        self._narrow: str | None = None
        self._batches = True
        self._lock = threading.Lock()
        self._closed = threading.Event()

    @property
    def query(self) -> str:
        """What is asked: the server, by its host."""
        return self._wire.host

    def close(self) -> None:
        """Let go of the connection; a question that is under way ends within its timeout and is the last."""
        self._closed.set()
        self._wire.close()

    def fetch(self, cursor: str | None) -> Fetch:
        """What came since, of all tags; and what was read backward. A status that was given is not given unchanged.

        Where an error comes after some pages, what they gave is returned, the error as notice. Raises TransientError,
        and TerminalError when the server does not show its hashtags.
        """
        with self._lock:
            now = self._clock()
            if not self._given.ask(cursor):
                self._swept.clear()
            self._ask_feeds(now)
            taking = Taking(now, self._given.is_news, self._others)
            stand = read_stand(cursor, self._tags)
            readings = {tag: self._reading(tag, place, taking) for tag, place in stand.tags.items()}
            notice = self._read(readings, now, taking)
            return self._answer(stand, readings, taking, notice)

    def reread(self, ids: Sequence[str]) -> Fetch:
        """The posts of `ids` as they stand on this server, and those that are gone from it as removals.

        Asks only after posts that were written here, or that this object gave and no other of the servers has at first
        hand: of others it does not know by which id they go here, and it asks no server that nobody chose. Ends early,
        with a notice, before new posts run out of calls.
        """
        with self._lock:
            local = {one: found for one in ids if (found := self._local(one)) is not None}
            taking = Taking(self._clock(), always, self._others)
            gone: list[str] = []
            notice = None
            try:
                for start in range(0, len(local), BATCH):
                    if self._wire.is_short:
                        notice = (
                            f"{self.query} allows few more calls now; {len(local) - start} posts are read again later."
                        )
                        break
                    self._reread(dict(list(local.items())[start : start + BATCH]), taking, gone)
            except IngestError as error:
                if not taking.pages and not gone:
                    raise
                notice = str(error)
            for one in gone:
                self._given.forget(one)
            at = taking.now
            removals = tuple(Removal(network=NETWORK, id=one, at=at, reason="deleted") for one in gone)
            chunk = taking.chunk()
            return Fetch(
                posts=self._stamped(chunk, at),
                cursor=None,
                removals=removals,
                refusals=chunk.refusals,
                quota=self._wire.quota,
                calls=max(1, taking.pages),
                notice=notice,
            )

    def _reading(self, tag: str, place: Place, taking: Taking) -> TagReading:
        def ask(*, after: str | None = None, before: str | None = None) -> list[object]:
            if self._closed.is_set():
                raise TransientError(f"{self.query} is no longer read.")
            return self._wire.tag_page(self._tags[tag], after=after, before=before)

        return TagReading(place, ask, taking.take, pages=self._settings.pages)

    def _read(self, readings: Mapping[str, TagReading], now: datetime, taking: Taking) -> str | None:
        """Read all tags on: what is new first. Returns the sentence of an error that came after some pages."""
        try:
            for reading in readings.values():
                reading.forward()
            for tag, reading in readings.items():
                self._set_out(tag, reading, now)
                reading.back(lambda: not self._wire.is_short)
        except IngestError as error:
            if not taking.pages:
                raise
            log.info("%s: %s", self.query, error)
            return str(error)
        return None

    def _set_out(self, tag: str, reading: TagReading, now: datetime) -> None:
        """Begin a walk backward where it is time for one: a long one every hour, short ones in between."""
        place, swept = reading.place, self._swept.get(tag)
        if place.walk is not None:
            self._swept.setdefault(tag, now)
            return
        if place.newest is None or swept is None:
            span, pages = timedelta(hours=self._settings.look_back_hours), LOOK_BACK_PAGES
        elif reading.caught_up and abs(now - swept) >= SWEEP and self._settings.late_minutes:
            span, pages = timedelta(minutes=self._settings.late_minutes), self._settings.pages
        else:
            return
        self._swept[tag] = now
        reading.place = Place(newest=place.newest, walk=Walk(until=now - span, pages=pages))

    def _answer(self, stand: Stand, readings: Mapping[str, TagReading], taking: Taking, notice: str | None) -> Fetch:
        answers = stand.answers + self._given.anything
        cursor = Stand(answers=answers, tags={tag: one.place for tag, one in readings.items()}).model_dump_json()
        self._given.hand(cursor)
        unread = any(not one.caught_up for one in readings.values())
        walking = any(one.place.walk is not None for one in readings.values()) and not self._wire.is_short
        chunk = taking.chunk()
        log.debug("%s: %d pages, %d posts given", self.query, taking.pages, chunk.content.height)
        return Fetch(
            posts=self._stamped(chunk, taking.now),
            cursor=cursor,
            refusals=chunk.refusals,
            quota=self._wire.quota,
            calls=max(1, taking.pages),
            more=(unread or walking) and notice is None,
            notice=" ".join(filter(None, (notice, self._narrow))) or None,
        )

    def _ask_feeds(self, now: datetime) -> None:
        """See whether the server shows its hashtags to us: one that does not may answer with empty lists."""
        if self._feeds_asked is not None and abs(now - self._feeds_asked) < LOOK_AGAIN:
            return
        feeds = self._wire.hashtag_feeds()
        closed = {"disabled"} if self._wire.has_token else {"disabled", "authenticated"}
        shut = {side for side in ("local", "remote") if text(feeds, side) in closed}
        if len(shut) == 2:
            if {text(feeds, side) for side in shut} == {"disabled"}:
                raise TerminalError(
                    f"{self.query} is closed: it shows hashtags to no one; take it off the list of servers."
                )
            raise TerminalError(
                f"{self.query} is closed: it shows no hashtags to readers without an account; put a token with "
                f"read:statuses in {token_name(self._wire.address)}, or take it off the list of servers."
            )
        self._narrow = None
        if shut:
            missing = "its own people" if "local" in shut else "people on other servers"
            self._narrow = f"{self.query} does not show posts of {missing}."
        self._feeds_asked, self._batches = now, True
        self._swept.clear()

    def _reread(self, local: Mapping[str, str], taking: Taking, gone: list[str]) -> None:
        """Ask after at most `BATCH` posts at once, and after those that are missing one by one."""
        found = self._wire.statuses(list(local.values())) if self._batches else None
        self._batches = found is not None
        there = {text(one, "uri"): one for one in found or [] if isinstance(one, Mapping)}
        if found is not None:
            taking.take([there[one] for one in local if one in there])
        flukes = 0
        for one in local.keys() - there.keys():
            try:
                status = self._wire.status(local[one])
            except TransientError as error:
                flukes += 1
                if error.retry_after is not None or flukes == _FLUKES:
                    raise
                continue
            if status is None:
                gone.append(one)
            elif isinstance(status, Mapping) and text(status, "uri") == one:
                taking.take([status])

    def _local(self, uri: str) -> str | None:
        """The id here of a post that this server is to be asked after. Of one written here it is the end of its `uri`."""
        if home_of(uri) in self._others:
            return None
        mine = re.fullmatch(rf"{re.escape(self._wire.address)}/(?:[^?#]*/)?statuses/([0-9A-Za-z]{{1,64}})", uri)
        return mine[1] if mine else self._given.local(uri)

    def _stamped(self, chunk: Chunk, now: datetime) -> pl.DataFrame:
        provenance = Provenance(incident=self._incident, source=self.name, query=self.query, collected_at=now)
        return stamp(chunk.content, provenance)
