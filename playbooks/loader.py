"""A plan from YAML: read, checked, and either whole or refused with every reason at once.

Owns the way from a file to a `Playbook`. The YAML is read by `tree.py`, the form is `model.py` and `parts.py`, what holds between
values is in `checks.py`; here pydantic's findings become sentences with a line. The day arrives as an argument.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from playbooks.checks import check_tree
from playbooks.errors import Filling, PlaybookError, Problem, Term, shown
from playbooks.model import Playbook
from playbooks.sentences import FORM
from playbooks.tree import Items, Mapping, Node, Scalar, plain, read_tree

MAX_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of reading a plan. `playbook` is None when one of `problems` is an error."""

    playbook: Playbook | None
    problems: tuple[Problem, ...]


def load_playbook(path: Path | Traversable, *, today: date | None = None) -> Playbook:
    """The plan in `path`. `today` judges whether its review is overdue (None: the machine's day, UTC).

    Raises PlaybookError with every problem when one of them is an error, and nothing else; warnings let it through.
    """
    reading = read_playbook(path, today=today)
    if reading.playbook is None:
        raise PlaybookError(reading.problems)
    return reading.playbook


def check_playbook(path: Path | Traversable, *, today: date | None = None) -> list[Problem]:
    """Every error and warning in the plan in `path`, in the order of the file; empty when all is well."""
    return list(read_playbook(path, today=today).problems)


def read_playbook(path: Path | Traversable, *, today: date | None = None) -> Reading:
    """The plan in `path` and everything found on the way: what `load_playbook` and `check_playbook` give, at once."""
    name = str(path) if isinstance(path, Path) else path.name
    try:
        if not path.is_file():
            return _refused(name, "directory" if path.is_dir() else "absent_file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        return _refused(name, "unreadable", reason=str(getattr(error, "strerror", None) or error))
    return parse_playbook(data, name=name, today=today)


def parse_playbook(data: bytes, *, name: str, today: date | None = None) -> Reading:
    """The plan in `data`, the bytes of a YAML file that problems will call `name`."""
    if len(data) > MAX_BYTES:
        return _refused(name, "too_large")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        return _refused(name, "not_utf8", (line, column))
    root, problems = read_tree(text, name)
    playbook = None
    if isinstance(root, Mapping):
        playbook, misfits = _model(root, name, {(problem.line, problem.column) for problem in problems})
        problems += misfits
        problems += check_tree(root, name, today or datetime.now(UTC).date())
    elif not problems:
        return _refused(name, "no_plan", (root.line, root.column) if root else (1, 1))
    told = tuple(sorted(dict.fromkeys(problems), key=lambda problem: (problem.line, problem.column)))
    sound = all(problem.level == "warning" for problem in told)
    return Reading(playbook=playbook if sound else None, problems=told)


def shipped() -> dict[str, Traversable]:
    """The plans that come with helpt: file name without ending -> file, to give to `load_playbook`."""
    plans = (entry for entry in files("playbooks").joinpath("plans").iterdir() if entry.name.endswith(".yaml"))
    return {plan.name.removesuffix(".yaml"): plan for plan in sorted(plans, key=lambda plan: plan.name)}


def _refused(name: str, said: str, place: tuple[int, int] = (1, 1), **values: Filling) -> Reading:
    problem = Problem(file=name, line=place[0], column=place[1], said=said, values=values)
    return Reading(playbook=None, problems=(problem,))


def _model(root: Mapping, name: str, told: set[tuple[int, int]]) -> tuple[Playbook | None, list[Problem]]:
    """The plan, or what does not fit the form. A place in `told` has its problem already and gets no second one."""
    try:
        return Playbook.model_validate(plain(root)), []
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        misfits = [_misfit(detail, root, name) for detail in details if not _follows(detail, root)]
        return None, [misfit for misfit in misfits if (misfit.line, misfit.column) not in told]


def _follows(detail: ErrorDetails, root: Mapping) -> bool:
    """Whether a list counts as too short only because its parts, which are there, do not fit: they are told of."""
    node = _at(root, [*detail["loc"]])
    return detail["type"] == "too_short" and isinstance(node, Items) and bool(node.values)


def _misfit(detail: ErrorDetails, root: Mapping, name: str) -> Problem:
    """One finding of pydantic as a problem with its place."""
    *above, last = detail["loc"] or ("",)
    of_key = last == "[key]"
    if of_key:
        *above, last = above
    parent = _at(root, above)
    node = _at(root, [*above, last])
    place: Node = node
    if (of_key or detail["type"] == "extra_forbidden") and isinstance(parent, Mapping):
        place = parent.keys.get(str(last), node)
    said, values = _sentence(detail, _key((*above, last)), place, tuple(above))
    return Problem(file=name, line=place.line, column=place.column, said=said, values=values)


def _key(path: tuple[int | str, ...]) -> str:
    """The last key on `path`: of a value in a list, the key of the list."""
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def _at(node: Node, path: list[int | str]) -> Node:
    """The node at pydantic's `path`, or the last one on the way that exists."""
    for step in path:
        if isinstance(node, Mapping) and step in node.values:
            node = node.values[str(step)]
        elif isinstance(node, Items) and isinstance(step, int) and step < len(node.values):
            node = node.values[step]
    return node


PATTERNS = {r"^[a-z]": "no_name", r"^\w": "no_tag", r"^[A-Z]": "no_country"}
"""How a pattern begins -> the sentence for what does not fit it."""
BOUNDS = {"greater_than_equal": "ge", "less_than_equal": "le", "string_too_long": "max_length"}
"""pydantic's error type -> where it keeps the bound."""
READ_AS = {
    bool: Term(code="bool", english="true or false"),
    int: Term(code="number", english="a number"),
    float: Term(code="number", english="a number"),
    date: Term(code="day", english="a day"),
}
NOTHING = Term(code="nothing", english="nothing")
LIST = Term(code="list", english="a list")
GROUP = Term(code="group", english="a group of keys")


def _sentence(
    detail: ErrorDetails, key: str, node: Node, above: tuple[int | str, ...]
) -> tuple[str, dict[str, Filling]]:
    """The sentence for a finding of pydantic, with its values."""
    kind = detail["type"]
    context = detail.get("ctx", {})
    if kind == "missing":
        return "missing", {"key": key, "meaning": _meaning(above, key)}
    if kind == "extra_forbidden":
        known = _keys(above)
        near = difflib.get_close_matches(key, known, n=1)
        values: dict[str, Filling] = {"key": shown(key), "known": ", ".join(known)}
        return ("unknown_key_near", values | {"near": near[0]}) if near else ("unknown_key", values)
    if kind == "too_short":
        return "too_short", {"key": key}
    had = {"key": key, "had": _told(node)}
    if kind == "string_type" and isinstance(node, Scalar) and node.value is not None:
        return "read_as", had | {"had": str(had["had"]).strip("`"), "read_as": READ_AS[type(node.value)]}
    if kind == "string_pattern_mismatch":
        return next((said for sign, said in PATTERNS.items() if context["pattern"].startswith(sign)), "misfit"), had
    if kind == "value_error":
        return "loose_accents", had
    if kind == "literal_error":
        known_here = str(context["expected"]).replace(" or ", ", ").replace("'", "")
        return "choice_or_person" if "board" in above else "choice", had | {"known": known_here}
    if kind == "model_type" and context.get("class_name") == "Text":
        return "no_languages", had
    if kind in BOUNDS:
        return kind, had | {"bound": context[BOUNDS[kind]]}
    return kind if kind in FORM else "misfit", had


def _told(node: Node) -> Filling:
    if isinstance(node, Items):
        return LIST
    if isinstance(node, Mapping):
        return GROUP
    if node.value is None:
        return NOTHING
    value = node.value
    return shown(str(value).lower() if isinstance(value, bool) else str(value))


def _part(above: tuple[int | str, ...]) -> type[BaseModel]:
    """The model of the part of the plan at `above`."""
    part: type[BaseModel] = Playbook
    for step in above:
        field = part.model_fields.get(str(step))
        part = next(iter(_models(field.annotation)), part) if field else part
    return part


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _models(inner)


def _keys(above: tuple[int | str, ...]) -> list[str]:
    return [field.alias or name for name, field in _part(above).model_fields.items()]


def _meaning(above: tuple[int | str, ...], key: str) -> Term:
    part = _part(above)
    says = {field.alias or name: field.description or "" for name, field in part.model_fields.items()}
    return Term(code=f"{part.__name__}.{key}", english=says[key].rstrip("."))
