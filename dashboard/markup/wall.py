"""The HTML of the wall: figures, short or enough, what is new and what presses; large, and to be read from across a room.

Owns the markup. No text of a post stands here, of no network: only what was read in it (kind, places, town). Every value
passes `escape`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

import polars as pl

from dashboard.board import Incident
from dashboard.course import Course
from dashboard.figures import minutes_since
from dashboard.markup.plain import clean, shorten
from dashboard.markup.situation import sort, verdict
from dashboard.words import Words
from dedupe.reading.lexicon import KINDS
from playbooks.clock import phase_at
from playbooks.model import Playbook

BALANCED, LISTED = 6, 4
"""Kinds, and offers or requests, that fit one above another."""
PLACE = 40
"""Most letters of a town; what has no room is cut by the style sheet."""


def head(incident: Incident, playbook: Playbook | None, course: Course, words: Words, now: datetime) -> str:
    """What is watched, the time, and where the plan stands, by its clock and by the steps people took."""
    minutes = minutes_since(incident, now)
    phase = None if playbook is None else phase_at(playbook, minutes, course.started)
    plan = "" if playbook is None else words.say("plan.clock", time=words.since_start(minutes))
    stage = "" if phase is None else phase.name.in_language(words.language)
    made_up = f'<p class="made-up">▨ {escape(words.say("wall.synthetic"))}</p>' if incident.synthetic else ""
    return (
        f"<header><h1>{escape(incident.name)}</h1>{made_up}"
        f'<p class="phase"><b>{escape(plan)}</b> {escape(stage)}</p>'
        f'<p class="time">{escape(words.clock(now, now))}</p></header>'
    )


def figures(balance: pl.DataFrame, read: int, words: Words) -> str:
    """Open offers and requests with their places and people, and posts read."""
    sums = {name: int(balance[name].sum()) for name in ("offers", "places", "requests", "people")}
    items = "".join(
        f'<li class="{kind}"><strong>{escape(words.number(n))}</strong> <span>{escape(words.count(key, n))}</span></li>'
        for kind, key, n in (
            ("offered", "situation.offers", sums["offers"]),
            ("offered", "situation.places", sums["places"]),
            ("asked", "situation.requests", sums["requests"]),
            ("asked", "situation.people", sums["people"]),
            ("", "figures.posts", read),
        )
    )
    return f'<ul class="great">{items}</ul>'


def balance(rows: pl.DataFrame, words: Words) -> str:
    """Short or enough, by kind, the shortest first."""
    lines = "".join(
        f'<tr><th scope="row">{_icon(row["kind"])}{escape(sort(row["kind"], words))}</th>'
        f"<td>{escape(words.number(row['places']))} / {escape(words.number(row['people']))}</td>"
        f"<td>{verdict(row['kind'], row['short'], words)}</td></tr>"
        for row in rows.head(BALANCED).iter_rows(named=True)
    )
    heading = escape(words.say("wall.balance"))
    return f"<section><h2>{heading}</h2>{_or_none(lines and f'<table>{lines}</table>', words)}</section>"


def listed(rows: Sequence[Mapping[str, Any]], heading: str, words: Words, now: datetime) -> str:
    """Offers or requests, one a line: what, how many, where, since when."""
    items = "".join(_line(row, words, now) for row in rows[:LISTED])
    lines = f"<ul>{items}</ul>" if items else ""
    return f"<section><h2>{escape(words.say(heading))}</h2>{_or_none(lines, words)}</section>"


def _line(row: Mapping[str, Any], words: Words, now: datetime) -> str:
    place = shorten(clean(row["place"]), characters=PLACE, lines=1) or words.say("wall.no_place")
    many = f" × {words.number(row['left'])}" if row["left"] else ""
    return (
        f"<li>{_icon(row['kind'])}<b>{escape(words.word('kind', row['kind']))}{escape(many)}</b> "
        f'<span class="where">{escape(place)}</span> <span class="when">{escape(words.clock(row["first_seen"], now))}</span></li>'
    )


def _icon(kind: str | None) -> str:
    return (
        f'<span class="kind-{kind if kind in KINDS else "none"}"><span class="icon" aria-hidden="true"></span></span>'
    )


def _or_none(html: str, words: Words) -> str:
    return html or f'<p class="none">{escape(words.say("wall.none"))}</p>'
