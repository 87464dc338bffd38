"""Bulk: looked at first, one decision each, taken back in one go."""

from __future__ import annotations

import pytest

from dedupe.deciding import claims
from dedupe.deciding.bulk import MOST, bulk
from dedupe.deciding.decisions import undo
from dedupe.deciding.life import states
from dedupe.deciding.roles import Actor
from dedupe.errors import DecisionRefused, Held, NotAllowed
from dedupe.store import Store
from tests.support.posts import INCIDENT, at, record_of
from tests.support.shift import AN, BOB, CHIEF, MO, name


def test_a_preview_says_what_would_change_and_writes_nothing(night: Store):
    names = [name(night, "x/1"), name(night, "x/3"), name(night, "x/4"), "x/404"]
    seen = bulk(night, names, "claim", AN, at=at(10))
    assert seen.bulk is None
    assert seen.rows["before"].to_list() == ["available", "available", None, None]
    assert seen.rows["after"].to_list() == ["claimed", "claimed", None, None]
    assert set(seen.refused) == set(names[2:])
    assert seen.done == 2
    assert night.read("select count(*) from decisions").item() == 0
    assert night.read("select count(*) from batches where source = 'decision'").item() == 0


def test_all_that_was_done_in_one_go_is_taken_back_in_one_go(night: Store):
    done = bulk(night, ["x/1", "x/3"], "state", AN, value="withdrawn", at=at(10), preview=False)
    assert done.bulk is not None
    assert night.read("select count(distinct bulk) as n, count(*) as all from decisions").row(0) == (1, 2)
    assert set(states(night, INCIDENT, at(11))["state"]) == {"withdrawn"}
    with pytest.raises(NotAllowed):
        undo(night, done.bulk, BOB, at=at(12))
    undo(night, done.bulk, CHIEF, at=at(12))
    assert set(states(night, INCIDENT, at(13))["state"]) == {"available"}
    with pytest.raises(DecisionRefused):
        undo(night, done.bulk, CHIEF, at=at(14))


def test_what_another_holds_is_left_out_of_a_bulk_and_says_so(night: Store):
    claims.claim(night, "x/3", BOB, at=at(9))
    done = bulk(night, ["x/1", "x/3"], "claim", AN, at=at(10), preview=False)
    assert done.rows["after"].to_list() == ["claimed", "claimed"]
    assert list(done.refused) == ["x/3"]
    refused = done.refused["x/3"]
    assert isinstance(refused, Held)
    assert refused.who == "Bob"


def test_a_bulk_relabel_shows_the_category(night: Store):
    seen = bulk(night, ["x/1", "x/4"], "relabel", AN, value="other")
    assert seen.rows["before"].to_list() == ["offer", record_of(night, "x/4")["category"]]
    assert seen.rows["after"].to_list() == ["other", "other"]


@pytest.mark.parametrize(
    ("records", "action", "by", "error"),
    [
        (["x/1"], "match", AN, DecisionRefused),
        (["x/1"], "claim", MO, NotAllowed),
        ([f"x/{n}" for n in range(MOST + 1)], "claim", AN, DecisionRefused),
    ],
)
def test_what_is_not_done_in_bulk_is_refused(
    night: Store, records: list[str], action: str, by: Actor, error: type[Exception]
):
    with pytest.raises(error):
        bulk(night, records, action, by)
