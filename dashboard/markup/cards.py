"""The HTML of what the board lists: cards, the reasons why posts are one, figures.

Owns the markup. Every value that came from outside passes `escape` on its way in, and every text of a post passes
`plain` and `mask` before that. Knows neither Streamlit nor the store.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

from dashboard.markup import life
from dashboard.markup.life import SHAPES as SHAPES
from dashboard.markup.life import chip as chip
from dashboard.markup.mask import mask
from dashboard.markup.plain import MOST_CHARACTERS, MOST_LINES, clean, safe_link, shorten
from dashboard.words import Words
from dedupe.reading.lexicon import KINDS

Row = Mapping[str, Any]

UNALTERED = "x"
"""The network whose posts may not be altered when shown, and are therefore not shown but linked to."""

WEIGHED_BY = {"examples": "examples", "learned from labels": "labels", "a person said so": "person"}
"""What the reason of a category begins with where it was not the word lists that said it, and our word for that."""

MARKS = re.compile(r"([\\`*_{}\[\]()#+!$:<>~|.-])")


def card(row: Row, words: Words, now: datetime, me: str = "") -> str:
    """One record (columns of `queries.records` or `lives.standing`) as a card; `me` is who looks."""
    return (
        f'<article class="card kind-{kind_of(row)}"><h3>{heading(row, words)}</h3>'
        f'<p class="states">{life.chips(row, words, now, me)}</p>{text(row, words)}'
        f'<p class="meta">{_freshness(row, words, now)} {life.ends(row, words, now)} '
        f'<span class="seen">{escape(_seen(row, words))}</span> {link(row["network"], row["url"], words)}</p></article>'
    )


def line(row: Row, words: Words, now: datetime, me: str = "") -> str:
    """The same on a line of a dense list."""
    return (
        f'<div class="line kind-{kind_of(row)}"><strong>{heading(row, words)}</strong> '
        f'<span class="states">{life.chips(row, words, now, me)}</span> '
        f'<span class="meta">{_freshness(row, words, now)} <span class="seen">{escape(_seen(row, words))}</span></span>'
        f"{text(row, words, characters=110)}</div>"
    )


def kind_of(row: Row) -> str:
    """The kind of a record if there is a drawing of it, else none."""
    return row["kind"] if row["kind"] in KINDS else "none"


def heading(row: Row, words: Words) -> str:
    """What, how many and where; and how far, where a town to measure from was chosen."""
    facts = [f'<span class="place">{escape(place(row, words))}</span>']
    if row.get("km") is not None:
        facts.append(f'<span class="far">{escape(words.say("card.km", km=words.number(round(row["km"]))))}</span>')
    if how_many := life.places(row, words):
        facts.insert(0, f'<span class="capacity">{escape(how_many)}</span>')
    icon = '<span class="icon" aria-hidden="true"></span>'
    return f"{icon}{escape(words.word('kind', kind_of(row)))} {' '.join(facts)}"


def place(row: Row, words: Words) -> str:
    """The town, as text."""
    return shorten(clean(row["place"]), characters=60, lines=1) or words.say("card.no_place")


def text(row: Row, words: Words, *, characters: int = MOST_CHARACTERS) -> str:
    """The words of the post that stands for a record, covered and cut to `characters`; of X nothing."""
    if row["network"] == UNALTERED:
        return ""
    lines = 1 if characters < MOST_CHARACTERS else MOST_LINES
    text = shorten(mask(clean(row["text"])), characters=characters, lines=lines)
    if not text:
        return f'<p class="text absent">{escape(words.say("card.no_text"))}</p>'
    lang = row["lang"] or ""
    spoken = f' lang="{lang}"' if lang.isascii() and lang.isalpha() and len(lang) <= 3 else ""
    return f'<p class="text" dir="auto"{spoken}>{escape(text)}</p>'


def _freshness(row: Row, words: Words, now: datetime) -> str:
    repeated = row["last_confirmed"] and row["last_confirmed"] > row["first_seen"]
    moment = row["last_confirmed"] if repeated else row["first_seen"]
    verb = words.say("card.confirmed" if repeated else "card.written")
    return (
        f'<span class="fresh">{escape(verb)} {escape(words.ago(moment, now))} '
        f'<time datetime="{moment.isoformat()}">({escape(words.clock(moment, now))})</time></span>'
    )


def _seen(row: Row, words: Words) -> str:
    return f"{words.count('card.seen', row['posts'])} {words.count('card.networks', row['networks'])}"


def link(network: str, url: str | None, words: Words) -> str:
    """A link to a post that says which host it leads to; the network's name when there is nowhere safe to go."""
    found = safe_link(url)
    if found is None:
        return f'<span class="network">{escape(shorten(clean(words.word("network", network)), characters=40))}</span>'
    address, host = found
    said = words.say("card.view_x" if network == UNALTERED else "card.open", host=host)
    return f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer nofollow">{escape(said)}</a>'


def why(rows: Sequence[Row], posts: int, words: Words, now: datetime) -> str:
    """The posts of a record (columns of `queries.members`) with what links each; `posts` is how many there are."""
    items = "".join(_member(row, words, now) for row in rows)
    left = posts - len(rows)
    more = f'<p class="note">{escape(words.count("card.more", left))}</p>' if left > 0 else ""
    return f'<ol class="members">{items}</ol>{more}'


def _member(row: Row, words: Words, now: datetime) -> str:
    said = words.word("why", row["why"])
    text = ""
    if row["network"] != UNALTERED:
        text = (
            f'<span class="text" dir="auto">{escape(shorten(mask(clean(row["text"])), characters=160, lines=2))}</span>'
        )
    return (
        f"<li><time>{escape(words.clock(row['created_at'], now))}</time> "
        f'<span class="reason">{escape(shorten(clean(said), characters=120, lines=1))}</span> '
        f"{link(row['network'], row['url'], words)} {text}</li>"
    )


def reading(said: str, words: Words) -> str:
    """What made the category and the facts of a record, as `queries.reading` gives it; empty when there is nothing."""
    lines = [line.partition(": ") for line in said.splitlines()]
    items = "".join(
        f'<li><span class="fact">{escape(words.word("fact", fact))}</span> {_made(fact, made, words)}</li>'
        for fact, _, made in lines
    )
    return f'<h4>{escape(words.say("card.reading"))}</h4><ul class="reading">{items}</ul>' if items else ""


def _made(fact: str, made: str, words: Words) -> str:
    """The words that made a fact; of a category, where it was not the lists that weighed them, also what did."""
    told = made
    by = next((code for code in WEIGHED_BY if fact == "category" and made.startswith(code)), None)
    if by is not None:
        told = made.removeprefix(by).removeprefix(": ")
    quoted = escape(shorten(mask(clean(told)), characters=160, lines=1))
    if fact != "category":
        return f"<q>{quoted}</q>"
    return f"{escape(words.word('because', WEIGHED_BY[by]))} {quoted}".strip() if by is not None else quoted


def figures(counted: Mapping[str, tuple[int, int]], read: int, words: Words) -> str:
    """The figures line. `counted` maps each category to its records and posts; `read` is how many posts came in."""
    offers, about = counted.get("offer", (0, 0))
    requests, _ = counted.get("request", (0, 0))
    collapsed = words.say("figures.collapsed", posts=words.number(about), records=words.number(offers))
    shown = [
        (words.number(offers), words.count("figures.offers", offers), "main"),
        (words.number(requests), words.count("figures.requests", requests), "main"),
        (words.number(read), words.count("figures.posts", read), ""),
        (collapsed, words.say("figures.collapsed_label"), ""),
    ]
    items = "".join(
        f'<li class="{name}"><strong>{escape(figure)}</strong> {escape(said)}</li>' for figure, said, name in shown
    )
    rest = ", ".join(
        f"{words.number(records)} {words.word('category', category)}"
        for category, (records, _) in counted.items()
        if category not in ("offer", "request")
    )
    line = f'<p class="note">{escape(words.say("figures.rest"))}: {escape(rest)}</p>' if rest else ""
    return f'<ul class="figures">{items}</ul>{line}'


def notice(text: str, kind: str = "note") -> str:
    """A sentence of ours, or of an error, standing on its own."""
    return f'<p class="{escape(kind)}">{escape(text)}</p>'


def label(text: str) -> str:
    """`text` for the label of a widget, which Streamlit would read as Markdown."""
    return MARKS.sub(r"\\\1", text)
