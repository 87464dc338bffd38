"""The form of a word list, so that a planner can read and extend it.

A list is a YAML file that names its `concept` and, under `firm` and `hint`, its values; a value has entries per language
(nl, fr, en, de, any), a block of text in which `,` and line ends separate entries and `#` begins a remark:

    word    stem*    *ending    a phrase of words    one/other word    we_are/they_are here

`/` separates alternatives, and more such places multiply; `_` joins words into one alternative.

Owns reading such files, telling what is wrong with them by file and line, and turning an entry into search patterns.
Knows no concept: which there are, with which values, is given.
"""

from __future__ import annotations

import itertools
import logging
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from dedupe.errors import LexiconError

log = logging.getLogger(__name__)

LANGUAGES = ("nl", "fr", "en", "de", "any")
PLACES = "places.yaml"
"""The list of towns: its form is another, see `gazetteer.py`."""

Stamp = tuple[tuple[str, int, int], ...]
"""What tells that a folder's lists changed: name, time and size of each."""
Concepts = Mapping[str, tuple[str, ...]]
"""Every concept with the values it may have."""

_SHORTEST_STEM = 3
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_ASCII = {code: " " for code in range(128) if not chr(code).isalnum()} | {ord("?"): " ? "}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a list: where it stands and what it belongs to."""

    file: str
    number: int
    text: str
    concept: str
    value: str
    language: str
    firm: bool

    def refuse(self, reason: str) -> LexiconError:
        """An error that names file, line and reason."""
        return LexiconError(f"{self.file}:{self.number}: {reason}")


def fold(text: str) -> str:
    """Fold a list's word as `wording.py` folds a post: lower case, no marks, single spaces, `?` kept apart."""
    if text.isascii():
        return " ".join(text.lower().translate(_ASCII).split())
    text = text.lower().replace("ß", "ss").replace("œ", "oe").replace("æ", "ae").replace("?", " ? ")
    text = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join(re.sub(r"[^\w?]|_", " ", text).split())


def stamp_of(folder: Path) -> Stamp:
    """The stamp of a folder's lists as they are now. One that goes away meanwhile is none."""
    found = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            state = path.stat()
        except FileNotFoundError:
            continue
        found.append((path.name, state.st_mtime_ns, state.st_size))
    return tuple(found)


def read_lists(
    folder: Path, concepts: Concepts, refusals: list[LexiconError], *, named: bool = False
) -> Iterator[Line]:
    """All lines of all lists in `folder`; what is wrong with the form of one is put into `refusals`.

    With `named` files go by their folder too. Raises LexiconError when there are no lists.
    """
    lists = [path for path in sorted(folder.glob("*.yaml")) if path.name != PLACES]
    if not lists:
        raise LexiconError(f"{folder}: no word lists here; reinstall, or point to the folder that has them")
    for path in lists:
        name = f"{folder.name}/{path.name}" if named else path.name
        yield from _List(name=name, concepts=concepts, refusals=refusals).lines(path)


def patterns_of(line: Line, written: str) -> Iterator[str]:
    """All search patterns of one entry: alternatives and spellings multiplied. Raises LexiconError."""
    for words in itertools.product(*(word.split("/") for word in written.split())):
        phrase = " ".join(words)
        spellings = {phrase}
        if line.language == "de":
            spellings.add(phrase.lower().translate(_UMLAUTS))
        if line.language == "nl":
            spellings.add(phrase.replace("ij", "y"))
        yield from sorted(_pattern(line, spelling) for spelling in spellings)


def _pattern(line: Line, entry: str) -> str:
    if "*" in entry.strip("*") or (entry.startswith("*") and entry.endswith("*")):
        raise line.refuse(f"{entry!r}: a * may stand at the beginning or at the end, once")
    folded = fold(entry)
    if not folded:
        raise line.refuse(f"{entry!r} has no letter or digit")
    if "*" in entry and len(folded) < _SHORTEST_STEM:
        raise line.refuse(f"{entry!r}: a stem needs at least {_SHORTEST_STEM} letters")
    return ("" if entry.startswith("*") else " ") + folded + ("" if entry.endswith("*") else " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class _List:
    """One list that is being read: what is wrong with it goes to `refusals`, and the rest is read on."""

    name: str
    concepts: Concepts
    refusals: list[LexiconError]

    def lines(self, path: Path) -> Iterator[Line]:
        """The lines of the list in `path` that can be read, in its order."""
        root = self._root(path)
        if root is None:
            return
        parts = {key.value: (key, value) for key, value in root.value}
        concept = parts.pop("concept", (root, root))[1]
        values = self.concepts.get(concept.value) if isinstance(concept, ScalarNode) else None
        if values is None:
            return self._refuse(root, f"`concept` must be one of {', '.join(self.concepts)}")
        for part, (key, blocks) in parts.items():
            if part not in ("firm", "hint"):
                self._refuse(key, f"{part!r} must be `firm` or `hint`")
                continue
            for value, languages in self._pairs(blocks):
                if value.value not in values:
                    self._refuse(value, f"{value.value!r} is no {concept.value}; it can be {', '.join(values)}")
                    continue
                for language, number, text in self._texts(languages):
                    yield Line(
                        file=self.name,
                        number=number,
                        text=text,
                        concept=concept.value,
                        value=value.value,
                        language=language,
                        firm=part == "firm",
                    )

    def _texts(self, languages: Node) -> Iterator[tuple[str, int, str]]:
        """Language, number and text of each line of one value."""
        for language, block in self._pairs(languages):
            if language.value not in LANGUAGES:
                self._refuse(language, f"{language.value!r} must be one of {', '.join(LANGUAGES)}")
            elif not isinstance(block, ScalarNode) or block.style != "|":
                self._refuse(block, "the entries must be a block of text that begins with `|`")
            else:
                first = block.start_mark.line + 2
                for number, text in enumerate(block.value.split("\n"), start=first):
                    yield language.value, number, text

    def _root(self, path: Path) -> MappingNode | None:
        """What the file holds; None, and a refusal, when that is no mapping."""
        line, reason = 1, "this is no YAML in UTF-8"
        try:
            root = YAML(typ="safe", pure=True).compose(path.read_text("utf-8"))
            if isinstance(root, MappingNode):
                return root
            reason = "a list begins with `concept:`"
        except MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            reason = error.problem or reason
        except (YAMLError, UnicodeDecodeError) as error:
            log.debug("no YAML", exc_info=error)
        except OSError as error:
            reason = f"cannot be read ({error.strerror})"
        self.refusals.append(LexiconError(f"{self.name}:{line}: {reason}"))
        return None

    def _pairs(self, node: Node) -> list[tuple[Node, Node]]:
        if isinstance(node, MappingNode):
            return list(node.value)
        self._refuse(node, "a mapping is expected here")
        return []

    def _refuse(self, node: Node, reason: str) -> None:
        self.refusals.append(LexiconError(f"{self.name}:{node.start_mark.line + 1}: {reason}"))
