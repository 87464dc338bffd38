"""The schedule while it runs: jobs paused, resumed, added, replaced and removed; what each run brought; who is silent."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from ingest.errors import TerminalError, TransientError
from ingest.jobs import flagged
from ingest.schedule import Job, Run, Schedule, Status
from ingest.source import Fetch, Quota
from tests.ingest.test_schedule import Memory, Played, only, posts, scheduled
from tests.support.waiting import PATIENCE, until

ID = "storm/test/q0"


def job(source: Played, query: str = "q0", **more) -> Job:
    return Job(incident="storm", source=source, query=query, **{"every": 0.05, **more})


def endless(more: bool = False) -> Iterator[object]:
    number = 0
    while True:
        number += 1
        yield Fetch(posts=posts(str(number)), cursor=str(number), more=more)


# Pausing


def test_a_paused_source_is_left_alone_until_it_is_resumed_and_goes_on_from_its_cursor():
    source, memory = Played(script=endless()), Memory()
    with scheduled(memory, source) as schedule:
        until(lambda: len(source.asked) >= 2)
        schedule.pause(ID)
        time.sleep(0.1)  # a run that goes on may end
        stood = len(source.asked)
        time.sleep(0.3)
        assert len(source.asked) == stood
        assert only(schedule).state == "paused"
        assert source.closed == 0
        schedule.resume(ID)
        until(lambda: len(source.asked) > stood + 2)
        assert only(schedule).state in ("waiting", "running")
    assert memory.ids == [str(number + 1) for number in range(len(memory.ids))], "nothing lost, nothing doubled"


def test_a_run_that_is_paused_midway_ends_with_its_answer_and_stays_paused():
    arrived, go_on = threading.Event(), threading.Event()

    def slow() -> Fetch:
        arrived.set()
        go_on.wait(PATIENCE)
        return Fetch(posts=posts("1"), cursor="one", more=True)

    source, memory = Played(script=iter([slow, *[Fetch(posts=posts("2"), cursor="two")] * 9])), Memory()
    with scheduled(memory, source) as schedule:
        assert arrived.wait(PATIENCE)
        schedule.pause(ID)
        go_on.set()
        until(lambda: memory.ids == ["1"])
        time.sleep(0.2)
        assert memory.ids == ["1"]
        assert only(schedule).state == "paused"


def test_a_stopped_source_is_asked_again_once_a_person_acted():
    source = Played(script=iter([TerminalError("The key is refused."), Fetch(posts=posts("1"), cursor="one")]))
    memory = Memory()
    with scheduled(memory, source) as schedule:
        until(lambda: only(schedule).state == "stopped")
        schedule.resume(ID)
        until(lambda: memory.ids == ["1"])
        until(lambda: only(schedule).state == "waiting")
        assert only(schedule).sentence is None


def test_jobs_that_are_not_there_cannot_be_paused_resumed_or_removed():
    schedule = scheduled(Memory(), Played(script=iter([])))
    for step in (schedule.pause, schedule.resume, schedule.remove):
        with pytest.raises(KeyError):
            step("storm/test/nothing")


# Adding, replacing, removing


def test_a_job_can_be_added_and_removed_while_the_others_go_on():
    first, second, memory = Played(script=iter([])), Played(script=iter([])), Memory()
    with scheduled(memory, first) as schedule:
        schedule.add(job(second, "q1"))
        until(lambda: len(second.asked) >= 2)
        assert [status.query for status in schedule.status()] == ["q0", "q1"]
        schedule.remove("storm/test/q1")
        until(lambda: second.closed == 1)
        stood, others = len(second.asked), len(first.asked)
        until(lambda: len(first.asked) >= others + 3)
        assert len(second.asked) <= stood + 1
        assert [status.query for status in schedule.status()] == ["q0"]
    assert first.closed == 1


def test_a_job_with_the_same_id_takes_the_place_of_the_one_before_and_its_cursor():
    before, after, memory = Played(script=endless()), Played(script=iter([])), Memory()
    with scheduled(memory, before) as schedule:
        until(lambda: len(memory.ids) >= 2)
        schedule.add(job(after))
        until(lambda: len(after.asked) >= 2)
        assert before.closed == 1
        assert after.asked[0][0] is not None
        assert only(schedule).posts >= 2, "the counts are those of the job, not of the source"
    assert after.closed == 1


def test_the_answer_of_a_source_that_was_replaced_meanwhile_goes_nowhere():
    arrived, go_on = threading.Event(), threading.Event()

    def slow() -> Fetch:
        arrived.set()
        go_on.wait(PATIENCE)
        return Fetch(posts=posts("late"), cursor="late")

    after, memory = Played(script=iter([Fetch(posts=posts("1"), cursor="one")])), Memory()
    with scheduled(memory, Played(script=iter([slow]))) as schedule:
        assert arrived.wait(PATIENCE)
        schedule.add(job(after))
        go_on.set()
        until(lambda: memory.ids == ["1"])
    assert memory.ids == ["1"]


def test_the_jobs_of_one_incident_are_changed_and_those_of_another_stay():
    old, kept, new, other = (Played(script=iter([])) for _ in range(4))
    jobs = [job(old, "old"), job(kept, "kept"), Job(incident="flood", source=other, query="old", every=0.05)]
    memory = Memory()
    with Schedule(jobs, ask=memory.ask, deliver=memory.deliver) as schedule:
        schedule.change("storm", [job(kept, "kept"), job(new, "new")])
        until(lambda: len(new.asked) >= 2)
        until(lambda: old.closed == 1)
        assert {status.id for status in schedule.status()} == {
            "storm/test/kept",
            "storm/test/new",
            "flood/test/old",
        }
        assert (kept.closed, other.closed) == (0, 0)


def test_a_source_that_two_jobs_ask_is_closed_with_the_last_of_them():
    source, memory = Played(script=iter([])), Memory()
    with Schedule([job(source), job(source, "q1")], ask=memory.ask, deliver=memory.deliver) as schedule:
        schedule.remove("storm/test/q1")
        time.sleep(0.1)
        assert source.closed == 0
    assert source.closed == 1


def test_stopping_closes_every_source_also_when_one_hangs_in_it():
    class Stuck(Played):
        def close(self) -> None:
            super().close()
            time.sleep(30)

    stuck, sound = Stuck(script=iter([])), Played(script=iter([]))
    schedule = scheduled(Memory(), stuck, sound)
    schedule.start()
    until(lambda: len(sound.asked) >= 1)
    begun = time.monotonic()
    schedule.stop()
    assert time.monotonic() - begun < 8
    assert (stuck.closed, sound.closed) == (1, 1)


def test_something_else_can_be_done_every_so_often_and_its_errors_stop_nothing():
    called = []

    def call() -> None:
        called.append(1)
        raise ValueError("not now")

    source = Played(script=iter([]))
    with scheduled(Memory(), source) as schedule:
        schedule.also(call, every=0.05)
        until(lambda: len(called) >= 3)
        until(lambda: len(source.asked) >= 3)


# The rhythm


def test_a_source_with_posts_is_asked_more_and_more_often_and_a_quiet_one_less():
    busy, quiet, memory = Played(script=endless()), Played(script=iter([])), Memory()
    paces = {"every": 0.4, "floor": 0.05, "ceiling": 1.0}
    with Schedule(
        [job(busy, "busy", **paces), job(quiet, "quiet", **paces)], ask=memory.ask, deliver=memory.deliver
    ) as schedule:
        until(lambda: len(busy.asked) >= 12)
        fast, slow = schedule.status()
        until(lambda: len(quiet.asked) >= 3)
    assert fast.wait == 0.05
    assert slow.wait > 0.4
    gaps = [later - earlier for (_, earlier), (_, later) in pairwise(quiet.asked)]
    assert all(gap > 0.35 for gap in gaps), gaps


def test_posts_that_were_known_already_are_no_reason_to_hurry():
    source, memory = Played(script=endless()), Memory()

    def deliver(job: Job, fetch: Fetch) -> int:
        memory.deliver(job, fetch)
        return 0

    paced = job(source, every=0.05, floor=0.05, ceiling=0.2)
    with Schedule([paced], ask=memory.ask, deliver=deliver) as schedule:
        until(lambda: only(schedule).wait == 0.2)
        assert only(schedule).last_post is None


def test_a_quota_that_runs_out_makes_a_source_wait_and_a_new_one_lets_it_go_on():
    def with_quota(remaining: int) -> Fetch:
        resets_at = datetime.now(UTC) + timedelta(seconds=1)
        return Fetch(posts=posts(), cursor=None, quota=Quota(remaining=remaining, resets_at=resets_at))

    source = Played(script=iter([lambda: with_quota(0), lambda: with_quota(1000), lambda: with_quota(1000)]))
    with scheduled(Memory(), source):
        until(lambda: len(source.asked) >= 4)
    first, second, third = (later - earlier for (_, earlier), (_, later) in pairwise(source.asked[:4]))
    assert first > 0.9
    assert max(second, third) < first


# What is told


def test_every_run_is_told_with_what_it_brought_or_what_it_failed_with():
    answers = [
        Fetch(posts=posts("1", "2"), cursor="a", more=True, reads=2, counts=1, behind=7.0),
        Fetch(posts=posts("3"), cursor="b", reads=1, notice="Half of it."),
        TransientError("The network is down."),
        ZeroDivisionError("a secret"),
        TerminalError("The key is refused."),
    ]
    source, memory = Played(script=iter(answers)), Memory()
    runs: list[tuple[str, Run]] = []

    def deliver(job: Job, fetch: Fetch) -> int:
        memory.deliver(job, fetch)
        return fetch.posts.height - 1

    schedule = Schedule(
        [job(source)],
        ask=memory.ask,
        deliver=deliver,
        record=lambda job, run: runs.append((job.id, run)),
        first_wait=0.05,
    )
    with schedule:
        until(lambda: len(runs) == 4)
    assert {id for id, _ in runs} == {ID}
    first: Run = runs[0][1]
    assert (first.fetches, first.fetched, first.new, first.reads, first.counts) == (2, 3, 1, 3, 1)
    assert (first.notice, first.error) == ("Half of it.", None)
    assert first.finished_at >= first.started_at
    errors = [run.error for _, run in runs[1:]]
    assert errors == [
        "The network is down.",
        "Unexpected error (ZeroDivisionError); trying again.",
        "The key is refused.",
    ]
    row = first.row(job(source))
    assert (row["incident"], row["source"], row["query"], row["runs"]) == ("storm", "test", "q0", 1)


def test_a_record_that_cannot_be_kept_stops_nothing():
    source, memory = Played(script=iter([])), Memory()

    def record(job: Job, run: Run) -> None:
        raise OSError("disk full")

    with Schedule([job(source)], ask=memory.ask, deliver=memory.deliver, record=record) as schedule:
        until(lambda: len(source.asked) >= 3)
        assert only(schedule).state in ("waiting", "running")


def test_status_tells_how_far_behind_a_stream_is_and_what_is_less_than_it_should_be():
    source = Played(
        script=iter([Fetch(posts=posts("1"), cursor="a", behind=90.0, reads=5, notice="One server is shut.")])
    )
    with scheduled(Memory(), source, every=3600) as schedule:
        until(lambda: only(schedule).state == "waiting" and only(schedule).last_post is not None)
        status = only(schedule)
    assert (status.behind, status.reads, status.notice) == (90.0, 5, "One server is shut.")
    assert status.flag == "90 s behind its network."


def test_a_source_that_does_not_answer_is_flagged_as_silent():
    let_go = threading.Event()

    def hang() -> Fetch:
        let_go.wait(PATIENCE)
        return Fetch(posts=posts(), cursor=None)

    source, memory = Played(script=iter([hang])), Memory()
    with Schedule([job(source, silent_after=0.2)], ask=memory.ask, deliver=memory.deliver) as schedule:
        until(lambda: only(schedule).flag is not None)
        assert str(only(schedule).flag).startswith("No answer for ")
        let_go.set()
        until(lambda: only(schedule).flag is None)


NOW = datetime(2026, 8, 18, 18, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, None),
        ({"last_ok": NOW - timedelta(minutes=40)}, "No answer for 40 min."),
        ({"last_ok": NOW - timedelta(hours=4)}, "No answer for 4 h."),
        ({"last_ok": NOW - timedelta(minutes=40), "wait": 3600.0}, None),
        ({"last_ok": NOW - timedelta(minutes=40), "state": "paused"}, None),
        ({"last_ok": NOW - timedelta(minutes=40), "state": "stopped"}, None),
        ({"last_ok": NOW - timedelta(minutes=40), "state": "retrying"}, "No answer for 40 min."),
        ({"last_ok": NOW, "behind": 59.0}, None),
        ({"last_ok": NOW, "behind": 600.0}, "10 min behind its network."),
    ],
)
def test_silent_and_behind_are_told_in_one_sentence(more: dict, expected: str | None):
    status = Status(incident="storm", source="test", query="q0", **{"last_ok": NOW, **more})
    since = NOW - timedelta(hours=9)
    told = flagged(job(Played(script=iter([]))), status, since=since, now=NOW)
    assert (told.flag, told.silent) == (expected, (expected or "").startswith("No answer"))
