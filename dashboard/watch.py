"""The watch: the one place where triggers are judged, once for each batch or minute, whether somebody looks or not.

Owns when to judge, and that what fired is on record before anybody is told. What fires is `playbooks.triggers`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import polars as pl

from dashboard import lives, queries
from dashboard.board import Board
from dashboard.course import course, told_of_firing
from dashboard.figures import figures, minutes_since
from dashboard.noticed import Noticed, notice
from dashboard.planning import follow
from dedupe.deciding.plan_deeds import deeds, note
from dedupe.errors import StoreError
from playbooks.triggers import ceased, fired

log = logging.getLogger(__name__)

EVERY = 2.0
"""Seconds between two looks."""

Read = Callable[[], tuple[object, pl.DataFrame, Noticed]]
"""What the board shows: its version, the rows of `lives.standing`, and what there is to notice."""


def read_now(board: Board) -> tuple[object, pl.DataFrame, Noticed]:
    """What the store holds, for who has no glance to share. Raises StoreError."""
    store, incident, now = board.store, board.incident.id, board.now()
    version = queries.version(store, incident)
    rows = lives.standing(queries.records(store, incident), lives.known(store, incident), now, board.terms)
    return version, rows, notice(store, incident, now)


class Watch:
    """Judges the triggers of one board's plan. Safe to call from several threads."""

    def __init__(self, board: Board, read: Read | None = None) -> None:
        """read: by default the store itself."""
        self._board = board
        self._read = read or (lambda: read_now(board))
        self._lock = threading.Lock()
        self._judged: object = None

    def look(self) -> list[str]:
        """Judge, unless nothing changed since. Gives the causes that were noted now. Raises StoreError."""
        board = self._board
        follow(board)
        playbook = board.plans.look().playbook
        if playbook is None or not playbook.triggers:
            return []
        with self._lock:
            now = board.now()
            version, rows, noticed = self._read()
            moment = (version, minutes_since(board.incident, now), playbook.plan)
            if moment == self._judged:
                return []
            known = figures(playbook, board.incident, rows, noticed, board.sources(), now, board.wall())
            so_far = course(deeds(board.store, board.incident.id))
            gone = ceased(playbook, known, so_far.already, so_far.over)
            over = so_far.over | set(gone)
            found = fired(playbook, known, so_far.already, over)
            note(board.store, board.incident.id, "ceased", [(cause.key, {}) for cause in gone], at=now)
            causes = [(one.cause.key, told_of_firing(one)) for one in found]
            new = note(board.store, board.incident.id, "fired", causes, at=now)
            self._judged = moment
        for cause in new:
            log.info("trigger %s", cause)
        return new


@contextmanager
def watching(watch: Watch) -> Iterator[None]:
    """Look every `EVERY` seconds, in a thread, until the block ends."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(EVERY):
            try:
                watch.look()
            except StoreError as error:  # which the page says; the next look may do
                log.warning("triggers were not judged: %s", error)

    thread = threading.Thread(target=work, name="triggers", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
