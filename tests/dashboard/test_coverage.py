"""What is covered is told honestly: per source what works, how far behind, and what is off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from dashboard.coverage import coverage, told

NOW = datetime(2026, 8, 18, 18, 15, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Line:
    source: str = "mastodon"
    query: str = "q"
    state: str = "waiting"
    sentence: str | None = None
    last_ok: datetime | None = NOW
    last_post: datetime | None = None
    behind: float | None = None
    notice: str | None = None
    silent: bool = False
    flag: str | None = None
    rereads: bool = False


@dataclass(frozen=True, kw_only=True)
class Off:
    source: str = "x"
    sentence: str = "X is off."


def test_the_line_of_a_night_with_one_server_down():
    lines = [
        Line(source="bluesky", query="jetstream", behind=12.4),
        Line(query="one.example"),
        Line(query="two.example", state="running"),
        Line(query="three.example", state="retrying", sentence="three.example does not answer."),
        Line(query="four.example"),
        Line(query="reread one.example", state="retrying", sentence="no", rereads=True),
    ]
    covered = coverage(lines, [Off()])
    assert told(covered) == "Bluesky live, 12 s behind; Mastodon 3 of 4; X off"
    assert [(each.cover, each.working, each.of) for each in covered] == [
        ("live", 1, 1),
        ("partly", 3, 4),
        ("off", 0, 0),
    ]
    assert covered[1].sentences == ("three.example does not answer.",)


@pytest.mark.parametrize(
    ("line", "cover"),
    [
        (Line(), "live"),
        (Line(state="running"), "live"),
        (Line(behind=900.0, flag="15 min behind its network."), "live"),
        (Line(last_ok=None, state="running"), "silent"),
        (Line(silent=True, flag="No answer for 12 min.", behind=3.0), "silent"),
        (Line(state="retrying", sentence="It is down."), "retrying"),
        (Line(state="paused"), "paused"),
        (Line(state="stopped", sentence="The key is refused."), "stopped"),
    ],
)
def test_what_counts_as_covered(line: Line, cover: str):
    (covered,) = coverage([line])
    assert covered.cover == cover
    assert covered.sentences == tuple(each for each in (line.sentence or line.flag,) if each)


def test_a_source_that_is_asked_for_one_incident_is_not_off_and_a_notice_is_told():
    (covered,) = coverage([Line(notice="Only local posts.")], [Off(source="mastodon")])
    assert (covered.cover, covered.sentences) == ("live", ("Only local posts.",))


def test_nothing_watched_is_told_as_that():
    assert told(coverage([])) == "nothing is watched"
