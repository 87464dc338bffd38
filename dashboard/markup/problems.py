"""What is wrong with a plan, in the language of the reader.

Owns the sentences for a problem: the text `problem.<code>` has three lines, what, what was expected, how to mend it, and says the
same as the English of `playbooks`. Knows not how a problem is found.
"""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.words import Words
from playbooks.errors import Filling, Problem, Term

MOST_TOLD = 3
"""Problems in one notice."""


def parts(problem: Problem, words: Words) -> tuple[str, str, str]:
    """What is wrong, what was expected, how to mend it."""
    values = {name: _value(value, words) for name, value in problem.values.items()}
    what, expected, mend = str(words.texts[f"problem.{problem.said}"]).format_map(values).split("\n")
    return what, words.say("planner.expected", what=expected), mend


def sentence(problem: Problem, words: Words) -> str:
    """The three in one sentence."""
    return "; ".join(parts(problem, words))


def told(problems: Sequence[Problem], words: Words) -> str:
    """The first few errors of a plan, each with its file and place, line by line."""
    errors = [problem for problem in problems if problem.level == "error"][:MOST_TOLD]
    return "\n".join(
        f"{one.file}, {words.say('planner.place', line=one.line, column=one.column)}: {sentence(one, words)}"
        for one in errors
    )


def _value(value: Filling, words: Words) -> str:
    return words.say(f"term.{value.code}") if isinstance(value, Term) else str(value)
