"""What is covered is told honestly: per source what works, how far behind, and what is off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import get_args

import pytest

from dashboard.coverage import Cover, coverage, told
from dashboard.markup.sources import SHAPES
from dashboard.words import LANGUAGES, Language, texts, words
from ingest.jobs import State
from tests.support.boards import Line

NOW = datetime(2026, 8, 18, 18, 15, tzinfo=UTC)


a_line = partial(Line, last_ok=NOW)


@dataclass(frozen=True, kw_only=True)
class Off:
    source: str = "x"
    sentence: str = "X is off."


def test_the_line_of_a_night_with_one_server_down():
    lines = [
        a_line(source="bluesky", query="jetstream", behind=12.4),
        a_line(query="one.example"),
        a_line(query="two.example", state="running"),
        a_line(query="three.example", state="retrying", sentence="three.example does not answer."),
        a_line(query="four.example"),
        a_line(query="reread one.example", state="retrying", sentence="no", rereads=True),
    ]
    covered = coverage(lines, [Off()])
    assert told(covered) == "Bluesky live, 12 s behind; Mastodon 3 of 4 servers; X off"
    assert [(each.cover, each.working, each.of) for each in covered] == [
        ("live", 1, 1),
        ("partly", 3, 4),
        ("off", 0, 0),
    ]
    assert covered[1].sentences == ("three.example does not answer.",)


@pytest.mark.parametrize(
    ("line", "cover"),
    [
        (a_line(), "live"),
        (a_line(state="running"), "live"),
        (a_line(behind=900.0, flag="15 min behind its network."), "live"),
        (a_line(last_ok=None, state="running"), "silent"),
        (a_line(silent=True, flag="No answer for 12 min.", behind=3.0), "silent"),
        (a_line(state="retrying", sentence="It is down."), "retrying"),
        (a_line(state="paused"), "paused"),
        (a_line(state="stopped", sentence="The key is refused."), "stopped"),
    ],
)
def test_what_counts_as_covered(line: Line, cover: str):
    (covered,) = coverage([line])
    assert covered.cover == cover
    assert covered.sentences == tuple(each for each in (line.sentence or line.flag,) if each)


def test_a_source_that_is_asked_for_one_incident_is_not_off_and_a_notice_is_told():
    (covered,) = coverage([a_line(notice="Only local posts.")], [Off(source="mastodon")])
    assert (covered.cover, covered.sentences) == ("live", ("Only local posts.",))


def test_nothing_watched_is_told_as_that():
    assert told(coverage([])) == "nothing is watched"


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("nl", "Bluesky live, 12 s achter; Mastodon 3 van 4 servers; X uit"),
        ("fr", "Bluesky en direct, 12 s de retard; Mastodon 3 serveurs sur 4; X désactivé"),
        ("de", "Bluesky live, 12 s zurück; Mastodon 3 von 4 Servern; X aus"),
    ],
)
def test_the_line_is_told_in_every_language(language: Language, line: str):
    lines = [
        a_line(source="bluesky", behind=12.4),
        a_line(),
        a_line(),
        a_line(),
        a_line(state="stopped", sentence="no"),
    ]
    assert told(coverage(lines, [Off()]), words(language, "UTC")) == line


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_has_a_word_in_every_language(language: Language):
    there = texts(language)
    covers = get_args(Cover)
    assert not [cover for cover in covers if f"covered.{cover}" not in there or cover not in SHAPES]
    assert not [cover for cover in covers if cover != "live" and f"todo.{cover}" not in there]
    assert not [state for state in (*get_args(State), "silent") if f"line_state.{state}" not in there]


def test_a_lag_is_told_in_the_unit_one_would_use():
    nl = words("nl", "UTC")
    assert [nl.span(seconds) for seconds in (0.4, 99, 900, 7_200)] == ["0 s", "99 s", "15 min", "2 u"]
