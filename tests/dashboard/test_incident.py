"""The page of incidents: opened in four fields, widened by what is proposed, closed, looked at, and taken along as files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import deeds, desk, queries
from dashboard import incident as steps
from dashboard.board import Board
from dashboard.desk import Call
from dashboard.plans import title
from dashboard.words import LANGUAGES, Language, words
from dedupe.deciding.roles import MAY, Actor
from dedupe.errors import DecisionRefused, IncidentRefused, NotAllowed
from dedupe.incidents import Incident, incident_by_id, incidents, open_incident
from tests.dashboard import test_desk
from tests.support import pages
from tests.support.boards import INCIDENT, START, an_evening, bed, board_on, damage, filled, post, take_in
from tests.support.pages import markup

NOW = START + timedelta(minutes=75)
CIS = Actor(who="Cis", role="coordinator")
ANN = Actor(who="Ann", role="volunteer")
HOSTILE = "<script>alert(1)</script> **vet** \u202egpj"

drawn = partial(test_desk.drawn, path="incident")


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Path:
    posts = [*an_evening(12), *(post(9_000 + n, "bed vrij #hasselthelp #ppok", minute=n) for n in range(3))]
    return filled(tmp_path_factory.mktemp("evening") / "store.duckdb", posts)


@pytest.fixture
def board(evening: Path, tmp_path: Path) -> Iterator[Board]:
    path = tmp_path / "store.duckdb"
    path.write_bytes(evening.read_bytes())
    with board_on(path, now=NOW) as opened:
        open_incident(opened.store, Incident(id=INCIDENT.id, name=INCIDENT.name, tags=INCIDENT.tags), at=START)
        yield opened


def buttons(page: AppTest) -> set[str]:
    return {str(each.key) for each in page.button if str(each.key).startswith("incident-")}


# Steps


def test_the_page_stands_there_with_nothing_collected_and_nothing_opened(tmp_path: Path):
    with board_on(filled(tmp_path / "store.duckdb", []), now=NOW) as empty:
        page = drawn(empty, by=CIS)
    assert not page.exception
    assert "#hasselthelpt" in markup(page)
    assert "oefening zonder eigen incident" in markup(page)
    assert buttons(page) == {"incident-open"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_speaks_every_language(board: Board, language: Language):
    page = drawn(board, by=CIS, lang=language)
    assert not page.exception
    said = words(language, INCIDENT.zone)
    for key in ("incident.heading", "incident.new", "incident.spellings", "incident.writers"):
        assert said.say(key) in markup(page)


def test_an_incident_is_opened_in_four_fields_with_the_slips_its_tag_brings(board: Board):
    page = drawn(board, by=CIS)
    page.text_input(key="new-name-0").set_value("Brand in Diest")
    page.text_input(key="new-tags-0").set_value("#diesthelpt, #brandDiest").run()
    slips = next(each for each in page.pills if str(each.key).startswith("new-slips"))
    assert {"#diesthelp", "#diesthelpd"} <= set(slips.options)
    slips.set_value(["diesthelp"])
    page.selectbox(key="new-plan-0").set_value("attack-shelter")
    page.pills(key="new-sources-0").set_value(["mastodon"])
    page.button(key="incident-open").click().run()
    assert not page.exception
    assert "Brand in Diest is geopend" in markup(page)
    made = incident_by_id(board.store, "diesthelpt")
    assert (made.name, made.tags, made.variants, made.sources, made.playbook) == (
        "Brand in Diest", ("diesthelpt", "brandDiest"), ("diesthelp",), ("mastodon",), "attack-shelter",
    )  # fmt: skip
    page.selectbox(key="incident chosen").set_value("diesthelpt").run()
    assert title("attack-shelter", "nl") in markup(page)
    assert "attack-shelter" not in markup(page)
    again = steps.open_new(board, CIS, steps.Opening(name="", tags="#DiestHelpt"))
    assert (again.id, again.name) == ("diesthelpt-2", "#DiestHelpt")


def test_spellings_seen_in_posts_are_counted_proposed_first_added_and_taken_away(board: Board):
    page = drawn(board, by=CIS)
    (pills,) = [each for each in page.pills if str(each.key).startswith("add-")]
    assert pills.options[0] == "#hasselthelp (3×)"
    assert "#ppok (3×)" in pills.options
    pills.set_value(["hasselthelp", "ppok"]).run()
    page.button(key="incident-add").click().run()
    assert not page.exception
    assert incident_by_id(board.store, INCIDENT.id).variants == ("hasselthelp", "ppok")
    (gone,) = [each for each in page.pills if str(each.key).startswith("drop-")]
    gone.set_value(["ppok"]).run()
    page.button(key="incident-drop").click().run()
    assert incident_by_id(board.store, INCIDENT.id).variants == ("hasselthelp",)
    (own,) = [each for each in page.text_input if str(each.key).startswith("other-")]
    own.set_value("geen,112").run()
    page.button(key="incident-add").click().run()
    assert "Dat lukte niet" in markup(page)
    assert incident_by_id(board.store, INCIDENT.id).variants == ("hasselthelp",)


def test_closing_and_reopening_are_steps_on_record_with_a_name(board: Board):
    page = drawn(board, by=CIS)
    page.text_input(key="incident-why").set_value("voorbij")
    page.button(key="incident-close-now").click().run()
    assert not page.exception
    assert not incident_by_id(board.store, INCIDENT.id).is_open
    assert "is afgesloten" in markup(page)
    page.button(key="incident-reopen").click().run()
    assert incident_by_id(board.store, INCIDENT.id).is_open
    rows = board.store.read("select who, role, action, value, reason from decisions order by value")
    assert rows.rows() == [
        ("Cis", "coordinator", "incident", "close", "voorbij"), ("Cis", "coordinator", "incident", "reopen", ""),
    ]  # fmt: skip


def test_who_is_no_coordinator_may_look_and_is_refused_by_the_store_too(board: Board):
    page = drawn(board, by=ANN)
    assert not page.exception
    assert buttons(page) == set()
    assert "kan een coördinator" in markup(page)
    for role in set(MAY) - {"coordinator"}:
        by = Actor(who="Ann", role=role)
        with pytest.raises(NotAllowed):
            steps.close(board, by, INCIDENT.id)
        with pytest.raises(NotAllowed):
            steps.open_new(board, by, steps.Opening(name="x", tags="xhelpt"))
    assert [(each.id, each.is_open) for each in incidents(board.store)] == [(INCIDENT.id, True)]


def test_a_past_incident_is_looked_at_and_nothing_on_it_can_be_changed(board: Board):
    old = Incident(id="old", name=f"Oud {HOSTILE}"[:80], tags=("oudhelpt",))
    open_incident(board.store, old, at=START - timedelta(days=30))
    steps.close(board, CIS, "old")
    page = drawn(board, by=CIS)
    page.selectbox(key="incident chosen").set_value("old").run()
    assert not page.exception
    shown = markup(page)
    assert "alleen om te bekijken" in shown
    assert "Nog geen aanbiedingen" in shown or "<article" not in shown
    assert "<script>alert" not in shown
    assert "\u202e" not in shown
    assert buttons(page) == {"incident-reopen", "incident-open"}


def test_the_offers_of_another_incident_stand_there(board: Board):
    open_incident(board.store, Incident(id="other", name="Ander", tags=("ander",)))
    looked = steps.board_of(board, incident_by_id(board.store, "other"))
    assert looked.take_call is None
    page = drawn(replace(board, incident=looked.incident), by=CIS)
    page.selectbox(key="incident chosen").set_value(INCIDENT.id).run()
    assert not page.exception
    assert markup(page).count("<article") == 17


def test_with_a_broken_store_the_page_says_so(tmp_path: Path):
    path = filled(tmp_path / "store.duckdb", [bed(1, minute=1)])
    damage(path, "drop table incidents")
    with board_on(path, now=NOW) as broken:
        page = drawn(broken, by=CIS)
    assert not page.exception
    assert "kan de gegevens niet lezen" in markup(page)


# Files


def test_files_come_in_every_form_masked(board: Board):
    made = {form: steps.file(board, ANN, "offers", form) for form in steps.forms("offers")}
    assert set(made) == {"csv", "hxl", "geojson", "ndjson", "parquet"}
    lines = list(csv.reader(io.StringIO(made["hxl"].decode())))
    assert lines[1][0] == "#meta+id"
    assert len(json.loads(made["geojson"])["features"]) == len(lines) - 2 == 17
    for form in ("csv", "hxl", "geojson", "ndjson"):
        assert b"0470" not in made[form]
    assert "geojson" not in steps.forms("decisions")
    assert board.store.read("select count(*) as n from decisions").item() == 0


def test_contacts_go_to_a_coordinator_with_a_reason_and_on_record(board: Board):
    with pytest.raises(NotAllowed):
        steps.file(board, ANN, "offers", "csv", contacts=True, reason="x")
    with pytest.raises(DecisionRefused):
        steps.file(board, CIS, "offers", "csv", contacts=True, reason="  ")
    assert board.store.read("select count(*) as n from decisions").item() == 0
    made = steps.file(board, CIS, "offers", "csv", contacts=True, reason="voor het crisiscentrum").decode()
    assert "+32470" in made
    rows = list(csv.DictReader(io.StringIO(made)))
    assert {row["text"] for row in rows if "x.com" in row["url"]} == {""}, "of X no text goes out"
    told = board.store.read("select who, action, value, reason from decisions").rows()
    assert told == [("Cis", "export", "offers", "voor het crisiscentrum")]


def test_a_file_holds_its_own_incident_alone(board: Board):
    open_incident(board.store, Incident(id="other", name="Ander", tags=("ander",)))
    other = steps.board_of(board, incident_by_id(board.store, "other"))
    assert steps.file(other, ANN, "records", "csv").count(b"\n") == 1
    assert steps.file(other, ANN, "decisions", "ndjson") == b""


def test_the_file_is_made_at_the_click_and_a_reason_is_asked_first(board: Board):
    page = drawn(board, by=CIS)
    file = page.download_button(key="export-file")
    assert not file.proto.disabled
    page.toggle(key="export-contacts").set_value(True).run()
    assert page.download_button(key="export-file").proto.disabled
    page.text_input(key="export-reason").set_value("nazorg").run()
    assert not page.download_button(key="export-file").proto.disabled
    assert board.store.read("select count(*) as n from decisions").item() == 0
    assert not [each for each in drawn(board, by=ANN).toggle if each.key == "export-contacts"]
    take_in(board.store, [bed(77, minute=70)])


# Closed


def test_what_is_closed_says_so_on_every_page_and_takes_no_more_promises(board: Board):
    offer = queries.records(board.store, INCIDENT.id).filter(category="offer")["record"][0]
    held = deeds.claim(board, ANN, offer)
    steps.close(board, CIS, INCIDENT.id, "")
    for path in ("", "match", "desk"):
        page = pages.drawn(board, path, by=ANN)
        assert not page.exception
        assert "Dit incident is afgesloten." in markup(page)
    page = pages.drawn(board, by=ANN)
    others = [each for each in page.button if str(each.key).startswith("claim-")]
    others[0].click().run()
    assert markup(page).count("Een coördinator kan het heropenen.") == 2, "on top, and at the place of the click"
    with pytest.raises(IncidentRefused):
        desk.take(board, ANN, Call(places=2, town="Genk"), words("nl", "Europe/Brussels"))
    deeds.undo(board, ANN, held)
    steps.reopen(board, CIS, INCIDENT.id)
    assert deeds.claim(board, ANN, offer)
    assert "Dit incident is afgesloten." not in markup(pages.drawn(board, by=ANN))
