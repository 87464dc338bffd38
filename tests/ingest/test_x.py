"""X against a server on loopback that speaks its wire format: every fault recovers or stops, with its sentence."""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import random
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.errors import IngestError, TerminalError, TransientError
from ingest.source import Fetch, Rereading, Source
from ingest.x.budget import Budget, Ceilings, Price, Spent
from ingest.x.cursor import Gap, Mark, Stand, id_at, written
from ingest.x.settings import ACKNOWLEDGEMENT, XSettings, why_off
from ingest.x.settings import TOKEN as TOKEN_NAME
from ingest.x.source import IDLE_PAGES, XSearch
from ingest.x.wire import XWire
from tests.support import x as net
from tests.support.x import NOW, TOKEN, X

PLENTY = {"ceiling_today": 1000, "ceiling_month": 1000}


@dataclass
class Store:
    """What a store keeps of a source: cursor and posts in one step, and what it cost."""

    cursor: str | None = None
    posts: dict[str, str] = field(default_factory=dict)
    reads: int = 0
    counts: int = 0
    notices: list[str] = field(default_factory=list)

    def deliver(self, fetch: Fetch) -> None:
        self.posts |= dict(fetch.posts.select("id", "text").iter_rows())
        self.cursor = fetch.cursor
        self.reads += fetch.reads
        self.counts += fetch.counts
        self.notices += [fetch.notice] if fetch.notice else []

    def spent(self) -> Spent:
        return Spent(reads_today=self.reads, reads_month=self.reads, counts_today=self.counts, counts_month=self.counts)

    def look(self, source: XSearch, most: int = 2000) -> list[Fetch]:
        """Fetch until there is no more for now."""
        fetches: list[Fetch] = []
        while not fetches or fetches[-1].more:
            assert len(fetches) < most, "it does not end"
            fetches.append(source.fetch(self.cursor))
            self.deliver(fetches[-1])
        return fetches


@dataclass
class Desk:
    """A server, and sources that read it."""

    x: X
    store: Store = field(default_factory=Store)
    opened: list[XSearch] = field(default_factory=list)
    budget: Budget = field(init=False)

    def source(self, *tags: str, bearer: str = TOKEN, **changes: object) -> XSearch:
        """A source as it would be after a start."""
        chosen = XSettings.model_validate({**PLENTY, "timeout": 5, **changes})
        self.budget = Budget(
            price=Price(read=chosen.price_per_read, count=chosen.price_per_count),
            ceilings=Ceilings(today=chosen.ceiling_today, month=chosen.ceiling_month),
            spent=self.store.spent,
            clock=self.clock,
        )
        source = XSearch(
            tags or ("hasselthelpt",),
            incident="storm",
            bearer=bearer,
            settings=chosen,
            budget=self.budget,
            clock=self.clock,
            base_url=self.x.address,
        )
        self.opened.append(source)
        return source

    def clock(self) -> datetime:
        return self.x.now


@pytest.fixture
def desk() -> Iterator[Desk]:
    with net.serving() as x:
        desk = Desk(x)
        yield desk
        for source in desk.opened:
            source.close()


def fill(x: X, count: int, **fields: object) -> set[str]:
    """So many posts within the last hour."""
    return {x.write(f"bed {n} #hasselthelpt", ago=3600 - n * 3000 / count, **fields) for n in range(count)}


# What is read


def test_it_is_a_source_that_can_reread(desk: Desk):
    source: Source = desk.source()
    rereading: Rereading = desk.source()
    assert source.name == "x"
    assert rereading.reread([]).posts.is_empty()


def test_posts_of_every_variant_arrive_and_a_second_look_gives_only_what_is_new(desk: Desk):
    first = {
        desk.x.write("a bed #HasseltHelpt"),
        desk.x.write("a ride #hasselthelp"),
        desk.x.write("soup #pp11") and "",
    }
    source = desk.source("hasselthelpt", "#hasselthelp")
    desk.store.look(source)
    assert set(desk.store.posts) == first - {""}
    later = desk.x.write("more #hasselthelp", ago=1)
    (fetch,) = desk.store.look(source)
    assert fetch.posts["id"].to_list() == [later]
    assert fetch.posts.select("network", "source", "incident", "query", "collected_at").row(0) == (
        "x",
        "x",
        "storm",
        "(#hasselthelp OR #hasselthelpt) -is:retweet",
        NOW,
    )


def test_long_posts_are_whole_and_references_lead_to_posts_that_may_be_gone(desk: Desk):
    desk.x.write(
        "a bed for two, but read on … #hasselthelpt",
        note_tweet={"text": "a bed for two, but read on &amp; on " + "x" * 400},
        referenced_tweets=[{"type": "quoted", "id": "404"}, {"type": "replied_to", "id": "405"}],
    )
    (fetch,) = [fetch for fetch in desk.store.look(desk.source()) if fetch.posts.height]
    row = fetch.posts.row(0, named=True)
    assert row["text"] == "a bed for two, but read on & on " + "x" * 400
    assert (row["quote_of"], row["reply_to"], row["reposts"], row["likes"]) == ("404", "405", 3, 5)
    # nobody is looked up, so the writer is a number, and the address does without
    assert (row["author"], row["url"].rpartition("/")[0]) == ("7", "https://x.com/i/status")
    assert fetch.removals == ()


def test_an_edited_post_keeps_the_id_of_its_first_version_and_costs_a_read_for_each(desk: Desk):
    first = desk.x.write("2 beds #hasselthelpt", ago=600)
    desk.store.look(desk.source())
    second = desk.x.write("1 bed #hasselthelpt", ago=300)
    third = desk.x.write("full #hasselthelpt", ago=200)
    for one in (second, third):
        desk.x.posts[one]["edit_history_tweet_ids"] = [first, second, third]
    (fetch,) = desk.store.look(desk.source())
    assert fetch.posts.select("id", "text").rows() == [(first, "full #hasselthelpt")]
    assert fetch.posts["edited_at"].to_list() == [NOW - timedelta(seconds=200)]
    assert desk.store.reads == desk.x.reads() == 3


def test_every_page_of_a_look_is_asked_with_the_since_id_of_its_start(desk: Desk):
    source = desk.source(max_results=10, pages=50)
    begin = desk.x.write("first #hasselthelpt", ago=4000)
    desk.store.look(source)
    ids = fill(desk.x, 35)
    before = len(desk.x.searches())
    desk.store.look(source)
    asked = desk.x.searches()[before:]
    assert [one.get("since_id") for one in asked] == [begin] * 4
    assert ["next_token" in one for one in asked] == [False, True, True, True]
    assert all("until_id" not in one and "start_time" not in one and "expansions" not in one for one in asked)
    desk.store.look(source)
    assert desk.x.searches()[-1]["since_id"] == max(ids, key=int)


def test_what_is_over_the_page_cap_comes_with_the_next_looks_after_what_is_newer(desk: Desk):
    ids = fill(desk.x, 100)
    source = desk.source(max_results=10, pages=3)
    desk.store.look(source)
    assert len(desk.store.posts) == 40
    assert desk.store.notices[-1] == "X has more posts than one look reads; the older ones follow at the next."
    fresh = desk.x.write("new #hasselthelpt", ago=1)
    fetches = desk.store.look(source)
    assert fetches[0].posts["id"].to_list() == [fresh]
    desk.store.look(source)
    desk.store.look(source)
    assert set(desk.store.posts) == ids | {fresh}
    assert desk.store.reads == desk.x.reads() == 101


def test_a_variant_that_is_added_is_read_from_its_beginning_and_the_others_are_not_read_again(desk: Desk):
    fill(desk.x, 20)
    desk.store.look(desk.source())
    other = desk.x.write("a bed #hasseltzoekthulp", ago=3000)
    (fetch,) = [one for one in desk.store.look(desk.source("hasselthelpt", "hasseltzoekthulp")) if one.posts.height]
    assert fetch.posts["id"].to_list() == [other]


def test_the_first_look_goes_back_as_far_as_the_settings_say(desk: Desk):
    desk.x.write(ago=3 * 3600)
    inside = desk.x.write(ago=3600)
    desk.store.look(desk.source(backfill=2))
    assert set(desk.store.posts) == {inside}


def test_without_a_tag_that_x_can_search_it_stops_and_one_among_others_is_told(desk: Desk):
    with pytest.raises(TerminalError, match="X has no hashtag to look for"):
        desk.source("a b", "2011").fetch(None)
    desk.store.look(desk.source("a) OR from:(b", "ok"))
    assert desk.store.notices == ["X cannot search for a) OR from:(b."]


def test_what_is_no_post_is_refused_and_the_rest_goes_in(desk: Desk):
    good = desk.x.write()
    ids = [desk.x.write() for _ in range(4)]
    desk.x.posts[ids[0]]["author_id"] = None
    desk.x.posts[ids[1]]["created_at"] = "yesterday"
    desk.x.posts[ids[2]]["edit_history_tweet_ids"] = "none"
    desk.x.posts[ids[3]]["network"] = "mastodon"
    (fetch,) = [fetch for fetch in desk.store.look(desk.source()) if fetch.posts.height]
    assert set(desk.store.posts) == {good, ids[2], ids[3]}
    assert set(fetch.posts["network"]) == {"x"}
    assert len(fetch.refusals) == 2


def test_hostile_text_comes_through_as_text(desk: Desk):
    text = (
        "#hasselthelpt \x00\u202e\ud800 <script>alert(1)</script> '; drop table posts; -- {x} %s \N{PILE OF POO}" * 50
    )
    post = desk.x.write(text)
    desk.store.look(desk.source())
    assert desk.store.posts[post] == text.replace("\x00", "").replace("\ud800", "\ufffd")


def test_a_post_of_ten_megabytes_is_refused_by_its_length_and_a_little_less_goes_in(desk: Desk):
    big, less = desk.x.write("#hasselthelpt " + "x" * 10_000_000), desk.x.write("#hasselthelpt " + "x" * 9_000_000)
    (fetch,) = [fetch for fetch in desk.store.look(desk.source()) if fetch.posts.height]
    assert set(desk.store.posts) == {less}
    assert [refusal.reason.partition(",")[0] for refusal in fetch.refusals] == ["text is 10000014 bytes long"]
    assert len(fetch.refusals[0].raw) <= 2000
    assert big not in desk.store.posts


def test_what_x_leaves_out_of_an_answer_is_told(desk: Desk):
    post = desk.x.write()
    desk.x.errors = [{"resource_id": "9", "type": net.PROBLEM + "not-authorized-for-resource", "title": "No"}]
    desk.store.look(desk.source())
    assert desk.store.notices == ["X left something out of its answer (1)."]
    assert set(desk.store.posts) == {post}


# Completeness


@pytest.mark.parametrize("seed", range(4))
def test_a_stream_of_known_posts_is_complete_and_billed_as_x_bills_it_whatever_fails_and_dies(desk: Desk, seed: int):
    chance = random.Random(seed)
    recovering = [net.truncated, net.reset, net.rate, net.raw(500, b""), net.raw(503, net.HTML)]
    source = desk.source(max_results=10, pages=2, quiet=chance.choice([0, 3]))
    expected: set[str] = set()
    for n in range(40):
        desk.x.now += timedelta(seconds=60)
        expected |= {
            desk.x.write(f"{n} #hasselthelpt", ago=chance.uniform(0.1, 50)) for _ in range(chance.randrange(40))
        }
        if chance.random() < 0.4:
            desk.x.fail(chance.choice(recovering), chance.randrange(1, 3))
        for _ in range(chance.randrange(6)):
            try:
                fetch = source.fetch(desk.store.cursor)
            except TransientError:
                continue
            if chance.random() < 0.8:  # else it dies before the store has it
                desk.store.deliver(fetch)
    desk.x.faults.clear()
    for _ in range(60):
        desk.store.look(source)
    assert set(desk.store.posts) == expected
    # what died between X and the store was billed all the same; a count that was lost may have been
    assert desk.store.reads <= desk.x.reads() == len(expected)
    counted = sum(asked.path.endswith("/counts/recent") for asked in desk.x.asked)
    units = desk.budget.bill().today / Decimal("0.005")
    assert desk.x.reads() + desk.x.counts <= units <= desk.x.reads() + counted


def test_after_a_restart_at_any_point_the_rest_is_read(desk: Desk):
    ids = fill(desk.x, 60)
    for _ in range(20):
        desk.store.deliver(desk.source(max_results=10, pages=1).fetch(desk.store.cursor))
    assert set(desk.store.posts) == ids
    assert desk.store.reads == desk.x.reads() == 60


def test_pages_in_no_order_that_overlap_are_complete(desk: Desk):
    desk.x.order = "overlapping"
    ids = fill(desk.x, 230)
    source = desk.source(max_results=10, pages=400)
    desk.store.look(source)
    desk.store.look(source)
    assert set(desk.store.posts) == ids
    assert desk.store.reads == desk.x.reads() == 230


def test_pages_that_never_end_end(desk: Desk):
    desk.x.order = "endless"
    ids = fill(desk.x, 10)
    source = desk.source(pages=400)
    desk.store.look(source, most=IDLE_PAGES + 5)
    assert desk.store.notices == [f"X gave {IDLE_PAGES} pages with nothing new on them; the rest is taken as read."]
    assert set(desk.store.posts) == ids
    assert desk.store.reads == desk.x.reads() == 10
    later = desk.x.write(ago=1)
    desk.store.look(source)
    assert later in desk.store.posts


def test_pages_that_never_end_are_over_after_the_page_cap_even_if_all_is_forgotten_between(desk: Desk):
    desk.x.order = "endless"
    fill(desk.x, 10)
    for _ in range(5):
        assert len(desk.store.look(desk.source(pages=3))) <= 5


def test_a_page_that_was_not_kept_is_given_again(desk: Desk):
    fill(desk.x, 30)
    source = desk.source(max_results=10)
    desk.store.deliver(source.fetch(None))
    first, again = source.fetch(desk.store.cursor), source.fetch(desk.store.cursor)
    assert first.posts["id"].to_list() == again.posts["id"].to_list() != []
    assert (first.reads, again.reads) == (10, 0)


# Faults

STOPS = {
    "bad request": (net.bad_request, "X does not take the question .* check the hashtags"),
    "unknown token": (net.unauthorized, "X does not know the bearer token; put a valid one in HELPT_X_BEARER"),
    "no credits": (net.no_credits, "The credits at X are used up; buy some or raise the spending limit"),
    "not allowed": (net.forbidden, "X does not let this app search .*console, then resume X here"),
    "monthly cap": (net.capped, "The monthly cap at X is reached; raise it .* or wait for the next billing cycle"),
}
RECOVERS = {
    "bad request as HTML": (net.raw(400, net.HTML), "status 400", None),
    "not allowed as HTML": (net.raw(403, net.HTML), "status 403", None),
    "not found": (net.not_found, "no search at its address", 300),
    "too often": (net.rate, "asked too often", 121),
    "too often, no reset": (net.rate_without_reset, "asked too often", 60),
    "too often, reset is rubbish": (net.raw(429, b"[]", {"x-rate-limit-reset": "soon"}), "asked too often", 60),
    "too often, reset in a thousand years": (net.raw(429, b"", {"x-rate-limit-reset": "9" * 10}), "too often", 960),
    "too often, reset long ago": (net.raw(429, b"{}", {"x-rate-limit-reset": "1"}), "asked too often", 1),
    "broken": (net.raw(500, b"{}"), "status 500", None),
    "busy": (net.raw(503, net.HTML), "status 503", None),
    "moved": (net.raw(301, b"", {"location": "http://127.0.0.1:1/"}), "status 301", None),
    "cut off": (net.truncated, "did not come whole", None),
    "reset": (net.reset, "broke off", None),
    "trickling": (net.trickling, "too long", None),
    "silent": (net.silent, "too long", None),
    "half of a JSON": (net.raw(200, b'{"data": [{"id": "1", "te'), "cut off, or no JSON", None),
    "a list": (net.raw(200, b"[1]"), "no JSON object", None),
    "nested a million times": (net.raw(200, b"[" * 1_000_000), "cannot be read", None),
    "nothing of a page": (net.raw(200, b"{}"), "cannot be used: it tells no", None),
    "not UTF-8": (net.raw(200, b"\xff\xfe\x00"), "cannot be read", None),
    "an error body that is a list": (net.raw(500, b'["errors"]'), "status 500", None),
}


@pytest.mark.parametrize("fault", STOPS)
def test_a_fault_only_a_person_can_mend_stops_with_what_to_do(desk: Desk, fault: str):
    happens, sentence = STOPS[fault]
    fill(desk.x, 5)
    source = desk.source(price_per_count=1, ceiling_today=Decimal("0.5"))
    desk.x.fail(happens)
    with pytest.raises(TerminalError, match=sentence):
        source.fetch(None)
    desk.store.look(source)
    assert len(desk.store.posts) == 5


@pytest.mark.parametrize("fault", RECOVERS)
def test_a_fault_that_passes_is_told_and_nothing_is_lost(desk: Desk, fault: str):
    happens, sentence, wait = RECOVERS[fault]
    ids = fill(desk.x, 35)
    source, hasty = desk.source(max_results=10), desk.source(max_results=10, timeout=0.4)
    for n in range(4):
        desk.x.fail(happens)
        with pytest.raises(TransientError, match=sentence) as failed:
            (hasty if sentence == "too long" else source).fetch(desk.store.cursor)
        assert failed.value.retry_after == wait
        desk.store.deliver(source.fetch(desk.store.cursor))
        assert n == 3 or len(desk.store.posts) < 35
    desk.store.look(source)
    assert set(desk.store.posts) == ids
    assert desk.store.reads == desk.x.reads() == 35


def test_an_answer_is_waited_for_no_longer_than_the_settings_say(desk: Desk):
    source = desk.source(timeout=0.3)
    desk.x.fail(net.trickling)
    start = time.monotonic()
    with pytest.raises(TransientError):
        source.fetch(None)
    assert time.monotonic() - start < 30


def test_the_wait_for_a_reset_goes_by_the_clock_of_x(desk: Desk):
    desk.x.skew = timedelta(hours=-7)
    desk.x.fail(net.rate)
    with pytest.raises(TransientError) as failed:
        desk.source().fetch(None)
    assert failed.value.retry_after == 121


def test_a_network_that_is_not_there_is_told_and_costs_nothing(desk: Desk):
    desk.x.address = "http://127.0.0.1:1"
    source = desk.source(ceiling_today=Decimal("0.06"))
    for _ in range(20):
        with pytest.raises(TransientError, match="X cannot be reached"):
            source.fetch(None)
    assert desk.budget.bill().today == 0


def test_answers_that_are_lost_one_after_the_other_are_reckoned_with_in_full(desk: Desk):
    source = desk.source(ceiling_today=Decimal("0.5"), price_per_count=1)
    for _ in range(60):
        for n in range(10):  # each answer that is lost holds other posts
            desk.x.write(f"bed {n} #hasselthelpt", ago=1 - n / 20)
        desk.x.now += timedelta(seconds=2)
        desk.x.fail(net.truncated)
        with pytest.raises(TransientError):
            source.fetch(desk.store.cursor)
    assert 0 < desk.x.reads() <= 100
    desk.x.faults.clear()
    with pytest.raises(TransientError, match="The budget for today is used up"):
        source.fetch(desk.store.cursor)


def test_after_an_answer_that_was_lost_the_next_page_asked_for_is_small(desk: Desk):
    fill(desk.x, 30)
    source = desk.source()
    desk.store.deliver(source.fetch(None))
    desk.x.fail(net.truncated)
    with pytest.raises(TransientError):
        source.fetch(desk.store.cursor)
    desk.store.look(source)
    assert [asked["max_results"] for asked in desk.x.searches()] == ["100", "10", "100"]


def test_with_no_calls_left_it_waits_for_the_next_look_and_says_how_many_are_left(desk: Desk):
    ids = fill(desk.x, 30)
    source = desk.source(max_results=10)
    desk.x.remaining = 0
    (fetch,) = desk.store.look(source)
    assert fetch.quota is not None
    assert (fetch.quota.remaining, fetch.quota.resets_at) == (0, NOW + timedelta(minutes=2))
    for _ in range(3):
        desk.store.look(source)
    assert set(desk.store.posts) == ids


# Bounds X no longer knows


def at(*stands: Stand) -> str:
    return written(Mark(stands=stands))


def test_a_place_older_than_x_goes_back_starts_from_what_it_has_and_tells_of_the_gap(desk: Desk):
    ids = fill(desk.x, 25)
    desk.store.cursor = at(Stand(tags=("hasselthelpt",), since=id_at(NOW - timedelta(days=9)), found=1))
    source = desk.source(max_results=10)
    desk.store.look(source)
    assert set(desk.store.posts) == ids
    assert desk.store.notices == [
        "X no longer goes back to the last post read; what it still has is read, posts before may be missing."
    ]
    desk.store.look(source)
    assert len(desk.store.notices) == 1


def test_a_place_in_the_future_is_left_for_a_first_look(desk: Desk):
    ids = fill(desk.x, 25)
    desk.store.cursor = at(Stand(tags=("hasselthelpt",), since=id_at(NOW + timedelta(days=400)), found=1))
    desk.store.look(desk.source())
    assert set(desk.store.posts) == ids
    assert desk.store.notices == ["The place to go on from at X lay in the future; the first look is made again."]


@pytest.mark.parametrize("ahead", [timedelta(days=-2), timedelta(hours=-3), timedelta(hours=3), timedelta(hours=40)])
def test_a_clock_that_is_wrong_loses_nothing_within_the_back_fill(desk: Desk, ahead: timedelta):
    ids = fill(desk.x, 25)
    source = desk.source(backfill=48)
    source._clock = lambda: desk.x.now + ahead
    desk.store.look(source)
    desk.x.now += timedelta(minutes=5)
    ids |= {desk.x.write(ago=1)}
    desk.store.look(source)
    assert set(desk.store.posts) == ids


def test_a_token_x_has_forgotten_is_replaced_by_the_id_it_had_come_to(desk: Desk):
    ids = fill(desk.x, 60)
    source = desk.source(max_results=10, pages=1)
    desk.store.look(source)
    desk.x.tokens.clear()
    for _ in range(5):
        desk.store.look(source)
    assert set(desk.store.posts) == ids
    assert "until_id" in "".join(json.dumps(asked) for asked in desk.x.searches())


def test_a_gap_that_has_grown_too_old_is_given_up_and_told(desk: Desk):
    old = id_at(NOW - timedelta(days=8))
    gap = Gap(since=id_at(NOW - timedelta(days=9)), until=old, token=None)
    desk.store.cursor = at(Stand(tags=("hasselthelpt",), since=id_at(NOW - timedelta(days=1)), found=1, gaps=(gap,)))
    desk.store.look(desk.source())
    assert "are now older than X gives; they are missing" in desk.store.notices[0]
    desk.store.look(desk.source())
    assert len(desk.store.notices) == 1


# Money


def test_a_count_comes_before_the_first_look_and_says_what_the_budget_does_not_pay_for(desk: Desk):
    fill(desk.x, 60)
    source = desk.source(ceiling_today=Decimal("0.2"))
    fetch = source.fetch(None)
    assert (fetch.counts, fetch.reads, fetch.more) == (1, 0, True)
    assert fetch.notice == "X has about 60 posts; the budget of today pays for 39 of them, newest first."
    desk.store.deliver(fetch)
    with pytest.raises(TransientError, match=r"The budget for today is used up \(\$0.20 of \$0.20\)"):
        desk.store.look(source)
    assert len(desk.store.posts) == desk.x.reads() == 39
    newest = sorted(desk.x.posts, key=int)[-39:]
    assert set(desk.store.posts) == set(newest)


def test_the_rest_is_read_when_there_is_a_new_day(desk: Desk):
    ids = fill(desk.x, 60)
    source = desk.source(ceiling_today=Decimal("0.2"))
    with pytest.raises(TransientError) as used_up:
        desk.store.look(source)
    assert used_up.value.retry_after == 12 * 3600
    desk.x.now += timedelta(hours=12)
    desk.store.reads = desk.store.counts = 0  # of the new day
    desk.store.look(source)
    assert set(desk.store.posts) == ids


def test_where_there_is_nothing_a_count_saves_the_look(desk: Desk):
    desk.store.look(desk.source())
    assert (desk.x.counts, desk.x.searches()) == (1, [])


def test_looks_that_find_nothing_are_not_counted_first_as_they_cost_nothing(desk: Desk):
    source = desk.source()
    for _ in range(5):
        desk.store.look(source)
    assert (desk.x.counts, len(desk.x.searches()), desk.store.reads) == (1, 4, 0)


def test_where_the_settings_say_so_a_quiet_tag_is_counted_before_every_look(desk: Desk):
    source = desk.source(quiet=3)
    for _ in range(4):
        desk.store.look(source)
    assert (desk.x.counts, len(desk.x.searches())) == (4, 0)
    fill(desk.x, 8)
    desk.store.look(source)
    desk.store.look(source)
    assert (desk.x.counts, len(desk.x.searches()), len(desk.store.posts)) == (5, 2, 8)


def test_no_count_is_paid_where_it_would_leave_nothing_to_read_with(desk: Desk):
    ids = fill(desk.x, 5)
    desk.store.look(desk.source(ceiling_today=Decimal("0.05")))
    assert (desk.x.counts, set(desk.store.posts)) == (0, ids)


def test_a_count_that_is_refused_does_not_keep_from_looking(desk: Desk):
    ids = fill(desk.x, 5)
    desk.x.fail(net.forbidden)
    desk.store.look(desk.source())
    assert set(desk.store.posts) == ids
    assert desk.store.counts == 0


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    price=st.decimals("0.0001", 1, places=4),
    count=st.decimals(0, 1, places=4),
    ceiling=st.decimals(0, 20, places=2),
    size=st.integers(10, 100),
    posts=st.integers(0, 120),
    chance=st.randoms(use_true_random=False),
)
def test_the_bill_of_x_never_passes_the_ceiling(desk: Desk, price, count, ceiling, size, posts, chance):
    desk.x.posts, desk.x.billed, desk.x.counts, desk.store = {}, {}, 0, Store()
    desk.x.faults.clear()
    ids = fill(desk.x, posts)
    source = desk.source(
        max_results=size,
        price_per_read=price,
        price_per_count=count,
        ceiling_today=ceiling,
        quiet=chance.choice([0, 9]),
    )
    for _ in range(12):
        if chance.random() < 0.3:
            desk.x.fail(chance.choice([net.truncated, net.raw(500, b""), net.rate]))
        with contextlib.suppress(TransientError):
            desk.store.deliver(source.fetch(desk.store.cursor))
        assert desk.x.reads() * price + desk.x.counts * count <= ceiling
    assert set(desk.store.posts) <= ids


# Posts read again


def test_posts_read_again_are_free_on_their_day_and_those_that_are_gone_are_removed(desk: Desk):
    ids = sorted(fill(desk.x, 250))
    source = desk.source()
    desk.store.look(source)
    desk.x.posts[ids[0]]["public_metrics"]["retweet_count"] = 40
    desk.x.gone = {ids[1]: "resource-not-found", ids[2]: "not-authorized-for-resource", ids[3]: ""}
    fetch = source.reread([*ids, ids[0], "at://not-of-x"])
    assert (fetch.posts.height, fetch.reads, fetch.cursor) == (247, 0, None)
    assert fetch.posts.filter(id=ids[0])["reposts"].to_list() == [40]
    assert {(gone.id, gone.reason, gone.network, gone.at) for gone in fetch.removals} == {
        (ids[1], "deleted", "x", NOW),
        (ids[2], "no longer public", "x", NOW),
        (ids[3], "not shown any more", "x", NOW),
    }
    desk.x.now += timedelta(days=1)
    assert source.reread(ids).reads == 247
    assert desk.x.reads() == 250 + 247


def test_where_x_says_that_something_failed_silence_about_a_post_is_no_removal(desk: Desk):
    ids = sorted(fill(desk.x, 3))
    desk.x.gone = {ids[0]: "", ids[1]: "resource-not-found", ids[2]: "operational-disconnect"}
    desk.x.errors = [{"title": "Service Unavailable", "type": net.PROBLEM + "unavailable"}]
    assert [gone.id for gone in desk.source().reread(ids).removals] == [ids[1]]


def test_a_post_edited_since_is_given_as_it_is_now_under_the_id_it_had(desk: Desk):
    first = desk.x.write("2 beds #hasselthelpt", ago=600)
    source = desk.source()
    desk.store.look(source)
    second = desk.x.write("full", ago=100)
    for one in (first, second):
        desk.x.posts[one]["edit_history_tweet_ids"] = [first, second]
    fetch = source.reread([first])
    assert fetch.posts.select("id", "text").rows() == [(first, "full")]
    assert (fetch.reads, fetch.removals) == (1, ())


def test_reading_again_stops_at_the_ceiling_and_gives_what_it_has(desk: Desk):
    ids = sorted(fill(desk.x, 250))
    source = desk.source(ceiling_today=Decimal("1.1"))
    fetch = source.reread(ids)
    assert (fetch.posts.height, fetch.reads) == (200, 200)
    assert fetch.notice is not None
    assert fetch.notice.startswith("The budget for today is used up")
    with pytest.raises(TransientError):
        source.reread(ids[200:])
    assert desk.x.reads() == 200


@pytest.mark.parametrize(
    "fault", [net.raw(200, b"{}"), net.raw(200, b"[]"), net.raw(503, b""), net.truncated, net.rate]
)
def test_an_answer_that_is_none_removes_nothing(desk: Desk, fault: net.Fault):
    ids = sorted(fill(desk.x, 3))
    source = desk.source()
    desk.x.fail(fault)
    with pytest.raises(TransientError):
        source.reread(ids)
    assert source.reread(ids).removals == ()


# The secret


def test_the_token_is_sent_and_found_in_no_log_and_no_sentence(desk: Desk, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    echo = net.problem(403, "client-forbidden", "Forbidden", detail=f"Bearer {TOKEN} may not")
    faults = [echo, *(fault for fault, _ in STOPS.values()), *(fault for fault, *_ in RECOVERS.values())]
    source = desk.source(timeout=1)
    for name in ("tweepy", "tweepy.client", "urllib3", "requests"):
        caplog.set_level(logging.DEBUG, logger=name)  # even if someone turns them up
    fill(desk.x, 5)
    for fault, ask in itertools.product(faults, (lambda: source.fetch(None), lambda: source.reread(["1"]))):
        desk.x.fail(fault, 2)
        try:
            said.append(repr(ask()))
        except IngestError as error:
            said += [str(error), repr(error), repr(error.__cause__), repr(vars(error))]
        desk.x.faults.clear()
    desk.store.look(source)
    assert desk.store.posts
    assert {asked.headers["Authorization"] for asked in desk.x.asked} == {f"Bearer {TOKEN}"}
    logged = "".join(f"{record.getMessage()} {record.exc_text}" for record in caplog.records)
    assert "GET /2/tweets" in logged
    assert "“Bearer … may not”" in "".join(said)
    assert TOKEN not in logged
    assert TOKEN not in "".join(said)
    assert TOKEN not in repr(vars(source._wire))


def test_the_log_of_tweepy_is_quiet_from_the_start(caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    XWire(TOKEN, timeout=1).close()
    assert not logging.getLogger("tweepy.client").isEnabledFor(logging.DEBUG)


@pytest.mark.parametrize("bearer", ["two words", "line\nbreak", "é", "", "tab\tin it"])
def test_what_cannot_be_a_token_is_turned_away_without_being_shown(bearer: str):
    with pytest.raises(ValueError, match="HELPT_X_BEARER holds characters") as refused:
        XWire(bearer, timeout=1)
    assert not bearer or bearer not in str(refused.value)


def test_blanks_around_a_token_do_no_harm(desk: Desk):
    post = desk.x.write()
    desk.store.look(desk.source(bearer=f" {TOKEN}\n"))
    assert set(desk.store.posts) == {post}


# Off unless


@pytest.mark.parametrize(
    ("changes", "bearer", "why"),
    [
        ({}, TOKEN, "X is off; docs/sources/x.md tells"),
        ({"acknowledged": ACKNOWLEDGEMENT}, TOKEN, "X is off; docs/sources/x.md tells"),
        ({"enabled": True}, TOKEN, f'acknowledged = "{ACKNOWLEDGEMENT}" in [sources.x]'),
        ({"enabled": True, "acknowledged": "yes"}, TOKEN, "until its terms are acknowledged"),
        ({"enabled": True, "acknowledged": ACKNOWLEDGEMENT}, None, "HELPT_X_BEARER is not set"),
        ({"enabled": True, "acknowledged": ACKNOWLEDGEMENT}, "  ", "HELPT_X_BEARER is not set"),
        ({"enabled": True, "acknowledged": ACKNOWLEDGEMENT}, "qq ww", "characters that no bearer token has"),
    ],
)
def test_x_is_off_and_says_why(changes, bearer, why):
    said = why_off(XSettings.model_validate(changes), bearer)
    assert said is not None
    assert why in said
    assert "qq ww" not in said


def test_x_is_on_when_enabled_and_acknowledged_with_a_token():
    assert why_off(XSettings(enabled=True, acknowledged=ACKNOWLEDGEMENT), TOKEN) is None


def test_prices_are_exact_whatever_toml_makes_of_them():
    assert XSettings.model_validate({"price_per_read": 0.005}).price_per_read == Decimal("0.005")


def test_every_setting_is_explained():
    assert all(one.description for one in XSettings.model_fields.values())


def test_the_page_about_x_names_every_setting_with_its_default_and_what_must_be_acknowledged():
    page = (Path(__file__).resolve().parents[2] / "docs" / "sources" / "x.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(\w+)` \| .* \| ([^|]*) \|$", page, re.MULTILINE))
    defaults = {name: json.dumps(one.default, default=float) for name, one in XSettings.model_fields.items()}
    assert told.keys() == defaults.keys()
    assert all(json.loads(told[name].split(",")[0].strip("`")) == json.loads(defaults[name]) for name in defaults)
    assert f'acknowledged = "{ACKNOWLEDGEMENT}"' in page
    assert TOKEN_NAME in page
