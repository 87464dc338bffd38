"""The pane of the plan drawn without a browser: worked by who may, read by all, standing when all else fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.board import Board
from dashboard.course import course
from dashboard.plans import Plans
from dashboard.watch import Watch
from dedupe.deciding.plan_deeds import deeds
from dedupe.deciding.roles import Actor
from playbooks.loader import shipped
from tests.support import pages
from tests.support.boards import INCIDENT, START, an_evening, board_on, damage, filled, line_of
from tests.support.pages import markup

NOW = START + timedelta(minutes=75)
MO = Actor(who="Mo", role="moderator")


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Board]:
    with board_on(filled(tmp_path / "store.duckdb", an_evening(10)), now=NOW, plan=True) as board:
        yield board


def drawn(board: Board, actor: Actor | None = None) -> AppTest:
    return pages.drawn(board, by=actor, lang="en")


def opened(page: AppTest, key: str) -> AppTest:
    page.session_state[key] = True
    return page.run()


def keys(page: AppTest, start: str) -> list[str]:
    return [key for button in page.button if (key := button.key or "").startswith(start)]


def test_a_watcher_reads_the_plan_and_is_offered_no_marks(full: Board):
    page = drawn(full)
    assert not page.exception
    assert "T+1:15" in markup(page)
    assert keys(page, "phase-") == []


def test_what_fired_says_why_and_is_listed(full: Board):
    Watch(full).look()
    page = drawn(full)
    assert "Why now: 14 with a number or address" in markup(page)
    page = opened(page, "plan-triggers")
    assert "noticed at 19:30" in markup(page)


def test_a_phase_is_stepped_back_and_forward(full: Board):
    ticks = count()
    page = drawn(replace(full, now=lambda: NOW + timedelta(seconds=next(ticks) / 100)), MO)
    page.button(key="phase-back").click().run()
    assert "waits until somebody starts it" in markup(page)
    assert "First hour" in markup(page)
    page.button(key="phase-forward").click().run()
    assert "waits until somebody starts it" not in markup(page)
    assert [row["action"] for row in deeds(full.store, INCIDENT.id).iter_rows(named=True)] == ["phase", "phase"]
    assert not page.exception


def test_an_answer_is_checked_and_a_role_taken_with_the_name_kept_out_of_the_plan(full: Board):
    page = opened(opened(drawn(full, MO), "plan-rumours"), "plan-roles")
    assert "not checked yet" in markup(page)
    page.button(key="check-trains").click().run()
    assert "checked 19:30 by Mo" in markup(page)
    page.button(key="take-webcare").click().run()
    assert "(Mo)" in markup(page)
    page.selectbox(key="plan-for").select("mine").run()
    assert not page.exception
    so_far = course(deeds(full.store, INCIDENT.id))
    assert (so_far.duties, so_far.checked["trains"]) == ({"webcare": "Mo"}, (NOW, "Mo"))


def test_of_two_who_mark_at_the_same_time_the_second_is_told_who_did(full: Board):
    first = opened(drawn(full, MO), "open-sympathy_place/0")
    second = opened(drawn(full, Actor(who="Chief", role="coordinator")), "open-sympathy_place/0")
    first.button(key="sent-sympathy_place/0").click().run()
    assert "Open a place for sympathy" not in markup(first)
    second.button(key="sent-sympathy_place/0").click().run()
    assert "Not kept. Mo did that already." in markup(second)
    assert not second.exception
    mark = course(deeds(full.store, INCIDENT.id)).marks[0]
    assert (mark.at, mark.networks, mark.language) == (NOW, ("web", "bluesky", "mastodon", "x"), "en")


def test_a_plan_that_breaks_during_the_incident_stays_and_says_where(full: Board, tmp_path: Path):
    file = tmp_path / "plan.yaml"
    text = shipped()["festival-storm"].read_text(encoding="utf-8")
    file.write_text(text)
    board = replace(full, plans=Plans(str(file)))
    assert "last good version" not in markup(drawn(board))
    file.write_text(text.replace("status: example", "status: <b>perhaps</b>"))
    shown = markup(drawn(board))
    assert "last good version" in shown
    assert f"plan.yaml, line {line_of(text, 'status: example')}, character " in shown
    assert "<b>perhaps" not in shown
    assert "T+1:15" in shown
    file.write_text(text.replace('version: "1.0"', 'version: "1.1"'))
    page = drawn(board, MO)
    assert "Version 1.1 of this plan is ready" in markup(page)
    page.button(key="take-over").click().run()
    assert "is ready" not in markup(page)
    assert board.playbook is not None
    assert board.playbook.plan.version == "1.1"


def test_without_its_store_the_plan_stands_and_says_that_it_does_not_know_what_was_sent(tmp_path: Path):
    path = filled(tmp_path / "store.duckdb", an_evening(3))
    damage(path, "drop table records cascade")
    with board_on(path, now=NOW, plan=True) as board:
        page = drawn(board, MO)
    assert not page.exception
    assert "What was sent so far cannot be read" in markup(page)
    assert "T+1:15" in markup(page)


def test_a_rehearsal_says_that_it_is_one(full: Board):
    assert "Rehearsal: the clock runs faster" in markup(drawn(replace(full, rehearsal=True)))
