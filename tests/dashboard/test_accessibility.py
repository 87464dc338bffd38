"""Every page of the board for those who do not see it, see it large, use no mouse, or grow dizzy of what moves.

What the framework makes impossible is listed in docs/accessibility.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from dashboard.views.page import LEAVES
from dashboard.words import LANGUAGES
from dedupe.deciding.notes import shift_note, take_role
from dedupe.deciding.roles import Actor
from dedupe.store import Store
from tests.conftest import within
from tests.support.board_server import serving
from tests.support.boards import INCIDENT, START, an_evening, filled
from tests.support.browser import known_as, settled

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NOW = START + timedelta(minutes=75)
ELS = Actor(who="Els", role="coordinator")
TOKEN = "els"
PATHS = [leaf.path for leaf in LEAVES]
FRAMED = [leaf.path for leaf in LEAVES if not leaf.bare]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
MOST_STOPS = 60
"""Stops of the Tab key that are looked at: every part of a page, not every card."""
SEEN = """() => {
    let here = document.activeElement;
    const name = here.tagName + " " + (here.innerText || here.getAttribute("aria-label") || here.type || "").slice(0, 30);
    for (let up = 0; here && up < 6; up++, here = here.parentElement) {
        const style = getComputedStyle(here);
        if (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) return [name, true];
    }
    return [name, false];
}"""
MOVING = """() => [...document.querySelectorAll("*")].filter(each => {
    const style = getComputedStyle(each);
    const changes = style.transitionProperty !== "none" && parseFloat(style.transitionDuration) > 0;
    return changes || style.animationName !== "none";
}).map(each => each.className)"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = filled(tmp_path_factory.mktemp("evening") / "store.duckdb", an_evening(40))
    with Store(path) as store:
        take_role(store, INCIDENT.id, ELS, at=NOW)
        shift_note(store, INCIDENT.id, "De sporthal is open.", ELS, at=NOW)
    with serving(path, now=NOW, extra=("--plan", "--known", TOKEN, ELS.who, ELS.role)) as served:
        yield served


@pytest.fixture(scope="module", params=PATHS)
def visit(request: pytest.FixtureRequest, chromium: Browser, address: str) -> Iterator[Page]:
    """Each page once, open for a coordinator, to whom it offers most."""
    with within(chromium) as context:
        known_as(context, address, TOKEN)
        page = opened(context.new_page(), address, request.param)
        if request.param in FRAMED:
            page.get_by_text("Els · ").first.wait_for()
        yield page


def opened(page: Page, address: str, path: str, language: str = "nl") -> Page:
    page.goto(f"{address}/{path}?lang={language}")
    page.wait_for_selector(".stHtml h2, .stHtml h3")
    settled(page)
    return page


def serious(page: Page) -> list[str]:
    """What axe-core calls serious or critical."""
    script = resources.files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    page.evaluate(script)
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES)
    assert found["passes"], "axe looked at nothing"
    return [
        f"{each['impact']} {each['id']}: {node['html'][:200]}"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


def test_axe_finds_nothing_serious_on_any_page_in_the_light_or_in_the_dark(visit: Page):
    assert serious(visit) == []
    visit.emulate_media(color_scheme="dark")
    visit.wait_for_function(
        "parseInt(getComputedStyle(document.querySelector('.stApp')).backgroundColor.slice(4)) < 60"
    )
    settled(visit)
    found = serious(visit)
    visit.emulate_media(color_scheme="light")
    assert found == []


def test_nothing_moves_for_who_asked_for_less_motion(visit: Page):
    visit.emulate_media(reduced_motion="reduce")
    moving = visit.evaluate(MOVING)
    visit.emulate_media(reduced_motion="no-preference")
    assert moving == []


def test_a_page_set_four_times_as_large_needs_no_scrolling_sideways(visit: Page):
    usual = visit.viewport_size
    visit.set_viewport_size({"width": 320, "height": 256})  # 1280 by 1024 at 400 %
    settled(visit)
    beyond = visit.locator(".stMain").evaluate("main => main.scrollWidth - main.clientWidth")
    visit.set_viewport_size(usual or {"width": 1280, "height": 900})
    settled(visit)
    assert beyond <= 0


def test_where_the_keyboard_is_can_be_seen_at_every_stop(visit: Page):
    if urlsplit(visit.url).path == "/wall":
        assert visit.locator(".stMain").locator("a, button, input, textarea, select, summary").count() == 0
        return
    unseen, stops, rounds = [], [], 0
    for _ in range(MOST_STOPS):
        visit.keyboard.press("Tab")
        name, marked = visit.evaluate(SEEN)
        if name.startswith("BODY"):
            rounds += 1
            if rounds == 2:  # where the page has put the keyboard in a field, the first round is short
                break
            continue
        stops.append(name)
        unseen += [] if marked else [name]
    assert len(stops) > 8
    assert unseen == []


@pytest.mark.parametrize("path", [leaf.path for leaf in LEAVES if leaf.needs])
def test_axe_finds_nothing_serious_on_what_is_not_for_you(address: str, path: str, page: Page):
    assert serious(opened(page, address, path)) == []


def test_axe_sees_what_is_wrong(address: str, page: Page):
    opened(page, address, "situation")
    # Beside what the page draws anew by itself.
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=\"data:,\"><button></button>')")
    assert {line.split(" ")[1] for line in serious(page)} == {"image-alt:", "button-name:"}


def test_axe_finds_nothing_serious_in_what_opens(address: str, page: Page):
    opened(page, address, "")
    page.locator(".stExpander summary").first.click()
    page.get_by_role("button", name="Wie bent u?").click()
    page.get_by_text("kijkt mee en beslist niets").wait_for()
    settled(page)
    page.wait_for_function("document.getAnimations().every(each => each.playState !== 'running')")  # it fades in
    assert serious(page) == []


@pytest.mark.parametrize(("path", "language"), [*zip(FRAMED, LANGUAGES, strict=False), ("wall", "fr")])
def test_every_page_says_in_which_language_it_is(address: str, path: str, language: str, page: Page):
    opened(page, address, path, language)
    page.wait_for_function("language => document.documentElement.lang === language", arg=language)
