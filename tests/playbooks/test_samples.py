"""The posts our messages teach people to write: the board must read them as what they are, in every language."""

from __future__ import annotations

import re
from datetime import date

import polars as pl
import pytest

from dedupe.reading.category import read_category
from dedupe.reading.facts import read_facts
from dedupe.reading.lexicon import fold
from playbooks.fill import fill
from playbooks.loader import load_playbook, shipped
from playbooks.values import LANGUAGES, Language

QUOTED: dict[Language, str] = {
    "nl": r"'([^']+#\{tag\})'",
    "fr": r"« ([^»]+#\{tag\}) »",
    "de": r"„([^“]+#\{tag\})“",
    "en": r"'([^']+#\{tag\})'",
}
FILLED = {"count": "40", "hall": "sporthal", "place": "Genk", "district": "Genk", "from": "18:00", "until": "22:00"}
MEANT = {
    ("festival-storm", "write_like_this"): ("offer", "bed", 2),
    ("festival-storm", "ask_like_this"): ("request", "ride", 3),
    ("festival-storm", "good_example"): ("offer", "bed", 40),
    ("flood", "write_like_this"): ("offer", "ride", 6),
    ("flood", "ask_like_this"): ("request", "hands", 2),
    ("flood", "good_example"): ("offer", "bed", 40),
    ("attack-shelter", "write_like_this"): ("offer", "bed", 1),
    ("attack-shelter", "ask_like_this"): ("request", "bed", 3),
    ("attack-shelter", "good_example"): ("offer", "bed", 40),
    ("power-cut", "write_like_this"): ("offer", "bed", 3),
    ("power-cut", "ask_like_this"): ("request", "care", None),
    ("power-cut", "good_example"): ("offer", "charging", 40),
}


def sample(text: str, template: str, language: Language) -> str:
    if template == "good_example":
        return text.split("\n")[0]
    found = re.search(QUOTED[language], text)
    assert found is not None, text
    return found[1]


@pytest.mark.parametrize(("plan", "template"), sorted(MEANT))
def test_a_sample_post_is_read_as_what_it_shows(plan: str, template: str) -> None:
    playbook = load_playbook(shipped()[plan], today=date(2026, 11, 21))
    texts = playbook.template(template).text
    samples = [sample(texts.in_language(language), template, language) for language in LANGUAGES]
    wordings = [fold(fill(one, {**FILLED, "tag": playbook.hashtags.official})) for one in samples]
    frame = pl.DataFrame({"wording": wordings, "has_contact": [False] * len(wordings)})
    read = read_category(read_facts(frame)).select("category", "kind", "capacity")
    assert dict(zip(LANGUAGES, read.rows(), strict=True)) == dict.fromkeys(LANGUAGES, MEANT[plan, template])
