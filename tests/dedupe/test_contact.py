"""Contacts: the number one dials, by how it is written, where and in what language."""

from __future__ import annotations

import polars as pl
import pytest

from dedupe.contact import dialled, masked, spelled
from dedupe.store import Store
from dedupe.wording import read_numbers
from tests.support.posts import post, take


@pytest.mark.parametrize(
    ("written", "country", "lang", "number"),
    [
        ("0470 00 12 34", "BE", "nl", "+32470001234"),
        ("0470/00.12.34", None, "de", "+32470001234"),
        ("0470001234", "FR", "fr", "+32470001234"),
        ("04 70 00 12 34", "FR", "fr", "+33470001234"),
        ("470 00 12 34", "BE", "nl", "+32470001234"),
        ("32470001234", "BE", "nl", "+32470001234"),
        ("+32 (0)470 00 12 34", None, None, "+32470001234"),
        ("+32 0470 00 12 34", None, None, "+32470001234"),
        ("0032 470 00 12 34", "DE", "de", "+32470001234"),
        ("011 22 33 44", None, None, "+3211223344"),
        ("0800 12 345", "BE", "nl", "+3280012345"),
        ("06 0000 0012", None, "nl", "+31600000012"),
        ("06-00000012", "BE", "en", "+31600000012"),
        ("0475-123456", "NL", "nl", "+31475123456"),
        ("0475 12 34 56", "NL", "nl", "+32475123456"),
        ("+31 (0)6 0000 0012", "BE", "nl", "+31600000012"),
        ("06 39 98 12 34", None, "fr", "+33639981234"),
        ("0639981234", "BE", "fr", "+33639981234"),
        ("03 20 00 12 34", "FR", "fr", "+33320001234"),
        ("0171 3920012", "BE", "de", "+491713920012"),
        ("0241 432012", None, "de", "+49241432012"),
        ("087 55 12 34", "BE", "de", "+3287551234"),
        ("+49 1555 0001234", "BE", "nl", "+4915550001234"),
        ("621 000 123", "LU", "fr", "+352621000123"),
        ("07700 900123", None, "en", "+447700900123"),
        ("202-555-0123", None, "en", "+12025550123"),
    ],
)
def test_a_number_is_of_the_country_that_fits_its_form_place_and_language(
    written: str, country: str | None, lang: str | None, number: str
):
    assert dialled([written], country=country, lang=lang, ride=False) == number


@pytest.mark.parametrize(
    ("written", "country", "lang", "number"),
    [
        ("06 0000 0012", "DE", "de", "+31600000012"),
        ("06-00000012", "LU", "nl", "+31600000012"),
        ("06 39 98 12 34", None, "fr", "+33639981234"),
        ("04 70 00 00 00", "BE", "fr", "+32470000000"),
        ("0470 00 00 00", "NL", "de", "+32470000000"),
        ("07700 900123", "DE", "en", "+447700900123"),
        ("621 000 123", None, "en", "+352621000123"),
    ],
)
def test_a_mobile_number_is_of_the_country_whose_mobiles_look_so(
    written: str, country: str | None, lang: str, number: str
):
    assert dialled([written], country=country, lang=lang, ride=False) == number


def test_a_link_that_opens_a_chat_is_a_number():
    assert read_numbers(pl.Series(["Bed in Genk: https://wa.me/32470000000"])).to_list() == [["+32470000000"]]


def test_a_ride_may_go_abroad_with_a_number_from_home():
    assert dialled(["0620000012"], country="FR", lang="nl", ride=True) == "+31620000012"
    assert dialled(["0620000012"], country="FR", lang="nl", ride=False) == "+33620000012"


@pytest.mark.parametrize("written", ["01-09-24 18", "0475 12 34", "2011081823", "0497", "1234567890"])
def test_figures_that_are_no_number_are_none(written: str):
    assert dialled([written], country="BE", lang="nl", ride=False) is None


def test_the_first_whole_number_counts():
    assert (
        dialled(["01-09-24 18", "0470 00 12 34", "0470 00 99 99"], country=None, lang=None, ride=False)
        == "+32470001234"
    )
    assert dialled([], country="BE", lang="nl", ride=False) is None


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Bed vrij, bel 0470 00 12 34 of 011/22 33 44", ["0470 00 12 34", "011/22 33 44"]),
        ("RT @jan: bed in Genk, bel 0470 00 1...", []),
        ("bel 112 of 1722, kom om 20.30u naar 3500 Hasselt, bus 45", []),
        ("rekening BE00 0000 0754 7034, bel 0470 00 12 34", ["0470 00 12 34"]),
        ("btw BE 0000.000.097", []),
        ("ondernemingsnummer BE 0000.000.097", []),
        ("85.00.00-000.97 staat op mijn kaart", []),
        ("450 000 000 euro schade, € 450 000 000", []),
        ("https://social.example/0470001234", []),
        ("(+32) 470 00 12 34", ["+32) 470 00 12 34"]),
        ("\uff10\uff14\uff17\uff10 \uff10\uff10 \uff11\uff12 \uff13\uff14", ["0470 00 12 34"]),
    ],
)
def test_only_what_one_can_call_is_read_as_a_number(text: str, numbers: list[str]):
    assert read_numbers(pl.Series([text])).to_list() == [numbers]


def test_a_record_shows_the_number_as_its_post_writes_it(store: Store):
    take(
        store,
        post("bluesky", "1", "jan", "Schlafplatz in Aachen für zwei, 0171 3920012", 1, lang="de"),
        post("bluesky", "2", "an", "Lit pour deux à Lille, 06 39 98 12 34", 2, lang="fr"),
        post("bluesky", "3", "els", "Slaapplaats in Eindhoven voor drie, 06 0000 0012 of 06 0000 0013", 3, lang="nl"),
        post("bluesky", "4", "piet", "Bed vrij in Genk sinds 01-09-24 18:30, mail piet@example.org", 4, lang="nl"),
        post("bluesky", "5", "eva", "Bed vrij in Bree voor vier, dm me maar", 5, lang="nl"),
    )
    shown = store.read("select contact from current_records order by first_seen")["contact"].to_list()
    assert shown == ["+491713920012", "+33639981234", "+31600000012", "piet@example.org", None]


def test_a_contact_is_spelled_out_or_hidden():
    assert (spelled("470001234"), spelled("+491713920012"), spelled("@jan"), spelled(None)) == (
        "+32470001234",
        "+491713920012",
        "@jan",
        None,
    )
    assert masked("+32470001234") == "••••••••••34"
    assert masked(None) is None
