"""Parts of a page that draw themselves anew."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from weakref import WeakSet

import streamlit as st

from dashboard.views.turns import turn

REFRESH = 2.0
"""Seconds between two looks at the store."""
SLOWLY = 21.0
"""Seconds between two drawings of the plan, which goes by the minute, and of the plots, which read every post or run.

No multiple of the other: of two parts asked for in one moment Streamlit may drop what the first drew.
"""
DRAWN = 10
"""Drawings a second that all open pages may ask for together; where more look, each looks less often."""
SEAT = "seat"
"""Where a viewer's `Seat` is kept."""


class Seat:
    """A page that is open: there until its session is gone."""


@cache
def seats() -> WeakSet[Seat]:
    """The pages that are open on this board."""
    return WeakSet()


def live(view: Callable[..., None], seconds: float, *, paused: bool) -> Callable[..., None]:
    """`view` redrawn by itself every so many seconds, less often where many look, unless the viewer paused."""
    seats().add(st.session_state.setdefault(SEAT, Seat()))
    return st.fragment(turn()(view), run_every=None if paused else pace(seconds))


def pace(seconds: float) -> float:
    """Seconds between two looks of one page: those asked for, more where so many look that it would be too much."""
    return max(seconds, len(seats()) / DRAWN)
