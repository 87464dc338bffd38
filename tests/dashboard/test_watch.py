"""The watch: triggers judged once for each batch or minute, on record before anybody is told, never twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest

from dashboard.board import Board
from dashboard.course import course
from dashboard.watch import Watch
from dedupe.deciding.plan_deeds import deeds
from dedupe.store import Store
from tests.support.boards import INCIDENT, START, an_evening, bed, board_on, filled, take_in

NOW = START + timedelta(minutes=75)
NUMBERS = "numbers_in_public//1"
FIRED = ["request_waits//1", NUMBERS]
"""What is true of the evening when its first hour is over."""


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Board]:
    with board_on(filled(tmp_path / "store.duckdb", an_evening(10)), now=NOW, plan=True) as board:
        yield board


def test_what_fires_is_kept_with_the_figures_that_made_it(full: Board):
    assert Watch(full).look() == FIRED
    kept = {each.cause.key: (each.at, each.figures) for each in course(deeds(full.store, INCIDENT.id)).firings}
    assert set(kept) == set(FIRED)
    assert kept[NUMBERS] == (NOW, (("contact_data", 14.0),))


def test_the_same_cause_never_fires_twice_by_two_boards_or_after_a_restart(full: Board, tmp_path: Path):
    watches = [Watch(full) for _ in range(4)]
    found: list[list[str]] = []
    threads = [Thread(target=lambda watch=watch: found.append(watch.look())) for watch in watches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [[], [], [], FIRED]
    full.store.close()
    with Store(tmp_path / "store.duckdb") as again:
        later = replace(full, store=again, now=lambda: NOW + timedelta(minutes=1))
        assert Watch(later).look() == []


def test_it_judges_again_only_when_something_came_or_a_minute_passed(full: Board):
    looks: list[None] = []
    moment = [NOW]
    board = replace(full, now=lambda: moment[0])

    def read():
        from dashboard.watch import read_now

        looks.append(None)
        return read_now(board)

    watch = Watch(board, read)
    watch.look()
    before = deeds(full.store, INCIDENT.id).height
    watch.look()
    take_in(full.store, [bed(900, minute=74)])
    moment[0] += timedelta(minutes=1)
    assert watch.look() == []
    assert deeds(full.store, INCIDENT.id).height == before


def test_what_stops_holding_is_over_and_may_fire_again(tmp_path: Path):
    """Offers beyond sixty with hardly a request: requests come, are gone, and it fires a second time."""
    evening = [bed(n, minute=n / 2) for n in range(62)]
    with board_on(filled(tmp_path / "store.duckdb", evening), now=NOW, plan=True) as board:
        rows_of = Watch(board)
        assert "more_offers_than_requests//1" in rows_of.look()
        from dashboard.watch import read_now

        def without(_: object = None):
            version, rows, noticed = read_now(board)
            return (version, "fewer"), rows.head(10), noticed

        Watch(board, without).look()
        so_far = course(deeds(board.store, INCIDENT.id))
        assert "more_offers_than_requests" in {cause.trigger for cause in so_far.over}
        assert "more_offers_than_requests//2" in Watch(board).look()
