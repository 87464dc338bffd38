"""A new plan, begun from one that ships and a few answers.

Owns which questions are asked and what of the plan they change. Where answers come from is the caller's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources.abc import Traversable
from pathlib import Path

from playbooks.edit import Value, edited, unwritable
from playbooks.errors import PlaybookError, Problem
from playbooks.loader import load_playbook, parse_playbook, shipped
from playbooks.model import Playbook
from playbooks.schema import schema_text

SCHEMA_FILE = "helpt-playbook.schema.json"
MODELINE = re.compile(r"\$schema=\S+")
REVIEW = timedelta(days=365)

Ask = Callable[[str], str]
"""A question -> what was answered, empty for nothing; EOFError when nobody is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing to know before a plan can begin. `default` None means that it must be answered."""

    name: str
    asks: str
    choices: tuple[str, ...] = ()
    default: str | None = None

    def takes(self, told: str) -> bool:
        """Whether `told` is an answer to it."""
        return told in self.choices if self.choices else told != ""


def start(path: Path, given: Mapping[str, str | None], ask: Ask, today: date) -> list[str]:
    """Write a new plan, a draft, to `path`, with the schema for editors beside it; what to do next, line by line.

    `given` has answers by name: from, name, municipality, tag, owner; what is missing is asked. Raises PlaybookError,
    and writes nothing, when an answer does not do or there is a file already.
    """
    if path.exists():
        raise unwritable(path, FileExistsError())
    plans = shipped()
    source = plans[_answer(path, Question(name="from", asks="Kind of incident", choices=tuple(plans)), given, ask)]
    model = load_playbook(source, today=today)
    answers = {one.name: _answer(path, one, given, ask) for one in _questions(model)}
    text = _begun(source, model, answers, path, today)
    reading = parse_playbook(text.encode(), name=str(path), today=today)
    if reading.playbook is None:
        raise PlaybookError(reading.problems)
    schema = path.with_name(SCHEMA_FILE)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
        if not schema.exists():
            schema.write_text(schema_text(), encoding="utf-8")
    except OSError as error:
        raise unwritable(path, error) from error
    return [
        f"{path}: a draft, begun from {model.plan.id}; {schema.name} beside it lets editors complete and check keys.",
        *_left_to_do(text, path),
        "Then read every message aloud in each language, and run helpt playbook check.",
    ]


def _questions(model: Playbook) -> tuple[Question, ...]:
    return (
        Question(name="name", asks="Name of the plan", default=model.plan.title.nl),
        Question(name="municipality", asks="Municipality or region"),
        Question(name="tag", asks="Official tag for help, without #"),
        Question(
            name="owner",
            asks="Role that keeps the plan up to date",
            choices=tuple(role.id for role in model.roles),
            default=model.plan.owner,
        ),
    )


def _answer(path: Path, question: Question, given: Mapping[str, str | None], ask: Ask) -> str:
    told = given.get(question.name)
    told = _asked(question, ask) if told is None else told.strip() or question.default or ""
    if not question.takes(told):
        expected = f"one of: {', '.join(question.choices)}" if question.choices else question.asks.lower()
        values = {"name": question.name, "told": told, "expected": expected}
        said = "wrong_answer" if told else "unanswered"
        raise PlaybookError([Problem(file=str(path), line=1, column=1, said=said, values=values)])
    return told


def _asked(question: Question, ask: Ask) -> str:
    """What is answered, asked again until it will do; the default when nobody is there."""
    choices = f" ({', '.join(question.choices)})" if question.choices else ""
    default = f" [{question.default}]" if question.default else ""
    again = ""
    while True:
        try:
            told = ask(f"{again}{question.asks}{choices}{default}: ").strip() or question.default or ""
        except EOFError:
            return question.default or ""
        if question.takes(told):
            return told
        again = f"Not one of these: {told}. " if told else "This is needed. "


def _begun(source: Traversable, model: Playbook, answers: Mapping[str, str], path: Path, today: date) -> str:
    tag = answers["tag"].removeprefix("#")
    variants = [tag[:-1], f"{tag}s"]
    town = "".join(filter(str.isalnum, answers["municipality"].casefold()))
    changes: dict[tuple[str, ...], Value] = {
        ("plan", "id"): re.sub(r"^[^a-z]+|[^a-z0-9_-]+", "-", _ascii(path.stem.lower())).strip("-")[:40] or "plan",
        ("plan", "version"): "0.1",
        ("plan", "status"): "draft",
        ("plan", "municipality"): answers["municipality"],
        ("plan", "owner"): answers["owner"],
        ("plan", "approved_on"): None,
        ("plan", "review_before"): today + REVIEW,
        ("hashtags", "official"): tag,
        ("hashtags", "variants"): variants,
        ("hashtags", "avoid"): [town] if town and town not in (tag.casefold(), *variants) else [],
    }
    if answers["name"] != model.plan.title.nl:
        changes |= {("plan", "title", language): answers["name"] for language in ("nl", "fr", "de", "en")}
    text = edited(source.read_text(encoding="utf-8"), changes)
    return MODELINE.sub(f"$schema={SCHEMA_FILE}", text, count=1)


def _ascii(text: str) -> str:
    """`text` without its accents."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def _left_to_do(text: str, path: Path) -> list[str]:
    """The places where only the planner knows what to write."""
    lines = enumerate(text.splitlines(), start=1)
    return [
        f"{path}:{number}:{line.index('.example') + 1}: put your own account here"
        for number, line in lines
        if ".example" in line and "account:" in line
    ]
