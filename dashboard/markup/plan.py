"""The playbook beside the offers: what is late, due and coming, with its texts filled in; as HTML.

Owns which part of a plan is shown when, and what of the board goes into its texts. The clock is `playbooks.clock`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

import polars as pl

from dashboard.board import Incident
from dashboard.words import Words
from playbooks.clock import Due, due, phase_at
from playbooks.fill import fill
from playbooks.lengths import tightest
from playbooks.model import Playbook
from playbooks.values import Text

HALF_HOUR = 30
SHOWN_NEXT = 4
"""How many of the coming actions are shown; the rest comes closer by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One action, ready to draw: `line` is its HTML, `message` the text to send, if any, with how long it is."""

    key: str
    state: str
    line: str
    message: str | None
    size: str


def minutes_since(incident: Incident, now: datetime) -> int:
    """The plan's clock: whole minutes since the incident was opened."""
    return int((now - incident.opened_at).total_seconds() // 60)


def values(incident: Incident, rows: pl.DataFrame, words: Words, now: datetime) -> dict[str, str]:
    """What the board knows of a plan's variables: time, next, tag, offers, beds, rides, hours.

    `rows` has the columns of `queries.records`. An offer that does not say how many counts as one place.
    """
    local = now.astimezone(words.zone)
    ahead = HALF_HOUR - local.minute % HALF_HOUR
    offers = rows.filter(pl.col("category") == "offer", pl.col("state") == "available")
    places = offers.group_by("kind").agg(places=pl.col("capacity").fill_null(1).sum())
    by_kind = dict(places.iter_rows())
    filled = {
        "time": f"{local:%H:%M}",
        "next": f"{local + timedelta(minutes=ahead):%H:%M}",
        "offers": words.number(offers.height),
        "beds": words.number(by_kind.get("bed", 0)),
        "rides": words.number(by_kind.get("ride", 0)),
        "hours": str(max(1, minutes_since(incident, now) // 60)),
    }
    return {**filled, "tag": incident.tags[0]} if incident.tags else filled


def tasks(playbook: Playbook, incident: Incident, known: Mapping[str, str], words: Words, now: datetime) -> list[Task]:
    """What is late, for now, and next, in this order."""
    minutes = minutes_since(incident, now)
    found = due(playbook, minutes)
    coming = [entry for entry in found if entry.state == "next"][:SHOWN_NEXT]
    ordered = [entry for state in ("late", "now") for entry in found if entry.state == state] + coming
    return [_task(playbook, incident, entry, known, words, now) for entry in ordered]


def _task(
    playbook: Playbook, incident: Incident, entry: Due, known: Mapping[str, str], words: Words, now: datetime
) -> Task:
    action = entry.action
    moment = incident.opened_at + timedelta(minutes=entry.due_min)
    who = [playbook.role(action.role).name.in_language(words.language)]
    if action.approval:
        role = playbook.role(action.approval).name.in_language(words.language)
        who.append(words.say("plan.approval", role=role))
    if action.repeat_min:
        who.append(words.say("plan.repeats", n=action.repeat_min))
    channels = ", ".join(playbook.channel(one).network for one in action.channels)
    when = words.say("plan.due", time=words.clock(moment, now))
    line = (
        f'<p class="task"><span class="when">{escape(when)}</span> {escape(_said(action.what, words))}'
        f'<span class="who">{escape(" · ".join([*who, *([channels] if channels else [])]))}</span></p>'
    )
    if action.template is None:
        return Task(key=action.id, state=entry.state, line=line, message=None, size="")
    template = playbook.template(action.template)
    networks = [playbook.channel(one).network for one in action.channels]
    known = {**playbook.own_fillings(), **known}
    theirs = {name: known[name] for name in known.keys() & template.variables.board.keys()}
    message = fill(_said(template.text, words), theirs)
    length = tightest(networks, message)
    size = words.say("plan.characters", n=length.used, most=length.limit) if length else ""
    if "‹" in message:
        size = ". ".join(filter(None, (size, words.say("plan.missing"))))
    return Task(key=action.id, state=entry.state, line=line, message=message, size=size)


def head(playbook: Playbook, incident: Incident, words: Words, now: datetime) -> str:
    """Which plan this is, how far it is approved, the clock and the phase."""
    minutes = minutes_since(incident, now)
    status = words.say(f"plan.status_{playbook.plan.status}", version=playbook.plan.version)
    phase = phase_at(playbook, minutes)
    following = [one for one in playbook.phases if one.start_min > minutes]
    lines = [f"<strong>{escape(_said(playbook.plan.title, words))}</strong> <em>{escape(status)}</em>"]
    clock = escape(words.say("plan.clock", time=words.since_start(minutes)))
    if phase is not None:
        told = f"{escape(words.say('plan.phase'))}: {escape(_said(phase.name, words))}"
        level = f" <em>{escape(_said(phase.escalation, words))}</em>" if phase.escalation else ""
        lines.append(f'<span class="clock">{clock}</span> {told}{level}')
    else:
        first = min(one.start_min for one in playbook.phases)
        lines.append(f'<span class="clock">{clock}</span> {escape(words.say("plan.before", minutes=first))}')
    if following and phase is not None:
        nearest = min(following, key=lambda one: one.start_min)
        time = words.since_start(nearest.start_min)
        lines.append(escape(words.say("plan.next_phase", phase=_said(nearest.name, words), time=time)))
    return "".join(f'<p class="plan">{line}</p>' for line in lines)


def advice(playbook: Playbook, words: Words) -> str:
    """What every message does, and what none does."""
    return (
        f'<h4 class="do">{escape(words.say("plan.do"))}</h4>{_list(playbook.do, words)}'
        f'<h4 class="dont">{escape(words.say("plan.dont"))}</h4>{_list(playbook.dont, words)}'
    )


def rumours(playbook: Playbook, words: Words, now: datetime) -> str:
    """The rumours to expect, each with its answer, who confirms it and when that was checked."""
    items = []
    for rumour in playbook.rumours:
        checked = (
            words.say("plan.checked", time=words.clock(rumour.checked_on, now))
            if rumour.checked_on
            else words.say("plan.unchecked")
        )
        source = f"{words.say('plan.source')}: {_said(rumour.source, words)}"
        items.append(
            f"<dt>{escape(_said(rumour.question, words))}</dt><dd>{escape(_said(rumour.answer, words))}"
            f'<span class="who">{escape(source)} · {escape(checked)}</span></dd>'
        )
    return f'<dl class="rumours">{"".join(items)}</dl>'


def moderation(playbook: Playbook, words: Words) -> str:
    """Recognise, report, talk; where to report; what makes it worse."""
    steps = "".join(
        f"<li><strong>{escape(words.word('step', step.id))}</strong> {escape(_said(step.what, words))}"
        f'<span class="who">{escape(playbook.role(step.who).name.in_language(words.language))}</span></li>'
        for step in playbook.moderation.steps
    )
    points = "".join(
        f"<li><strong>{escape(point.name)}</strong> ({escape(', '.join(filter(None, (point.country, point.number))))}) "
        f"{escape(_said(point.about, words))}</li>"
        for point in playbook.moderation.reporting_points
    )
    where = f"<h4>{escape(words.say('plan.report_at'))}</h4><ul>{points}</ul>" if points else ""
    worse = playbook.moderation.dont
    avoid = f'<h4 class="dont">{escape(words.say("plan.dont"))}</h4>{_list(worse, words)}' if worse else ""
    return f'<ol class="steps">{steps}</ol>{where}{avoid}'


def _list(texts: Iterable[Text], words: Words) -> str:
    return f"<ul>{''.join(f'<li>{escape(_said(text, words))}</li>' for text in texts)}</ul>"


def _said(text: Text, words: Words) -> str:
    return text.in_language(words.language)
