"""Stories of the small hours in a real browser: two people and one bed, and a request that is brought home."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.board_server import serving
from tests.support.boards import START, bed, filled, post
from tests.support.browser import open_board, press, settled

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator, Page

NOW = START + timedelta(minutes=75)
ARRIVAL = 60_000


POSTS = [
    bed(1, minute=1, places=4, town="Genk"),
    bed(2, minute=2, places=4, town="Bilzen"),
    post(4, "Zoek slaapplaats voor 3 personen in Genk, bel 0470 02 00 01 #hasselthelpt", minute=4),
]
"""Two beds and somebody who looks for three places."""


@pytest.fixture
def board(tmp_path: Path) -> Iterator[str]:
    """A board to decide on."""
    with serving(filled(tmp_path / "store.duckdb", POSTS), now=NOW) as address:
        yield address


@pytest.fixture(scope="module")
def to_look_at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A board on which nothing is decided."""
    with serving(filled(tmp_path_factory.mktemp("looked_at") / "store.duckdb", POSTS), now=NOW) as address:
        yield address


def come_in(page: Page, name: str) -> None:
    """Say who one is, as a volunteer."""
    page.locator(".st-key-who button").first.click()
    page.get_by_label("Uw naam").fill(name)
    page.locator("[data-testid=stFormSubmitButton] button").first.click()
    page.get_by_text(f"{name} · Vrijwilliger").wait_for(timeout=ARRIVAL)
    press(page, "Escape")
    settled(page)


def card(page: Page, town: str) -> Locator:
    return page.locator("[class*=st-key-card-]", has=page.locator("article.card", has_text=town)).first


def test_two_people_claim_the_same_bed_and_the_second_sees_who_has_it(board: str, context: BrowserContext):
    els, bob = context.new_page(), context.new_page()
    for page, name in ((els, "Els"), (bob, "Bob")):
        open_board(page, board)
        come_in(page, name)
    bob.get_by_text("Bijwerken pauzeren").click()  # his screen still shows it as free
    bob.get_by_text("Stilgezet om").wait_for()
    card(els, "Genk").get_by_role("button", name=re.compile("Ik regel dit")).click()
    card(els, "Genk").get_by_text("u tot 19:45").wait_for(timeout=ARRIVAL)
    card(bob, "Genk").get_by_role("button", name=re.compile("Ik regel dit")).click()
    card(bob, "Genk").get_by_text("Els heeft dit tot 19:45").wait_for(timeout=ARRIVAL)
    bob.get_by_text("Bijwerken pauzeren").click()
    card(bob, "Genk").get_by_text("Els tot 19:45").wait_for(timeout=ARRIVAL)
    card(els, "Genk").get_by_role("button", name="Loslaten").click()
    card(bob, "Genk").get_by_role("button", name=re.compile("Ik regel dit")).wait_for(timeout=ARRIVAL)


def test_a_request_is_matched_falls_through_and_all_is_free_again(board: str, page: Page):
    open_board(page, board)
    come_in(page, "Els")
    page.locator(".st-key-nav").get_by_text("Koppelen").click()
    fit = page.locator("[class*=st-key-fit-]", has_text="op 0 km")
    fit.get_by_role("button", name="Toewijzen").click(timeout=ARRIVAL)
    texts = page.locator(".st-key-just .stCode")
    texts.nth(1).wait_for(timeout=ARRIVAL)
    assert "Er zijn 3 mensen" in texts.first.inner_text()
    page.locator(".st-key-side").get_by_text("Toegewezen").click()
    page.wait_for_url(re.compile("side=made"))
    page.reload()
    page.locator("article.made", has_text="onderweg").wait_for(timeout=ARRIVAL)
    page.get_by_role("button", name="Ging niet door").click()
    page.locator("article.made", has_text="beide weer vrij").wait_for(timeout=ARRIVAL)
    page.get_by_role("button", name="Ongedaan maken").click()
    page.locator("article.made", has_text="onderweg").wait_for(timeout=ARRIVAL)
    page.get_by_role("button", name="Ging niet door").click()
    page.locator("article.made", has_text="beide weer vrij").wait_for(timeout=ARRIVAL)
    page.locator(".st-key-side").get_by_text("Bij een vraag").click()
    page.locator("h2", has_text="1 open vraag").wait_for(timeout=ARRIVAL)


def test_one_key_makes_lines_of_cards_and_a_reload_keeps_them(to_look_at: str, page: Page):
    open_board(page, to_look_at)
    press(page, "l")
    page.locator(".st-key-lines .line").nth(1).wait_for(timeout=ARRIVAL)
    page.wait_for_url(re.compile("view=list"))
    page.reload()
    page.locator(".st-key-lines .line").nth(1).wait_for(timeout=ARRIVAL)
    press(page, "l")
    page.locator("article.card").nth(1).wait_for(timeout=ARRIVAL)


def test_many_lines_are_taken_at_once_but_for_what_another_holds_and_all_is_taken_back(
    board: str, context: BrowserContext
):
    els, bob = context.new_page(), context.new_page()
    for page, name in ((els, "Els"), (bob, "Bob")):
        open_board(page, board)
        come_in(page, name)
    card(bob, "Genk").get_by_role("button", name=re.compile("Ik regel dit")).click()
    card(els, "Genk").get_by_text("Bob tot 19:45").wait_for(timeout=ARRIVAL)
    press(els, "l")
    els.locator(".st-key-lines .line").nth(1).wait_for(timeout=ARRIVAL)
    lines, preview, done = (els.locator(f".st-key-{key}") for key in ("lines", "many-preview", "many-done"))
    for town, picked in (("Genk", "1 gekozen"), ("Bilzen", "2 gekozen")):
        settled(els)
        els.locator("[class*=st-key-pick-] label", has_text=town).click()
        els.locator(".st-key-many-bar", has_text=picked).wait_for(timeout=ARRIVAL)
    settled(els)
    els.locator(".st-key-many-claim button").click()
    preview.locator("tr", has_text="Genk").get_by_text("blijft zo: Bob heeft dit tot 19:45").wait_for(timeout=ARRIVAL)
    assert lines.get_by_text("u tot 19:45").count() == 0, "nothing is done yet"
    settled(els)
    preview.get_by_role("button", name="Doen voor 1 van de 2").click()
    done.get_by_text("1 gewijzigd.").wait_for(timeout=ARRIVAL)
    els.locator(".left-out li", has_text="Bob heeft dit").wait_for(timeout=ARRIVAL)
    lines.get_by_text("u tot 19:45").wait_for(timeout=ARRIVAL)
    settled(els)
    done.get_by_role("button", name="Alles terugnemen").click()
    els.locator(".st-key-many").get_by_text("1 teruggenomen.").wait_for(timeout=ARRIVAL)
    lines.get_by_text("u tot 19:45").wait_for(state="detached", timeout=ARRIVAL)
    assert lines.get_by_text("Bob tot 19:45").count() == 1


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1440, 900), (2560, 1440)])
def test_nothing_sticks_out_sideways_on_the_page_of_matches(to_look_at: str, page: Page, width: int, height: int):
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{to_look_at}/match")
    page.locator("article.fit").first.wait_for(timeout=ARRIVAL)
    assert page.locator(".stMain").evaluate("element => element.scrollWidth - element.clientWidth") <= 0
