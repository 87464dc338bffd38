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
from playbooks.errors import PlaybookError, Problem, shown
from playbooks.model import Playbook
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
            kind = "a directory" if path.is_dir() else "no such file"
            return _refused(name, kind, "a YAML file", "look at the path")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        return _refused(name, f"cannot be read ({error})", "a readable file", "look at its path and its rights")
    return parse_playbook(data, name=name, today=today)


def parse_playbook(data: bytes, *, name: str, today: date | None = None) -> Reading:
    """The plan in `data`, the bytes of a YAML file that problems will call `name`."""
    if len(data) > MAX_BYTES:
        return _refused(name, "the file is too large", f"at most {MAX_BYTES:,} bytes", "split it into several plans")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        return _refused(name, "not UTF-8", "text in UTF-8", "save it again as UTF-8", line=line, column=column)
    root, problems = read_tree(text, name)
    playbook = None
    if isinstance(root, Mapping):
        playbook, misfits = _model(root, name, {(problem.line, problem.column) for problem in problems})
        problems += misfits
        problems += check_tree(root, name, today or datetime.now(UTC).date())
    elif not problems:
        here = (root.line, root.column) if root else (1, 1)
        mend = "begin with `schema: helpt-playbook/1`"
        return _refused(name, "no plan in this file", "keys with values", mend, line=here[0], column=here[1])
    told = tuple(sorted(dict.fromkeys(problems), key=lambda problem: (problem.line, problem.column)))
    sound = all(problem.level == "warning" for problem in told)
    return Reading(playbook=playbook if sound else None, problems=told)


def shipped() -> dict[str, Traversable]:
    """The plans that come with helpt: file name without ending -> file, to give to `load_playbook`."""
    plans = (entry for entry in files("playbooks").joinpath("plans").iterdir() if entry.name.endswith(".yaml"))
    return {plan.name.removesuffix(".yaml"): plan for plan in sorted(plans, key=lambda plan: plan.name)}


def _refused(name: str, what: str, expected: str, mend: str, *, line: int = 1, column: int = 1) -> Reading:
    problem = Problem(file=name, line=line, column=column, what=what, expected=expected, mend=mend)
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
    what, expected, mend = _sentence(detail, _key((*above, last)), place, tuple(above))
    return Problem(file=name, line=place.line, column=place.column, what=what, expected=expected, mend=mend)


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


EXPECTED = {
    "string_type": "text",
    "string_unicode": "text without half characters",
    "int_type": "a whole number, without quotes",
    "bool_type": "true or false, without quotes",
    "tuple_type": "a list: `[a, b]`, or lines that begin with `- `",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "date_type": "a day such as 2027-05-01",
    "datetime_type": "a moment with its zone, such as 2027-05-01T20:10+02:00",
}
"""pydantic's error type -> what should have stood there."""


def _sentence(detail: ErrorDetails, key: str, node: Node, above: tuple[int | str, ...]) -> tuple[str, str, str]:
    """What is wrong, what was expected and how to mend it."""
    kind = detail["type"]
    context = detail.get("ctx", {})
    if kind == "missing":
        return f"{shown(key)} is missing", _meaning(above, key), f"add `{key}: …` here"
    if kind == "extra_forbidden":
        known = _keys(above)
        near = difflib.get_close_matches(key, known, n=1)
        mend = f"did you mean `{near[0]}`?" if near else "remove it, or correct its name"
        return f"the key {shown(key)} is not known here", f"one of: {', '.join(known)}", mend
    had = _told(node)
    if kind == "string_type" and isinstance(node, Scalar) and node.value is not None:
        read_as = {bool: "true or false", int: "a number", float: "a number", date: "a day"}[type(node.value)]
        return f"{key}: {had} is read as {read_as}", "text", f'put it between quotes: "{had.strip("`")}"'
    if kind in ("string_pattern_mismatch", "string_too_short", "string_too_long", "value_error"):
        reason = str(context.get("error") or _shape(kind, context))
        return f"{key}: {had}", reason, "correct it"
    if kind == "literal_error":
        choose = "choose one of these"
        mend = f"{choose}, or put it under person: somebody fills it in" if "board" in above else choose
        return f"{key}: {had}", str(context["expected"]), mend
    if kind in ("too_short", "too_long"):
        return f"{key} has no parts", "at least one", "add one"
    if kind == "model_type" and context.get("class_name") == "Text":
        return f"{key}: {had}", "a text by language", 'write {nl: "…", fr: "…", de: "…", en: "…"}'
    expected = EXPECTED.get(kind, detail["msg"].lower())
    return f"{key}: {had}", expected, "correct it"


def _shape(kind: str, context: dict[str, Any]) -> str:
    if kind == "string_too_short":
        return "some text"
    if kind == "string_too_long":
        return f"at most {context['max_length']} characters"
    shapes = {
        r"^[a-z]": "small letters, digits, `-` and `_`, beginning with a letter",
        r"^\w": "a tag without # and without spaces",
        r"^[A-Z]": "two capitals, such as BE",
    }
    return next((shape for start, shape in shapes.items() if context["pattern"].startswith(start)), "another form")


def _told(node: Node) -> str:
    if isinstance(node, Items):
        return "a list"
    if isinstance(node, Mapping):
        return "a group of keys"
    if node.value is None:
        return "nothing"
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


def _meaning(above: tuple[int | str, ...], key: str) -> str:
    for name, field in _part(above).model_fields.items():
        if key in (name, field.alias) and field.description:
            return field.description.rstrip(".")
    return "a value"
