"""The HTML of reviewing: two records side by side with the words that differ marked, one record to label, wordings to pick.

Owns the marking. Texts pass `plain` and `mask` first, so that two numbers under the cover look alike: that they differ is said
by the reasons. Knows neither Streamlit nor the store.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from html import escape
from typing import Any

from dashboard.markup.cards import UNALTERED, link
from dashboard.markup.mask import mask
from dashboard.markup.plain import clean, shorten
from dashboard.review import ASKED, Score
from dashboard.words import Words
from dedupe.deciding.review import SHOWN
from dedupe.reading.lexicon import KINDS

Row = Mapping[str, Any]
ASIDE = ".,;:!?#…()\"'“”„«»"
"""What does not make another word of a word."""


def pair(row: Row, words: Words, now: datetime) -> str:
    """The two records of a row of `review.pairs`, and why one asks. What was read in each is told for both, so that those can
    be weighed whose text may not be shown."""
    one = {name: row[name] for name in SHOWN}
    other = {name: row[f"other_{name}"] for name in SHOWN}
    texts: tuple[str | None, str | None] = (None, None)
    if UNALTERED not in (one["network"], other["network"]):
        texts = marked(covered(one["text"]), covered(other["text"]))
    read = [_read(each, words, now) for each in (one, other)]
    told = {fact for fact in FACTS if read[0][fact] or read[1][fact]}
    apart = {fact for fact in told if read[0][fact] != read[1][fact] and fact != "first"}
    sides = "".join(
        _side(each, name, text, _facts({fact: facts[fact] for fact in FACTS if fact in told}, words, apart), words)
        for each, name, text, facts in zip((one, other), "AB", texts, read, strict=True)
    )
    return f'{reasons(row["why"], row["against"], words)}<div class="pair">{sides}</div>'


READ = "review.read"
"""The text that stands for one that may not be shown, where what was read in it follows."""
FACTS = ("kind", "capacity", "place", "until", "conditions", "first")
"""What a record is weighed by, in our words."""


def _read(row: Row, words: Words, now: datetime) -> dict[str, str]:
    """What was read in a record, as text; empty where it does not say."""
    return {
        "kind": words.word("kind", row["kind"]) if row["kind"] in KINDS else "",
        "capacity": words.number(row["capacity"]) if row["capacity"] else "",
        "place": shorten(clean(row["place"]), characters=60, lines=1),
        "until": words.clock(row["until"], now) if row["until"] else "",
        "conditions": ", ".join(words.word("condition", code) for code in row["conditions"] or ()),
        "first": words.clock(row["first_seen"], now),
    }


def _facts(read: Mapping[str, str], words: Words, apart: Collection[str] = ()) -> str:
    """A list of facts; those in `apart` are marked."""
    items = "".join(
        f"<dt>{escape(words.say('review.first_seen') if fact == 'first' else words.word('fact', fact))}</dt>"
        f"<dd>{_value(said, fact in apart, words)}</dd>"
        for fact, said in read.items()
    )
    return f'<dl class="facts">{items}</dl>'


def _value(said: str, differs: bool, words: Words) -> str:
    told = escape(said or words.say("review.unsaid"))
    return f"<mark>{told}</mark>" if differs else told


def reasons(why: str | None, against: str | None, words: Words) -> str:
    """What speaks for one record, and what against."""
    said = (
        [f'<span class="for"><span aria-hidden="true">+</span> {escape(words.word("asks", why))}</span>'] if why else []
    )
    if against:
        said.append(
            f'<span class="against"><span aria-hidden="true">–</span> {escape(words.word("against", against))}</span>'
        )
    return f'<p class="reasons">{" ".join(said)}</p>'


def _side(row: Row, name: str, text: str | None, facts: str, words: Words) -> str:
    return (
        f'<article class="side"><h3><span class="letter">{name}</span> {escape(_what(row, words))}</h3>'
        f"{_text(row, words, text, READ)}{facts}{_meta(row, words)}</article>"
    )


def post(row: Row, words: Words, now: datetime) -> str:
    """The record to label, with what it counts as now and how sure."""
    sure = words.say(
        "review.sure", category=words.word("label", row["category"]), percent=round(row["certainty"] * 100)
    )
    read = {fact: said for fact, said in _read(row, words, now).items() if said}
    return (
        f'<article class="side one"><h3>{escape(sure)}</h3>{_text(row, words, None, READ)}{_facts(read, words)}'
        f"{_meta(row, words)}</article>"
    )


def wording(number: int, row: Row, words: Words, now: datetime) -> str:
    """One wording of a record, numbered."""
    copies = words.count("review.posts", row["copies"])
    why = shorten(clean(words.word("why", row["why"])), characters=120, lines=1)
    return (
        f'<article class="side"><h3><span class="letter">{number}</span> <time>{escape(words.clock(row["created_at"], now))}</time>'
        f' <span class="reason">{escape(why)}</span></h3>{_text(row, words, None)}'
        f'<p class="meta"><span class="seen">{escape(copies)}</span> {link(row["network"], row["url"], words)}</p></article>'
    )


def waiting(many: int, words: Words) -> str:
    """How many there are to answer; near the most that are read, only that there are many."""
    return words.say("review.many_waiting", n=many) if many >= ASKED - 5 else words.count("review.waiting", many)


def learned(score: Score, words: Words) -> str:
    """How many answers there are and what they led to."""
    told = words.count("review.answers", score.labels)
    if score.right is None or score.rules is None:
        return f"{told} {words.say('review.rules_alone')}"
    figures = {
        "right": round(score.right * 100),
        "rules": round(score.rules * 100),
        "n": words.number(score.held_back or 0),
    }
    return f"{told} {words.say('review.learned', **figures)}"


def option(row: Row, words: Words) -> str:
    """A record in one line without a word of its posts, for a list to choose from."""
    return f"{_what(row, words)} · {words.count('review.posts', row['posts'])} · {words.count('review.wordings', row['wordings'])}"


def _what(row: Row, words: Words) -> str:
    parts = [words.word("label", row["category"])]
    if row["kind"] in KINDS:
        parts.append(words.word("kind", row["kind"]))
    if place := shorten(clean(row["place"]), characters=60, lines=1):
        parts.append(place)
    return " · ".join(parts)


def _meta(row: Row, words: Words) -> str:
    seen = words.count("review.posts", row["posts"])
    return f'<p class="meta"><span class="seen">{escape(seen)}</span> {link(row["network"], row["url"], words)}</p>'


def _text(row: Row, words: Words, drawn: str | None, absent: str = "review.unaltered") -> str:
    """The text; of X none, for it may not be altered: the link leads to it, and `absent` names the text that says so."""
    if row["network"] == UNALTERED:
        return f'<p class="note">{escape(words.say(absent))}</p>'
    text = drawn if drawn is not None else escape(covered(row["text"]))
    if not text:
        return f'<p class="text absent">{escape(words.say("card.no_text"))}</p>'
    lang = row["lang"] or ""
    spoken = f' lang="{lang}"' if lang.isascii() and lang.isalpha() and len(lang) <= 3 else ""
    return f'<p class="text" dir="auto"{spoken}>{text}</p>'


def covered(text: str | None) -> str:
    """A text as everyone may read it."""
    return shorten(mask(clean(text)))


def marked(one: str, other: str) -> tuple[str, str]:
    """Both texts as HTML, with the words that only one of them has in their place in `<mark>`."""
    mine, theirs = one.split(), other.split()
    matcher = SequenceMatcher(None, _bare(mine), _bare(theirs), autojunk=False)
    left, right = [], []
    for how, a, b, c, d in matcher.get_opcodes():
        left += _stretch(mine[a:b], how != "equal")
        right += _stretch(theirs[c:d], how != "equal")
    return " ".join(left), " ".join(right)


def _bare(tokens: Sequence[str]) -> list[str]:
    return [token.casefold().strip(ASIDE) or token for token in tokens]


def _stretch(tokens: Sequence[str], differs: bool) -> list[str]:
    said = escape(" ".join(tokens))
    return [f"<mark>{said}</mark>" if differs else said] if said else []
