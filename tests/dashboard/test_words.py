"""Four languages that say the same."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from dashboard.markup.cards import SHAPES
from dashboard.words import LANGUAGES, Language, language_of, texts, words
from dedupe.deciding.decisions import CATEGORIES
from dedupe.deciding.life import STATES
from dedupe.evidence import WHY
from dedupe.judgements import MERGED, PARTED
from dedupe.links import ALONE
from dedupe.pointers import ANSWERED, QUOTED, REPOSTED
from dedupe.reading.lexicon import KINDS
from playbooks.vocabulary import BOARD_VARIABLES

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 8, 18, 20, 0, tzinfo=UTC)


def forms(text) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def blanks(text) -> set[str]:
    return {name for form in forms(text) for name in re.findall(r"\{(\w+)\}", form)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_texts_with_the_same_blanks(language: Language):
    dutch, other = texts("nl"), texts(language)
    assert set(dutch) == set(other)
    assert {key: blanks(text) for key, text in dutch.items()} == {key: blanks(text) for key, text in other.items()}
    assert {key for key, text in dutch.items() if isinstance(text, str)} == {
        key for key, text in other.items() if isinstance(text, str)
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_written_and_every_plural_has_both_forms(language: Language):
    for key, text in texts(language).items():
        assert all(form.strip() for form in forms(text)), key
        assert isinstance(text, str) or len(text) == 2, key


def test_the_languages_are_translated_and_not_copied():
    sentences = {language: texts(language)["board.paused"] for language in LANGUAGES}
    assert len(set(map(str, sentences.values()))) == len(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_the_engine_has_a_word(language: Language):
    there = texts(language)
    reasons = [code for code in WHY if not code.startswith("maybe_")]
    reasons += [ALONE, REPOSTED, QUOTED, ANSWERED, MERGED, PARTED]
    wanted = [f"why.{reason}" for reason in reasons]
    wanted += [f"category.{category}" for category in CATEGORIES] + [f"state.{state}" for state in STATES]
    wanted += [f"kind.{kind}" for kind in KINDS] + ["proposal.full"]
    wanted += [f"variable.{variable}" for variable in BOARD_VARIABLES]
    assert not [key for key in wanted if key not in there]
    assert not [state for state in STATES if state not in SHAPES]


def test_every_text_is_said_somewhere():
    """A text whose key is put together from a table and a code counts where the code, too, stands in the code or in a plan."""
    names, composed = keys_in_the_code()
    plans = "".join(path.read_text("utf-8") for path in ROOT.glob("playbooks/plans/*.yaml"))
    names |= set(re.findall(r"[\w-]+", plans))

    def known(code: str) -> bool:
        return {code, code.removeprefix("no_")} & names != set() or ("." in code and all(map(known, code.split("."))))

    def said(key: str) -> bool:
        found = [match for pattern in composed if (match := re.fullmatch(pattern, key))]
        return key in names or any(all(map(known, match.groups())) for match in found)

    assert said("board.paused")
    assert said("match.none_offer")
    assert not said("board.no_such_text")
    assert not said("state.no_such_state")
    assert [key for key in texts("nl") if not said(key)] == []


def test_every_text_that_is_asked_for_by_its_key_is_there():
    asked = set()
    for path in (ROOT / "dashboard").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            match node:
                case ast.Call(func=ast.Attribute(attr="say" | "count"), args=[ast.Constant(value=str(key)), *_]) if (
                    re.match(r"[a-z]+\.\w", key)
                ):
                    asked.add(key)
                case ast.Call(func=ast.Attribute(attr="say" | "count"), args=[ast.IfExp(body=one, orelse=other), *_]):
                    asked |= {str(each.value) for each in (one, other) if isinstance(each, ast.Constant)}
    assert "board.paused" in asked
    assert asked - texts("nl").keys() == set()


def keys_in_the_code() -> tuple[set[str], set[str]]:
    """Every string, class and field of the source; and the keys that are put together, as patterns with a group for each code.

    Such a key is `f"life.left_{category}"` or `word("state", …)`.
    """
    names, composed = set(), {r"what\.(.+)"}  # what a refusal is about: the name of its value is the table
    files = [path for room in ("dashboard", "dedupe", "ingest", "playbooks") for path in (ROOT / room).rglob("*.py")]
    for node in (node for path in files for node in ast.walk(ast.parse(path.read_bytes()))):
        match node:
            case ast.Constant(value=str(name)) | ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case ast.JoinedStr(values=parts):
                texts_of = (re.escape(str(part.value)) if isinstance(part, ast.Constant) else "(.+)" for part in parts)
                composed.add("".join(texts_of))
            case ast.Call(func=ast.Attribute(attr="word"), args=[ast.Constant(value=str(table)), *_]):
                composed.add(rf"{table}\.(.+)")
    return names, {pattern for pattern in composed if re.match(r"\w+\\\.", pattern)}


def test_a_code_without_a_word_shows_as_it_is():
    assert words("nl", "Europe/Brussels").word("why", "a reason of tomorrow") == "a reason of tomorrow"


def test_singular_and_plural_follow_the_language():
    nl, fr = words("nl", "UTC"), words("fr", "UTC")
    assert nl.count("card.capacity_offer", 1) == "1 plaats"
    assert nl.count("card.capacity_offer", 2) == "2 plaatsen"
    assert nl.count("list.found_request", 0) == "0 vragen"
    assert fr.count("list.found_request", 0) == "0 demande"


def test_thousands_stand_apart_as_each_language_does_it():
    written = {language: words(language, "UTC").number(97_000) for language in LANGUAGES}
    assert written == {"nl": "97.000", "fr": "97\u202f000", "de": "97.000", "en": "97,000"}


def test_times_are_those_of_the_incident_and_name_the_day_when_it_is_another():
    nl = words("nl", "Europe/Brussels")
    assert nl.clock(NOW, NOW) == "22:00"
    assert nl.clock(NOW - timedelta(days=1), NOW) == "17 aug 22:00"
    # 23:30 in Brussels is still today there, though it is 21:30 in UTC; 10:30 tomorrow is not.
    assert nl.clock(NOW + timedelta(hours=1, minutes=30), NOW) == "23:30"
    assert nl.clock(NOW + timedelta(hours=12, minutes=30), NOW) == "19 aug 10:30"


def test_times_of_one_night_name_no_day_on_either_side_of_midnight():
    nl = words("nl", "Europe/Brussels")
    assert nl.clock(NOW + timedelta(hours=2, minutes=30), NOW) == "00:30"
    assert nl.clock(NOW, NOW + timedelta(hours=6)) == "22:00"


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (-600, "zonet"),
        (0, "zonet"),
        (59, "zonet"),
        (60, "1 min geleden"),
        (3_599, "59 min geleden"),
        (3_600, "1 u 0 min geleden"),
        (86_399, "23 u 59 min geleden"),
        (86_400, "1 dag geleden"),
        (400_000, "4 dagen geleden"),
    ],
)
def test_how_long_ago_is_said_in_the_unit_one_would_use(ago: int, said: str):
    assert words("nl", "UTC").ago(NOW - timedelta(seconds=ago), NOW) == said


def test_an_unknown_language_is_dutch():
    assert language_of("xx") == language_of(None) == language_of("<script>") == "nl"
    assert language_of("fr") == "fr"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_stands_in_two_catalogues(language: Language):
    catalogues = files("dashboard").joinpath("locale", language).iterdir()
    keys = [key for one in catalogues for key in re.findall(r'^msgid "(.+)"$', one.read_text("utf-8"), re.MULTILINE)]
    assert sorted(keys) == sorted(set(keys))
