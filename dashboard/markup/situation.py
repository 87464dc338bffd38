"""The HTML of the situation: figures, places against people, towns, rumours, messages, what changed, who is there.

Owns the markup. Every value from outside passes `escape`; what people or posts wrote passes `clean` and `mask` first, and the
text of a post of X is not shown. Knows neither Streamlit nor the store.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any

import polars as pl

from dashboard.markup.cards import UNALTERED, chip, link, notice
from dashboard.markup.mask import mask
from dashboard.markup.plain import clean, shorten
from dashboard.situation import Changes, Message
from dashboard.words import Words
from playbooks.model import Playbook

TOWNS = 18
"""Towns in the table; the rest is told in one row."""
NAME, TEXT = 60, 200
NOTE = 2_000
REST = ("information", "sympathy", "blame", "rumour", "abuse", "other")


def figures(balance: pl.DataFrame, closed: Mapping[str, int], words: Words) -> str:
    """What is open in all, and what is open no more."""
    sums = {name: int(balance[name].sum()) for name in ("offers", "places", "requests", "people")}
    items = "".join(
        f'<li class="{"main" if main else ""}"><strong>{escape(words.number(sums[name]))}</strong> '
        f"{escape(words.count(f'situation.{name}', sums[name]))}</li>"
        for name, main in (("offers", True), ("places", False), ("requests", True), ("people", False))
    )
    gone = ", ".join(f"{words.word('state', state)} {words.number(n)}" for state, n in closed.items())
    rest = notice(words.say("situation.closed", states=gone)) if gone else ""
    return f'<ul class="figures">{items}</ul>{rest}'


def flagged(flags: Mapping[str, int], totals: pl.DataFrame, words: Words) -> str:
    """What hurts or was flagged, each with how often; that there is none where there is none."""
    hurtful = int(totals.filter(pl.col("category") == "abuse")["records"].sum())
    counted = [(words.word("flag", flag), n) for flag, n in flags.items()]
    counted += [(words.word("category", "abuse"), hurtful)] if hurtful else []
    # The figure comes last: the words are those for one, and for many.
    told = [chip("source-stopped", "▲", f"{word} · {words.number(n)}") for word, n in counted]
    return " ".join(told) or chip("state-available", "●", words.say("situation.no_flags"))


def attention(
    flags: Mapping[str, int], totals: pl.DataFrame, late: int, now: int, words: Words, *, moderates: bool = False
) -> str:
    """What somebody must look at first: what hurts or was flagged, and what the plan asks, with the way there.

    `moderates`: whether who looks may open the page where what hurts is seen to.
    """
    hurts = flagged(flags, totals, words)
    told = [f'<a href="./moderation?lang={words.language}">{hurts}</a>' if moderates else hurts]
    asked = [("late", "state-full", "▲", late), ("now", "state-claimed", "●", now)]
    told += [
        f'<a href="./?lang={words.language}#plan">{chip(colour, shape, words.count(f"situation.plan_{name}", n))}</a>'
        for name, colour, shape, n in asked
        if n
    ]
    return f'<p class="flags"><strong>{escape(words.say("situation.flags"))}</strong> {" ".join(told)}</p>'


def verdict(kind: str | None, short: int, words: Words) -> str:
    """Short or enough, as a shape, a word and a colour; of what does not say which kind neither can be told."""
    if kind is None:
        return chip("state-unknown", "?", words.say("situation.read_first"))
    if short:
        return chip("state-full", "▲", words.count("situation.short", short))
    return chip("state-available", "●", words.say("situation.enough"))


def sort(kind: str | None, words: Words) -> str:
    """The word for a kind of help, in a list of kinds."""
    return words.say("situation.unsaid") if kind is None else words.word("kind", kind)


def balance(rows: pl.DataFrame, words: Words) -> str:
    """Places against people as a table. `rows` as `situation.balance`."""
    if rows.is_empty():
        return notice(words.say("situation.nothing_open"))
    body = [
        [
            sort(row["kind"], words),
            *(words.number(row[name]) for name in ("offers", "places", "requests", "people")),
        ]
        for row in rows.iter_rows(named=True)
    ]
    chips = [verdict(kind, short, words) for kind, short in rows.select("kind", "short").iter_rows()]
    return table(words, ("kind", "offers", "places", "requests", "people", "stands"), body, chips) + notice(
        words.say("situation.counted")
    )


def towns(rows: pl.DataFrame, words: Words) -> str:
    """Offers and requests by town and kind, as a table: the map in words. `rows` as `situation.towns`."""
    if rows.is_empty():
        return ""
    shown = rows.head(TOWNS).to_dicts()
    kinds = _kinds(shown)
    heads = "".join(f'<th scope="col"><span>{escape(words.word("kind", kind))}</span></th>' for kind in kinds)
    ends = "".join(
        f'<th scope="col"><span>{escape(words.say(f"column.{name}"))}</span></th>' for name in ("places", "people")
    )
    body = "".join(_town(row, kinds, words) for row in shown)
    more = rows.slice(TOWNS)
    if more.height:
        offers, requests = (words.number(int(more[name].sum())) for name in ("offers", "requests"))
        told = words.count("situation.more_towns", more.height, offers=offers, requests=requests)
        body += f'<tr><th scope="row" colspan="{len(kinds) + 3}">{escape(told)}</th></tr>'
    head = f'<thead><tr><th scope="col">{escape(words.say("column.place"))}</th>{heads}{ends}</tr></thead>'
    label = escape(words.say("heading.towns"))
    drawn = f'<table class="series towns">{head}<tbody>{body}</tbody></table>'
    wide = f'<div class="wide" role="region" aria-label="{label}" tabindex="0">{drawn}</div>'
    return wide + notice(words.say("situation.signs"))


def _kinds(rows: Iterable[Mapping[str, Any]]) -> list[str | None]:
    """The kinds there are, most first."""
    counted: Counter[str | None] = Counter()
    for row in rows:
        for pair in [*(row["kinds"] or []), *(row["wanted"] or [])]:
            counted[pair["kind"]] += pair["records"]
    return [kind for kind, _ in counted.most_common()]


def _town(row: Mapping[str, Any], kinds: Sequence[str | None], words: Words) -> str:
    offered, asked = ({pair["kind"]: pair["records"] for pair in row[name] or []} for name in ("kinds", "wanted"))
    cells = "".join(f"<td>{_cell(offered.get(kind, 0), asked.get(kind, 0), words)}</td>" for kind in kinds)
    place = shorten(clean(row["place"]), characters=NAME, lines=1) or words.say("card.no_place")
    sums = "".join(f"<td>{escape(words.number(row[name]))}</td>" for name in ("places", "people"))
    return f'<tr><th scope="row">{escape(place)}</th>{cells}{sums}</tr>'


def _cell(offers: int, requests: int, words: Words) -> str:
    told = [f'<span class="offered">{escape(words.number(offers))}</span>'] if offers else []
    told += [f'<span class="asked">◇{escape(words.number(requests))}</span>'] if requests else []
    return " ".join(told)


def table(words: Words, names: Sequence[str], rows: Sequence[Sequence[str]], last: Sequence[str] = ()) -> str:
    """A table whose headings are texts `column.*`. `last` is HTML of ours for a last column."""
    heads = "".join(f'<th scope="col">{escape(words.say(f"column.{name}"))}</th>' for name in names)
    ends = [f'<td class="told-last">{each}</td>' for each in last] or [""] * len(rows)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in row[1:])}{end}</tr>'
        for row, end in zip(rows, ends, strict=True)
    )
    return f'<table class="series"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'


def rest(totals: pl.DataFrame, words: Words) -> str:
    """What is no help, counted: unique messages and the posts they came in."""
    counted = {category: (records, posts) for category, records, posts in totals.iter_rows()}
    body = [
        [words.word("category", category), *map(words.number, counted[category])]
        for category in REST
        if category in counted
    ]
    return table(words, ("category", "records", "posts"), body) if body else notice(words.say("situation.no_rest"))


def rumours(rows: pl.DataFrame, words: Words) -> str:
    """The rumours, each with how often it was told. `rows` as `situation.Read.rumours`."""
    if rows.is_empty():
        return notice(words.say("situation.no_rumours"))
    return f'<ul class="brief">{"".join(_rumour(row, words) for row in rows.iter_rows(named=True))}</ul>'


def _rumour(row: Mapping[str, Any], words: Words) -> str:
    elsewhere = row["network"] == UNALTERED
    told = words.say("situation.rumour_x") if elsewhere else shorten(mask(clean(row["text"])), characters=TEXT, lines=2)
    lang = "" if elsewhere else row["lang"] or ""
    spoken = f' lang="{lang}"' if lang.isascii() and lang.isalpha() and len(lang) <= 3 else ""
    said = f'<span class="text" dir="auto"{spoken}>{escape(told)}</span> ' if told else ""
    seen = escape(words.count("card.seen", row["posts"]))
    return f'<li>{said}<span class="note">{seen} · {link(row["network"], row["url"], words)}</span></li>'


def messages(sent: Iterable[Message], playbook: Playbook | None, words: Words, now: datetime) -> str:
    """The messages sent, newest first."""
    plan = {} if playbook is None else {
        action.id: action.what.in_language(words.language) for phase in playbook.phases for action in phase.actions
    }  # fmt: skip
    items = "".join(
        f"<li><time>{escape(words.clock(each.at, now))}</time> "
        f"{escape(plan.get(each.action) or shorten(mask(clean(each.action)), characters=TEXT, lines=2))} "
        f'<span class="note">{escape(" · ".join([_name(each.who), *(words.word("network", one) for one in each.networks)]))}'
        "</span></li>"
        for each in sent
    )
    return f'<ul class="brief">{items}</ul>' if items else notice(words.say("situation.no_messages"))


def changes(changed: Changes, words: Words, now: datetime) -> str:
    """What changed since a moment, and who decided what."""
    told = [
        words.count("since.offers", changed.offers),
        words.count("since.requests", changed.requests),
        words.say(
            "since.matches", matches=words.count("since.matched", changed.matches), places=words.number(changed.places)
        ),
    ]
    outcomes = (("arrived", changed.arrived), ("fell_through", changed.fell_through))
    told += [words.say(f"since.{name}", n=words.number(n)) for name, n in outcomes if n]
    told += [
        words.say(
            f"since.turned_{row['category']}", n=words.number(row["records"]), state=words.word("state", row["state"])
        )
        for row in changed.turned.iter_rows(named=True)
    ]
    items = "".join(f"<li>{escape(each)}</li>" for each in told)
    head = f"<h4>{escape(words.say('since.from', time=words.clock(changed.since, now)))}</h4>"
    return f'{head}<ul class="brief">{items}</ul>{_deeds(changed.deeds, words)}'


def _deeds(rows: pl.DataFrame, words: Words) -> str:
    if rows.is_empty():
        return notice(words.say("since.no_deeds"))
    body = [
        [
            _name(who),
            words.word("role", role),
            ", ".join(f"{words.number(n)} × {words.word('acted', action)}" for action, n in did.select("action", "times").iter_rows()),
        ]
        for (who, role), did in rows.group_by("who", "role", maintain_order=True)
    ]  # fmt: skip
    return table(words, ("who", "role", "deeds"), body).replace('class="series"', 'class="series people"')


def notes(rows: pl.DataFrame, words: Words, now: datetime) -> str:
    """The notes of the shifts, newest first. `rows` as `dedupe.deciding.notes.shift_notes`."""
    items = "".join(
        f'<li><span class="note">{escape(words.clock(row["decided_at"], now))} · {escape(_name(row["who"]))} · '
        f'{escape(words.word("role", row["role"]))}</span><span class="text" dir="auto">'
        f"{escape(shorten(mask(clean(row['text'])), characters=NOTE, lines=40))}</span></li>"
        for row in rows.iter_rows(named=True)
    )
    return f'<ul class="brief notes">{items}</ul>' if items else notice(words.say("shift.none"))


def people(rows: pl.DataFrame, words: Words, now: datetime) -> str:
    """Who came in, as what, since when. `rows` as `dedupe.deciding.notes.people`."""
    items = "".join(
        f'<li>{escape(_name(row["who"]))} <span class="note">{escape(words.word("role", row["role"]))} · '
        f"{escape(words.clock(row['since'], now))}</span></li>"
        for row in rows.iter_rows(named=True)
    )
    return f'<ul class="brief">{items}</ul>' if items else notice(words.say("shift.nobody"))


def _name(who: str) -> str:
    return shorten(clean(who), characters=NAME, lines=1)
