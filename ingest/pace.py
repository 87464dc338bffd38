"""How long a source may wait until it is asked again: after what it gave, and after what its network still allows.

Owns the arithmetic. Knows no clock, no source and no schedule.
"""

from __future__ import annotations

from datetime import datetime

from ingest.source import Quota

FASTER, SLOWER = 0.5, 1.5
"""What the wait is multiplied with after an answer with something new in it, and after one without."""

LONGEST_SPREAD = 3600.0
"""Seconds a quota can make a source wait at most: a reset further away than this is a wrong clock."""


def next_wait(wait: float, *, new: int, floor: float, ceiling: float) -> float:
    """Seconds to wait now, given the `wait` of the last time and how many `new` posts came.

    Always between `floor` and `ceiling`: posts lead towards the one, empty answers towards the other.
    """
    return min(max(wait * (FASTER if new else SLOWER), floor), ceiling)


def spread(quota: Quota | None, *, calls: int, now: datetime) -> float:
    """Seconds a run of `calls` calls must keep from the next, so that `quota` lasts until it is renewed.

    0 where nothing is known. A used-up quota waits for its renewal. `now` carries a zone.
    """
    if quota is None or quota.resets_at is None:
        return 0.0
    left = min(max((quota.resets_at - now).total_seconds(), 0.0), LONGEST_SPREAD)
    runs = quota.remaining / max(calls, 1)
    return left if runs < 1 else left / runs
