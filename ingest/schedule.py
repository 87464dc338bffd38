"""When sources are asked: one job per incident, source and query, never the same one twice at once.

Owns the rhythm, backing off after a transient error, stopping after a terminal one, and saying how each job fares.
Does not know where posts go: the cursor comes from `ask`, and what was fetched is handed to `deliver`, which keeps
posts and cursor in one transaction. Delivery is at least once: a run cut off between the two fetches the same again.

    schedule = Schedule([Job(incident="storm", source=source, query="inbox", every=10)], ask=ask, deliver=deliver)
    with schedule:            # starts; leaving stops within `STOP_SECONDS`, and closes the sources
        schedule.status()     # one Status per job, for the board
        schedule.pause("storm/file/inbox")
        schedule.add(job)     # takes the place of the job with the same id
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from ingest.errors import TerminalError, TransientError
from ingest.jobs import Ask, Deliver, Job, Record, Run, Status, flagged
from ingest.pace import next_wait, spread
from ingest.source import Fetch
from ingest.threads import RunThreads, close_all

__all__ = ["Job", "Run", "Schedule", "Status"]

log = logging.getLogger(__name__)

FETCHES_PER_RUN = 50
"""How often a run asks on while a source says there is more; then the job comes round again at once."""

BREATH = 0.2
"""Seconds between two runs of a job that has more: the first must be over before the scheduler lets in the second."""

FIRST_WAIT = 2.0
LONGEST_WAIT = 300.0
"""Seconds to wait after the first failure and, doubling, at most. A source that names its own wait gets it."""

STOP_SECONDS = 5.0

LAST_WRITE = 60.0
"""Seconds that stopping waits, beyond `STOP_SECONDS`, for what is being written to be written."""


class Schedule:
    """Runs jobs in the background. `ask` gives a job's last cursor; `deliver` keeps what came, or raises.

    `record` is told of every run, whatever came of it. They are called from several threads, one at a time, and not at
    all once `stop` has returned.
    """

    def __init__(
        self,
        jobs: Iterable[Job],
        *,
        ask: Ask,
        deliver: Deliver,
        record: Record | None = None,
        first_wait: float = FIRST_WAIT,
        longest_wait: float = LONGEST_WAIT,
        fetches_per_run: int = FETCHES_PER_RUN,
    ) -> None:
        self._ask = ask
        self._deliver = deliver
        self._record = record
        self._first_wait = first_wait
        self._longest_wait = longest_wait
        self._fetches_per_run = fetches_per_run
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._over = False
        # Held by whoever asks, delivers or records: stopping waits for one of them at most, and lets in no other after.
        self._keeping = threading.Lock()
        self._threads = RunThreads()
        self._scheduler = BackgroundScheduler(timezone=UTC, executors={"default": self._threads})
        self._jobs: dict[str, Job] = {}
        self._status: dict[str, Status] = {}
        self._since: dict[str, datetime] = {}
        self._paused: set[str] = set()
        for job in jobs:
            self.add(job)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Ask every source at once, and then in its rhythm."""
        with self._lock:
            for key, job in self._jobs.items():
                if key not in self._paused:
                    self._enter(job)
            self._scheduler.start()

    def stop(self) -> None:
        """Stop within `STOP_SECONDS`. A source still waiting for its answer is left behind; its answer goes nowhere."""
        end = time.monotonic() + STOP_SECONDS
        self._stopping.set()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        with self._lock:
            closing = close_all({id(job.source): job.source for job in self._jobs.values()}.values())
        self._threads.join(end - time.monotonic())
        for thread in closing:
            thread.join(max(0.0, end - time.monotonic()))
        if self._keeping.acquire(timeout=LAST_WRITE):
            self._over = True
            self._keeping.release()
        # Those that were writing, or waiting to, end now; a process that ends beneath them would crash.
        left = self._threads.join(1.0)
        if left:
            log.warning("%d sources were still waiting for an answer; what it brings is fetched next time", left)

    def status(self) -> list[Status]:
        """How each job fares, in the order they were given."""
        now = _now()
        with self._lock:
            return [
                flagged(self._jobs[key], status, since=self._since[key], now=now)
                for key, status in self._status.items()
            ]

    def add(self, job: Job) -> None:
        """Take a job in, now or while running. It takes the place of the one with its id, whose source is closed."""
        with self._lock:
            earlier = self._jobs.get(job.id)
            stood = self._status.get(job.id, _begun(job))
            self._jobs[job.id] = job
            state: Any = "paused" if job.id in self._paused else "waiting"
            self._status[job.id] = replace(
                stood, state=state, sentence=None, notice=None, failures=0, next_try=None, wait=job.every
            )
            self._since[job.id] = _now()
            if self._scheduler.running and job.id not in self._paused:
                self._leave(job.id)
                self._enter(job)
            self._let_go(earlier)

    def remove(self, job_id: str) -> None:
        """Ask this source no more, and close it. Raises KeyError for a job that is not there."""
        with self._lock:
            job = self._jobs.pop(job_id)
            for memory in (self._status, self._since):
                memory.pop(job_id)
            self._paused.discard(job_id)
            self._leave(job_id)
            self._let_go(job)

    def change(self, incident: str, jobs: Iterable[Job], *, paused: Collection[str] = ()) -> None:
        """Make `jobs` all there is to ask for an incident: others of it are removed, those with the same id replaced.

        Those of the sources named in `paused` are taken in paused, and not asked before someone resumes them.
        """
        wanted = {job.id: job for job in jobs}
        with self._lock:
            for job in [job for job in self._jobs.values() if job.incident == incident and job.id not in wanted]:
                self.remove(job.id)
            self._paused |= {job.id for job in wanted.values() if job.source.name in paused}
            for job in wanted.values():
                self.add(job)

    def also(self, call: Callable[[], object], *, every: float) -> None:
        """Call this every so many seconds too, in a thread of its own, while running; what it raises is logged."""
        self._scheduler.add_job(
            call,
            IntervalTrigger(seconds=every, timezone=UTC),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )

    def pause(self, job_id: str) -> None:
        """Ask this source no more until `resume`; a run that goes on ends first. Raises KeyError."""
        with self._lock:
            job = self._jobs[job_id]
            self._paused.add(job_id)
            self._leave(job_id)
            self._note(job, state="paused", next_try=None)

    def resume(self, job_id: str) -> None:
        """Ask a paused or stopped source again, now: a person acted. Raises KeyError."""
        with self._lock:
            job = self._jobs[job_id]
            self._paused.discard(job_id)
            self._since[job_id] = _now()
            self._note(job, state="waiting", sentence=None, failures=0, next_try=None)
            if self._scheduler.running:
                self._leave(job_id)
                self._enter(job)

    def _note(self, job: Job, **changes: Any) -> None:
        """Put down how a job fares; a run of a job that was removed or replaced meanwhile has nothing to say."""
        with self._lock:
            if self._jobs.get(job.id) is job:
                if job.id in self._paused:
                    changes["state"] = "paused"
                self._status[job.id] = replace(self._status[job.id], **changes)

    def _stands(self, job: Job) -> Status | None:
        """How a job fares; None when it is no longer one of ours, or all is stopping."""
        with self._lock:
            mine = self._jobs.get(job.id) is job and not self._stopping.is_set()
            return self._status[job.id] if mine else None

    def _run(self, job: Job) -> None:
        """One run of a job: whatever goes wrong in it stays in it."""
        self._note(job, state="running")
        run = Run(started_at=_now(), finished_at=_now())
        runs = [run]
        more, error = False, None
        try:
            more = self._collect(job, runs)
        except Exception as raised:  # noqa: BLE001 - the job's boundary: one source must not take the others down
            error = self._fail(job, raised)
        else:
            self._note(job, state="waiting", sentence=None, failures=0, next_try=None)
            self._pace(job, runs[-1], more)
        self._tell(job, replace(runs[-1], finished_at=_now(), error=error))

    def _collect(self, job: Job, runs: list[Run]) -> bool:
        """Ask until there is no more, or the run has asked often enough. Returns whether there is more.

        What came so far is added to `runs`, where it is found also when the next answer is an error.
        """
        for _ in range(self._fetches_per_run):
            with self._keeping:
                if self._stands(job) is None:
                    return False
                cursor = self._ask(job)
            fetch = job.source.fetch(cursor)
            with self._keeping:
                if self._stands(job) is None:
                    return False
                new = self._deliver(job, fetch)
            new = fetch.posts.height if new is None else new
            runs.append(_with(runs[-1], fetch, new))
            self._tally(job, fetch, new)
            stands = self._stands(job)
            if not fetch.more or stands is None or stands.state == "paused":
                return False
        return True

    def _tally(self, job: Job, fetch: Fetch, new: int) -> None:
        with self._lock:
            status = self._stands(job)
            if status is not None:
                self._note(
                    job,
                    last_ok=_now(),
                    posts=status.posts + fetch.posts.height,
                    last_post=_now() if new else status.last_post,
                    progress=fetch.progress,
                    quota=fetch.quota,
                    behind=fetch.behind,
                    reads=status.reads + fetch.reads,
                    notice=fetch.notice,
                )

    def _pace(self, job: Job, run: Run, more: bool) -> None:
        """Settle when to ask again: by what came, and by what the network still allows."""
        status = self._stands(job)
        if status is None:
            return
        allowed = spread(run.quota, calls=run.calls, now=_now())
        floor, ceiling = job.floor or job.every, job.ceiling or job.every
        wait = max(next_wait(status.wait, new=run.new, floor=floor, ceiling=ceiling), allowed)
        if wait != status.wait:
            self._note(job, wait=wait)
            self._change(job, trigger=IntervalTrigger(seconds=wait, jitter=job.jitter, timezone=UTC))
        # A run that took longer than its rhythm has missed its turn: what came meanwhile need not wait for the next.
        missed = run.new > 0 and (_now() - run.started_at).total_seconds() >= wait
        if more or missed:
            self._again(job, max(allowed, BREATH))

    def _fail(self, job: Job, error: Exception) -> str:
        """See to what went wrong. Returns the sentence for it."""
        sentence = str(error)
        status = self._stands(job)
        if status is None:
            log.debug("%s: its last answer came to nothing", job.id, exc_info=error)
        elif isinstance(error, TerminalError):
            self._end(job, sentence)
        elif isinstance(error, TransientError):
            self._retry(job, sentence, error.retry_after)
        else:
            sentence = f"Unexpected error ({type(error).__name__}); trying again."
            surprises = status.surprises + 1
            log.error("%s: an error it should not have (%d since the start)", job.id, surprises, exc_info=error)
            self._note(job, surprises=surprises)
            self._retry(job, sentence, None)
        return sentence

    def _retry(self, job: Job, sentence: str, retry_after: float | None) -> None:
        failures = self._status[job.id].failures + 1
        wait = min(self._first_wait * 2.0 ** min(failures - 1, 30), job.longest_wait or self._longest_wait)
        wait = max(wait, retry_after) if retry_after is not None else wait
        next_try = _now() + timedelta(seconds=wait)
        self._note(job, state="retrying", sentence=sentence, failures=failures, next_try=next_try)
        log.info("%s: %s Next try in %.0f s (failure %d in a row)", job.id, sentence, wait, failures)
        self._again(job, wait)

    def _end(self, job: Job, sentence: str) -> None:
        with self._lock:
            self._note(job, state="stopped", sentence=sentence, next_try=None)
            self._leave(job.id)
        log.error("%s stopped: %s", job.id, sentence)

    def _tell(self, job: Job, run: Run) -> None:
        if self._record is None or not (run.fetches or (run.error and self._stands(job) is not None)):
            return
        with self._keeping:
            try:
                if not self._over:
                    self._record(job, run)
            except Exception:
                log.exception("%s: what its run brought is not on record", job.id)

    def _enter(self, job: Job) -> None:
        self._scheduler.add_job(
            self._run,
            IntervalTrigger(seconds=job.every, jitter=job.jitter, timezone=UTC),
            args=[job],
            id=job.id,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
            next_run_time=_now(),
        )

    def _leave(self, job_id: str) -> None:
        try:
            self._scheduler.remove_job(job_id)
        except JobLookupError:
            log.debug("%s: was not waiting to be asked", job_id)

    def _again(self, job: Job, wait: float) -> None:
        self._change(job, next_run_time=_now() + timedelta(seconds=wait))

    def _change(
        self, job: Job, *, trigger: IntervalTrigger | None = None, next_run_time: datetime | None = None
    ) -> None:
        with self._lock:
            if self._stands(job) is None:
                return
            try:
                if trigger is not None:
                    self._scheduler.reschedule_job(job.id, trigger=trigger)
                else:
                    self._scheduler.modify_job(job.id, next_run_time=next_run_time)
            except JobLookupError:
                log.debug("%s: is paused, or the schedule is stopping", job.id)

    def _let_go(self, job: Job | None) -> None:
        """Close the source of a job that is gone, unless another job asks it too."""
        if job is not None and all(other.source is not job.source for other in self._jobs.values()):
            close_all([job.source])


def _begun(job: Job) -> Status:
    return Status(incident=job.incident, source=job.source.name, query=job.query, rereads=job.rereads)


def _with(run: Run, fetch: Fetch, new: int) -> Run:
    """A run with one answer more."""
    return replace(
        run,
        fetches=run.fetches + 1,
        calls=run.calls + fetch.calls,
        fetched=run.fetched + fetch.posts.height,
        new=run.new + new,
        removed=run.removed + len(fetch.removals),
        refused=run.refused + len(fetch.refusals),
        reads=run.reads + fetch.reads,
        counts=run.counts + fetch.counts,
        quota=fetch.quota,
        behind=fetch.behind,
        notice=fetch.notice,
    )


def _now() -> datetime:
    return datetime.now(UTC)
