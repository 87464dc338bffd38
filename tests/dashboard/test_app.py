"""The server: loopback only, everything that phones home off, healthy or not."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import uvloop
from streamlit import config
from uvicorn import Config

from dashboard import theme
from dashboard.app import loopback
from dashboard.board import held, hold
from dashboard.errors import NotLoopback
from dashboard.health import health
from tests.support.boards import START, Line, an_evening, board_on, damage, filled

NOW = START + timedelta(hours=1)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "[::1]", "127.9.9.9"])
def test_this_machine_is_served(host: str):
    assert loopback(host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.1.4", "10.0.0.1", "example.be", "", "*", "127.0.0.1.example.be"]
)
def test_any_other_address_is_refused_in_one_sentence(host: str):
    with pytest.raises(NotLoopback) as refused:
        loopback(host)
    assert "\n" not in str(refused.value)
    assert "127.0.0.1" in str(refused.value)


def test_every_setting_is_one_that_streamlit_knows():
    unknown = [name for name in theme.settings("127.0.0.1", 1) if name not in config._config_options_template]
    assert not unknown


def test_nothing_phones_home_and_nobody_steers_the_board_from_outside():
    set_to = theme.settings("127.0.0.1", 8501)
    assert set_to["browser.gatherUsageStats"] is False
    assert set_to["server.enableAgentApi"] is False
    assert set_to["client.showErrorDetails"] == "none"
    assert set_to["server.fileWatcherType"] == "none"
    assert set_to["server.address"] == "127.0.0.1"


def test_the_board_is_served_on_the_loop_that_bears_many_viewers():
    factory = Config(app="").get_loop_factory()
    assert factory is not None
    with closing(factory()) as loop:
        assert isinstance(loop, uvloop.Loop)


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK])
def test_the_colours_can_be_told_apart(colours: dict[str, str]):
    for ground in (colours["backgroundColor"], colours["secondaryBackgroundColor"]):
        assert contrast(colours["textColor"], ground) >= 7
        assert contrast(colours["linkColor"], ground) >= 4.5


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio of two colours."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_a_board_is_held_for_the_script(tmp_path: Path):
    with board_on(tmp_path / "store.duckdb", now=NOW) as board:
        hold(board)
        assert held() is board


def test_health_tells_ok_degraded_and_broken(tmp_path: Path):
    path = filled(tmp_path / "store.duckdb", an_evening(3))
    with board_on(path, now=NOW) as board:
        code, answer = health(board)
        assert (code, answer["status"], answer["store"]) == (200, "ok", "ok")
        assert isinstance(answer["last_batch_age_s"], float)
        stopped = replace(board, sources=lambda: [Line(), Line(state="stopped", sentence="No rights.")])
        code, answer = health(stopped)
        assert (code, answer["status"]) == (200, "degraded")
        late = replace(board, sources=lambda: [Line(last_ok=NOW, behind=90.0, flag="90 s behind its network.")])
        code, answer = health(late)
        assert (code, answer["status"], answer["coverage"]) == (200, "degraded", "Mastodon live, 90 s behind")
    damage(path, "drop table batches")
    with board_on(path, now=NOW) as board:
        code, answer = health(replace(board, sources=stopped.sources))
        assert (code, answer["status"]) == (503, "broken")
        assert "failed" in str(answer["store"])


def test_a_board_without_batches_is_healthy(tmp_path: Path):
    with board_on(tmp_path / "store.duckdb", now=NOW) as board:
        code, answer = health(board)
        assert (code, answer["status"], answer["last_batch_age_s"], answer["sources"]) == (200, "ok", None, [])
        assert answer["coverage"] == "nothing is watched"
