"""Which sources are asked for an incident, and why the others are not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.bluesky.settings import HANDLE, PASSWORD, BlueskySettings
from ingest.collecting import Collecting, Order
from ingest.collectors import Collectors, Gathered, Watched
from ingest.errors import TerminalError, TransientError
from ingest.jobs import Job
from ingest.mastodon.source import MastodonSettings, token_name
from ingest.probe import probe, trials
from ingest.recall import Nothing
from ingest.settings import IngestSettings, SourcesSettings
from ingest.source import Fetch
from ingest.x.budget import Budget, Ceilings, Price, Spent
from ingest.x.settings import ACKNOWLEDGEMENT, TOKEN, XSettings
from ingest.x.source import XSearch
from tests.ingest.test_schedule import MOMENT, Played, posts
from tests.support import x as net
from tests.support.waiting import until

STORM = Watched(id="storm", tags=("hasselthelpt", "ppok"))
OTHERS = (
    Order(incident="flood", source="file", step=9, pause=True),
    Order(incident="storm", source="nobody knows", step=9, pause=True),
)
X_ON = XSettings(enabled=True, acknowledged=ACKNOWLEDGEMENT)


class Recorded(Nothing):
    """A recall of 700 reads this month, 100 of them today."""

    def paid(self, source: str, since: datetime) -> tuple[int, int]:
        return (700, 2) if since.day == 1 else (100, 1)


@contextmanager
def gathered(
    incident: Watched = STORM,
    sources: SourcesSettings | None = None,
    ingest: IngestSettings | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Gathered]:
    """What is asked, with its sources closed again."""
    found = made(sources, ingest, environment).of(incident)
    try:
        yield found
    finally:
        for job in found.jobs:
            job.source.close()


def made(
    sources: SourcesSettings | None, ingest: IngestSettings | None = None, environment: Mapping[str, str] | None = None
) -> Collectors:
    return Collectors(
        ingest or IngestSettings(),
        sources or SourcesSettings(),
        environment=environment or {},
        clock=lambda: MOMENT,
        recall=Recorded(),
    )


def queries(found: Gathered) -> list[str]:
    return [f"{job.source.name} {job.query}" for job in found.jobs if not job.rereads]


def test_without_settings_the_networks_that_need_no_key_are_asked():
    with gathered() as found:
        servers = MastodonSettings().servers
        assert queries(found) == ["bluesky jetstream hasselthelpt ppok", *(f"mastodon {server}" for server in servers)]
        assert [off.source for off in found.off] == ["x"]
        assert len([job for job in found.jobs if job.rereads]) == len(servers)
        assert len({job.id for job in found.jobs}) == len(found.jobs)


def test_without_a_hashtag_nothing_is_asked_and_each_network_says_why():
    with gathered(Watched(id="storm", tags=())) as found:
        assert found.jobs == ()
        assert {off.source for off in found.off} == {"bluesky", "mastodon", "x"}
        assert all(off.sentence.endswith(".") for off in found.off)


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        (SourcesSettings(bluesky=BlueskySettings(enabled=False)), ("bluesky", "enabled = true")),
        (SourcesSettings(mastodon=MastodonSettings(servers=())), ("mastodon", "no servers")),
        (SourcesSettings(x=XSettings(enabled=True)), ("x", "acknowledged")),
        (SourcesSettings(x=X_ON), ("x", TOKEN)),
    ],
)
def test_a_source_that_is_off_says_why_and_the_others_are_asked(sources: SourcesSettings, said: tuple[str, str]):
    with gathered(sources=sources) as found:
        told = {off.source: off.sentence for off in found.off}
        assert said[1] in told[said[0]]
        assert said[0] not in {job.source.name for job in found.jobs}
        assert found.jobs


def test_only_the_sources_of_the_incident_are_asked():
    with gathered(Watched(id="storm", tags=("hasselthelpt",), sources=("bluesky",))) as found:
        assert {job.source.name for job in found.jobs} == {"bluesky"}
        assert "not among the sources" in {off.source: off.sentence for off in found.off}["mastodon"]


def test_a_token_that_cannot_be_one_switches_its_network_off_and_is_not_told():
    name = token_name(MastodonSettings().servers[0])
    with gathered(environment={name: "geheim\nwoord"}) as found:
        (off,) = [off for off in found.off if off.source == "mastodon"]
        assert "geheim" not in off.sentence
        assert {job.source.name for job in found.jobs} == {"bluesky"}


def test_with_an_account_bluesky_is_searched_and_read_again_too(tmp_path: Path):
    bluesky = BlueskySettings(session=str(tmp_path / "session"), search_every=77, reread_every=99)
    account = {HANDLE: "stad.example", PASSWORD: "abcd-efgh-ijkl-mnop"}
    with gathered(sources=SourcesSettings(bluesky=bluesky), environment=account) as found:
        rhythm = {job.query: job.every for job in found.jobs if job.source.name == "bluesky"}
        assert rhythm == {"jetstream hasselthelpt ppok": 1.0, "search": 77, "reread": 99}


def test_x_is_asked_once_it_is_switched_on_and_what_was_spent_before_counts():
    sources = SourcesSettings(x=X_ON)
    collectors = made(sources, environment={TOKEN: "a-token"})
    storm, flood = (collectors.of(Watched(id=id, tags=("vloed",), sources=("x",))) for id in ("storm", "flood"))
    bill = collectors.bill()
    assert bill is not None
    assert (bill.today, bill.month) == (101 * Decimal("0.005"), 702 * Decimal("0.005"))
    assert [job.query for job in storm.jobs] == ["search", "reread"]
    for job in (*storm.jobs, *flood.jobs):
        job.source.close()


def test_networks_that_are_asked_by_what_comes_keep_to_the_bounds_of_the_settings():
    with gathered(ingest=IngestSettings(floor=7, ceiling=70)) as found:
        (job, *_) = [job for job in found.jobs if job.source.name == "mastodon" and not job.rereads]
        assert (job.every, job.floor, job.ceiling) == (7, 7, 70)


def test_another_list_of_tags_is_another_query_of_the_stream_whatever_their_order_and_case():
    def query(*tags: str) -> str:
        with gathered(Watched(id="storm", tags=tags, sources=("bluesky",))) as found:
            return found.jobs[0].query

    assert query("hasselthelpt", "ppok") == query("PPOK", "HasseltHelpt")
    assert query("hasselthelpt", "ppok") != query("hasselthelpt")


# Collecting


def test_an_incident_that_does_not_change_keeps_its_sources():
    watched = [STORM]
    collecting = Collecting(
        [], ask=lambda job: None, deliver=lambda job, fetch: 0, record=lambda job, run: None, left=lambda: None,
        make=made(SourcesSettings(mastodon=MastodonSettings(servers=()))), watched=lambda: list(watched),
    )  # fmt: skip
    before = dict(collecting.schedule._jobs)
    collecting.renew()
    assert dict(collecting.schedule._jobs) == before
    watched[0] = Watched(id="storm", tags=("hasselthelpt",))
    collecting.renew()
    assert list(collecting.schedule._jobs) == ["storm/bluesky/jetstream hasselthelpt"]
    watched[0] = Watched(id="storm", tags=("hasselthelpt",), is_open=False)
    collecting.renew()
    assert (collecting.status("storm"), collecting.off("storm")) == ([], ())
    collecting.schedule.stop()


def test_orders_are_followed_once_and_hold_for_jobs_that_are_made_anew_while_a_source_is_paused():
    orders: list[Order] = [Order(incident="storm", source="mastodon", step=1, pause=True)]
    watched = [STORM]
    inbox = Job(incident="storm", source=Played(script=iter(()), name="file"), query="inbox", every=60)
    collecting = Collecting(
        [inbox], ask=lambda job: None, deliver=lambda job, fetch: 0, record=lambda job, run: None, left=lambda: None,
        make=made(SourcesSettings(mastodon=MastodonSettings(servers=("one.example",)))),
        watched=lambda: list(watched), orders=lambda: list(orders),
    )  # fmt: skip

    def paused() -> list[str]:
        return [f"{each.source} {each.query}" for each in collecting.status("storm") if each.state == "paused"]

    mastodon = ["mastodon one.example", "mastodon reread one.example"]
    assert paused() == mastodon, "before it is ever asked"
    orders[:] = [orders[0], Order(incident="storm", source="bluesky", step=1, pause=True), *OTHERS]
    collecting.renew()
    assert sorted(paused()) == ["bluesky jetstream hasselthelpt ppok", *mastodon]
    watched[0] = Watched(id="storm", tags=("hasselthelpt",))
    collecting.renew()
    assert sorted(paused()) == ["bluesky jetstream hasselthelpt", *mastodon], "another query, paused all the same"
    orders[1] = Order(incident="storm", source="bluesky", step=2, pause=False)
    collecting.renew()
    assert paused() == mastodon
    collecting.schedule.pause("storm/bluesky/jetstream hasselthelpt")
    collecting.renew()
    assert len(paused()) == 3, "an order that was followed is not followed again"
    collecting.schedule.stop()


def test_jobs_that_nobody_makes_anew_follow_orders_too_and_nothing_is_billed():
    orders = [Order(incident="demo", source="test", step=1, pause=True)]
    job = Job(incident="demo", source=Played(script=iter(())), query="night", every=60)
    collecting = Collecting(
        [job], ask=lambda job: None, deliver=lambda job, fetch: 0, record=lambda job, run: None, left=lambda: None,
        orders=lambda: list(orders),
    )  # fmt: skip
    assert [each.state for each in collecting.status("demo")] == ["paused"]
    assert collecting.bill() is None
    orders[0] = Order(incident="demo", source="test", step=2, pause=False)
    collecting.renew()
    assert [each.state for each in collecting.status("demo")] == ["waiting"]
    collecting.schedule.stop()


# Trying a source


def job_of(source: Played) -> Job:
    return Job(incident="storm", source=source, query="q", every=1)


def test_a_source_that_answers_works_and_is_closed_after():
    source = Played(script=iter([Fetch(posts=posts("1", "2"), cursor="two", notice="Half of it.")]))
    assert probe(job_of(source), seconds=5) == "it answers: 2 posts in one look; Half of it."
    until(lambda: source.closed == 1)


def test_a_source_that_fails_says_its_sentence_and_one_that_hangs_is_given_up():
    failing = Played(script=iter([TransientError("The network is down.")]))
    with pytest.raises(TransientError, match="The network is down"):
        probe(job_of(failing), seconds=5)

    def stands_still() -> Iterator[Fetch]:
        behind = 100.0
        while True:
            yield Fetch(posts=posts(), cursor=None, behind=behind)
            behind += 0.5

    with pytest.raises(TransientError, match="no answer within 1 s"):
        probe(job_of(Played(script=stands_still())), seconds=1)


def test_a_stream_works_once_it_moves_on():
    moving = (Fetch(posts=posts(), cursor=None, behind=behind) for behind in (100.0, 60.0, 20.0, 1.0))
    assert probe(job_of(Played(script=moving)), seconds=10).startswith("it answers")


def test_x_is_asked_for_a_post_that_is_not_there_which_costs_nothing_and_second_looks_are_not_tried():
    with net.serving() as x, gathered(STORM, SourcesSettings(x=X_ON), environment={TOKEN: net.TOKEN}) as found:
        x.write()
        budget = Budget(
            price=Price(read=Decimal("0.005"), count=Decimal("0.005")),
            ceilings=Ceilings(today=Decimal(1), month=Decimal(1)),
            spent=lambda: Spent(reads_today=0, counts_today=0, reads_month=0, counts_month=0),
            clock=lambda: x.now,
        )
        rereading = [job for job in found.jobs if job.rereads]

        def tried() -> tuple[str, str]:
            source = XSearch(
                STORM.tags, incident="storm", bearer=net.TOKEN, settings=X_ON, budget=budget, clock=lambda: x.now,
                base_url=x.address,
            )  # fmt: skip
            search = Job(incident="storm", source=source, query="search", every=1)
            ((name, trial),) = trials([*rereading, search], seconds=5)
            return name, trial()

        assert tried() == ("x", "search: it answers: 0 posts in one look, 449 calls left")
        assert (x.reads(), x.counts, [asked.path for asked in x.asked]) == (0, 0, ["/2/tweets"])
        x.fail(net.unauthorized)
        with pytest.raises(TerminalError, match="does not know the bearer token"):
            tried()
