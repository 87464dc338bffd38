"""The playbook beside the offers: the clock, what is late, due and coming and why, and what the plan says; as HTML.

Owns which part of a plan is shown when. The clock is `playbooks.clock`, what goes into the messages `fillings`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from html import escape

import polars as pl

from dashboard.course import Course, Firing, Mark
from dashboard.fillings import Known, checked_at
from dashboard.markup.cards import UNALTERED
from dashboard.markup.mask import mask
from dashboard.markup.plain import clean, shorten
from dashboard.words import Words
from playbooks.clock import Due, due, phase_at, starts
from playbooks.lengths import Length
from playbooks.model import Playbook
from playbooks.parts import Role, Rumour
from playbooks.triggers import Cause
from playbooks.values import Text

SHOWN_NEXT = 4
"""How many of the coming actions are shown; the rest comes closer by itself."""


def tasks(known: Known, roles: Collection[str] | None = None) -> tuple[dict[str, list[Due]], int]:
    """What is late, for now, and next, for `roles` (None: all), and how many that come later are left out."""
    course = known.course
    found = due(
        known.playbook,
        known.minutes,
        started=course.started,
        done=course.done,
        called=course.calls(known.incident),
    )
    mine = [entry for entry in found if roles is None or entry.action.role in roles]
    by_state = {state: [entry for entry in mine if entry.state == state] for state in ("late", "now", "next")}
    left = max(0, len(by_state["next"]) - SHOWN_NEXT)
    by_state["next"] = by_state["next"][:SHOWN_NEXT]
    return by_state, left


def line(known: Known, entry: Due, words: Words, rumours: pl.DataFrame | None = None) -> str:
    """One action: by when, what, who, where; and why now, when a trigger calls for it."""
    action = entry.action
    moment = known.incident.opened_at + timedelta(minutes=entry.due_min)
    who = [role_line(known.playbook.role(action.role), known.course, words)]
    if action.approval:
        role = known.playbook.role(action.approval).name.in_language(words.language)
        who.append(words.say("plan.approval", role=role))
    if action.repeat_min:
        who.append(words.say("plan.repeats", n=action.repeat_min))
    if channels := ", ".join(words.word("network", one) for one in networks(known.playbook, entry)):
        who.append(channels)
    firing = known.course.firing(entry.cause) if entry.cause else None
    because = ""
    if firing is not None:
        told = words.say("plan.why", figures=reason(known.playbook, firing, words, rumours))
        because = f'<span class="why">{escape(told)}</span>'
    when = words.say("plan.due", time=words.clock(moment, known.now))
    return (
        f'<p class="task"><span class="when">{escape(when)}</span> {escape(_said(action.what, words))}{because}'
        f'<span class="who">{escape(" · ".join(who))}</span></p>'
    )


def networks(playbook: Playbook, entry: Due) -> list[str]:
    """The networks an action goes out on, each once."""
    return list(dict.fromkeys(playbook.channel(one).network for one in entry.action.channels))


def role_line(role: Role, course: Course, words: Words) -> str:
    """A role, with who has it tonight."""
    name = role.name.in_language(words.language)
    return f"{name} ({course.duties[role.id]})" if role.id in course.duties else name


def reason(playbook: Playbook, firing: Firing, words: Words, rumours: pl.DataFrame | None = None) -> str:
    """The figures that made a trigger fire, as words: 63 offers, 4 requests."""
    told = ", ".join(words.count(f"figure.{figure}", int(value)) for figure, value in firing.figures)
    about = _about(playbook, firing.cause, words, rumours)
    return words.say("plan.about", about=about, told=told) if about else told


def _about(playbook: Playbook, cause: Cause, words: Words, rumours: pl.DataFrame | None) -> str:
    if cause.about is None:
        return ""
    for kind in playbook.offers.kinds:
        if kind.id == cause.about:
            return _said(kind.name, words)
    if rumours is not None and rumours.height:
        for network, text in rumours.filter(pl.col("record") == cause.about).select("network", "text").iter_rows():
            return "" if network == UNALTERED else f"“{shorten(mask(clean(text)), characters=80, lines=1)}”"
    source = words.word("source", cause.about)
    return "" if source == cause.about else source


def size(length: Length | None, words: Words) -> str:
    """How long a message is against its network's limit, marked when it is over."""
    if length is None:
        return f'<p class="size">{escape(words.say("plan.no_limit"))}</p>'
    told = [words.say("plan.characters", n=length.used, most=length.limit)]
    if length.parts > 1:
        told.append(words.say("plan.parts", n=length.parts))
    if not length.fits:
        told.append(words.say("plan.over", n=-length.left))
    mark, kind = ("", "size") if length.fits else ('<span aria-hidden="true">▲ </span>', "size over")
    return f'<p class="{kind}">{mark}{escape(" · ".join(told))}</p>'


def head(known: Known, words: Words) -> str:
    """Which plan this is, how far it is approved, the clock and the phase."""
    playbook, started, minutes = known.playbook, known.course.started, known.minutes
    status = words.say(f"plan.status_{playbook.plan.status}", version=playbook.plan.version)
    phase = phase_at(playbook, minutes, started)
    begun = starts(playbook, started)
    lines = [f"<strong>{escape(_said(playbook.plan.title, words))}</strong> <em>{escape(status)}</em>"]
    clock = escape(words.say("plan.clock", time=words.since_start(minutes)))
    if phase is None:
        first = min(one.start_min for one in playbook.phases)
        lines.append(f'<span class="clock">{clock}</span> {escape(words.say("plan.before", minutes=first))}')
    else:
        told = escape(words.say("plan.phase", phase=_said(phase.name, words)))
        level = f" <em>{escape(_said(phase.escalation, words))}</em>" if phase.escalation else ""
        lines.append(f'<span class="clock">{clock}</span> {told}{level}')
        after = [one for one in playbook.phases if one.start_min > phase.start_min]
        if after:
            nearest = min(after, key=lambda one: one.start_min)
            name, start = _said(nearest.name, words), begun[nearest.id]
            held = words.say("plan.held", phase=name)
            lines.append(
                escape(
                    held if start is None else words.say("plan.next_phase", phase=name, time=words.since_start(start))
                )
            )
    return "".join(f'<p class="plan">{line}</p>' for line in lines)


def deed(known: Known, mark: Mark, words: Words) -> str:
    """What was done or skipped, when, by whom and where."""
    try:
        what = _said(known.playbook.action(mark.action)[1].what, words)
    except KeyError:  # a plan taken over since may not have it any more
        what = mark.action
    how = words.say("plan.log_skipped", reason=mark.reason) if mark.skipped else words.say("plan.log_sent")
    told = [how, mark.who, ", ".join(words.word("network", one) for one in mark.networks), mark.language]
    when = words.clock(mark.at, known.now)
    return (
        f'<p class="task"><span class="when">{escape(when)}</span> {escape(what)}'
        f'<span class="who">{escape(" · ".join(filter(None, told)))}</span></p>'
    )


def firings(known: Known, words: Words, rumours: pl.DataFrame | None) -> str:
    """Every trigger that fired, newest first, with its figures and whether it is over."""
    triggers = {trigger.id: trigger for trigger in known.playbook.triggers}
    items = []
    for firing in reversed(known.course.firings):
        trigger = triggers.get(firing.cause.trigger)
        why = _said(trigger.why, words) if trigger else firing.cause.trigger
        told = [reason(known.playbook, firing, words, rumours)]
        told.append(words.say("plan.fired_at", time=words.clock(firing.at, known.now)))
        if firing.ceased is not None:
            told.append(words.say("plan.ceased", time=words.clock(firing.ceased, known.now)))
        items.append(f'<p class="task">{escape(why)}<span class="who">{escape(" · ".join(told))}</span></p>')
    return "".join(items)


def rumour(known: Known, one: Rumour, words: Words) -> str:
    """A rumour with its answer, who confirms it and when that was last checked."""
    checked = words.say("plan.unchecked")
    if (at := checked_at(known.course, one)) is not None:
        checked = words.say("plan.checked", time=words.clock(at, known.now))
    if one.id in known.course.checked:
        at, who = known.course.checked[one.id]
        checked = words.say("plan.checked_by", time=words.clock(at, known.now), who=who)
    source = words.say("plan.source", source=_said(one.source, words))
    return (
        f'<dl class="rumours"><dt>{escape(_said(one.question, words))}</dt><dd>{escape(_said(one.answer, words))}'
        f'<span class="who">{escape(source)} · {escape(checked)}</span></dd></dl>'
    )


def role(playbook: Playbook, one: Role, duties: Mapping[str, str], words: Words) -> str:
    """A role of the plan, who has it tonight, and who stands in."""
    told = [duties.get(one.id) or words.say("plan.free")]
    if one.stand_in:
        stand_in = playbook.role(one.stand_in)
        name = stand_in.name.in_language(words.language)
        person = duties.get(stand_in.id)
        told.append(words.say("plan.stand_in", role=f"{name} ({person})" if person else name))
    name = escape(one.name.in_language(words.language))
    return f'<p class="task"><strong>{name}</strong><span class="who">{escape(" · ".join(told))}</span></p>'


def advice(playbook: Playbook, words: Words) -> str:
    """What every message does, and what none does."""
    return (
        f'<h4 class="do">{escape(words.say("plan.do"))}</h4>{_list(playbook.do, words)}'
        f'<h4 class="dont">{escape(words.say("plan.dont"))}</h4>{_list(playbook.dont, words)}'
    )


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
