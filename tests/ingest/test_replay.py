from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from ingest.post import CONTENT, POST_SCHEMA
from ingest.replay import Replay
from tests.ingest.samples import row

FIRST = datetime(2011, 8, 18, 16, 15, tzinfo=UTC)
START = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


def night(*, minutes: int = 180) -> pl.DataFrame:
    """A post every minute, the newest first."""
    rows = [row(n, created_at=FIRST + timedelta(minutes=n)) for n in reversed(range(minutes))]
    found = pl.DataFrame(rows, schema_overrides={"created_at": CONTENT["created_at"]})
    edited = pl.when(pl.col("id") == "3").then(pl.col("created_at") + timedelta(minutes=1)).alias("edited_at")
    return found.with_columns(edited)


class Wall:
    """A clock that only moves when told to."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def wait(self, **span: float) -> None:
        self.at += timedelta(**span)


def replay(wall: Wall, *, start: datetime = START, shift: bool = False, batch: int = 5_000) -> Replay:
    return Replay(night(), incident="storm", speed=60, start=start, clock=wall, shift=shift, batch=batch)


def numbers(fetch) -> list[int]:
    return [int(post) for post in fetch.posts["id"]]


def test_the_first_half_hour_is_there_at_once_and_the_rest_comes_sixty_times_as_fast():
    wall = Wall()
    source = replay(wall)
    first = source.fetch(None)
    assert numbers(first) == list(range(31))
    assert first.posts.schema == POST_SCHEMA
    assert first.posts["source"].unique().to_list() == ["replay"]
    wall.wait(seconds=0.5)
    second = source.fetch(first.cursor)
    assert numbers(second) == []
    wall.wait(seconds=0.5)
    third = source.fetch(second.cursor)
    assert numbers(third) == [31]
    wall.wait(minutes=1)
    fourth = source.fetch(third.cursor)
    assert numbers(fourth) == list(range(32, 92))
    wall.wait(hours=1)
    last = source.fetch(fourth.cursor)
    assert numbers(last) == list(range(92, 180))
    assert (last.progress, last.more) == (1.0, False)
    assert numbers(source.fetch(last.cursor)) == []


def test_posts_keep_their_own_times_unless_asked_otherwise():
    fetch = replay(Wall()).fetch(None)
    assert fetch.posts["created_at"][0] == FIRST
    assert fetch.posts["edited_at"][3] == FIRST + timedelta(minutes=4)


def test_shifted_times_put_the_end_of_the_head_at_the_start_and_keep_the_distances():
    wall = Wall()
    source = replay(wall, shift=True)
    head = source.fetch(None)
    assert head.posts["created_at"].to_list() == [START + timedelta(minutes=n - 30) for n in range(31)]
    assert head.posts["edited_at"][3] == START + timedelta(minutes=4 - 30)
    wall.wait(minutes=1)
    later = source.fetch(head.cursor)
    assert later.posts["created_at"][-1] == START + timedelta(minutes=60)
    assert source.now() == START + timedelta(minutes=60)


@pytest.mark.parametrize("shift", [False, True])
def test_the_replayed_clock_never_lags_behind_a_post_that_was_given(shift):
    wall = Wall()
    source, cursor = replay(wall, shift=shift), None
    for _ in range(20):
        fetch = source.fetch(cursor)
        cursor = fetch.cursor
        assert fetch.posts.filter(pl.col("created_at") > source.now()).height == 0
        wall.wait(seconds=7)


@pytest.mark.parametrize("shift", [False, True])
def test_a_new_process_goes_on_where_the_old_one_was(shift):
    wall = Wall()
    old = replay(wall, shift=shift)
    cursor = old.fetch(None).cursor
    wall.wait(seconds=30)
    before = old.fetch(cursor)
    wall.wait(hours=9)
    new = replay(wall, start=wall.at, shift=shift)
    resumed = new.fetch(before.cursor)
    assert numbers(resumed) == []
    wall.wait(seconds=2)
    after = new.fetch(resumed.cursor)
    assert numbers(after) == [61, 62]
    step = after.posts["created_at"][0] - before.posts["created_at"][-1]
    assert step == timedelta(minutes=1)


def test_asking_again_with_the_same_cursor_gives_the_same_posts_again():
    wall = Wall()
    source = replay(wall)
    cursor = source.fetch(None).cursor
    wall.wait(seconds=10)
    assert numbers(source.fetch(cursor)) == numbers(source.fetch(cursor)) == list(range(31, 41))


def test_a_batch_has_a_bound_and_says_that_there_is_more():
    source, cursor, given = replay(Wall(), batch=10), None, []
    for more in (True, True, True, False):
        fetch = source.fetch(cursor)
        assert fetch.more is more
        given += numbers(fetch)
        cursor = fetch.cursor
    assert given == list(range(31))


def test_a_wall_clock_that_is_set_back_gives_nothing_twice():
    wall = Wall()
    source = replay(wall)
    cursor = source.fetch(None).cursor
    wall.wait(seconds=10)
    later = source.fetch(cursor)
    wall.wait(seconds=-3600)
    assert numbers(source.fetch(later.cursor)) == []


def test_an_empty_record_has_nothing_to_give():
    source = Replay(pl.DataFrame(schema=CONTENT), incident="storm", speed=60, start=START, clock=Wall())
    fetch = source.fetch(None)
    assert (fetch.posts.height, fetch.more, fetch.progress, source.span) == (0, False, 1.0, timedelta(0))


@pytest.mark.parametrize("wrong", [{"speed": 0}, {"speed": -1}, {"batch": 0}])
def test_a_speed_or_batch_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match="above 0"):
        Replay(night(), **{"incident": "storm", "speed": 60, "start": START, "clock": Wall(), **wrong})
