"""The HTML of what the board lists: cards, the reasons why posts are one, figures.

Owns the markup. Every value that came from outside passes `escape` on its way in, and every text of a post passes
`plain` and `mask` before that. Knows neither Streamlit nor the store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

from dashboard.markup.mask import mask
from dashboard.markup.plain import clean, safe_link, shorten
from dashboard.words import Words

Row = Mapping[str, Any]

UNALTERED = "x"
"""The network whose posts may not be altered when shown, and are therefore not shown but linked to."""

SHAPES = {
    "available": "●",
    "asked": "◇",
    "claimed": "◆",
    "matched": "■",
    "full": "▲",
    "withdrawn": "✕",
    "expired": "○",
    "unknown": "?",
}
KINDS = ("bed", "ride", "food", "shower", "charging", "material", "care", "animal")


def card(row: Row, words: Words, now: datetime) -> str:
    """One record (columns of `queries.records`) as a card."""
    kind = row["kind"] if row["kind"] in KINDS else "none"
    place = shorten(clean(row["place"]), characters=60, lines=1) or words.say("card.no_place")
    facts = [f'<span class="place">{escape(place)}</span>']
    if row["capacity"]:
        capacity = words.count(f"card.capacity_{row['category']}", row["capacity"])
        facts.insert(0, f'<span class="capacity">{escape(capacity)}</span>')
    return (
        f'<article class="card kind-{kind}"><h3><span class="icon" aria-hidden="true"></span>'
        f"{escape(words.word('kind', kind))} {' '.join(facts)}</h3>"
        f'<p class="states">{_states(row, words)}</p>{_text(row, words)}'
        f'<p class="meta">{_freshness(row, words, now)} <span class="seen">{escape(_seen(row, words))}</span> '
        f"{link(row['network'], row['url'], words)}</p></article>"
    )


def _states(row: Row, words: Words) -> str:
    untouched = row["state"] in (None, "available")
    state = "asked" if untouched and row["category"] == "request" else row["state"] or "available"
    known = state if state in SHAPES else "unknown"
    chips = [chip(f"state-{known}", SHAPES[known], words.word("state", state))]
    if row["proposal"] and untouched:
        chips.append(chip("proposal", "◐", words.word("proposal", row["proposal"])))
    return " ".join(chips)


def chip(name: str, shape: str, word: str) -> str:
    """A state as a shape, a word and, by `name`, a colour."""
    return f'<span class="chip {name}"><span aria-hidden="true">{shape}</span> {escape(word)}</span>'


def _text(row: Row, words: Words) -> str:
    if row["network"] == UNALTERED:
        return ""
    text = shorten(mask(clean(row["text"])))
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
