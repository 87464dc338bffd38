"""Reviewing and moderating in a real browser: by keyboard alone, with two pairs of eyes, on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dedupe.store import Store
from tests.dedupe.learning.lessons import taught
from tests.support.board_server import serving
from tests.support.boards import START, filled, post
from tests.support.browser import open_as, press, settled, until
from tests.support.doubts import AT_HOME, doubts

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

NOW = START + timedelta(minutes=75)
PEOPLE = (
    ("els", "Els", "volunteer"),
    ("mo", "Mo", "moderator"),
    ("mia", "Mia", "moderator"),
    ("chief", "Chief", "coordinator"),
)
PARTS = (
    ("Hetzelfde?", "Gaan deze twee over hetzelfde?"),
    ("Wat is het?", "Wat is dit?"),
    ("Splitsen", "Vink aan wat er niet bij hoort"),
)
"""The parts of the page, each with what it asks."""
HOSTILE = "<script>document.title='taken'</script> ![x](https://evil.example/x.png) **vet** \u202egnp {0}"


@contextmanager
def board(folder: Path) -> Iterator[str]:
    hostile = [
        replace(post(61, f"{AT_HOME.format('warm', 'kerkplein')} {HOSTILE}", minute=40), author="iemand"),
        post(62, f"{AT_HOME.format('hard', 'zwembad')} {HOSTILE}", minute=41, network="mastodon"),
    ]
    known = [word for each in PEOPLE for word in ("--known", *each)]
    with serving(filled(folder / "store.duckdb", doubts() + hostile), now=NOW, extra=("--plan", *known)) as served:
        yield served


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A board to decide on."""
    with board(tmp_path) as served:
        yield served


@pytest.fixture(scope="module")
def to_look_at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A board on which nothing is decided."""
    with board(tmp_path_factory.mktemp("looked_at")) as served:
        yield served


def sees(page: Page, text: str) -> None:
    page.get_by_text(text).first.wait_for()


def test_pairs_and_categories_are_answered_by_keyboard_alone(address: str, page: Page):
    open_as(page, address, "review", "els")
    sees(page, "Gaan deze twee over hetzelfde?")
    first = page.locator(".pair").inner_text()
    press(page, "2")
    sees(page, "Blijven apart")
    page.wait_for_function("was => document.querySelector('.pair')?.innerText !== was", arg=first)
    press(page, "u")
    page.wait_for_function("was => document.querySelector('.pair')?.innerText === was", arg=first)
    assert page.locator(".pair script, .pair img, .pair b, .pair a[href^=javascript]").count() == 0
    assert "taken" not in page.title()
    page.get_by_text("Wat is het?").click()
    sees(page, "Wat is dit?")
    press(page, "4")
    sees(page, "Genoteerd: Gerucht")
    sees(page, "1 antwoord van mensen")
    press(page, "u")
    sees(page, "0 antwoorden van mensen")
    page.get_by_role("button", name="Toetsen").click()
    page.get_by_role("button", name="Overslaan", exact=True).wait_for()  # and no key behind it
    press(page, "4")
    page.wait_for_timeout(1_000)  # nothing comes of it
    settled(page)
    assert page.get_by_text("Genoteerd").count() == 0


@pytest.mark.parametrize("by", ["mouse", "keyboard"])
def test_keys_are_heard_right_after_they_are_switched_on(address: str, page: Page, by: str):
    open_as(page, address, "review", "els")
    sees(page, "Gaan deze twee over hetzelfde?")
    keys = page.get_by_role("button", name="Toetsen")
    for heard in (False, True):
        if by == "mouse":
            keys.click()
        else:
            keys.focus()
            press(page, "Space")
        shown = re.compile(r"Niet hetzelfde\s*2$" if heard else "Niet hetzelfde$")
        page.locator(".st-key-review-answers button", has_text=shown).wait_for()
    press(page, "2")
    sees(page, "Blijven apart")


def test_a_post_is_split_off_by_picking_it_and_put_back(address: str, page: Page):
    open_as(page, address, "review", "els")
    page.get_by_text("Splitsen", exact=True).click()
    sees(page, "Vink aan wat er niet bij hoort")
    picks = page.locator(".st-key-review-wordings [class*=st-key-pick]")
    many = picks.count()
    picks.first.locator("label").click()
    page.get_by_role("button", name="1 bericht afsplitsen").wait_for()
    press(page, "Control+Enter")
    sees(page, "Afgesplitst")
    # The last that is drawn: until then the box that was ticked has the focus, and with it no letter is heard.
    page.get_by_role("button", name="Vink iets aan").wait_for()
    press(page, "u")
    page.get_by_text("Afgesplitst").wait_for(state="detached")
    settled(page)
    assert picks.count() == many


def test_answers_are_learnt_from_while_one_looks_and_what_was_learnt_can_be_taken_back(tmp_path: Path, page: Page):
    path = filled(tmp_path / "store.duckdb", doubts())
    with Store(path) as store:
        taught(store, as_read=False)
    known = [word for each in PEOPLE for word in ("--known", *each)]
    with serving(path, now=NOW, extra=("--plan", "--teach", *known)) as address:
        open_as(page, address, "review", "chief")
        page.get_by_text("Wat is het?").click()
        sees(page, "40 antwoorden van mensen")
        press(page, "4")
        sees(page, "41 antwoorden van mensen")

        def looks_again() -> None:
            page.get_by_text("Hetzelfde?", exact=True).click()
            sees(page, "Gaan deze twee over hetzelfde?")
            page.get_by_text("Wat is het?").click()

        until(looks_again, page.get_by_text("Het geleerde model is juist op"))
        page.get_by_role("button", name="Model terugnemen").click()
        page.get_by_label("Waarom?").fill("Oefening")
        page.get_by_role("button", name="Nu terugnemen").click()
        sees(page, "Het model is teruggenomen")
        assert page.get_by_text("Het geleerde model is juist op").count() == 0


def test_an_offer_is_hidden_by_two_moderators_who_read_it_only_when_they_ask(
    address: str, page: Page, context: BrowserContext
):
    open_as(page, address, "moderation", "mo")
    sees(page, "2 berichten om te bekijken")
    assert "komen je halen" not in page.content()
    page.get_by_text("Een ander bericht opzoeken").click()
    page.get_by_label("Link of nummer van het bericht").fill("bluesky/21")
    press(page, "Enter")
    sees(page, "3 berichten om te bekijken")
    page.get_by_role("button", name="Behandelen").first.click()
    page.get_by_text("Tekst tonen").click()
    sees(page, "graag met hond")
    scam = page.get_by_role("option", name="Oplichting")
    until(lambda: page.get_by_label("Reden").click(), scam)
    scam.click()
    page.get_by_role("button", name="Voorstellen om te verbergen").click()
    sees(page, "Voorgesteld: een tweede persoon moet bevestigen")
    second = context.new_page()
    open_as(second, address, "moderation", "mia")
    sees(second, "Mo stelt voor te verbergen: Oplichting")
    second.get_by_role("button", name="Behandelen").first.click()
    second.get_by_role("button", name="Bevestigen en verbergen").click()
    sees(second, "Verborgen, bewijs bewaard")
    page.get_by_text("Mo stelt voor").wait_for(state="detached")
    second.goto(address)
    second.locator("article.card").first.wait_for()
    assert "graag met hond" not in second.content()


@pytest.mark.parametrize("width", [390, 1400])
def test_nothing_sticks_out(to_look_at: str, page: Page, width: int):
    page.set_viewport_size({"width": width, "height": 844})
    open_as(page, to_look_at, "review", "chief")
    for word, asked in PARTS:
        page.get_by_text(word, exact=True).first.click()
        sees(page, asked)
        settled(page)
        assert page.locator(".stMain").evaluate("element => element.scrollWidth - element.clientWidth") <= 0
    page.get_by_role("link", name="Moderatie").click()
    page.get_by_role("button", name="Behandelen").first.click()
    sees(page, "Praat")
    assert page.locator(".stMain").evaluate("element => element.scrollWidth - element.clientWidth") <= 0
    page.get_by_text("Geruchten", exact=True).first.click()
    sees(page, "Komt er een tweede storm?")
    assert page.locator(".stMain").evaluate("element => element.scrollWidth - element.clientWidth") <= 0
