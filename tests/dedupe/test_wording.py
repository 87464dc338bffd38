"""Wording and contact: what copying changes is taken away, and nothing else."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.wording import LONGEST, fold, read_wordings, stem

TAGS = frozenset({"genk", "bed"})
BED = "Bed vrij in Genk voor 2, bel 0475 12 34 56"
PLACE = "Iemand nog een slaapplaats nodig vannacht? Bij ons kan het, in Genk."


def read(*texts: str) -> list[dict[str, Any]]:
    return read_wordings(pl.Series(list(texts), dtype=pl.String), kept_tags=TAGS).to_dicts()


def wording(text: str) -> str:
    return str(read(text)[0]["wording"])


def phones(text: str) -> list[str]:
    return list(read(text)[0]["phones"])


SAME = [
    # marks of copying
    (BED, f"RT @jan: {BED}"),
    (BED, f"RT @jan {BED}"),
    (BED, f"RT@jan: {BED}"),
    (BED, f"RT .@jan {BED}"),
    (BED, f"rt @Jan_P: {BED}"),
    (BED, f"MT @jan: {BED}"),
    (BED, f"RT @jan: RT @jan: {BED}"),
    (BED, f"RT @els: RT @jan: {BED}"),
    (BED, f'"RT @jan: {BED}'),
    (BED, f"oRT @jan: {BED}"),
    (BED, f"{BED} via @jan"),
    (BED, f"{BED} (via @jan)"),
    (BED, f"{BED} bron: @jan"),
    (BED, f"“@jan: {BED}”"),
    (BED, f'"@jan: {BED}"'),
    (BED, f"“@jan {BED}” super!"),
    (BED, f"Delen aub! RT @jan: {BED}"),
    (PLACE, f"RT @jan@social.example: {PLACE}"),
    # dress
    (BED, BED.upper()),
    (BED, f"{BED}!!!"),
    (BED, f"  {BED}\n\n"),
    (BED, BED.replace(" ", "\u00a0")),
    (BED, BED.replace(" ", "  \t")),
    (BED, f"😀 {BED} 🛏️"),
    (BED, f"{BED} #hasselthelpt #pp11"),
    (BED, f"#hasselthelpt {BED}"),
    (BED, BED.replace("vrij in", "vrij #hasselthelpt in")),
    (BED, BED.replace("Genk", "#Genk")),
    (BED, f"{BED} http://t.example/aB3"),
    (f"{BED} https://t.example/aB3", f"{BED} https://t.example/Zz9"),
    (BED, f"{BED} @els @piet"),
    (BED, BED.replace("Bed", "Be\u200bd")),
    (BED, f"\u202e{BED}\u202c"),
    (BED, f"\ufeff{BED}"),
    (BED, BED.replace("Bed", "𝐁𝐞𝐝")),
    (BED, BED.replace("vrij", "vrĳ")),
    ("Bed & ontbijt in Genk", "Bed &amp; ontbijt in Genk"),
    ("Bed & ontbijt in Genk", "Bed &amp;amp; ontbijt in Genk"),
    ("Bed 'vrij' in Genk", "Bed &#39;vrij&#39; in Genk"),
    ("l'église est ouverte", "l’eglise est ouverte"),
    ("Schlafplätze in Straßburg", "Schlafplatze in Strassburg"),
    ("z\u0301\u0302\u0303\u0304ie zo", "zie zo"),
    # numbers
    (BED, BED.replace("0475 12 34 56", "0475/12.34.56")),
    (BED, BED.replace("0475 12 34 56", "0475/123456")),
    (BED, BED.replace("0475 12 34 56", "+32 475 12 34 56")),
    (BED, BED.replace("0475 12 34 56", "+32(0)475123456")),
    (BED, BED.replace("0475 12 34 56", "+32 (0) 475 12 34 56")),
    (BED, BED.replace("0475 12 34 56", "0032475123456")),
    (BED, BED.replace("0475 12 34 56", "(0475) 12 34 56")),
    (BED, BED.replace("0475 12 34 56", "0475-12-34-56")),
    (BED, BED.replace("0475 12 34 56", "0475 - 12 - 34 - 56")),
    (BED, BED.replace("0475 12 34 56", "0475 / 12 34 56")),
    (BED, BED.replace("0475 12 34 56", "0475_12_34_56")),
    (BED, BED.replace("0475 12 34 56", "00 32 475 12 34 56")),
    (BED, BED.replace("0475 12 34 56", "475 12 34 56")),
    (BED, BED.replace("0475 12 34 56", "0475 12 34 56".translate({ord("4"): "４", ord("5"): "５"}))),
]

OTHER = [
    ("Dodentol loopt op tot 159", "Dodentol loopt op tot 278"),
    ("Beving met kracht 5.1", "Beving met kracht 5.4"),
    ("Om 18.15 uur", "Om 18.45 uur"),
    ("Bed vrij in Genk", "Bed vrij in Bilzen"),
    ("Bed vrij in Genk", "Bed niet vrij in Genk"),
    ("Bed vrij in Genk", "Bed vrij in Genk?"),
    ("Bed vrij voor 2", "Bed vrij voor 20"),
    ("Bed vrij #genk", "Bed vrij"),
    ("3,50 euro", "350 euro"),
    ("op 18/08/2011", "op 19/08/2011"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_copying_changes_is_taken_away(one: str, other: str):
    mine, theirs = read(one, other)
    assert (mine["wording"], mine["phones"], mine["emails"]) == (theirs["wording"], theirs["phones"], theirs["emails"])
    assert mine["wording"]


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_what_says_something_else_stays_something_else(one: str, other: str):
    assert wording(one) != wording(other)


@pytest.mark.parametrize(
    ("text", "credit"),
    [
        (BED, None),
        (f"RT @Jan: {BED}", "jan"),
        (f"RT @els: RT @jan: {BED}", "jan"),
        (f"RT @jan@social.example: {BED}", "jan"),
        (f"RT @jan-p.bsky.social: {BED}", "janp"),
        (f"{BED} (via @jan)", "jan"),
        (f"“@jan: {BED}”", "jan"),
        (f"« @jan: {BED} »", "jan"),
        ("Dank aan @jan voor alles", None),
        ("mail naar jan@example.org", None),
        ("Start @jan in Genk", None),
    ],
)
def test_the_innermost_mark_says_whose_words_these_are(text: str, credit: str | None):
    assert read(text)[0]["credit"] == credit


@pytest.mark.parametrize(
    ("text", "ask"),
    [
        ("Bed vrij, dm @Jan", "jan"),
        ("Bed vrij, DM naar @jan", "jan"),
        ("Lit libre, contactez @marie_d", "maried"),
        ("Bett frei, Kontakt @uwe", "uwe"),
        ("Bed vrij, bel maar", None),
    ],
)
def test_the_handle_to_write_to_is_found(text: str, ask: str | None):
    assert read(text)[0]["ask"] == ask


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bel 011 22 33 44", ["11223344"]),
        ("bel +32 11 22 33 44", ["11223344"]),
        ("bel 06 12 34 56 78", ["612345678"]),
        ("appelez le +33 6 12 34 56 78", ["612345678"]),
        ("bel 06-12345678", ["612345678"]),
        ("bel +31 6 12345678", ["612345678"]),
        ("ruf an: 0151 23456789", ["123456789"]),
        ("ruf an: +49 (0)151 23456789", ["123456789"]),
        ("0049 151 23456789", ["123456789"]),
        ("+352 621 123 456", ["621123456"]),
        ("call +44 7700 900123", ["700900123"]),
        ("0475 12 34 56 of 0498/76.54.32", ["475123456", "498765432"]),
        ("0475 12 34 56, +32475123456", ["475123456"]),
        ("tel:0475123456.", ["475123456"]),
        ("0475 12 34 56/0498 76 54 32", ["475123456", "498765432"]),
        ("0475123456, 0498765432", ["475123456", "498765432"]),
        ("0475 12 34 56 2 personen", ["475123456"]),
        ("06 12345678 3 places", ["612345678"]),
        ("01 23 45 67 89 3 lits", ["123456789"]),
        ("069/90009665", ["990009665"]),
        ("+49 (0)69 90009665", ["990009665"]),
        ("0470 . 00 . 00 . 01", ["470000001"]),
        ("0470*00*00*01", ["470000001"]),
        ("0470, 00 00 01", ["470000001"]),
        ("0 470 00 00 01", ["470000001"]),
        ("0 15 55 / 000 90 80", ["550009080"]),
        ("415-555-0134", ["155550134"]),
        ("+1 415 555 0134", ["155550134"]),
        ("op 18/08/2011 van 20:00 tot 06:30", []),
    ],
)
def test_numbers_are_told_however_they_are_spelled(text: str, expected: list[str]):
    assert phones(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "om 20:15 tot 21:30", "op 18/08/2011", "op 18.08.2011 om 18u15", "van 18/08 tot 20/08", "2011-08-18 18:15:00",
        "3,50 euro", "12.500 euro", "100.000.000 euro schade", "97 000 tweets", "kamer 101", "5.1 op de schaal",
        "112", "bel 0800 12 345", "9000 Gent", "50.9307, 5.3325", "19h30 - 20h30", "",
    ],
)  # fmt: skip
def test_times_dates_prices_and_lines_for_everyone_are_nobodys_number(text: str):
    assert phones(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mail jan.peeters+pp@example.org!", ["jan.peeters+pp@example.org"]),
        ("Mail <JAN@Example.org>", ["jan@example.org"]),
        ("a@example.org b@example.org a@example.org", ["a@example.org", "b@example.org"]),
        ("volg @jan@social.example", []),
        ("@jan", []),
    ],
)
def test_addresses_are_told_from_handles(text: str, expected: list[str]):
    assert read(text)[0]["emails"] == expected


@pytest.mark.parametrize(
    ("text", "cut", "numbers", "start"),
    [
        (f"RT @jan: {BED[:-3]}…", True, [], "bed vrij in genk voor 2 bel"),
        (f"RT @jan: {BED[:-3]}...", True, [], "bed vrij in genk voor 2 bel"),
        (f"RT @jan: {BED}…", True, [], "bed vrij in genk voor 2 bel"),
        (f"“@jan: {BED[:-3]}…”", True, [], "bed vrij in genk voor 2 bel"),
        (f"RT @jan: {BED[:14]}…", True, [], "bed vrij in"),
        (f"RT @jan: {PLACE} zie ht…", True, [], "iemand nog een slaapplaats nodig vannacht"),
        ("Zo moe…", False, [], "zo moe"),
        (f"{PLACE}..", False, [], "iemand nog een"),
    ],
)
def test_a_cut_takes_the_half_word_and_the_half_number_with_it(text: str, cut: bool, numbers: list[str], start: str):
    told = read(text)[0]
    assert (told["cut"], told["phones"]) == (cut, numbers)
    assert told["wording"].startswith(start)


def test_a_copy_of_exactly_the_old_length_is_taken_for_cut_without_a_mark():
    text = ("RT @jan: " + "warme bedden met ontbijt en soep voor iedereen " * 4)[:140]
    assert read(text)[0]["cut"]
    assert not read(text[:120])[0]["cut"]


@pytest.mark.parametrize(
    "text", ["", " ", "😀🛏️", "@jan", "#hasselthelpt", "http://t.example/a", "\u200b\u202e", "…", "RT @jan:"]
)
def test_a_text_without_words_has_an_empty_wording(text: str):
    told = read(text)[0]
    assert (told["wording"], told["words"]) == ("", 0)


@pytest.mark.parametrize(
    ("handle", "expected"),
    [
        ("@Jan_P@social.example", "janp"), ("jan-p.bsky.social", "janp"), ("JanP", "janp"), ("@", "@"), ("___", "___"),
        ("Дмитрий", "дмитрий"), ("jan.example", "jan"), ("info.one.example", "infooneexample"),
    ],
)  # fmt: skip
def test_a_handle_keeps_what_a_person_keeps_across_networks(handle: str, expected: str):
    assert pl.select(stem(pl.lit(handle))).item() == expected


def test_only_the_beginning_of_an_endless_text_is_read():
    assert wording("bed " * 250_000) == wording("bed " * (LONGEST // 4))


def test_a_text_is_read_alike_whatever_it_is_read_with():
    texts = [*(each for pair in SAME + OTHER for each in pair), *(f"#bed{n} #genk{n} x" for n in range(500))]
    together = dict(zip(texts, read(*texts), strict=True))
    assert all(together[text] == read(text)[0] for text in texts[::29])


def test_every_text_gives_one_row_in_its_place():
    texts = [BED, "", BED, PLACE, "😀"]
    assert [row["text"] for row in read(*texts)] == texts


def test_no_texts_give_no_rows_with_the_same_columns():
    none = read_wordings(pl.Series([], dtype=pl.String), kept_tags=TAGS)
    assert (none.height, none.columns) == (0, list(read(BED)[0]))


@given(
    st.lists(
        st.text() | st.text("@RTrtvia:…\"“”'# .0123456789+/()\u0301\u202e\x00&;bedgenk@", max_size=90), max_size=20
    )
)
@settings(max_examples=60)
def test_any_text_can_be_read(texts: list[str]):
    rows = read(*texts)
    assert [row["text"] for row in rows] == texts
    for row in rows:
        assert row["words"] == len(row["wording"].split())
        assert row["wording"] == " ".join(row["wording"].split())
        assert all(phone.isdecimal() for phone in row["phones"])


@given(st.text(max_size=80))
@settings(max_examples=60)
def test_folding_twice_is_folding_once(text: str):
    once = pl.select(fold(pl.lit(text))).item()
    assert "…" not in once
    assert pl.select(fold(pl.lit(once))).item() == once or "&" in text or "\u0130" in text
