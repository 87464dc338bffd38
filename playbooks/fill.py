"""A template's text with its variables filled in.

Owns what a variable looks like: `{name}`, in small letters, digits and underscores. Knows no other syntax: nothing
in a text or a value is ever evaluated, so neither can reach into the program.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

ANY_BRACES = re.compile(r"\{([^{}]*)\}|[{}]")
"""A pair of braces with what stands between them, or a brace on its own."""

VARIABLE_NAME = re.compile(r"[a-z][a-z0-9_]*")

UNTOLD_LENGTH = 12
"""Characters counted for a variable whose longest filling the plan does not tell."""


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


def longest_length(text: str, longest: Mapping[str, int | None]) -> int:
    """Characters of `text` (in NFC) when every variable has its longest filling, in characters."""
    lengths = {name: length or UNTOLD_LENGTH for name, length in longest.items()}
    filled = fill(text, {name: "x" * lengths.get(name, UNTOLD_LENGTH) for name in variables_in(text)})
    return len(unicodedata.normalize("NFC", filled.strip()))
