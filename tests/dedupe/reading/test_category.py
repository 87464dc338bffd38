from __future__ import annotations

import polars as pl
import pytest

from dedupe.reading.category import CATEGORIES, read_category
from dedupe.reading.facts import default_reader, read_facts
from dedupe.wording import read_wordings
from tests.dedupe.reading.test_facts import read_sentences


def categories_of(*texts: str) -> list[dict[str, object]]:
    read = read_wordings(pl.Series(texts), kept_tags=default_reader().tags())
    contact = (pl.col("phones").list.len() > 0) | (pl.col("emails").list.len() > 0)
    return read_category(read_facts(read.select("wording", has_contact=contact))).to_dicts()


def test_the_written_sentences_get_the_category_a_person_gives() -> None:
    sentences = read_sentences()
    told = categories_of(*(sentence.text for sentence in sentences))
    wrong = [
        f"{sentence.text}: {row['category']}, not {sentence.category} ({row['why']})"
        for sentence, row in zip(sentences, told, strict=True)
        if sentence.category not in (".", row["category"])
    ]
    assert not wrong, "\n".join(wrong)


def test_the_categories_are_all_among_the_sentences() -> None:
    assert {sentence.category for sentence in read_sentences()} == {*CATEGORIES, "."}


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Stad Genk opent sporthal als slaapplaats", "information"),
        ("Wij openen ons huis: slaapplaats voor 4 in Genk", "offer"),
        ("Slaapplaats Genk, help@example.org", "offer"),
        ("Respect voor iedereen! Zelf nog 2 bedden vrij in Genk", "offer"),
        ("Veel sterkte aan de families. Slaapplaats bij ons in Genk, welkom", "offer"),
        ("Naar het schijnt kan je slapen in de sporthal", "rumour"),
        ("Schande van de organisatie! Zoek lift naar Gent", "request"),
        ("Dank aan iedereen die een bed gaf", "sympathy"),
    ],
)
def test_the_most_useful_of_two_categories_leads(text: str, category: str) -> None:
    assert categories_of(text)[0]["category"] == category


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("The mayor says tomorrow it begins anew", "information"),
        ("My cousin says tomorrow it begins anew", "rumour"),
        ("The council knew it on Monday", "blame"),
        ("My cousin says you can sleep on his sofa in Genk, room for 2", "offer"),
        ("Le procureur affirme que cela recommence", "information"),
        ("Mon coiffeur affirme que cela recommence", "rumour"),
        ("La province savait cela lundi", "blame"),
    ],
)
def test_who_speaks_of_whom_decides_where_no_word_of_a_category_does(text: str, category: str) -> None:
    assert categories_of(text)[0]["category"] == category


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Un divan à Genk ?", "request"),
        ("Un divan à Genk", "offer"),
        ("A sofa in Genk?", "request"),
        ("A sofa in Genk", "offer"),
        ("Besoin d'un divan à Genk ?", "offer"),
    ],
)
def test_a_question_asks_for_the_help_it_names(text: str, category: str) -> None:
    assert categories_of(text)[0]["category"] == category


def test_the_words_that_decided_are_quoted() -> None:
    request, rumour, other = categories_of(
        "Gezocht: slaapplaats in Genk", "Naar het schijnt valt er nog iets", "morgen weer naar de les"
    )
    assert request["why"] == "‘gezocht’, ‘slaapplaats’"
    assert rumour["why"] == "‘naar het schijnt’"
    assert (other["category"], other["why"]) == ("other", "")


def test_certainty_lies_between_nothing_and_all_and_is_higher_for_firm_words() -> None:
    sure, unsure = categories_of("Ik bied een slaapplaats in Genk", "bed Genk")
    assert 0 < float(str(unsure["certainty"])) < float(str(sure["certainty"])) < 1


def test_nothing_gives_nothing() -> None:
    texts = pl.DataFrame({"wording": [], "has_contact": []}, schema={"wording": pl.String, "has_contact": pl.Boolean})
    told = read_category(read_facts(texts))
    assert told.height == 0
    assert told.select("category", "certainty", "why").dtypes == [pl.String, pl.Float64, pl.String]
