"""Changing a plan without losing what its writer put there: comments, order, quotes.

Owns writing. A text is saved as it is, byte for byte, and only when it holds a sound plan.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias
from uuid import uuid4

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq
from ruamel.yaml.representer import RoundTripRepresenter
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from playbooks.errors import PlaybookError, Problem
from playbooks.loader import Reading, parse_playbook
from playbooks.tree import AMBIGUOUS, NULLS

Value: TypeAlias = str | date | Sequence[str] | None

PLAIN = re.compile(r"[^\W\d_][\w-]*")
SPECIAL = AMBIGUOUS | NULLS | {"true", "false"}
"""Words that would be read as something else than text, or refused, without quotes."""


class _Representer(RoundTripRepresenter):
    """Writes nothing as `null`, as our plans do."""

    def represent_none(self, data: None) -> Any:
        """Write None as `null`; the library writes nothing at all."""
        return self.represent_scalar("tag:yaml.org,2002:null", "null")


_Representer.add_representer(type(None), _Representer.represent_none)


def edited(text: str, changes: Mapping[tuple[str, ...], Value]) -> str:
    """The sound plan in `text` with the values at some paths, such as ("plan", "municipality"), replaced.

    Comments, order, quotes and layout of all else stay as they are, as long as lists are indented like those that ship.
    """
    yaml = YAML()
    yaml.Representer = _Representer
    yaml.preserve_quotes = True
    yaml.width = 1_000_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    plan = yaml.load(text)
    for path, value in changes.items():
        part = plan
        for key in path[:-1]:
            part = part[key]
        part[path[-1]] = _written(part.get(path[-1]), value)
    out = io.StringIO()
    yaml.dump(plan, out)
    return out.getvalue()


def _written(before: object, value: Value) -> object:
    """`value` in the dress of what it replaces: between quotes, or as a list on one line."""
    if isinstance(value, str):
        quoted = isinstance(before, DoubleQuotedScalarString) or not PLAIN.fullmatch(value) or value.lower() in SPECIAL
        return DoubleQuotedScalarString(value) if quoted else value
    if isinstance(value, Sequence):
        row = CommentedSeq(_written(None, one) for one in value)
        row.fa.set_flow_style()
        return row
    return value


def save(path: Path, data: bytes, *, today: date | None = None) -> Reading:
    """Put `data`, as it is, in the place of the plan at `path`; whoever reads meanwhile sees the old or the new one.

    Raises PlaybookError, and leaves the file alone, when an error is found or the file cannot be written.
    """
    reading = parse_playbook(data, name=str(path), today=today)
    if reading.playbook is None:
        raise PlaybookError(reading.problems)
    beside = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with beside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise unwritable(path, error) from error
    return reading


def unwritable(path: Path, error: OSError) -> PlaybookError:
    """The refusal of a file that cannot be written, or is there already."""
    if isinstance(error, FileExistsError):
        return PlaybookError([Problem(file=str(path), line=1, column=1, said="file_there")])
    values = {"reason": str(error.strerror)}
    return PlaybookError([Problem(file=str(path), line=1, column=1, said="unwritable", values=values)])
