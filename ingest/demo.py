"""The demo: the bundled SYNTHETIC night, replayed as if it were tonight.

Owns where in the night it begins.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from ingest.night.evening import END, STORM, night
from ingest.replay import Replay

DEMO_HEAD = timedelta(minutes=30)
"""How much of the night after the storm is there when it begins."""

DEMO_TAGS = ("hasselthelpt", "ppshelter", "ppok", "pp11")


DEMO_LENGTH = END - STORM
"""From the storm to the end of the night."""


def demo(
    *, incident: str, speed: float, start: datetime, clock: Callable[[], datetime], head: timedelta = DEMO_HEAD
) -> Replay:
    """The bundled SYNTHETIC night, as if its storm had broken `head` before `start`."""
    posts = night()
    first: datetime = posts["created_at"].min()  # type: ignore[assignment]
    return Replay(
        posts,
        incident=incident,
        speed=speed,
        start=start,
        clock=clock,
        head=STORM - first + head,
        shift=True,
        query="demo night",
    )
