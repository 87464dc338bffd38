"""Trying a source: one look at it that nobody keeps, for whoever wants to know whether it works.

Owns what counts as working, and giving up in time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from queue import Empty, Queue

from ingest.errors import IngestError, TransientError
from ingest.jobs import Job
from ingest.source import Fetch
from ingest.x import XSearch

LOOK = 0.5
"""Seconds between two looks at a stream."""


NO_POST = "1"
"""An id of X that no post has. X bills the posts it shows, so looking this one up shows for nothing whether it answers."""


def probe(job: Job, *, seconds: float) -> str:
    """What a source answers, in one line; it is closed after. Raises TransientError or TerminalError.

    An answer is enough; of a stream, that it moves on; of X, one to a question that costs nothing. It has `seconds`.
    """
    told: Queue[str | Exception] = Queue()
    threading.Thread(
        target=_try, args=(job, told, time.monotonic() + seconds), name=f"try {job.id}", daemon=True
    ).start()
    try:
        answer = told.get(timeout=seconds)
    except Empty:
        answer = TransientError(f"{job.query} gave no answer within {seconds:.0f} s: is the network there?")
    threading.Thread(target=job.source.close, name=f"close {job.id}", daemon=True).start()
    if isinstance(answer, Exception):
        raise answer
    return answer


def trials(jobs: Iterable[Job], *, seconds: float) -> list[tuple[str, Callable[[], str]]]:
    """The name of each source with what tries it, as `probe` does."""

    def trial(job: Job) -> Callable[[], str]:
        return lambda: f"{job.query}: {probe(job, seconds=seconds)}"

    return [(job.source.name, trial(job)) for job in jobs if not job.rereads]


def _try(job: Job, told: Queue[str | Exception], end: float) -> None:
    began = time.monotonic()
    first: float | None = None
    cursor: str | None = None
    try:
        if isinstance(job.source, XSearch):
            return told.put(_said(job.source.reread([NO_POST])))
        while time.monotonic() < end:
            fetch = job.source.fetch(cursor)
            cursor = fetch.cursor
            if fetch.behind is None or fetch.posts.height:
                return told.put(_said(fetch))
            # A stream that stands still falls behind as fast as time passes.
            first = fetch.behind if first is None else first
            passed = time.monotonic() - began
            if passed > LOOK and fetch.behind < first + passed / 2:
                return told.put(_said(fetch))
            time.sleep(LOOK)
    except IngestError as error:
        told.put(error)
    except Exception as error:  # noqa: BLE001 - a trial's boundary: it is told as what it is
        told.put(TransientError(f"Unexpected error ({type(error).__name__})."))


def _said(fetch: Fetch) -> str:
    notice = f"; {fetch.notice}" if fetch.notice else ""
    quota = f", {fetch.quota.remaining} calls left" if fetch.quota else ""
    return f"it answers: {fetch.posts.height} posts in one look{quota}{notice}"
