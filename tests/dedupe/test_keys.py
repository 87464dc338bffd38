"""Keys: which wordings can be found from which, and who goes before whom."""

from __future__ import annotations

import polars as pl
import pytest

from dedupe.keys import KEY_COLUMNS, digest, find_keys
from dedupe.naming import distinct_wordings, find_writers, name_wordings
from dedupe.prepare import identify, read_new
from dedupe.reading.facts import default_reader
from ingest.post import Post
from tests.support.posts import BED, post, posts

TOLD = (
    "Op de weide staat alles onder water en de tenten zijn allemaal weg maar wij zijn veilig in de sporthal van Kiewit"
)


def read(*rows: Post) -> tuple[pl.DataFrame, pl.DataFrame]:
    named = name_wordings(identify(posts(*rows)), default_reader().tags())
    wordings = read_new(distinct_wordings(named))
    return named, find_keys(wordings, find_writers(named))


def routes(one: Post, other: Post) -> set[str]:
    named, keys = read(one, other)
    mine, theirs = (keys.filter(pl.col("wording") == wording) for wording in named.sort("id")["wording"])
    return set(mine.join(theirs, on="key")["route"])


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (BED, "Un lit à Genk, +32 475 12 34 56", {"contact"}),
        (BED, f"Nog steeds: {BED}", {"contact", "line"}),
        (TOLD, f"Ook dit: {TOLD}", {"text"}),
        ("Bed vrij", "Bed vrij"[:8], set()),
    ],
)
def test_strangers_are_found_by_number_by_line_or_by_a_long_text(one: str, other: str, expected: set[str]):
    assert routes(post("x", "1", "jan", one), post("x", "2", "piet", other)) == expected


def test_a_writer_is_found_by_what_they_offer_where_and_by_the_words():
    one, other = (
        post("x", "1", "jan", "Bed vrij in Genk voor 2"),
        post("x", "2", "jan", "Nog altijd een zetelbed in Genk"),
    )
    assert routes(one, other) >= {"writer", "offers"}
    assert routes(one, post("x", "2", "jan", "Bed vrij in Bilzen")) == {"words", "offers"}


def test_a_credited_copy_is_found_by_whom_it_credits():
    assert "words" in routes(
        post("x", "1", "jan", "Bed vrij in Genk voor 2"), post("x", "2", "an", "RT @jan: Bed vrij in Genk…")
    )


def test_one_person_on_two_networks_is_found_by_the_full_name():
    one = post("x", "1", "jvdb", "Bed vrij in Genk voor 2", author_name="Jan Van den Berg")
    other = post("mastodon", "2", "zonhovenaar", "Bed vrij in Genk voor 2", author_name="jan van den berg")
    assert routes(one, other) == {"words"}


def test_short_texts_of_strangers_have_no_key_in_common():
    assert (
        routes(post("x", "1", "jan", "Bed vrij in Genk voor 2"), post("x", "2", "piet", "Bed vrij in Genk voor 2"))
        == set()
    )


def test_keys_have_their_columns_and_no_repeats():
    _, keys = read(post("x", "1", "jan", BED), post("x", "2", "piet", f"RT @jan: {BED}"), post("x", "3", "an", TOLD))
    assert dict(keys.schema) == {**KEY_COLUMNS, "handle": pl.String}
    assert not keys.select("key", "wording").is_duplicated().any()


def test_no_wordings_have_no_keys():
    named, _ = read(post("x", "1", "jan", BED))
    assert find_keys(read_new(distinct_wordings(named)).clear(), find_writers(named).clear()).height == 0


def first_of(*rows: Post) -> str:
    named = name_wordings(identify(posts(*rows)), default_reader().tags())
    ranked = named.select("id", "wording").join(read_new(distinct_wordings(named)), on="wording")
    return str(ranked.sort("rank")["id"][0])


@pytest.mark.parametrize(
    ("senior", "junior"),
    [
        (post("x", "1", "jan", BED), post("x", "2", "piet", f"RT @jan: nog een hele lange zin erbij. {BED}")),
        (post("x", "1", "jan", "Bed"), post("x", "2", "piet", "", repost_of="1")),
        (post("x", "1", "jan", f"RT @an: {BED}"), post("x", "2", "piet", "super tof", quote_of="1")),
        (post("x", "1", "jan", f"RT @an: {BED}"), post("x", "2", "piet", f"RT @an: {BED[:30]}…")),
        (post("x", "1", "jan", BED), post("x", "2", "jan", "Er is nog steeds ergens bij mensen plaats, 0475 12 34 56")),
        (post("x", "1", "jan", f"{BED} met ontbijt"), post("x", "2", "jan", BED)),
    ],
    ids=[
        "own before credited",
        "whole before pointing",
        "credited before pointing",
        "whole before cut",
        "more facts",
        "longer",
    ],
)
def test_who_says_more_of_their_own_goes_first(senior: Post, junior: Post):
    assert first_of(junior, senior) == "1"


def test_rank_depends_on_the_wording_alone():
    rows = [post("x", str(n), f"w{n}", text) for n, text in enumerate([BED, TOLD, f"RT @jan: {BED}", "volzet"], 1)]
    whole = read(*rows)[1].select("wording", "rank").unique().sort("wording")
    single = pl.concat([read(row)[1].select("wording", "rank").unique() for row in rows]).sort("wording")
    assert whole.equals(single)


def test_a_digest_is_the_same_on_every_machine_and_tells_its_parts_apart():
    frame = pl.DataFrame({"a": ["ab", "a", None, ""], "b": ["c", "bc", "c", "c"]})
    hashes = frame.select(digest(pl.col("a"), pl.col("b"))).to_series()
    assert hashes[0] != hashes[1]
    assert hashes[2] == hashes[3]  # a null part counts as empty
    assert pl.select(digest(pl.lit("helpt"))).item() == 7366077436781559625
    assert hashes.dtype == pl.Int64
    assert (hashes >= 0).all()
