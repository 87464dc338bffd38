"""How the plan went so far: what was sent and skipped, what fired, where the phases stand, who has which duty. Pure.

Owns what the plan's decisions mean to the clock; `dedupe.deciding.plan_deeds` keeps them, `playbooks.clock` works by them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from dashboard.board import Incident
from dashboard.figures import minutes_since
from playbooks.clock import BY_THE_PLAN, Call, Due, Started
from playbooks.triggers import Cause, Fired
from playbooks.vocabulary import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One message sent, or action done or skipped. `networks` and `language` are empty for work behind the scenes."""

    decision: str
    at: datetime
    who: str
    role: str
    skipped: bool
    action: str
    round: str
    networks: tuple[str, ...] = ()
    language: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """A trigger that fired, with its figures then; `ceased` is when its conditions stopped holding."""

    cause: Cause
    at: datetime
    figures: tuple[tuple[Figure, float], ...]
    ceased: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The standing decisions, read. Marks and firings are oldest first; `checked` is by rumour, `duties` by role."""

    marks: tuple[Mark, ...] = ()
    firings: tuple[Firing, ...] = ()
    started: Started = field(default_factory=lambda: BY_THE_PLAN)
    checked: Mapping[str, tuple[datetime, str]] = field(default_factory=dict)
    duties: Mapping[str, str] = field(default_factory=dict)

    @property
    def done(self) -> frozenset[tuple[str, str]]:
        """What `playbooks.clock.due` leaves out."""
        return frozenset((mark.action, mark.round) for mark in self.marks)

    @property
    def already(self) -> tuple[Cause, ...]:
        """Every cause so far."""
        return tuple(firing.cause for firing in self.firings)

    @property
    def over(self) -> frozenset[Cause]:
        """The causes whose conditions stopped holding."""
        return frozenset(firing.cause for firing in self.firings if firing.ceased)

    def calls(self, incident: Incident) -> list[Call]:
        """What triggers call for now."""
        standing = [firing for firing in self.firings if not firing.ceased]
        return [Call(cause=firing.cause, minute=minutes_since(incident, firing.at)) for firing in standing]

    def firing(self, cause: Cause) -> Firing | None:
        """How `cause` fired."""
        return next((firing for firing in self.firings if firing.cause == cause), None)


NOTHING = Course()


def course(rows: pl.DataFrame) -> Course:
    """The course by the rows of `dedupe.deciding.plan_deeds.deeds`."""
    marks: list[Mark] = []
    fired: dict[str, Firing] = {}
    ended: dict[str, datetime] = {}
    started: Started = BY_THE_PLAN
    checked: dict[str, tuple[datetime, str]] = {}
    duties: dict[str, str] = {}
    for row in rows.iter_rows(named=True):
        told, key, at = json.loads(row["value"]), row["key"], row["decided_at"]
        if row["action"] in ("sent", "skipped"):
            marks.append(_mark(row, told))
        elif row["action"] == "fired":
            cause = Cause(trigger=told["trigger"], about=told["about"], round=told["round"])
            fired[key] = Firing(cause=cause, at=at, figures=tuple((name, value) for name, value in told["figures"]))
        elif row["action"] == "ceased":
            ended[key] = at
        elif row["action"] == "phase":
            started = told["started"]
        elif row["action"] == "checked":
            checked[key] = (at, row["who"])
        elif row["action"] == "duty":
            duties[key] = row["who"]
    firings = (
        Firing(cause=one.cause, at=one.at, figures=one.figures, ceased=ended.get(key)) for key, one in fired.items()
    )
    return Course(marks=tuple(marks), firings=tuple(firings), started=started, checked=checked, duties=duties)


def _mark(row: Mapping[str, object], told: Mapping[str, object]) -> Mark:
    kept = {name: row[name] for name in ("decision", "who", "role", "reason")}
    networks = told.get("networks") or ()
    return Mark(
        **kept,  # type: ignore[arg-type]
        at=row["decided_at"],  # type: ignore[arg-type]
        skipped=row["action"] == "skipped",
        action=str(told["action"]),
        round=str(told["round"]),
        networks=tuple(networks),  # type: ignore[arg-type]
        language=str(told.get("language") or ""),
    )


def key_of(entry: Due) -> str:
    """The one word under which an action's turn is sent or skipped."""
    return f"{entry.action.id}/{entry.round}"


def told_of(entry: Due) -> dict[str, object]:
    """What is kept of an action's turn beside its key."""
    return {"action": entry.action.id, "round": entry.round}


def told_of_firing(found: Fired) -> dict[str, object]:
    """What is kept of a trigger that fires."""
    cause = found.cause
    return {"trigger": cause.trigger, "about": cause.about, "round": cause.round, "figures": list(found.figures)}
