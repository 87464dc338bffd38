"""Naming: when two posts have one wording, who wrote it and what it points at."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from dedupe.naming import distinct_wordings, find_pointers, find_writers, name_wordings
from dedupe.prepare import identify
from dedupe.reading.facts import default_reader
from ingest.post import Post
from tests.support.posts import BED, post, posts

SHORT = "Slaapplaats voor 2 in Genk"


def named(*rows: Post) -> pl.DataFrame:
    return name_wordings(identify(posts(*rows)), default_reader().tags())


def one_wording(one: Post, other: Post) -> bool:
    return named(one, other)["wording"].n_unique() == 1


def test_the_same_words_and_number_of_two_writers_are_one_wording():
    assert one_wording(post("x", "1", "jan", BED), post("mastodon", "2", "piet", BED))


@pytest.mark.parametrize(
    "other",
    [
        post("x", "2", "piet", SHORT),
        post("x", "2", "jan", BED),
        post("x", "2", "jan", f"{SHORT} dm @els"),
        post("x", "2", "jan", "", repost_of="1"),
    ],
)
def test_other_writers_numbers_or_handles_make_another_wording(other: Post):
    assert not one_wording(post("x", "1", "jan", SHORT), other)


def test_the_same_words_and_number_but_another_handle_to_write_to_are_another_wording():
    texts = [f"{BED} of dm @{handle}" for handle in ("els", "koen")]
    assert not one_wording(post("x", "1", "jan", texts[0]), post("x", "2", "jan", texts[1]))


def test_two_copies_that_credit_one_writer_share_a_wording_whoever_made_them():
    assert one_wording(post("x", "1", "els", f"RT @jan: {SHORT}"), post("x", "2", "piet", f"RT @els RT @Jan: {SHORT}"))


def test_the_writer_is_the_same_person_on_another_network():
    assert one_wording(post("x", "1", "Jan_P", SHORT), post("mastodon", "2", "@jan-p@social.example", SHORT))


def test_texts_without_words_are_each_a_wording_of_their_own():
    assert not one_wording(post("x", "1", "jan", "😀"), post("x", "2", "jan", "😀"))


def test_empty_reposts_of_one_post_share_a_wording_and_of_two_posts_do_not():
    assert one_wording(post("x", "1", "jan", "", repost_of="9"), post("x", "2", "piet", "", repost_of="9"))
    assert not one_wording(post("x", "1", "jan", "", repost_of="9"), post("x", "2", "jan", "", repost_of="8"))
    assert not one_wording(post("x", "1", "jan", "", repost_of="9"), post("mastodon", "2", "jan", "", repost_of="9"))


def test_the_same_remark_on_one_post_by_two_people_is_two_wordings():
    assert not one_wording(
        post("x", "1", "jan", "volzet", reply_to="9"), post("x", "2", "piet", "volzet", reply_to="9")
    )


def test_the_same_words_in_two_incidents_are_two_wordings():
    rows = [posts(post("x", "1", "jan", BED), incident=incident) for incident in ("storm", "flood")]
    assert name_wordings(identify(pl.concat(rows)), default_reader().tags())["wording"].n_unique() == 2


def test_a_distinct_wording_does_not_depend_on_which_of_its_posts_is_looked_at():
    rows = [
        post("x", "1", "jan", f"{BED} dm @els"), post("x", "2", "piet", f"{BED} dm @els"),
        post("x", "3", "an", f"RT @jan: {BED}"), post("x", "4", "an", f"RT @piet: {BED}"),
        post("x", "5", "jan", "", repost_of="9"), post("x", "6", "piet", "", repost_of="9"),
    ]  # fmt: skip
    told = [name for name in distinct_wordings(named(*rows)).columns if name != "credit"]
    assert named(*rows).select("wording", pl.col("said").alias("text"), *told[2:]).unique().height == 3


def writers(*rows: Post) -> set[tuple[Any, ...]]:
    return set(find_writers(named(*rows)).select("handle", "named").rows())


def test_the_credited_one_is_the_writer_and_not_who_copied():
    assert writers(post("x", "1", "piet", f"RT @jan: {SHORT}")) == {("jan", False)}


def test_who_reposts_wrote_nothing():
    assert writers(post("x", "1", "piet", SHORT, repost_of="9")) == set()


def test_a_full_name_is_kept_beside_the_handle_and_a_first_name_is_not():
    assert writers(post("x", "1", "jvdb", SHORT, author_name="Jan Van den Berg ☀️")) == {
        ("jvdb", False),
        ("~jan van den berg", True),
    }
    assert writers(post("x", "1", "jvdb", SHORT, author_name="Jan")) == {("jvdb", False)}


@pytest.mark.parametrize(
    ("row", "how"),
    [
        (post("x", "1", "jan", "", repost_of="9"), "repost"),
        (post("x", "1", "jan", "super", quote_of="9"), "quote"),
        (post("x", "1", "jan", "volzet", reply_to="9"), "reply"),
        (post("x", "1", "jan", BED * 3, quote_of="9"), None),
        (post("x", "1", "jan", BED * 3, reply_to="9"), None),
        (post("x", "1", "jan", BED), None),
    ],
)
def test_what_a_post_points_at_and_how(row: Post, how: str | None):
    assert find_pointers(named(row))["how"].to_list() == ([how] if how else [])


def test_who_reposts_does_not_answer_for_what_is_said():
    assert find_pointers(named(post("x", "1", "jan", "", repost_of="9")))["author"].to_list() == [None]
