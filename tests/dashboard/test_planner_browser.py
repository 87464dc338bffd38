"""A planner in a real browser: an error with its line while typing, mended, compared, saved, taken over by the incident."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.dashboard.test_plan_browser import come_in, take_role
from tests.support.board_server import serving
from tests.support.boards import START, an_evening, filled, line_of
from tests.support.browser import open_board

if TYPE_CHECKING:
    from playwright.sync_api import Page

NOW = START + timedelta(minutes=75)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = filled(tmp_path_factory.mktemp("planner") / "store.duckdb", an_evening(5))
    with serving(store, now=NOW, extra=("--plan",)) as address:
        yield address


def to_the_plan(page: Page) -> None:
    page.locator(".st-key-nav a", has_text="Plan").click()
    page.locator(".st-key-planner-text textarea").wait_for()


def test_a_new_role_adds_links_and_leaves_those_that_are_there_what_they_were(address: str, page: Page):
    open_board(page, f"{address}/?lang=en")
    page.locator(".st-key-nav a", has_text="Plan").evaluate("link => { window.before = link; }")
    assert page.locator(".st-key-nav a", has_text="Match").count() == 0
    take_role(page, "Vic", "Volunteer")
    page.locator(".st-key-nav a", has_text="Match").wait_for()
    assert page.evaluate("[window.before.isConnected, window.before.textContent.trim()]") == [True, "Plan"]


def test_from_an_error_while_typing_to_a_version_the_incident_works_by(address: str, page: Page):
    come_in(page, address, "Pia", "Planner")
    to_the_plan(page)
    field = page.locator(".st-key-planner-text textarea")
    text = field.input_value()
    page.get_by_text("✓ No errors").wait_for()
    page.locator(".preview h3", has_text="First hour").wait_for()

    line = line_of(text, "status: example")
    field.fill(text.replace("status: example", "status: perhaps"))
    problem = page.locator("ol.problems li.error")
    problem.wait_for()
    assert f"line {line}" in problem.inner_text()
    assert problem.locator("code").inner_text() == "status: perhaps"
    problem.locator("a").click()
    marked = "element => element.value.slice(element.selectionStart, element.selectionEnd)"
    assert field.evaluate(marked) == "perhaps"
    page.get_by_role("button", name="Save as a new version").click()
    page.get_by_text(f"Not saved: first mend line {line}.").wait_for()

    changed = text.replace('version: "1.0"', 'version: "1.1"').replace('en: "Storm at a festival', 'en: "The storm')
    field.fill(changed)
    page.get_by_text("✓ No errors").wait_for()
    page.get_by_text("Difference", exact=True).click()
    page.locator(".difference del", has_text='version: "1.0"').wait_for()
    page.locator(".difference ins", has_text='version: "1.1"').wait_for()
    assert page.locator(".difference ins").count() == 2

    page.get_by_label("What you changed, and why").fill("read again")
    page.get_by_role("button", name="Save as a new version").click()
    page.get_by_text("Saved as version 1.").wait_for()
    page.get_by_text("Versions", exact=True).click()
    row = page.locator(".st-key-version-1")
    row.get_by_text("Pia · read again").wait_for()
    page.locator(".st-key-version-0", has_text="in force").wait_for()
    row.get_by_role("button", name="Take over").click()
    page.get_by_role("button", name="Take over now").click()
    page.locator(".st-key-version-1", has_text="in force").wait_for()
    page.get_by_text("1.1 · version 1, taken over by Pia").wait_for()

    page.locator(".st-key-nav a", has_text="Offers").click()
    page.locator(".st-key-plan", has_text="The storm: informing the public").wait_for()


def test_what_was_typed_is_there_after_a_look_at_another_page_and_fits_a_phone(address: str, page: Page):
    page.set_viewport_size({"width": 390, "height": 800})
    come_in(page, address, "Chief", "Coordinator")
    to_the_plan(page)
    field = page.locator(".st-key-planner-text textarea")
    field.fill("half: a thought\n")
    page.locator("ol.problems li.error").first.wait_for()
    page.locator(".st-key-nav a", has_text="Offers").click()
    page.wait_for_selector("article.card")
    to_the_plan(page)
    page.wait_for_function("document.querySelector('.st-key-planner-text textarea').value === 'half: a thought\\n'")
    main = page.locator(".stMain")
    assert main.evaluate("element => element.scrollWidth - element.clientWidth") <= 0
