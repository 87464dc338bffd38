"""Faults of three loopback networks, through the schedule into a store: each is waited out or told, and nothing is lost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from dedupe.collapse import Batch
from dedupe.runs import Journal
from dedupe.store import Store
from ingest.bluesky.jetstream import Jetstream
from ingest.bluesky.settings import BlueskySettings
from ingest.jobs import Job, Run, Status
from ingest.mastodon.source import MastodonServer, MastodonSettings
from ingest.schedule import Schedule
from ingest.source import Fetch, removed
from ingest.tags import Tags
from ingest.x.budget import Budget, Ceilings, Price, Spent
from ingest.x.settings import XSettings
from ingest.x.source import XSearch
from tests.support import x as net
from tests.support.jetstream import Fault as StreamFault
from tests.support.jetstream import JetstreamServer, post, uri_of
from tests.support.mastodon import RESET, SILENT, TRUNCATED, MastodonFake, error, html, mastodon_server
from tests.support.mastodon import Fault as ServerFault
from tests.support.waiting import until

TAGS = ("hasselthelpt",)
TIMELINE = "/api/v1/timelines/tag/"

SERVER_FAULTS = [RESET, SILENT, TRUNCATED, html(403), html(404), error(500), html(503), error(429, Retry_After="1")]
STREAM_FAULTS = [
    StreamFault(how="close", after=3),
    StreamFault(how="reset", after=5),
    StreamFault(how="garbage", after=2),
    StreamFault(how="twice"),
    StreamFault(how="shuffled"),
    StreamFault(how="silence", after=4),
    StreamFault(how="error", after=2),
    StreamFault(refuse=(500, b"{}")),
    StreamFault(refuse=(429, b"{}")),
]
X_FAULTS = [net.reset, net.truncated, net.silent, net.raw(500, b"{}"), net.raw(503, net.HTML), net.raw(200, b"[1]")]


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(kw_only=True)
class Night:
    """Three networks, a store, and the schedule between them."""

    stack: ExitStack
    store: Store
    stream: JetstreamServer
    server: MastodonFake
    x: net.X
    schedule: Schedule = field(init=False)
    wanted: set[str] = field(default_factory=set)
    runs: list[Run] = field(default_factory=list)

    def __post_init__(self) -> None:
        journal = Journal(self.store)

        def deliver(job: Job, fetch: Fetch) -> int:
            batch = Batch(incident=job.incident, source=job.source.name, query=job.query, cursor=fetch.cursor)
            gone = removed(fetch.removals) if fetch.removals else None
            done = journal.take(fetch.posts, batch, removals=gone)
            return done.new if done else 0

        self.schedule = Schedule(
            [self._stream(), self._server(), self._search()],
            ask=lambda job: journal.cursor(job.incident, job.source.name, job.query),
            deliver=deliver,
            record=lambda _, run: self.runs.append(run),
            first_wait=0.05,
            longest_wait=0.3,
        )

    def _stream(self) -> Job:
        settings = BlueskySettings(hosts=(self.stream.url,), profiles="", silence=1, compress=False)
        source = Jetstream(Tags(TAGS), incident="storm", clock=now, settings=settings, patience=0.5, first_wait=0.05)
        return Job(incident="storm", source=source, query="jetstream", every=0.1)

    def _server(self) -> Job:
        settings = MastodonSettings(servers=(self.server.address,), timeout=0.5)
        source = MastodonServer(self.server.address, TAGS, incident="storm", settings=settings, clock=now)
        return Job(incident="storm", source=source, query="server", every=0.1)

    def _search(self) -> Job:
        nothing = Spent(reads_today=0, counts_today=0, reads_month=0, counts_month=0)
        budget = Budget(
            price=Price(read=Decimal("0.005"), count=Decimal("0.005")),
            ceilings=Ceilings(today=Decimal(1000), month=Decimal(1000)),
            spent=lambda: nothing,
            clock=lambda: self.x.now,
        )
        source = XSearch(
            TAGS, incident="storm", bearer=net.TOKEN, settings=XSettings(timeout=0.5, quiet=0), budget=budget,
            clock=lambda: self.x.now, base_url=self.x.address,
        )  # fmt: skip
        return Job(incident="storm", source=source, query="search", every=0.1)

    def write(self, number: int) -> None:
        """One post on each of the networks."""
        self.stream.put(post(f"w{number}", str(number), f"bed {number} #hasselthelpt"))
        status = self.server.post(number + 1, created_at=now().isoformat())
        self.wanted |= {uri_of(f"w{number}", str(number)), str(status["uri"])}
        self.wanted.add(self.x.write(f"bed {number} #hasselthelpt", ago=3_000 - number))

    def ids(self) -> set[str]:
        return set(self.store.read("select id from current_posts")["id"].to_list())

    def of(self, query: str) -> Status:
        return next(each for each in self.schedule.status() if each.query == query)

    def complete(self) -> None:
        """All is there, nothing twice, and no error came that no source had announced."""
        until(lambda: self.ids() >= self.wanted)
        assert self.ids() == self.wanted
        assert self.store.read("select count(*) - count(distinct version) from posts").item() == 0
        assert [each.surprises for each in self.schedule.status()] == [0, 0, 0]


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    with ExitStack() as stack:
        yield Night(
            stack=stack,
            store=stack.enter_context(Store(tmp_path / "night.duckdb")),
            stream=stack.enter_context(JetstreamServer()),
            server=stack.enter_context(mastodon_server()),
            x=stack.enter_context(net.serving()),
        )


@pytest.mark.parametrize("seed", range(2))
def test_a_stream_of_known_posts_is_complete_whatever_three_networks_run_into(night: Night, seed: int):
    chance = Random(seed)
    night.stream.faults.extend(chance.sample(STREAM_FAULTS, len(STREAM_FAULTS)))
    server, search = chance.sample(SERVER_FAULTS, len(SERVER_FAULTS)), chance.sample(X_FAULTS, len(X_FAULTS))
    with night.schedule:
        for number in range(60):
            night.write(number)
            if server and number % 5 == 0:
                night.server.fail(server.pop(), path=TIMELINE)
            if search and number % 5 == 2:
                night.x.fail(search.pop())
            time.sleep(0.1)
        night.complete()
        until(lambda: {each.state for each in night.schedule.status()} <= {"waiting", "running"})
    assert {run.error for run in night.runs if run.error}, "faults were met"
    assert not night.server.faults
    assert not night.x.faults


@pytest.mark.parametrize(
    ("fault", "least"),
    [
        (error(429, Retry_After="90"), 80),
        (error(429, X_RateLimit_Remaining="0", X_RateLimit_Reset="2099-01-01T00:00:00Z"), 80),
        (error(429), 50),
    ],
    ids=["Retry-After", "a reset", "neither"],
)
def test_a_server_that_is_asked_too_often_is_left_alone_and_the_others_are_asked_on(
    night: Night, fault: ServerFault, least: float
):
    with night.schedule:
        night.write(0)
        night.complete()
        night.server.fail(fault, path=TIMELINE)
        until(lambda: night.of("server").state == "retrying")
        status, asked = night.of("server"), len(night.server.asked)
        assert status.next_try is not None
        assert (status.next_try - now()).total_seconds() > least
        others = len(night.x.asked)
        until(lambda: len(night.x.asked) >= others + 3)
        assert len(night.server.asked) == asked
        assert [night.of(query).sentence for query in ("jetstream", "search")] == [None, None]
        night.write(1)
        night.schedule.resume(status.id)
        night.complete()


def test_x_is_left_alone_until_its_reset_and_the_others_are_asked_on(night: Night):
    with night.schedule:
        night.write(0)
        night.complete()
        night.x.fail(net.rate)
        until(lambda: night.of("search").state == "retrying")
        night.write(1)
        until(lambda: len(night.ids()) == 5)
        next_try = night.of("search").next_try
        assert next_try is not None
        assert (next_try - now()).total_seconds() > 60
        night.schedule.resume(night.of("search").id)
        night.complete()


def test_what_only_a_person_can_mend_stops_its_source_with_a_sentence_and_never_the_others(night: Night):
    night.server.feeds = {"local": "disabled", "remote": "disabled"}
    with night.schedule:
        night.x.fail(net.no_credits, 5)
        until(lambda: [night.of(query).state for query in ("server", "search")] == ["stopped", "stopped"])
        assert "credits at X are used up" in (night.of("search").sentence or "")
        assert "hashtag" in (night.of("server").sentence or "")
        asked = (len(night.server.asked), len(night.x.asked))
        night.write(0)
        until(lambda: night.ids() == {uri_of("w0", "0")})
        time.sleep(0.5)
        assert asked == (len(night.server.asked), len(night.x.asked))
        assert night.of("jetstream").state in ("waiting", "running")
        night.server.feeds = None
        night.x.faults.clear()
        for query in ("server", "search"):
            night.schedule.resume(night.of(query).id)
        night.complete()


def test_networks_that_hang_do_not_keep_it_from_stopping_and_nothing_is_half_written(night: Night):
    night.stream.faults.append(StreamFault(how="silence"))
    with night.schedule:
        night.write(0)
        until(lambda: len(night.ids()) >= 1)
        night.server.fail(SILENT, SILENT)
        night.x.fail(net.silent, 2)
        time.sleep(0.3)
        began = time.monotonic()
    assert time.monotonic() - began < 5
    assert night.ids() <= night.wanted
    assert night.store.read("select count(*) from posts anti join wordings using (wording)").item() == 0
