"""Mastodon against a server on loopback that speaks its wire format and does everything wrong that servers do."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from pydantic import ValidationError

from ingest.errors import TerminalError, TransientError
from ingest.mastodon.cursor import REMEMBERED, Given
from ingest.mastodon.source import MastodonServer, MastodonSettings, host_of, token_name
from ingest.post import POST_SCHEMA
from ingest.source import Fetch, Rereading, Source
from tests.support.mastodon import (
    RESET,
    SILENT,
    SLOW,
    START,
    TRUNCATED,
    Fault,
    MastodonFake,
    error,
    html,
    mastodon_server,
    number_id,
    ulid,
)

TAGS = ("hasselthelpt",)
TIMELINE = "/api/v1/timelines/tag/"
INSTANCE = "/api/v2/instance"


@dataclass(kw_only=True)
class Clock:
    now: datetime = START + timedelta(minutes=5)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass(kw_only=True)
class Memory:
    """What a store would keep: posts by name, each version once, and the cursor, in one step."""

    posts: dict[tuple[str, str], dict] = field(default_factory=dict)
    cursor: str | None = None
    fetches: list[Fetch] = field(default_factory=list)

    def keep(self, fetch: Fetch) -> None:
        names = list(fetch.posts.select("network", "id").iter_rows())
        assert len(names) == len(set(names)), "one answer gave a post twice"
        self.posts |= dict(zip(names, fetch.posts.to_dicts(), strict=True))
        self.cursor = fetch.cursor
        self.fetches.append(fetch)

    def collect(self, source: Source, *, at_most: int = 500) -> None:
        """Fetch until there is no more."""
        for _ in range(at_most):
            fetch = source.fetch(self.cursor)
            self.keep(fetch)
            if not fetch.more:
                return
        raise AssertionError("it never ends")

    @property
    def ids(self) -> set[str]:
        return {post_id for _, post_id in self.posts}


@dataclass(kw_only=True)
class World:
    """Servers and sources that a test opens; all are closed after it."""

    stack: ExitStack
    clock: Clock = field(default_factory=Clock)

    def server(self, **fields) -> MastodonFake:
        return self.stack.enter_context(mastodon_server(**fields))

    def source(self, fake: MastodonFake, *others: MastodonFake, tags=TAGS, token=None, **settings) -> MastodonServer:
        servers = (fake.address, *(other.address for other in others))
        made = MastodonServer(
            fake.address,
            tags,
            incident="storm",
            settings=MastodonSettings(servers=servers, **settings),
            clock=self.clock,
            token=token,
        )
        self.stack.callback(made.close)
        return made


@pytest.fixture
def world() -> Iterator[World]:
    with ExitStack() as stack:
        yield World(stack=stack)


def uris(fake: MastodonFake) -> set[str]:
    return {status["uri"] for _, status in fake.statuses}


def fill(fake: MastodonFake, orders: range, **fields) -> None:
    for order in orders:
        fake.post(order, **fields)


# What is given


def test_a_source_and_a_rereading_is_what_it_is(world):
    made: Source = world.source(world.server())
    again: Rereading = world.source(world.server())
    assert made.name == "mastodon"
    assert callable(again.reread)


def test_a_post_carries_its_uri_for_a_name_and_the_server_it_was_read_on(world):
    fake = world.server()
    status = fake.post(1, reblogs_count=4)
    (post,) = world.source(fake).fetch(None).posts.to_dicts()
    assert (post["network"], post["id"], post["source"]) == ("mastodon", status["uri"], "mastodon")
    assert (post["incident"], post["query"]) == ("storm", host_of(fake.address))
    assert (post["text"], post["reposts"], post["collected_at"]) == ("bed 1 #hasselthelpt", 4, world.clock.now)


def test_the_first_look_goes_back_as_far_as_it_is_told(world):
    fake = world.server()
    day = 8_640_000  # in steps of 10 ms
    fill(fake, range(90))
    fill(fake, range(day, day + 90))
    world.clock.now = START + timedelta(days=1, minutes=5)
    short, long = Memory(), Memory()
    short.collect(world.source(fake, look_back_hours=1))
    pages = len(fake.calls(TIMELINE))
    long.collect(world.source(fake, look_back_hours=36))
    assert len(short.ids) == 160  # up to the first page on which all are too old
    assert pages == 4
    assert long.ids == uris(fake)


def test_an_empty_answer_has_the_columns_of_posts_and_a_cursor(world):
    fetch = world.source(world.server()).fetch(None)
    assert fetch.posts.schema == POST_SCHEMA
    assert fetch.cursor
    assert (fetch.more, fetch.refusals, fetch.notice) == (False, (), None)


@pytest.mark.parametrize("make_id", [number_id, ulid])
def test_nothing_is_lost_when_ids_are_numbers_of_any_length_or_none_at_all(world, make_id):
    fake, memory = world.server(make_id=make_id), Memory()
    source = world.source(fake)
    fill(fake, range(900))
    memory.collect(source)
    assert memory.ids == uris(fake)
    fill(fake, range(900, 1_100))  # numbers get a digit more on the way
    memory.collect(source)
    assert memory.ids == uris(fake)


def test_posts_that_arrive_while_it_pages_are_found(world):
    fake, memory = world.server(), Memory()
    fill(fake, range(400))
    coming = list(range(700, 399, -1))

    def arrive() -> None:
        for _ in range(min(7, len(coming))):
            fake.post(coming.pop())

    fake.between = arrive
    source = world.source(fake)
    while coming:
        memory.collect(source)
    memory.collect(source)
    assert memory.ids == uris(fake)


def test_a_burst_of_six_thousand_posts_a_minute_is_read_to_the_last(world):
    fake, memory = world.server(), Memory()
    source = world.source(fake, pages=25)
    fake.post(0)
    memory.collect(source)
    fill(fake, range(1, 6_001))
    before = len(fake.asked)
    memory.collect(source)
    assert memory.ids == uris(fake)
    assert len(fake.asked) - before == 151
    assert max(fetch.posts.height for fetch in memory.fetches) == 1_000


def test_a_quiet_tag_costs_one_call_a_look(world):
    fake, memory = world.server(), Memory()
    source = world.source(fake)
    fill(fake, range(10))
    memory.collect(source)
    before = len(fake.asked)
    memory.collect(source)
    assert len(fake.asked) - before == 1
    assert fake.connections == 1


def test_each_tag_has_its_own_place_and_a_post_with_two_comes_once(world):
    fake, memory = world.server(), Memory()
    fill(fake, range(60))
    fill(fake, range(60, 120), tag="hasselthelp")
    fake.post(120, tags=[{"name": "hasselthelpt"}, {"name": "hasselthelp"}])
    memory.collect(world.source(fake, tags=("#HasseltHelpt", "hasselthelp", "hasselthelpt")))
    assert memory.ids == uris(fake)
    assert set(json.loads(memory.cursor or "")["tags"]) == {"hasselthelpt", "hasselthelp"}


def test_a_tag_added_during_the_incident_is_read_back(world):
    fake, memory = world.server(), Memory()
    fill(fake, range(90))
    fill(fake, range(90, 180), tag="hasselthelp")
    memory.collect(world.source(fake))
    assert len(memory.ids) == 90
    memory.collect(world.source(fake, tags=("hasselthelpt", "hasselthelp")))
    assert memory.ids == uris(fake)


def test_a_tag_is_asked_for_as_it_is_whatever_signs_are_in_it(world):
    fake, memory = world.server(), Memory()
    tags = ("#overstromingliège", "a/b?c=d&e#f%2f")
    for order, tag in enumerate(tags):
        fake.post(order, tag=tag.removeprefix("#"))
    memory.collect(world.source(fake, tags=tags))
    assert memory.ids == uris(fake)


def test_a_packed_answer_is_read(world):
    fake, memory = world.server(packed=True), Memory()
    fill(fake, range(90))
    memory.collect(world.source(fake))
    assert memory.ids == uris(fake)


# Late, again, and out of order


def test_a_post_that_arrives_late_below_what_was_read_is_found_within_a_minute(world):
    fake, memory = world.server(), Memory()
    source = world.source(fake)
    fill(fake, range(0, 1_000, 2))
    memory.collect(source)
    fill(fake, range(601, 1_000, 2))
    memory.collect(source)
    assert memory.ids != uris(fake)
    world.clock.wait(seconds=60)
    memory.collect(source)
    assert memory.ids == uris(fake)


def test_reading_back_gives_only_what_changed(world):
    fake, memory = world.server(), Memory()
    source = world.source(fake)
    fill(fake, range(30))
    memory.collect(source)
    fake.statuses[10][1].update(edited_at=START.isoformat(), content="<p>volzet</p>")
    fake.statuses[20][1]["reblogs_count"] = 5
    world.clock.wait(seconds=60)
    fetch = source.fetch(memory.cursor)
    assert sorted(fetch.posts.select("text", "reposts").iter_rows()) == [("bed 20 #hasselthelpt", 5), ("volzet", 0)]


def test_an_answer_that_was_not_kept_is_given_again(world):
    fake = world.server()
    source = world.source(fake)
    fill(fake, range(30))
    first = source.fetch(None)
    fill(fake, range(30, 70))
    lost = source.fetch(first.cursor)
    again = source.fetch(first.cursor)
    new_process = world.source(fake).fetch(first.cursor)
    assert set(lost.posts["id"]) == uris(fake) - set(first.posts["id"])
    assert set(again.posts["id"]) >= set(lost.posts["id"])
    assert set(new_process.posts["id"]) >= set(lost.posts["id"])


def test_a_store_that_was_set_back_gets_all_again_from_there(world):
    fake, memory = world.server(), Memory()
    source = world.source(fake)
    fill(fake, range(30))
    first = source.fetch(None)
    fill(fake, range(30, 60))
    memory.keep(source.fetch(first.cursor))
    later = set(memory.ids)
    memory.collect(source)
    assert set(source.fetch(first.cursor).posts["id"]) >= later == uris(fake) - set(first.posts["id"])


def test_an_edit_is_given_again_when_its_answer_was_not_kept(world):
    fake, memory = world.server(), Memory()
    source = world.source(fake)
    fill(fake, range(5))
    memory.collect(source)
    fake.statuses[2][1]["edited_at"] = START.isoformat()
    world.clock.wait(seconds=60)
    assert source.fetch(memory.cursor).posts.height == 1
    assert source.fetch(memory.cursor).posts["edited_at"].drop_nulls().len() == 1


def test_a_failed_question_does_not_forget_what_was_given(world):
    fake, memory = world.server(), Memory()
    source = world.source(fake)
    fill(fake, range(5))
    memory.collect(source)
    fake.fail(error(500))
    with pytest.raises(TransientError):
        source.fetch(memory.cursor)
    world.clock.wait(seconds=60)
    assert source.fetch(memory.cursor).posts.height == 0


def test_a_new_process_reads_the_time_it_was_away_and_looks_back_once(world):
    fake, memory = world.server(), Memory()
    fill(fake, range(100))
    memory.collect(world.source(fake))
    fill(fake, range(100, 400))
    fake.statuses[3][1].update(edited_at=START.isoformat(), content="<p>volzet</p>")
    memory.collect(world.source(fake))
    assert memory.ids == uris(fake)
    assert memory.posts["mastodon", fake.statuses[3][1]["uri"]]["text"] == "volzet"


@pytest.mark.parametrize("seed", range(8))
def test_whatever_happens_in_whatever_order_all_posts_are_kept_and_none_twice(world, seed):
    chance = Random(seed)
    fake = world.server(make_id=chance.choice([number_id, ulid]), shuffle=chance.choice([None, Random(seed)]))
    # no look-back: it would find what reading on has missed
    memory, source, order = Memory(), world.source(fake, look_back_hours=0, pages=90), 0
    fake.post(0)
    memory.collect(source)
    for _ in range(60):
        match chance.choice(["burst", "late", "late", "crash", "restart", "fault", "minute", "fetch", "fetch"]):
            case "burst":
                for _ in range(chance.choice([1, 10, 150])):
                    order += 2
                    fake.post(order)
            case "late":
                late = chance.randrange(max(0, order - 400), order + 1) | 1
                if all(late != there for there, _ in fake.statuses):
                    fake.post(late)
            case "crash":
                with suppress(TransientError):
                    source.fetch(memory.cursor)
            case "restart":
                source = world.source(fake, look_back_hours=0, pages=90)
            case "fault":
                fake.fail(chance.choice([RESET, TRUNCATED, error(500), html(403)]))
            case "minute":
                world.clock.wait(seconds=61)
            case _:
                with suppress(TransientError):
                    memory.collect(source)
    fake.faults.clear()
    memory.collect(source)
    world.clock.wait(seconds=61)
    memory.collect(source)
    assert memory.ids == uris(fake)


def test_what_came_too_late_for_the_minute_is_found_within_the_hour(world):
    fake, memory = world.server(), Memory()
    source = world.source(fake, pages=2)
    fill(fake, range(0, 1_000, 2))
    memory.collect(source)
    fake.post(11)
    world.clock.wait(seconds=61)
    memory.collect(source)
    assert memory.ids != uris(fake)
    world.clock.wait(minutes=60)
    memory.collect(source)
    assert memory.ids == uris(fake)


def test_pages_out_of_order_and_with_repeats_are_read_whole(world):
    fake, memory = world.server(shuffle=Random(4), doubling=True), Memory()
    source = world.source(fake)
    fill(fake, range(300))
    memory.collect(source)
    fill(fake, range(300, 600))
    memory.collect(source)
    world.clock.wait(seconds=60)
    memory.collect(source)
    assert memory.ids == uris(fake)


def test_a_server_that_gives_the_same_page_for_ever_is_not_asked_for_ever(world):
    fake, memory = world.server(ignore_paging=True), Memory()
    source = world.source(fake)
    fill(fake, range(100))
    memory.collect(source)
    memory.collect(source)
    assert len(memory.ids) == 40
    assert len(fake.calls(TIMELINE)) <= 6


def test_a_server_that_was_set_back_to_an_earlier_state_is_heard_again(world):
    fake, memory = world.server(), Memory()
    source = world.source(fake)
    fill(fake, range(5_000, 5_100))
    memory.collect(source)
    fake.statuses.clear()
    fill(fake, range(50))
    world.clock.wait(seconds=60)
    memory.collect(source)
    fill(fake, range(50, 150))
    memory.collect(source)
    assert memory.ids >= uris(fake)


@pytest.mark.parametrize("skew", [timedelta(hours=-7), timedelta(hours=7)])
def test_a_server_whose_clock_is_wrong_is_read_all_the_same(world, skew):
    fake, memory = world.server(skew=skew, allowed=250), Memory()
    source = world.source(fake)
    fill(fake, range(100))
    memory.collect(source)
    fill(fake, range(100, 300))
    memory.collect(source)
    assert memory.ids == uris(fake)
    quota = memory.fetches[-1].quota
    assert quota is not None
    assert quota.resets_at is not None
    assert 180 < (quota.resets_at - datetime.now(UTC)).total_seconds() < 300


@pytest.mark.parametrize("cursor", ["", "{}x", "[1]", '{"tags": {"hasselthelpt": 5}}', "99/storm"])
def test_a_cursor_that_makes_no_sense_reads_from_the_beginning(world, cursor):
    fake = world.server()
    fill(fake, range(30))
    assert set(world.source(fake).fetch(cursor).posts["id"]) == uris(fake)


def test_a_long_look_back_goes_on_where_it_was_after_a_restart(world):
    fake, memory = world.server(), Memory()
    fill(fake, range(1_000))
    source = world.source(fake, pages=4)
    for _ in range(2):
        memory.keep(source.fetch(memory.cursor))
    assert len(memory.ids) == 280
    fill(fake, range(1_000, 1_050))
    before = len(fake.calls(TIMELINE))
    memory.collect(world.source(fake, pages=4))
    assert memory.ids == uris(fake)
    assert len(fake.calls(TIMELINE)) - before < 30


# What is refused


def test_a_bad_status_is_refused_and_the_others_go_in(world):
    fake, memory = world.server(), Memory()
    fill(fake, range(10))
    fake.post(10, created_at="yesterday")
    fake.post(11, visibility="private")
    fake.post(12, visibility="unlisted")
    fake.post(13, account="ann")
    fake.post(14, reblogs_count={"many": 1})
    fake.post(15, content=["bed"])
    fake.post(16, uri="x" * 20_000)
    fake.post(17, created_at="2099-01-01T00:00:00Z")
    fake.post(18, network="x", author="someone", text="from elsewhere")
    source = world.source(fake)
    memory.collect(source)
    texts = {post["text"] for post in memory.posts.values()}
    assert texts >= {f"bed {order} #hasselthelpt" for order in (*range(10), 18)}
    assert {network for network, _ in memory.posts} == {"mastodon"}
    refused = memory.fetches[0].refusals
    assert [refusal.row for refusal in refused] == [2, 3, 5, 6, 7, 8, 9]
    assert len(memory.posts) == 12  # 15 has no text, but is a post
    world.clock.wait(seconds=60)
    assert len(source.fetch(memory.cursor).refusals) <= 1  # only the name too long to remember is refused again


def test_what_is_no_object_is_refused(world):
    fake = world.server()
    fake.fail(Fault(status=200, body=b'[5, null, "x", [1], {}]'), path=TIMELINE)
    fetch = world.source(fake).fetch(None)
    assert [refusal.reason for refusal in fetch.refusals] == ["the server gave something that is no status"] * 5


def test_a_post_of_ten_megabytes_goes_in_and_a_bigger_one_is_refused(world):
    fake, memory = world.server(), Memory()
    fake.post(1, content=f"<p>{'bed ' * 2_400_000}</p>")
    fake.post(2, content=f"<p>{'bed ' * 2_600_000}</p>")
    fake.post(3)
    memory.collect(world.source(fake))
    assert sorted(len(post["text"]) for post in memory.posts.values()) == [19, 9_599_999]
    assert "the most is 10,000,000" in memory.fetches[0].refusals[0].reason


@pytest.mark.parametrize(
    "content",
    [
        "<p>bed" + " " * 2_000_000 + "vrij</p>",
        "<" * 500_000,
        "<a " * 300_000,
        "<a href='https://x.example'>" * 50_000,
        "&" * 1_000_000,
        "<!--" * 300_000 + ">",
        "<p>" * 300_000,
        "<script>" + "</scrip>" * 200_000,
        "\ud800\x00\x1b[2J'; drop table posts; --",
        '<img src=x onerror="alert(1)"><script>alert(1)</script>bed',
    ],
    ids=range(10),
)
def test_hostile_text_costs_little_and_does_nothing(world, content):
    fake, memory = world.server(), Memory()
    fake.post(1, content=content)
    fake.post(2)
    memory.collect(world.source(fake))
    assert memory.ids == uris(fake)
    text = memory.posts["mastodon", fake.statuses[0][1]["uri"]]["text"]
    assert "<script" not in text
    assert "\x00" not in text


# What goes wrong


FAULTS = {
    "cut off": (TRUNCATED, "broke off its answer"),
    "reset": (RESET, "cannot be reached"),
    "slow": (SLOW, "did not answer within"),
    "silent": (SILENT, "did not answer within"),
    "403 as a page": (html(403), "no data (status 403)"),
    "404 as a page": (html(404), "no data (status 404)"),
    "200 as a page": (html(200), "no data (status 200)"),
    "410 as a page": (html(410), "no data (status 410)"),
    "422": (error(422), "does not answer the question (status 422)"),
    "500": (error(500), "cannot answer now (status 500)"),
    "503 as a page": (html(503), "cannot answer now (status 503)"),
    "520": (html(520), "cannot answer now (status 520)"),
    "no list": (Fault(status=200, body=b'{"error": "no"}'), "no list of posts"),
    "null": (Fault(status=200, body=b"null"), "no list of posts"),
    "nothing": (Fault(status=200, body=b""), "no data"),
    "deep": (Fault(status=200, body=b"[" * 100_000), "no data"),
    "deep error": (Fault(status=500, body=b"[" * 100_000), "cannot answer now"),
    "many digits": (Fault(status=200, body=b"[" + b"9" * 10_000 + b"]"), "no data"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_in_a_sentence_and_passes(world, fault):
    given, sentence = FAULTS[fault]
    fake, memory = world.server(), Memory()
    source, hasty = world.source(fake), world.source(fake, timeout=0.5)
    fill(fake, range(30))
    memory.collect(source)
    fill(fake, range(30, 100))
    fake.fail(given, path=TIMELINE)
    with pytest.raises(TransientError) as caught:
        (hasty if given in (SLOW, SILENT) else source).fetch(memory.cursor)
    assert str(caught.value).startswith(host_of(fake.address))
    assert sentence in str(caught.value)
    assert caught.value.retry_after is None
    memory.collect(source)
    assert memory.ids == uris(fake)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_midst_loses_nothing_of_what_came_before(world, fault):
    fake, memory = world.server(), Memory()
    source = world.source(fake, timeout=1) if FAULTS[fault][0] in (SLOW, SILENT) else world.source(fake)
    fill(fake, range(200))
    fake.between = lambda: fake.fail(FAULTS[fault][0], path=TIMELINE) if len(fake.calls(TIMELINE)) == 2 else None
    first = source.fetch(None)
    assert first.posts.height == 80
    assert FAULTS[fault][1] in first.notice
    assert not first.more
    memory.keep(first)
    memory.collect(source)
    assert memory.ids == uris(fake)


def test_a_server_that_is_not_there_is_told(world):
    fake = world.server()
    with mastodon_server() as gone:
        pass
    with pytest.raises(TransientError, match="cannot be reached"):
        world.source(gone).fetch(None)
    assert fake.asked == []


def test_an_answer_that_was_cut_off_in_chunks_is_not_taken_for_whole(world):
    fake = world.server()
    body = b"5\r\n[1,2,\r\n"
    fake.fail(Fault(how="raw", body=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body), path=TIMELINE)
    with pytest.raises(TransientError, match="broke off its answer"):
        world.source(fake).fetch(None)


def test_an_answer_without_end_is_not_read_to_its_end(world, monkeypatch):
    monkeypatch.setattr("ingest.reading.whole.MOST_BYTES", 100_000)  # or the test takes 64 MB
    fake = world.server()
    fake.post(1, content="bed " * 50_000)
    with pytest.raises(TransientError, match="without end"):
        world.source(fake).fetch(None)


TERMINAL = {
    "401 without token": (error(401), None, "put a token with read:statuses in HELPT_MASTODON_TOKEN_127_0_0_1_"),
    "401 with a token": (error(401), "made-up", "does not accept the token in HELPT_MASTODON_TOKEN_127_0_0_1_"),
    "403": (error(403), None, "refuses to be read"),
    "410": (error(410), None, "no longer shows hashtags"),
}


@pytest.mark.parametrize("fault", TERMINAL)
def test_what_a_person_must_see_to_stops_with_a_sentence(world, fault):
    given, token, sentence = TERMINAL[fault]
    fake = world.server()
    fake.fail(given, path=TIMELINE)
    with pytest.raises(TerminalError) as caught:
        world.source(fake, token=token).fetch(None)
    assert str(caught.value).startswith(host_of(fake.address))
    assert sentence in str(caught.value)


def test_a_token_opens_a_server_that_wants_one_and_is_never_logged(world, caplog):
    caplog.set_level(logging.DEBUG)
    fake, memory = world.server(token="made-up-secret"), Memory()
    fill(fake, range(30))
    memory.collect(world.source(fake, token="made-up-secret"))
    assert memory.ids == uris(fake)
    with pytest.raises(TerminalError) as caught:
        world.source(fake, token="made-up-wrong").fetch(None)
    assert fake.tokens == {"Bearer made-up-secret", "Bearer made-up-wrong"}
    assert "made-up" not in caplog.text + str(caught.value) + repr(caught.value.__cause__)


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "é"])
def test_what_can_be_no_token_is_refused_before_it_is_sent(world, token):
    fake = world.server()
    with pytest.raises(ValueError, match="HELPT_MASTODON_TOKEN") as caught:
        world.source(fake, token=token)
    assert not token or token not in str(caught.value)


def at(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        (lambda: {"X_RateLimit_Reset": at(200)}, 180, 201),
        (lambda: {"X_RateLimit_Reset": str(int((datetime.now(UTC) + timedelta(seconds=200)).timestamp()))}, 180, 201),
        (lambda: {"X_RateLimit_Reset": at(90_000)}, 899, 900),
        (lambda: {"X_RateLimit_Reset": at(-500)}, 60, 60),
        (lambda: {"X_RateLimit_Reset": "soon"}, 60, 60),
        (lambda: {"X_RateLimit_Reset": "9" * 400}, 60, 900),
        (lambda: {"Retry_After": "17"}, 17, 17),
        (lambda: {"Retry_After": "9" * 400}, 900, 900),
        (dict, 60, 60),
    ],
    ids=["time", "number", "far away", "past", "words", "many digits", "retry-after", "absurd", "nothing"],
)
def test_too_many_questions_wait_as_long_as_the_server_says_within_reason(world, headers, least, most):
    fake = world.server()
    fake.fail(error(429, **headers()), path=TIMELINE)
    with pytest.raises(TransientError, match="asked too often") as caught:
        world.source(fake).fetch(None)
    assert least <= caught.value.retry_after <= most


def test_a_reset_that_is_no_time_does_not_spoil_the_answer_it_stands_on(world):
    fake = world.server()
    status = fake.post(1)
    fake.fail(
        Fault(status=200, body=json.dumps([status]).encode(), headers={"X-RateLimit-Reset": "soon"}), path=TIMELINE
    )
    assert world.source(fake).fetch(None).posts.height == 1


def test_the_quota_is_told_where_the_server_tells_it(world):
    fake = world.server()
    assert world.source(fake).fetch(None).quota is None
    fake.allowed = 200
    assert world.source(fake).fetch(None).quota.remaining == 198


def test_few_calls_a_window_still_lead_to_the_end(world):
    fake, memory = world.server(allowed=0), Memory()
    source = world.source(fake)
    fill(fake, range(30))
    fake.allowed = 300
    memory.collect(source)
    fill(fake, range(30, 500))
    for _ in range(8):
        fake.allowed = 3
        with suppress(TransientError):
            while True:
                memory.keep(source.fetch(memory.cursor))
    assert memory.ids == uris(fake)


def test_reading_back_leaves_the_last_calls_to_new_posts(world):
    fake, memory = world.server(allowed=70), Memory()
    source = world.source(fake)
    fill(fake, range(2_000))
    memory.collect(source)
    assert 50 < fake.allowed < 60
    assert not memory.fetches[-1].more
    fill(fake, range(2_000, 2_010))
    memory.collect(source)
    assert uris(fake) > memory.ids >= {status["uri"] for _, status in fake.statuses[-10:]}
    fake.allowed = 300
    memory.collect(source)
    assert memory.ids == uris(fake)


# Tags never seen, and closed servers


def test_a_tag_the_server_has_never_seen_is_empty(world):
    fetch = world.source(world.server(), tags=("neverseen",)).fetch(None)
    assert (fetch.posts.height, fetch.more) == (0, False)


@pytest.mark.parametrize(
    ("feeds", "token", "sentence"),
    [
        ({"local": "disabled", "remote": "disabled"}, None, "it shows hashtags to no one; take it off"),
        ({"local": "disabled", "remote": "disabled"}, "made-up", "it shows hashtags to no one; take it off"),
        ({"local": "authenticated", "remote": "authenticated"}, None, "put a token with read:statuses in HELPT_"),
        ({"local": "authenticated", "remote": "disabled"}, None, "put a token with read:statuses in HELPT_"),
    ],
)
def test_a_closed_server_is_told_and_not_taken_for_silence(world, feeds, token, sentence):
    fake = world.server(feeds=feeds)
    with pytest.raises(TerminalError, match="is closed") as caught:
        world.source(fake, token=token).fetch(None)
    assert sentence in str(caught.value)
    assert not fake.calls(TIMELINE)


@pytest.mark.parametrize(
    ("feeds", "token", "notice"),
    [
        ({"local": "public", "remote": "public"}, None, None),
        ({"local": "public", "remote": "disabled"}, None, "does not show posts of people on other servers"),
        ({"local": "authenticated", "remote": "public"}, None, "does not show posts of its own people"),
        ({"local": "authenticated", "remote": "public"}, "made-up", None),
        ({"local": "something", "remote": 5}, None, None),
        (None, None, None),
    ],
)
def test_a_server_that_shows_a_part_is_read_with_a_notice(world, feeds, token, notice):
    fake = world.server(feeds=feeds)
    fill(fake, range(3))
    fetch = world.source(fake, token=token).fetch(None)
    assert fetch.posts.height == 3
    assert (fetch.notice is None) if notice is None else (notice in fetch.notice)


def test_a_server_that_closes_is_noticed_within_the_hour_and_asked_no_oftener(world):
    fake, memory = world.server(feeds={"local": "public", "remote": "public"}), Memory()
    source = world.source(fake)
    for _ in range(5):
        memory.collect(source)
    assert len(fake.calls(INSTANCE)) == 1
    fake.feeds = {"local": "disabled", "remote": "disabled"}
    world.clock.wait(minutes=61)
    with pytest.raises(TerminalError, match="is closed"):
        source.fetch(memory.cursor)
    fake.feeds = {"local": "public", "remote": "public"}
    memory.collect(source)  # a person resumed it


@pytest.mark.parametrize("fault", [html(403), error(401), error(500), html(200), TRUNCATED])
def test_a_server_that_does_not_say_whether_it_is_open_is_read(world, fault):
    fake = world.server()
    fake.post(1)
    fake.fail(fault, path=INSTANCE)
    try:
        assert world.source(fake).fetch(None).posts.height == 1
    except TransientError:
        assert fault is TRUNCATED


# Several servers


def test_a_post_seen_through_several_servers_is_one_post(world):
    home, other, letters = world.server(), world.server(), world.server(make_id=ulid)
    for order in range(50):
        status = home.post(order, reblogs_count=9)
        for fake in (other, letters):
            account = {
                "id": "4711",
                "acct": f"ann@{host_of(home.address).partition(':')[0]}",
                "display_name": "Ann Example",
            }
            fake.post(order + 500, uri=status["uri"], url=status["url"], account=account, reblogs_count=1)
    memory = Memory()
    for fake, others in ((home, (other, letters)), (other, (home, letters)), (letters, (home, other))):
        memory.cursor = None
        memory.collect(world.source(fake, *others))
        assert len(fake.statuses) == 50
    assert memory.ids == uris(home)
    assert {post["author"] for post in memory.posts.values()} == {"ann@127.0.0.1"}


def test_boosts_are_counted_by_the_server_a_post_was_written_on(world):
    home, other = world.server(), world.server()
    status = home.post(1, reblogs_count=9, favourites_count=8)
    other.post(5, uri=status["uri"], reblogs_count=1, favourites_count=1)
    other.post(6, uri="https://elsewhere.example/users/bo/statuses/1", reblogs_count=2)
    counted: dict[str, list] = {}
    for fetch in (world.source(home, other).fetch(None), world.source(other, home).fetch(None)):
        for post in fetch.posts.to_dicts():
            counted.setdefault(post["id"], []).append((post["reposts"], post["likes"]))
    assert counted[status["uri"]] == [(9, 8), (None, None)]
    assert counted["https://elsewhere.example/users/bo/statuses/1"] == [(2, 0)]


# Reading again


@pytest.mark.parametrize("batches", [True, False])
def test_what_was_edited_boosted_or_deleted_is_told_when_read_again(world, batches):
    fake, memory = world.server(batches=batches), Memory()
    source = world.source(fake)
    fill(fake, range(50))
    memory.collect(source)
    edited, boosted, gone = (fake.statuses[n][1] for n in (3, 30, 45))
    edited |= {"content": "<p>volzet</p>", "edited_at": START.isoformat()}
    boosted["reblogs_count"] = 7
    fake.delete(gone["uri"])
    fetch = source.reread([*memory.ids, "https://elsewhere.example/1", "no address at all"])
    now = {post["id"]: post for post in fetch.posts.to_dicts()}
    assert now.keys() == uris(fake)
    assert (now[edited["uri"]]["text"], now[boosted["uri"]]["reposts"]) == ("volzet", 7)
    assert [(one.network, one.id, one.at) for one in fetch.removals] == [("mastodon", gone["uri"], world.clock.now)]
    assert (fetch.cursor, fetch.refusals, fetch.notice) == (None, (), None)


def test_a_post_from_elsewhere_is_read_again_by_the_id_it_has_here(world):
    fake, memory = world.server(make_id=ulid), Memory()
    source = world.source(fake)
    uri = "https://elsewhere.example/users/bo/statuses/1"
    fake.post(5, uri=uri)
    memory.collect(source)
    assert source.reread([uri]).posts["id"].to_list() == [uri]
    fake.delete(uri)
    assert [one.id for one in source.reread([uri]).removals] == [uri]
    before = len(fake.asked)
    assert world.source(fake).reread([uri]).removals == ()
    assert len(fake.asked) == before


def test_only_the_server_it_was_written_on_says_that_a_post_is_gone_where_that_is_read_too(world):
    home, other = world.server(), world.server()
    uri = home.post(1)["uri"]
    other.post(5, uri=uri)
    at_home, elsewhere = world.source(home, other), world.source(other, home)
    for source in (at_home, elsewhere):
        Memory().collect(source)
    other.delete(uri)
    assert [(one.reread([uri]).posts.height, one.reread([uri]).removals) for one in (at_home, elsewhere)] == [
        (1, ()),
        (0, ()),
    ]
    home.delete(uri)
    assert [len(one.reread([uri]).removals) for one in (at_home, elsewhere)] == [1, 0]


def test_a_post_written_here_is_read_again_by_an_object_that_never_gave_it(world):
    fake = world.server()
    status = fake.post(5)
    assert world.source(fake).reread([status["uri"]]).posts["id"].to_list() == [status["uri"]]


def test_a_status_that_answers_to_another_name_says_nothing(world):
    fake = world.server(batches=False)
    status = fake.post(5, uri="https://elsewhere.example/1")
    fetch = world.source(fake).reread([f"{fake.address}/users/ann/statuses/{status['id']}"])
    assert (fetch.posts.height, fetch.removals) == (0, ())


def test_gone_for_good_is_a_removal_and_a_page_in_its_place_is_not(world):
    fake = world.server(batches=False)
    status = fake.post(5)
    source = world.source(fake)
    fake.fail(html(404), path="/api/v1/statuses/")
    assert source.reread([status["uri"]]).removals == ()
    fake.fail(error(410), path="/api/v1/statuses/")
    assert [one.id for one in source.reread([status["uri"]]).removals] == [status["uri"]]


def test_one_post_that_cannot_be_asked_after_does_not_keep_the_others_from_it(world):
    fake = world.server(batches=False)
    fill(fake, range(10))
    fake.fail(error(500), error(500), path="/api/v1/statuses/")
    assert world.source(fake).reread(sorted(uris(fake))).posts.height == 8


def test_reading_again_stops_at_a_limit_and_says_so(world):
    fake, memory = world.server(), Memory()
    source = world.source(fake)
    fill(fake, range(100))
    memory.collect(source)
    fake.allowed = 61
    fetch = source.reread(sorted(memory.ids))
    assert 20 <= fetch.posts.height < 100
    assert "read again later" in fetch.notice
    assert fetch.quota.remaining == 59
    fake.allowed = 0
    with pytest.raises(TransientError, match="asked too often"):
        world.source(fake).reread(sorted(memory.ids))


def test_reading_again_raises_what_fetching_raises(world):
    fake = world.server(batches=False)
    status = fake.post(1)
    source = world.source(fake)
    fake.fail(RESET)
    with pytest.raises(TransientError, match="cannot be reached"):
        source.reread([status["uri"]])
    fake.fail(error(401), error(401))
    with pytest.raises(TerminalError, match="put a token"):
        source.reread([status["uri"]])


# The end


def test_a_closed_source_asks_no_more(world):
    fake = world.server()
    source = world.source(fake)
    source.close()
    with pytest.raises(TransientError, match="no longer read"):
        source.fetch(None)
    assert not fake.calls(TIMELINE)


def test_what_is_remembered_has_a_bound():
    given = Given()
    for start in range(0, 3 * REMEMBERED, REMEMBERED // 2):
        given.ask(f"{start}")
        for number in range(start, start + REMEMBERED // 2):
            given.is_news(f"https://a.example/{number}", str(number), "")
        given.hand(f"{start + REMEMBERED // 2}")
    given.ask(f"{3 * REMEMBERED}")
    known = [given.local(f"https://a.example/{number}") for number in range(3 * REMEMBERED)]
    assert sum(one is not None for one in known) == REMEMBERED
    assert known[-1] == str(3 * REMEMBERED - 1)


# Settings


def test_the_settings_have_defaults_that_hold_and_cannot_be_changed():
    settings = MastodonSettings()
    assert "mastodon.social" in settings.servers
    with pytest.raises(ValidationError):
        settings.pages = 3
    assert all(field.description for field in MastodonSettings.model_fields.values())


@pytest.mark.parametrize(
    "given",
    [
        {"servers": ["mastodon"]},
        {"servers": ["http://mastodon.nl"]},
        {"servers": ["mastodon.nl/tags"]},
        {"servers": ["https://user@mastodon.nl"]},
        {"servers": ["mastodon.nl\n"]},
        {"servers": [""]},
        {"look_back_hours": -1},
        {"pages": 0},
        {"timeout": 0},
        {"server": []},
    ],
)
def test_settings_that_make_no_sense_are_refused(given):
    with pytest.raises(ValidationError):
        MastodonSettings(**given)


def test_a_server_is_named_once_however_it_is_written():
    settings = MastodonSettings(servers=("Mastodon.NL", "https://mastodon.nl/", "http://127.0.0.1:8080"))
    assert settings.servers == ("mastodon.nl", "http://127.0.0.1:8080")


@pytest.mark.parametrize(
    ("server", "name"),
    [
        ("mastodon.nl", "HELPT_MASTODON_TOKEN_MASTODON_NL"),
        ("https://social.overheid.nl/", "HELPT_MASTODON_TOKEN_SOCIAL_OVERHEID_NL"),
        ("mastodon-belgium.example", "HELPT_MASTODON_TOKEN_MASTODON_BELGIUM_EXAMPLE"),
        ("http://127.0.0.1:8080", "HELPT_MASTODON_TOKEN_127_0_0_1_8080"),
    ],
)
def test_the_variable_of_a_token_is_named_after_the_host(server: str, name: str):
    assert token_name(server) == name
