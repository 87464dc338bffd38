"""Collapsing: what becomes one record, what stays apart, and that nothing but the posts themselves decides it."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import given, settings

from dedupe.collapse import Batch, collapse
from dedupe.store import Store
from ingest.night.evening import night
from ingest.post import CONTENT, Post, Provenance, stamp
from tests.dedupe.reference import same_as_reference
from tests.support.posts import (
    BED,
    at,
    in_batches,
    outcome,
    partition,
    post,
    posts,
    record_of,
    removals,
    take,
    together,
    why_of,
)  # fmt: skip

LONG = (
    "Wij wonen vlak bij de weide en hebben vannacht nog een grote zolder met matrassen, dekens en warme soep voor wie "
    "nergens heen kan, bel maar op {} of kom gewoon langs in {}"
)


# Copies join what they were made from


@pytest.mark.parametrize(
    "copy",
    [
        post("x", "2", "piet", "", repost_of="1"),
        post("x", "2", "piet", BED, repost_of="1"),
        post("x", "2", "piet", f"RT @jan: {BED}"),
        post("x", "2", "piet", f"RT @jan: {BED[:45]}…"),
        post("x", "2", "piet", f"RT @jan: {BED[:-4]}…"),
        post("x", "2", "piet", f"Delen aub! RT @jan: {BED}"),
        post("x", "2", "piet", f"{BED} (via @jan)"),
        post("x", "2", "piet", f"“@jan: {BED}” super"),
        post("x", "2", "piet", f"RT @els: RT @jan: {BED}"),
        post("x", "2", "piet", "super!", quote_of="1"),
        post("x", "2", "piet", BED.replace("0475 12 34 56", "0032475/12.34.56")),
        post("x", "2", "piet", BED.upper() + " #hasselthelpt 😀 http://t.example/Ab1"),
        post("mastodon", "2", "jan@social.example", BED),
        post("x", "2", "an", "In Genk hebben wij nog 2 bedden over, tel 0475123456"),
        post("x", "2", "an", "Nous avons 2 lits libres à Genk, appelez +32 475 12 34 56"),
        post("x", "2", "jan", "volzet", reply_to="1"),
    ],
    ids=lambda copy: copy.text or "an empty repost",
)
def test_a_copy_joins_the_record_of_its_original_whichever_comes_first(copy: Post, new_store: Callable[[], Store]):
    original = post("x", "1", "jan", BED)
    for batches in ([[original, copy]], [[original], [copy]], [[copy], [original]]):
        assert partition(in_batches(new_store(), batches)) == {frozenset({"x/1", f"{copy.network}/2"})}


# What only looks the same stays apart


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bed vrij vannacht, stuur maar een bericht", "Bed vrij vannacht, stuur maar een bericht"),
        ("Slaapplaats voor 2 in Genk", "Slaapplaats voor 2 in Genk"),
        (BED, BED.replace("Genk", "Bilzen")),
        (BED, BED.replace("56", "78")),
        (BED, "Lift naar Genk voor 2 personen, bel 0475 12 34 56"),
        ("Dodentol stijgt tot 159 na de aardbeving", "Dodentol stijgt tot 278 na de aardbeving"),
        ("Rit van Hasselt naar Gent, bel 0475 12 34 56", "Rit van Gent naar Hasselt, bel 0475 12 34 56"),
        (BED, "Zoek slaapplaats in Genk voor 2 personen, bel 0498 76 54 32"),
    ],
    ids=[
        "the same short words of two strangers", "the same short words with a place", "another town", "another number",
        "one number, a bed and a ride", "another count", "both ways of a road", "offer and request",
    ],
)  # fmt: skip
def test_what_only_looks_alike_stays_apart(one: str, other: str, store: Store):
    take(store, post("x", "1", "jan", one), post("x", "2", "piet", other))
    assert partition(store) == together("x/1", "x/2")


def test_a_count_of_people_told_anew_by_one_writer_is_news_each_time_and_a_count_of_beds_one_bed(store: Store):
    told = [f"{count} mensen geregistreerd in de opvang in Lummen" for count in (89, 251)]
    take(store, post("x", "1", "gemeente", told[0]), post("x", "2", "gemeente", told[1]))
    assert len(partition(store)) == 2
    left = [f"Bij ons in Lummen nog {count} bedden vrij" for count in (4, 2)]
    take(store, post("x", "3", "jan", left[0]), post("x", "4", "jan", left[1]))
    assert len(partition(store)) == 3


def test_a_line_for_everyone_joins_nobodys_beds(store: Store):
    towns = ("Genk", "Bilzen", "Tongeren", "Lommel", "Bree", "Peer", "Beringen", "Diest")
    take(
        store, *(post("x", str(n), f"w{n}", f"Bedden vrij in {town}, bel 011 22 33 44") for n, town in enumerate(towns))
    )
    assert len(partition(store)) == len(towns)


def test_an_organiser_who_repeats_a_sentence_for_each_town_makes_a_record_for_each_town(store: Store):
    towns = ("Genk", "Bilzen", "Tongeren", "Lommel")
    sentence = "Opvang met bedden open in {}, iedereen is er de hele nacht welkom bij de vrijwilligers van ons team"
    take(store, *(post("x", str(n), "team", sentence.format(town)) for n, town in enumerate(towns)))
    assert len(partition(store)) == len(towns)


def test_one_mistyped_digit_in_a_long_text_is_a_copy_and_in_a_short_one_another_offer(new_store: Callable[[], Store]):
    right, slip = "0475 12 34 56", "0475 12 34 57"
    long = [post("x", "1", "jan", LONG.format(right, "Genk")), post("x", "2", "piet", LONG.format(slip, "Genk"))]
    assert partition(in_batches(new_store(), [long])) == together("x/1 x/2")
    short = [post("x", "1", "jan", f"Bed in Genk {right}"), post("x", "2", "piet", f"Bed in Genk {slip}")]
    assert partition(in_batches(new_store(), [short])) == together("x/1", "x/2")


def test_mistyped_numbers_in_a_circle_with_a_text_that_names_two_numbers_do_not_hang_it(new_store: Callable[[], Store]):
    right, slip = "0475 12 34 56", "0475 12 34 57"
    for town in (
        "Genk",
        "Bree",
        "Peer",
        "Alken",
        "Diest",
        "Geel",
        "Mol",
        "Lier",
    ):  # the order of ranks differs for each
        rows = [
            post("x", str(n), f"w{n}", LONG.format(number, town))
            for n, number in enumerate([slip, f"{right}, {slip}", right, "0475 12 34 66", "0475 12 34 76"])
        ]
        assert outcome(in_batches(new_store(), [rows])) == outcome(in_batches(new_store(), [[row] for row in rows]))


# Full, by whom


def test_the_writer_saying_it_is_full_proposes_a_state_on_the_same_record(store: Store):
    take(store, post("x", "1", "jan", BED))
    assert record_of(store, "x/1")["proposal"] is None
    take(store, post("x", "2", "jan", "volzet", reply_to="1"))
    told = record_of(store, "x/1")
    assert (told["state"], told["proposal"], told["posts"]) == ("available", "full", 2)


def test_a_stranger_saying_it_is_full_proposes_nothing(store: Store):
    take(store, post("x", "1", "jan", BED), post("x", "2", "piet", "volzet", reply_to="1"))
    assert partition(store) == together("x/1", "x/2")
    assert record_of(store, "x/1")["proposal"] is None


def test_an_offer_renewed_after_it_was_full_is_open_again(store: Store):
    take(store, post("x", "1", "jan", BED), post("x", "2", "jan", "volzet", reply_to="1"), post("x", "3", "jan", BED))
    assert record_of(store, "x/1")["proposal"] is None


def test_a_copy_by_a_stranger_neither_opens_a_full_offer_again_nor_brings_back_an_old_count(store: Store):
    fewer = "Slaapplaats vrij in Genk voor 1 persoon, bel 0475 12 34 56"
    take(store, post("x", "1", "jan", BED), post("x", "2", "jan", fewer), post("x", "3", "jan", "volzet", reply_to="1"))
    take(store, post("x", "4", "piet", f"{BED} #hasselthelpt"), post("x", "5", "an", f"Delen! {BED}"))
    told = record_of(store, "x/1")
    assert (told["posts"], told["capacity"], told["proposal"]) == (5, 1, "full")
    assert told["last_confirmed"] < at(4)


# Reposts and quotes of what was never seen


def test_reposts_of_a_post_never_seen_are_one_record_and_join_it_once_it_is_seen(store: Store):
    take(store, post("x", "2", "piet", "", repost_of="1"), post("x", "3", "an", "", repost_of="1"))
    assert partition(store) == together("x/2 x/3")
    take(store, post("x", "1", "jan", BED))
    assert partition(store) == together("x/1 x/2 x/3")
    assert record_of(store, "x/3")["kind"] == "bed"


def test_a_quote_with_an_offer_of_its_own_is_a_record_of_its_own(store: Store):
    own = "Bij mij ook nog plek in Bilzen, bel 0498 76 54 32"
    take(store, post("x", "1", "jan", BED), post("x", "2", "piet", own, quote_of="1"))
    assert partition(store) == together("x/1", "x/2")


def test_quotes_of_quotes_follow_to_the_first_however_deep_and_in_any_order_of_arrival(new_store: Callable[[], Store]):
    words = ["super tof vind ik dat", "mooi zo zeg", "goed he", "ja"]
    chain = [post("x", "1", "jan", "Slaapplaats vrij in Genk voor 2 personen")]
    chain += [post("x", str(n), f"w{n}", text, quote_of=str(n - 1)) for n, text in enumerate(words, 2)]
    for order in (chain, chain[::-1], [chain[2], chain[3], chain[0], chain[1], chain[4]]):
        assert partition(in_batches(new_store(), [[row] for row in order])) == together("x/1 x/2 x/3 x/4 x/5")


def test_two_posts_that_quote_each_other_are_taken_in(store: Store):
    take(store, post("x", "1", "jan", "zie hier", quote_of="2"), post("x", "2", "piet", "en daar", quote_of="1"))
    take(store, post("x", "3", "an", "", repost_of="3"))
    assert {name for members in partition(store) for name in members} == {"x/1", "x/2", "x/3"}


# Edits: the newest wins, by what the post says of itself


def edits() -> list[Post]:
    return [
        post("x", "1", "jan", BED, 1),
        post("x", "1", "jan", BED.replace("2 personen", "1 persoon"), 1, edited=20),
        post("x", "1", "jan", BED.replace("Genk", "Bilzen"), 1, edited=40),
    ]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_of_an_edited_post_the_newest_version_counts_whichever_arrives_last(order: Sequence[int], store: Store):
    for each in order:
        take(store, edits()[each])
    assert partition(store) == together("x/1")
    told = record_of(store, "x/1")
    assert (told["place"], told["posts"]) == ("Bilzen", 1)


def test_of_two_texts_a_network_dates_alike_the_one_collected_later_counts(store: Store):
    for minute, text in ((1, "Bed in Genk, bel 0475 12 34 56"), (2, "Bed in Bilzen, bel 0475 12 34 56")):
        read = posts(post("bluesky", "1", "jan", text, 0)).with_columns(collected_at=pl.lit(at(minute)))
        collapse(store, read, Batch(incident="storm", source="file"))
    assert store.read("select text from current_posts")["text"].to_list() == ["Bed in Bilzen, bel 0475 12 34 56"]


def test_all_versions_of_an_edited_post_are_kept(store: Store):
    take(store, *edits())
    assert store.read("from posts").height == 3
    assert store.read("select distinct text from posts").height == 3


def test_an_edit_takes_the_post_out_of_the_record_that_copied_its_first_version(store: Store):
    take(store, post("x", "1", "jan", BED, 1), post("x", "2", "piet", f"RT @jan: {BED}", 2))
    take(store, post("x", "1", "jan", "Sterkte aan iedereen vannacht", 1, edited=30))
    assert partition(store) == together("x/1", "x/2")
    assert record_of(store, "x/2")["posts"] == 1


def test_a_copy_that_points_at_an_edited_post_comes_out_the_same_in_any_order(new_store: Callable[[], Store]):
    rows = [*edits(), post("x", "5", "an", BED, 5, repost_of="1"), post("x", "6", "an", BED, 6, quote_of="1")]
    whole = outcome(in_batches(new_store(), [rows]))
    for order in itertools.islice(itertools.permutations(rows), 0, None, 13):
        assert outcome(in_batches(new_store(), [[row] for row in order])) == whole


# Removals


def test_a_record_whose_last_post_is_taken_down_leaves_the_board(store: Store):
    take(store, post("x", "1", "jan", BED))
    take(store, gone=["x/1"])
    assert store.read("from current_records").height == 0
    assert store.read("from posts").height == 1


def test_a_record_with_posts_left_is_counted_anew(store: Store):
    take(store, post("x", "1", "jan", BED, 1), post("x", "2", "piet", f"RT @jan: {BED}", 9))
    take(store, gone=["x/1"])
    told = record_of(store, "x/2")
    assert (told["posts"], told["author"], told["first_seen"]) == (1, "piet", at(9))


def test_a_removal_that_arrives_before_its_post_still_counts(store: Store):
    take(store, gone=["x/1"])
    take(store, post("x", "1", "jan", BED))
    assert store.read("from current_records").height == 0


def test_a_post_taken_down_does_not_come_back_with_an_edit_that_arrives_late(store: Store):
    first, second, _ = edits()
    take(store, first)
    take(store, gone=["x/1"])
    take(store, second)
    assert store.read("from current_records").height == 0


# The store is the memory


def test_importing_twice_changes_nothing(either: Store):
    rows = [*edits(), post("x", "2", "piet", f"RT @jan: {BED}"), post("x", "3", "an", "", repost_of="2")]
    first = take(either, *rows)
    once = outcome(either)
    second = take(either, *rows)
    assert (first.new, second.new, second.known) == (5, 0, 5)
    assert outcome(either) == once
    assert either.read("from links").height == either.read("select distinct wording, parent, root from links").height


def test_the_same_post_twice_in_one_batch_counts_once(store: Store):
    took = take(store, post("x", "1", "jan", BED), post("x", "1", "jan", BED))
    assert (took.read, took.new, took.known) == (2, 1, 1)
    assert record_of(store, "x/1")["posts"] == 1


def test_incidents_do_not_mix(store: Store):
    take(store, post("x", "1", "jan", BED), incident="storm")
    take(store, post("x", "1", "jan", BED), post("x", "2", "piet", BED), incident="flood")
    counts = store.read("select incident, posts from current_records order by incident").rows()
    assert counts == [("flood", 2), ("storm", 1)]


def test_the_same_words_now_said_by_a_second_writer_are_found_by_what_that_writer_said_before(
    new_store: Callable[[], Store],
):
    number = "bel 0475 12 34 56"
    rows = [
        post("x", "1", "piet", "Slaapplaats vrij voor 2 personen in Genk"),
        post("x", "2", "jan", f"Bed in Genk, {number}"),
        post("x", "3", "piet", f"Bed in Genk, {number}"),
    ]
    expected = outcome(in_batches(new_store(), [rows]))
    for order in itertools.permutations(rows):
        assert outcome(in_batches(new_store(), [[row] for row in order])) == expected


def test_the_same_words_and_number_that_ask_for_a_message_to_different_people_do_not_depend_on_who_came_first(
    new_store: Callable[[], Store],
):
    rows = [
        post("x", "1", "jan", "Bed in Genk, dm @els of bel 0475 12 34 56"),
        post("x", "2", "piet", "Bed in Genk, dm @koen of bel 0475 12 34 56"),
        post("x", "3", "koen", "Zetelbed in Genk voor 2, dm @koen"),
    ]
    expected = outcome(in_batches(new_store(), [rows]))
    for order in itertools.permutations(rows):
        assert outcome(in_batches(new_store(), [[row] for row in order])) == expected


def test_a_batch_that_fails_writes_nothing(either: Store):
    take(either, post("x", "1", "jan", BED))
    before = either.read(
        "select (select count(*) from posts), (select count(*) from batches), (select count(*) from keys)"
    ).row(0)
    broken = posts(post("x", "2", "piet", BED)).with_columns(text=pl.lit(7))
    with pytest.raises(pl.exceptions.PolarsError):
        collapse(either, broken, Batch(incident="storm", source="file"))
    after = either.read(
        "select (select count(*) from posts), (select count(*) from batches), (select count(*) from keys)"
    ).row(0)
    assert after == before
    take(either, post("x", "2", "piet", BED))
    assert partition(either) == together("x/1 x/2")


def test_a_batch_and_its_cursor_are_written_together(either: Store):
    take(either, post("x", "1", "jan", BED), cursor="17")
    row = either.read("select cursor, fetched, new, known, finished_at >= started_at from batches").row(0)
    assert row == ("17", 1, 1, 0, True)


def test_an_empty_batch_leaves_its_cursor_and_nothing_else(store: Store):
    took = take(store, cursor="18")
    assert (took.read, took.records) == (0, 0)
    assert store.read("select cursor from batches").item() == "18"


def test_every_link_says_why(store: Store):
    take(
        store,
        post("x", "1", "jan", BED),
        post("x", "2", "piet", "", repost_of="1"),
        post("x", "3", "an", f"RT @jan: {BED[:-4]}…"),
    )
    assert why_of(store, "x/1") == "the first of its record"
    assert why_of(store, "x/2") == "reposted on its network"
    assert store.read("from current_links where why is null or strength not between 0 and 1").height == 0


# Any order, any split, any text

TEXTS = [
    BED,
    BED.replace("Genk", "Bilzen"),
    BED.replace("2 personen", "1 persoon"),
    f"RT @jan: {BED}",
    f"RT @jan: {BED[:-5]}…",
    f"RT @piet RT @jan: {BED[:40]}…",
    "In Genk nog 2 bedden, dm @jan of tel +32475123456",
    "In Genk nog 2 bedden, dm @els of tel +32475123456",
    "Rit van Genk naar Gent, 3 plaatsen, bel 0475 12 34 56",
    "Rit van Gent naar Genk, 3 plaatsen, bel 0475 12 34 56",
    "2 lits libres à Genk",
    "volzet",
    "alles vol hier in Genk, bel 0475 12 34 56",
    "merci!",
    "",
    "Dodentol 159 na storm",
    LONG.format("0475 12 34 56", "Genk"),
    LONG.format("0475 12 34 57", "Genk"),
    LONG.format("0475 12 34 56, 0475 12 34 57", "Genk"),
    LONG.format("0475 12 34 56", "Bilzen"),
    f"RT @jan: {LONG.format('0475 12 34 56', 'Genk')[:100]}…",
]
WRITERS = {"jan": "Jan Van den Berg", "piet": None, "els": "Els", "jan@social.example": "jan van den berg"}
NAMES = [("x", "1"), ("x", "2"), ("x", "3"), ("x", "4"), ("x", "5"), ("x", "6"), ("mastodon", "7"), ("mastodon", "8")]


@st.composite
def rows(draw: st.DrawFn) -> list[Post]:
    """Posts of few words, writers and ids, so that they copy, quote, answer and edit one another all the time."""
    found: dict[tuple[Any, ...], Post] = {}
    writer_of = {name: draw(st.sampled_from(sorted(WRITERS))) for name in NAMES}
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=12)):
        text = draw(st.sampled_from(TEXTS))
        points = draw(
            st.sampled_from(
                [
                    {},
                    {},
                    {},
                    {"repost_of": "1"},
                    {"quote_of": "2"},
                    {"reply_to": "3"},
                    {"reply_to": "1"},
                    {"repost_of": "99"},
                ]
            )
        )
        edited = draw(st.sampled_from([None, None, 50, 60]))
        more: dict[str, Any] = {**points, "edited": edited, "author_name": WRITERS[writer_of[name]]}
        made = post(*name, writer_of[name], text, **more)
        found[(name, text, edited, *points.items())] = made
    return list(found.values())


@st.composite
def split(draw: st.DrawFn, whole: Sequence[Post]) -> list[list[Post]]:
    shuffled = draw(st.permutations(whole))
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(whole) - 1)), max_size=4)))
    return [list(shuffled[start:end]) for start, end in itertools.pairwise([0, *cuts, len(shuffled)]) if start < end]


@given(st.data())
@settings(max_examples=20)
def test_order_and_batches_never_change_the_outcome(data: st.DataObject):
    whole = data.draw(rows())
    batches = data.draw(split(whole))
    again = data.draw(st.lists(st.sampled_from(batches), max_size=1))
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder, "1")) as one, Store(Path(folder, "2")) as other:
        assert outcome(in_batches(one, [whole])) == outcome(in_batches(other, [*batches, *again]))


@given(rows(), st.lists(st.sampled_from(NAMES), max_size=2, unique=True), st.integers(0, 3))
@settings(max_examples=10)
def test_removals_count_whenever_they_arrive(whole: list[Post], gone: list[tuple[str, str]], when: int):
    names = ["/".join(name) for name in gone]
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder, "1")) as one, Store(Path(folder, "2")) as other:
        take(one, *whole, gone=names)
        in_batches(other, [whole[:when]])
        take(other, gone=names)
        in_batches(other, [whole[when:]])
        assert outcome(one) == outcome(other)


@given(rows())
@settings(max_examples=30)
def test_a_slow_reference_agrees(whole: list[Post]):
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder, "1")) as store:
        take(store, *whole)
        assert same_as_reference(store, posts(*whole))


@pytest.mark.slow
def test_a_whole_night_comes_out_the_same_in_batches_and_in_another_order(new_store: Callable[[], Store]):
    # Thousands of copies reach what a few posts do not: crowded keys, more wordings than are compared, deep chains.
    collected = Provenance(incident="storm", source="file", query="", collected_at=at(600))
    evening = stamp(night().select(list(CONTENT)), collected)
    one, other = new_store(), new_store()
    collapse(one, evening, Batch(incident="storm", source="file"))
    for part in evening.sample(fraction=1, shuffle=True, seed=1).iter_slices(400):
        collapse(other, part, Batch(incident="storm", source="file"))
    whole, parts = outcome(one), outcome(other)
    assert [pair for pair in zip(whole["links"], parts["links"], strict=True) if pair[0] != pair[1]] == []
    assert whole == parts


ANY = (
    st.text(max_size=60)
    | st.sampled_from(TEXTS)
    | st.text('@RTrtvia:…"“”# .0123456789+/()\u202e\u0301\x00bedgenk', max_size=80)
)
ID = st.sampled_from(["1", "2", "3"]) | st.text(min_size=1, max_size=5)


@st.composite
def any_post(draw: st.DrawFn) -> Post:
    moment = st.sampled_from([at(0), at(-20_000_000), at(0.5), at(500_000)])
    maybe = st.none() | ID
    return Post(
        network=draw(st.sampled_from(["x", "mastodon", "🐘"])), id=draw(ID), author=draw(ID), text=draw(ANY),
        created_at=draw(moment), url=draw(st.none() | st.text(max_size=8)), author_name=draw(st.none() | st.text(max_size=20)),
        lang=draw(st.none() | st.just("nl")), repost_of=draw(maybe), quote_of=draw(maybe), reply_to=draw(maybe),
        reposts=draw(st.none() | st.integers(-1, 2**40)), likes=draw(st.none() | st.integers(0, 9)),
        edited_at=draw(st.none() | moment),
    )  # fmt: skip


@given(st.lists(any_post(), min_size=6, max_size=24), st.lists(any_post(), max_size=12))
@settings(max_examples=20)
def test_no_input_crashes_a_batch(first: list[Post], second: list[Post]):
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder, "1")) as store:
        in_batches(store, [first, second])
        kept = store.read("select distinct network, id from current_posts").height
        assert kept == len({(each.network, each.id) for each in [*first, *second]})
        assert store.read("from current_posts anti join current_links using (wording)").height == 0


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        "bed in genk 0498 76 54 32 " * 40_000,
        "RT @a: " * 140_000,
        " ".join(f"#tag{n}" for n in range(10_000)),
        "@jan " * 10_000,
        "0" * 1_000_000,
        "z" + "\u0301" * 100_000,
        "\x00\x01\x1f\u202e\ufeff\u200b",
        "\ufffd" * 50,
        "🛏️🚗🏠",
        "\U0010ffff\ue000",
        "(" * 100_000,
    ],
    ids=lambda text: f"{text[:6]!r} and so on",
)
def test_hostile_texts_go_in_with_the_rest_of_their_batch(text: str, store: Store):
    take(store, post("x", "1", "jan", BED), post("x", "2", "piet", text), post("x", "3", "an", f"RT @jan: {BED}"))
    assert together("x/1 x/3") <= partition(store)
    assert store.read("select text from posts where id = '2'").item() == text


def test_a_thousand_copies_of_one_form_with_other_numbers_are_a_thousand_offers(store: Store):
    take(store, *(post("x", str(n), f"w{n}", f"Bed vrij in Genk, bel 0475 {n:06}") for n in range(1000)))
    assert len(partition(store)) == 1000


def test_removals_of_an_unknown_network_are_harmless(store: Store):
    collapse(store, posts(), Batch(incident="storm", source="file"), removals=removals("nowhere/1"))
    assert store.read("from current_records").height == 0
