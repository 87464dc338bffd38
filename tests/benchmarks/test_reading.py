"""The labelled posts are well-formed, and the scorer counts as one would by hand."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
import polars as pl
import pytest

from benchmarks.reading import (
    CATEGORIES,
    FACTS,
    HALVES,
    KINDS,
    LABELS,
    LANGUAGES,
    POSTS,
    ZONE,
    arguments,
    judge,
    load,
    main,
    read,
    score,
    wrong,
)

FILES = sorted(POSTS.glob("*.ndjson"))


def rows(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_half_has_posts_of_every_category_in_the_form_that_its_readme_tells(file: Path):
    language, half, _ = file.name.split(".")
    assert language in LANGUAGES
    assert half in HALVES
    posts = rows(file)
    assert {post["category"] for post in posts} == set(CATEGORIES)
    assert {post["hard"] for post in posts} == {True, False}
    for post in posts:
        assert list(post) == LABELS.names(), post["id"]
        assert re.fullmatch(rf"{language}-\d{{3}}", post["id"])
        assert post["lang"] == language
        assert post["text"].strip() == post["text"] != ""
        assert_facts(post)


def assert_facts(post: dict) -> None:
    created = datetime.fromisoformat(post["created_at"])
    assert created.utcoffset() == created.astimezone(ZoneInfo(ZONE)).utcoffset(), post["id"]
    facts = {name: post[name] for name in FACTS if name != "number"}
    if post["category"] not in {"offer", "request"}:
        assert set(facts.values()) == {None}, post["id"]
    assert post["kind"] in {None, *KINDS}, post["id"]
    assert post["capacity"] is None or post["capacity"] > 0, post["id"]
    if post["until"] is not None:
        end = datetime.strptime(post["until"], "%Y-%m-%dT%H:%M").replace(tzinfo=ZoneInfo(ZONE))
        assert timedelta(0) < end - created < timedelta(days=62), post["id"]
    if post["number"] is not None:
        assert phonenumbers.is_possible_number(phonenumbers.parse(post["number"])), post["id"]
        assert post["number"][-6:] in re.sub(r"\D", "", post["text"]), f"{post['id']}: its number is in its text"


def test_a_post_is_in_one_half_only():
    assert {file.name for file in FILES} >= {
        f"{language}.{half}.ndjson" for language in ("nl", "de") for half in HALVES
    }
    posts = [post for file in FILES for post in rows(file)]
    for key in ("id", "text"):
        assert len({post[key] for post in posts}) == len(posts), key


def posts_read(*changes: dict) -> pl.DataFrame:
    """Labelled posts read as labelled, but for `changes`: of each post its labels and what was read."""
    plain = {"text": "…", "created_at": "2026-08-20T19:00:00+02:00", "lang": "nl", "category": "offer", "hard": False}
    labelled = [{**plain, "id": f"nl-{n}", **change} for n, change in enumerate(changes)]
    for post in labelled:
        for name in ("category", *FACTS):
            post.setdefault(f"read_{name}", post.get(name))
    schema = {**LABELS, **{f"read_{name}": LABELS[name] for name in ("category", *FACTS)}}
    return pl.DataFrame(labelled, schema=schema)


def value(figures: pl.DataFrame, figure: str, *, lang: str = "all", posts: str = "all") -> tuple[Any, int]:
    row = figures.row(by_predicate=(pl.col("figure") == figure) & (pl.col("lang") == lang) & (pl.col("posts") == posts))
    return row[-2:]


def test_posts_read_as_labelled_score_one():
    figures = judge(posts_read(*({"category": name, "kind": "bed"} for name in CATEGORIES)))
    for figure in ("offer precision", "offer recall", "request precision", "request recall", "macro F1", "kind right"):
        assert value(figures, figure)[0] == 1.0, figure


def test_categories_are_counted_as_by_hand():
    figures = judge(
        posts_read(
            {},
            {"hard": True, "read_category": "request"},
            {"category": "sympathy", "read_category": "offer", "lang": "de"},
            {"category": "sympathy"},
            {"category": "request", "read_category": None},
        )
    )
    assert value(figures, "offer precision") == (0.5, 2)
    assert value(figures, "offer recall") == (0.5, 2)
    assert value(figures, "offer recall", posts="hard") == (0.0, 1)
    assert value(figures, "offer precision", lang="nl") == (1.0, 1)
    assert value(figures, "request recall", posts="hard") == (None, 0)
    assert value(figures, "help hidden") == (pytest.approx(1 / 3), 3), "an offer taken for a request is seen"
    # offer 2·1/4, request 0/2, sympathy 2·1/3; the others are neither labelled nor read.
    assert value(figures, "macro F1") == (pytest.approx((1 / 2 + 0 + 2 / 3) / 3), 5)


def test_facts_are_right_where_labelled_and_absurd_where_not():
    figures = judge(
        posts_read(
            {"capacity": 2, "read_capacity": 2, "until": "2026-08-20T22:00"},
            {"capacity": 2, "read_capacity": 4, "until": "2026-08-20T22:00", "read_until": "2026-08-20T20:00"},
            {"read_capacity": 3},
            {},
            {"category": "other", "read_capacity": 47, "read_place": "Peer", "read_number": "+32470000000"},
        )
    )
    assert value(figures, "capacity right") == (0.5, 2)
    assert value(figures, "capacity absurd") == (0.5, 2), "what is no offer or request has no labelled capacity"
    assert value(figures, "until right") == (0.5, 2)
    assert value(figures, "place absurd") == (0.0, 4)
    assert value(figures, "number absurd") == (pytest.approx(1 / 5), 5), "numbers are labelled on all posts"


def test_what_is_wrong_is_listed():
    listed = wrong(
        posts_read({}, {"read_category": "other", "place": "Genk"}, {"category": "other", "read_place": "Peer"})
    )
    assert listed.select("id", "what", "expected", "got").rows() == [("nl-1", "category", "offer", "other")]


def test_the_engine_is_scored_on_the_work_half():
    labelled = load("work", ["nl"])
    found = read(labelled)
    assert found["id"].to_list() == labelled["id"].to_list()
    assert found["read_category"].null_count() == 0, "every post is in a record"
    figures = score("work", ["nl"])
    assert figures.equals(judge(found))
    assert figures["value"].drop_nulls().is_between(0, 1).all()
    assert (value(figures, "offer recall", lang="nl")[0] or 0) > 0.5, "two posts of three are read: the wiring holds"
    assert value(figures, "macro F1") == value(figures, "macro F1", lang="nl")


def test_no_post_of_the_held_out_half_is_shown_by_accident(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as refused:
        main(["--wrong"])
    assert refused.value.code == 2
    assert "--half work" in capsys.readouterr().err
    assert arguments(["--wrong", "--half", "work"]).wrong
    assert arguments(["--wrong", "--held-too"]).wrong


def test_the_command_shows_all_tables(capsys: pytest.CaptureFixture[str]):
    assert main(["--half", "work", "--lang", "de", "--wrong"]) == 0
    shown = capsys.readouterr().out
    for title in ("Categories", "Facts of offers and requests", "by the words alone"):
        assert title in shown
    assert ": expected " in shown
