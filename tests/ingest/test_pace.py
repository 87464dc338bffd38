"""The wait follows what comes and what the network allows, and stays within its bounds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.pace import LONGEST_SPREAD, next_wait, spread
from ingest.source import Quota

NOW = datetime(2026, 8, 18, 18, 15, tzinfo=UTC)


def test_posts_lead_to_the_floor_and_silence_to_the_ceiling():
    wait, waits = 60.0, []
    for new in (5, 5, 5, 5, 5, 0, 0, 0, 0, 0, 0, 0, 0):
        wait = next_wait(wait, new=new, floor=5, ceiling=60)
        waits.append(wait)
    assert waits[:5] == sorted(waits[:5], reverse=True)
    assert waits[4:] == sorted(waits[4:])
    assert (min(waits), max(waits)) == (5, 60)


@given(st.floats(0, 10_000), st.integers(0, 1000), st.floats(0.1, 100), st.floats(0.1, 1000))
def test_the_wait_never_leaves_its_bounds(wait: float, new: int, floor: float, more: float):
    assert floor <= next_wait(wait, new=new, floor=floor, ceiling=floor + more) <= floor + more


@pytest.mark.parametrize(
    ("remaining", "seconds", "calls", "expected"),
    [(100, 300, 1, 3.0), (100, 300, 4, 12.0), (0, 300, 1, 300.0), (3, 300, 4, 300.0), (5, -10, 1, 0.0)],
)
def test_what_is_left_of_a_quota_is_spread_over_the_time_until_it_is_renewed(
    remaining: int, seconds: float, calls: int, expected: float
):
    quota = Quota(remaining=remaining, resets_at=NOW + timedelta(seconds=seconds))
    assert spread(quota, calls=calls, now=NOW) == pytest.approx(expected)


def test_no_quota_is_no_reason_to_wait_and_a_wrong_clock_no_reason_to_wait_for_a_year():
    assert spread(None, calls=1, now=NOW) == 0
    assert spread(Quota(remaining=0), calls=1, now=NOW) == 0
    far = Quota(remaining=0, resets_at=NOW + timedelta(days=365))
    assert spread(far, calls=1, now=NOW) == LONGEST_SPREAD
