"""The threads sources are asked and closed in: one each, so that a source hanging on its network holds up nothing.

Owns starting them and waiting for them. Knows nothing of when or why.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from apscheduler.executors.base import BaseExecutor, run_job

from ingest.source import Source

log = logging.getLogger(__name__)


def close_all(sources: Iterable[Source]) -> list[threading.Thread]:
    """Let sources go, each in a thread of its own: one that hangs must not hold up the others, nor us."""

    def close(source: Source) -> None:
        try:
            source.close()
        except Exception:
            log.exception("%s: could not be closed", source.name)

    threads = [threading.Thread(target=close, args=(each,), name=f"close {each.name}", daemon=True) for each in sources]
    for thread in threads:
        thread.start()
    return threads


class RunThreads(BaseExecutor):  # type: ignore[misc]  # apscheduler ships no types
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
