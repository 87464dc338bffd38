"""Teaching: looking in the background for new labels, and learning from them.

Owns when: soon after a label, and never so often that learning takes more than a sixth of one core. What is learnt is
`dedupe.learning`'s. Called from one thread at a time; scikit-learn is loaded when there is something to train on.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from dedupe.learning.force import models_in_line
from dedupe.learning.steps import count_decisions, keep_settled, learn
from dedupe.store import Store

log = logging.getLogger(__name__)

LOOK = 5.0
"""Seconds between two looks."""
REST = 5.0
"""Times what a training took that the next one waits."""


class Teaching:
    """Learns what there is to learn in `store` at each `look`."""

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        """clock: seconds that only ever rise."""
        self._store = store
        self._clock = clock
        self._rested_at = clock()
        self._seen = 0
        self._line: list[str] | None = None

    def look(self) -> None:
        """Learn from new labels, if there are any and the last training is long enough ago. Raises StoreError."""
        line = models_in_line(self._store)
        if line != self._line:
            # At the start, and a look after a change: of what was being written meanwhile, by another process perhaps.
            keep_settled(self._store)
            self._line = line
        decisions = count_decisions(self._store)
        if decisions == self._seen or self._clock() < self._rested_at:
            return
        learnt = learn(self._store)
        self._seen = decisions
        self._rested_at = self._clock() + REST * learnt.seconds
        log.info(learnt.sentence)
