"""The stream of Bluesky against a loopback host that breaks in every way a network breaks.

The oracle is simple: whatever was put into the host with the tag in it has a known id, and all of these ids, and no
others, must have been given, once repeats are taken out.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ingest.bluesky_settings import BlueskySettings
from ingest.errors import TransientError
from ingest.jetstream import Jetstream
from ingest.post import POST_SCHEMA
from ingest.profiles import Profiles
from ingest.source import Fetch, Removal
from ingest.tags import Tags
from ingest.waiting import Event, Waiting
from tests.support.bluesky import BlueskyServer
from tests.support.bluesky import Fault as HttpFault
from tests.support.jetstream import (
    GARBAGE,
    REPOST,
    TOO_OLD,
    Fault,
    JetstreamServer,
    account,
    chatter,
    delete,
    did_of,
    identity,
    post,
    repost,
    uri_of,
)

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 20.0
SECOND = 1_000_000


def now() -> datetime:
    return datetime.now(UTC)


def micros(at: datetime) -> int:
    return int(at.timestamp() * 1e6)


class Reader:
    """Someone who fetches and keeps what came together with its cursor, like the store does."""

    def __init__(self, source: Jetstream, cursor: str | None = None) -> None:
        self.source = source
        self.cursor = cursor
        self.fetches: list[Fetch] = []
        self.rows: list[dict[str, Any]] = []
        self.removals: list[Removal] = []
        self.refusals: list[str] = []

    def look(self) -> Fetch:
        fetch = self.source.fetch(self.cursor)
        self.cursor = fetch.cursor
        self.fetches.append(fetch)
        self.rows += fetch.posts.to_dicts()
        self.removals += fetch.removals
        self.refusals += [refusal.reason for refusal in fetch.refusals]
        return fetch

    def until(self, true: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < end, "it never came to that"
            if not self.look().more:
                time.sleep(0.01)

    def has(self, count: int) -> bool:
        return len(self.rows) == count

    @property
    def ids(self) -> set[str]:
        return {row["id"] for row in self.rows}

    def row(self, uri: str) -> dict[str, Any]:
        """The last that was said of a post."""
        return [row for row in self.rows if row["id"] == uri][-1]


def source_of(
    *servers: JetstreamServer, tags: tuple[str, ...] = ("hasselthelpt", "hasselthelp"), **more: Any
) -> Jetstream:
    settings = more.pop("settings", {})
    return Jetstream(
        Tags(tags),
        incident="storm",
        clock=now,
        settings=BlueskySettings(
            hosts=tuple(server.url for server in servers), **{"rewind": 1, "silence": 1, **settings}
        ),
        **{"first_wait": 0.05, "patience": PATIENCE, **more},
    )


@contextmanager
def reading(*servers: JetstreamServer, cursor: str | None = None, **more: Any) -> Iterator[Reader]:
    source = source_of(*servers, **more)
    try:
        yield Reader(source, cursor)
    finally:
        source.close()


@pytest.fixture
def server() -> Iterator[JetstreamServer]:
    with JetstreamServer() as one:
        yield one


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Every thread that a test starts, and with it every connection, is gone after it."""
    before = set(threading.enumerate())
    yield
    end = time.monotonic() + 5
    while left := [thread for thread in set(threading.enumerate()) - before if thread.is_alive()]:
        assert time.monotonic() < end, f"left behind: {left}"
        time.sleep(0.01)


def tagged(count: int, start: int = 0) -> list[dict[str, Any]]:
    return [post(f"ann {n % 7}", f"k{n}", f"bed {n} vrij #HasseltHelpt") for n in range(start, start + count)]


def ids_of(count: int, start: int = 0) -> set[str]:
    return {uri_of(f"ann {n % 7}", f"k{n}") for n in range(start, start + count)}


# What is kept


def test_tagged_posts_come_and_all_the_rest_of_the_network_does_not(server: JetstreamServer):
    facets = [{"index": {"byteStart": 0, "byteEnd": 4}, "features": [{"tag": "HasseltHelpt"}]}]
    server.put(*[chatter(n) for n in range(200)])
    server.put(post("ann", "text", "é #HASSELTHELP bed"), post("bob", "facet", "é bed", facets=facets))
    server.put(post("cor", "beside", "bed", tags=["hasselthelpt"]), post("dan", "none", "hasselthelpt zonder mark"))
    labels = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "graphic-media"}]}
    server.put(post("eve", "marked", "#hasselthelpt", labels=labels))
    with reading(server) as reader:
        reader.until(lambda: len(reader.rows) >= 4)
        assert [row["id"].rpartition("/")[2] for row in reader.rows] == ["text", "facet", "beside", "marked"]
        assert reader.fetches[-1].posts.schema == POST_SCHEMA
        first, last = reader.rows[0], reader.rows[-1]
        assert (first["author"], first["source"], first["query"]) == (did_of("ann"), "bluesky", "jetstream")
        assert first["text"] == "é #HASSELTHELP bed"
        assert (first["labels"], last["labels"]) == (None, ["graphic-media"])
    (question,) = server.asked
    assert question["collections"] == ["app.bsky.feed.post", "app.bsky.feed.repost"]


def test_what_happens_to_our_posts_is_told_and_what_happens_to_others_is_not(server: JetstreamServer):
    server.put(*tagged(3), post("bob", "other", "geen tag"))
    server.put(
        post("ann 0", "k0", "bed 0 is weg", operation="update"), post("bob", "other", "nog niet", operation="update")
    )
    server.put(repost("cor", "r1", uri_of("ann 1", "k1")), repost("cor", "r2", uri_of("bob", "other")))
    server.put(delete("ann 2", "k2"), delete("bob", "other"), delete("cor", "r1", REPOST), delete("cor", "r2", REPOST))
    server.put(post("bob", "late", "toch #hasselthelpt", operation="update"), *tagged(1, start=9))
    with reading(server) as reader:
        reader.until(lambda: uri_of("ann 2", "k9") in reader.ids)
        reposted = uri_of("cor", "r1", REPOST)
        assert reader.ids == ids_of(3) | ids_of(1, start=9) | {reposted, uri_of("bob", "late")}
        assert reader.row(uri_of("ann 0", "k0"))["text"] == "bed 0 is weg"
        assert reader.row(uri_of("ann 0", "k0"))["edited_at"] is not None
        assert reader.row(reposted)["repost_of"] == uri_of("ann 1", "k1")
        assert [removal.id for removal in reader.removals] == [uri_of("ann 2", "k2"), reposted]


def test_a_closed_account_takes_its_posts_along_and_one_that_is_out_of_reach_does_not(server: JetstreamServer):
    server.put(
        *tagged(3), account("ann 0", active=False, status="takendown"), account("zoe", active=False, status="deleted")
    )
    server.put(
        account("ann 1", active=False, status="desynchronized"), account("ann 2", active=True), *tagged(1, start=9)
    )
    with reading(server) as reader:
        reader.until(lambda: len(reader.ids) == 4)
        (gone,) = reader.removals
        assert (gone.id, gone.whole, gone.reason) == (f"at://{did_of('ann 0')}/", True, "account takendown")


def test_posts_of_an_earlier_run_or_another_source_are_watched_too(server: JetstreamServer):
    with reading(server, known=[uri_of("ann", "old")]) as reader:
        reader.look()
        reader.source.remember([uri_of("bob", "found")])
        server.put(delete("ann", "old"), post("bob", "found", "gewijzigd", operation="update"), delete("cor", "x"))
        server.put(account("ann", active=False, status="deleted"))
        reader.until(lambda: len(reader.removals) == 2)
        assert reader.ids == {uri_of("bob", "found")}
        assert [(gone.id, gone.whole) for gone in reader.removals] == [
            (uri_of("ann", "old"), False),
            (f"at://{did_of('ann')}/", True),
        ]


# The cursor


def test_the_cursor_of_a_quiet_tag_moves_on_though_not_at_every_look(server: JetstreamServer):
    begun = micros(now()) - 600 * SECOND
    with reading(server, cursor=f"{begun}/0") as reader:
        reader.look()
        server.put(chatter(1), at=begun + 20 * SECOND)
        reader.until(lambda: reader.fetches[-1].behind is not None and reader.fetches[-1].behind < 590)
        assert reader.cursor == f"{begun}/0"
        server.put(chatter(2), at=begun + 40 * SECOND)
        reader.until(lambda: reader.cursor != f"{begun}/0")
        assert reader.cursor == f"{begun + 40 * SECOND}/0"
        assert reader.rows == []


def test_what_was_not_kept_is_given_again_and_what_was_kept_is_not(server: JetstreamServer):
    server.put(*tagged(4))
    source = source_of(server, batch=2)
    try:
        reader = Reader(source)
        reader.until(lambda: reader.rows)
        kept, lost = reader.cursor, source.fetch(reader.cursor)
        again = source.fetch(kept)
        assert lost.posts["id"].to_list() == again.posts["id"].to_list() != []
        assert source.fetch(again.cursor).posts.height in (0, 1, 2)
        reader.until(lambda: reader.ids == ids_of(4))
    finally:
        source.close()


def test_a_fetch_that_was_lost_twice_while_nothing_moved_is_still_given(server: JetstreamServer):
    at = micros(now())
    for one in tagged(6):
        server.put(one, at=at)  # all at one instant: the place alone does not tell them apart
    source = source_of(server, batch=1)
    try:
        reader = Reader(source)
        for count in range(1, 7):
            reader.until(partial(reader.has, count))
            for _ in range(2):
                source.fetch(reader.cursor)
        assert reader.ids == ids_of(6)
    finally:
        source.close()


def test_a_restart_goes_back_a_little_and_loses_nothing(server: JetstreamServer):
    begun = micros(now()) - 100 * SECOND
    for number, each in enumerate(tagged(100)):
        server.put(each, at=begun + number * SECOND)
    ids: set[str] = set()
    cursor = None
    while ids != ids_of(100):
        with reading(server, cursor=cursor, batch=9, settings={"rewind": 3}) as reader:
            reader.until(lambda: reader.ids - ids)  # noqa: B023
            ids |= reader.ids
            if cursor is not None:
                asked = int(server.asked[-1]["cursor"][0])
                assert asked == int(cursor.partition("/")[0]) - 3 * SECOND
            cursor = reader.cursor
    assert len(server.asked) > 5


def test_another_cursor_than_the_last_begins_there_anew(server: JetstreamServer):
    begun = micros(now()) - 100 * SECOND
    for number, each in enumerate(tagged(10)):
        server.put(each, at=begun + number * SECOND)
    with reading(server) as reader:
        reader.until(lambda: len(reader.ids) == 10)
        reader.rows.clear()
        reader.cursor = f"{begun + 6 * SECOND}/0"
        reader.until(lambda: len(reader.ids) >= 5)
        assert reader.ids == ids_of(5, start=5), "from one second before the place, as is the rewind"


@pytest.mark.parametrize("cursor", [None, "", "nonsense", "{}", "99/x", "-5/0"])
def test_without_a_cursor_of_its_own_it_looks_back_as_far_as_it_is_told(server: JetstreamServer, cursor: str | None):
    server.put(*tagged(1), at=micros(now() - timedelta(hours=3)))
    server.put(*tagged(1, start=1), at=micros(now() - timedelta(hours=1)))
    with reading(server, cursor=cursor, settings={"look_back": 2}) as reader:
        if cursor == "99/x":
            reader.until(lambda: len(reader.ids) == 2)
        else:
            reader.until(lambda: reader.ids)
            assert reader.ids == ids_of(1, start=1)


# Faults

FAULTS = {
    "a normal close": [Fault(how="close", after=after) for after in (0, 1, 30, 3)],
    "a reset": [Fault(how="reset", after=after) for after in (0, 1, 30, 3)],
    "silence": [Fault(how="silence", after=7)],
    "an error frame": [Fault(how="error", after=after) for after in (0, 20)],
    "garbage": [Fault(how="garbage", after=5)],
    "everything twice": [Fault(how="twice")],
    "out of order": [Fault(how="shuffled")],
    "403 as HTML": [Fault(refuse=(403, b"<html>no</html>"))] * 2,
    "404": [Fault(refuse=(404, b""))],
    "429": [Fault(refuse=(429, b'{"error": "RateLimitExceeded"}'))],
    "500": [Fault(refuse=(500, b"oops")), Fault(how="close", after=10), Fault(refuse=(503, b""))],
    "an unknown dictionary": [Fault(refuse=(400, b'{"error": "UnknownZstdDictionary", "message": "4712"}'))],
    "a cursor too old": [TOO_OLD],
    "a cursor too old, also the oldest": [TOO_OLD, TOO_OLD],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_after_any_fault_all_posts_are_there_and_none_is_double(fault: str):
    with JetstreamServer(faults=deque(FAULTS[fault]), packed=fault == "an unknown dictionary") as server:
        lost_by_rights = fault == "a cursor too old, also the oldest"  # it then begins with what comes
        if not lost_by_rights:
            server.put(*tagged(50))
        with reading(server) as reader:
            for start in range(50, 300, 50):
                reader.look()
                if lost_by_rights and start == 50:
                    reader.until(lambda: len(server.asked) == 3)
                    time.sleep(0.2)
                server.put(*[chatter(n) for n in range(40)], *tagged(50, start=start))
                if start == 100:
                    reader.until(lambda: len(reader.ids) >= 50)
            wanted = ids_of(250, start=50) if lost_by_rights else ids_of(300)
            reader.until(lambda: reader.ids == wanted)
            assert not server.faults, "every fault had its turn"
            assert all(row["text"].startswith("bed") for row in reader.rows)
            notice = reader.look().notice
            assert ("may be missing" in (notice or "")) == fault.startswith("a cursor too old")
            if fault == "an unknown dictionary":
                assert ["zstdDictionary" in question for question in server.asked] == [True, False]
            if fault == "garbage":
                assert len(reader.refusals) == len(GARBAGE)
            else:
                assert reader.refusals == []


def test_a_host_that_goes_away_and_comes_back_is_waited_for(server: JetstreamServer):
    server.put(*tagged(20))
    with reading(server) as reader:
        reader.until(lambda: reader.ids == ids_of(20))
        server.stop()
        server.put(*tagged(20, start=20))
        for _ in range(5):
            reader.look()
            time.sleep(0.05)
        server.start()
        reader.until(lambda: reader.ids == ids_of(40))


def test_when_a_host_fails_the_next_goes_on_from_the_same_time():
    everything = tagged(60)
    with JetstreamServer(first=1) as one, JetstreamServer(first=9_000_000) as other:
        one.put(*everything[:30])
        other.put(*everything[:30])
        with reading(one, other) as reader:
            reader.until(lambda: reader.ids == ids_of(30))
            assert other.asked == []
            one.stop()
            other.put(*everything[30:])
            reader.until(lambda: reader.ids == ids_of(60))
            assert int(other.asked[0]["cursor"][0]) > 1e15, "a number of the one host would mean nothing to the other"


def test_a_silent_host_is_left_for_the_next():
    with JetstreamServer(faults=deque([Fault(how="silence", after=5)])) as one, JetstreamServer() as other:
        one.put(*tagged(10))
        other.put(*tagged(10))
        with reading(one, other) as reader:
            reader.until(lambda: reader.ids == ids_of(10))
            assert len(other.asked) == 1


@pytest.mark.parametrize("refused", [False, True])
def test_when_the_host_no_longer_has_what_came_before_it_says_what_may_be_missing(refused: bool):
    floor = now() - timedelta(hours=1)
    with JetstreamServer(floor=micros(floor), faults=deque([TOO_OLD] if refused else [])) as server:
        server.put(*tagged(1), at=micros(floor) - 60 * SECOND)
        server.put(*tagged(2, start=1), at=micros(floor) + 60 * SECOND)
        left = floor - timedelta(hours=5)
        with reading(server, cursor=f"{micros(left)}/7") as reader:
            reader.until(lambda: reader.ids == ids_of(2, start=1))
            notice = reader.look().notice
            assert notice is not None
            assert f"{left:%Y-%m-%d %H:%M} UTC" in notice
            assert f"{floor + timedelta(minutes=1):%Y-%m-%d %H:%M} UTC" in notice
            assert "may be missing" in notice


@pytest.mark.parametrize("lag", [0, 3_600])
def test_a_cursor_from_the_future_does_not_hold_the_stream_there(lag: int):
    with JetstreamServer(lag=lag * SECOND) as server:
        ahead = now() + timedelta(days=2)
        with reading(server, cursor=f"{micros(ahead)}/3") as reader:
            reader.until(lambda: server.asked)
            time.sleep(0.2)
            server.put(*tagged(3))
            reader.until(lambda: reader.ids == ids_of(3))
            assert reader.cursor is not None
            assert int(reader.cursor.partition("/")[0]) < micros(now()) - lag * SECOND
            assert reader.look().notice is None


def test_an_event_from_a_broken_clock_does_not_move_the_cursor_there(server: JetstreamServer):
    server.put(*tagged(1))
    server.put(post("bob", "later", "#hasselthelpt"), at=micros(now() + timedelta(days=400)))
    with reading(server) as reader:
        reader.until(lambda: len(reader.ids) == 2)
        assert reader.cursor is not None
        assert int(reader.cursor.partition("/")[0]) < micros(now())


# Hostile content


def test_a_post_of_ten_megabytes_and_hostile_texts_do_not_stop_the_stream(server: JetstreamServer):
    texts = [
        "\x00\x1b[31m",
        "\u202e" * 500,
        "a\u0301" * 5_000,
        "😀" * 300,
        "' or 1=1; --",
        "<script>alert(1)</script>",
        "\ud83d",
    ]
    server.put(post("bob", "huge", "#hasselthelpt " + "x" * 10_000_000))
    server.put(*[post("bob", f"h{n}", f"{text} #hasselthelpt") for n, text in enumerate(texts[:-1])])
    server.put(post("bob", "lists", "#hasselthelpt", langs=7, reply="no", embed=[], createdAt={}), *tagged(5))
    with reading(server) as reader:
        reader.until(lambda: ids_of(5) <= reader.ids)
        assert reader.refusals == ["text is 10000014 bytes long, the most is 10,000,000"]
        assert {uri_of("bob", f"h{n}") for n in range(len(texts) - 1)} <= reader.ids


def test_a_flood_of_garbage_is_counted_and_not_kept():
    faults = deque(Fault(how="garbage", after=n) for n in range(20))
    with JetstreamServer(faults=faults) as server:
        server.put(*tagged(30))
        with reading(server, batch=1) as reader:
            reader.source.fetch(None)
            reader.until(lambda: reader.ids == ids_of(30))
            assert 0 < len(reader.refusals) < 20 * len(GARBAGE)


# Handing over


def test_a_reader_that_comes_seldom_holds_the_stream_up_and_gets_all_of_it(server: JetstreamServer):
    server.put(*tagged(500))
    with reading(server, room=10, batch=4) as reader:
        reader.look()
        time.sleep(0.3)
        assert reader.look().posts.height <= 4
        reader.until(lambda: reader.ids == ids_of(500))
        assert max(fetch.posts.height for fetch in reader.fetches) <= 4


def test_there_is_never_more_in_waiting_than_there_is_room_for_be_it_by_number_or_by_size():
    waiting = Waiting(3, room_bytes=100)
    put: list[int] = []

    def fill() -> None:
        for number, size in enumerate([500, 40, 40, 40, 1, 1, 1, 1]):
            waiting.put(Event({"n": number}, number, size))
            put.append(number)

    thread = threading.Thread(target=fill)
    thread.start()
    taken: list[Any] = []
    seen: list[int] = []
    while len(taken) < 8:
        time.sleep(0.05)
        seen.append(len(put) - len(taken))
        events, _ = waiting.take(1)
        taken += [event.payload["n"] for event in events]
    thread.join()
    assert taken == list(range(8))
    assert seen == [1, 2, 3, 3, 3, 3, 2, 1]


def test_compressed_messages_say_the_same():
    with JetstreamServer(packed=True) as server:
        server.put(*tagged(30))
        with reading(server) as reader:
            reader.until(lambda: reader.ids == ids_of(30))
        with reading(server, settings={"compress": False}) as plain:
            plain.until(lambda: plain.ids == ids_of(30))
        assert ["zstdDictionary" in question for question in server.asked] == [True, False]
        assert [row["text"] for row in reader.rows] == [row["text"] for row in plain.rows]


# Telling how it fares


def test_without_a_network_it_says_so_in_a_sentence_and_comes_back_by_itself():
    server = JetstreamServer()
    server.start()
    server.stop()
    with reading(server, patience=0.3) as reader:
        first = reader.look()
        assert first.posts.height == 0, "a moment is no trouble yet"
        assert "Bluesky's stream" in (first.notice or ""), "but it is told"
        with pytest.raises(TransientError, match=r"stream \(127\.0\.0\.1:\d+\) broke off: Connection refused"):
            reader.until(lambda: False)
        with server:
            server.put(*tagged(3))
            end = time.monotonic() + PATIENCE
            while reader.ids != ids_of(3):
                assert time.monotonic() < end
                try:
                    reader.look()
                except TransientError:
                    time.sleep(0.02)
            assert reader.look().notice is None


def test_it_says_how_far_behind_it_is(server: JetstreamServer):
    server.put(*tagged(1), at=micros(now()) - 500 * SECOND)
    with reading(server) as reader:
        reader.until(lambda: reader.rows)
        behind = reader.fetches[-1].behind
        assert behind is not None
        assert behind >= 500


@pytest.mark.parametrize("state", ["connected", "waiting to try again", "held up"])
def test_it_stops_at_once_whatever_it_is_doing(server: JetstreamServer, state: str):
    server.put(*tagged(50))
    if state == "waiting to try again":
        server.stop()
    source = source_of(server, room=5, first_wait=60 if state == "waiting to try again" else 0.05)
    source.fetch(None)
    time.sleep(0.3)
    begun = time.monotonic()
    source.close()
    assert time.monotonic() - begun < 5
    source.close()


def test_after_a_stop_it_can_be_asked_again(server: JetstreamServer):
    server.put(*tagged(5))
    source = source_of(server)
    reader = Reader(source)
    reader.until(lambda: reader.ids == ids_of(5))
    source.close()
    server.put(*tagged(5, start=5))
    try:
        reader.until(lambda: reader.ids == ids_of(10))
    finally:
        source.close()


# Who wrote it


def profile(name: str, *labels: str) -> dict[str, Any]:
    given = {"did": did_of(name), "handle": f"{name}.example.org", "displayName": name.title()}
    return given | {"labels": [{"val": label} for label in labels]}


def test_writers_get_their_handle_their_name_and_their_labels(server: JetstreamServer):
    with BlueskyServer() as people:
        people.profiles = {did_of(name): profile(name) for name in ("ann", "bob")}
        people.profiles[did_of("bob")] = profile("bob", "!no-unauthenticated")
        people.profiles[did_of("eve")] = profile("eve") | {"handle": "handle.invalid"}
        own = {"values": [{"val": "graphic-media"}]}
        server.put(post("ann", "1", "#hasselthelpt"), post("bob", "2", "#hasselthelpt", labels=own))
        server.put(post("cor", "3", "#hasselthelpt"), post("eve", "4", "#hasselthelpt"), delete("ann", "1"))
        with reading(server, profiles=Profiles(people.url)) as reader:
            reader.until(lambda: len(reader.rows) == 4)
            assert [(row["author"], row["author_name"], row["labels"]) for row in reader.rows] == [
                ("ann.example.org", "Ann", []),
                ("bob.example.org", "Bob", ["!no-unauthenticated", "graphic-media"]),
                (did_of("cor"), None, None),
                (did_of("eve"), "Eve", []),
            ]
            people.profiles[did_of("ann")] = profile("ann") | {"handle": "new.example.org"}
            server.put(post("ann", "5", "#hasselthelpt"))
            reader.until(lambda: len(reader.rows) == 5)
            server.put(identity("ann"), post("ann", "6", "#hasselthelpt"))
            reader.until(lambda: len(reader.rows) == 6)
            assert [row["author"] for row in reader.rows[4:]] == ["ann.example.org", "new.example.org"]


@pytest.mark.parametrize("how", ["status", "truncated", "slow", "reset", "rubbish", "gone"])
def test_when_nobody_can_say_who_a_writer_is_posts_come_all_the_same(server: JetstreamServer, how: str):
    with BlueskyServer() as people:
        fault = HttpFault(body=b'{"profiles": [7, {"did": 7}]}', status=200) if how == "rubbish" else HttpFault(how=how)
        people.faults.extend([fault] * 9)
        people.profiles = {did_of(f"ann {n}"): profile("ann") for n in range(7)}
        address = "http://127.0.0.1:9" if how == "gone" else people.url
        server.put(*tagged(40))
        with reading(server, profiles=Profiles(address, seconds=0.5), batch=4) as reader:
            reader.until(lambda: reader.ids == ids_of(40))
            assert {row["author"] for row in reader.rows} == {did_of(f"ann {n}") for n in range(7)}
        assert len(people.calls) <= 2, "a server in trouble is left alone"


def test_profiles_are_asked_for_25_at_a_time_and_remembered():
    with BlueskyServer() as people:
        dids = [did_of(f"p{n}") for n in range(60)]
        people.profiles = {did_of(f"p{n}"): profile(f"p{n}") for n in range(59)}
        profiles = Profiles(people.url)
        assert set(profiles.of(dids)) == set(dids[:59])
        assert len(profiles.of(dids)) == 59
        assert [len(question["actors"]) for _, question in people.calls] == [25, 25, 10]
        profiles.close()


# The whole network


@pytest.mark.slow
def test_five_thousand_events_a_second_are_sifted_and_none_of_ours_is_missing():
    command = [sys.executable, "-m", "tests.support.jetstream", "--events", "25000", "--rate", "5000"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        host = f"ws://127.0.0.1:{process.stdout.readline().strip()}/xrpc"
        settings = BlueskySettings(hosts=(host,))
        source = Jetstream(Tags(["hasselthelpt"]), incident="storm", clock=now, settings=settings)
        reader = Reader(source)
        reader.until(lambda: len(reader.ids) == 250)
        assert json.dumps(sorted(reader.ids)) == json.dumps(
            sorted(uri_of("ann", f"t{n}") for n in range(0, 25_000, 100))
        )
        source.close()
    finally:
        process.kill()
        process.communicate()
