"""What the store refuses, said in four languages: of every refusal that is raised somewhere, and of no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dashboard.markup.refusals import refusal, sentence, spoken
from dashboard.words import LANGUAGES, Language, texts, words
from dedupe.errors import DecisionRefused, Held, LexiconError, NotAllowed, NotFound, Overtaken, StoreBusy, StoreError

NOW = datetime(2026, 8, 18, 20, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[3]
WITHOUT_CODE = {"busy", "not_found", "other"}
"""Texts for errors that are told by their type."""
MAKE = ("DecisionRefused", "NotAllowed", "IncidentRefused")


def raised() -> Iterator[tuple[str, frozenset[str]]]:
    """The code and the names of the values of every refusal that the source makes."""
    for package in ("dedupe", "dashboard", "ingest", "playbooks"):
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    called, given = ast.unparse(node.func), {str(one.arg): one.value for one in node.keywords}
                    if called not in MAKE and not (called == "super().__init__" and "said" in given):
                        continue
                    yield ast.literal_eval(given.pop("said")), frozenset(given)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_that_is_raised_has_its_text_with_its_values(language: Language):
    there = {
        key.removeprefix("refused."): frozenset(re.findall(r"\{(\w+)\}", str(text)))
        for key, text in texts(language).items()
        if key.startswith("refused.")
    }
    made = list(raised())
    assert len(made) > 40
    assert set(there) - WITHOUT_CODE == {code for code, _ in made}
    assert not [code for code, values in made if not there[code] <= values]


REFUSALS = (
    DecisionRefused("", said="gone", what="offer", state="full"),
    DecisionRefused("", said="places", asked=5, most=3),
    NotAllowed("", said="others", who="<b>Bob</b>"),
    NotAllowed("", said="role"),
    Held("<i>Bob</i>", NOW),
    Overtaken("storm", 3, "Bob", NOW),
    NotFound("No record goes by that."),
    StoreBusy("busy"),
    StoreError("The disk is gone."),
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_store_refuses_is_said_in_the_readers_language_and_escaped(language: Language):
    said = words(language, "Europe/Brussels")
    shown = [refusal(error, said, NOW) for error in REFUSALS]
    assert len(set(shown)) == len(REFUSALS)
    assert not [told for told in shown if 'lang="en"' in told or "<b>" in told or "<i>" in told]


def test_values_are_written_as_the_language_does_it():
    said = words("de", "Europe/Brussels")
    assert spoken(Held("Bob", NOW), said, NOW) == "Bob hat dies bis 22:00. Fragen Sie nach oder warten Sie."
    assert spoken(DecisionRefused("", said="too_long", most=2_000), said, NOW).endswith("höchstens 2.000 Zeichen.")
    gone = spoken(DecisionRefused("", said="gone", what="offer", state="full"), said, NOW)
    assert gone.startswith(f"{said.word('what', 'offer')} ist {said.word('state', 'full')}")


def test_an_error_without_a_code_stands_there_in_english_and_says_so():
    own = sentence(LexiconError("Something <new>."), words("nl", "UTC"), NOW)
    assert '<span lang="en">Something &lt;new&gt;.</span>' in own
