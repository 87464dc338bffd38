"""The measuring stream and its truth."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from benchmarks.stream import TRUTH, Stream, main, write_stream
from ingest.night import habits, phones
from ingest.night.sentences import KINDS, LANGUAGES

POSTS = 20_000
CASES = list(habits.NOT_SAME)


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Stream:
    return write_stream(tmp_path_factory.mktemp("stream"), posts=POSTS, seed=3)


@pytest.fixture(scope="module")
def posts(stream: Stream) -> pl.DataFrame:
    return pl.read_ndjson(stream.posts_file, infer_schema_length=None)


@pytest.fixture(scope="module")
def truth(stream: Stream) -> pl.DataFrame:
    return pl.read_parquet(stream.truth_file)


@pytest.fixture(scope="module")
def firsts(posts: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Originals with their text."""
    return truth.drop("lang").join(posts, on=["network", "id"]).filter(pl.col("habit").is_in(["original", *CASES]))


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_people(tmp_path: Path) -> None:
    streams = [write_stream(tmp_path / str(n), posts=2_000, seed=seed) for n, seed in enumerate((5, 5, 6))]
    one, again, other = (stream.posts_file.read_bytes() for stream in streams)
    assert one == again
    authors = [{json.loads(line)["author"] for line in text.splitlines()} for text in (one, other)]
    assert len(authors[0] & authors[1]) < 0.02 * len(authors[0])


@pytest.mark.parametrize("wanted", [0, 1, 777])
def test_exactly_as_many_posts_are_written_as_asked_for(tmp_path: Path, wanted: int) -> None:
    stream = write_stream(tmp_path, posts=wanted, seed=1)
    assert len(stream.posts_file.read_bytes().splitlines()) == wanted == stream.posts
    assert pl.read_parquet(stream.truth_file).schema == pl.Schema(TRUTH)


def test_posts_are_in_order_of_time_and_truth_tells_of_them_line_by_line(
    stream: Stream, posts: pl.DataFrame, truth: pl.DataFrame
) -> None:
    assert posts.height == truth.height == POSTS == stream.posts
    assert all(earlier <= later for earlier, later in pairwise(posts["created_at"]))
    assert posts.select("network", "id").equals(truth.select("network", "id"))
    assert posts["id"].is_unique().all()
    assert not (stream.posts_file.parent / "posts.unsorted").exists()


def test_proportions_are_as_promised(stream: Stream, truth: pl.DataFrame) -> None:
    assert 1 / 10 < stream.things / POSTS < 1 / 6
    assert 0.014 < stream.offers / POSTS < 0.028
    assert truth.group_by("thing").len()["len"].max() > 200  # type: ignore[operator]
    shares = truth["category"].value_counts(normalize=True)
    share = dict(shares.iter_rows())
    assert share["sympathy"] > 0.1
    assert share["information"] > 0.06


def test_everything_occurs_in_every_language(truth: pl.DataFrame) -> None:
    assert set(truth["habit"]) == {"original", *habits.HABITS, *CASES}
    assert set(truth["network"]) == {"x", "bluesky", "mastodon"}
    for lang in LANGUAGES:
        spoken = truth.filter(lang=lang)
        assert set(spoken.filter(category="offer")["kind"]) == set(KINDS)
        assert set(habits.PLAIN) <= set(spoken["habit"])
    for case in CASES:
        assert truth.filter(case=case)["group"].n_unique() >= 2


def test_every_thing_has_exactly_one_original(truth: pl.DataFrame) -> None:
    origins = truth.group_by("thing").agg(pl.col("habit").is_in(["original", *CASES]).sum())
    assert (origins["habit"] == 1).all()
    assert truth.filter(habit="original")["original_id"].null_count() == truth.filter(habit="original").height


def test_a_copy_names_an_earlier_post_of_its_thing_and_a_look_alike_one_of_another(
    posts: pl.DataFrame, truth: pl.DataFrame
) -> None:
    at = truth.with_columns(at=posts["created_at"])
    pointing = at.filter(pl.col("original_id").is_not_null())
    joined = pointing.join(at.select("id", "thing", "group", "at"), left_on="original_id", right_on="id", suffix="_of")
    assert joined.height == pointing.height
    alike = pl.col("habit").is_in(CASES)
    copies, resembling = joined.filter(~alike), joined.filter(alike)
    assert (copies["thing"] == copies["thing_of"]).all()
    assert (copies["at"] >= copies["at_of"]).all()
    assert (resembling["thing"] != resembling["thing_of"]).all()
    assert (resembling["group"] == resembling["group_of"]).all()


def test_two_true_offers_never_share_words_and_contact(firsts: pl.DataFrame) -> None:
    told: set[tuple[str, str]] = set()
    for author, text in firsts.filter(category="offer").select("author", "text").iter_rows():
        found = phones.find(text)
        reach = f"{found[2].country}{found[2].digits}" if found else author
        bare = text[: found[0]] + text[found[1] :] if found else text
        words = " ".join(re.findall(r"\w+", re.sub(r"#\w+|https?://\S+", "", bare).lower()))
        assert (reach, words) not in told
        told.add((reach, words))


def test_a_number_belongs_to_one_offer_unless_sharing_is_the_case(firsts: pl.DataFrame) -> None:
    sharing = {"hotline", "bed_and_ride", "organiser_per_town", "opposite_ride"}
    holders: dict[phones.Phone, list[tuple[str | None, str | None, str | None, str]]] = {}
    for row in firsts.iter_rows(named=True):
        found = phones.find(row["text"])
        if found:
            holders.setdefault(found[2], []).append((row["case"], row["group"], row["kind"], row["place"]))
    shared = [held for held in holders.values() if len(held) > 1]
    assert {case for held in shared for case, *_ in held} == sharing
    for held in shared:
        assert len({group for _, group, *_ in held}) == 1
        assert len({(kind, place) for *_, kind, place in held}) == len(held)


def test_words_without_a_source_are_taken_over_only_with_a_number_or_when_long(
    posts: pl.DataFrame, truth: pl.DataFrame, firsts: pl.DataFrame
) -> None:
    rows = truth.drop("lang").join(posts, on=["network", "id"])
    sources = firsts.select("thing", writer="author", first="text")
    copies = rows.filter(~pl.col("habit").is_in(["original", *CASES])).join(sources, on="thing")
    checked = 0
    for row in copies.iter_rows(named=True):
        stem, writer = (re.split(r"@|\.bsky", row[name])[0].replace("-", "_") for name in ("author", "writer"))
        native = row["repost_of"] or row["quote_of"] or row["reply_to"]
        if native or row["writer"] in row["text"] or stem == writer:
            continue
        keyed = phones.find(row["first"]) is not None or "@mail.example" in row["first"].lower()
        assert keyed or (row["habit"] == "long_uncredited" and len(row["first"].split()) >= 20), row["text"]
        checked += 1
    assert checked > 200


def test_strangers_type_the_same_only_in_few_words_or_as_a_look_alike(firsts: pl.DataFrame) -> None:
    seen: dict[str, int] = {}
    talk = firsts.filter(~pl.col("category").is_in(["offer", "request"]), pl.col("case").is_null())
    for text in talk["text"]:
        bare = re.sub(r"https?://\S+", "", text).replace("#", "")
        words = [
            word
            for word in re.findall(r"\w+", bare.lower())
            if not re.match(r"has\w*he|pp\w*\d|pps|ppok|pukk|pkp", word)
        ]
        if len(words) > 7:
            key = " ".join(words)
            seen[key] = seen.get(key, 0) + 1
    assert sum(count > 1 for count in seen.values()) <= len(seen) * 0.002


def test_the_command_line_writes_a_stream(tmp_path: Path) -> None:
    assert main(["--posts", "300", "--seed", "2", "--out", str(tmp_path / "new" / "folder")]) == 0
    assert (tmp_path / "new" / "folder" / "posts.ndjson").stat().st_size > 0
    assert (tmp_path / "new" / "folder" / "truth.parquet").exists()
