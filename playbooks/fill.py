"""A template's text with its variables filled in.

Owns what a variable looks like: `{name}`, in small letters, digits and underscores. Knows no other syntax: nothing
in a text or a value is ever evaluated, so neither can reach into the program.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

ANY_BRACES = re.compile(r"\{([^{}]*)\}|[{}]")
"""A pair of braces with what stands between them, or a brace on its own."""

VARIABLE_NAME = re.compile(r"[a-z][a-z0-9_]*")

UNTOLD_LENGTH = 12
"""Characters counted for a variable whose longest filling the plan does not tell."""

ADDRESS = "https://"


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with every `{name}` replaced by `values[name]`; a name without a value stays visible as `‹name›`.

    Values go in as they are: braces inside a value are not looked at again.
    """

    def filling(match: re.Match[str]) -> str:
        name = match.group(1)
        if name is None or not VARIABLE_NAME.fullmatch(name):
            return match.group(0)
        return values.get(name, f"‹{name}›")

    return ANY_BRACES.sub(filling, text)


def variables_in(text: str) -> tuple[str, ...]:
    """The names of the variables in `text`, each once, in order of appearance."""
    names = (match.group(1) for match in ANY_BRACES.finditer(text))
    return tuple(dict.fromkeys(name for name in names if name is not None and VARIABLE_NAME.fullmatch(name)))


def odd_braces(text: str) -> tuple[str, ...]:
    """Every brace, or pair of braces with its content, that is not a plain `{name}`."""
    found = ANY_BRACES.finditer(text)
    return tuple(m.group(0) for m in found if m.group(1) is None or not VARIABLE_NAME.fullmatch(m.group(1)))


def longest(text: str, lengths: Mapping[str, int | None]) -> str:
    """`text` with every variable at its longest, `lengths` in characters (None: 12).

    A variable called `link`, `page` or `…_link` is filled with an address, which some networks count their own way.
    """
    return fill(text, {name: _filling(name, lengths.get(name) or UNTOLD_LENGTH) for name in variables_in(text)})


def _filling(name: str, length: int) -> str:
    if name in ("link", "page") or name.endswith("_link"):
        return ADDRESS + "x" * max(1, length - len(ADDRESS))
    return "x" * length
