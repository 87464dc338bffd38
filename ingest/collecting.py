"""Collecting: the jobs of all incidents that are open, kept to what is watched while they run.

Owns noticing that an incident was opened, changed, closed or reopened. Where posts go, and what is watched, is told by
callables: this knows no store.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Self

from ingest.collectors import Collectors, Off, Watched
from ingest.jobs import Ask, Deliver, Job, Record, Status
from ingest.schedule import Schedule
from ingest.source import Fetch

LOOK = 5.0
"""Seconds between two looks at what is watched."""


class Collecting:
    """Collects while it is entered; leaving stops within seconds and then calls `left`."""

    def __init__(
        self,
        fixed: Sequence[Job],
        *,
        ask: Ask,
        deliver: Deliver,
        record: Record,
        left: Callable[[], None],
        make: Collectors | None = None,
        watched: Callable[[], Iterable[Watched]] = tuple,
    ) -> None:
        """fixed: jobs beside those `make` makes of `watched`, of the incidents that are open.

        ask, deliver, record: as for `Schedule`. Raises what `watched` raises.
        """
        self._fixed = fixed
        self._keep = deliver
        self._left = left
        self._make = make
        self._watched = watched
        self._asked: dict[str, Watched] = {}
        self._off: dict[str, tuple[Off, ...]] = {}
        self._lock = threading.Lock()
        self.schedule = Schedule(() if make else fixed, ask=ask, deliver=self._deliver, record=record)
        if make is not None:
            self.renew()
            self.schedule.also(self.renew, every=LOOK)

    def __enter__(self) -> Self:
        self.schedule.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.schedule.stop()
        self._left()

    def renew(self) -> None:
        """Ask for what is watched now. The jobs of an incident that did not change go on."""
        with self._lock:
            for each in self._watched():
                if self._make is not None and self._asked.get(each.id) != each:
                    self._renew(self._make, each)

    def status(self, incident: str) -> list[Status]:
        """How the jobs of an incident fare."""
        return [each for each in self.schedule.status() if each.incident == incident]

    def off(self, incident: str) -> tuple[Off, ...]:
        """The sources that are off for an incident, and why."""
        return self._off.get(incident, ())

    def _renew(self, make: Collectors, each: Watched) -> None:
        found = make.of(each) if each.is_open else None
        own = [job for job in self._fixed if job.incident == each.id] if found else []
        self.schedule.change(each.id, [*(found.jobs if found else ()), *own])
        self._asked[each.id], self._off[each.id] = each, found.off if found else ()

    def _deliver(self, job: Job, fetch: Fetch) -> int | None:
        new = self._keep(job, fetch)
        if self._make is not None and fetch.posts.height:
            self._make.tell(job.incident, fetch.posts)
        return new
