"""The HTML of the page of incidents: one in a few lines, and what others write beside our tags. Knows no widgets."""

from __future__ import annotations

from datetime import datetime
from html import escape

import polars as pl

from dashboard.markup.cards import chip
from dashboard.markup.plain import clean, shorten
from dashboard.plans import title
from dashboard.words import Words
from dedupe.incidents import Incident


def incident(shown: Incident, words: Words, now: datetime) -> str:
    """One incident: whether it is open and since when, its tags and spellings, sources and plan."""
    state = (
        chip("state-available", "●", words.say("incident.is_open"))
        if shown.closed_at is None
        else chip("state-expired", "○", words.say("incident.is_closed", time=words.clock(shown.closed_at, now)))
    )
    facts = []
    if shown.opened_at is not None:
        facts.append(words.say("incident.since", time=words.clock(shown.opened_at, now)))
    sources = ", ".join(words.word("source", each) for each in shown.sources) or words.say("incident.all_sources")
    facts.append(words.say("incident.from", sources=sources))
    if shown.playbook:
        facts.append(words.say("incident.by_plan", plan=title(shown.playbook, words.language)))
    return f'<h3>{escape(_short(shown.name))} {state}</h3>{tags(shown)}<p class="note">{escape(" · ".join(facts))}</p>'


def tags(shown: Incident) -> str:
    """Its tags, and smaller the spellings that are watched too."""
    own = "".join(f'<span class="tag"><strong>#{escape(clean(each))}</strong></span>' for each in shown.tags)
    slips = "".join(f'<span class="tag">#{escape(clean(each))}</span>' for each in shown.variants)
    return f'<p class="tags" dir="auto">{own}{slips}</p>'


def beside(rows: pl.DataFrame, words: Words) -> str:
    """What stands beside our tags in posts, counted, as a table (columns of `spellings.beside`)."""
    heads = "".join(
        f'<th scope="col">{escape(words.say(f"incident.{name}"))}</th>' for name in ("tag", "writers", "posts")
    )
    body = "".join(
        f'<tr><th scope="row" dir="auto">#{escape(_short(tag))}{_near(near, words)}</th>'
        f"<td>{escape(words.number(writers))}</td><td>{escape(words.number(posts))}</td></tr>"
        for tag, posts, writers, near in rows.select("tag", "posts", "writers", "near").iter_rows()
    )
    return f'<table class="series beside"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'


def _near(near: bool, words: Words) -> str:
    return f' <span class="note">≈ {escape(words.say("incident.near"))}</span>' if near else ""


def _short(text: str) -> str:
    return shorten(clean(text), characters=80, lines=1)
