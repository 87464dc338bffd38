"""Writing a plan on the board: where an edit begins, what differs, saving a version, having the incident work by it.

Owns the way between a planner's text and the versions in the store. The checks are those of `playbooks`; numbers, and who came
first, are kept by `dedupe.deciding.plan_versions`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

import polars as pl

from dashboard.board import Board
from dedupe.deciding import plan_versions
from dedupe.deciding.plan_versions import MOST, MOST_WHY, Taken, taken
from dedupe.deciding.roles import Actor
from playbooks.errors import PlaybookError, Problem
from playbooks.fill import longest
from playbooks.lengths import Length, measure
from playbooks.loader import Reading, parse_playbook, shipped
from playbooks.model import Playbook
from playbooks.parts import Template
from playbooks.values import Text

__all__ = ["MOST", "MOST_WHY"]

MOST_LINES = 6_000
"""Lines up to which two texts are compared line by line; longer ones are shown as replaced as a whole."""
LINE_ENDS = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""Where YAML begins a new line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An edit under way: of which plan, from which version it began (0: the file, or nothing), and the text so far."""

    plan: str
    began: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One wording of a message, with the networks it goes out on. Empty `networks`: no action sends it."""

    text: Text
    networks: tuple[str, ...]


def plans(board: Board) -> list[str]:
    """The plans that can be edited, the board's own first. Raises StoreError."""
    own, in_force = board.plans.key, board.playbook
    names = [in_force.plan.id if in_force else None, own, *plan_versions.saved_plans(board.store), *shipped()]
    return list(dict.fromkeys(filter(None, names)))


def begin(board: Board, plan: str) -> Draft:
    """An edit of the latest version of `plan`; of its file where there is none. Raises StoreError."""
    latest = latest_version(board, plan)
    return Draft(plan=plan, began=latest, text=text_of(board, plan, latest))


def latest_version(board: Board, plan: str) -> int:
    """The number of the latest version; 0 where none was saved. Raises StoreError."""
    rows = versions(board, plan)
    return int(rows["number"][0]) if rows.height else 0


def versions(board: Board, plan: str) -> pl.DataFrame:
    """The versions of `plan`, newest first: number, began, saved_at, who, role, why. Raises StoreError."""
    return plan_versions.versions(board.store, plan)


def text_of(board: Board, plan: str, number: int) -> str:
    """The text of a version, or with 0 of the file the plan began with; empty where there is none.

    Raises NotFound, StoreError.
    """
    if number:
        return plan_versions.version_text(board.store, plan, number)
    if plan == board.plans.key:
        return board.plans.own_text()
    file = shipped().get(plan)
    return file.read_bytes().decode() if file is not None else ""


def check(text: str, plan: str, today: date) -> Reading:
    """What `helpt playbook check` says of `text`, which its problems call by the name of the plan."""
    return parse_playbook(text.encode(errors="surrogatepass"), name=f"{plan}.yaml", today=today)


def save(board: Board, draft: Draft, by: Actor, why: str) -> Draft:
    """Save the text as the next version. Gives the edit that goes on from it.

    The plan is the one the text names: with another `plan.id` it becomes another plan. Raises PlaybookError with the lines of a text
    that is no sound plan, Overtaken when somebody saved since the edit began, DecisionRefused, NotAllowed, StoreError.
    """
    found = check(draft.text, draft.plan, board.now().date())
    if found.playbook is None:
        raise PlaybookError(found.problems)
    plan = found.playbook.plan.id
    began = draft.began if plan == draft.plan else 0
    number = plan_versions.save_version(
        board.store, board.incident.id, plan, draft.text, by, began=began, why=why, at=board.now()
    )
    return Draft(plan=plan, began=number, text=draft.text)


def take(board: Board, plan: str, number: int, by: Actor) -> None:
    """Have the incident work by a version from now on; with 0, by the board's own file.

    Raises PlaybookError when the version is no sound plan any more, DecisionRefused, NotAllowed, NotFound, StoreError.
    """
    if number:
        found = check(text_of(board, plan, number), plan, board.now().date())
        if found.playbook is None:
            raise PlaybookError(found.problems)
    plan_versions.take_version(board.store, board.incident.id, plan, number, by, at=board.now())
    follow(board)


def follow(board: Board) -> None:
    """Have the board work by what was taken over last, here or on another machine, before or after a restart.

    Raises StoreError.
    """
    last = taken(board.store, board.incident.id)
    decision = last.decision if last else None
    if decision == board.plans.followed:
        return
    playbook = None
    if last is not None and last.number:
        text = plan_versions.version_text(board.store, last.plan, last.number)
        playbook = check(text, last.plan, board.now().date()).playbook
    board.plans.follow(decision, playbook)


def in_force(board: Board) -> Taken | None:
    """What the incident was told to work by; None while it works by the file it began with. Raises StoreError."""
    return taken(board.store, board.incident.id)


def difference(before: str, after: str) -> Iterator[str]:
    """What was changed, line by line, as `diff -u` tells it without its first two lines: `@@ … @@`, ` `, `-` or `+` and a line."""
    old, new = before.split("\n"), after.split("\n")
    if max(len(old), len(new)) > MOST_LINES and before != after:
        return iter(
            [f"@@ -1,{len(old)} +1,{len(new)} @@", *(f"-{line}" for line in old), *(f"+{line}" for line in new)]
        )
    return islice(difflib.unified_diff(old, new, lineterm=""), 2, None)


def wordings(playbook: Playbook, template: Template) -> list[Wording]:
    """Each wording of a message with the networks it goes out on, in the order in which actions name them."""
    sent = [
        channel
        for phase in playbook.phases
        for one in phase.actions
        if one.template == template.id
        for channel in one.channels
    ]
    if playbook.sympathy.template == template.id:
        sent.append(playbook.sympathy.channel)
    networks = list(dict.fromkeys(playbook.channel(one).network for one in sent))
    rest = tuple(one for one in networks if one not in template.text_on)
    own = [Wording(text=text, networks=(network,)) for network, text in template.text_on.items()]
    return [Wording(text=template.text, networks=rest), *own] if rest or not own else own


def lengths(template: Template, text: str, networks: tuple[str, ...]) -> list[Length]:
    """How long `text` is at its longest filling on each of `networks` that has a limit."""
    full = longest(text, template.variables.longest())
    return [length for network in networks if (length := measure(network, full)) is not None]


def lines_of(text: str, problems: tuple[Problem, ...]) -> dict[int, str]:
    """The lines that problems name, by number."""
    lines = LINE_ENDS.split(text)
    return {one.line: lines[one.line - 1] for one in problems if 0 < one.line <= len(lines)}
