"""The plan's clock: which phase it is at T+minutes, and what is due. Pure; the time arrives as an argument.

Phases start by themselves, unless a person says otherwise: `started` has, by phase, the minute at which a person let it
start, or None when a person held it back, so that it waits for them. A phase nobody spoke about starts as long after the
phase before it as the plan says. Minutes count from the start of the incident.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

from playbooks.model import Playbook
from playbooks.parts import Action, Phase
from playbooks.triggers import Cause

State = Literal["late", "now", "next"]
Started: TypeAlias = Mapping[str, int | None]

AHEAD_MIN = 30
"""An action whose minute comes within so many minutes is for now; later ones are for next."""

BY_THE_PLAN: Started = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One action at its minute; of a repeated action, its next round.

    `round` tells the times an action is due apart: `0`, `1`, … by the clock, the key of its cause for a trigger.
    Together with the action's id it says what was done or skipped. `cause` is None by the clock.
    """

    phase: Phase
    action: Action
    due_min: int
    state: State
    round: str
    cause: Cause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A trigger that fired at T+`minute`."""

    cause: Cause
    minute: int


def starts(playbook: Playbook, started: Started = BY_THE_PLAN) -> dict[str, int | None]:
    """The minute at which each phase starts or started, in the order of the plan; None while it is held back."""
    found: dict[str, int | None] = {}
    before: tuple[int | None, int] | None = None
    for phase in _in_order(playbook):
        if phase.id in started:
            start = started[phase.id]
        elif before is None:
            start = phase.start_min
        else:
            start = None if before[0] is None else before[0] + phase.start_min - before[1]
        found[phase.id] = start
        before = (start, phase.start_min)
    return found


def phase_at(playbook: Playbook, minutes: int, started: Started = BY_THE_PLAN) -> Phase | None:
    """The phase at T+`minutes`: the last one that has started, so that a gap belongs to the phase before it.

    None before the first phase starts.
    """
    begun = starts(playbook, started)
    running = [phase for phase in _in_order(playbook) if (start := begun[phase.id]) is not None and start <= minutes]
    return running[-1] if running else None


def step(playbook: Playbook, minutes: int, started: Started = BY_THE_PLAN, *, forward: bool) -> dict[str, int | None]:
    """`started` after a person stepped one phase forward or back at T+`minutes`; unchanged where there is none.

    Forward: the next phase starts now. Back: the present one is held back until a person steps forward, and the one
    before it runs on from where it started, so that what was done in it stays done.
    """
    phases = _in_order(playbook)
    current = phase_at(playbook, minutes, started)
    place = phases.index(current) if current else -1
    after: dict[str, int | None] = dict(started)
    if forward and place + 1 < len(phases):
        after[phases[place + 1].id] = minutes
    if not forward and place > 0:
        # A phase that was stepped over never ran: it runs from the moment it is stepped back to.
        begun = starts(playbook, started)[phases[place - 1].id]
        after[phases[place].id] = None
        after[phases[place - 1].id] = minutes if begun is None else min(begun, minutes)
    return after


def due(
    playbook: Playbook,
    minutes: int,
    *,
    started: Started = BY_THE_PLAN,
    done: Collection[tuple[str, str]] = (),
    called: Collection[Call] = (),
) -> list[Due]:
    """The actions of the phase at T+`minutes`, of the phase after it, and those triggers call for; soonest first.

    `done` holds what was done or skipped, as (action id, round) of the `Due` that was marked; those are left out, and a
    repeated action comes back with its next round. A phase that ended takes its actions with it. An action done once is
    late after its minute; a round of a repeated one that was missed is not late, for the next round replaces it.
    What a trigger calls for stays until it is done or skipped, whatever the phase, and stands in the place of the same
    action by the clock. Whoever calls leaves out of `called` what is over.
    """
    by_clock = {entry.action.id: entry for entry in _by_clock(playbook, minutes, started, done)}
    by_call = list(_by_call(playbook, minutes, done, called, by_clock))
    answered = {entry.action.id for entry in by_call}
    kept = [entry for entry in by_clock.values() if entry.action.id not in answered]
    return sorted([*by_call, *kept], key=lambda entry: entry.due_min)


def _in_order(playbook: Playbook) -> list[Phase]:
    return sorted(playbook.phases, key=lambda phase: phase.start_min)


def _by_clock(playbook: Playbook, minutes: int, started: Started, done: Collection[tuple[str, str]]) -> Iterator[Due]:
    phases = _in_order(playbook)
    begun = starts(playbook, started)
    current = phase_at(playbook, minutes, started)
    place = phases.index(current) if current else -1
    for phase in phases[max(place, 0) : place + 2]:
        start = begun[phase.id]
        if start is None:
            continue
        following = phases[phases.index(phase) + 1 :]
        ends = [end for later in following if (end := begun[later.id]) is not None]
        until = min(ends) if ends else None if following or phase.end_min is None else start + _length(phase)
        for action in phase.actions:
            entry = _entry(phase, action, start, until, minutes, done)
            if entry is not None:
                yield entry


def _length(phase: Phase) -> int:
    return (phase.end_min or phase.start_min) - phase.start_min


def _entry(
    phase: Phase, action: Action, start: int, until: int | None, minutes: int, done: Collection[tuple[str, str]]
) -> Due | None:
    if action.within_min is None:
        return None
    due_min, turn = start + action.within_min, 0
    if action.repeat_min is None:
        if any(name == action.id for name, _ in done):
            return None
    else:
        turn = max(0, -((due_min - minutes) // action.repeat_min))
        while (action.id, str(turn)) in done:
            turn += 1
        due_min += turn * action.repeat_min
        if until is not None and due_min > until:
            return None
    state: State = "late" if due_min < minutes else "next"
    if start <= minutes <= due_min <= minutes + AHEAD_MIN:
        state = "now"
    return Due(phase=phase, action=action, due_min=due_min, state=state, round=str(turn))


def _by_call(
    playbook: Playbook,
    minutes: int,
    done: Collection[tuple[str, str]],
    called: Collection[Call],
    by_clock: Mapping[str, Due],
) -> Iterator[Due]:
    triggers = {trigger.id: trigger for trigger in playbook.triggers}
    for call in called:
        trigger = triggers.get(call.cause.trigger)
        if trigger is None or (trigger.action, call.cause.key) in done:
            continue
        phase, action = playbook.action(trigger.action)
        due_min = call.minute + trigger.within_min
        if action.id in by_clock:
            due_min = min(due_min, by_clock[action.id].due_min)
        state: State = "late" if due_min < minutes else "now"
        yield Due(phase=phase, action=action, due_min=due_min, state=state, round=call.cause.key, cause=call.cause)
