"""Notes: beside a record, and for the next shift."""

from __future__ import annotations

import pytest

from dedupe.deciding import notes
from dedupe.deciding.decisions import undo
from dedupe.deciding.roles import Actor
from dedupe.errors import DecisionRefused
from dedupe.store import Store
from tests.support.posts import INCIDENT, at
from tests.support.shift import AN, BOB, WIM


def test_notes_stay_with_their_record_and_those_of_a_shift_with_the_incident(night: Store):
    notes.note(night, "x/2", " called, rings out ", AN, at=at(10))
    second = notes.note(night, "x/1", "two cats", BOB, at=at(11))
    notes.note(night, "x/3", "has a dog", BOB, at=at(11))
    assert notes.notes(night, "x/1")["text"].to_list() == ["two cats", "called, rings out"]
    undo(night, second, BOB)
    assert notes.notes(night, "x/1")["text"].to_list() == ["called, rings out"]
    notes.shift_note(night, INCIDENT, "beds in Genk are running out", WIM, at=at(12))
    row = notes.shift_notes(night, INCIDENT).row(0, named=True)
    assert (row["text"], row["who"], row["role"]) == ("beds in Genk are running out", "Wim", "watcher")
    for text in ("", "x" * 3_000):
        with pytest.raises(DecisionRefused):
            notes.shift_note(night, INCIDENT, text, AN)


def test_the_last_role_of_each_person_counts(night: Store):
    for minute, role in enumerate(("watcher", "volunteer")):
        notes.take_role(night, INCIDENT, Actor(who="An", role=role), at=at(minute))
    assert notes.people(night, INCIDENT).select("who", "role").rows() == [("An", "volunteer")]
