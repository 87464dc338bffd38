"""The schedule against sources that answer, fail, hang and never end; nothing here leaves the process."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from ingest.errors import TerminalError, TransientError
from ingest.post import Post, Provenance, frame, stamp
from ingest.schedule import Job, Schedule, Status
from ingest.source import Fetch
from tests.support.waiting import PATIENCE, until

MOMENT = datetime(2026, 8, 18, 18, 15, tzinfo=UTC)


def posts(*ids: str):
    content = frame([Post(network="test", id=one, author="a", text="t", created_at=MOMENT) for one in ids])
    return stamp(content, Provenance(incident="storm", source="test", query="q", collected_at=MOMENT))


@dataclass(kw_only=True)
class Played:
    """A source that plays a script: each step is an answer, an error to raise, or something to call."""

    script: Iterator[object]
    name: str = "test"
    asked: list[tuple[str | None, float]] = field(default_factory=list)
    closed: int = 0

    def fetch(self, cursor: str | None) -> Fetch:
        self.asked.append((cursor, time.monotonic()))
        step = next(self.script, None)
        if isinstance(step, Exception):
            raise step
        if callable(step):
            step = step()
        return step if isinstance(step, Fetch) else Fetch(posts=posts(), cursor=cursor)

    def close(self) -> None:
        self.closed += 1


@dataclass(kw_only=True)
class Memory:
    """What a store would keep: the cursor of each job, and the ids of the posts, in one step."""

    cursors: dict[str, str | None] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)

    def ask(self, job: Job) -> str | None:
        return self.cursors.get(job.id)

    def deliver(self, job: Job, fetch: Fetch) -> None:
        self.ids += fetch.posts["id"].to_list()
        self.cursors[job.id] = fetch.cursor


def scheduled(memory: Memory, *sources: Played, every: float = 0.05, **settings) -> Schedule:
    jobs = [Job(incident="storm", source=source, query=f"q{n}", every=every) for n, source in enumerate(sources)]
    return Schedule(jobs, ask=memory.ask, deliver=memory.deliver, **{"first_wait": 0.05, **settings})


def only(schedule: Schedule) -> Status:
    (status,) = schedule.status()
    return status


def test_each_answer_is_delivered_and_the_next_question_carries_its_cursor():
    source = Played(
        script=iter([Fetch(posts=posts("1", "2"), cursor="two"), Fetch(posts=posts("3"), cursor="three", progress=0.5)])
    )
    memory = Memory()
    with scheduled(memory, source) as schedule:
        until(lambda: len(source.asked) >= 3)
    assert memory.ids == ["1", "2", "3"]
    assert [cursor for cursor, _ in source.asked[:3]] == [None, "two", "three"]
    assert only(schedule).posts == 3
    assert only(schedule).last_ok is not None


def test_a_source_with_more_is_asked_on_within_one_run():
    source = Played(script=iter([Fetch(posts=posts(str(n)), cursor=str(n), more=n < 9) for n in range(10)]))
    memory = Memory()
    with scheduled(memory, source, every=3600):
        until(lambda: len(memory.ids) == 10)
    assert len(source.asked) == 10


def test_a_source_without_end_comes_round_again_and_does_not_hold_its_run_for_ever():
    def endless() -> Iterator[object]:
        while True:
            yield Fetch(posts=posts(str(len(source.asked))), cursor="c", more=True)

    source = Played(script=endless())
    memory = Memory()
    with scheduled(memory, source, every=3600, fetches_per_run=4):
        until(lambda: len(source.asked) >= 12)
    breaths = [later - earlier for (_, earlier), (_, later) in pairwise(source.asked[:12])]
    assert min(breaths[3], breaths[7]) > 0.15, "it takes breath after every fourth"


def test_a_slow_source_is_never_asked_twice_at_once():
    inside, most = [0], [0]

    def slow() -> Fetch:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        time.sleep(0.15)
        inside[0] -= 1
        return Fetch(posts=posts(), cursor=None)

    source = Played(script=iter([slow] * 50))
    with scheduled(Memory(), source, every=0.02):
        until(lambda: len(source.asked) >= 4)
    assert most[0] == 1


def test_transient_errors_wait_longer_and_longer_and_are_forgotten_on_success():
    down = [TransientError("The network is down.") for _ in range(4)]
    source = Played(script=iter([*down, Fetch(posts=posts("1"), cursor="one")]))
    memory = Memory()
    seen: list[Status] = []

    def watch() -> bool:
        seen.append(only(schedule))
        return memory.ids == ["1"]

    with scheduled(memory, source, first_wait=0.1) as schedule:
        until(watch)
        until(lambda: only(schedule).state == "waiting")
        assert only(schedule).sentence is None
        assert only(schedule).failures == 0
    waits = [later - earlier for (_, earlier), (_, later) in pairwise(source.asked[:5])]
    # Each wait is at least what was promised; how much longer depends on the machine.
    assert all(wait >= promised for wait, promised in zip(waits, (0.09, 0.19, 0.39, 0.79), strict=True)), waits
    retrying = [status for status in seen if status.state == "retrying"]
    assert {status.sentence for status in retrying} == {"The network is down."}
    assert max(status.failures for status in retrying) == 4


def test_the_wait_has_a_ceiling_and_a_source_may_ask_for_more():
    source = Played(script=iter([*(TransientError("no") for _ in range(3)), TransientError("quota", retry_after=60)]))
    with scheduled(Memory(), source, first_wait=0.05, longest_wait=0.06) as schedule:
        until(lambda: only(schedule).failures == 4)
        status = only(schedule)
        time.sleep(0.3)
        assert len(source.asked) == 4, "it is left alone as long as it asked for"
    assert status.next_try is not None
    assert 50 < (status.next_try - datetime.now(UTC)).total_seconds() <= 60


def test_a_terminal_error_stops_its_own_job_alone_and_keeps_its_sentence():
    broken = Played(script=iter([TerminalError("The key is refused: make a new one.")]))
    sound = Played(script=iter([]))
    with scheduled(Memory(), broken, sound) as schedule:
        until(lambda: len(sound.asked) >= 5)
        stopped, waiting = schedule.status()
        assert len(broken.asked) == 1
    assert (stopped.state, stopped.sentence) == ("stopped", "The key is refused: make a new one.")
    assert waiting.state in ("waiting", "running")


def test_an_error_nobody_announced_is_counted_logged_and_tried_again(caplog: pytest.LogCaptureFixture):
    source = Played(script=iter([ZeroDivisionError("a secret in the text"), Fetch(posts=posts("1"), cursor="one")]))
    memory = Memory()
    with caplog.at_level(logging.ERROR, "ingest.schedule"), scheduled(memory, source) as schedule:
        until(lambda: memory.ids == ["1"])
        until(lambda: only(schedule).state == "waiting")
    assert only(schedule).surprises == 1
    assert any(record.exc_info for record in caplog.records), "the traceback is in the log"


def test_a_delivery_that_fails_is_tried_again_with_the_same_cursor():
    answers = [Fetch(posts=posts("1"), cursor="one"), Fetch(posts=posts("1"), cursor="one")]
    source = Played(script=iter(answers))
    memory = Memory()
    full = [True]

    def deliver(job: Job, fetch: Fetch) -> None:
        if full.pop() if full else False:
            raise OSError("disk full")
        memory.deliver(job, fetch)

    job = Job(incident="storm", source=source, query="q", every=0.05)
    with Schedule([job], ask=memory.ask, deliver=deliver, first_wait=0.05):
        until(lambda: memory.ids == ["1"])
    assert [cursor for cursor, _ in source.asked[:2]] == [None, None]


def test_stopping_leaves_a_hanging_source_behind_and_its_answer_goes_nowhere():
    let_go = threading.Event()

    def hang() -> Fetch:
        let_go.wait(60)
        return Fetch(posts=posts("late"), cursor="late")

    source = Played(script=iter([hang]))
    memory = Memory()
    schedule = scheduled(memory, source)
    schedule.start()
    until(lambda: len(source.asked) == 1)
    threads = [thread for thread in threading.enumerate() if thread.name.startswith("ask ")]
    begun = time.monotonic()
    schedule.stop()
    assert time.monotonic() - begun < 8
    let_go.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert memory.ids == []


def test_stopping_between_two_answers_keeps_the_first_and_asks_no_more():
    arrived, go_on = threading.Event(), threading.Event()
    source = Played(script=iter([Fetch(posts=posts("1"), cursor="one", more=True)] * 50))
    memory = Memory()

    def deliver(job: Job, fetch: Fetch) -> None:
        memory.deliver(job, fetch)
        arrived.set()
        go_on.wait(PATIENCE)

    schedule = Schedule(
        [Job(incident="storm", source=source, query="q", every=60)], ask=memory.ask, deliver=deliver, first_wait=0.05
    )
    schedule.start()
    assert arrived.wait(PATIENCE)
    threading.Timer(0.2, go_on.set).start()
    schedule.stop()
    assert memory.ids == ["1"]
    assert len(source.asked) == 1


def test_stopping_before_starting_does_nothing():
    scheduled(Memory(), Played(script=iter([]))).stop()
