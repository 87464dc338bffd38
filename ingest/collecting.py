"""Collecting: the jobs of all incidents that are open, kept to what is watched while they run.

Owns noticing that an incident was opened, changed, closed or reopened, and that a person paused or resumed a source.
Where posts go, what is watched and what was ordered, is told by callables: this knows no store.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from ingest.collectors import Collectors, Off, Watched
from ingest.jobs import Ask, Deliver, Job, Record, Status
from ingest.schedule import Schedule
from ingest.source import Fetch
from ingest.x.budget import Bill

LOOK = 5.0
"""Seconds between two looks at what is watched and ordered."""

RESUMED = ("paused", "stopped", "retrying")
"""States from which a job that is resumed is asked at once; the others go on as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a person last told a source of an incident: to `pause`, or else to be asked again. `step` rises with each."""

    incident: str
    source: str
    step: int
    pause: bool


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
        orders: Callable[[], Iterable[Order]] = tuple,
    ) -> None:
        """fixed: jobs beside those `make` makes of `watched`, of the incidents that are open.

        ask, deliver, record: as for `Schedule`. orders: the last of each source. Raises what `watched` and `orders` raise.
        """
        self._fixed = fixed
        self._keep = deliver
        self._left = left
        self._make = make
        self._watched = watched
        self._orders = orders
        self._followed: set[Order] = set()
        self._asked: dict[str, Watched] = {}
        self._off: dict[str, tuple[Off, ...]] = {}
        self._lock = threading.Lock()
        self.schedule = Schedule(() if make else fixed, ask=ask, deliver=self._deliver, record=record)
        self.renew()
        self.schedule.also(self.renew, every=LOOK)

    def __enter__(self) -> Self:
        self.schedule.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.schedule.stop()
        self._left()

    def renew(self) -> None:
        """Ask for what is watched now, as it was ordered. The jobs of an incident that did not change go on."""
        with self._lock:
            orders = set(self._orders())
            for each in self._watched():
                if self._make is not None and self._asked.get(each.id) != each:
                    paused = [order.source for order in orders if order.pause and order.incident == each.id]
                    self._renew(self._make, each, paused)
            for order in orders - self._followed:
                self._follow(order)
            self._followed = orders

    def status(self, incident: str) -> list[Status]:
        """How the jobs of an incident fare."""
        return [each for each in self.schedule.status() if each.incident == incident]

    def off(self, incident: str) -> tuple[Off, ...]:
        """The sources that are off for an incident, and why."""
        return self._off.get(incident, ())

    def bill(self) -> Bill | None:
        """What X costs today and this month; None while X is off."""
        return self._make.bill() if self._make is not None else None

    def _renew(self, make: Collectors, each: Watched, paused: Sequence[str]) -> None:
        found = make.of(each) if each.is_open else None
        own = [job for job in self._fixed if job.incident == each.id] if found else []
        self.schedule.change(each.id, [*(found.jobs if found else ()), *own], paused=paused)
        self._asked[each.id], self._off[each.id] = each, found.off if found else ()

    def _follow(self, order: Order) -> None:
        for each in self.status(order.incident):
            if each.source == order.source and order.pause:
                self.schedule.pause(each.id)
            elif each.source == order.source and each.state in RESUMED:
                self.schedule.resume(each.id)

    def _deliver(self, job: Job, fetch: Fetch) -> int | None:
        new = self._keep(job, fetch)
        if self._make is not None and fetch.posts.height:
            self._make.tell(job.incident, fetch.posts)
        return new
