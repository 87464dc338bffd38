"""Why something did not happen, in a sentence at the place of the click.

Owns the words for what the store refuses. What it has no words for stands there in the store's own English.
"""

from __future__ import annotations

import re
from datetime import datetime
from html import escape

from dashboard.markup.life import name
from dashboard.words import Words
from dedupe.errors import Held, NotAllowed, NotFound, StoreBusy, StoreError

SAID = (
    (re.compile(r"The (?P<what>offer|request) is (?P<state>\w+): say first"), "gone"),
    (re.compile(r"(?P<asked>-?\d+) is no number of places here: (?P<n>\d+) can"), "places"),
    (re.compile(r"(Nobody has it:|You do not have it)"), "not_held"),
    (re.compile(r"That decision was taken back"), "undone"),
    (re.compile(r"Somebody else has it since"), "given"),
    (re.compile(r"Say why you need the contact"), "why"),
    (re.compile(r"A note has 1 to"), "empty"),
    (re.compile(r"No post proposes"), "answered"),
    (re.compile(r"Claim it first"), "claim_first"),
    (re.compile(r"(?P<who>.+) has it until \d\d:\d\d UTC"), "held_by"),
    (re.compile(r"(?P<who>.+) did that: ask them"), "others"),
    (re.compile(r"What came of it was said"), "outcome"),
    (re.compile(r".+ (is|are) one record"), "one_already"),
    (re.compile(r"Pick some posts of the record"), "pick"),
    (re.compile(r".+ is hidden already"), "hidden"),
    (re.compile(r".+ is not hidden"), "shown"),
    (re.compile(r"You proposed to hide it"), "second"),
    (re.compile(r"Say where it was reported"), "where"),
    (re.compile(r"Say who confirms it"), "source"),
    (re.compile(r"(?P<who>.+) (did that|took that version over) already"), "done_already"),
)
"""By the beginning of the store's sentence: the text `refused.*` that says the same."""


def refusal(error: Exception, words: Words, now: datetime) -> str:
    """The sentence for an error of the store as HTML."""
    if isinstance(error, Held):
        said = words.say("refused.held", who=name(error.who), time=words.clock(error.until, now))
        return _sentence(said)
    if isinstance(error, StoreBusy):
        return _sentence(words.say("refused.busy"))
    if isinstance(error, StoreError):
        return _sentence(words.say("board.store", sentence=error))
    if isinstance(error, NotFound):
        return _sentence(words.say("refused.not_found"))
    if isinstance(error, NotAllowed) and not _known(str(error), words):
        return _sentence(words.say("refused.role"))
    return f'<p class="alarm" role="alert">{sentence(str(error), words)}</p>'


def sentence(told: str, words: Words) -> str:
    """The store's sentence in the reader's words where there are any, else as it stands, as HTML without a frame."""
    known = _known(told, words)
    return escape(known) if known else f'{escape(words.say("refused.other"))} <span lang="en">{escape(told)}</span>'


def _known(told: str, words: Words) -> str | None:
    for pattern, key in SAID:
        if found := pattern.match(told):
            return words.say(f"refused.{key}", **_values(found, words))
    return None


def _values(found: re.Match[str], words: Words) -> dict[str, str]:
    told = found.groupdict()
    tables = {"what": "what", "state": "state"}
    return {key: words.word(tables[key], value) if key in tables else value for key, value in told.items()}


def _sentence(said: str) -> str:
    return f'<p class="alarm" role="alert">{escape(said)}</p>'
