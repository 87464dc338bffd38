"""Moderation: two pairs of eyes for an offer, evidence kept, and nothing comes back by itself."""

from __future__ import annotations

import hashlib
import json

import pytest

from dedupe.deciding import claims
from dedupe.deciding.decisions import undo
from dedupe.deciding.moderation import hidden_posts, hidden_records, hide, proposed, report, reported, unhide
from dedupe.errors import DecisionRefused, NotAllowed
from dedupe.exports import export
from dedupe.store import Store
from tests.support.posts import BED, INCIDENT, at, hash_of, post, take
from tests.support.shift import AN, CHIEF, MIA, MO, name


def hidden(store: Store) -> list[str]:
    return hidden_records(store, INCIDENT)["record"].to_list()


def test_an_offer_is_hidden_when_a_second_person_agrees(night: Store):
    hide(night, "x/1", "scam", MO, "asks for money first", at=at(10))
    assert hidden(night) == []
    assert proposed(night, INCIDENT).select("who", "code", "scope").rows() == [("Mo", "scam", "record")]
    with pytest.raises(DecisionRefused, match="a second person must agree"):
        hide(night, "x/2", "scam", MO, at=at(11))
    hide(night, "x/2", "scam", CHIEF, at=at(12))
    assert hidden(night) == [name(night, "x/1")]
    assert proposed(night, INCIDENT).height == 0
    with pytest.raises(DecisionRefused, match="hidden already"):
        hide(night, "x/1", "scam", MIA, at=at(13))


@pytest.mark.parametrize(("post_name", "code"), [("x/1", "threat"), ("x/4", "improper")])
def test_a_threat_or_what_is_no_offer_needs_one_pair_of_eyes(night: Store, post_name: str, code: str):
    decision = hide(night, post_name, code, MO)
    assert hidden(night) == [name(night, post_name)]
    undo(night, decision, MIA)  # moderators take back what moderators did
    assert hidden(night) == []


def test_copies_that_come_later_are_hidden_with_it_until_it_is_shown_again(night: Store):
    hide(night, "x/1", "threat", MO, at=at(10))
    take(night, post("x", "0", "jan", f"Zeg: {BED}", 0.5), post("x", "9", "koen", f"RT @jan: {BED}", 11))
    assert hidden(night) == [name(night, "x/0")] == [name(night, "x/9")]
    unhide(night, "x/9", MIA, at=at(12))
    assert hidden(night) == []
    with pytest.raises(DecisionRefused, match="is not hidden"):
        unhide(night, "x/1", MIA, at=at(13))
    hide(night, "x/1", "threat", MO, at=at(14))
    assert hidden(night) == [name(night, "x/1")]


def test_a_single_post_is_hidden_and_the_record_stays(night: Store):
    hide(night, "x/2", "contact_data", MO, post=True)
    hide(night, "x/2", "contact_data", MIA, post=True)
    assert hidden(night) == []
    assert hidden_posts(night, INCIDENT).select("post", "code").rows() == [(hash_of(night, "x/2"), "contact_data")]
    unhide(night, "x/2", MO, post=True)
    assert hidden_posts(night, INCIDENT).height == 0


def test_evidence_is_kept_with_link_time_and_hash_and_without_the_text(night: Store):
    hide(night, "x/1", "threat", MO)
    value = night.read("select value from decisions").item()
    first = json.loads(value)["evidence"][0]
    assert first["url"] == "https://x.example/jan/1"
    assert first["created_at"] == at(1).isoformat()
    assert first["sha256"] == hashlib.sha256(BED.encode()).hexdigest()
    assert "0475" not in value


def test_where_it_was_reported_is_on_record(night: Store):
    report(night, "x/4", "politie", MO, "ticket 7", at=at(10))
    row = reported(night, INCIDENT).row(0, named=True)
    assert (row["record"], row["where"], row["reason"], row["who"]) == (name(night, "x/4"), "politie", "ticket 7", "Mo")
    for bad in (lambda: report(night, "x/4", " ", MO), lambda: hide(night, "x/4", "dislike", MO)):
        with pytest.raises(DecisionRefused):
            bad()


def test_volunteers_do_not_moderate_and_moderators_do_not_match(night: Store):
    for call in (
        lambda: hide(night, "x/4", "threat", AN),
        lambda: claims.claim(night, "x/1", MO),
        lambda: undo(night, hide(night, "x/4", "threat", MO), AN),
    ):
        with pytest.raises(NotAllowed):
            call()


def test_what_is_hidden_leaves_lists_and_exports(night: Store):
    decision = hide(night, "x/1", "threat", MO)
    assert export(night, "offers").height == 0
    assert export(night, "records").height == 2
    undo(night, decision, MO)
    hide(night, "x/1", "threat", MO, post=True)
    row = export(night, "offers", contacts=True).row(0, named=True)
    assert (row["record"], row["text"]) == (name(night, "x/1"), None)
