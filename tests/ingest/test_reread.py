"""Reading again goes round and round through what was collected; the desk's posts are posts like any."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from ingest.desk import typed_in
from ingest.errors import TransientError
from ingest.post import POST_SCHEMA, Post, Provenance, frame, stamp
from ingest.reread import Reread
from ingest.source import Fetch, Removal

MOMENT = datetime(2026, 8, 18, 18, 15, tzinfo=UTC)


@dataclass(kw_only=True)
class Network:
    """A network on which some posts still are."""

    there: set[str]
    name: str = "test"
    asked: list[list[str]] = field(default_factory=list)
    fail: bool = False

    def fetch(self, cursor: str | None) -> Fetch:
        raise NotImplementedError

    def reread(self, ids) -> Fetch:
        self.asked.append(list(ids))
        if self.fail:
            raise TransientError("The network is down.")
        found = [
            Post(network="test", id=id, author="a", text="t", created_at=MOMENT, reposts=9)
            for id in ids
            if id in self.there
        ]
        gone = [Removal(network="test", id=id, at=MOMENT, reason="deleted") for id in ids if id not in self.there]
        provenance = Provenance(incident="storm", source="test", query="reread", collected_at=MOMENT)
        return Fetch(posts=stamp(frame(found), provenance), cursor=None, removals=tuple(gone), more=True)

    def close(self) -> None:
        raise AssertionError("it belongs to another job")


def numbered(ids: list[str]):
    """Posts in the order they were collected, each at the place of its number."""

    def due(after: str, most: int) -> list[tuple[str, str]]:
        start = int(after) if after else 0
        return [(id, str(place)) for place, id in enumerate(ids, 1)][start : start + most]

    return due


def test_posts_are_read_again_in_turn_and_then_from_the_beginning():
    ids = ["1", "2", "3", "4", "5"]
    network = Network(there={"1", "2", "4", "5"})
    source = Reread(network, due=numbered(ids), most=2)
    cursor, removed = None, []
    for _ in range(4):
        fetch = source.fetch(cursor)
        assert fetch.more is False, "it keeps to its rhythm"
        cursor = fetch.cursor
        removed += [gone.id for gone in fetch.removals]
        ids.extend(["6"] if len(ids) == 5 else [])  # one is collected meanwhile
    assert network.asked == [["1", "2"], ["3", "4"], ["5", "6"], ["1", "2"]]
    assert removed == ["3", "6"]


def test_another_process_goes_on_where_the_first_was():
    network = Network(there={"1", "2", "3"})
    first = Reread(network, due=numbered(["1", "2", "3"]), most=2).fetch(None)
    Reread(network, due=numbered(["1", "2", "3"]), most=2).fetch(first.cursor)
    assert network.asked == [["1", "2"], ["3"]]


def test_without_posts_the_network_is_left_alone():
    network = Network(there=set())
    fetch = Reread(network, due=numbered([]), most=2).fetch(None)
    assert (network.asked, fetch.posts.height, fetch.cursor) == ([], 0, None)


def test_a_network_that_is_down_is_told_as_by_any_source_and_closing_leaves_it_open():
    source = Reread(Network(there=set(), fail=True), due=numbered(["1"]), most=2)
    with pytest.raises(TransientError):
        source.fetch(None)
    source.close()
    assert source.name == "test"


# The desk


def test_a_post_from_the_desk_has_an_id_of_its_own_and_all_columns():
    one, other = (typed_in(" 2 bedden in Genk ", incident="storm", author="webcare", now=MOMENT) for _ in range(2))
    assert one.posts.schema == POST_SCHEMA
    row = one.posts.row(0, named=True)
    assert (row["network"], row["source"], row["author"], row["text"]) == (
        "desk",
        "desk",
        "webcare",
        "2 bedden in Genk",
    )
    assert (row["created_at"], row["collected_at"], row["incident"]) == (MOMENT, MOMENT, "storm")
    assert row["id"] != other.posts["id"].item()


def test_a_contact_joins_the_text_once():
    given = [
        typed_in(text, incident="storm", contact="0470 00 00 01", now=MOMENT) for text in ("Bed", "Bed 0470 00 00 01")
    ]
    assert [fetch.posts["text"].item() for fetch in given] == ["Bed 0470 00 00 01"] * 2
    assert given[0].posts["author"].item() == "desk"


@pytest.mark.parametrize("text", ["", "  \n"])
def test_a_post_without_words_is_none(text: str):
    with pytest.raises(ValueError, match="says nothing"):
        typed_in(text, incident="storm", now=MOMENT)
