"""The page of the sources drawn without a browser: with nothing, with everything, broken, and with every button pressed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.board import Board
from dashboard.collecting import add_variant, tell_source
from dashboard.views.page import LOOK
from dashboard.views.who import ME
from dashboard.visitors import WATCHER
from dashboard.words import LANGUAGES, texts
from dedupe.deciding.roles import Actor
from dedupe.errors import NotAllowed
from dedupe.incidents import Incident, close_incident, incident_by_id, open_incident
from dedupe.steering import steered
from ingest.collectors import Off
from ingest.source import Quota
from ingest.x.budget import Bill, Ceilings
from tests.dashboard.test_fare import NOW, ago, ran, status
from tests.support import pages
from tests.support.boards import INCIDENT, board_on, damage
from tests.support.pages import markup
from tests.support.shift import AN, CHIEF

X_OFF = Off(source="x", sentence="X is off; docs/sources/x.md tells what it takes to switch it on.")
HOSTILE = "<script>alert(1)</script> **vet** =HYPERLINK(1) \u202egnp.exe\u202c [klik](javascript:alert(1)) :smile: {0}"


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    with board_on(tmp_path / "store.duckdb", now=NOW) as opened:
        yield replace(opened, wall=lambda: NOW)


def drawn(board: Board, **address: str) -> AppTest:
    return pages.drawn(board, "health", CHIEF, **address)


def test_nothing_is_watched_and_nothing_ran(board: Board):
    page = drawn(board)
    assert not page.exception
    shown = markup(page)
    assert "Er wordt niets gevolgd" in shown
    assert "Er is nog niets gevraagd" in shown
    assert "#hasselthelpt" in shown
    assert not page.button


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_is_told_in_every_language_with_what_to_do(board: Board, language: str):
    ran(board.store, "bluesky", "jetstream storm", 200, new=12)
    ran(board.store, "mastodon", "one.example", 100, error="It is down.")
    lines = [
        status(behind=12.0, last_post=ago(63)),
        status("mastodon", "one.example", state="retrying", sentence="one.example is down.", next_try=ago(-60)),
        status("mastodon", "two.example", quota=Quota(remaining=41, resets_at=ago(-600))),
        status(
            "mastodon",
            "three.example",
            state="stopped",
            sentence="three.example shows no tag to strangers: set a token.",
        ),
        status("x", "search", state="paused"),
        status("file", "inbox", state="stopped", sentence="The folder is gone."),
        status("replay", "night", silent=True, flag="No answer for 12 min.", last_ok=None),
    ]
    page = drawn(replace(board, sources=lambda: lines, off=lambda: (X_OFF,)), lang=language)
    assert not page.exception
    shown, there = markup(page), texts(language)
    for key in ("covered.stopped", "covered.paused", "covered.silent", "todo.silent", "todo.stopped", "runs.heading"):
        assert str(there[key]) in shown.replace("&#x27;", "'"), key
    assert str(there["covered.servers"]).format(working=1, of=3) in shown
    for part in ("12 s", "41", "20:25", "20:16:30", "The folder is gone.", 'lang="en"', f'lang = "{language}"'):
        assert part in shown
    assert [button.key for button in page.button if button.key] == [
        "pause-bluesky", "resume-mastodon", "pause-mastodon", "resume-x", "resume-file", "pause-replay",
    ]  # fmt: skip

    assert len(page.get("arrow_vega_lite_chart")) + len(page.get("vega_lite_chart")) == 2


def test_a_source_that_was_removed_keeps_its_past_in_the_plot_alone(board: Board):
    ran(board.store, "mastodon", "one.example", 100, new=3)
    page = drawn(replace(board, sources=lambda: [status()]))
    assert [button.key for button in page.button if button.key] == ["pause-bluesky"]
    assert "3 nieuwe berichten" in markup(page)
    assert '<th scope="row">Mastodon</th>' in markup(page)


def test_pausing_and_resuming_reach_the_store_and_are_told_until_they_are_followed(board: Board):
    state = ["waiting"]
    page = drawn(replace(board, sources=lambda: [status(state=state[0])]))
    page.button(key="pause-bluesky").click().run()
    assert not page.exception
    assert "Wordt gepauzeerd" in markup(page)
    assert [(each.source, each.action) for each in steered(board.store)] == [("bluesky", "pause")]
    state[0] = "paused"
    page.run()
    assert f"{CHIEF.who} pauzeerde deze bron" in markup(page)
    page.button(key="resume-bluesky").click().run()
    assert "Wordt opnieuw gevraagd" in markup(page)
    assert [(each.step, each.action) for each in steered(board.store)] == [(2, "resume")]


@pytest.mark.parametrize("by", [None, AN])
def test_who_coordinates_nothing_sees_how_sources_fare_and_is_told_who_may_change_it(board: Board, by: Actor | None):
    open_incident(board.store, Incident(id=INCIDENT.id, name="Storm", tags=("hasselthelpt",)))
    page = pages.drawn(replace(board, sources=lambda: [status(behind=12.0)]), "health", by)
    assert "Bluesky live, 12 s achter" in markup(page)
    assert "Een coördinator pauzeert bronnen" in markup(page)
    assert not page.button
    assert not page.text_input
    with pytest.raises(NotAllowed):
        tell_source(board, by or WATCHER, "bluesky", "pause")
    with pytest.raises(NotAllowed):
        add_variant(board, by or WATCHER, "hasselthelp")
    assert steered(board.store) == []
    assert incident_by_id(board.store, INCIDENT.id).variants == ()


def test_who_lost_the_role_while_looking_is_told_so_in_their_language(board: Board):
    page = drawn(replace(board, sources=lambda: [status(behind=12.0)]), lang="de")
    page.session_state[ME] = AN
    page.button(key="pause-bluesky").click().run()
    assert not page.exception
    assert str(texts("de")["refused.role"]) in markup(page)
    assert "ask a" not in markup(page)
    assert steered(board.store) == []


def test_a_spelling_is_added_and_one_that_is_no_hashtag_refused(board: Board):
    open_incident(board.store, Incident(id=INCIDENT.id, name="Storm", tags=("hasselthelpt",)))
    page = drawn(board)
    page.text_input(key="variant").input("#hasselthelp ")
    page.button[-1].click().run()
    assert not page.exception
    assert "#hasselthelp wordt gevolgd" in markup(page)
    assert incident_by_id(board.store, INCIDENT.id).variants == ("hasselthelp",)
    for wrong in ("<b>vet</b>", "twee woorden", "112", "=1+1"):
        page.text_input(key="variant").input(wrong)
        page.button[-1].click().run()
        assert "is geen hashtag" in markup(page)
    assert incident_by_id(board.store, INCIDENT.id).variants == ("hasselthelp",)


def test_of_a_closed_incident_is_told_that_nothing_is_watched(board: Board):
    open_incident(board.store, Incident(id=INCIDENT.id, name="Storm", tags=("hasselthelpt",)))
    close_incident(board.store, INCIDENT.id)
    page = drawn(board)
    assert "Dit incident is afgesloten" in markup(page)
    assert not page.text_input


def test_what_x_costs_stands_there_and_that_it_is_used_up(board: Board):
    ran(board.store, "x", "search", 100, reads=70, counts=2)
    bill = Bill(
        today=Decimal("5.00"), month=Decimal("1234.5"), ceilings=Ceilings(today=Decimal(5), month=Decimal(5_000))
    )
    page = drawn(replace(board, sources=lambda: [status("x", "search")], bill=lambda: bill))
    shown = markup(page)
    for part in ("Kosten van X", "<td>70</td>", "5,00 USD", "1.234,50 USD", "5.000,00 USD", "Het bedrag is op"):
        assert part in shown


def test_hostile_sentences_are_drawn_as_text(board: Board):
    lines = [
        status("mastodon", HOSTILE, state="stopped", sentence=HOSTILE),
        status("mastodon", "two", notice=HOSTILE * 99),
    ]
    ran(board.store, "<b>source</b>", HOSTILE, 50, new=1, error=HOSTILE)
    page = drawn(replace(board, sources=lambda: lines, off=lambda: (replace(X_OFF, sentence=HOSTILE),)))
    assert not page.exception
    shown = markup(page)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; **vet** =HYPERLINK(1) gnp.exe [klik]" in shown
    assert "<script>alert" not in shown
    assert "<b>source" not in shown
    assert "\u202e" not in shown
    assert len(shown) - len(LOOK.read_text(encoding="utf-8")) < 5_000
    assert not page.markdown


def test_with_a_broken_store_the_sources_are_told_all_the_same(tmp_path: Path):
    path = tmp_path / "store.duckdb"
    with board_on(path, now=NOW):
        pass
    damage(path, "drop table runs", "drop table incidents")
    with board_on(path, now=NOW) as board:
        page = drawn(replace(board, sources=lambda: [status(behind=12.0)], wall=lambda: NOW))
    assert not page.exception
    shown = markup(page)
    assert "kan niet gelezen worden" in shown
    assert "Bluesky live, 12 s achter" in shown


def test_the_way_there_and_back_keeps_language_and_filters(board: Board):
    page = drawn(board, lang="fr", show="request")
    link, *_ = page.get("page_link")
    assert link.proto.query_string == "lang=fr&show=request"
    assert page.query_params.get("lang") == "fr"
