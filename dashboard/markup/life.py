"""The HTML of how an offer or request stands: its state, who has it, places left, until when, and what was done with it.

Owns the words for the codes of `dedupe.deciding.life`. Every value from outside passes `escape`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any

from dashboard.markup.mask import mask
from dashboard.markup.plain import clean, shorten
from dashboard.words import HOUR, MINUTE, Words
from dedupe.deciding.life import GONE, OPEN

Row = Mapping[str, Any]

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
UNANSWERED = (*OPEN, "expired", None)
"""States in which it still matters what a post proposes."""
FLAGS = {"danger": "▲"}
"""Flags that are shown to everyone; the others are for moderators."""


def chip(name: str, shape: str, word: str) -> str:
    """A state as a shape, a word and, by `name`, a colour."""
    return f'<span class="chip {name}"><span aria-hidden="true">{shape}</span> {escape(word)}</span>'


def chips(row: Row, words: Words, now: datetime, me: str = "") -> str:
    """The state of a record, who holds it until when, and what a post proposes; `me` is who looks."""
    state = row["state"] or "available"
    if state == "available" and row["category"] == "request":
        state = "asked"
    known = state if state in SHAPES else "unknown"
    shown = [
        chip(f"flag-{flag}", FLAGS[flag], words.word("flag", flag))
        for flag in FLAGS
        if flag in (row.get("flags") or ())
    ]
    shown.append(chip(f"state-{known}", SHAPES[known], f"{words.word('state', state)}{_held(row, words, now, me)}"))
    if row["proposal"] and row["state"] in UNANSWERED:
        shown.append(chip("proposal", "◐", proposal(row, words)))
    return " ".join(shown)


def _held(row: Row, words: Words, now: datetime, me: str) -> str:
    if not row.get("holder"):
        return ""
    mine = row["holder"] == me
    until, left = words.clock(row["held_until"], now), remaining(row["held_until"], now, words)
    said = words.say("life.mine" if mine else "life.held", who=name(row["holder"]), time=until)
    return f" · {said} ({left})"


def proposal(row: Row, words: Words) -> str:
    """What a post proposes that nobody answered."""
    if row["proposal"] == "places" and row.get("proposal_places") is not None:
        return words.count("life.proposes_places", row["proposal_places"])
    return words.word("proposal", row["proposal"])


def places(row: Row, words: Words) -> str:
    """How many, and how many of them are left; empty where nobody said."""
    left, capacity = row.get("left"), row["capacity"]
    if not capacity:
        return ""
    if left in (None, 0, capacity):  # that nothing is left, the state says
        return words.count(f"card.capacity_{row['category']}", capacity)
    return words.say(f"life.left_{row['category']}", left=words.number(left), all=words.number(capacity))


def ends(row: Row, words: Words, now: datetime) -> str:
    """Until when it stands, or since when not."""
    end = row.get("expires_at")
    if end is None or row["state"] in GONE:
        return ""
    if row["state"] == "expired":
        said = words.say(
            f"life.expired_{'until' if row['why'] == 'until' else 'unconfirmed'}", time=words.clock(end, now)
        )
    else:
        said = words.say("life.until" if end == row["until"] else "life.expires", time=words.clock(end, now))
    return f'<span class="ends">{escape(said)}</span>'


def remaining(end: datetime, now: datetime, words: Words) -> str:
    """How long until `end`, in words."""
    seconds = max(0, (end - now).total_seconds())
    if seconds < HOUR:
        return words.say("life.minutes_left", n=int(-(-seconds // MINUTE)))
    return words.say("life.hours_left", h=int(seconds // HOUR), m=int(seconds % HOUR // MINUTE))


def facts(row: Row, words: Words) -> str:
    """Of an opened record, why it stands as it does: matched, said by whom, how many claims."""
    said = []
    if row["matched"]:
        said.append(words.count("life.matched", row["matched"]))
    if row["over"]:
        said.append(words.count("life.over", row["over"]))
    if row["said_by"]:
        said.append(words.say("life.said_by", who=name(row["said_by"])))
    if (row["claims"] or 0) > 1:
        said.append(words.count("life.claims", row["claims"]))
    said += [words.word("condition", code) for code in row.get("conditions") or ()]
    return f'<p class="note">{escape(" · ".join(said))}</p>'


def done(row: Row, words: Words, now: datetime) -> str:
    """One decision (columns of `lives.history`) on a line; what was taken back is struck."""
    what = escape(words.word("did", row["action"]))
    if detail := _detail(row, words, now):
        what = f"{what}: {escape(detail)}"
    why = f" <q>{escape(shorten(mask(clean(row['reason'])), characters=160, lines=2))}</q>" if row["reason"] else ""
    back = row["undone_by"]
    undone = f" <em>{escape(words.say('did.undone_by', who=name(back)))}</em>" if back else ""
    what = f"<s>{what}</s>" if back else what
    return (
        f'<p class="did"><time>{escape(words.clock(row["decided_at"], now))}</time> '
        f"<strong>{escape(name(row['who']))}</strong> {what}{why}{undone}</p>"
    )


def _detail(row: Row, words: Words, now: datetime) -> str:
    action = row["action"]
    if action in ("claim", "extend") and row["until"] is not None:
        over = row["until"] <= now and row["undone_by"] is None
        return words.say("did.until_over" if over else "did.until", time=words.clock(row["until"], now))
    if action in ("match", "arrived", "fell_through", "capacity") and row["places"] is not None:
        return words.count("did.places", row["places"])
    if action in ("accept", "refuse"):
        return words.word("proposed", row["value"])
    if action == "state":
        return words.word("state", row["value"])
    if action == "relabel":
        return words.word("category", row["value"])
    if action == "note":
        return shorten(mask(clean(row["value"])), characters=400, lines=6)
    return ""


def name(who: str | None) -> str:
    """A person's name as text."""
    return shorten(clean(who), characters=60, lines=1)
