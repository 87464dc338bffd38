"""Evidence: the verdict on a pair, the vetoes that beat every likeness, and what a person is asked."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from dedupe.evidence import AGAINST, DOUBT, HOTLINE, LOWER, ORGANISER, STRENGTH, TEMPLATE, UPPER, VETOES, WHY, judge
from dedupe.links import _comparable
from dedupe.naming import distinct_wordings, name_wordings
from dedupe.prepare import identify, read_new
from dedupe.reading.facts import default_reader
from tests.support.posts import BED, post, posts

TOLD = (
    "Op de weide staat alles onder water en de tenten zijn allemaal weg maar wij zijn veilig in de sporthal van Kiewit"
)
MOBILE = "0475 12 34 56"


def verdict(child: str, parent: str, route: str, crowd: int = 1) -> dict[str, Any]:
    """What is said of two texts, the first by a stranger, the second by @jan, that share a key of `route`."""
    named = name_wordings(
        identify(posts(post("x", "1", "piet", child), post("x", "2", "jan", parent))), default_reader().tags()
    )
    told = _comparable(read_new(distinct_wordings(named)))
    mine, theirs = (told.filter(pl.col("wording") == wording) for wording in named.sort("id")["wording"])
    pair = mine.join(theirs, how="cross", suffix="_parent").with_columns(
        route=pl.lit(route), crowd=pl.lit(crowd, pl.UInt32)
    )
    return judge(pair).row(0, named=True)


@pytest.mark.parametrize(
    ("child", "parent", "route", "why"),
    [
        (f"{BED} graag delen", BED, "contact", "same_words"),
        (BED.replace("vrij", "virj"), BED, "contact", "same_words"),
        (f"RT @jan: {BED[:30]}…", f"{BED}", "line", "same_words"),
        (f"In Genk nog 2 slaapplaatsen over, tel {MOBILE}", BED, "contact", "same"),
        (f"2 lits libres à Genk, {MOBILE}", BED, "contact", "same"),
        (f"Bed over! {MOBILE}", BED, "contact", "same_part"),
        (BED.replace("2 personen", "1 persoon"), BED, "contact", "same"),
        (
            "RT @jan: Bed vrij in Genk voor 2, stuur maar iets",
            "Bed vrij in Genk voor 2, stuur maar iets",
            "words",
            "credited",
        ),
        ("Zetelbed in Genk", "Bed vrij in Genk voor 2 personen", "writer", "writer"),
        (f"{TOLD} zucht", TOLD, "text", "copied"),
        (f"{TOLD} {MOBILE[:-1]}7", f"{TOLD} {MOBILE}", "text", "mistyped"),
        ("alles volzet", BED, "offers", "closes"),
    ],
)
def test_what_joins_two_wordings(child: str, parent: str, route: str, why: str):
    found = verdict(child, parent, route)
    assert (found["why"], found["against"]) == (why, None)
    assert found["strength"] == STRENGTH[why] >= UPPER


@pytest.mark.parametrize("route", ["contact", "line", "words", "text", "writer", "offers"])
@pytest.mark.parametrize(
    ("child", "parent", "against"),
    [
        (BED.replace("56", "78"), BED, "number"),
        (f"{TOLD} a@example.org", f"{TOLD} b@example.org", "number"),
        (BED.replace("Genk", "Bilzen"), BED, "place"),
        (f"Lift naar Genk, {MOBILE}", BED, "kind"),
        (f"Rit van Genk naar Gent, {MOBILE}", f"Rit van Gent naar Genk, {MOBILE}", "direction"),
    ],
)
def test_a_veto_beats_every_likeness_on_every_route(child: str, parent: str, against: str, route: str):
    found = verdict(child, parent, route)
    assert (found["against"], found["strength"]) == (against, 0)


@pytest.mark.parametrize("route", ["words", "text", "whole", "writer", "offers"])
def test_an_offer_and_a_request_are_two_records_unless_one_number_says_they_are_about_one_thing(route: str):
    assert verdict(f"Ik zoek een bed in Genk vannacht, {MOBILE}", BED, route)["against"] == "stance"
    assert verdict(f"Ik zoek een bed in Genk vannacht, {MOBILE}", BED, "contact")["against"] is None


@pytest.mark.parametrize(
    ("child", "parent", "route", "crowd", "against"),
    [
        (f"Zetel in Genk over, {MOBILE}", BED, "contact", HOTLINE, "hotline"),
        (f"{TOLD} zucht", TOLD, "text", TEMPLATE, "template"),
        ("Zetelbed over in Genk voor 2", "Bed vrij in Genk voor 2", "writer", ORGANISER, "words"),
        (f"Dank voor alles, {MOBILE}", BED, "contact", 1, None),
        (TOLD.replace("sporthal", "kantine"), TOLD, "text", 1, "words"),
        (f"{TOLD} 159", f"{TOLD} 278", "text", 1, "count"),
    ],
)
def test_what_is_doubtful_joins_nothing(child: str, parent: str, route: str, crowd: int, against: str | None):
    found = verdict(child, parent, route, crowd)
    assert found["strength"] < UPPER
    if against is not None and found["why"] is not None:
        assert found["against"] == against


def test_a_crowded_number_still_joins_the_same_words():
    assert verdict(f"{BED} graag delen", BED, "contact", HOTLINE * 10)["why"] == "same_words"


def test_one_word_in_the_place_of_another_is_no_slip():
    one, other = "Wij hebben plaats in het dorp bij de kerk {}", "0475 12 34 56"
    assert verdict(f"{one.format('links')} {other}", f"{one.format('boven')} {other}", "line")["why"] != "same_words"


def test_short_words_never_join_on_text_alone():
    assert verdict("Bed vrij in Genk", "Bed vrij in Genk", "text")["strength"] in (0, STRENGTH["copied"])
    # what keeps them apart is that short texts have no key of a text: see test_keys


def test_every_reason_and_doubt_is_told_in_words():
    assert set(STRENGTH) | set(DOUBT) == set(WHY)
    assert set(VETOES) <= set(AGAINST)
    assert all(UPPER <= strength <= 1 for strength in STRENGTH.values())
    assert all(LOWER <= strength < UPPER for strength in DOUBT.values())


def test_no_pairs_are_judged_without_complaint():
    named = name_wordings(identify(posts(post("x", "1", "piet", BED))), default_reader().tags())
    told = _comparable(read_new(distinct_wordings(named)))
    none = told.join(told, how="cross", suffix="_parent").with_columns(route=pl.lit("text"), crowd=pl.lit(1)).clear()
    assert judge(none).height == 0


def test_the_verdict_on_a_pair_does_not_depend_on_the_pairs_beside_it():
    texts = [
        BED,
        f"{BED} graag delen",
        BED.replace("Genk", "Bilzen"),
        f"2 lits libres à Genk, {MOBILE}",
        "alles volzet",
        TOLD,
    ]
    rows = [post("x", str(n), "jan", text) for n, text in enumerate(texts)]
    named = name_wordings(identify(posts(*rows)), default_reader().tags())
    told = _comparable(read_new(distinct_wordings(named)))
    pairs = told.join(told, how="cross", suffix="_parent").with_columns(route=pl.lit("contact"), crowd=pl.lit(1))
    shown = ["wording", "wording_parent", "strength", "why", "against", "likeness"]
    single = pl.concat([judge(pairs[[row]]) for row in range(pairs.height)])
    assert judge(pairs).select(shown).equals(single.select(shown))
