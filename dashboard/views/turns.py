"""How many pages, and parts that follow the store by themselves, are drawn at one time.

A part that one person works in (a form, a pair to judge) is drawn anew without waiting.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = 2
"""Drawings at one time; the others wait for their turn.

Python runs one thread at a time. With a drawing for each of fifty viewers at once most of the time goes into handing over,
and a viewer waited twenty seconds; in turns they wait less than one.
"""

_turns = threading.BoundedSemaphore(AT_ONCE)
_mine = threading.local()


@contextmanager
def turn() -> Iterator[None]:
    """Hold one of the turns; a thread that holds one already goes on with it. Decorates a function as well."""
    if getattr(_mine, "held", False):
        yield
        return
    with _turns:
        _mine.held = True
        try:
            yield
        finally:
            _mine.held = False
