"""The demo: the bundled SYNTHETIC night, replayed as if it were tonight.

Owns where in the night it begins.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from ingest.night.evening import STORM, night
from ingest.replay import Replay

DEMO_HEAD = timedelta(minutes=30)
"""How much of the night after the storm is there when it begins."""

DEMO_TAGS = ("hasselthelpt", "ppshelter", "ppok", "pp11")


def demo(*, incident: str, speed: float, start: datetime, clock: Callable[[], datetime]) -> Replay:
    """The bundled SYNTHETIC night, as if its storm had broken `DEMO_HEAD` before `start`."""
    posts = night()
    first: datetime = posts["created_at"].min()  # type: ignore[assignment]
    head = STORM - first + DEMO_HEAD
    return Replay(
        posts, incident=incident, speed=speed, start=start, clock=clock, head=head, shift=True, query="demo night"
    )
