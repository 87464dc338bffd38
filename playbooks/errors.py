"""What can be wrong with a plan, told so that a planner can mend it.

PlaybookError                the plan cannot be used; `problems` holds every reason at once
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from playbooks.sentences import SENTENCES, WARNINGS

Level = Literal["error", "warning"]

SHOWN = 40
"""How many characters of the planner's own text a message repeats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A value that is a word of ours, and so another one in another language. `code` names it, `english` says it."""

    code: str
    english: str

    def __str__(self) -> str:
        return self.english


Filling: TypeAlias = str | int | Term


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing to mend: a sentence by its code, with its values. `line` and `column` count from 1; both are 1 when the
    file as a whole is meant."""

    file: str
    line: int
    column: int
    said: str
    values: Mapping[str, Filling] = field(default_factory=dict, hash=False)

    @property
    def level(self) -> Level:
        """Whether it keeps the plan from being used."""
        return "warning" if self.said in WARNINGS else "error"

    @property
    def what(self) -> str:
        """What is wrong, in English."""
        return SENTENCES[self.said][0].format_map(self.values)

    @property
    def expected(self) -> str:
        """What should have stood there, in English."""
        return SENTENCES[self.said][1].format_map(self.values)

    @property
    def mend(self) -> str:
        """How to mend it, in English."""
        return SENTENCES[self.said][2].format_map(self.values)

    def __str__(self) -> str:
        """`file:line:column: what; expected …; how to mend`, a form editors turn into a link."""
        kind = "warning: " if self.level == "warning" else ""
        return f"{self.file}:{self.line}:{self.column}: {kind}{self.what}; expected {self.expected}; {self.mend}"


class PlaybookError(Exception):
    """The plan is refused. `problems` has every error and warning, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        errors = [problem for problem in self.problems if problem.level == "error"]
        super().__init__("\n".join(str(problem) for problem in errors))


def shown(text: str) -> str:
    """The planner's own `text`, short and printable, between backticks."""
    short = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
    return "`" + "".join(c if c.isprintable() else ascii(c)[1:-1] for c in short) + "`"
