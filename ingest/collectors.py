"""From settings, an incident and the environment to jobs: which sources are asked, and why the others are not.

Owns that choice, and what the sources of one process share: accounts known by their handle, and the bill of X. Knows no
store: what was collected before is told by `recall`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from ingest.bluesky.jetstream import Jetstream
from ingest.bluesky.profiles import Profiles
from ingest.bluesky.settings import HANDLE, PASSWORD
from ingest.inbox import Inbox
from ingest.jobs import Job
from ingest.mastodon.source import MastodonServer, host_of, token_name
from ingest.recall import Recall
from ingest.reread import Collector, Due, Reread
from ingest.settings import IngestSettings, SourcesSettings
from ingest.source import Source
from ingest.tags import Tags
from ingest.x.budget import Bill, Budget, Ceilings, Price, Spent
from ingest.x.settings import TOKEN, why_off
from ingest.x.source import XSearch

if TYPE_CHECKING:
    from ingest.bluesky.account import Account

JITTER = 0.2
"""How much of its floor a wait may be longer by chance, so that not all networks are asked at once."""

STREAM_WAIT = 10.0
"""Seconds between two looks at a stream that broke off, at most: it comes back by itself, and looking costs nothing."""

MASTODON_AGAIN, X_AGAIN = 120.0, 3600.0
"""Seconds between two looks at posts we have."""

POSTS_AGAIN = {"bluesky": 500, "mastodon": 200, "x": 100}
"""Posts of a network that are looked at again in one go."""

NAMES = {"bluesky": "Bluesky", "mastodon": "Mastodon", "x": "X"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What is watched: the incident's id, its tags with their variants, and the sources wanted (empty: all)."""

    id: str
    tags: tuple[str, ...]
    sources: tuple[str, ...] = ()
    is_open: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Off:
    """A source that is not asked for an incident, and why and what to do in one sentence."""

    source: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What is asked for an incident, and what is not."""

    jobs: tuple[Job, ...]
    off: tuple[Off, ...]


class Collectors:
    """Makes the jobs of incidents. One per process: all its sources share what there is one of."""

    def __init__(
        self,
        ingest: IngestSettings,
        sources: SourcesSettings,
        *,
        environment: Mapping[str, str],
        clock: Callable[[], datetime],
        recall: Recall,
    ) -> None:
        """environment: the process's variables, for tokens. clock: the time, with a zone."""
        self._ingest = ingest
        self._sources = sources
        self._environment = environment
        self._clock = clock
        self._recall = recall
        self._budget: Budget | None = None
        self._account: Account | None = None
        self._streams: dict[str, Jetstream] = {}

    def of(self, incident: Watched) -> Gathered:
        """The jobs of an incident, each with a source of its own, and the networks that are off for it."""
        jobs: list[Job] = []
        off: list[Off] = []
        for source, make in (("bluesky", self._bluesky), ("mastodon", self._mastodon), ("x", self._x)):
            try:
                jobs += make(self._wanted(source, incident))
            except _NotAsked as why:
                off.append(Off(source=source, sentence=str(why)))
            except ValueError as error:
                off.append(Off(source=source, sentence=f"{NAMES[source]} is off: {error}."))
        return Gathered(jobs=tuple(jobs), off=tuple(off))

    def tell(self, incident: str, posts: pl.DataFrame) -> None:
        """Let the stream of an incident know of `posts` that another source found, so that it sees what becomes of them."""
        stream = self._streams.get(incident)
        if stream is not None:
            stream.remember(posts.filter(pl.col("network") == stream.name)["id"])

    def inbox(self, incident: str) -> Job:
        """The job of the drop folder, which is made when absent; it belongs to one incident."""
        folder = Path(self._ingest.inbox)
        folder.mkdir(parents=True, exist_ok=True)
        source = Inbox(folder, incident=incident, clock=self._clock)
        return Job(incident=incident, source=source, query=folder.name, every=self._ingest.every)

    def bill(self) -> Bill | None:
        """What X costs today and this month; None while X is off."""
        return None if self._budget is None else self._budget.bill()

    def _wanted(self, source: str, incident: Watched) -> Watched:
        if incident.sources and source not in incident.sources:
            raise _NotAsked(f"{NAMES[source]} is not among the sources of this incident.")
        if not incident.tags and (source != "x" or self._sources.x.enabled):
            raise _NotAsked("No hashtag is watched: name one with --hashtag, or tags in [incident].")
        return incident

    def _bluesky(self, incident: Watched) -> list[Job]:
        settings = self._sources.bluesky
        if not settings.enabled:
            raise _NotAsked("Bluesky is off: enabled = true in [sources.bluesky] switches it on.")
        tags = Tags(incident.tags)
        # The stream is not asked for a tag: a change of the tags has to go back, so it is another query, with no cursor yet.
        query = " ".join(["jetstream", *sorted(tag.casefold() for tag in tags.names)])
        stream = Jetstream(
            tags,
            incident=incident.id,
            clock=self._clock,
            settings=settings,
            known=self._recall.known(incident.id, "bluesky"),
            profiles=Profiles(settings.profiles) if settings.profiles else None,
            query=query,
        )
        self._streams[incident.id] = stream
        jobs = [Job(incident=incident.id, source=stream, query=query, every=settings.every, longest_wait=STREAM_WAIT)]
        account = self._account_of_bluesky()
        if account is not None:
            from ingest.bluesky.source import (
                BlueskySearch,  # its library takes seconds to load, and few have an account
            )

            back_fill = timedelta(hours=settings.back_fill)
            search = BlueskySearch(tags, incident=incident.id, clock=self._clock, account=account, back_fill=back_fill)
            jobs += [
                self._every(incident, search, "search", settings.search_every),
                self._again(incident, search, "reread", settings.reread_every),
            ]
        return jobs

    def _account_of_bluesky(self) -> Account | None:
        """The account that searches, of which there is one for all incidents; None where none is named."""
        settings = self._sources.bluesky
        handle, password = self._environment.get(HANDLE), self._environment.get(PASSWORD)
        if self._account is None and handle and password:
            from ingest.bluesky.account import Account, SessionFile

            session = SessionFile(Path(settings.session), handle=handle, service=settings.service)
            self._account = Account(
                handle=handle, password=password, service=settings.service, session=session, timeout=settings.timeout
            )
        return self._account

    def _mastodon(self, incident: Watched) -> list[Job]:
        settings = self._sources.mastodon
        if not settings.servers:
            raise _NotAsked("Mastodon is off: no servers are named in [sources.mastodon].")
        jobs = []
        for server in settings.servers:
            source = MastodonServer(
                server,
                incident.tags,
                incident=incident.id,
                settings=settings,
                clock=self._clock,
                token=self._environment.get(token_name(server)) or None,
            )
            host = host_of(server)
            jobs += [
                self._polled(incident, source, host),
                self._again(incident, source, f"reread {host}", MASTODON_AGAIN),
            ]
        return jobs

    def _x(self, incident: Watched) -> list[Job]:
        settings, bearer = self._sources.x, self._environment.get(TOKEN)
        why = why_off(settings, bearer)
        if why is not None or bearer is None:
            raise _NotAsked(why or "X is off.")
        self._budget = self._budget or self._bill_of_x()
        source = XSearch(
            incident.tags,
            incident=incident.id,
            bearer=bearer,
            settings=settings,
            budget=self._budget,
            clock=self._clock,
        )
        # X bills a post once a day of UTC, so only what was read today is looked at again.
        again = self._again(incident, source, "reread", X_AGAIN, lambda: _midnight(self._clock()))
        return [self._polled(incident, source, "search"), again]

    def _polled(self, incident: Watched, source: Collector, query: str) -> Job:
        floor, ceiling = self._ingest.floor, self._ingest.ceiling
        return replace(self._every(incident, source, query, floor), floor=floor, ceiling=ceiling)

    def _every(self, incident: Watched, source: Source, query: str, seconds: float) -> Job:
        return Job(incident=incident.id, source=source, query=query, every=seconds, jitter=seconds * JITTER)

    def _again(
        self,
        incident: Watched,
        source: Collector,
        query: str,
        seconds: float,
        since: Callable[[], datetime] | None = None,
    ) -> Job:
        due: Due = partial(self._due, incident.id, source.name, since)
        again = Reread(source, due=due, most=POSTS_AGAIN[source.name])
        return replace(self._every(incident, again, query, seconds), rereads=True)

    def _due(
        self, incident: str, network: str, since: Callable[[], datetime] | None, after: str, most: int
    ) -> Sequence[tuple[str, str]]:
        return self._recall.due(incident, network, after, most, since() if since else None)

    def _bill_of_x(self) -> Budget:
        settings = self._sources.x

        def spent() -> Spent:
            today = _midnight(self._clock())
            reads, counts = self._recall.paid("x", today)
            reads_month, counts_month = self._recall.paid("x", today.replace(day=1))
            return Spent(reads_today=reads, counts_today=counts, reads_month=reads_month, counts_month=counts_month)

        return Budget(
            price=Price(read=settings.price_per_read, count=settings.price_per_count),
            ceilings=Ceilings(today=settings.ceiling_today, month=settings.ceiling_month),
            spent=spent,
            clock=self._clock,
            read_today=self._recall.read_since("x", _midnight(self._clock())),
        )


class _NotAsked(Exception):  # a source that is off; never leaves this module
    """`str()` is the sentence that says why."""


def _midnight(now: datetime) -> datetime:
    """When the day of UTC began."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
