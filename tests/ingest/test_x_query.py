from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.x.cursor import MOST_GAPS, Gap, Mark, Stand, id_at, mark_for, moment_of, written
from ingest.x.query import LONGEST, clean, packed, query_of

AT = datetime(2026, 8, 18, 18, 15, tzinfo=UTC)
TAGS = st.lists(st.text(alphabet="abcdefghijklmnop_é", min_size=1, max_size=60).filter(lambda tag: tag.strip("_")))


def test_all_spellings_of_a_tag_are_one_and_any_order_of_tags_gives_the_same_query():
    assert clean(["#HasseltHelpt", "hasselthelpt", " #hasselthelp "]) == clean(["hasselthelp", "hasselthelpt"])
    assert query_of(clean(["#b", "A"])[0]) == "(#a OR #b) -is:retweet"


@pytest.mark.parametrize("tag", ["", "#", "a b", "a) OR (b", "a\nb", 'a"', "2011", "-a", "a:b", "_", "x" * 600])
def test_what_could_be_more_than_a_tag_never_gets_into_a_query(tag: str):
    assert clean([tag, "ok"]) == (["ok"], [tag])


@given(TAGS)
def test_every_tag_is_in_one_query_and_no_query_is_too_long(tags: list[str]):
    sound, refused = clean(tags)
    parts = packed(sound)
    assert refused == []
    assert [tag for part in parts for tag in part] == sound
    assert all(len(query_of(part)) <= LONGEST for part in parts)
    assert all(re.fullmatch(r"\((#\w+)( OR #\w+)*\) -is:retweet", query_of(part)) for part in parts)


def test_an_id_tells_its_time():
    # the example in X's own documentation, which gives its time as 2019-12-31T19:26:16.000Z
    assert moment_of("1212092628029698048").replace(microsecond=0) == datetime(2019, 12, 31, 19, 26, 16, tzinfo=UTC)
    assert abs(moment_of(id_at(AT)) - AT) < timedelta(milliseconds=1)
    assert moment_of("9" * 20) > AT


def test_a_cursor_comes_back_as_it_was():
    gaps = (Gap(since="5", until="9", token="t", idle=2), Gap(since=None, until=None, token=None))
    mark = Mark(stands=(Stand(tags=("a", "b"), since="12", found=3, gaps=gaps),), looked=1, pages=4, counted=True)
    assert mark_for(["a", "b"], written(mark), first="1") == mark


@pytest.mark.parametrize(
    "cursor", ["", "{", "[]", '{"stands": 3}', "17/ab", '{"stands":[{"tags":["a"],"since":"-1"}]}']
)
def test_a_cursor_that_cannot_be_read_starts_from_the_beginning(cursor: str):
    assert mark_for(["a"], cursor, first="7") == Mark(stands=(Stand(tags=("a",), since="7"),))


def test_a_tag_that_is_added_begins_at_its_own_beginning_and_the_others_go_on():
    before = Mark(stands=(Stand(tags=("a", "c"), since="50", found=1),), looked=1, pages=2)
    after = mark_for(["a", "b", "c"], written(before), first="7")
    assert after == Mark(stands=(Stand(tags=("a", "c"), since="50", found=1), Stand(tags=("b",), since="7")))


def test_a_tag_that_is_dropped_leaves_the_rest_where_it_was_and_its_pages_are_asked_for_anew():
    gap = Gap(since="5", until="9", token="of the old query")
    before = Mark(stands=(Stand(tags=("a", "b"), since="50", gaps=(gap,)), Stand(tags=("c",), since="60")))
    after = mark_for(["a"], written(before), first="7")
    assert after == Mark(stands=(Stand(tags=("a",), since="50", gaps=(Gap(since="5", until="9", token=None),)),))


def test_gaps_beyond_the_most_are_joined_so_that_nothing_between_them_is_left_out():
    stand = Stand(tags=("a",), since="1000")
    for n in range(MOST_GAPS + 1):
        stand = stand.with_gap(Gap(since=str(10 * n), until=str(10 * n + 5), token=f"t{n}"))
    assert len(stand.gaps) == MOST_GAPS
    assert stand.gaps[0] == Gap(since="0", until="15", token=None)
