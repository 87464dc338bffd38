from __future__ import annotations

import pytest

from dedupe.reading.facts import default_reader
from tests.dedupe.reading.test_facts import facts_of


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("slaapplaats in Diepenbeeck", "Diepenbeek"),
        ("slaapplaats te Zonnhoven", "Zonhoven"),
        ("bed in Hoogstraeten", "Hoogstraten"),
        ("bed vlakbij Houtalen", "Houthalen"),
        ("lit à Liege", "Liège"),
        ("lit à Bruxeles", "Brussel/Bruxelles"),
        ("canapé à Vervier", "Verviers"),
        ("covoiturage vers Charlroi", "Charleroi"),
        ("lift naar Maastrigt", "Maastricht"),
        ("bed in Dendermnode", "Dendermonde"),
        ("slaapplaats in Geradsbergen", "Geraardsbergen"),
        ("bed in Tongren", "Tongeren"),
        ("Bett in Kelmiss", "Kelmis"),
        ("Schlafplatz in Eschwieler", "Eschweiler"),
        ("ride to Antwerpp", "Antwerpen"),
    ],
)
def test_a_town_written_a_little_wrong_is_that_town(text: str, place: str) -> None:
    assert facts_of(text)[0]["place"] == place


@pytest.mark.parametrize(
    "text",
    [
        "hij is nog in leven",
        "bed bij anderen",
        "in passende kleren",
        "lit à montrer",
        "slaapplaats bij Valentin",
        "we gaan naar boeken kijken",
        "in steden is het druk",
        "het leuvn van alledag",  # no word of place before it
        "Bett in Limburg",
        "ik ben in gedachten bij jullie",
    ],
)
def test_an_ordinary_word_is_no_town_written_wrong(text: str) -> None:
    assert facts_of(text)[0]["place"] is None


def test_a_word_as_near_to_two_towns_is_neither() -> None:
    speller = default_reader().speller
    assert speller.town("moerteke") is None  # Moerbeke or Moerzeke
    assert speller.town("hasseld") is None  # one letter for another, in a name of seven
    assert speller.town("") is None


def test_a_word_is_looked_up_once() -> None:
    speller = default_reader().speller
    found = speller.town("turnhouut")
    assert found is not None
    assert speller.seen["turnhouut"] == found
