"""The HTML of moderation and of rumours: what is suspected without its words, the steps, where to report, evidence, claims.

A text is only given by `words_of`, which the page asks for when somebody wants to read it. Knows neither Streamlit nor the
store.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from html import escape
from itertools import groupby
from typing import Any

import polars as pl

from dashboard.markup.cards import UNALTERED, chip, link
from dashboard.markup.plain import clean, shorten
from dashboard.markup.review import covered
from dashboard.rumours import Claim
from dashboard.words import Words
from playbooks.model import Playbook
from playbooks.parts import Moderation, ReportingPoint

Row = Mapping[str, Any]
SHAPES = {"threat": "▲", "minor": "▲", "doxing": "◆", "address": "◆", "hate": "■", "scam": "●", "abuse": "■"}
STANDS = {"unverified": ("◇", "doubt"), "checked": ("●", "open"), "false": ("✕", "bad")}
MOST_SHOWN = 10
HEAD = 120
"""Posts of which evidence is listed."""


def suspect(row: Row, words: Words, now: datetime) -> str:
    """A candidate in two lines, without its words."""
    flags = list(row["flags"]) or (["abuse"] if row["category"] == "abuse" else [])
    chips = [chip(f"harm-{flag}", SHAPES.get(flag, "■"), words.word("harm", flag)) for flag in flags]
    chips.append(f'<span class="what">{escape(words.word("category", row["category"]))}</span>')
    if row["proposer"]:
        said = words.say("moderation.proposed", who=row["proposer"], reason=words.word("reason", row["code"]))
        chips.append(chip("proposal", "◐", said))
    if row["reports"]:
        places = ", ".join(shorten(clean(where), characters=60, lines=1) for where in dict.fromkeys(row["reports"]))
        chips.append(chip("reported", "✓", words.say("moderation.reported", where=places)))
    return (
        f'<article class="suspect"><p class="states">{" ".join(chips)}</p>'
        f'<p class="meta"><span>{escape(words.ago(row["last_seen"], now))} ({escape(words.clock(row["last_seen"], now))})</span> '
        f'<span class="seen">{escape(words.count("review.posts", row["posts"]))}</span> '
        f"{link(row['network'], row['url'], words)}</p></article>"
    )


def words_of(row: Row, words: Words) -> str:
    """The text of a post, for who asked to read it; of X there is none."""
    if row["network"] == UNALTERED:
        return f'<p class="text absent">{escape(words.say("review.unaltered"))}</p>'
    text = covered(row["text"])
    return (
        f'<p class="text" dir="auto">{escape(text)}</p>'
        if text
        else f'<p class="absent">{escape(words.say("card.no_text"))}</p>'
    )


def step(number: int, name: str, playbook: Playbook | None, words: Words) -> str:
    """The heading of one of the three steps, with what the plan says of it."""
    told = next((one for one in playbook.moderation.steps if one.id == name), None) if playbook else None
    what = f'<p class="note">{escape(told.what.in_language(words.language))}</p>' if told else ""
    return f'<h4><span class="letter">{number}</span> {escape(words.word("step", name))}</h4>{what}'


def points(moderation: Moderation, words: Words) -> str:
    """Where to report, country by country, and what makes it worse."""
    found = sorted(moderation.reporting_points, key=lambda point: point.country)
    blocks = []
    for country, group in groupby(found, key=lambda point: point.country):
        items = "".join(
            f"<li><strong>{escape(point.name)}</strong>{_number(point)} {escape(point.about.in_language(words.language))}</li>"
            for point in group
        )
        blocks.append(f"<h4>{escape(words.word('country', country))}</h4><ul>{items}</ul>")
    worse = "".join(f"<li>{escape(each.in_language(words.language))}</li>" for each in moderation.dont)
    avoid = f'<h4 class="dont">{escape(words.say("plan.dont"))}</h4><ul>{worse}</ul>' if worse else ""
    return "".join(blocks) + avoid


def _number(point: ReportingPoint) -> str:
    told = point.number if point.number != point.name else None
    return f' <span class="number">{escape(told)}</span>' if told else ""


def evidence(rows: pl.DataFrame, kept: bool, words: Words) -> str:
    """Link, time and hash of each post, and whether that is kept already."""
    items = "".join(
        f"<li>{link(row['network'], row['url'], words)} <time>{escape(_moment(row['created_at'], words))}</time> "
        f"<code>{escape(row['sha256'][:16])}…</code></li>"
        for row in rows.head(MOST_SHOWN).iter_rows(named=True)
    )
    left = rows.height - MOST_SHOWN
    more = f'<p class="note">{escape(words.count("card.more", left))}</p>' if left > 0 else ""
    head = words.say("moderation.kept" if kept else "moderation.would_keep")
    return f'<p class="note">{escape(head)}</p><ul class="evidence">{items}</ul>{more}'


def _moment(iso: str, words: Words) -> str:
    local = datetime.fromisoformat(iso).astimezone(words.zone)
    return f"{local:%Y-%m-%d %H:%M:%S}"


def gone(row: Row, words: Words, now: datetime) -> str:
    """One that is hidden: why, by whom, when; without its words."""
    said = words.say("moderation.hidden_by", who=row["who"], time=words.clock(row["decided_at"], now))
    scope = chip("state-unknown", "○", words.say("moderation.one_post")) if row["post"] else ""
    return (
        f'<article class="suspect"><p class="states">{chip("harm-abuse", "■", words.word("reason", row["code"]))} {scope}</p>'
        f'<p class="meta"><span>{escape(said)}</span> {link(row["network"], row["url"], words)}</p></article>'
    )


def claim(told: Claim, words: Words, now: datetime) -> str:
    """A claim: how it stands, how often it was seen, the plan's answer."""
    shape, colour = STANDS[told.found]
    chips = [chip(f"stands-{colour}", shape, words.word("found", told.found))]
    if told.last and told.found != "unverified":
        said = words.say(
            "rumours.by",
            source=told.last["source"],
            who=told.last["who"],
            time=words.clock(told.last["decided_at"], now),
        )
        chips.append(f'<span class="what">{escape(said)}</span>')
    if told.unjudged:
        chips.append(chip("proposal", "◐", words.count("rumours.new", told.unjudged)))
    head = told.known.question.in_language(words.language) if told.known else _told_most(told, words)
    first = told.rows[0]
    where = link(first["network"], first["url"], words)
    counted = f"{words.count('review.posts', told.posts)} · {words.count('review.wordings', len(told.rows))}"
    answer = (
        f"<p><strong>{escape(words.say('rumours.answer'))}</strong> {escape(told.known.answer.in_language(words.language))}</p>"
        if told.known
        else f'<p class="note">{escape(words.say("rumours.no_answer"))}</p>'
    )
    return (
        f'<article class="claim"><h3>{escape(head)}</h3><p class="states">{" ".join(chips)}</p>'
        f'<p class="meta"><span class="seen">{escape(counted)}</span> {where}</p>{answer}</article>'
    )


def _told_most(told: Claim, words: Words) -> str:
    """What goes round, in the words seen most of those that may be shown."""
    shown = (row for row in told.rows if row["network"] != UNALTERED)
    row = max(shown, key=lambda row: row["posts"], default=None)
    text = shorten(covered(row["text"]), characters=HEAD, lines=1) if row else ""
    return f"“{text}”" if text else words.say("rumours.unknown")


def wordings(told: Claim, words: Words) -> str:
    """The wordings of a claim, numbered, with how often each was seen."""
    items = "".join(
        f'<li><span class="seen">{escape(words.count("review.posts", row["posts"]))}</span> '
        f"{link(row['network'], row['url'], words)}{words_of(row, words)}</li>"
        for row in told.rows
    )
    return f'<ol class="members">{items}</ol>'


def expected(playbook: Playbook, words: Words) -> str:
    """The rumours the plan expects, each with its answer and who confirms it."""
    items = "".join(
        f"<dt>{escape(one.question.in_language(words.language))}</dt><dd>{escape(one.answer.in_language(words.language))}"
        f'<span class="who">{escape(one.source.in_language(words.language))}</span></dd>'
        for one in playbook.rumours
    )
    return f'<dl class="rumours">{items}</dl>'
