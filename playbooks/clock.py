"""The plan's clock: which phase it is at T+minutes, and what is due. Pure; the time arrives as an argument."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from playbooks.model import Action, Phase, Playbook

State = Literal["late", "now", "next"]

AHEAD_MIN = 30
"""An action whose minute comes within so many minutes is for now; later ones are for next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One action at its minute, counted from the start of the incident; of a repeated action, its next round."""

    phase: Phase
    action: Action
    due_min: int
    state: State


def phase_at(playbook: Playbook, minutes: int) -> Phase | None:
    """The phase at T+`minutes`: the last one that has started, so that a gap belongs to the phase before it.

    None before the first phase starts.
    """
    started = [phase for phase in playbook.phases if phase.start_min <= minutes]
    return max(started, key=lambda phase: phase.start_min, default=None)


def due(playbook: Playbook, minutes: int, *, done: Collection[tuple[str, int]] = ()) -> list[Due]:
    """The actions of the phase at T+`minutes` and of the phase after it, soonest first.

    `done` holds what was done, as (action id, due_min) of the `Due` that was marked; those are left out, and a repeated
    action comes back with its next round. A phase that ended takes its actions with it. An action done once is late
    after its minute; a round of a repeated one that was missed is not late, for the next round replaces it.
    """
    current = phase_at(playbook, minutes)
    first = current.start_min if current else -1
    later = sorted((phase for phase in playbook.phases if phase.start_min > first), key=lambda phase: phase.start_min)
    shown = [phase for phase in (current, *later[:1]) if phase is not None]
    found = [entry for phase in shown for action in phase.actions if (entry := _entry(phase, action, minutes, done))]
    return sorted(found, key=lambda entry: entry.due_min)


def _entry(phase: Phase, action: Action, minutes: int, done: Collection[tuple[str, int]]) -> Due | None:
    due_min = phase.start_min + action.within_min
    step = action.repeat_min
    if step is None:
        if (action.id, due_min) in done:
            return None
    else:
        due_min += max(0, -((due_min - minutes) // step)) * step
        while (action.id, due_min) in done:
            due_min += step
        if phase.end_min is not None and due_min > phase.end_min:
            return None
    return Due(phase=phase, action=action, due_min=due_min, state=_state(phase, due_min, minutes))


def _state(phase: Phase, due_min: int, minutes: int) -> State:
    if due_min < minutes:
        return "late"
    if phase.start_min <= minutes and due_min - minutes <= AHEAD_MIN:
        return "now"
    return "next"
