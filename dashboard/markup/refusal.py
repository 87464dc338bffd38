"""Why something was not done, in a sentence at the place of the click.

Owns which refusals the board says in its own languages; what else the store says stands there in its English.
"""

from __future__ import annotations

from html import escape

from dashboard.words import Words
from dedupe.errors import DedupeError, Held, NotAllowed, NotFound, StoreBusy, StoreError


def refusal(error: DedupeError, words: Words) -> str:
    """The sentence as an alarm."""
    if isinstance(error, Held):
        said = escape(words.say("refusal.held", who=error.who, time=words.clock(error.until, error.until)))
    elif isinstance(error, StoreBusy):
        said = escape(words.say("refusal.busy"))
    elif isinstance(error, StoreError):
        said = escape(words.say("board.store", sentence=error))
    elif isinstance(error, NotFound):
        said = escape(words.say("refusal.not_found"))
    else:
        key = "refusal.role" if isinstance(error, NotAllowed) else "refusal.other"
        said = f'{escape(words.say(key))} <span lang="en">{escape(str(error))}</span>'
    return f'<p class="alarm" role="alert">{said}</p>'
