"""The HTML of the desk: how a call reads, a record it may be, and what was taken in. Knows neither Streamlit nor the store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import urlencode

from dashboard.desk import Call
from dashboard.markup import cards
from dashboard.markup.mask import mask
from dashboard.markup.plain import clean, shorten
from dashboard.words import Words
from dedupe.deciding.calls import Draft


def told(text: str, kind: str) -> str:
    """What came of the last click, read aloud where somebody listens."""
    return f'<p class="{escape(kind)}" role="status">{escape(text)}</p>'


def reading(call: Call, read: Draft | None, words: Words, now: datetime) -> str:
    """How the board will read the call, with what it could not make out of it."""
    head = f"<strong>{escape(words.say('desk.reads'))}:</strong>"
    if read is None:
        return f'<p class="note desk-reads">{head} {escape(words.say("desk.reads_none"))}</p>'
    facts = [words.say(f"desk.is_{call.category}"), _kind(read.kind, words)]
    if read.capacity:
        facts.append(words.count(f"card.capacity_{call.category}", read.capacity))
    if read.place:
        facts.append(shorten(clean(read.place), characters=60, lines=1))
    if read.until:
        facts.append(words.say("life.until", time=words.clock(read.until, now)))
    doubts = _doubts(call, read, words)
    told = "".join(f'<p class="todo">⚠ {escape(each)}</p>' for each in doubts)
    return f'<p class="desk-reads">{head} {escape(" · ".join(facts))}</p>{told}'


def _doubts(call: Call, read: Draft, words: Words) -> list[str]:
    doubts = []
    if call.town.strip() and read.place is None:
        doubts.append(words.say("desk.no_town"))
    elif call.town.strip() and clean(call.town).casefold() != str(read.place).casefold():
        doubts.append(words.say("desk.other_town", place=clean(read.place)))
    if read.kind != call.kind:
        doubts.append(words.say("desk.other_kind", kind=_kind(read.kind, words)))
    if call.until.strip() and read.until is None:
        doubts.append(words.say("desk.no_until"))
    if call.places not in (None, read.capacity):
        doubts.append(words.say("desk.other_places"))
    return doubts


def _kind(kind: str | None, words: Words) -> str:
    return words.say(f"desk.some_{kind}") if f"desk.some_{kind}" in words.texts else words.word("kind", kind)


def alike(row: Mapping[str, Any], words: Words, now: datetime) -> str:
    """A record the call may be (columns of `queries.records`, with why and joins), and the way to it on the board."""
    reason = words.word("why", row["why"])
    joins = f" · {words.say('desk.joins')}" if row["joins"] else ""
    wanted = {"show": row["category"], "kind": row["kind"], "place": row["place"], "lang": words.language}
    address = urlencode({name: value for name, value in wanted.items() if value})
    return (
        f'<p class="reason">≈ {escape(shorten(clean(reason), characters=120, lines=1))}{escape(joins)}</p>'
        f"{cards.card(row, words, now)}"
        f'<p><a href="./?{escape(address)}" target="_blank" rel="noopener">{escape(words.say("desk.open"))}</a></p>'
    )


def headline(row: Mapping[str, Any], words: Words) -> str:
    """A call in a few words: what, how many, where."""
    category = row["category"] if row["category"] in ("offer", "request") else "offer"
    facts = [_kind(row["kind"], words)]
    if row["capacity"]:
        facts.append(words.count(f"card.capacity_{category}", row["capacity"]))
    facts.append(shorten(clean(row["place"]), characters=60, lines=1) or words.say("card.no_place"))
    return " · ".join(facts)


def entry(row: Mapping[str, Any], words: Words, now: datetime) -> str:
    """One call that was taken in (columns of `calls.last_calls`)."""
    text = shorten(mask(clean(row["text"])), characters=120, lines=1)
    time = f"<time>{escape(words.clock(row['decided_at'], now))}</time>"
    if row["undone"]:
        return f'<p class="call undone">{time} <s>{escape(text)}</s> {cards.chip("state-withdrawn", "✕", words.say("desk.undone"))}</p>'
    fate = words.say("desk.alone") if row["posts"] == 1 else words.count("card.seen", row["posts"] or 0)
    name = words.word("category", row["category"])
    return (
        f'<p class="call">{time} <strong>{escape(headline(row, words))}</strong> '
        f'<span class="note">{escape(name)} · {escape(fate)}</span><br><span class="note">{escape(text)}</span>'
        f"{_fits(row, words)}</p>"
    )


def _fits(row: Mapping[str, Any], words: Words) -> str:
    """The way to what fits a call, beside the desk: the next call may be half typed."""
    if row["category"] not in ("offer", "request"):
        return ""
    address = urlencode({"side": row["category"], "chosen": row["record"], "lang": words.language})
    return f'<br><a href="match?{escape(address)}" target="_blank" rel="noopener">{escape(words.say("desk.fits"))}</a>'
