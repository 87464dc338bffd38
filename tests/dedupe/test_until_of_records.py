"""The end of a record: by the time its posts were written, in the zone of the incident, the writer's last word going first."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dedupe.incidents import Incident, open_incident
from dedupe.rebuild import rebuild
from dedupe.store import Store
from tests.support.posts import INCIDENT, post, record_of, take

BED = "Slaapplaats in Genk voor 2 personen tot 23u, bel 0470 00 00 00"


def day(date: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2011, 8, date, hour, minute, tzinfo=UTC)


def test_an_end_is_counted_from_when_the_post_was_written(either: Store):
    take(either, post("x", "1", "jan", BED, 1), post("x", "2", "piet", f"RT @jan: {BED}", 600))
    assert record_of(either, "x/1")["until"] == day(18, 21)


def test_the_zone_of_the_incident_counts(store: Store):
    open_incident(store, Incident(id=INCIDENT, name="Storm", zone="Europe/London"))
    take(store, post("x", "1", "jan", BED, 1))
    assert record_of(store, "x/1")["until"] == day(18, 22)


def test_the_newest_words_of_the_writer_move_the_end_in_any_order(new_store):
    rows = [
        post("x", "1", "jan", BED, 1),
        post("x", "2", "piet", f"RT @jan: {BED}", 5),
        post("x", "3", "jan", BED.replace("tot 23u", "tot morgen 10u"), 30),
        post("x", "4", "jan", "nog steeds plaats in Genk voor 2 personen, bel 0470 00 00 00", 40),
    ]
    for order in (rows, rows[::-1]):
        store = new_store()
        for row in order:
            take(store, row)
        assert record_of(store, "x/1")["root"] == record_of(store, "x/3")["root"]
        assert record_of(store, "x/1")["until"] == day(19, 8)


def test_who_says_the_same_again_the_next_day_offers_the_next_night(store: Store):
    bed = BED.replace("tot 23u", "vannacht")
    take(store, post("x", "1", "jan", bed, 1))
    take(store, post("x", "2", "jan", bed, 24 * 60))
    assert record_of(store, "x/1")["until"] == day(20, 6)


def test_an_edit_counts_from_when_it_was_made(store: Store):
    take(store, post("x", "1", "jan", BED, 1))
    take(store, post("x", "1", "jan", BED.replace("23u", "20u"), 1, edited=24 * 60))
    assert record_of(store, "x/1")["until"] == day(19, 18)


@pytest.mark.parametrize(
    "text", ["Slaapplaats in Genk voor 2, bel 0470 00 00 00", "Rit naar Gent om 22u, bel 0470 00 00 01"]
)
def test_where_no_end_is_said_there_is_none(store: Store, text: str):
    take(store, post("x", "1", "jan", text, 1))
    assert record_of(store, "x/1")["until"] is None


def test_a_rebuild_finds_the_same_ends(store: Store):
    open_incident(store, Incident(id=INCIDENT, name="Storm", zone="Europe/London"))
    take(
        store,
        post("x", "1", "jan", BED, 1),
        post("x", "2", "an", "Lit pour cette nuit à Liège, appelez 0470 00 00 02", 2),
    )
    assert rebuild(store).records == 0
