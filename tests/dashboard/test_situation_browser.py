"""The situation and the wall in a real browser: a shift is handed over, printed, and read from across the room."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.board_server import serving
from tests.support.boards import START, an_evening, bed, feed, filled

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

NOW = START + timedelta(minutes=75)
PATIENCE = 60_000
"""Milliseconds in which the page has drawn itself anew: it does so every 21 s."""
FITS = """() => {
    const wall = document.querySelector(".st-key-wall");
    const letters = [...wall.querySelectorAll(".stHtml *")].filter(each => each.textContent.trim() && !each.children.length);
    return {
        tall: wall.scrollHeight - innerHeight, wide: document.querySelector(".stMain").scrollWidth - innerWidth,
        lines: Math.max(...[...wall.querySelectorAll(".great span")].map(each => each.getBoundingClientRect().height
            / parseFloat(getComputedStyle(each).lineHeight))),
        least: Math.min(...letters.map(each => parseFloat(getComputedStyle(each).fontSize))),
        over: wall.querySelector(".halves table").getBoundingClientRect().right
            - wall.querySelector(".halves > div").getBoundingClientRect().left,
        cut: letters.filter(each => each.getBoundingClientRect().right > innerWidth).length,
    };
}"""


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = filled(tmp_path_factory.mktemp("evening") / "store.duckdb", an_evening(60))
    with serving(store, now=NOW, extra=("--plan",)) as address:
        yield address


def come_in(page: Page, name: str, role: str) -> None:
    page.get_by_role("button", name="Wie bent u?").click()
    page.get_by_label("Naam").fill(name)
    page.get_by_text(role, exact=True).click()
    page.get_by_label("Naam").press("Enter")
    page.get_by_role("button", name=re.compile(name)).wait_for()


def test_a_shift_is_handed_over(evening: str, context: BrowserContext):
    next_shift = context.browser.new_context().new_page()  # type: ignore[union-attr]
    next_shift.goto(f"{evening}/situation")
    next_shift.wait_for_selector(".part-shift")
    going = context.new_page()
    going.goto(f"{evening}/situation")
    going.wait_for_selector(".part-shift")
    come_in(going, "Els", "Coördinator")
    going.get_by_role("textbox", name="Nota voor de volgende ploeg").fill(
        "Sporthal Alken is open.\nBel 0470 00 00 01 voor bedden."
    )
    going.get_by_role("button", name="Nota bewaren").click()
    going.get_by_role("status").get_by_text("Bewaard").wait_for()
    note = next_shift.locator(".part-shift li", has_text="Sporthal Alken is open.")
    note.wait_for(timeout=PATIENCE)
    assert "Els · Coördinator" in note.inner_text()
    assert "0470" not in note.inner_text()
    assert "Els" in next_shift.locator(".part-people").inner_text()
    assert "Sinds 19:30" in next_shift.locator(".part-since").inner_text()
    next_shift.context.close()


def test_it_prints_on_two_pages_in_the_light_without_anything_to_press(
    evening: str, context: BrowserContext, tmp_path: Path
):
    context.add_init_script("window.printed = 0; window.print = () => { window.printed += 1; };")
    page = context.new_page()
    page.emulate_media(color_scheme="dark")
    page.goto(f"{evening}/situation")
    page.wait_for_selector("table.towns")
    for times in (1, 2):
        page.get_by_role("button", name="Afdrukken").click()
        page.wait_for_function("times => window.printed === times", arg=times)
    page.emulate_media(media="print")
    for name in ("Afdrukken", "Nota bewaren"):
        assert (
            page.get_by_role("button", name=name).count() == 0 or not page.get_by_role("button", name=name).is_visible()
        )
    assert not page.locator(".st-key-nav").is_visible()
    assert page.locator(".paper table").is_visible()
    shade = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    assert shade == "rgb(255, 255, 255)"
    page.pdf(path=tmp_path / "situation.pdf", prefer_css_page_size=True)
    pages = re.findall(rb"/Type\s*/Page\b(?!s)", (tmp_path / "situation.pdf").read_bytes())
    assert 1 <= len(pages) <= 2


def test_the_map_is_drawn_here_and_the_table_says_the_same(evening: str, page: Page):
    page.goto(f"{evening}/situation")
    page.wait_for_selector(".land .town")
    ground = page.locator(".land .ground")
    assert ground.get_attribute("aria-hidden") == "true"
    assert (ground.locator("img").get_attribute("src") or "").startswith("data:image/svg+xml")
    assert ground.locator("img").evaluate("image => image.complete && image.naturalWidth > 0")
    named = {spot.inner_text().split(" ")[0] for spot in ground.locator(".town").all()}
    table = page.locator("table.towns").inner_text()
    assert named
    assert all(name in table for name in named)


@pytest.mark.parametrize("language", ["nl", "fr", "de", "en"])
@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (2560, 1440)])
def test_the_wall_fits_its_screen_in_letters_to_be_read_from_four_metres(
    evening: str, page: Page, width: int, height: int, language: str
):
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{evening}/wall?lang={language}")
    page.wait_for_selector(".st-key-wall table")
    found = page.evaluate(FITS)
    assert found["tall"] <= 0
    assert found["wide"] <= 0
    assert found["cut"] == 0
    assert found["over"] <= 0
    assert found["least"] >= 0.041 * height
    assert found["lines"] < 1.5, "the words under a figure stand on one line"


def test_the_wall_follows_by_itself(tmp_path: Path, page: Page):
    file = tmp_path / "feed.ndjson"
    file.touch()
    store = filled(tmp_path / "store.duckdb", [bed(1, minute=1, town="Genk")])
    with serving(store, now=NOW, extra=("--feed", str(file), "--plan")) as address:
        page.goto(f"{address}/wall")
        page.wait_for_selector(".st-key-wall table")
        feed(file, [bed(50, minute=70, town="Bilzen", places=4)])
        page.locator(".st-key-wall li", has_text="Bilzen").wait_for(timeout=PATIENCE)
        assert "× 4" in page.locator(".st-key-wall li", has_text="Bilzen").inner_text()
