from __future__ import annotations

import polars as pl
import pytest

from dedupe.reading.lexicon import fold
from dedupe.reading.rumours import Entry, match_rumours

STAGE = Entry(
    id="stage",
    texts=(
        "Is er een tweede podium ingestort?",
        "Une deuxième scène s'est-elle effondrée ?",
        "Has a second stage collapsed?",
        "Ist eine zweite Bühne eingestürzt?",
    ),
)
TRAINS = Entry(id="trains", texts=("Rijden er nog treinen?", "Y a-t-il encore des trains ?", "Fahren noch Züge?"))
GOES_ON = Entry(id="goes_on", texts=("Gaat het festival morgen door?", "Does the festival go on tomorrow?"))
ALL = (STAGE, TRAINS, GOES_ON)


def claimed(*texts: str) -> dict[int, str]:
    found = match_rumours(pl.Series([fold(text) for text in texts]), ALL)
    return dict(found.select("row", "entry").rows())


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("Naar het schijnt is er nu ook een tweede podium ingestort!!", "stage"),
        ("tweede podium zou ingestord zijn", "stage"),
        ("il paraît qu'une deuxième scène s'est effondrée", "stage"),
        ("apparently the second stage collapsed too", "stage"),
        ("zweite Bühne angeblich eingestürzt", "stage"),
        ("er rijden geen treinen meer vanavond", "trains"),
        ("festival gaat morgen gewoon door zeggen ze", "goes_on"),
    ],
)
def test_a_claim_is_told_by_the_words_it_shares_with_a_known_rumour(text: str, entry: str) -> None:
    assert claimed(text) == {0: entry}


@pytest.mark.parametrize(
    "text",
    [
        "Nog 2 bedden vrij in Genk",
        "het podium",
        "mooi festival was het",
        "wie heeft een lift naar Gent morgen?",
        "",
        "?",
    ],
)
def test_other_texts_claim_nothing(text: str) -> None:
    assert claimed(text) == {}


def test_the_strongest_of_two_is_claimed_and_strength_lies_between_nothing_and_all() -> None:
    found = match_rumours(pl.Series(["tweede podium ingestort en rijden er treinen", "podium tweede ingestort"]), ALL)
    assert found["entry"].to_list() == ["stage", "stage"] or found["entry"].to_list() == ["trains", "stage"]
    assert found["strength"].is_between(0, 1).all()
    assert found.schema == {"row": pl.UInt32, "entry": pl.String, "strength": pl.Float64}


def test_without_rumours_or_without_texts_there_are_no_claims() -> None:
    assert match_rumours(pl.Series(["tweede podium ingestort"]), ()).height == 0
    assert match_rumours(pl.Series([], dtype=pl.String), ALL).height == 0
    assert match_rumours(pl.Series([None], dtype=pl.String), ALL).height == 0
