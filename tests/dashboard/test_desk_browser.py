"""The desk and the incidents in a real browser: a call typed by keyboard alone, joined, taken back; a file taken along."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.board_server import serving
from tests.support.boards import START, bed, filled
from tests.support.browser import open_as, press, settled

if TYPE_CHECKING:
    from playwright.sync_api import Page

NOW = START + timedelta(minutes=75)
PATIENCE = 60_000
TOLD = "[role=status]"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = filled(tmp_path_factory.mktemp("desk") / "store.duckdb", [bed(1, minute=5, places=2, town="Genk")])
    people = ("--known", "ann", "Ann", "volunteer", "--known", "cis", "Cis", "coordinator")
    with serving(store, now=NOW, extra=people) as served:
        yield served


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.getAttribute('aria-label')"))


def test_a_call_is_taken_by_keyboard_alone_joined_and_taken_back(address: str, page: Page):
    open_as(page, address, "desk", "ann")
    page.locator(".st-key-desk-form").wait_for(timeout=PATIENCE)
    page.wait_for_function("document.activeElement?.type === 'radio'", timeout=PATIENCE)
    page.locator(".st-key-desk-form input").nth(8).wait_for(timeout=PATIENCE)  # the fields come in one by one
    # A new offer: Tab through, type, Enter.
    for label, words in (
        ("Soort hulp", ""), ("Hoeveel", "3"), ("Gemeente", "Alken"), ("Tot wanneer", "23:00"),
        ("Telefoon of e-mail", "0470 00 99 05"),
    ):  # fmt: skip
        press(page, "Tab")
        assert focused(page) == label
        page.keyboard.type(words)
    page.locator(".desk-reads", has_text="3 plaatsen · Alken").wait_for(timeout=PATIENCE)
    press(page, "Enter")
    page.locator(TOLD, has_text="nieuw op het bord").wait_for(timeout=PATIENCE)
    page.wait_for_function("document.activeElement?.type === 'radio'", timeout=PATIENCE)
    assert page.locator(".st-key-desk-row-2 input").first.input_value() == ""
    entry = page.locator("[class*=st-key-call-]", has_text="Alken")
    entry.wait_for(timeout=PATIENCE)

    # The number of a bed that is there: told while typing, and it is this one.
    contact = page.locator(".st-key-desk-row-2 input").nth(2)
    contact.click()
    contact.press_sequentially("0470000001", delay=20)
    like = page.locator("[class*=st-key-desk-like-]", has_text="Genk")
    like.wait_for(timeout=PATIENCE)
    assert contact.evaluate("field => field === document.activeElement"), "the cursor stays where one types"
    like.get_by_role("button", name="Het is deze").click()
    page.locator(TOLD, has_text="telt mee").wait_for(timeout=PATIENCE)
    page.locator("[class*=st-key-call-]", has_text="2× gezien").wait_for(timeout=PATIENCE)

    entry.get_by_role("button").click()
    page.locator(TOLD, has_text="Teruggenomen").wait_for(timeout=PATIENCE)
    page.locator(".call.undone").wait_for(timeout=PATIENCE)


def test_a_coordinator_opens_an_incident_and_takes_a_file_along(address: str, page: Page, tmp_path: Path):
    open_as(page, address, "incident", "cis")
    page.locator(".st-key-incident-new input").nth(1).press_sequentially("#diesthelpt", delay=10)
    page.get_by_role("button", name="#diesthelp", exact=True).click(timeout=PATIENCE)
    page.get_by_role("button", name="Openen en volgen").click()
    page.locator(TOLD, has_text="#diesthelpt is geopend").wait_for(timeout=PATIENCE)
    settled(page)
    which = page.get_by_label("Incident", exact=True)
    which.click()
    page.get_by_role("option", name="#diesthelpt · open").click()
    page.get_by_role("button", name="Afsluiten").click(timeout=PATIENCE)
    page.get_by_role("button", name="Nu afsluiten").click()
    page.locator(TOLD, has_text="#diesthelpt is afgesloten").wait_for(timeout=PATIENCE)
    page.locator('.st-key-incident-chosen input[value="#diesthelpt · afgesloten"]').wait_for(timeout=PATIENCE)
    settled(page)
    which.click()
    page.get_by_role("option", name="Storm").click()
    # Its heading: the plan of the other one may bear that name too.
    page.locator(".st-key-incident-one h3", has_text="Storm").wait_for(timeout=PATIENCE)
    settled(page)  # until then the button of the other one may stand there as well
    page.get_by_role("button", name="Uitvoer").click()
    with page.expect_download(timeout=PATIENCE) as told:
        page.get_by_role("button", name="Bestand maken").click()
    file = tmp_path / told.value.suggested_filename
    told.value.save_as(file)
    assert file.name.startswith("storm-offers-")
    text = file.read_text()
    assert "Genk" in text
    assert "0470" not in text
