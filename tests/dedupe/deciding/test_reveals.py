"""Reveals: a contact is shown to who is on the record, with a reason, on record."""

from __future__ import annotations

import pytest

from dedupe.deciding import claims
from dedupe.deciding.matches import fell_through, match
from dedupe.deciding.reveals import reveal
from dedupe.errors import DecisionRefused, NotAllowed
from dedupe.store import Store
from tests.support.posts import at
from tests.support.shift import AN, BOB, CHIEF


def test_a_contact_is_shown_to_who_is_on_the_record_and_each_time_is_logged(night: Store):
    with pytest.raises(NotAllowed, match="Claim it first"):
        reveal(night, "x/1", AN, "to call", at=at(10))
    claims.claim(night, "x/1", AN, at=at(10))
    with pytest.raises(DecisionRefused, match="Say why"):
        reveal(night, "x/1", AN, " ", at=at(11))
    assert reveal(night, "x/2", AN, "to call", at=at(11)) == "+32475123456"
    logged = night.read("select who, reason, value from decisions where action = 'reveal'").rows()
    assert logged == [("An", "to call", None)]
    with pytest.raises(NotAllowed):
        reveal(night, "x/1", BOB, "curious", at=at(12))
    assert reveal(night, "x/1", CHIEF, "takes over", at=at(12)) == "+32475123456"
    for by in (CHIEF, AN):
        with pytest.raises(NotAllowed):
            reveal(night, "x/1", by, "too late", at=at(26))


def test_a_match_shows_both_contacts_as_long_as_it_holds(night: Store):
    made = match(night, "x/1", "x/3", AN, at=at(10))
    assert reveal(night, "x/3", AN, "to say where", at=at(60)) == "+32470000002"
    fell_through(night, made, AN, at=at(61))
    with pytest.raises(NotAllowed):
        reveal(night, "x/3", AN, "to ask again", at=at(62))
