"""Contact data is covered in whatever way people write it, and what the offer says is not."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.markup.mask import COVER, mask
from dashboard.markup.plain import clean


@pytest.mark.parametrize(
    "number",
    [
        "0470/12.34.56",
        "0470 12 34 56",
        "0470-12-34-56",
        "+32 470 12 34 56",
        "+32 (0)470/12 34 56",
        "0032470123456",
        "(011) 22 33 44",
        "011/223344",
        "06 12 34 56 78",
        "+49 241 12 34 56",
        "0 4 7 0 1 2 3 4 5 6",
        "0470 12 34 5…",
        "٠٤٧٠١٢٣٤٥٦",
        "0470\u200b12\u200b34\u200b56",
    ],
)
def test_a_phone_number_is_covered_however_it_is_written(number: str):
    covered = mask(clean(f"2 bedden in Genk, bel {number} tot 23u #hasselthelpt"))
    assert not any(pair in covered for pair in ("12", "34", "56", "22", "33", "٣٤"))
    assert covered.startswith("2 bedden in Genk, bel ")
    assert "#hasselthelpt" in covered


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("mail naar jan.peeters@example.be voor een bed", "peeters"),
        ("mail jan (at) example (dot) be", "jan"),
        ("stuur @een_schrijver een bericht", "schrijver"),
        ("via @iemand@mastodon.example", "mastodon"),
        ("zie https://wa.me/32470123456", "32470123456"),
        ("zie http://32470123456.example.be/x", "32470123456"),
        ("https://bsky.app/profile/iemand.example/post/3k", "iemand"),
        ("stort op BE68 5390 0754 7034", "5390"),
        ("stort op NL91ABNA0417164300", "ABNA"),
        ("Kerkstraat 12 in Genk", "12"),
        ("Grote Steenweg 3 bus 4, Hasselt", "3"),
        ("Lindeweg 7a in Alken", "7a"),
        ("12 rue Neuve à Hasselt", "12"),
        ("avenue Louise 45b", "45"),
        ("Hauptstraße 12a in Aachen", "12"),
        ("Bahnhofstr. 5 Aachen", "5"),
        ("come to 12 Main Street", "12"),
    ],
)
def test_addresses_handles_accounts_and_house_numbers_are_covered(text: str, gone: str):
    covered = mask(text)
    assert gone not in covered
    assert COVER in covered or "/…" in covered


@pytest.mark.parametrize(
    "text",
    [
        "2 slaapplaatsen in 3500 Hasselt, tot morgen 10 uur",
        "onderweg 3 plaatsen vrij naar Gent om 20u30",
        "tussen 20:00 - 22:30",
        "op 18/08/2011 rijden we om 21.00",
        "Slaapplaats 2 personen, 3 matrassen",
        "2 places pour 3 personnes, place pour un chien",
        "Schlafplatz 2 Leute bis 8 Uhr",
        "3 people on the road to Genk",
        "bel 112 bij levensgevaar",
        "10.000 volgers, 2-3 personen, 4 à 5",
        "📱 opladen kan 🔌 #hasselthelpt",
    ],
)
def test_what_an_offer_says_stays(text: str):
    assert mask(text) == text


@given(st.text(max_size=400))
def test_no_text_breaks_the_mask_and_no_handle_is_left(text: str):
    assert not re.search(r"@\w", mask(clean(text)))


@given(st.integers(10_000_000, 99_999_999), st.sampled_from([" ", ".", "/", "-", "", " . "]), st.text(max_size=30))
def test_every_number_of_eight_figures_is_covered(number: int, between: str, around: str):
    figures = str(number)
    spelled = between.join([f"04{figures[:2]}", figures[2:4], figures[4:6], figures[6:]])
    assert spelled not in mask(f"{around} {spelled} {around}")


@pytest.mark.parametrize(
    "wall",
    [
        "0 " * 1500,
        "a" * 3000,
        "+" * 3000,
        "a." * 1500,
        "www." + "a" * 3000,
        "Straat" * 500,
        "x@y." * 700,
        "rue a " * 500,
    ],
)
def test_a_hostile_wall_of_text_takes_no_longer_than_it_should(wall: str):
    begun = time.process_time()
    for _ in range(20):
        mask(clean(wall))
    assert time.process_time() - begun < 2, "it took a hundred times as long before it was bounded"
