"""The measurement of the board runs to its end, on a small store, and a viewer without a browser sees what one with it does."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from benchmarks.board import measure_board
from benchmarks.stream import write_stream
from benchmarks.targets import Findings, rows
from benchmarks.viewers import watch
from dashboard.views.live import REFRESH
from tests.support.board_server import serving
from tests.support.boards import START, an_evening, filled
from tests.support.browser import NO_BROWSER, find_chromium


def test_a_viewer_without_a_browser_asks_at_the_pace_of_the_page_and_is_answered(tmp_path: Path):
    store = filled(tmp_path / "store.duckdb", an_evening(5))
    with serving(store, now=START) as address:
        began = time.monotonic()
        waits = watch(int(address.rpartition(":")[2]), viewers=2, coming=1.0, seconds=3 * REFRESH)
    assert time.monotonic() - began >= 1 + 3 * REFRESH
    assert len(waits.opening) == 2
    assert all(waits.opening)
    assert len(waits.filters) == 2, "each chose another filter once"
    assert len(waits.parts) >= 2, "and the parts of the page asked by themselves"


@pytest.mark.slow
@pytest.mark.browser
def test_the_board_is_measured(tmp_path: Path):
    if find_chromium() is None:
        pytest.skip(NO_BROWSER)
    stream = write_stream(tmp_path / "stream", posts=2_500, seed=3)
    store = filled(tmp_path / "store.duckdb", an_evening(5))
    found = measure_board(5, store, stream.posts_file, tmp_path, lambda _: None, viewers=2, coming=1.0, seconds=6.0)
    assert found.first
    assert found.cold
    assert found.arrivals is not None
    assert found.arrivals.shown
    assert all(written <= shown for written, shown in zip(found.arrivals.written, found.arrivals.shown, strict=True))
    on_screen = rows(Findings(board=found))[-3:]
    assert not [row.what for row in on_screen if row.measured.startswith("not measured")]
    assert not any(row.met for row in on_screen), "a small store shows no target to be met"
