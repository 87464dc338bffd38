"""helpt playbook: its options and what each of its steps does. Prints nothing: lines and exit code go back."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playbooks.errors import PlaybookError, Problem
from playbooks.loader import check_playbook, load_playbook, shipped
from playbooks.schema import schema_text
from playbooks.starting import Ask, start

EXAMPLES = (
    "helpt playbook new mijn-stad.yaml",
    "helpt playbook new mijn-stad.yaml --from festival-storm --municipality Genk --tag genkhelpt",
    "helpt playbook check mijn-stad.yaml",
    "helpt playbook schema > helpt-playbook.schema.json",
)
ANSWERS = {
    "from": "plan that ships to begin from",
    "name": "what the plan is called",
    "municipality": "municipality or region it is for",
    "tag": "official tag for help, without #",
    "owner": "role that keeps it up to date",
}
"""Answers to the questions of `new`, by the name of their option."""


def add_options(option: Callable[..., Any]) -> None:
    """Add what `helpt playbook` understands, with `option` as argparse adds it."""
    option("step", choices=("check", "new", "schema"))
    option("files", nargs="*", type=Path, metavar="FILE", help="a plan; check without one takes the plans that ship")
    for name, says in ANSWERS.items():
        option(f"--{name}", dest=f"answer_{name}", metavar=name.upper(), help=f"new: {says}")


def playbook_step(asked: argparse.Namespace, ask: Ask) -> tuple[list[str], int]:
    """Do what was asked: the lines to show, and 0, or 1 when a plan has errors. `ask` puts a question of `new`.

    Raises PlaybookError when a new plan cannot be begun.
    """
    if asked.step == "schema":
        return [schema_text().rstrip("\n")], 0
    if asked.step == "check":
        return _check(asked.files)
    if len(asked.files) != 1:
        raise PlaybookError([Problem(file="new", line=1, column=1, said="no_file")])
    given = {name: getattr(asked, f"answer_{name}") for name in ANSWERS}
    return start(asked.files[0], given, ask, datetime.now(UTC).date()), 0


def plan_line(name: str) -> str:
    """For the doctor: which plan `name` (one that ships, or a file) is. Raises PlaybookError when it is refused."""
    plan = load_playbook(shipped().get(name, Path(name))).plan
    return f"{name}: {plan.id}, version {plan.version}"


def _check(files: Iterable[Path]) -> tuple[list[str], int]:
    plans = shipped()
    lines, failed = [], False
    for name in [str(file) for file in files] or list(plans):
        problems = check_playbook(plans[name] if name in plans else Path(name))
        errors = sum(problem.level == "error" for problem in problems)
        failed = failed or errors > 0
        lines += [str(problem) for problem in problems]
        lines.append(f"{name}: {_counted(errors, 'error')}, {_counted(len(problems) - errors, 'warning')}")
    return lines, int(failed)


def _counted(number: int, word: str) -> str:
    return f"{number or 'no'} {word}{'' if number == 1 else 's'}"
