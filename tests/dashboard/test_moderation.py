"""The page of moderators, drawn without a browser: who sees it, hiding with two, reporting, rumours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import escape
from itertools import count
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import moderation
from dashboard.board import Board
from dashboard.rumours import claims, matched
from dashboard.words import LANGUAGES, texts
from dedupe.deciding.roles import Actor
from dedupe.deciding.rumours import judge_rumour
from playbooks.loader import load_playbook, shipped
from tests.dashboard.test_review import click, drawn
from tests.support.boards import INCIDENT, START, board_on, damage, filled
from tests.support.doubts import SECOND_STORM, doubts
from tests.support.pages import markup

NOW = START + timedelta(minutes=75)
ELS = Actor(who="Els", role="volunteer")
PLAN = Actor(who="Piet", role="planner")
MO, MIA = (Actor(who=who, role="moderator") for who in ("Mo", "Mia"))


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    ticks = count()
    with board_on(filled(tmp_path / "store.duckdb", doubts()), now=NOW, plan=True) as opened:
        yield replace(opened, now=lambda: NOW + timedelta(seconds=next(ticks)))


def part(page: AppTest, name: str) -> AppTest:
    page.session_state["moderation-part"] = name
    page = page.run()
    assert not page.exception
    return page


def widget(page: AppTest, kind: str, begins: str):
    return next(one for one in getattr(page, kind) if str(one.key).startswith(begins))


def test_others_than_moderators_and_coordinators_see_why_not(board: Board):
    for by in (None, ELS, PLAN):
        page = drawn(board, "moderation", by)
        assert not page.exception
        shown = markup(page)
        assert "Verbergen en melden doen moderatoren" in shown
        assert 'class="suspect"' not in shown
        assert "Komt er een tweede storm?" in shown, "rumours and their answers are for all"
    assert any(
        one.label == "Moderatie" for one in (each.proto for each in drawn(board, "moderation", MO).get("page_link"))
    )
    assert not any(
        one.label == "Moderatie" for one in (each.proto for each in drawn(board, "review", ELS).get("page_link"))
    )


def test_candidates_come_without_their_words_and_with_where_to_report(board: Board):
    page = drawn(board, "moderation", MO)
    shown = markup(page)
    assert shown.count('class="suspect"') == 2
    assert "komen je halen" not in shown
    assert "België" in shown
    assert "Child Focus" in shown
    assert "Niet doen" in shown


def test_the_three_steps_evidence_and_hiding_with_one_pair_of_eyes(board: Board):
    page = click(drawn(board, "moderation", MO), "Behandelen")
    shown = markup(page)
    assert shown.index("Herken") < shown.index("Zodra u verbergt of meldt") < shown.index("Praat")
    assert widget(page, "selectbox", "reason-").value == "threat", "what fits the flag is chosen already"
    page = click(page, "Verbergen")
    assert "Verborgen, bewijs bewaard" in markup(page)
    assert markup(page).count('class="suspect"') == 1
    value = board.store.read("select value from decisions").item()
    assert '"sha256"' in value
    page = part(page, "hidden")
    assert "verborgen door Mo" in markup(page)
    page = click(page, "Weer tonen")
    assert "Staat weer op het bord" in markup(page)
    assert board.store.read("select action from decisions order by decided_at")["action"].to_list() == [
        "hide",
        "unhide",
    ]


def test_an_offer_is_proposed_by_one_and_hidden_by_another(board: Board):
    def offer(by: Actor) -> AppTest:
        page = drawn(board, "moderation", by)
        page = page.text_input(key="moderation-sought").input("https://bluesky.example/post/21").run()
        page = click(page, "Behandelen")
        assert widget(page, "button", "hide-").disabled, "not without a reason"
        return widget(page, "selectbox", "reason-").select("scam").run()

    page = click(offer(MO), "Voorstellen om te verbergen")
    assert "een tweede persoon moet bevestigen" in markup(page)
    assert "U stelde dit voor" in markup(page)
    assert widget(page, "button", "hide-").disabled
    other = drawn(board, "moderation", MIA)
    assert "Mo stelt voor te verbergen: Oplichting" in markup(other)
    page = click(click(other, "Behandelen"), "Bevestigen en verbergen")
    assert "Verborgen" in markup(page)
    assert moderation.hidden(board.store, INCIDENT.id)["code"].to_list() == ["scam"]


def test_a_report_is_noted_with_where_and_what_may_stay_goes(board: Board):
    page = click(drawn(board, "moderation", MO), "Behandelen")
    page = widget(page, "selectbox", "where-").select("Unia (BE)").run()
    page = click(page, "Melding noteren")
    assert "gemeld: Unia (BE)" in markup(page)
    assert "Bewijs bewaard" in markup(page)
    page = click(page, "Mag blijven staan")
    assert markup(page).count('class="suspect"') == 1
    page = click(page, "Ongedaan maken")
    assert markup(page).count('class="suspect"') == 2


def test_words_are_shown_on_request_and_those_of_x_never(board: Board):
    rows = moderation.candidates(board.store, INCIDENT.id)
    page = drawn(board, "moderation", MO)
    for row in rows.iter_rows(named=True):
        page.session_state["moderation-open"] = row["record"]
        page.session_state[f"words-{row['record']}"] = True
        page = page.run()
        shown = markup(page)
        if row["network"] == "x":
            assert "vuile honden" not in shown
            assert "De tekst staat op X" in shown
        else:
            assert "komen je halen" in shown


def test_flags_of_the_reader_make_candidates(board: Board):
    with board.store.transaction() as tx:
        tx._cursor.execute(
            "update faces set flags = ['scam', 'hedged'] where text like '2 slaapplaatsen vrij in Genk%'"
        )
        tx._cursor.execute("update faces set flags = ['danger'] where text like 'Iemand%'")
    rows = moderation.candidates(board.store, INCIDENT.id)
    assert rows["flags"].to_list() == [["threat"], ["threat"], ["scam"]]
    assert "oplichting" in markup(drawn(board, "moderation", MO))


def test_a_rumour_is_judged_for_all_its_wordings_with_a_source(board: Board):
    page = part(drawn(board, "moderation", MO), "rumours")
    assert "2× gezien · 2 bewoordingen" in markup(page)
    key = "second_storm"
    page.session_state[f"judge-{key}"] = True
    page = click(page.run(), "Het klopt niet")
    assert "zonder bron is niets nagekeken" in markup(page)
    page = page.text_input(key=f"confirmer-{key}").input("Weerdienst").run()
    page = click(page, "Het klopt niet")
    assert "nagekeken: klopt niet" in markup(page)
    assert "bevestigd door Weerdienst" in markup(page)
    assert any("Bron: Weerdienst, nagekeken om 19:3" in one.value for one in page.code)
    page = click(page, "Ongedaan maken")
    assert "bevestigd door Weerdienst" not in markup(page)
    assert any("‹checked›" in one.value for one in page.code), "no text says checked before somebody did"


def test_of_many_claims_those_nobody_checked_and_the_most_repeated_are_made_and_all_are_counted(board: Board):
    plan = load_playbook(shipped()["festival-storm"])
    every, there = claims(board.store, INCIDENT.id, plan, 99)
    assert there == len(every) > 1
    assert [claim.posts for claim in every] == sorted((claim.posts for claim in every), reverse=True)
    assert claims(board.store, INCIDENT.id, plan, 1) == (every[:1], there)
    judge_rumour(board.store, [row["record"] for row in every[0].rows], "false", MO, "Weerdienst")
    assert [claim.key for claim in claims(board.store, INCIDENT.id, plan, 99)[0]] == [
        *(claim.key for claim in every[1:]),
        every[0].key,
    ]


def test_claims_are_matched_with_the_rumours_of_the_plan_in_any_language():
    plan = load_playbook(shipped()["festival-storm"])
    said = [
        *SECOND_STORM,
        "Une deuxième tempête arrive",
        "is a second storm comin?",
        "2 slaapplaatsen in Genk",
        "",
        None,
    ]
    assert matched(pl.Series(said), plan) == [*["second_storm"] * 4, None, None, None]
    assert matched(pl.Series(["tweede storm"]), None) == [None]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_speaks_every_language(board: Board, language: str):
    page = drawn(board, "moderation", MO, lang=language)
    for name in ("harm", "hidden", "rumours"):
        page = part(page, name)
    assert escape(str(texts(language)["moderation.heading"])) in markup(page)


def test_empty_without_a_plan_and_broken(tmp_path: Path):
    with board_on(tmp_path / "empty.duckdb", now=NOW) as empty:
        page = drawn(empty, "moderation", MO)
        assert "Niets te bekijken" in markup(page)
        assert "Geen geruchten gezien" in markup(part(page, "rumours"))
        assert not part(page, "hidden").exception
    path = filled(tmp_path / "store.duckdb", doubts())
    with board_on(path, now=NOW) as board:
        assert not click(drawn(board, "moderation", MO), "Behandelen").exception
    path = filled(tmp_path / "broken.duckdb", doubts())
    damage(path, "drop table records cascade")
    with board_on(path, now=NOW) as board:
        page = drawn(board, "moderation", MO)
        assert not page.exception
        assert "Het bord kan de gegevens niet lezen" in markup(page)
        assert "Het bord kan de gegevens niet lezen" in markup(part(page, "rumours"))
