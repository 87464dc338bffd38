"""The plan beside the offers: what is due when, and what of the board goes into its texts."""

from __future__ import annotations

from datetime import timedelta
from html.parser import HTMLParser

import polars as pl
import pytest

from dashboard import plan, queries
from dashboard.words import LANGUAGES, words
from playbooks.loader import load_playbook, shipped
from tests.support.boards import INCIDENT, START

NL = words("nl", "Europe/Brussels")


@pytest.fixture(scope="module")
def playbook():
    return load_playbook(shipped()["festival-storm"])


def rows(**columns) -> pl.DataFrame:
    return pl.concat([queries.nothing(), pl.DataFrame(columns)], how="diagonal_relaxed")


def test_what_is_late_comes_before_what_is_due_and_that_before_what_comes(playbook):
    for minutes in (0, 20, 50, 61, 200, 700, 2_000):
        found = plan.tasks(playbook, INCIDENT, {}, NL, START + timedelta(minutes=minutes))
        states = [task.state for task in found]
        assert states == sorted(states, key=("late", "now", "next").index)
        assert len({task.key for task in found}) == len(found), "no action stands there twice"


def test_the_clock_and_the_phase_stand_on_top(playbook):
    head = plan.head(playbook, INCIDENT, NL, START + timedelta(minutes=83))
    assert "T+1:23" in head
    assert "niet goedgekeurd" in head
    assert "Volgende fase" in head
    assert "T+-0:10" in plan.head(playbook, INCIDENT, NL, START - timedelta(minutes=10))


def test_a_text_is_filled_with_what_the_board_knows():
    known = plan.values(
        INCIDENT,
        rows(
            category=["offer", "offer", "offer", "request"],
            kind=["bed", "bed", "ride", "bed"],
            capacity=[3, None, 2, 9],
            state=["available", "available", "full", "available"],
        ),
        NL,
        START + timedelta(minutes=125),
    )
    assert known == {
        "time": "20:20", "next": "20:30", "offers": "2", "beds": "4", "rides": "0", "hours": "2", "tag": "hasselthelpt",
    }  # fmt: skip


def test_a_filled_text_fits_and_says_what_is_left_to_fill_in(playbook):
    known = plan.values(INCIDENT, queries.nothing(), NL, START + timedelta(minutes=70))
    found = plan.tasks(playbook, INCIDENT, known, NL, START + timedelta(minutes=70))
    messages = [(task.message, task.size) for task in found if task.message]
    assert messages
    for message, size in messages:
        assert "{" not in message
        assert ("Vul zelf aan" in size) == ("‹" in message)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_is_well_formed_in_every_language(language, playbook):
    said = words(language, "Europe/Brussels")
    now = START + timedelta(minutes=70)
    parts = [plan.head(playbook, INCIDENT, said, now), plan.advice(playbook, said)]
    parts += [plan.rumours(playbook, said, now), plan.moderation(playbook, said)]
    parts += [task.line for task in plan.tasks(playbook, INCIDENT, {}, said, now)]
    for part in parts:
        balance = Balance()
        balance.feed(part)
        assert balance.open == []
        assert "None" not in balance.text


class Balance(HTMLParser):
    """Which tags are open, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
