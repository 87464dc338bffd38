"""The HTML of how the sources fare: the coverage line, a source's state and what to do, its parts, and what X cost.

Owns the markup. Every sentence comes from outside, a server's own words may be in it, and passes `clean` and `escape`.
Knows neither Streamlit nor the store.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape

from dashboard.board import SourceLine
from dashboard.coverage import Covered, told_of
from dashboard.fare import Charged, Fare
from dashboard.markup.cards import chip
from dashboard.markup.plain import clean, shorten
from dashboard.words import Words
from dedupe.steering import Steered

SHAPES = {"live": "●", "partly": "◐", "silent": "○", "retrying": "◌", "paused": "‖", "stopped": "✕", "off": "–"}
SENTENCE, NAME = 300, 60
"""Most characters of a sentence, and of the name of what is asked."""


def line(covered: Sequence[Covered], words: Words, *, heading: bool = True) -> str:
    """What is covered, in one line: each source with a shape, a word and a colour."""
    head = f"<strong>{escape(words.say('board.sources'))}</strong> " if heading else ""
    chips = [_state(each, words) for each in covered] or [escape(words.say("covered.nothing"))]
    return f'<p class="sources">{head}{" ".join(chips)}</p>'


def _state(covered: Covered, words: Words) -> str:
    return chip(
        f"source-{covered.cover}", SHAPES[covered.cover], shorten(clean(told_of(covered, words)), characters=NAME)
    )


def source(fare: Fare, words: Words, now: datetime) -> str:
    """One source: its state, how fresh it is, what to do, and in its own words what is wrong. now: the machine's clock."""
    covered = fare.covered
    about = f'<p class="meta">{"".join(f"<span>{escape(each)}</span>" for each in _freshness(fare, words, now))}</p>'
    todo = _todo(fare, words, now)
    told = f'<p class="todo">{escape(todo)}</p>' if todo else ""
    said = "".join(_sentence(each, covered.cover) for each in covered.sentences)
    return (
        f'<article class="source"><h3>{_state(covered, words)}</h3>{about if fare.lines else ""}{told}{said}</article>'
    )


def _freshness(fare: Fare, words: Words, now: datetime) -> list[str]:
    answers = [each.last_ok for each in fare.lines if each.last_ok is not None and not each.rereads]
    said = [
        words.say("health.last_post", ago=words.seconds_ago(fare.last_post, now))
        if fare.last_post
        else words.say("health.no_post"),
        words.say("health.answered", ago=words.seconds_ago(max(answers), now))
        if answers
        else words.say("health.never"),
    ]
    tries = [each.next_try for each in fare.lines if each.next_try is not None and each.state == "retrying"]
    if tries:
        said.append(words.say("health.next_try", time=words.time(min(tries))))
    return said + [_quota(each, words, now) for each in fare.lines if each.quota is not None and not each.rereads]


def _quota(line: SourceLine, words: Words, now: datetime) -> str:
    if line.quota is None:
        return ""
    until = line.quota.resets_at
    late = words.say("health.quota_until", time=words.clock(until, now)) if until is not None and until > now else ""
    return f"{words.count('health.quota', line.quota.remaining)}{late}"


def _todo(fare: Fare, words: Words, now: datetime) -> str | None:
    if fare.pending and fare.order is not None:
        return words.say("health.pausing" if fare.order.action == "pause" else "health.resuming")
    cover = fare.covered.cover
    if cover == "live":
        return None
    if cover == "partly" and "stopped" in {each.state for each in fare.lines}:
        cover = "stopped"
    if cover == "paused":
        return _paused(fare.order, words, now) if fare.order else None
    return words.say(f"todo.{cover}")


def _paused(order: Steered, words: Words, now: datetime) -> str:
    time = words.clock(order.taken_at, now)
    return words.say("todo.paused_by", who=order.who, time=time) if order.who else words.say("todo.paused", time=time)


def _sentence(sentence: str, cover: str) -> str:
    # What went wrong is told in English by whoever met it; screen readers need to know.
    shown = escape(shorten(clean(sentence), characters=SENTENCE, lines=3))
    return f'<p class="{"note" if cover in ("live", "off") else "sentence"}" lang="en" dir="auto">{shown}</p>'


def parts(lines: Sequence[SourceLine], words: Words, now: datetime) -> str:
    """What is asked of a source as a table: each server or search with its state, last answer and last post."""
    heads = "".join(
        f'<th scope="col">{escape(words.say(f"health.{name}"))}</th>' for name in ("query", "state", "answer", "post")
    )
    rows = "".join(_part(each, words, now) for each in lines)
    return f'<table class="series parts"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def _part(line: SourceLine, words: Words, now: datetime) -> str:
    state = "silent" if line.silent and line.state != "retrying" else line.state
    cells = [words.word("line_state", state)]
    cells += [words.seconds_ago(at, now) if at else "–" for at in (line.last_ok, line.last_post)]
    tail = "".join(f"<td>{escape(each)}</td>" for each in cells)
    return f'<tr><th scope="row" dir="auto">{escape(_name(line.query, words))}</th>{tail}</tr>'


def _name(query: str, words: Words) -> str:
    """What is asked, in words where there are some: the tags of a stream stand elsewhere on the page."""
    first, _, rest = query.partition(" ")
    said = words.word("query", first)
    shown = said if first == "jetstream" or not rest else f"{said} {rest}"
    return shorten(clean(shown), characters=NAME, lines=1)


def bill(charged: Sequence[Charged], words: Words) -> str:
    """What X cost, as a table: today and this month."""
    names = ("period", "reads", "counts", "spent", "ceiling")
    heads = "".join(f'<th scope="col">{escape(words.say(f"bill.{name}"))}</th>' for name in names)
    rows = "".join(_charged(each, name, words) for each, name in zip(charged, ("today", "month"), strict=False))
    full = any(each.full for each in charged)
    told = f'<p class="todo">{escape(words.say("bill.full"))}</p>' if full else ""
    return f'{told}<table class="series bill"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def _charged(charged: Charged, name: str, words: Words) -> str:
    money = [words.money(each) if each is not None else "–" for each in (charged.spent, charged.ceiling)]
    cells = "".join(
        f"<td>{escape(each)}</td>" for each in (words.number(charged.reads), words.number(charged.counts), *money)
    )
    return f'<tr><th scope="row">{escape(words.say(f"bill.{name}"))}</th>{cells}</tr>'


def tags(watched: Sequence[str]) -> str:
    """The hashtags that are watched."""
    shown = " ".join(f'<span class="tag">#{escape(clean(each))}</span>' for each in watched)
    return f'<p class="tags" dir="auto">{shown}</p>'
