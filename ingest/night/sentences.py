"""The sentences people typed, and the towns they typed about.

Owns reading `words/*.yaml`. Knows nothing of who says what when.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TypeVar

from ruamel.yaml import YAML

T = TypeVar("T")

LANGUAGES = ("nl", "fr", "en", "de")
KINDS = ("bed", "ride", "food", "shower", "charging", "material", "care", "animals")


@dataclass(frozen=True, slots=True)
class Place:
    """A town: `key` is its name in its own language, `names` what each language calls it."""

    key: str
    names: dict[str, str]


def pick(rng: random.Random, options: Sequence[T]) -> T:
    """One of `options`. The same on every machine and Python, and quicker than `choice`."""
    return options[int(rng.random() * len(options))]


def _read(name: str) -> dict[str, str]:
    text = files("ingest.night").joinpath("words", f"{name}.yaml").read_text(encoding="utf-8")
    loaded: dict[str, str] = YAML(typ="safe", pure=True).load(text)
    return loaded


@cache
def _sections(lang: str) -> dict[str, tuple[str, ...]]:
    sections = {**_read(f"{lang}_help"), **_read(f"{lang}_long"), **_read(f"{lang}_talk")}
    return {
        name: tuple(block.split("|") if name.startswith("items_") else block.splitlines())
        for name, block in sections.items()
    }


@cache
def sentences(lang: str) -> dict[str, tuple[str, ...]]:
    """All sections of one language: section -> its sentences, with slots in braces."""
    return {name: tuple(line.removeprefix("!") for line in lines) for name, lines in _sections(lang).items()}


@cache
def retellings(lang: str, section: str) -> tuple[str, ...]:
    """The sentences of a section that say no more than the facts, and so can tell again what another one told."""
    return tuple(line for line in _sections(lang)[section] if not line.startswith("!"))


@cache
def people() -> dict[str, tuple[str, ...]]:
    """What names are made of: `first`, `heads`, `tails`, and `streets` and `clubs`."""
    return {name: tuple(block.split()) for name, block in _read("people").items()}


@cache
def count_words() -> frozenset[str]:
    """The words for small numbers in every language."""
    return frozenset(word for lang in LANGUAGES for word in sentences(lang)["items_numbers"])


@cache
def places() -> dict[str, tuple[Place, ...]]:
    """Towns by `near` (around Hasselt) and `far`."""
    return {group: tuple(_place(line) for line in block.splitlines()) for group, block in _read("places").items()}


def _place(line: str) -> Place:
    key, *others = (part.strip() for part in line.split("|"))
    names = dict.fromkeys(LANGUAGES, key)
    for other in others:
        lang, name = other.split(" ", 1)
        names[lang] = name
    return Place(key, names)


@cache
def town_words() -> frozenset[str]:
    """Every spelling of every town, word by word and lower case: what a slip of the finger must not hit."""
    return frozenset(
        word
        for group in places().values()
        for place in group
        for name in place.names.values()
        for word in (name.lower(), *name.lower().replace("-", " ").split())
    )


def of_town(name: str) -> str:
    """French "de" before a town: "de Genk", "d'Anvers"."""
    return f"d'{name}" if name[0] in "AEIOUÉ" else f"de {name}"


def hour(lang: str, clock: int) -> str:
    """A full hour as people write it; `clock` in 0..23, local."""
    if lang == "nl":
        return "middernacht" if clock == 0 else f"{clock}u"
    if lang == "fr":
        return "minuit" if clock == 0 else f"{clock}h"
    if lang == "en":
        return "midnight" if clock == 0 else f"{clock - 12}pm" if clock > 12 else f"{clock}am"
    return "Mitternacht" if clock == 0 else f"{clock} Uhr"


def amount(rng: random.Random, lang: str, count: int) -> str:
    """A count as digits, or now and then as a word."""
    return sentences(lang)["items_numbers"][count] if 2 <= count <= 12 and rng.random() < 0.2 else str(count)
