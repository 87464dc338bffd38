"""What the board puts into a plan's messages: every variable of `playbooks.vocabulary.BOARD_VARIABLES` it can tell. Pure.

What it cannot tell (nothing is short, no rumour was chosen) is left out, so that a person sees it and fills it in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.board import Incident
from dashboard.course import Course
from dashboard.figures import enough, minutes_since, short
from dashboard.words import Words
from playbooks.clock import Due
from playbooks.model import Playbook
from playbooks.parts import Rumour
from playbooks.triggers import Figures
from playbooks.vocabulary import Figure

HALF_HOUR = 30
FIGURES_TOLD: Mapping[str, tuple[Figure, str | None]] = {
    "offers": ("unique_offers", None),
    "requests": ("open_requests", None),
    "full": ("full_offers", None),
    "beds": ("places_of_kind", "bed"),
    "rides": ("places_of_kind", "ride"),
}
"""The variables that are one figure of the board."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the board knows at `now`, the incident's clock. `figures` is None while the store cannot be read."""

    playbook: Playbook
    incident: Incident
    figures: Figures | None
    course: Course
    now: datetime

    @property
    def minutes(self) -> int:
        """The plan's clock."""
        return minutes_since(self.incident, self.now)


def fillings(known: Known, words: Words, entry: Due | None = None, rumour: Rumour | None = None) -> dict[str, str]:
    """The variables that can be filled in, in the language of `words`, for `entry` and the rumour it is about."""
    found = known.playbook.own_fillings()
    if known.incident.tags:
        found["tag"] = known.incident.tags[0]
    local = known.now.astimezone(words.zone)
    found |= {"time": f"{local:%H:%M}", "next": _next(known, words, entry), "hours": str(max(0, known.minutes // 60))}
    if known.figures is not None:
        found |= _counted(known.playbook, known.figures, words)
    if entry is not None and entry.cause is not None:
        found |= _caused(known, entry, words)
    if rumour is not None:
        found |= {
            "fact": rumour.answer.in_language(words.language),
            "source": rumour.source.in_language(words.language),
        }
        if (checked := checked_at(known.course, rumour)) is not None:
            found["checked"] = words.clock(checked, known.now)
    return found


def checked_at(course: Course, rumour: Rumour) -> datetime | None:
    """When a rumour's answer was last checked: on the board, or else by the plan."""
    return course.checked[rumour.id][0] if rumour.id in course.checked else rumour.checked_on


def _next(known: Known, words: Words, entry: Due | None) -> str:
    """The hour of the next message: its next round where it is repeated, else the next half hour."""
    if entry is not None and entry.action.repeat_min:
        after = known.incident.opened_at + timedelta(minutes=entry.due_min + entry.action.repeat_min)
        if after > known.now:
            return words.clock(after, known.now)
    local = known.now.astimezone(words.zone)
    return f"{local + timedelta(minutes=HALF_HOUR - local.minute % HALF_HOUR):%H:%M}"


def _counted(playbook: Playbook, figures: Figures, words: Words) -> Iterator[tuple[str, str]]:
    for name, figure in FIGURES_TOLD.items():
        if (value := figures.get(figure)) is not None:
            yield name, words.number(int(value))
    names: dict[str, str] = {kind.id: kind.name.in_language(words.language) for kind in playbook.offers.kinds}
    places = {kind: int(figures.get(("places_of_kind", kind), 0)) for kind in names}
    told = [f"{words.number(n)} {names[kind]}" for kind, n in sorted(places.items(), key=lambda one: -one[1]) if n]
    lists = {"offers_by_kind": told, **_named(names, short=short(playbook, figures), enough=enough(playbook, figures))}
    yield from ((name, ", ".join(values)) for name, values in lists.items() if values)


def _named(names: Mapping[str, str], **lists: Iterable[str]) -> dict[str, list[str]]:
    return {name: [names[kind] for kind in kinds] for name, kinds in lists.items()}


def _caused(known: Known, entry: Due, words: Words) -> Iterator[tuple[str, str]]:
    firing = known.course.firing(entry.cause) if entry.cause else None
    if firing is None:
        return
    for kind in known.playbook.offers.kinds:
        if kind.id == firing.cause.about:
            yield "kind", kind.name.in_language(words.language)
    if firing.figures:
        yield "figure", words.number(int(firing.figures[0][1]))
