"""The rhythm of the schedule and what a person can do to it: pause, resume, add, replace, take away."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise

import pytest

from ingest.errors import TerminalError, TransientError
from ingest.jobs import Job, Run, Status, flagged
from ingest.schedule import Schedule
from ingest.source import Fetch, Quota, Removal
from tests.ingest.test_schedule import MOMENT, Memory, Played, only, posts, scheduled
from tests.support.waiting import until


def job(source: Played, query: str = "q", **more) -> Job:
    return Job(incident="storm", source=source, query=query, **{"every": 0.05, **more})


def waits(source: Played) -> list[float]:
    return [later - earlier for (_, earlier), (_, later) in pairwise(source.asked)]


# Overrun


@pytest.mark.parametrize("brings", [True, False], ids=["and brought something", "for nothing"])
def test_a_run_that_outlasts_its_rhythm(brings: bool):
    every, numbers = 1.0, count()

    def slow() -> Fetch:
        time.sleep(1.1 * every)
        number = str(next(numbers))
        return Fetch(posts=posts(number) if brings else posts(), cursor=number)

    source, memory = Played(script=iter([slow] * 10)), Memory()
    with Schedule([job(source, every=every)], ask=memory.ask, deliver=memory.deliver):
        until(lambda: len(source.asked) >= 4)
    # By the rhythm alone two turns lie between two runs, and a run that is slower still makes it three.
    assert (min(waits(source)) < 1.75 * every) == brings


# Paused, resumed, changed


def test_a_paused_source_is_not_asked_until_it_is_resumed_and_the_others_are():
    held, other = Played(script=iter([])), Played(script=iter([]))
    with scheduled(Memory(), held, other) as schedule:
        until(lambda: len(held.asked) >= 2)
        schedule.pause("storm/test/q0")
        time.sleep(0.1)
        asked, others = len(held.asked), len(other.asked)
        until(lambda: len(other.asked) >= others + 5)
        assert len(held.asked) == asked
        assert [status.state == "paused" for status in schedule.status()] == [True, False]
        schedule.resume("storm/test/q0")
        until(lambda: len(held.asked) > asked)
        until(lambda: schedule.status()[0].state == "waiting")


def test_a_run_that_goes_on_when_its_source_is_paused_ends_and_is_kept():
    inside, go_on = threading.Event(), threading.Event()

    def slow() -> Fetch:
        inside.set()
        go_on.wait(10)
        return Fetch(posts=posts("1"), cursor="one", more=True)

    source, memory = Played(script=iter([slow] * 9)), Memory()
    with scheduled(memory, source) as schedule:
        assert inside.wait(10)
        schedule.pause("storm/test/q0")
        go_on.set()
        until(lambda: memory.ids == ["1"])
        time.sleep(0.2)
        assert len(source.asked) == 1, "there was more, but a person wants it to be quiet"
        assert only(schedule).state == "paused"


def test_a_source_paused_before_the_start_stays_so():
    source = Played(script=iter([]))
    schedule = scheduled(Memory(), source)
    schedule.pause("storm/test/q0")
    with schedule:
        time.sleep(0.2)
        assert source.asked == []


def test_a_stopped_source_that_is_resumed_is_asked_again():
    refused = TerminalError("The key is refused: make a new one.")
    source, memory = Played(script=iter([refused, Fetch(posts=posts("1"), cursor="one")])), Memory()
    with scheduled(memory, source) as schedule:
        until(lambda: only(schedule).state == "stopped")
        schedule.resume("storm/test/q0")
        until(lambda: memory.ids == ["1"])
        until(lambda: only(schedule).state == "waiting")
        assert only(schedule).sentence is None


def test_a_retrying_source_that_is_resumed_is_asked_at_once():
    source, memory = Played(script=iter([TransientError("quota", retry_after=600)])), Memory()
    with scheduled(memory, source) as schedule:
        until(lambda: only(schedule).state == "retrying")
        schedule.resume("storm/test/q0")
        until(lambda: len(source.asked) >= 2)


def test_a_source_is_added_replaced_and_taken_away_while_all_runs():
    first, second, third = (Played(script=iter([])) for _ in range(3))
    with Schedule([job(first)], ask=Memory().ask, deliver=Memory().deliver) as schedule:
        until(lambda: len(first.asked) >= 1)
        schedule.add(job(second, "other"))
        until(lambda: len(second.asked) >= 1)
        schedule.add(job(third))
        until(lambda: first.closed == 1 and len(third.asked) >= 2)
        asked = len(first.asked)
        schedule.remove("storm/test/other")
        until(lambda: second.closed == 1)
        time.sleep(0.2)
        assert len(first.asked) <= asked + 1, "a run that had begun may end"
        assert [status.query for status in schedule.status()] == ["q"]
    assert third.closed == 1
    for act in (schedule.pause, schedule.resume, schedule.remove):
        with pytest.raises(KeyError):
            act("storm/test/other")


def test_what_a_replaced_source_still_brings_goes_nowhere():
    inside, go_on = threading.Event(), threading.Event()

    def slow() -> Fetch:
        inside.set()
        go_on.wait(10)
        return Fetch(posts=posts("late"), cursor="late")

    memory, new = Memory(), Played(script=iter([]))
    with Schedule([job(Played(script=iter([slow])))], ask=memory.ask, deliver=memory.deliver) as schedule:
        assert inside.wait(10)
        schedule.add(job(new))
        go_on.set()
        until(lambda: len(new.asked) >= 3)
    assert memory.ids == []


def test_a_change_of_one_incident_leaves_the_others_alone():
    mine, gone, theirs = (Played(script=iter([])) for _ in range(3))
    flood = Job(incident="flood", source=theirs, query="q", every=0.05)
    with Schedule([job(mine), job(gone, "gone"), flood], ask=Memory().ask, deliver=Memory().deliver) as schedule:
        until(lambda: bool(mine.asked and gone.asked and theirs.asked))
        schedule.change("storm", [job(mine)])
        until(lambda: gone.closed == 1)
        assert [status.id for status in schedule.status()] == ["storm/test/q", "flood/test/q"]
        asked = len(mine.asked)
        until(lambda: len(mine.asked) > asked)
        assert (mine.closed, theirs.closed) == (0, 0)


# When it is asked again


def test_posts_make_it_asked_oftener_and_silence_more_seldom_between_floor_and_ceiling():
    busy = [Fetch(posts=posts(str(n)), cursor=str(n)) for n in range(3)]
    source, memory = Played(script=iter([*[Fetch(posts=posts(), cursor="-")] * 4, *busy])), Memory()
    seen: list[float] = []

    def watch() -> bool:
        seen.append(only(schedule).wait)
        return len(source.asked) >= 9

    jobs = [job(source, every=0.1, floor=0.1, ceiling=0.3)]
    with Schedule(jobs, ask=memory.ask, deliver=memory.deliver) as schedule:
        until(watch)
    assert max(seen) == pytest.approx(0.3)
    gaps = waits(source)
    assert min(gaps[2:4]) > 0.2, "after three looks for nothing it waits for longer"
    assert min(seen[seen.index(max(seen)) :]) == pytest.approx(0.1), "posts lead back to the floor"


def test_posts_that_were_known_already_do_not_make_it_asked_oftener():
    source = Played(script=iter([Fetch(posts=posts("1"), cursor="one")] * 50))
    jobs = [job(source, every=0.05, floor=0.05, ceiling=0.4)]
    with Schedule(jobs, ask=lambda _: None, deliver=lambda _, fetch: 0) as schedule:
        until(lambda: only(schedule).wait == pytest.approx(0.4))


def test_what_a_network_still_allows_is_spread_over_the_calls_that_are_made():
    soon = datetime.now(UTC) + timedelta(seconds=100)
    answers = [Fetch(posts=posts(), cursor="c", quota=Quota(remaining=100, resets_at=soon), calls=10)] * 3
    source = Played(script=iter(answers))
    with Schedule([job(source)], ask=Memory().ask, deliver=Memory().deliver) as schedule:
        until(lambda: only(schedule).last_ok is not None and only(schedule).wait > 1)
        assert 8 < only(schedule).wait <= 10, "ten calls a look, a hundred in a hundred seconds"


def test_a_used_up_quota_waits_for_its_renewal_though_there_is_more():
    later = datetime.now(UTC) + timedelta(seconds=60)
    used_up = Fetch(posts=posts("1"), cursor="c", quota=Quota(remaining=0, resets_at=later), more=True)
    source = Played(script=iter([used_up] * 9))
    jobs = [job(source)]
    with Schedule(jobs, ask=Memory().ask, deliver=Memory().deliver, fetches_per_run=1) as schedule:
        until(lambda: only(schedule).wait > 1)
        time.sleep(0.4)
        assert len(source.asked) == 1


def test_a_job_can_have_a_longest_wait_of_its_own():
    scripts = [iter([TransientError("no")] * 400) for _ in range(2)]
    patient, hasty = (Played(script=script) for script in scripts)
    jobs = [job(patient), job(hasty, "stream", longest_wait=0.05)]
    with Schedule(jobs, ask=Memory().ask, deliver=Memory().deliver, first_wait=0.05):
        until(lambda: len(hasty.asked) >= 12)
        assert len(patient.asked) < 6


def test_something_else_can_be_called_in_the_same_rhythm_and_may_fail(caplog: pytest.LogCaptureFixture):
    called: list[float] = []

    def call() -> None:
        called.append(time.monotonic())
        raise ZeroDivisionError

    with scheduled(Memory(), Played(script=iter([]))) as schedule:
        schedule.also(call, every=0.05)
        until(lambda: len(called) >= 3)
    assert "ZeroDivisionError" in caplog.text


# What is told


def test_every_run_is_on_record_with_what_it_brought_and_how_it_ended():
    gone = (Removal(network="test", id="1", at=MOMENT, reason="deleted"),)
    script = [
        Fetch(posts=posts("1", "2"), cursor="two", more=True, reads=2, counts=1, calls=3),
        Fetch(posts=posts("3"), cursor="three", removals=gone, behind=4.0, reads=1, notice="less than all"),
        TransientError("No answer."),
        TerminalError("The key is refused."),
    ]
    runs: list[Run] = []
    memory = Memory()
    with Schedule(
        [job(Played(script=iter(script)))], ask=memory.ask, deliver=memory.deliver, first_wait=0.05,
        record=lambda _, run: runs.append(run),
    ):  # fmt: skip
        until(lambda: len(runs) >= 3)
    first, second, third = runs[:3]
    assert (first.fetches, first.calls, first.fetched, first.new, first.removed) == (2, 4, 3, 3, 1)
    assert (first.reads, first.counts, first.behind, first.notice, first.error) == (3, 1, 4.0, "less than all", None)
    assert (second.fetches, second.error, third.error) == (0, "No answer.", "The key is refused.")
    assert all(run.started_at <= run.finished_at for run in runs)
    row = first.row(job(Played(script=iter([]))))
    assert (row["incident"], row["source"], row["query"], row["runs"]) == ("storm", "test", "q", 1)


def test_what_came_before_an_error_in_the_same_run_is_on_record_too():
    script = [Fetch(posts=posts("1"), cursor="one", more=True), TransientError("No answer.")]
    runs: list[Run] = []
    memory = Memory()
    with Schedule(
        [job(Played(script=iter(script)), every=60)], ask=memory.ask, deliver=memory.deliver,
        record=lambda _, run: runs.append(run),
    ):  # fmt: skip
        until(lambda: len(runs) == 1)
    assert (runs[0].new, runs[0].error) == (1, "No answer.")


@pytest.mark.parametrize(
    ("fares", "flag"),
    [
        ({"last_ok": MOMENT}, None),
        ({"last_ok": MOMENT - timedelta(seconds=600)}, "No answer for 10 min."),
        ({"last_ok": MOMENT - timedelta(seconds=600), "state": "retrying"}, "No answer for 10 min."),
        ({"last_ok": MOMENT - timedelta(seconds=600), "state": "paused"}, None),
        ({"last_ok": MOMENT - timedelta(seconds=600), "state": "stopped"}, None),
        ({"last_ok": MOMENT - timedelta(seconds=600), "wait": 300.0}, None),
        ({"last_ok": MOMENT, "behind": 12.0}, None),
        ({"last_ok": MOMENT, "behind": 95.0}, "95 s behind its network."),
        ({"last_ok": MOMENT, "behind": 9_000.0}, "2 h behind its network."),
    ],
)
def test_a_source_that_is_silent_or_behind_is_flagged(fares: dict, flag: str | None):
    status = Status(incident="storm", source="test", query="q", **fares)
    found = flagged(job(Played(script=iter([]))), status, since=MOMENT - timedelta(hours=1), now=MOMENT)
    assert (found.flag, found.silent) == (flag, bool(flag and flag.startswith("No answer")))


def test_a_source_that_was_just_added_or_resumed_is_not_silent_yet():
    status = Status(incident="storm", source="test", query="q", last_ok=MOMENT - timedelta(hours=2))
    found = flagged(job(Played(script=iter([]))), status, since=MOMENT - timedelta(seconds=5), now=MOMENT)
    assert not found.silent
