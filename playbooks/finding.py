"""Looking things up in the tree of a plan, and writing down what is wrong with it.

Owns paths such as `phases.actions.role` and the list of problems. Knows not what a plan ought to be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from playbooks.errors import Filling, Problem
from playbooks.tree import Items, Mapping, Node, Scalar

MOST_NAMED = 20
"""A message lists at most so many names to choose from."""


class Findings:
    """The tree of one plan and the problems found in it. `file` is the name to put in them."""

    def __init__(self, root: Mapping, file: str) -> None:
        self.root = root
        self.file = file
        self.problems: list[Problem] = []

    def tell(self, node: Node, said: str, **values: Filling) -> None:
        """Write down a problem at `node`: the sentence `said`, with its values."""
        self.problems.append(Problem(file=self.file, line=node.line, column=node.column, said=said, values=values))

    def all(self, path: str) -> Iterator[Node]:
        """Every value at `path` in the plan."""
        return below(self.root, path)

    def parts(self, path: str) -> Iterator[Mapping]:
        """Every part of the list at `path` that has keys."""
        return (node for node in self.all(path) if isinstance(node, Mapping))


def below(node: Node, path: str) -> Iterator[Node]:
    """Every value at `path` under `node`: through keys and through each part of a list; a list counts by its parts."""
    nodes = [node]
    for key in path.split("."):
        nodes = [part for found in nodes if isinstance(found, Mapping) for part in _parts(found.values.get(key))]
    yield from nodes


def _parts(node: Node | None) -> list[Node]:
    if node is None:
        return []
    return node.values if isinstance(node, Items) else [node]


def text_of(node: Node | None) -> str | None:
    """The text at `node`; None when it is none."""
    return node.value.strip() if isinstance(node, Scalar) and isinstance(node.value, str) else None


def words_of(node: Node, path: str) -> list[str]:
    """The texts at `path` under `node`."""
    return [text for found in below(node, path) if (text := text_of(found)) is not None]


def word(node: Node, key: str) -> str | None:
    """The text under `key` of `node`; None when there is none."""
    return text_of(node.values.get(key)) if isinstance(node, Mapping) else None


def number(node: Node, key: str) -> int | None:
    """The whole number, or true or false, under `key` of `node`; None when there is none."""
    value = node.values.get(key) if isinstance(node, Mapping) else None
    return value.value if isinstance(value, Scalar) and isinstance(value.value, int) else None


def listed(names: Sequence[str]) -> str:
    """`names` for a sentence, not too many of them; a dash for none."""
    return ", ".join([*names[:MOST_NAMED], "…"] if len(names) > MOST_NAMED else names) or "–"
