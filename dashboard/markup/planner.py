"""The page of the planner as HTML: what is wrong and where, what the board will show, what differs, which versions there are.

Owns how a planner's own text is shown while it may still be broken: escaped, and with signs that do not show told by their code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from itertools import islice
from typing import Any

from dashboard.markup.problems import parts
from dashboard.planning import Wording, lengths, wordings
from dashboard.words import LANGUAGES, Words
from playbooks.errors import Problem
from playbooks.lengths import Length
from playbooks.model import Playbook
from playbooks.parts import Action, Phase, Template

MOST_PROBLEMS = 60
MOST_DIFFERENCES = 800
"""Lines of a difference that are shown."""
MOST_COLUMNS = 240
"""Characters of a line that are shown."""
LINES = {"+": ("ins", "+"), "-": ("del", "−"), "@": ("span", "")}


def verdict(problems: Sequence[Problem], words: Words) -> str:
    """In a line: how many errors and warnings there are."""
    errors = sum(one.level == "error" for one in problems)
    warnings = len(problems) - errors
    if not problems:
        return f'<p class="verdict sound" role="status">✓ {escape(words.say("planner.sound"))}</p>'
    told = [words.count(key, n) for key, n in (("planner.errors", errors), ("planner.warnings", warnings)) if n]
    mark, kind = ("▲", "broken") if errors else ("△", "doubt")
    return f'<p class="verdict {kind}" role="status">{mark} {escape(", ".join(told))}</p>'


def problems(found: Sequence[Problem], lines: Mapping[int, str], words: Words) -> str:
    """Each problem with its place, what was expected, how to mend it, and the line it stands in. `lines`: by number."""
    items = "".join(_problem(one, lines.get(one.line, ""), words) for one in found[:MOST_PROBLEMS])
    left = len(found) - MOST_PROBLEMS
    more = f'<p class="note">{escape(words.count("planner.more", left))}</p>' if left > 0 else ""
    return f'<ol class="problems">{items}</ol>{more}' if found else ""


def _problem(one: Problem, line: str, words: Words) -> str:
    mark = "▲" if one.level == "error" else "△"
    level = words.say(f"planner.{one.level}")
    place = words.say("planner.place", line=one.line, column=one.column)
    what, expected, mend = map(escape, parts(one, words))
    return (
        f'<li class="{one.level}"><strong>{mark} {escape(level)}</strong> '
        f'<a href="#planner-text" data-line="{one.line}" data-column="{one.column}">{escape(place)}</a> '
        f'<span>{what}</span> <span class="who">{expected} → {mend}</span>'
        f"<code>{escape(seen(line.strip())) or '&nbsp;'}</code></li>"
    )


def difference(told: Iterable[str], words: Words) -> str:
    """Changed lines between their neighbours: + in, − out, each also by colour."""
    lines = iter(told)
    shown = "".join(_difference(line) for line in islice(lines, MOST_DIFFERENCES))
    if not shown:
        return f'<p class="note">{escape(words.say("planner.same"))}</p>'
    left = sum(1 for _ in lines)
    more = f'<p class="note">{escape(words.count("planner.more_lines", left))}</p>' if left else ""
    return f'<div class="difference" tabindex="0" role="region" aria-label="{escape(words.say("planner.difference"))}">{shown}</div>{more}'


def _difference(line: str) -> str:
    tag, mark = LINES.get(line[:1], ("span", " "))
    kind = ' class="hunk"' if line.startswith("@@") else ""
    text = line if line.startswith("@@") else line[1:]
    return f"<{tag}{kind}>{mark} {escape(seen(text))}</{tag}>"


def seen(line: str) -> str:
    """A line with what does not show, such as marks that turn the reading direction, told by its code; not too long."""
    short = line if len(line) <= MOST_COLUMNS else f"{line[: MOST_COLUMNS - 1]}…"
    return "".join(char if char.isprintable() or char == "\t" else f"⟨U+{ord(char):04X}⟩" for char in short)


def preview(playbook: Playbook, words: Words) -> str:
    """What the board will show: each phase with its actions and their messages, then triggers and what no action sends."""
    head = f"{_said(playbook.plan.title, words)} · {words.say(f'plan.status_{playbook.plan.status}', version=playbook.plan.version)}"
    sent = {action.template for phase in playbook.phases for action in phase.actions}
    rest = [one for one in playbook.templates if one.id not in sent]
    calls = "".join(
        f"<li>{escape(_said(one.why, words))} → {escape(_said(playbook.action(one.action)[1].what, words))}</li>"
        for one in playbook.triggers
    )
    return (
        f'<div class="preview"><p class="plan"><strong>{escape(head)}</strong></p>'
        + "".join(_phase(playbook, phase, words) for phase in playbook.phases)
        + (f"<h4>{escape(words.say('planner.triggers'))}</h4><ul>{calls}</ul>" if calls else "")
        + (f"<h4>{escape(words.say('planner.other_messages'))}</h4>" if rest else "")
        + "".join(_message(playbook, one, words, one.id) for one in rest)
        + "</div>"
    )


def _phase(playbook: Playbook, phase: Phase, words: Words) -> str:
    end = words.since_start(phase.end_min) if phase.end_min is not None else "…"
    span = f"T+{words.since_start(phase.start_min)} – {end}"
    return (
        f'<h3>{escape(_said(phase.name, words))} <span class="note">{escape(span)}</span></h3>'
        f'<p class="note">{escape(_said(phase.trigger, words))}</p>'
        + "".join(_action(playbook, action, words) for action in phase.actions)
    )


def _action(playbook: Playbook, action: Action, words: Words) -> str:
    told = [_said(playbook.role(action.role).name, words)]
    if action.approval:
        told.append(words.say("plan.approval", role=_said(playbook.role(action.approval).name, words)))
    if action.repeat_min:
        told.append(words.say("plan.repeats", n=action.repeat_min))
    told += dict.fromkeys(words.word("network", playbook.channel(one).network) for one in action.channels)
    within = action.within_min
    when = (
        words.say("planner.within", time=words.span(60 * within))
        if within is not None
        else words.say("planner.when_called")
    )
    message = ""
    if action.template is not None:
        message = _message(playbook, playbook.template(action.template), words, words.say("planner.message"))
    return (
        f'<p class="task"><span class="when">{escape(when)}</span> {escape(_said(action.what, words))}'
        f'<span class="who">{escape(" · ".join(told))}</span></p>{message}'
    )


def _message(playbook: Playbook, template: Template, words: Words, label: str) -> str:
    inside = "".join(_wording(template, one, words) for one in wordings(playbook, template))
    return f"<details><summary>{escape(label)}</summary>{inside}</details>"


def _wording(template: Template, wording: Wording, words: Words) -> str:
    """One wording in every language there is, with its length at its longest filling."""
    rows = []
    for language in LANGUAGES:
        text = getattr(wording.text, language, None)
        if text is None:
            continue
        sizes = " ".join(_size(one, words) for one in lengths(template, text, wording.networks))
        rows.append(f'<dt>{language}</dt><dd lang="{language}">{escape(text)}<span class="who">{sizes}</span></dd>')
    on = (
        f'<p class="note">{escape(", ".join(words.word("network", one) for one in wording.networks))}</p>'
        if wording.networks
        else ""
    )
    return f'{on}<dl class="languages">{"".join(rows)}</dl>'


def _size(length: Length, words: Words) -> str:
    mark, kind = ("", "size") if length.fits else ("▲ ", "size over")
    told = words.say("planner.size", network=words.word("network", length.network), n=length.used, most=length.limit)
    if length.parts > 1:
        told = f"{told} · {words.say('plan.parts', n=length.parts)}"
    return f'<span class="{kind}">{mark}{escape(told)}</span>'


def version(row: Mapping[str, Any], held: bool, words: Words, now: datetime) -> str:
    """One saved version: its number, when, who, why, and whether the incident works by it."""
    name = words.say("planner.version", n=row["number"]) if row["number"] else words.say("planner.file")
    told = []
    if row.get("saved_at") is not None:
        told = [words.clock(row["saved_at"], now), row["who"], row["why"]]
    chip = f' <span class="chip state-available">● {escape(words.say("planner.in_force"))}</span>' if held else ""
    return (
        f'<p class="task"><strong>{escape(name)}</strong>{chip}'
        f'<span class="who">{escape(" · ".join(filter(None, told)))}</span></p>'
    )


def _said(text: Any, words: Words) -> str:
    return str(text.in_language(words.language))
