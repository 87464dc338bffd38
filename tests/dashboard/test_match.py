"""What people do on cards and on the page of matches, drawn without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import deeds, lives, pairs, queries
from dashboard.board import Board, hold
from dashboard.markup.match import letters
from dashboard.views.glance import look_again
from dashboard.words import LANGUAGES, Language, words
from dedupe.deciding.roles import Actor
from tests.support import pages
from tests.support.boards import INCIDENT, START, an_evening, bed, board_on, damage, filled, post, take_in
from tests.support.pages import markup

NOW = START + timedelta(minutes=75)
ELS, BOB = (Actor(who=who, role="volunteer") for who in ("Els", "Bob"))
CHIEF, WIM = Actor(who="Chief", role="coordinator"), Actor(who="Wim", role="watcher")
NEED = "Zoek slaapplaats voor 3 personen in Genk, bel 0470 02 00 01 #hasselthelpt"


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    """Two beds in Genk and Bilzen with four places each, a ride, and somebody who looks for three."""
    posts = [
        bed(1, minute=1, places=4, town="Genk"),
        bed(2, minute=2, places=4, town="Bilzen"),
        post(3, "Ik rijd naar Genk en kan 2 mensen meenemen, 0470 01 00 03 #hasselthelpt", minute=3),
        post(4, NEED, minute=4),
    ]
    with board_on(filled(tmp_path / "store.duckdb", posts), now=NOW) as board:
        yield board


def rows_of(board: Board) -> pl.DataFrame:
    known = lives.known(board.store, INCIDENT.id)
    return lives.standing(queries.records(board.store, INCIDENT.id), known, board.now(), board.terms)


def record(board: Board, place: str, kind: str = "bed", category: str = "offer") -> str:
    wanted = {"place": place, "kind": kind, "category": category}
    return str(rows_of(board).filter(**wanted)["record"].item())


def drawn(board: Board, actor: Actor | None = ELS, **address: str) -> AppTest:
    look_again()
    return pages.drawn(board, by=actor, **address)


def matching_page(board: Board, actor: Actor | None = ELS, **address: str) -> AppTest:
    """AppTest cannot go to a page that is made by a function, so the page is drawn alone."""

    def script() -> None:
        import streamlit as st

        from dashboard.board import held
        from dashboard.views import filters, match
        from dashboard.words import words

        st.toggle("paused", key="paused")
        said = words(filters.language(), held().incident.zone)
        match.page(held(), said)

    hold(board)
    look_again()
    page = AppTest.from_function(script, default_timeout=60)
    for name, value in address.items():
        page.query_params[name] = value
    if actor is not None:
        page.session_state["me"] = actor
    return page.run()


def keys(page: AppTest) -> set[str]:
    return {button.key for button in page.button if button.key}


def test_a_watcher_is_offered_to_open_a_card_and_nothing_else(board: Board):
    page = drawn(board, None)
    assert not page.exception
    offered = {key.split("-")[0] for key in keys(page)}
    assert offered == {"turn", "fold", "open"}
    page.button(key=f"open-{record(board, 'Genk')}").click().run()
    assert "Zeg bovenaan wie u bent" in markup(page)
    assert not page.text_input.values or "note" not in "".join(keys(page))


def test_a_claim_shows_who_has_it_until_when_and_how_long_still(board: Board):
    page = drawn(board)
    bed_in_genk = record(board, "Genk")
    page.button(key=f"claim-{bed_in_genk}").click().run()
    assert not page.exception
    assert "u tot 19:45 (nog 15 min)" in markup(page)
    later = replace(board, now=lambda: NOW + timedelta(minutes=12))
    assert "Els tot 19:45 (nog 3 min)" in markup(drawn(later, BOB))
    assert "Els" not in markup(drawn(replace(board, now=lambda: NOW + timedelta(minutes=16)), BOB)), (
        "it ran out by itself"
    )
    assert "tot 19:45, voorbij" in markup(
        drawn(replace(board, now=lambda: NOW + timedelta(minutes=16)), record=bed_in_genk)
    )


def test_who_comes_second_sees_who_was_first_at_the_place_of_the_click(board: Board):
    page = drawn(board, BOB)
    bed_in_genk = record(board, "Genk")
    deeds.claim(board, ELS, bed_in_genk)
    page.button(key=f"claim-{bed_in_genk}").click().run()
    assert not page.exception
    assert "Els heeft dit tot 19:45" in markup(page)
    assert f"claim-{bed_in_genk}" not in keys(page)


def test_an_opened_card_takes_counts_notes_and_what_was_done_is_taken_back(board: Board):
    bed_in_genk = record(board, "Genk")
    clock = (NOW + timedelta(seconds=second) for second in count())
    board = replace(board, now=lambda: next(clock))
    page = drawn(board, record=bed_in_genk)
    page.number_input(key=f"places-{bed_in_genk}").set_value(2)
    page.button(key=f"count-{bed_in_genk}").click().run()
    assert ">2 plaatsen<" in markup(page)
    page.text_input(key=f"text-{bed_in_genk}").input("bel 0470 00 00 01, <b>hond</b>")
    next(button for button in page.button if button.label == "Noteren").click().run()
    shown = markup(page)
    assert "&lt;b&gt;hond&lt;/b&gt;" in shown
    assert "0470" not in shown, "also in a note a number is covered"
    page.button(key=f"full-{bed_in_genk}").click().run()
    assert "volzet" in markup(page)
    undo = [key for key in keys(page) if key.startswith("undo-")]
    assert len(undo) == 3
    newest = lives.history(board.store, INCIDENT.id, int(rows_of(board).filter(record=bed_in_genk)["root"].item()))
    page.button(key=f"undo-{newest['decision'][0]}-{bed_in_genk}").click().run()
    assert "teruggenomen door Els" in markup(page)
    assert rows_of(board).filter(record=bed_in_genk)["state"].item() == "available"


def test_others_may_not_take_back_what_one_did_and_a_coordinator_may(board: Board):
    bed_in_genk = record(board, "Genk")
    deeds.claim(board, ELS, bed_in_genk)
    assert not [key for key in keys(drawn(board, BOB, record=bed_in_genk)) if key.startswith(("undo", "release"))]
    page = drawn(board, CHIEF, record=bed_in_genk)
    page.button(key=f"release-{bed_in_genk}").click().run()
    assert rows_of(board).filter(record=bed_in_genk)["holder"].item() is None


def test_a_contact_is_shown_for_a_reason_to_who_is_on_it_until_they_close_it(board: Board):
    bed_in_genk = record(board, "Genk")
    assert "zodra u “Ik regel dit” koos" in markup(drawn(board, record=bed_in_genk))
    deeds.claim(board, ELS, bed_in_genk)
    page = drawn(board, record=bed_in_genk)
    reveal = next(button for button in page.button if button.label == "Contact tonen")
    reveal.click().run()
    assert "Zeg eerst waarom" in markup(page)
    assert not page.code
    page.text_input(key=f"reason-{bed_in_genk}").input("vragen of het bed vrij is")
    next(button for button in page.button if button.label == "Contact tonen").click().run()
    assert [block.value for block in page.code] == ["+32470000001"]
    assert "zag het contact" in markup(page)
    page.button(key=f"open-{bed_in_genk}").click().run()
    page.button(key=f"open-{bed_in_genk}").click().run()
    assert not page.code


def test_what_a_post_proposes_is_answered_with_one_click(board: Board):
    said = post(9, "Volzet! Mijn bed in Genk is weg, bel niet meer 0470 00 00 01 #hasselthelpt", minute=20)
    take_in(board.store, [replace(said, author="writer1")])
    bed_in_genk = record(board, "Genk")
    page = drawn(board)
    assert "mogelijk volzet" in markup(page)
    page.button(key=f"accept-{bed_in_genk}").click().run()
    assert rows_of(board).filter(record=bed_in_genk)["state"].item() == "full"
    assert "mogelijk volzet" not in markup(page)


def test_lines_or_cards_are_kept_in_the_address_and_an_opened_one_stays_in_sight(board: Board):
    page = drawn(board, view="list", record=record(board, "Genk", "bed", "request"))
    assert not page.exception
    shown = markup(page)
    assert shown.count('class="line') == 3
    assert shown.count("<article") == 1, "the request that is open stands above the offers"
    page.button(key="turn-view").click().run()
    assert "view" not in page.query_params
    assert markup(page).count("<article") == 4


def test_many_are_looked_at_first_done_in_one_go_and_taken_back_in_one_go(board: Board):
    mine, held = record(board, "Genk"), record(board, "Bilzen")
    deeds.claim(board, BOB, held)
    page = drawn(board, view="list")
    for one in (mine, held):
        page.checkbox(key=f"pick-{one}").check().run()
    page.button(key="many-claim").click().run()
    assert "Bob heeft dit tot" in markup(page)
    assert rows_of(board).filter(record=mine)["holder"].item() is None, "nothing is done yet"
    page.button(key="many-do").click().run()
    assert rows_of(board).filter(record=mine)["holder"].item() == "Els"
    page.button(key="many-undo").click().run()
    assert not page.exception
    assert rows_of(board).filter(record=mine)["holder"].item() is None
    assert rows_of(board).filter(record=held)["holder"].item() == "Bob"


def test_a_request_has_its_offers_with_reasons_and_what_does_not_fit_is_counted(board: Board):
    page = matching_page(board)
    assert not page.exception
    shown = markup(page)
    assert "1 open vraag" in shown
    assert "2 aanbiedingen passen hierbij" in shown
    assert shown.index(">Genk<") < shown.index(">Bilzen<"), "the nearest stands first"
    assert "genoeg, 1 plaats over" in shown
    assert "op 0 km" in shown
    assert "1 past niet: 1 andere soort" in shown


def test_a_match_counts_both_sides_down_and_gives_the_texts_to_send(board: Board):
    offer, request = record(board, "Genk"), record(board, "Genk", "bed", "request")
    page = matching_page(board)
    page.number_input(key=f"many-{request}-{offer}").set_value(2)
    page.button(key=f"match-{request}-{offer}").click().run()
    assert not page.exception
    left = dict(rows_of(board).select("record", "left").iter_rows())
    assert (left[offer], left[request]) == (2, 1)
    assert "nog 2 van 4 plaatsen" in markup(page)
    assert len(page.code) == 2
    assert all("0470" not in block.value for block in page.code)
    assert "Er zijn 2 mensen" in page.code[0].value


def test_a_match_that_fell_through_frees_both_sides(board: Board):
    offer, request = record(board, "Genk"), record(board, "Genk", "bed", "request")
    match = deeds.match(board, BOB, offer, request, None)
    page = matching_page(board, side="made")
    assert "1 toewijzing" in markup(page)
    assert f"undo-{match}" not in keys(page), "Bob did that"
    page.button(key=f"fell_through-{match}").click().run()
    assert "beide weer vrij" in markup(page)
    assert set(rows_of(board).filter(pl.col("kind") == "bed")["state"]) == {"available"}


def test_the_other_way_round_an_offer_has_its_requests(board: Board):
    page = matching_page(board, side="offer", chosen=record(board, "Bilzen"))
    assert not page.exception
    assert "1 vraag past hierbij" in markup(page)
    ride = matching_page(board, side="offer", chosen=record(board, "Genk", "ride"))
    assert "0 vragen passen hierbij" in markup(ride)


def test_a_proposal_for_all_is_confirmed_row_by_row_and_says_what_came_in_between(board: Board):
    take_in(board.store, [post(5, NEED.replace("00 01", "00 09").replace("Genk", "Bilzen"), minute=9)])
    page = matching_page(board, side="all")
    assert "Niets gebeurt voor u een rij toewijst" in markup(page)
    page.button(key="propose-all").click().run()
    assert "2 koppelingen voor 6 mensen" in markup(page)
    assert pairs.made(board.store, INCIDENT.id).is_empty()
    offer, request = record(board, "Genk"), record(board, "Genk", "bed", "request")
    page.button(key=f"match-{request}-{offer}").click().run()
    assert "Toegewezen: 3 plaatsen" in markup(page)
    other, asking = record(board, "Bilzen"), record(board, "Bilzen", "bed", "request")
    deeds.claim(board, BOB, other)
    page.button(key=f"match-{asking}-{other}").click().run()
    assert "Bob heeft dit tot" in markup(page)
    assert pairs.made(board.store, INCIDENT.id).height == 1


@pytest.mark.parametrize("side", ["request", "offer", "all", "made"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_side_is_drawn_when_there_is_nothing_and_in_every_language(tmp_path: Path, side: str, language: Language):
    with board_on(filled(tmp_path / "store.duckdb", []), now=NOW) as board:
        page = matching_page(board, WIM, side=side, lang=language)
    assert not page.exception
    assert not [key for key in keys(page) if key.startswith("match-")]


def test_a_broken_store_is_told_in_one_sentence(tmp_path: Path):
    path = filled(tmp_path / "store.duckdb", an_evening(3))
    damage(path, "drop table records cascade")
    with board_on(path, now=NOW) as board:
        page = matching_page(board)
    assert not page.exception
    assert "Het bord kan de gegevens niet lezen" in markup(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_to_send_is_in_the_language_of_its_reader_and_short(board: Board, language: Language):
    rows = rows_of(board)
    offer = rows.filter(category="offer", kind="bed").row(0, named=True) | {"lang": language}
    request = rows.filter(category="request").row(0, named=True) | {"lang": "es"}
    to_offer, to_request = letters(offer, request, 2, "Storm in Hasselt", words("nl", "UTC"))
    assert (to_offer.language, to_request.language) == (language, "en"), "a language we do not speak gets English"
    assert words(language, "UTC").word("kind", "bed") in to_offer.text
    assert max(len(letter.text) for letter in (to_offer, to_request)) <= 280


def test_an_offer_of_x_opens_without_a_word_of_its_text(board: Board):
    written = "Nog 2 slaapplaatsen in Alken, bel 0470 01 00 99 #hasselthelpt"
    take_in(board.store, [post(9, written, minute=9, network="x", url="https://x.com/w/status/9")])
    look_again()
    page = drawn(board, record=record(board, "Alken"))
    assert not page.exception
    shown = markup(page)
    assert "Wat ermee gebeurde" in shown
    assert "0470" not in shown
    assert "Gelezen uit deze woorden" not in shown


def test_what_says_nothing_waits_behind_what_can_be_found_and_the_list_can_be_searched(board: Board):
    vague = post(5, "Kan iemand ons helpen aub, we staan hier vast", minute=0)
    take_in(board.store, [vague, post(6, "Zoek een lift naar Bilzen voor 2, 0470 02 00 02 #hasselthelpt", minute=20)])
    waiting = pairs.waiting(rows_of(board), "request")
    assert waiting["kind"].to_list()[-1] is None
    assert waiting["first_seen"][-1] == min(waiting["first_seen"])
    kinds = {"bed": "Slaapplaats", "ride": "Vervoer"}
    assert pairs.about(waiting, "vervoer BILZEN", kinds)["kind"].to_list() == ["ride"]
    assert pairs.about(waiting, "slaapplaats bilzen", kinds).is_empty()
    assert pairs.about(waiting, "", kinds).height == waiting.height
    page = matching_page(board)
    page.text_input(key="sought").set_value("vervoer").run()
    assert not page.exception
    assert any("Bilzen" in one.label for one in page.button)
    assert not any("Genk" in one.label for one in page.button)
