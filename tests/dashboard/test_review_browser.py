"""Reviewing and moderating in a real browser: by keyboard alone, with two pairs of eyes, on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.board_server import serving
from tests.support.boards import START, filled, post
from tests.support.doubts import AT_HOME, doubts

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

NOW = START + timedelta(minutes=75)
HOSTILE = "<script>document.title='taken'</script> ![x](https://evil.example/x.png) **vet** \u202egnp {0}"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    hostile = [
        replace(post(61, f"{AT_HOME.format('warm', 'kerkplein')} {HOSTILE}", minute=40), author="iemand"),
        post(62, f"{AT_HOME.format('hard', 'zwembad')} {HOSTILE}", minute=41, network="mastodon"),
    ]
    with serving(filled(tmp_path / "store.duckdb", doubts() + hostile), now=NOW, extra=("--plan",)) as served:
        yield served


def come_in(page: Page, address: str, name: str, role: str) -> None:
    """Open the page at `address` and say who one is."""
    page.goto(address)
    page.locator(".st-key-who button").first.click()
    page.locator(".st-key-who-name input").fill(name)
    page.locator(".st-key-who-role label", has_text=role).first.click()
    page.locator("[data-testid=stFormSubmitButton] button").click()
    page.locator(".st-key-who", has_text=name).wait_for()
    page.keyboard.press("Escape")
    page.locator(".st-key-who-name").wait_for(state="detached")


def sees(page: Page, text: str) -> None:
    page.get_by_text(text).first.wait_for(timeout=20_000)


def test_pairs_and_categories_are_answered_by_keyboard_alone(address: str, page: Page):
    come_in(page, f"{address}/review", "Els", "Vrijwilliger")
    sees(page, "Gaan deze twee over hetzelfde?")
    first = page.locator(".pair").inner_text()
    page.wait_for_timeout(1_000)  # a key pressed while the page is being put together goes nowhere
    page.keyboard.press("2")
    sees(page, "Blijven apart")
    page.wait_for_function("was => document.querySelector('.pair')?.innerText !== was", arg=first)
    page.keyboard.press("u")
    page.wait_for_function("was => document.querySelector('.pair')?.innerText === was", arg=first)
    assert page.locator(".pair script, .pair img, .pair b, .pair a[href^=javascript]").count() == 0
    assert "taken" not in page.title()
    page.get_by_text("Wat is het?").click()
    sees(page, "Wat is dit?")
    page.keyboard.press("4")
    sees(page, "Genoteerd: Gerucht")
    sees(page, "1 antwoord van mensen")
    page.keyboard.press("u")
    sees(page, "0 antwoorden van mensen")
    page.get_by_text("Toetsen", exact=True).click()
    page.get_by_role("button", name="Overslaan").wait_for()
    page.keyboard.press("4")
    page.wait_for_timeout(1_000)
    assert page.get_by_text("Genoteerd").count() == 0


def test_an_offer_is_hidden_by_two_moderators_who_read_it_only_when_they_ask(
    address: str, page: Page, context: BrowserContext
):
    come_in(page, f"{address}/moderation", "Mo", "Moderator")
    sees(page, "2 berichten om te bekijken")
    assert "komen je halen" not in page.content()
    page.get_by_text("Een ander bericht opzoeken").click()
    page.get_by_label("Link of nummer van het bericht").fill("bluesky/21")
    page.keyboard.press("Enter")
    sees(page, "3 berichten om te bekijken")
    page.get_by_role("button", name="Behandelen").first.click()
    page.get_by_text("Tekst tonen").click()
    sees(page, "graag met hond")
    page.get_by_label("Reden").click()
    page.get_by_role("option", name="Oplichting").click()
    page.get_by_role("button", name="Voorstellen om te verbergen").click()
    sees(page, "Voorgesteld: een tweede persoon moet bevestigen")
    context.clear_cookies()
    second = context.new_page()
    come_in(second, f"{address}/moderation", "Mia", "Moderator")
    sees(second, "Mo stelt voor te verbergen: Oplichting")
    second.get_by_role("button", name="Behandelen").first.click()
    second.get_by_role("button", name="Bevestigen en verbergen").click()
    sees(second, "Verborgen, bewijs bewaard")
    page.get_by_text("Mo stelt voor").wait_for(state="detached", timeout=20_000)
    second.goto(address)
    second.locator("article.card").first.wait_for()
    assert "graag met hond" not in second.content()


@pytest.mark.parametrize("width", [390, 1400])
def test_nothing_sticks_out(address: str, page: Page, width: int):
    page.set_viewport_size({"width": width, "height": 844})
    come_in(page, f"{address}/review", "Chief", "Coördinator")
    for word in ("Hetzelfde?", "Wat is het?", "Splitsen"):
        page.get_by_text(word, exact=True).first.click()
        page.wait_for_timeout(700)
        assert page.locator(".stMain").evaluate("element => element.scrollWidth - element.clientWidth") <= 0
    page.get_by_role("link", name="Moderatie").click()
    page.get_by_role("button", name="Behandelen").first.click()
    sees(page, "Praat")
    assert page.locator(".stMain").evaluate("element => element.scrollWidth - element.clientWidth") <= 0
    page.get_by_text("Geruchten", exact=True).first.click()
    sees(page, "Komt er een tweede storm?")
    assert page.locator(".stMain").evaluate("element => element.scrollWidth - element.clientWidth") <= 0
