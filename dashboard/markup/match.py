"""The HTML of what fits what: reasons, misfits, proposals, matches, and the texts to send to both sides.

Owns the words for the codes of `dedupe.deciding.matching`. Every value from outside passes `escape`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from dashboard.markup import cards, life
from dashboard.words import LANGUAGES, Language, Words, words

Row = Mapping[str, Any]

DOUBTS = ("partial", "places_unknown", "km_unknown", "unknown")
"""Reasons that are rather a question than a reason."""
OUTCOMES = {None: ("outcome-open", "◆"), "arrived": ("outcome-arrived", "■"), "fell_through": ("outcome-fell", "✕")}
STRANGERS: Language = "en"
"""What those are written in whose language we do not speak."""


def asked(row: Row, said: Words, now: datetime, me: str) -> str:
    """A record that waits, short."""
    return (
        f'<div class="asked kind-{cards.kind_of(row)}"><span class="states">{life.chips(row, said, now, me)}</span> '
        f'<span class="meta">{escape(said.ago(row["first_seen"], now))}</span>{cards.text(row, said, characters=90)}</div>'
    )


def label(row: Row, said: Words) -> str:
    """What a record is, for the label of a button."""
    parts = [said.word("kind", cards.kind_of(row)), life.places(row, said), cards.place(row, said)]
    return cards.label(" · ".join(part for part in parts if part))


def fit(row: Row, pair: Row, said: Words, now: datetime, me: str) -> str:
    """The other side of a pair (`row`) with why it fits (`pair`, of `matching.Fits`)."""
    reasons = "".join(_reason(reason, said) for reason in pair["reasons"])
    return (
        f'<article class="fit kind-{cards.kind_of(row)}"><h3>{cards.heading(row, said)}</h3>'
        f'<p class="states">{life.chips(row, said, now, me)}</p><ul class="reasons">{reasons}</ul>'
        f"{cards.text(row, said, characters=160)}"
        f'<p class="meta">{cards.link(row["network"], row["url"], said)}</p></article>'
    )


def _reason(reason: Row, said: Words) -> str:
    code, value = reason["code"], reason["value"]
    doubt = code in DOUBTS or code.startswith("ask_")
    return (
        f'<li class="{"doubt" if doubt else "good"}"><span aria-hidden="true">{"?" if doubt else "✓"}</span> '
        f"{escape(_said(code, value, said))}</li>"
    )


def _said(code: str, value: float | None, said: Words) -> str:
    if code.startswith(("ask_", "has_")):
        condition = said.word("condition", code[4:])
        return said.say("fit.ask", condition=condition) if code.startswith("ask_") else condition
    if code in ("km", "origin_km"):
        return said.say(f"fit.{code}", km=said.number(round(value or 0)))
    if code == "until":
        return said.say("fit.until", left=said.span((value or 0) * 3600))
    if code == "fresh":
        return said.say("fit.fresh", minutes=said.span((value or 0) * 60))
    if code == "places" and not value:
        return said.say("fit.exact")
    if code in ("places", "partial"):
        return said.count(f"fit.{code}", int(value or 0))
    return said.word("fit", code)


def misfits(counted: Sequence[tuple[str, int]], said: Words) -> str:
    """How many do not fit, by reason."""
    total = sum(n for _, n in counted)
    parts = ", ".join(f"{said.number(n)} {_misfit(code, said)}" for code, n in counted)
    return f'<p class="note">{escape(said.count("misfit.all", total))}: {escape(parts)}</p>'


def _misfit(code: str, said: Words) -> str:
    known = code in ("other_kind", "taken", "no_places", "ended", "far", "origin_far")
    return said.word("misfit", code) if known else said.word("condition", code)


def both(offer: Row | None, request: Row | None, said: Words) -> str:
    """A request and the offer for it, on two lines."""
    sides = (("request", request), ("offer", offer))
    lines = "".join(
        f'<div class="side kind-{cards.kind_of(row) if row else "none"}"><em>{escape(said.word("side", side))}</em> '
        f"<strong>{cards.heading(row, said) if row else escape(said.say('side.gone'))}</strong>"
        f"{cards.text(row, said, characters=120) if row else ''}</div>"
        for side, row in sides
    )
    return f'<div class="both">{lines}</div>'


def reasons(pair: Row, said: Words) -> str:
    """Why two fit."""
    return f'<ul class="reasons">{"".join(_reason(reason, said) for reason in pair["reasons"])}</ul>'


def matched(row: Row, offer: Row | None, request: Row | None, said: Words, now: datetime) -> str:
    """A match (a row of `pairs.made`) with both its sides."""
    name, shape = OUTCOMES[row["outcome"]]
    state = life.chip(name, shape, said.word("outcome", row["outcome"]))
    who = said.say("match.by", who=life.name(row["who"]), time=said.clock(row["matched_at"], now))
    return (
        f'<article class="made"><p class="states">{state} <strong>{escape(said.count("match.people", row["places"]))}</strong> '
        f'<span class="meta">{escape(who)}</span></p>{both(offer, request, said)}</article>'
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A text to send to one side, in its language; `link` leads to the post to answer."""

    side: str
    language: Language
    text: str
    link: str


def letters(offer: Row, request: Row, places: int, incident: str, said: Words) -> Iterator[Letter]:
    """What to send to who offers and to who asks. It holds nobody's number: they answer, and a person brings them together."""
    for side, row, other in (("offer", offer, request), ("request", request, offer)):
        theirs = words(_language(row, said), said.zone.key)
        text = theirs.count(
            f"letter.{side}", places, incident=incident, what=_what(row, theirs), where=cards.place(other, theirs)
        )
        yield Letter(side=side, language=theirs.language, text=text, link=cards.link(row["network"], row["url"], said))


def _language(row: Row, said: Words) -> Language:
    spoken = (row["lang"] or said.language)[:2]
    return next((language for language in LANGUAGES if language == spoken), STRANGERS)


def _what(row: Row, said: Words) -> str:
    kind = said.word("kind", cards.kind_of(row))
    return f"{kind}, {cards.place(row, said)}" if row["place"] else kind
