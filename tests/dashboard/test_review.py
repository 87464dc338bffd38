"""The page of reviewing, drawn without a browser: who may, what is asked, how it is answered and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import escape
from itertools import count
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import review
from dashboard.board import Board, hold
from dashboard.markup.review import marked, pair
from dashboard.words import LANGUAGES, texts, words
from dedupe.deciding.moderation import hide
from dedupe.deciding.roles import Actor
from dedupe.learning.steps import learn, roll_back
from tests.dedupe.learning.lessons import taught
from tests.support import pages
from tests.support.boards import INCIDENT, START, board_on, damage, filled
from tests.support.doubts import THREAT, doubts
from tests.support.pages import markup

NOW = START + timedelta(minutes=75)
ELS = Actor(who="Els", role="volunteer")
CHIEF = Actor(who="Chief", role="coordinator")


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    """A board with doubts, whose clock goes a second at every look: decisions have an order."""
    ticks = count()
    with board_on(filled(tmp_path / "store.duckdb", doubts()), now=NOW, plan=True) as opened:
        yield replace(opened, now=lambda: NOW + timedelta(seconds=next(ticks)))


def drawn(board: Board, path: str, by: Actor | None = ELS, **address: str) -> AppTest:
    return pages.drawn(board, path, by, **address)


def click(page: AppTest, word: str) -> AppTest:
    button = next(one for one in page.button if one.label == word)
    page = button.click().run()
    assert not page.exception
    return page


def part(page: AppTest, name: str) -> AppTest:
    page.session_state["review-part"] = name
    page = page.run()
    assert not page.exception
    return page


def standing(board: Board) -> list[str]:
    rows = board.store.read("select action from standing_decisions order by decided_at")
    return rows["action"].to_list()


def test_who_is_nobody_is_told_to_say_who_they_are_and_watchers_are_refused(board: Board):
    for by in (None, Actor(who="Wim", role="watcher")):
        page = drawn(board, "review", by)
        assert not page.exception
        assert "Zeg bovenaan wie u bent" in markup(page)
        assert "mark>" not in markup(page)


def test_two_that_may_be_one_stand_side_by_side_with_the_words_that_differ_marked(board: Board):
    page = drawn(board, "review")
    assert not page.exception
    shown = markup(page)
    assert "<mark>droog</mark>" in shown
    assert "<mark>zacht</mark>" in shown
    assert "lange teksten, bijna gelijk" in shown
    assert {one.proto.shortcut for one in page.button} >= {"1", "2", "3"}


def test_what_was_read_in_both_stands_beside_it_so_that_posts_of_x_can_be_weighed_too():
    said = words("nl", "Europe/Brussels")
    read = {
        "record": "a",
        "category": "offer",
        "kind": "bed",
        "capacity": 4,
        "place": "Genk",
        "until": None,
        "posts": 3,
    }
    one = {**read, "conditions": ["pets"], "first_seen": START, "url": "https://x.com/w/status/1", "lang": "nl"}
    one |= {"network": "x", "text": "VIER bedden in Genk, bel 0470 00 00 12"}
    other = {
        **one,
        "record": "b",
        "capacity": 2,
        "conditions": None,
        "network": "mastodon",
        "text": "twee bedden in Genk",
    }
    asked = {"why": None, "against": None, **one, **{f"other_{name}": value for name, value in other.items()}}
    shown = pair(asked, said, NOW)
    assert "VIER" not in shown
    assert "0012" not in shown.replace(" ", "")
    for fact in (
        "<mark>4</mark>",
        "<mark>2</mark>",
        "<mark>huisdier welkom</mark>",
        "<mark>niet gezegd</mark>",
        "<dd>Genk</dd>",
    ):
        assert fact in shown
    assert "Tot wanneer" not in shown
    assert 'href="https://x.com/w/status/1"' in shown


def test_only_where_a_key_answers_that_is_said(board: Board):
    page = drawn(board, "review")
    assert "Eén toets per antwoord" in markup(page)
    page = part(page, "split")
    assert "Eén toets per antwoord" not in markup(page)
    assert "Vink aan wat over iets anders gaat" in markup(page)


def test_an_answer_is_carried_out_and_taken_back_and_asked_again(board: Board):
    page = click(drawn(board, "review"), "Hetzelfde")
    assert "Samengevoegd" in markup(page)
    assert "Geen twijfelgevallen meer" in markup(page)
    assert standing(board) == ["merge"]
    page = click(page, "Ongedaan maken")
    assert standing(board) == []
    assert "<mark>droog</mark>" in markup(page)
    page = click(page, "Niet hetzelfde")
    assert standing(board) == ["apart"]
    page = click(click(page, "Ongedaan maken"), "Later")
    assert standing(board) == ["later"]
    assert "Geen twijfelgevallen meer" in markup(page)


def test_a_coordinator_takes_back_what_the_board_learnt_and_a_volunteer_may_not(board: Board):
    taught(board.store, as_read=False)
    assert learn(board.store).step == "promoted"
    assert not [one for one in part(drawn(board, "review"), "labels").button if one.label == "Nu terugnemen"]
    page = part(drawn(board, "review", CHIEF), "labels")
    assert "Het geleerde model is juist op" in markup(page)
    page.text_input(key="review-why").input("het houdt weer voor bedden")
    page = click(page, "Nu terugnemen")
    assert "Het model is teruggenomen" in markup(page)
    assert "De regels beslissen nog alleen" in markup(page)
    rows = board.store.read("select action, who, reason from models order by step").rows()
    assert rows[1:] == [("withdrawn", "Chief", "het houdt weer voor bedden")]


def test_what_was_taken_back_by_another_meanwhile_is_said(board: Board):
    taught(board.store, as_read=False)
    learn(board.store)
    page = part(drawn(board, "review", CHIEF), "labels")
    roll_back(board.store, CHIEF)
    assert "er is geen model om terug te nemen" in markup(click(page, "Nu terugnemen"))


def test_what_a_colleague_answered_meanwhile_is_said_and_the_next_comes(board: Board):
    mine, theirs = drawn(board, "review"), drawn(board, "review", CHIEF)
    click(theirs, "Hetzelfde")
    hold(board)
    page = click(mine, "Hetzelfde")
    assert "Die twee zijn al één geheel" in markup(page)
    assert "Geen twijfelgevallen meer" in markup(page)
    assert standing(board) == ["merge"]


def test_the_least_certain_is_asked_first_with_a_key_for_each_category(board: Board):
    page = part(drawn(board, "review"), "labels")
    assert "camping" in markup(page)
    assert {one.proto.shortcut for one in page.button} >= set("12345678")
    page = click(page, "Vraag")
    assert "Genoteerd: Vraag" in markup(page)
    assert "1 antwoord van mensen" in markup(page)
    assert "camping" not in markup(page)
    page = click(page, "Ongedaan maken")
    assert "camping" in markup(page)
    page = click(page, "Overslaan")
    assert "camping" not in markup(page)
    assert standing(board) == []


def test_volunteers_are_spared_threats_and_moderators_are_not(board: Board):
    def seen(by: Actor) -> str:
        page, shown = part(drawn(board, "review", by), "labels"), ""
        while any(one.label == "Overslaan" for one in page.button):
            shown += markup(page)
            page = click(page, "Overslaan")
        return shown

    assert "komen je halen" not in seen(ELS)
    assert "komen je halen" in seen(CHIEF)


def test_keys_can_be_switched_off(board: Board):
    page = drawn(board, "review")
    page.pills(key="review-keys").set_value([]).run()
    assert not {one.proto.shortcut for one in page.button} - {""}


def test_posts_are_taken_out_of_a_record_by_picking_them(board: Board):
    page = part(drawn(board, "review"), "split")
    record = str(page.selectbox(key="review-record").value)
    assert "0470" not in markup(page)
    before = review.splittable(board.store, INCIDENT.id).height
    assert next(one for one in page.button if one.key == "review-split").disabled
    page = page.checkbox[0].check().run()
    page = click(page, "1 bericht afsplitsen")
    assert standing(board) == ["split"]
    assert review.splittable(board.store, INCIDENT.id).height == before - 1
    page = click(page, "Ongedaan maken")
    assert record in review.splittable(board.store, INCIDENT.id)["record"]
    assert (
        review.named(board.store, "https://bluesky.example/post/21")["record"]
        == review.named(board.store, record)["record"]
    )


def test_a_record_is_named_in_the_address(board: Board):
    record = review.splittable(board.store, INCIDENT.id)["record"][1]
    page = drawn(board, "review", record=record)
    assert not page.exception
    assert page.selectbox(key="review-record").value == record
    page = drawn(board, "review", record="<b>nergens")
    assert "niet te vinden" in markup(page)


def test_hidden_posts_are_not_asked_about(board: Board):
    mo = Actor(who="Mo", role="moderator")
    pair = review.pairs(board.store, INCIDENT.id, ELS, NOW).row(0, named=True)
    hide(board.store, pair["record"], "threat", mo)
    assert review.pairs(board.store, INCIDENT.id, ELS, NOW).height == 0
    hide(board.store, "bluesky/31", "threat", mo)
    assert THREAT not in review.to_label(board.store, INCIDENT.id)["text"].to_list()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_speaks_every_language(board: Board, language: str):
    page = drawn(board, "review", CHIEF, lang=language)
    for name in ("pairs", "labels", "split"):
        page = part(page, name)
    assert escape(str(texts(language)["review.heading"])) in markup(page)


def test_an_empty_store_says_that_nothing_is_left(tmp_path: Path):
    with board_on(tmp_path / "store.duckdb", now=NOW) as board:
        page = drawn(board, "review", CHIEF)
        for name, sentence in (
            ("pairs", "Geen twijfelgevallen"),
            ("labels", "Alles is benoemd"),
            ("split", "Er is geen"),
        ):
            page = part(page, name)
            assert sentence in markup(page)


def test_a_broken_store_is_told_in_one_sentence(tmp_path: Path):
    path = filled(tmp_path / "store.duckdb", doubts())
    damage(path, "drop table faces cascade")
    with board_on(path, now=NOW) as board:
        page = drawn(board, "review", CHIEF)
        assert not page.exception
        assert "Het bord kan de gegevens niet lezen" in markup(page)
        assert not part(page, "labels").exception


@pytest.mark.parametrize(
    ("one", "other", "left", "right"),
    [
        ("een droog bed", "een zacht bed", "een <mark>droog</mark> bed", "een <mark>zacht</mark> bed"),
        ("Bed vrij!", "bed vrij", "Bed vrij!", "bed vrij"),
        ("bed", "bed in Genk", "bed", "bed <mark>in Genk</mark>"),
        ("<b>a</b> x", "y x", "<mark>&lt;b&gt;a&lt;/b&gt;</mark> x", "<mark>y</mark> x"),
        ("", "", "", ""),
    ],
)
def test_words_that_differ_are_marked_and_stay_text(one: str, other: str, left: str, right: str):
    assert marked(one, other) == (left, right)
