"""The plan worked in a real browser: from what the board noticed to a copied message, marked as sent, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.support.board_server import serving
from tests.support.boards import START, an_evening, filled
from tests.support.browser import open_board, press, settled

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

NOW = START + timedelta(minutes=75)
PATIENCE = 60_000
"""Milliseconds in which what fired must stand on the board: a look of the watch, and the next drawing of the plan."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = filled(tmp_path_factory.mktemp("plan") / "store.duckdb", an_evening(20))
    with serving(store, now=NOW, extra=("--plan",)) as address:
        yield address


def come_in(page: Page, address: str, name: str, role: str) -> None:
    open_board(page, f"{address}/?lang=en")
    take_role(page, name, role)
    press(page, "Escape")
    settled(page)


def take_role(page: Page, name: str, role: str) -> None:
    page.locator(".st-key-who button").click()
    page.get_by_label("Name").fill(name)
    page.locator(".st-key-who-role label", has_text=role).click()
    page.locator("[data-testid=stFormSubmitButton] button").click()
    page.locator(".st-key-who button", has_text=name).wait_for()


def test_from_what_fired_to_a_copied_message_marked_as_sent_and_taken_back(
    address: str, context: BrowserContext, page: Page
):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    come_in(page, address, "Mo", "Moderator")
    plan = page.locator(".st-key-plan")
    task = plan.locator("[class*=st-key-task-no_numbers-numbers_in_public]")
    task.get_by_text("Why now: 28 with a number or address").wait_for(timeout=PATIENCE)
    task.locator("summary").click()
    task.locator(".stCode").wait_for()
    task.get_by_text("FR", exact=True).click()
    task.locator(".stCode", has_text="Merci pour cette offre").wait_for()
    shown = task.locator(".stCode code").inner_text().strip()
    assert "{" not in shown
    assert task.locator(".size").inner_text().startswith(f"{len(shown)} of 300"), "bluesky counts what one sees"
    copy = task.locator(".stCode button")
    page.mouse.move(0, 0)
    page.wait_for_timeout(300)  # it would fade out
    assert copy.is_visible(), "also for fingers and keys, which hover over nothing"
    copy.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("text => navigator.clipboard.readText().then(found => found.trim() === text)", arg=shown)
    task.locator("[class*=st-key-where] button", has_text="mastodon").click()
    task.get_by_role("button", name="Mark as sent").click()
    task.wait_for(state="detached")
    plan.locator("summary", has_text="Done and skipped (1)").click()
    done = plan.locator("[class*=st-key-done-]")
    done.get_by_text("done · Mo · Bluesky, X · fr").wait_for()
    done.get_by_role("button", name="Undo").click()
    task.wait_for()


def test_what_a_person_fills_in_stays_until_it_is_sent_and_skipping_wants_a_reason(address: str, page: Page):
    come_in(page, address, "Chief", "Coordinator")
    task = page.locator("[class*=st-key-task-reception]").first
    task.locator("summary").click()
    field = task.locator("[class*=st-key-fill-] input").first
    field.fill("de sporthal")
    field.press("Enter")
    task.locator(".stCode", has_text="de sporthal").wait_for()
    task.locator("summary").click()
    task.locator(".stCode").wait_for(state="detached")
    task.locator("summary").click()
    task.locator(".stCode", has_text="de sporthal").wait_for()
    task.get_by_role("button", name="Skip").click()
    page.get_by_text("Not kept. Say why first: it stays on record.").wait_for()


def test_who_watches_reads_the_message_and_marks_nothing(address: str, page: Page):
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{address}/?lang=en")
    task = page.locator("[class*=st-key-task-]", has=page.locator("summary", has_text="Text to send")).first
    task.locator("summary").click()
    task.locator(".stCode").wait_for()
    task.get_by_text("say at the top who you are").wait_for()
    assert page.get_by_role("button", name="Mark as sent").count() == 0
    main = page.locator(".stMain")
    assert main.evaluate("element => element.scrollWidth - element.clientWidth") <= 0
