"""A rehearsal: what came due, what was done and how late, what fired, in a report; also with nobody there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import helpt
from dashboard.board import Board
from dashboard.course import Course, Firing, course
from dashboard.rehearsal import HandClock, pass_alone, rehearsed, report, turns
from dedupe.deciding.plan_deeds import deeds, do
from dedupe.deciding.roles import Actor
from playbooks.triggers import Cause
from tests.support.boards import INCIDENT, START, an_evening, board_on, filled, take_in

MO = Actor(who="Mo", role="moderator")
END = START + timedelta(minutes=60)


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    with board_on(filled(tmp_path / "store.duckdb", []), now=END, plan=True) as board:
        yield board


def mark(board: Board, action: str, minute: int, deed="sent", **more) -> None:
    told = {"action": action, "round": "0", "networks": ["x"], "language": "nl"}
    at = START + timedelta(minutes=minute)
    do(board.store, INCIDENT.id, deed, f"{action}/0", MO, told=told, at=at, **more)


def test_the_report_tells_what_was_done_how_late_and_what_was_not(board: Board):
    assert board.playbook is not None
    first, second, third, *_ = sorted(board.playbook.phases[0].actions, key=lambda action: action.within_min or 999)
    mark(board, first.id, (first.within_min or 0) + 7)
    mark(board, second.id, 1)
    mark(board, third.id, 2, "skipped", reason="no | <siren>")
    found = turns(board.playbook, INCIDENT, course(deeds(board.store, INCIDENT.id)), END)
    told = {turn.entry.action.id: turn for turn in found}
    assert (told[first.id].late_min, told[second.id].late_min) == (7, 0)
    text = report(board, END)
    assert f"{len(found)} actions came due: 2 done (1 of them late), 1 skipped, {len(found) - 3} not done." in text
    assert f"| done T+{0}:{(first.within_min or 0) + 7:02}, Mo | 7 min |" in text
    assert "no \\| &lt;siren>, by Mo" in text
    assert "on x (nl), by Mo" in text


def test_what_a_trigger_called_for_and_nobody_did_counts_once_when_its_own_minute_is_past(board: Board):
    assert board.playbook is not None
    phase, action = board.playbook.action("sympathy_place")
    assert action.within_min is not None
    own = phase.start_min + action.within_min
    fired_at, ceased = START + timedelta(minutes=30), START + timedelta(minutes=own + 60)
    cause = Cause(trigger="sympathy_floods")
    so_far = Course(firings=(Firing(cause=cause, at=fired_at, figures=(), ceased=ceased),))
    found = turns(board.playbook, INCIDENT, so_far, ceased + timedelta(minutes=5))
    (only,) = [turn for turn in found if turn.entry.action is action]
    assert only.seen_min == 30
    assert not [turn for turn in found if turn.due_min < turn.seen_min]


def test_a_night_passes_with_nobody_there_and_the_report_says_what_would_have_been_due(tmp_path: Path, board: Board):
    clock, posts, told = HandClock(START), an_evening(30), list[str]()
    alone = replace(board, now=clock)

    def take() -> bool:
        due = [one for one in posts if one.created_at <= clock()]
        if due:
            take_in(alone.store, due)
        posts[:] = [one for one in posts if one not in due]
        return False

    length = timedelta(minutes=60)
    file = tmp_path / "report.md"
    with rehearsed(alone, length, file, told.append):
        pass_alone(alone, length, take, clock)
    assert clock() == END
    assert told == [file.read_text(encoding="utf-8")]
    assert " 0 done" in told[0]
    assert "People put numbers or addresses in their posts. (" in told[0]


def test_a_plan_that_cannot_be_used_is_refused_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "plan.yaml"
    file.write_text("schema: [")
    assert helpt.main(["run", "--rehearse", str(file), "--unattended", "--report", str(tmp_path / "r.md")]) == 1
    assert f"{file}:1:" in capsys.readouterr().err
