"""Turns: so many drawings at one time and no more, each in the end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from dashboard.views.turns import AT_ONCE, turn
from tests.support.boards import START, an_evening, board_on, filled
from tests.support.pages import drawn, markup

NOW = START + timedelta(hours=1)


@contextmanager
def all_taken() -> Iterator[None]:
    """Every turn is held by somebody else."""
    let_go, inside = threading.Event(), threading.Barrier(AT_ONCE + 1)

    def hold() -> None:
        with turn():
            inside.wait(30)
            let_go.wait(30)

    holders = [threading.Thread(target=hold) for _ in range(AT_ONCE)]
    for holder in holders:
        holder.start()
    inside.wait(30)
    try:
        yield
    finally:
        let_go.set()
        for holder in holders:
            holder.join()


def test_no_more_than_so_many_draw_at_once_and_all_get_their_turn():
    inside, most, lock, met = 0, 0, threading.Lock(), threading.Barrier(AT_ONCE)

    def draw(_: int) -> None:
        nonlocal inside, most
        with turn():
            with lock:
                inside += 1
                most = max(most, inside)
            met.wait(30)  # with fewer at once nobody would ever come past here
            with lock:
                inside -= 1

    with ThreadPoolExecutor(8 * AT_ONCE) as pool:
        list(pool.map(draw, range(8 * AT_ONCE)))
    assert most == AT_ONCE


def test_who_holds_a_turn_goes_on_with_it_and_one_that_failed_is_given_back():
    for _ in range(2 * AT_ONCE):
        with pytest.raises(ZeroDivisionError), turn(), turn():
            raise ZeroDivisionError
    with all_taken():
        pass


def test_a_page_is_drawn_in_turn(tmp_path: Path):
    with board_on(filled(tmp_path / "store.duckdb", an_evening(3)), now=NOW) as board, ThreadPoolExecutor(1) as pool:
        drawn(board)  # the first takes longest, and must not pass for one that waits
        with all_taken():
            page = pool.submit(drawn, board)
            with pytest.raises(TimeoutError):
                page.result(timeout=3)
        assert "card" in markup(page.result(timeout=60))
