"""Parts of a page that draw themselves anew."""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

REFRESH = 2.0
"""Seconds between two looks at the store."""
SLOWLY = 21.0
"""Seconds between two drawings of the plan, which goes by the minute, and of the plots, which read every post or run.

No multiple of the other: of two parts asked for in one moment Streamlit may drop what the first drew.
"""
FIRST = 6
"""Cards or lines that stand on a screen when the page opens."""
BREATH = 0.5
"""Seconds in which a browser draws these before it is sent the rest: of all at once it draws nothing until it took in all."""
OPENED = "opened page"


def live(view: Callable[..., None], seconds: float, *, paused: bool) -> Callable[..., None]:
    """`view` redrawn by itself, unless the viewer paused."""
    return st.fragment(view, run_every=None if paused else seconds)


def breathe() -> None:
    """Wait for the browser of a viewer who just came; later nobody waits."""
    if not st.session_state.get(OPENED):
        st.session_state[OPENED] = True
        time.sleep(BREATH)
