"""Parts of a page that draw themselves anew."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

REFRESH = 2.0
"""Seconds between two looks at the store."""
SLOWLY = 21.0
"""Seconds between two drawings of the plan, which goes by the minute, and of the plots, which read every post or run.

No multiple of the other: of two parts asked for in one moment Streamlit may drop what the first drew.
"""


def live(view: Callable[..., None], seconds: float, *, paused: bool) -> Callable[..., None]:
    """`view` redrawn by itself, unless the viewer paused."""
    return st.fragment(view, run_every=None if paused else seconds)
