"""What the board noticed by itself: which triggers of a plan fire on the figures of this moment. Pure.

A trigger's conditions are looked at for each thing its figures are counted for (each kind, rumour or source), or once
when they are about none. When all hold, it fires, and that firing is a cause. The same cause never fires twice: what
fired before arrives as `already`, what stopped holding since as `over`. A trigger fires again for the same thing, as
the next round, only once the round before it is over; with `once_per: incident`, never.

A figure that is missing is unknown, not zero: it lets nothing fire and ends nothing. So a board that loses its figures,
or its memory of what is over, stays silent rather than saying the same thing twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from playbooks.model import Playbook
from playbooks.parts import Condition, Trigger
from playbooks.vocabulary import FIGURES, Figure

Figures: TypeAlias = Mapping[tuple[Figure, str | None], float]
"""(figure, the kind, rumour or source it is counted for, or None) -> its value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One firing: which trigger, about which kind, rumour or source (None: none of them), for the how-manieth time."""

    trigger: str
    about: str | None = None
    round: int = 1

    @property
    def key(self) -> str:
        """The cause in one word, to keep with a decision: `kind_short/bed/2`."""
        return f"{self.trigger}/{self.about or ''}/{self.round}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """A trigger that fires now, with the figures that made it, in the order of its conditions."""

    trigger: Trigger
    cause: Cause
    figures: tuple[tuple[Figure, float], ...]


def fired(
    playbook: Playbook, figures: Figures, already: Collection[Cause], over: Collection[Cause] = ()
) -> list[Fired]:
    """The triggers that fire now, in the order of the plan. `already` has every cause so far, `over` those that ended.

    Whoever calls adds the causes to `already` and keeps them as long as the incident lasts.
    """
    found = []
    for trigger in playbook.triggers:
        for about in _abouts(trigger, figures):
            last = _last(trigger, about, already)
            if last is not None and (trigger.once_per == "incident" or last not in over):
                continue
            if _holds(trigger, about, figures):
                cause = Cause(trigger=trigger.id, about=about, round=last.round + 1 if last else 1)
                values = tuple((one.figure, figures[_key(one, about)]) for one in trigger.when)
                found.append(Fired(trigger=trigger, cause=cause, figures=values))
    return found


def ceased(
    playbook: Playbook, figures: Figures, already: Collection[Cause], over: Collection[Cause] = ()
) -> list[Cause]:
    """The causes in `already` that are not yet `over` and whose conditions do not hold any more.

    Whoever calls adds them to `over`. A cause of a trigger that is no longer in the plan is left alone.
    """
    triggers = {trigger.id: trigger for trigger in playbook.triggers}
    still = [cause for cause in already if cause not in over and cause.trigger in triggers]
    return [cause for cause in still if _holds(triggers[cause.trigger], cause.about, figures) is False]


def _last(trigger: Trigger, about: str | None, already: Iterable[Cause]) -> Cause | None:
    rounds = [cause for cause in already if (cause.trigger, cause.about) == (trigger.id, about)]
    return max(rounds, key=lambda cause: cause.round, default=None)


def _abouts(trigger: Trigger, figures: Figures) -> list[str | None]:
    """What `trigger` is to be looked at for: each thing its figures are counted for, else the one kind it names."""
    each = {one.figure for one in trigger.when if FIGURES[one.figure].about and one.kind is None}
    if each:
        return [*sorted({about for figure, about in figures if figure in each and about is not None})]
    kinds = {one.kind for one in trigger.when if one.kind}
    return [kinds.pop() if len(kinds) == 1 else None]


def _key(condition: Condition, about: str | None) -> tuple[Figure, str | None]:
    return condition.figure, (condition.kind or about) if FIGURES[condition.figure].about else None


def _holds(trigger: Trigger, about: str | None, figures: Figures) -> bool | None:
    """Whether all conditions hold; None when that cannot be known."""
    known = [_within(one, figures.get(_key(one, about))) for one in trigger.when]
    return False if False in known else None if None in known else True


def _within(condition: Condition, value: float | None) -> bool | None:
    if value is None:
        return None
    low, high = condition.at_least, condition.at_most
    return (low is None or value >= low) and (high is None or value <= high)
