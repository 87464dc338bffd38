"""The rehearsal: a made-up night against a plan, and the report of how it went.

Owns what the report tells: what came due when, what was done when, how late, what fired on which figures. It reads the same
decisions as the board, and the same clock. Plays nothing itself: the night and its clock are given.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from dashboard.board import Board, Incident
from dashboard.course import Course, Mark, course
from dashboard.errors import NoPlan, NotWritten
from dashboard.figures import minutes_since
from dashboard.markup.plan import reason
from dashboard.watch import Watch
from dashboard.words import Language, Words, words
from dedupe.deciding.plan_deeds import deeds
from playbooks.clock import Due, due
from playbooks.model import Playbook

REPORT = Path("rehearsal.md")
PATIENCE = 0.5
"""Seconds between two looks whether the night is over."""
STEP = timedelta(minutes=5)
"""How much of the night passes between two looks when nobody watches."""
LANGUAGE: Language = "en"
"""The language of the report, as of everything on the terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One action that came due: first seen as due at T+`seen_min`, for T+`due_min`; `mark` is what became of it."""

    entry: Due
    seen_min: int
    due_min: int
    mark: Mark | None = None
    done_min: int | None = None

    @property
    def late_min(self) -> int:
        """Minutes between its minute and when it was done; 0 when in time or not done."""
        return max(0, self.done_min - self.due_min) if self.done_min is not None else 0


class HandClock:
    """A clock that stands still until it is moved on."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def __call__(self) -> datetime:
        """The time it shows."""
        return self._now

    def forward(self, by: timedelta) -> None:
        """Move it on."""
        self._now += by


def add_options(option: Callable[..., Any]) -> None:
    """Add what `helpt run` understands of rehearsals, with `option` as argparse adds it."""
    option("--rehearse", metavar="PLAN", help="practise: the demo night against a plan, with a report at the end")
    option("--report", type=Path, default=REPORT, metavar="FILE", help=f"where the report goes (default: {REPORT})")
    option(
        "--unattended", action="store_true", help="rehearse at once and with nobody there: no board, the report alone"
    )


def pass_alone(board: Board, length: timedelta, take: Callable[[], bool], clock: HandClock) -> None:
    """Let a night of this `length` pass with nobody there. `take` takes in some of what is due and tells whether more is.

    Raises StoreError.
    """
    watch, until = Watch(board), board.incident.opened_at + length
    while True:
        while take():
            pass
        watch.look()
        if board.now() >= until:
            return
        clock.forward(min(STEP, until - board.now()))


@contextmanager
def night_watched(board: Board, length: timedelta) -> Iterator[None]:
    """Tell this process to stop (SIGTERM) when a night of this `length` is over, unless the block ended before."""
    left, until = threading.Event(), board.incident.opened_at + length

    def wait() -> None:
        while not left.wait(PATIENCE):
            if board.now() >= until:
                os.kill(os.getpid(), signal.SIGTERM)
                return

    threading.Thread(target=wait, name="night", daemon=True).start()
    try:
        yield
    finally:
        left.set()


@contextmanager
def rehearsed(board: Board, length: timedelta, file: Path, tell: Callable[[str], object]) -> Iterator[None]:
    """A rehearsal of a night of this `length`. However the block ends, `tell` gets the report, and it is written into `file`.

    Raises NoPlan, NotWritten, StoreError.
    """
    if board.playbook is None:
        raise NoPlan(board.plans.look().problem or "Which plan? helpt run --rehearse PLAN.")
    until = board.incident.opened_at + length
    try:
        yield
    finally:
        text = report(board, min(board.now(), until))
        tell(text)
        try:
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise NotWritten(f"{file} cannot be written: {error.strerror}.") from error


def turns(playbook: Playbook, incident: Incident, so_far: Course, until: datetime) -> list[Turn]:
    """Every action that was due, for now or late, in any minute until `until`, in the order of their minutes.

    What a trigger called for, and stopped calling for undone, counts once: not again when its own minute turns out to be long past.
    """
    found: dict[tuple[str, str], Turn] = {}
    for minute in range(minutes_since(incident, until) + 1):
        then = _at(so_far, incident.opened_at + timedelta(minutes=minute))
        entries = due(playbook, minute, started=then.started, done=then.done, called=then.calls(incident))
        for entry in entries:
            key = (entry.action.id, entry.round)
            again = entry.due_min < minute and any(action == entry.action.id for action, _ in found)
            if entry.state != "next" and key not in found and not again:
                found[key] = Turn(entry=entry, seen_min=minute, due_min=entry.due_min)
    for mark in so_far.marks:
        turn = found.get((mark.action, mark.round))
        if turn is not None:
            found[mark.action, mark.round] = replace(turn, mark=mark, done_min=minutes_since(incident, mark.at))
    return sorted(found.values(), key=lambda turn: (turn.due_min, turn.entry.action.id))


def _at(so_far: Course, moment: datetime) -> Course:
    """What was known at `moment`. Phases are taken as they stood in the end: a step tells from which minute it holds."""
    firings = (
        replace(firing, ceased=firing.ceased if firing.ceased and firing.ceased <= moment else None)
        for firing in so_far.firings
        if firing.at <= moment
    )
    marks = (mark for mark in so_far.marks if mark.at <= moment)
    return Course(marks=tuple(marks), firings=tuple(firings), started=so_far.started)


def report(board: Board, until: datetime) -> str:
    """The report of a rehearsal that ended at `until`, as Markdown. Raises StoreError; LookupError without a plan."""
    playbook = board.playbook
    if playbook is None:
        raise LookupError("a rehearsal needs a plan")
    said = words(LANGUAGE, board.incident.zone)
    so_far = course(deeds(board.store, board.incident.id))
    all_turns = turns(playbook, board.incident, so_far, until)
    ended = said.since_start(minutes_since(board.incident, until))
    title = playbook.plan.title.in_language(LANGUAGE)
    return "\n".join(
        [
            f"# Rehearsal: {title}",
            "",
            f"Plan {playbook.plan.id}, version {playbook.plan.version}. The SYNTHETIC night {board.incident.name} until T+{ended}.",
            "",
            _summary(all_turns, so_far),
            "",
            *_section("Actions", _actions(playbook, all_turns, said), "No action came due."),
            *_section("What fired", _fired(playbook, board.incident, so_far, said), "No trigger fired."),
            *_section("Messages sent", _sent(playbook, board.incident, so_far, said), "No message was sent."),
            *_section("Skipped", _skipped(playbook, board.incident, so_far, said), "Nothing was skipped."),
        ]
    )


def _summary(all_turns: list[Turn], so_far: Course) -> str:
    done = [turn for turn in all_turns if turn.mark and not turn.mark.skipped]
    late = [turn for turn in done if turn.late_min]
    skipped = sum(mark.skipped for mark in so_far.marks)
    missed = len(all_turns) - len(done) - sum(bool(turn.mark and turn.mark.skipped) for turn in all_turns)
    return (
        f"{len(all_turns)} actions came due: {len(done)} done ({len(late)} of them late), {skipped} skipped, "
        f"{missed} not done. {len(so_far.firings)} triggers fired."
    )


def _section(heading: str, lines: Iterator[str], none: str) -> list[str]:
    return [f"## {heading}", "", *(list(lines) or [none]), ""]


def _actions(playbook: Playbook, all_turns: list[Turn], said: Words) -> Iterator[str]:
    if not all_turns:
        return
    yield "| came due | by | action | role | done | late |"
    yield "|---|---|---|---|---|---|"
    for turn in all_turns:
        role = playbook.role(turn.entry.action.role).name.in_language(LANGUAGE)
        done = "not done"
        if turn.mark is not None and turn.done_min is not None:
            done = f"{'skipped' if turn.mark.skipped else 'done'} T+{said.since_start(turn.done_min)}, {turn.mark.who}"
        late = f"{turn.late_min} min" if turn.late_min else ""
        what = turn.entry.action.what.in_language(LANGUAGE)
        cells = [f"T+{said.since_start(turn.seen_min)}", f"T+{said.since_start(turn.due_min)}", what, role, done, late]
        yield _row(cells)


def _fired(playbook: Playbook, incident: Incident, so_far: Course, said: Words) -> Iterator[str]:
    triggers = {trigger.id: trigger for trigger in playbook.triggers}
    for firing in so_far.firings:
        trigger = triggers.get(firing.cause.trigger)
        why = trigger.why.in_language(LANGUAGE) if trigger else firing.cause.trigger
        over = f", over at {_clock(incident, firing.ceased, said)}" if firing.ceased else ""
        yield f"- {_clock(incident, firing.at, said)} {_plain(why)} ({_plain(reason(playbook, firing, said))}{over})"


def _sent(playbook: Playbook, incident: Incident, so_far: Course, said: Words) -> Iterator[str]:
    for mark in so_far.marks:
        if not mark.skipped:
            where = f" on {', '.join(mark.networks)} ({mark.language})" if mark.networks else ""
            yield f"- {_clock(incident, mark.at, said)} {_what(playbook, mark)}{where}, by {_plain(mark.who)}"


def _skipped(playbook: Playbook, incident: Incident, so_far: Course, said: Words) -> Iterator[str]:
    for mark in so_far.marks:
        if mark.skipped:
            who, why = _plain(mark.who), _plain(mark.reason)
            yield f"- {_clock(incident, mark.at, said)} {_what(playbook, mark)}: {why}, by {who}"


def _what(playbook: Playbook, mark: Mark) -> str:
    try:
        return _plain(playbook.action(mark.action)[1].what.in_language(LANGUAGE))
    except KeyError:
        return _plain(mark.action)


def _clock(incident: Incident, moment: datetime, said: Words) -> str:
    return f"T+{said.since_start(minutes_since(incident, moment))}"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(map(_plain, cells))} |"


def _plain(text: str) -> str:
    """`text` on one line, and nothing in it taken for Markdown's tables, tags or links."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;").replace("[", "\\[")
