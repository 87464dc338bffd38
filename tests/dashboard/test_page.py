"""The page drawn without a browser: empty, full, broken, without a plan, and with every switch turned."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import escape
from pathlib import Path

import pytest

from dashboard.board import Board
from dashboard.plans import Plans
from dashboard.views.filters import STATES
from dashboard.views.glance import SHARED
from dashboard.views.live import DRAWN, Seat, pace, seats
from dashboard.words import LANGUAGES, texts
from ingest.collectors import Off
from ingest.jobs import Status
from playbooks.loader import shipped
from tests.support.boards import INCIDENT, START, an_evening, board_on, damage, filled, post, take_in
from tests.support.pages import drawn, markup

NOW = START + timedelta(minutes=75)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Board]:
    with board_on(filled(tmp_path / "store.duckdb", []), now=NOW, plan=True) as board:
        yield board


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled(tmp_path_factory.mktemp("evening") / "store.duckdb", an_evening(60))


@pytest.fixture
def full(evening: Path) -> Iterator[Board]:
    with board_on(evening, now=NOW, plan=True) as board:
        yield board


def test_an_empty_board_says_that_it_is_waiting_and_shows_the_plan(empty: Board):
    page = drawn(empty)
    assert not page.exception
    assert "Nog geen berichten" in markup(page)
    assert "T+1:15" in markup(page)
    assert "<article" not in markup(page)


def test_a_full_board_shows_a_page_of_cards_figures_the_plan_and_the_plot(full: Board):
    page = drawn(full)
    assert not page.exception
    shown = markup(page)
    assert shown.count("<article") == 30
    assert "unieke aanbiedingen" in shown
    assert "Oefening" in shown
    assert "Exercise" in shown, "that it is an exercise stands there in four languages"
    assert "Tussen 18:15 en 19:1" in shown
    assert len(page.get("arrow_vega_lite_chart")) + len(page.get("vega_lite_chart")) == 2


def test_what_is_covered_stands_above_the_offers_with_the_way_to_the_sources(full: Board):
    lines = [Status(incident="storm", source="bluesky", query="jetstream", last_ok=NOW, behind=12.0)]
    page = drawn(replace(full, sources=lambda: lines, off=lambda: (Off(source="x", sentence="Off."),)))
    assert not page.exception
    assert "Bluesky live, 12 s achter" in markup(page)
    assert "X uit" in markup(page)
    links = [link.proto.label for link in page.get("page_link")]
    assert links[0] == "Aanbod en vragen"
    assert "Bronnen" in links
    assert "Balie" not in links, "a page that asks for a role is offered to those who have it"
    assert "er wordt niets gevolgd" in markup(drawn(full))


def test_real_posts_come_without_the_banner(full: Board):
    page = drawn(replace(full, incident=replace(INCIDENT, synthetic=False)))
    assert "Oefening" not in markup(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_speaks_the_language_of_the_address(full: Board, language: str):
    page = drawn(full, lang=language)
    assert not page.exception
    assert str(texts(language)["plan.heading"]) in markup(page)
    assert f'lang = "{language}"' in markup(page)
    assert page.query_params.get("lang") == (language if language != "nl" else None)


def test_without_a_plan_the_offers_stand_there_all_the_same(full: Board):
    page = drawn(replace(full, plans=Plans(None)))
    assert not page.exception
    assert "geen draaiboek geladen" in markup(page)
    assert "<article" in markup(page)


def test_a_plan_that_cannot_be_used_says_why(full: Board, tmp_path: Path):
    file = tmp_path / "plan.yaml"
    file.write_text(shipped()["festival-storm"].read_text().replace("status: example", "status: <b>bold</b>"))
    page = drawn(replace(full, plans=Plans(str(file))))
    assert f"{escape(str(file))}, regel " in markup(page)
    assert "&lt;b&gt;bold" in markup(page)
    assert "<b>bold" not in markup(page)


def test_a_broken_store_is_told_in_one_sentence_and_the_plan_stays(tmp_path: Path):
    path = filled(tmp_path / "store.duckdb", an_evening(3))
    damage(path, "drop table records cascade")
    with board_on(path, now=NOW, plan=True) as board:
        page = drawn(board)
    assert not page.exception
    shown = markup(page)
    assert "Het bord kan de gegevens niet lezen" in shown
    assert "T+1:15" in shown
    assert "Traceback" not in shown


def test_filters_narrow_the_list_and_are_kept_in_the_address(full: Board):
    page = drawn(full)
    page.selectbox(key="place").select("Genk").run()
    assert page.query_params["place"] == "Genk"
    cards = [body for element in page.get("html") if "<article" in (body := element.proto.body)]
    assert cards
    assert all(">Genk<" in card for card in cards)
    page.text_input(key="words").input("nergens-te-vinden").run()
    assert "Niets past bij deze filters" in markup(page)
    assert not page.exception


def test_an_address_brings_its_filters_back(full: Board):
    page = drawn(full, show="request", place="Genk", order="seen", words="slaapplaats")
    assert not page.exception
    assert page.selectbox(key="place").value == "Genk"
    assert page.selectbox(key="order").value == "seen"
    assert page.text_input(key="words").value == "slaapplaats"
    assert "gevraagd" in markup(page)


def test_the_second_page_has_the_next_cards_and_other_filters_start_at_the_first(full: Board):
    first, second = markup(drawn(full)), drawn(full, page="2")
    assert not second.exception
    assert markup(second) != first
    assert second.query_params["page"] == "2"
    second.selectbox(key="order").select("seen").run()
    assert "page" not in second.query_params


@pytest.mark.parametrize(
    "address",
    [
        {"page": "999999999999999999999"},
        {"page": "-1"},
        {"page": "²"},
        {"show": "<script>"},
        {"order": "drop table posts"},
        {"kind": "no such kind"},
        {"place": "'; drop table records; --"},
        {"lang": "xx"},
        {"words": "%_\\ ( [ ' \" {0}"},
        {"words": "a" * 5_000},
    ],
)
def test_a_mangled_address_still_gives_a_page(full: Board, address: dict[str, str]):
    page = drawn(full, by=None, **address)
    assert not page.exception
    assert "Draaiboek" in markup(page)
    assert "<script>alert" not in markup(page)


def test_looking_for_a_person_is_refused(full: Board):
    page = drawn(full, words="@iemand")
    assert "Zoeken op personen" in markup(page)
    assert "<article" not in markup(page)


def test_a_paused_page_stands_still_while_the_store_goes_on(tmp_path: Path):
    with board_on(filled(tmp_path / "store.duckdb", an_evening(5)), now=NOW) as board:
        page = drawn(board)
        page.toggle(key="paused").set_value(True).run()
        assert "Stilgezet om 19:30" in markup(page)
        before = markup(page)
        take_in(board.store, [post(77_777, "5 slaapplaatsen vrij in Bree, bel 0470 09 09 09 #hasselthelpt", minute=70)])
        assert markup(page.run()) == before
        time.sleep(SHARED)
        page.toggle(key="paused").set_value(False).run()
        assert "Bree" in markup(page)


def test_hostile_posts_are_drawn_as_text(tmp_path: Path):
    hostile = [
        post(n, f"2 slaapplaatsen vrij in Genk {trick}", minute=n)
        for n, trick in enumerate(
            [
                "<script>alert(1)</script>",
                "![x](https://evil.example/x)",
                "$x$ :smile: :red[x]",
                "\u202egnp",
                "\n" * 9_000,
            ]
        )
    ]
    with board_on(filled(tmp_path / "store.duckdb", hostile), now=NOW) as board:
        page = drawn(board)
    assert not page.exception
    shown = markup(page)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "![x](" in shown
    assert "\u202e" not in shown
    assert not page.markdown


def test_a_browser_that_missed_the_first_drawing_gets_what_was_chosen_from_the_second(full: Board):
    page = drawn(full, show="request", state="claimed", words="Genk", order="seen", lang="fr")
    page.run()
    begun = {one.key: one.proto.default for one in (*page.selectbox, *page.text_input, *page.get("button_group"))}
    assert begun["show"] == [1]
    assert begun["lang"] == [1]
    assert begun["state"] == STATES.index("claimed")
    assert begun["order"] == 3, "newest, urgent and confirmed stand before it"
    assert begun["words"] == "Genk"


def test_where_many_look_each_looks_less_often_and_oftener_when_they_are_gone(full: Board):
    drawn(full)
    before = len(seats())
    assert before, "a page that was drawn is counted"
    others = [Seat() for _ in range(4 * DRAWN)]
    seats().update(others)
    assert pace(2.0) == (before + len(others)) / DRAWN
    assert pace(21.0) == 21.0
    others.clear()
    assert len(seats()) == before
