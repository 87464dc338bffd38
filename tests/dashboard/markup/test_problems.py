"""What is wrong with a plan, said in four languages: of every problem that is found somewhere, and of no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest
from pydantic import BaseModel
from pydantic_core.core_schema import ErrorType

from dashboard.markup import planner, problems
from dashboard.markup.refusals import refusal
from dashboard.words import LANGUAGES, Language, texts, words
from playbooks.errors import PlaybookError, Problem, Term
from playbooks.loader import parse_playbook
from playbooks.model import Playbook
from playbooks.sentences import SENTENCES
from tests.playbooks.conftest import SMALL_PLAN
from tests.playbooks.test_loader import ERRORS, HOSTILE, WARNINGS
from tests.support.boards import START

ROOT = Path(__file__).parents[3]
BROKEN = sorted((ROOT / "tests" / "playbooks" / "broken").glob("*.yaml"))
TODAY = date(2026, 11, 21)


def names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def constants() -> Iterator[str]:
    """Every text that stands in the source of the checks."""
    for file in (ROOT / "playbooks").glob("*.py"):
        if file.stem != "sentences":
            nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            yield from (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


def told() -> Iterator[tuple[str, frozenset[str]]]:
    """The code and the names of the values of every problem told by a code that stands at the place itself."""
    for file in (ROOT / "playbooks").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or ast.unparse(node.func).split(".")[-1] not in (
                "tell",
                "_note",
                "_stop",
            ):
                continue
            codes = [one.value for one in node.args if isinstance(one, ast.Constant)]
            if codes and all(one.arg for one in node.keywords):
                yield str(codes[0]), frozenset(str(one.arg) for one in node.keywords)


def terms() -> Iterator[Term]:
    """Every word of ours that stands in a problem: those in the source, and the meaning of every key that must be there."""
    for file in (ROOT / "playbooks").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Term":
                given = {str(one.arg): one.value for one in node.keywords}
                if all(isinstance(one, ast.Constant) for one in given.values()):
                    yield Term(code=ast.literal_eval(given["code"]), english=ast.literal_eval(given["english"]))
    for part in parts_of(Playbook):
        for name, field in part.model_fields.items():
            if field.is_required():
                assert field.description
                yield Term(code=f"{part.__name__}.{field.alias or name}", english=field.description.rstrip("."))


def parts_of(annotation: object) -> set[type[BaseModel]]:
    inner = {one for found in getattr(annotation, "__args__", ()) for one in parts_of(found)}
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = annotation.model_fields.values()
        return inner | {annotation} | {one for field in fields for one in parts_of(field.annotation)}
    return inner


def found() -> Iterator[Problem]:
    """The problems of everything broken that the tests know."""
    for old, new, *_ in [*ERRORS.values(), *WARNINGS.values()]:
        changed = SMALL_PLAN.replace(old, new.replace("§", ""), 1).encode()
        yield from parse_playbook(changed, name="plan.yaml", today=TODAY).problems
    for data in [*HOSTILE.values(), *(file.read_bytes() for file in BROKEN)]:
        yield from parse_playbook(data, name="plan.yaml", today=TODAY).problems


def test_every_problem_has_a_sentence_and_every_sentence_a_problem():
    assert set(SENTENCES) <= set(constants()) | set(get_args(ErrorType))
    sites = list(told())
    assert len(sites) > 40
    wrong = [(code, values) for code, values in sites if values != set().union(*map(names, SENTENCES[code]))]
    assert not wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_has_its_text_with_its_values_in_three_lines(language: Language):
    there = {key.removeprefix("problem."): str(text) for key, text in texts(language).items() if key[:8] == "problem."}
    assert set(there) == set(SENTENCES)
    for code, english in SENTENCES.items():
        lines = there[code].split("\n")
        assert len(lines) == 3, code
        assert [names(line) for line in lines] == [names(part) for part in english], code
        assert language != "en" or tuple(lines) == english, code


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_ours_in_a_problem_has_its_text(language: Language):
    there = {key.removeprefix("term."): text for key, text in texts(language).items() if key.startswith("term.")}
    wanted = {term.code: term.english for term in terms()}
    assert set(there) == set(wanted)
    assert language != "en" or there == wanted


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_broken_is_told_whole_in_the_readers_language(language: Language):
    said, english = words(language, "Europe/Brussels"), words("en", "Europe/Brussels")
    for problem in set(found()):
        what, expected, mend = problems.parts(problem, said)
        assert all((what, expected, mend)), problem
        assert not re.search(r"\{\{|\}\}(?!`)", what + expected + mend), problem
        if language == "en":
            assert (what, expected, mend) == (problem.what, f"expected {problem.expected}", problem.mend)
        else:
            assert mend != problems.parts(problem, english)[2], problem


@pytest.mark.parametrize(
    "kind", ["[]", "{}", "null", "1", "-1", "2.5", "true", "2026-01-01", '""', "x" * 2_100, '"É!"']
)
def test_whatever_stands_where_something_else_belongs_has_a_sentence_of_its_own(kind: str):
    text = re.sub(r"(?<=: )(?:\"[^\"]*\"|[\w-]+)(?=[,}\n])", lambda _: kind, SMALL_PLAN)
    reading = parse_playbook(text.encode(), name="plan.yaml", today=TODAY)
    assert len(reading.problems) > 20
    assert "misfit" not in {problem.said for problem in reading.problems}


def test_the_page_and_a_refusal_say_it_in_the_language_of_the_reader_escaped():
    text = SMALL_PLAN.replace("owner: head", 'owner: "<b>hed"')
    (problem, *_) = parse_playbook(text.encode(), name="plan.yaml", today=TODAY).problems
    nl = words("nl", "Europe/Brussels")
    shown = planner.problems([problem], {}, nl)
    assert "owner: `&lt;b&gt;hed`" in shown
    assert "verwacht: kleine letters, cijfers" in shown
    assert 'lang="en"' not in shown
    refused = refusal(PlaybookError([problem]), nl, START)
    assert f"plan.yaml, regel {problem.line}, teken {problem.column}: owner: `&lt;b&gt;hed`; verwacht: " in refused
    assert 'lang="en"' not in refused
