"""Tags as people type them: case, accents, marks, neighbours."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.reading.form_bluesky import is_tagged, labels_of
from ingest.tags import Tags

TAGS = Tags(["#HasseltHelpt", "hasselthelp", "＃orkaancafé", "hasselthelpt"])


def test_the_names_are_bare_each_once_and_in_the_order_given():
    assert TAGS.names == ("HasseltHelpt", "hasselthelp", "orkaancafé")


@pytest.mark.parametrize("names", [[], ["#", " "], ["twee woorden"], ["goed", "niet\tgoed"]])
def test_tags_that_no_network_knows_are_refused(names):
    with pytest.raises(ValueError, match="tag"):
        Tags(names)


@pytest.mark.parametrize(
    "text",
    [
        "#hasselthelpt",
        "Bed vrij #HASSELTHELPT!",
        "bed (#hasselthelp)",
        "é🛏️#hasselthelpt",
        "##hasselthelpt",
        "＃hasselthelpt is ook een tag",
        "#orkaancafe\u0301 met een los accent",
        "#ORKAANCAFÉ",
        "#hasselthelpt\n#iets",
        "#hasselthelpt-genk",
        "#haſſelthelpt",  # an old long s folds to s
        pytest.param("x" * 10_000_000 + " #hasselthelpt", id="10 MB"),
    ],
)
def test_a_tag_in_a_text_is_found_however_it_is_typed(text):
    assert TAGS.in_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hasselthelpt zonder mark",
        "#hasselthelpte",
        "#hasselthelpt2",
        "#hasselthelpt_2",
        "mail#hasselthelpt",
        "# hasselthelpt",
        "#orkaancafe",
        "#orkaancafés",
        pytest.param("#" * 100_000, id="many marks"),
    ],
)
def test_what_only_looks_like_a_tag_is_not_one(text):
    assert not TAGS.in_text(text)


def test_a_tag_by_itself_needs_no_mark():
    assert all(TAGS.match(tag) for tag in ("hasselthelpt", "#HasseltHelp", " orkaancafe\u0301 "))
    assert not any(TAGS.match(tag) for tag in ("", "#", "hasselt", "hasselthelpt2"))


@given(st.text(alphabet="abß#＃ſiİé\u0301 _1", max_size=12))
def test_finding_a_tag_is_the_same_as_cutting_the_text_into_tags(text):
    # the slow way: fold letter by letter, then take every run of word characters after a mark with none before it
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    tags = {found[2] for found in re.finditer(r"(\W|^)[#＃](\w+)", re.sub(r"([#＃])(?=[#＃])", r"\1 ", folded))}
    assert Tags(["ab", "bé"]).in_text(text) == bool(tags & {"ab", "bé"})


def facet(tag: object, *more: object) -> dict[str, object]:
    feature = {"$type": "app.bsky.richtext.facet#tag", "tag": tag}
    return {"index": {"byteStart": 0, "byteEnd": 3}, "features": [feature, *more]}


@pytest.mark.parametrize(
    "record",
    [
        {"text": "#hasselthelpt"},
        {"text": "één bed", "facets": [facet("cats"), facet("HasseltHelpt")]},
        {"text": "één bed", "tags": ["storm", "hasselthelp"]},
        {"tags": ["hasselthelpt"]},
        {"text": 7, "facets": "none", "tags": [None, 7, {}, "hasselthelpt"]},
    ],
)
def test_a_bluesky_post_may_carry_its_tag_in_three_ways(record):
    assert is_tagged(record, TAGS)


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"text": "één bed", "tags": ["storm"], "facets": [facet("cats"), facet(None), {"features": [None, 7]}]},
        {"tags": "hasselthelpt", "facets": {"features": {"tag": 7}}},
    ],
)
def test_a_bluesky_post_without_the_tag_is_not_taken_for_one(record):
    assert not is_tagged(record, TAGS)


def test_labels_come_from_post_writer_and_record_and_those_taken_back_do_not_count():
    post = {"labels": [{"val": "graphic-media"}, {"val": "spam", "neg": True}, {"val": 7}, None]}
    writer = {"labels": [{"val": "!no-unauthenticated"}, {"val": "graphic-media"}]}
    record = {"labels": {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "bot"}]}}
    assert labels_of(post, writer, record) == ["!no-unauthenticated", "bot", "graphic-media"]
    assert labels_of({}, {"labels": "none"}, {"labels": {"values": 7}}) == []
