"""Why something did not happen, in a sentence at the place of the click.

Owns the words for what the store refuses: the text `refused.<code>` says the same as the refusal's own English. A plan that is
refused is told of in `problems.py`. What has no code stands there in its English.
"""

from __future__ import annotations

from datetime import datetime
from html import escape

from dashboard.markup.life import name
from dashboard.markup.problems import told
from dashboard.words import Words
from dedupe.errors import NotFound, Refusal, StoreBusy, StoreError
from playbooks.errors import PlaybookError


def refusal(error: Exception, words: Words, now: datetime) -> str:
    """The sentence for an error of the store as HTML, to be read out at once."""
    return f'<p class="alarm" role="alert">{sentence(error, words, now)}</p>'


def sentence(error: Exception, words: Words, now: datetime) -> str:
    """The same without its frame."""
    if isinstance(error, Refusal | NotFound | StoreError | PlaybookError):
        return escape(spoken(error, words, now))
    return f'{escape(words.say("refused.other"))} <span lang="en">{escape(str(error))}</span>'


def spoken(error: Exception, words: Words, now: datetime) -> str:
    """The same as text."""
    if isinstance(error, Refusal):
        values = {key: _value(key, value, words, now) for key, value in error.values.items()}
        return words.say(f"refused.{error.said}", **values)
    if isinstance(error, StoreBusy):
        return words.say("refused.busy")
    if isinstance(error, StoreError):
        return words.say("board.store", sentence=error)
    if isinstance(error, PlaybookError):
        return told(error.problems, words)
    if isinstance(error, NotFound):
        return words.say("refused.not_found")
    return str(error)


def _value(key: str, value: object, words: Words, now: datetime) -> str:
    """What stands in the sentence, as the reader's language writes it."""
    if isinstance(value, datetime):
        return words.clock(value, now)
    if isinstance(value, int):
        return words.number(value)
    return words.word(key, str(value)) if key in ("what", "state") else name(str(value))
