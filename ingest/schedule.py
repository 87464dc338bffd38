"""When sources are asked: one job per incident, source and query, never the same one twice at once.

Owns the rhythm, backing off after a transient error, stopping after a terminal one, and saying how each job fares.
Does not know where posts go: the cursor comes from `ask`, and what was fetched is handed to `deliver`, which keeps
posts and cursor in one transaction. Delivery is at least once: a run cut off between the two fetches the same again.

    schedule = Schedule([Job(incident="storm", source=source, query="inbox", every=10)], ask=ask, deliver=deliver)
    with schedule:            # starts; leaving stops within `STOP_SECONDS`
        schedule.status()     # one Status per job, for the board
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Self

from apscheduler.executors.base import BaseExecutor, run_job
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from ingest.errors import TerminalError, TransientError
from ingest.source import Fetch, Quota, Source

log = logging.getLogger(__name__)

FETCHES_PER_RUN = 50
"""How often a run asks on while a source says there is more; then the job comes round again at once."""

BREATH = 0.2
"""Seconds between two runs of a job that has more: the first must be over before the scheduler lets in the second."""

FIRST_WAIT = 2.0
LONGEST_WAIT = 300.0
"""Seconds to wait after the first failure and, doubling, at most. A source that names its own wait gets it."""

STOP_SECONDS = 5.0

State = Literal["waiting", "running", "retrying", "stopped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One thing to ask, every so many seconds. `jitter` seconds of chance keep jobs from asking all at once."""

    incident: str
    source: Source
    query: str
    every: float
    jitter: float | None = None

    @property
    def id(self) -> str:
        """The name no other job has."""
        return f"{self.incident}/{self.source.name}/{self.query}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How a job fares. Times are in UTC.

    `sentence` is the last failure in words fit for a screen, None when all is well. `failures` counts those in a row,
    `surprises` the errors no source announced, since the start. `posts` counts what was delivered since the start.
    """

    incident: str
    source: str
    query: str
    state: State = "waiting"
    sentence: str | None = None
    last_ok: datetime | None = None
    next_try: datetime | None = None
    failures: int = 0
    surprises: int = 0
    posts: int = 0
    progress: float | None = None
    quota: Quota | None = None


Ask = Callable[[Job], str | None]
Deliver = Callable[[Job, Fetch], None]


class Schedule:
    """Runs jobs in the background. `ask` gives a job's last cursor; `deliver` keeps what came, or raises."""

    def __init__(
        self,
        jobs: Iterable[Job],
        *,
        ask: Ask,
        deliver: Deliver,
        first_wait: float = FIRST_WAIT,
        longest_wait: float = LONGEST_WAIT,
        fetches_per_run: int = FETCHES_PER_RUN,
    ) -> None:
        self._jobs = {job.id: job for job in jobs}
        self._ask = ask
        self._deliver = deliver
        self._first_wait = first_wait
        self._longest_wait = longest_wait
        self._fetches_per_run = fetches_per_run
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._threads = _Threads()
        self._scheduler = BackgroundScheduler(timezone=UTC, executors={"default": self._threads})
        self._status = {
            key: Status(incident=job.incident, source=job.source.name, query=job.query)
            for key, job in self._jobs.items()
        }

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Ask every source at once, and then in its rhythm."""
        for key, job in self._jobs.items():
            self._scheduler.add_job(
                self._run,
                IntervalTrigger(seconds=job.every, jitter=job.jitter, timezone=UTC),
                args=[job],
                id=key,
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,
                next_run_time=_now(),
            )
        self._scheduler.start()

    def stop(self) -> None:
        """Stop within `STOP_SECONDS`. A source still waiting for its answer is left behind; its answer goes nowhere."""
        self._stopping.set()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        left = self._threads.join(STOP_SECONDS)
        if left:
            log.warning("%d sources were still waiting for an answer; what it brings is fetched next time", left)

    def status(self) -> list[Status]:
        """How each job fares, in the order they were given."""
        with self._lock:
            return list(self._status.values())

    def _note(self, job: Job, **changes: Any) -> Status:
        with self._lock:
            self._status[job.id] = replace(self._status[job.id], **changes)
            return self._status[job.id]

    def _run(self, job: Job) -> None:
        """One run of a job: whatever goes wrong in it stays in it."""
        self._note(job, state="running")
        try:
            more = self._collect(job)
        except TransientError as error:
            self._retry(job, str(error), error.retry_after)
        except TerminalError as error:
            self._end(job, str(error))
        except Exception as error:  # the job's boundary: one source must not take the others down
            surprises = self._status[job.id].surprises + 1
            log.exception("%s: an error it should not have (%d since the start)", job.id, surprises)
            self._note(job, surprises=surprises)
            self._retry(job, f"Unexpected error ({type(error).__name__}); trying again.", None)
        else:
            self._note(job, state="waiting", sentence=None, failures=0, next_try=None)
            if more:
                self._again(job, BREATH)

    def _collect(self, job: Job) -> bool:
        """Ask until there is no more, or the run has asked often enough. Returns whether there is more."""
        for _ in range(self._fetches_per_run):
            fetch = job.source.fetch(self._ask(job))
            if self._stopping.is_set():
                return False
            self._deliver(job, fetch)
            self._note(
                job,
                last_ok=_now(),
                posts=self._status[job.id].posts + fetch.posts.height,
                progress=fetch.progress,
                quota=fetch.quota,
            )
            if not fetch.more or self._stopping.is_set():
                return False
        return True

    def _retry(self, job: Job, sentence: str, retry_after: float | None) -> None:
        failures = self._status[job.id].failures + 1
        wait = min(self._first_wait * 2.0 ** min(failures - 1, 30), self._longest_wait)
        wait = max(wait, retry_after) if retry_after is not None else wait
        next_try = _now() + timedelta(seconds=wait)
        self._note(job, state="retrying", sentence=sentence, failures=failures, next_try=next_try)
        log.info("%s: %s Next try in %.0f s (failure %d in a row)", job.id, sentence, wait, failures)
        self._again(job, wait)

    def _again(self, job: Job, wait: float) -> None:
        try:
            self._scheduler.modify_job(job.id, next_run_time=_now() + timedelta(seconds=wait))
        except JobLookupError:
            log.debug("%s: the schedule is stopping", job.id)

    def _end(self, job: Job, sentence: str) -> None:
        self._note(job, state="stopped", sentence=sentence, next_try=None)
        log.error("%s stopped: %s", job.id, sentence)
        try:
            self._scheduler.remove_job(job.id)
        except JobLookupError:
            log.debug("%s: the schedule is stopping", job.id)


class _Threads(BaseExecutor):  # type: ignore[misc]  # apscheduler ships no types
    """A daemon thread per run, so that a source hanging on its network cannot keep the process from ending."""

    def __init__(self) -> None:
        super().__init__()
        self._running: set[threading.Thread] = set()

    def join(self, seconds: float) -> int:
        """Wait for the runs, at most `seconds` in all. Returns how many go on."""
        end = time.monotonic() + seconds
        threads = list(self._running)
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))
        return sum(thread.is_alive() for thread in threads)

    def submit_job(self, job: Any, run_times: list[datetime]) -> None:
        """Start a run, unless the one before still goes on: for a source that takes long that is nothing to warn of."""
        if self._instances[job.id] < job.max_instances:
            super().submit_job(job, run_times)

    def _do_submit_job(self, job: Any, run_times: list[datetime]) -> None:
        thread = threading.Thread(target=self._work, args=(job, run_times), name=f"ask {job.id}", daemon=True)
        self._running.add(thread)
        thread.start()

    def _work(self, job: Any, run_times: list[datetime]) -> None:
        events = run_job(job, job._jobstore_alias, run_times, self._logger.name)
        self._run_job_success(job.id, events)
        self._running.discard(threading.current_thread())


def _now() -> datetime:
    return datetime.now(UTC)
