"""The board in a real browser: it lives, keeps its place, pauses, speaks four languages and takes posts for text.

Every test here also fails when the page asks for anything beyond loopback (the fixture `context`).
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.board_server import health, serving
from tests.support.boards import START, an_evening, bed, copy, feed, filled, post
from tests.support.browser import open_board, press, settled

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Dialog, Page

NOW = START + timedelta(minutes=75)
ARRIVAL = 60_000
"""Milliseconds in which what was fed must be on the screen: two looks at the store, on a slow machine."""
TRICKS = (
    "<script>document.title='taken'</script>",
    "<img src=https://evil.example/x.png onerror=document.title='taken'>",
    "![x](https://evil.example/x.png) [klik](javascript:document.title='taken')",
    "$\\frac{a}{b}$ :smile: :red[rood] :material/home: `code` **vet** # kop",
    "</p></article><style>body{display:none}</style><iframe src=https://evil.example></iframe>",
    "\u202e6543 0740\u202c \u2066",
    "=HYPERLINK(1) {{7*7}} ${7*7} {0.__class__}",
    "einde" + "\n" * 10_000 + "van de muur",
)


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = filled(tmp_path_factory.mktemp("evening") / "store.duckdb", an_evening(60))
    with serving(store, now=NOW, extra=("--plan",)) as address:
        yield address


@pytest.fixture
def live(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A board that starts with three offers, and the file through which more come in."""
    file = tmp_path / "feed.ndjson"
    file.touch()
    store = filled(tmp_path / "store.duckdb", [bed(n, minute=n, town="Genk") for n in range(1, 4)])
    with serving(store, now=NOW, extra=("--feed", str(file))) as address:
        yield address, file


def test_offers_and_their_repetitions_arrive_by_themselves(live: tuple[str, Path], page: Page):
    address, file = live
    open_board(page, address)
    new = bed(50, minute=70, places=4, town="Bilzen")
    feed(file, [new])
    card = page.locator("article.card", has_text="Bilzen")
    card.wait_for(timeout=ARRIVAL)
    assert "4 plaatsen" in card.inner_text()
    assert page.locator("article.card").first.inner_text() == card.inner_text(), "the newest stands first"
    feed(file, [copy(51, new, minute=71), copy(52, new, minute=72, network="bluesky")])
    page.locator("article.card", has_text=re.compile("Bilzen.*3× gezien op 2 netwerken", re.DOTALL)).wait_for(
        timeout=ARRIVAL
    )
    assert page.locator("article.card").count() == 4


def test_what_a_viewer_opened_typed_and_scrolled_to_stays_when_posts_arrive(live: tuple[str, Path], page: Page):
    address, file = live
    page.set_viewport_size({"width": 1280, "height": 500})
    feed(file, [copy(60 + n, bed(1, minute=1, town="Genk"), minute=9 + n) for n in range(2)])
    open_board(page, address)
    three = page.locator("[class*=st-key-card-]", has_text="3× gezien")
    three.wait_for(timeout=ARRIVAL)
    name = three.get_attribute("class") or ""
    watched = page.locator("." + re.findall(r"st-key-card-\w+", name)[0])
    watched.locator("summary").click(timeout=ARRIVAL)
    watched.locator(".members li").first.wait_for()
    watched.scroll_into_view_if_needed()
    before = watched.bounding_box()
    page.get_by_label("Zoeken in de tekst").press_sequentially("hon", delay=10)
    page.evaluate("document.activeElement.dataset.watched = 'yes'")
    feed(file, [bed(80 + n, minute=60 + n, town="Bilzen") for n in range(4)])
    feed(file, [copy(90, bed(1, minute=1, town="Genk"), minute=66)])
    page.locator("article.card", has_text="Bilzen").first.wait_for(timeout=ARRIVAL)
    watched.locator(".members li").nth(3).wait_for(timeout=ARRIVAL)
    assert watched.locator("details[open]").count() == 1
    assert page.get_by_label("Zoeken in de tekst").input_value() == "hon"
    assert page.evaluate("document.activeElement.dataset.watched") == "yes", "the cursor is where it was"
    after = watched.bounding_box()
    assert before
    assert after
    moved = after["y"] - before["y"]
    scrolled = page.evaluate("document.querySelector('.stMain').scrollTop")
    assert moved >= 0 or scrolled > 0


def test_no_card_ever_shows_what_belongs_to_another(live: tuple[str, Path], page: Page):
    address, file = live
    feed(file, [copy(60 + n, bed(n, minute=n, town="Genk"), minute=9 + n) for n in range(1, 4)])
    open_board(page, address)
    page.locator(".st-key-cards summary").nth(2).wait_for(timeout=ARRIVAL)
    feed(file, [bed(50 + n, minute=60 + n, town="Bilzen") for n in range(2)])
    page.locator("article.card", has_text="Bilzen").nth(1).wait_for(timeout=ARRIVAL)
    settled(page)
    for card in page.locator(".st-key-cards > div", has=page.locator("article", has_text="Bilzen")).all():
        assert card.locator("summary").count() == 0, "seen once, there is nothing to explain"


def test_a_paused_page_stands_still_until_it_is_let_go(live: tuple[str, Path], page: Page):
    address, file = live
    open_board(page, address)
    page.get_by_text("Bijwerken pauzeren").click()
    page.get_by_text("Stilgezet om 19:30").wait_for()
    feed(file, [bed(50, minute=70, town="Bilzen")])
    deadline = time.monotonic() + 60
    while health(address)[1]["last_batch_age_s"] > 10:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    page.wait_for_timeout(7_000)
    assert page.locator("article.card", has_text="Bilzen").count() == 0
    page.get_by_text("Bijwerken pauzeren").click()
    page.locator("article.card", has_text="Bilzen").wait_for(timeout=ARRIVAL)


def test_why_posts_are_one_opens_with_a_reason_for_each(evening: str, page: Page):
    open_board(page, evening)
    page.locator(".st-key-cards > div", has_text="5× gezien").first.locator("summary").click()
    page.locator(".members li").first.wait_for()
    reasons = page.locator(".members .reason").all_inner_texts()
    assert len(reasons) == 5
    assert reasons[0] == "het eerste bericht"
    assert all(reasons)


def test_an_opened_card_shows_its_town_on_a_map_and_names_it(evening: str, page: Page):
    open_board(page, evening)
    card = page.locator("[class*=st-key-card-]").first
    card.get_by_role("button", name="Openen").click()
    drawn = card.locator(".land.thumbnail")
    drawn.wait_for()
    town = drawn.locator(".town").inner_text()
    assert drawn.locator("figcaption").inner_text().startswith(f"{town}: het midden, nooit het huis.")
    assert town in card.locator("article.card").inner_text()
    middle = drawn.locator("i").evaluate(
        "disc => { const at = disc.getBoundingClientRect(), ground = disc.parentElement.getBoundingClientRect();"
        " return (at.x + at.width / 2 - ground.x) / ground.width }"
    )
    assert middle == pytest.approx(0.5, abs=0.02)
    assert drawn.locator(".landmark").count() >= 1


def test_filters_live_in_the_address_and_survive_a_reload(evening: str, page: Page):
    open_board(page, evening)
    page.locator(".st-key-show").get_by_text("Vragen", exact=True).click()
    page.locator("h2", has_text="12 vragen").wait_for()
    page.get_by_label("Zoeken in de tekst").fill("Genk")
    press(page, "Enter")
    page.locator("h2", has_text=re.compile(r"^\d vragen$")).wait_for()
    page.wait_for_url(re.compile("words=Genk"))
    as_many_cards = (
        "document.querySelectorAll('article.card').length === parseInt(document.querySelector('#offers')?.innerText)"
    )
    page.wait_for_function(as_many_cards)
    page.reload()
    page.locator("h2", has_text=re.compile(r"^\d vragen$")).wait_for()
    page.wait_for_function(as_many_cards)
    page.wait_for_function("document.querySelector('.st-key-words input')?.value === 'Genk'")


def test_a_phone_shows_offers_at_once_and_keeps_the_filters_behind_a_button_that_names_them(evening: str, page: Page):
    page.set_viewport_size({"width": 390, "height": 800})
    open_board(page, evening)
    box = page.locator("article.card").first.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 800, "the first offer stands on the first screen"
    near = page.get_by_label("Dicht bij")
    assert not near.is_visible()
    page.get_by_role("button", name="Filteren en zoeken").click()
    near.click()
    page.get_by_role("option", name="Genk").click()
    page.wait_for_url(re.compile("near=Genk"))
    page.get_by_role("button", name="bij Genk").click()
    near.wait_for(state="hidden")
    page.wait_for_function("document.querySelector('article.card .far')?.innerText === '0 km'")
    far = [int(text.split()[0]) for text in page.locator("article.card .far").all_inner_texts()]
    assert far == sorted(far)
    assert far[-1] > 0
    page.reload()
    page.wait_for_selector("article.card .far")
    page.set_viewport_size({"width": 1440, "height": 900})
    near.wait_for(state="visible")
    assert not page.get_by_role("button", name="bij Genk").is_visible()


def test_filters_say_what_they_let_through_when_nothing_is_chosen(evening: str, page: Page):
    open_board(page, evening)
    for name, every in (
        ("Soort", "alle soorten"),
        ("Plaats", "alle plaatsen"),
        ("Dicht bij", "overal"),
        ("Stand", "alles"),
    ):
        page.get_by_label(name, exact=True).click()
        assert page.get_by_role("option").first.inner_text() == every
        press(page, "Escape")


def test_every_page_of_the_list_is_within_reach(evening: str, page: Page):
    open_board(page, evening)
    first = page.locator("article.card").first.inner_text()
    page.locator(".st-key-heading").get_by_role("button", name=re.compile("3|Page 3")).click()
    page.wait_for_function("text => document.querySelector('article.card').innerText !== text", arg=first)
    page.wait_for_url(re.compile("page=3"))
    page.wait_for_function("document.querySelectorAll('article.card').length === 12")


@pytest.mark.parametrize(
    ("button", "language", "word"), [("FR", "fr", "Offres"), ("DE", "de", "Angebote"), ("EN", "en", "Offers")]
)
def test_the_page_changes_its_language_for_readers_and_screen_readers(
    evening: str, page: Page, button: str, language: str, word: str
):
    open_board(page, evening)
    page.wait_for_function("document.documentElement.lang === 'nl'")
    page.get_by_text(button, exact=True).click()
    page.locator(".st-key-show").get_by_text(word, exact=True).wait_for()
    page.wait_for_function("language => document.documentElement.lang === language", arg=language)
    page.get_by_role("status").get_by_text(word).wait_for()
    page.reload()
    page.wait_for_function("language => document.documentElement.lang === language", arg=language)
    page.locator("article.card").first.wait_for()


def test_hostile_posts_stay_text(tmp_path: Path, page: Page):
    posts = [
        replace(post(n, f"Welkom bij ons: 2 slaapplaatsen vrij in Genk {trick}", minute=n), url=url)
        for n, (trick, url) in enumerate(
            zip(TRICKS, ["javascript:alert(1)", 'https://x.example/"><b>'] * 4, strict=True)
        )
    ]
    dialogs: list[str] = []

    def note(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    with serving(filled(tmp_path / "store.duckdb", posts), now=NOW) as address:
        open_board(page, address)
        page.wait_for_timeout(500)  # what a trick would do, it would have done
        assert page.locator("article.card").count() == len(TRICKS)
        said = page.locator(".st-key-cards").inner_text()
        assert (
            page.locator(".st-key-cards").locator("script, img, iframe, style, b, svg:not(.stExpander svg)").count()
            == 0
        )
        links = [link.get_attribute("href") or "" for link in page.locator(".st-key-cards a").all()]
        assert [link[:18] for link in links] == ["https://x.example/"] * 4, "and the others may not be followed"
        assert max(box["height"] for card in page.locator("article.card").all() if (box := card.bounding_box())) < 300
    assert dialogs == []
    assert "taken" not in page.title()
    assert "<script>document.title='taken'</script>" in said
    assert "**vet** # kop" in said
    assert ":smile:" in said
    assert "{{7*7}}" in said
    assert "\u202e" not in said


def test_a_link_names_its_host_and_opens_without_a_way_back(evening: str, page: Page):
    open_board(page, evening)
    link = page.locator("article.card a").first
    assert re.search(r"Bericht openen op \w+\.example", link.inner_text())
    assert link.get_attribute("target") == "_blank"
    assert "noopener" in (link.get_attribute("rel") or "")


def test_a_text_of_the_plan_is_filled_in_and_can_be_copied(evening: str, page: Page):
    open_board(page, evening)
    page.locator(".st-key-plan summary", has_text="Tekst om te versturen").first.click()
    block = page.locator(".st-key-plan .stCode").first
    block.wait_for()
    assert "{" not in block.inner_text()
    block.hover()
    block.locator("button").wait_for()


def test_the_plot_is_drawn_and_told_in_a_table(evening: str, page: Page):
    open_board(page, evening)
    page.locator(".stVegaLiteChart canvas, .stVegaLiteChart svg").first.wait_for()
    assert page.locator(".stVegaLiteChart").count() == 2
    page.get_by_text("Als tabel").click()
    page.locator("table.series").wait_for()
    assert page.locator("table.series th[scope=col]").count() == 4


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1440, 900), (2560, 1440)])
def test_nothing_sticks_out_sideways_from_a_phone_to_a_wall(evening: str, page: Page, width: int, height: int):
    page.set_viewport_size({"width": width, "height": height})
    open_board(page, evening)
    main = page.locator(".stMain")
    assert main.evaluate("element => element.scrollWidth - element.clientWidth") <= 0
    right = [box["x"] + box["width"] for card in page.locator("article.card").all() if (box := card.bounding_box())]
    assert max(right) <= width


def test_it_is_dark_for_who_asked_for_dark(evening: str, chromium, page: Page):
    page.emulate_media(color_scheme="dark")
    open_board(page, evening)
    shade = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    assert sum(map(int, re.findall(r"\d+", shade)[:3])) < 150
    card = page.evaluate("getComputedStyle(document.querySelector('[class*=st-key-card-]')).backgroundColor")
    assert sum(map(int, re.findall(r"\d+", card)[:3])) < 150, "the board's own colours follow"


def test_two_viewers_watch_the_same_board(live: tuple[str, Path], context: BrowserContext):
    address, file = live
    pages = [context.new_page(), context.new_page()]
    for one in pages:
        open_board(one, address)
    feed(file, [bed(50, minute=70, town="Bilzen")])
    for one in pages:
        one.locator("article.card", has_text="Bilzen").wait_for(timeout=ARRIVAL)


def test_the_server_tells_its_health_and_stops_when_told(tmp_path: Path):
    with serving(filled(tmp_path / "store.duckdb", an_evening(2)), now=NOW) as address:
        assert health(address)[1]["status"] == "ok"
        told = time.monotonic()
    assert time.monotonic() - told < 10


def test_on_a_phone_the_pages_stand_in_one_row_that_begins_where_one_is_and_follows_the_keyboard(
    evening: str, page: Page
):
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{evening}/health")
    row = page.locator(".st-key-nav")
    row.locator('a[aria-current="page"]').wait_for()
    assert row.locator('a[aria-current="page"]').inner_text() == "Bronnen"
    assert row.evaluate("row => row.offsetHeight") < 60
    page.wait_for_function("document.querySelector('.st-key-nav').scrollLeft > 0")
    within = """link => { const at = link.getBoundingClientRect(), row = link.closest(".st-key-nav").getBoundingClientRect();
        return at.left >= row.left && at.right <= row.right - 16; }"""
    assert row.locator('a[aria-current="page"]').evaluate(within)
    links = row.get_by_role("link")
    links.first.focus()
    for number in range(links.count()):
        assert links.nth(number).evaluate("link => link === document.activeElement")
        assert links.nth(number).evaluate(within), number
        page.keyboard.press("Tab")
    assert page.locator(".stMain").evaluate("main => main.scrollWidth - main.clientWidth") <= 0
