"""Incidents: opened, changed, closed and reopened, several at once; every step stays."""

from __future__ import annotations

import pytest

from dedupe.errors import IncidentRefused, NotFound
from dedupe.incidents import (
    Incident,
    change_incident,
    close_incident,
    incident_by_id,
    incidents,
    open_incident,
    reopen_incident,
    steps,
)
from dedupe.store import Store
from tests.support.posts import at

STORM = Incident(
    id="storm", name="Storm in Hasselt", tags=("#hasselthelpt", "ppok", "HasseltHelpt"), zone="Europe/Brussels"
)


def test_an_incident_is_opened_changed_closed_and_reopened_and_every_step_stays(either: Store):
    opened = open_incident(either, STORM, at=at(0))
    assert (opened.tags, opened.opened_at, opened.closed_at) == (("hasselthelpt", "ppok"), at(0), None)
    changed = change_incident(
        either, "storm", add={"variants": ["#hasselthelp", "hasselthelpt"]}, without=["PPOK"], name="Storm"
    )
    assert (changed.tags, changed.variants, changed.name) == (
        ("hasselthelpt",),
        ("hasselthelp", "hasselthelpt"),
        "Storm",
    )
    assert changed.opened_at == at(0)
    assert close_incident(either, "storm", at=at(60)).closed_at == at(60)
    again = reopen_incident(either, "storm", at=at(90))
    assert (again.opened_at, again.closed_at, again.variants) == (at(0), None, changed.variants)
    assert incident_by_id(either, "storm") == again
    assert steps(either).sort("step").select("step", "action").rows() == [
        (1, "open"),
        (2, "change"),
        (3, "close"),
        (4, "reopen"),
    ]


def test_several_are_watched_at_once_and_the_open_ones_come_first(either: Store):
    for minute, id in enumerate(("flood", "storm", "fire")):
        open_incident(either, Incident(id=id, name=id), at=at(minute))
    close_incident(either, "flood", at=at(9))
    change_incident(either, "fire", add={"languages": ["nl", "fr"], "sources": ["bluesky"]}, playbook="fire.yaml")
    assert [each.id for each in incidents(either)] == ["storm", "fire", "flood"]
    fire = incident_by_id(either, "fire")
    assert (fire.languages, fire.sources, fire.playbook) == (("nl", "fr"), ("bluesky",), "fire.yaml")


def test_a_change_that_changes_nothing_leaves_no_row(store: Store):
    open_incident(store, STORM)
    change_incident(store, "storm", add={"tags": ["#HASSELTHELPT"]}, without=["nothing"])
    assert steps(store).height == 1


def test_steps_that_cannot_be_taken_are_refused_and_leave_no_row(store: Store):
    open_incident(store, STORM)
    with pytest.raises(IncidentRefused, match="already"):
        open_incident(store, STORM)
    with pytest.raises(IncidentRefused, match="is open"):
        reopen_incident(store, "storm")
    close_incident(store, "storm")
    with pytest.raises(IncidentRefused, match="closed already"):
        close_incident(store, "storm")
    for step in (change_incident, close_incident, reopen_incident):
        with pytest.raises(NotFound, match="No incident goes by flood"):
            step(store, "flood")
    assert steps(store).height == 2


@pytest.mark.parametrize("tag", ["two words", "a-b", "1234", "x" * 65, "a#b", "</script>"])
def test_what_is_no_hashtag_is_refused(store: Store, tag: str):
    with pytest.raises(IncidentRefused, match="is no hashtag"):
        open_incident(store, Incident(id="storm", name="Storm", variants=(tag,)))


@pytest.mark.parametrize("tag", ["Überschwemmung", "été_2026", "hjälp", "مساعدة", "मदद", "u\u0308ber"])
def test_tags_of_any_language_are_hashtags(store: Store, tag: str):
    assert len(open_incident(store, Incident(id="storm", name="Storm", tags=(tag,))).tags) == 1


@pytest.mark.parametrize(
    ("id", "name"), [("Storm", "Storm"), ("", "Storm"), ("a/b", "Storm"), ("storm", " "), ("storm", "x" * 81)]
)
def test_an_id_or_a_name_that_cannot_be_used_is_refused(store: Store, id: str, name: str):
    with pytest.raises(IncidentRefused):
        open_incident(store, Incident(id=id, name=name))
