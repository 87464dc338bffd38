"""YAML as a tree of values that know their line and column.

Owns reading safely: bounded in size, depth and number of values, no tags, few aliases, no duplicate keys, and none of
the words (`no`, `on`, …) that one YAML program reads as text and another as false. Knows nothing of plans.
The tree is built from the parser's events in one pass, so that a hostile file is dropped at the first bound it passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from playbooks.errors import Filling, Problem, shown

MAX_DEPTH = 16
MAX_VALUES = 20_000
MAX_ALIASES = 50

AMBIGUOUS = frozenset({"yes", "no", "on", "off"})
NULLS = frozenset({"", "~", "null", "Null", "NULL"})
INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
REAL = re.compile(r"[-+]?[0-9]+\.[0-9]+")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Value: TypeAlias = str | int | float | bool | date | None


@dataclass(slots=True, kw_only=True)
class Scalar:
    """One value. `line` and `column` count from 1."""

    line: int
    column: int
    value: Value


@dataclass(slots=True, kw_only=True)
class Items:
    """A list, `- …` or `[…]`."""

    line: int
    column: int
    values: list[Node] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Mapping:
    """Keys with their values, `key: …` or `{…}`; `keys` says where each key stands."""

    line: int
    column: int
    values: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Scalar] = field(default_factory=dict)


Node: TypeAlias = Scalar | Items | Mapping


class _StopError(Exception):
    """Reading further is pointless or dangerous; carries the problem that says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.said)
        self.problem = problem


def read_tree(text: str, file: str) -> tuple[Node | None, list[Problem]]:
    """The tree of `text`, or None when it could not be built, and everything found wrong on the way.

    `file` is the name to put in the problems.
    """
    builder = _Builder(file)
    events = YAML(typ="safe", pure=True).parse(text)
    try:
        for event in events:
            builder.take(event)
    except _StopError as stop:
        return None, [*builder.problems, stop.problem]
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return None, [*builder.problems, _syntax(file, line, column, error.problem or "not YAML")]
    except YAMLError as error:
        return None, [*builder.problems, _unprintable(file, text, str(error))]
    except (ValueError, OverflowError):
        # ruamel lets these through for escapes that name no character, such as "\UFFFFFFFF".
        line, column = builder.last
        return None, [*builder.problems, Problem(file=file, line=line, column=column, said="yaml_escape")]
    finally:
        events.close()
    return builder.root, builder.problems


def plain(node: Node) -> Any:
    """`node` as dict, tuple and plain values, without places."""
    if isinstance(node, Mapping):
        return {key: plain(value) for key, value in node.values.items()}
    if isinstance(node, Items):
        return tuple(plain(value) for value in node.values)
    return node.value


def walk(node: Node) -> Iterator[Node]:
    """`node` and everything under it, in the order of the file."""
    yield node
    children = () if isinstance(node, Scalar) else node.values.values() if isinstance(node, Mapping) else node.values
    for child in children:
        yield from walk(child)


SIGNS = {
    "\\t": "yaml_tab",
    "mapping values are not allowed": "yaml_colon",
    "but got ':'": "yaml_colon",
    "found '<scalar>'": "yaml_quote",
    "found unexpected end of stream": "yaml_open",
    "could not find expected ':'": "yaml_key",
    "expected <block end>": "yaml_indent",
    "expected ',' or": "yaml_bracket",
    "cannot start any token": "yaml_start",
    "escape": "yaml_escape",
}
"""What ruamel says -> the sentence for it; the first that is met counts."""


def _syntax(file: str, line: int, column: int, told: str) -> Problem:
    said = next((code for sign, code in SIGNS.items() if sign in told), "yaml")
    values = {"told": told} if said == "yaml" else {}
    return Problem(file=file, line=line, column=column, said=said, values=values)


def _unprintable(file: str, text: str, told: str) -> Problem:
    """The first character that YAML does not allow."""
    for number, line in enumerate(text.split("\n"), start=1):
        for column, char in enumerate(line, start=1):
            if not char.isprintable() and char not in "\t\r\x85\xa0\u2028\u2029\ufeff" and ord(char) < 0xA0:
                return Problem(file=file, line=number, column=column, said="yaml_control", values={"char": ascii(char)})
    return _syntax(file, 1, 1, " ".join(told.split())[:120])


class _Builder:
    """Builds the tree event by event. `problems` are those that let reading go on; `last` is the place reached."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self.last = (1, 1)
        self._open: list[Items | Mapping] = []
        self._keys: list[Scalar | None] = []
        self._starts: list[tuple[str | None, int]] = []
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._values = 0
        self._aliases = 0
        self._documents = 0

    def take(self, event: object) -> None:
        """Take the next event of the parser. Raises what stops reading: a second document, or a bound that is passed."""
        if isinstance(event, NodeEvent | DocumentStartEvent | MappingEndEvent | SequenceEndEvent):
            self.last = (event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise self._stop("second_document")
        elif isinstance(event, AliasEvent):
            self._alias(str(event.anchor))
        elif isinstance(event, ScalarEvent):
            self._scalar(event)
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            self._begin(event)
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self._end()

    def _stop(self, said: str, **values: Filling) -> _StopError:
        line, column = self.last
        return _StopError(Problem(file=self.file, line=line, column=column, said=said, values=values))

    def _note(self, said: str, **values: Filling) -> None:
        self.problems.append(self._stop(said, **values).problem)

    def _count(self, values: int) -> None:
        self._values += values
        if self._values > MAX_VALUES:
            raise self._stop("too_many_values", most=MAX_VALUES)

    def _alias(self, anchor: str) -> None:
        self._aliases += 1
        if self._aliases > MAX_ALIASES:
            raise self._stop("too_many_aliases", most=MAX_ALIASES)
        if anchor not in self._anchors:
            raise self._stop("early_alias", alias=shown("*" + anchor))
        node, values = self._anchors[anchor]
        self._count(values)
        self._place(node)

    def _refuse_tag(self, tag: object) -> None:
        if tag is not None and str(tag) != "!":
            self._note("tag", tag=shown(str(tag)))

    def _scalar(self, event: ScalarEvent) -> None:
        self._count(1)
        self._refuse_tag(event.tag)
        line, column = self.last
        is_key = self._awaits_key()
        unquoted = bool(event.implicit[0])
        if unquoted and event.value.lower() in AMBIGUOUS:
            self._note("ambiguous", word=event.value)
        value = event.value if is_key or not unquoted else _resolve(event.value)
        node = Scalar(line=line, column=column, value=value)
        if event.anchor is not None:
            self._anchors[str(event.anchor)] = (node, 1)
        self._place(node)

    def _begin(self, event: MappingStartEvent | SequenceStartEvent) -> None:
        self._count(1)
        self._refuse_tag(event.tag)
        line, column = self.last
        if len(self._open) >= MAX_DEPTH:
            raise self._stop("too_deep", most=MAX_DEPTH)
        if self._awaits_key():
            raise self._stop("group_as_key")
        node: Items | Mapping
        node = (
            Items(line=line, column=column)
            if isinstance(event, SequenceStartEvent)
            else Mapping(line=line, column=column)
        )
        self._open.append(node)
        self._keys.append(None)
        self._starts.append((None if event.anchor is None else str(event.anchor), self._values - 1))

    def _end(self) -> None:
        node = self._open.pop()
        self._keys.pop()
        anchor, start = self._starts.pop()
        if anchor is not None:
            self._anchors[anchor] = (node, self._values - start)
        self._place(node)

    def _awaits_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1], Mapping) and self._keys[-1] is None

    def _place(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if isinstance(parent, Items):
            parent.values.append(node)
            return
        key = self._keys[-1]
        if key is None:
            if not isinstance(node, Scalar):
                raise self._stop("group_as_key")
            self._keys[-1] = node
            return
        self._keys[-1] = None
        name = str(key.value)
        if name in parent.values:
            self._duplicate(name, key, parent.keys[name])
            return
        parent.values[name] = node
        parent.keys[name] = key

    def _duplicate(self, name: str, key: Scalar, first: Scalar) -> None:
        values: dict[str, Filling] = {"key": shown(name), "line": first.line}
        here = Problem(file=self.file, line=key.line, column=key.column, said="duplicate_key", values=values)
        self.problems.append(here)


def _resolve(text: str) -> Value:
    """What an unquoted `text` stands for: null, true or false, a number, a day, else itself."""
    if text in NULLS:
        return None
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if INTEGER.fullmatch(text):
        return int(text)
    if REAL.fullmatch(text):
        return float(text)
    if DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text
    return text
