"""The page of the sources in a real browser, while helpt collects from loopback networks: seen, paused, resumed, widened."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.board_server import health, serving
from tests.support.boards import START, filled
from tests.support.browser import press, settled
from tests.support.jetstream import JetstreamServer, post
from tests.support.mastodon import MastodonFake, mastodon_server
from tests.support.waiting import until
from tests.test_collect import closed_port, configured, ended, publish, started

if TYPE_CHECKING:
    from playwright.sync_api import Dialog, Page

PATIENCE = 60_000
"""Milliseconds in which what was ordered must be done and shown: two looks of the collectors, two of the page."""
HOSTILE = (
    "<script>document.title='taken'</script><img src=https://evil.example/x.png onerror=document.title='taken'> "
    "**vet** [klik](javascript:document.title='taken') $x$ :smile: =HYPERLINK(1) {0.__class__} \u202egpj.exe\u202c einde"
)


@pytest.fixture
def stream() -> Iterator[JetstreamServer]:
    with JetstreamServer() as server:
        yield server


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[MastodonFake]:
    with mastodon_server() as opened:
        opened.feeds = getattr(request, "param", None)
        yield opened


@pytest.fixture
def address(tmp_path: Path, stream: JetstreamServer, server: MastodonFake) -> Iterator[str]:
    """A board whose process collects from both networks."""
    configured(tmp_path, stream.url, server.address)
    port = closed_port()
    process = started(tmp_path, "run", "-q", "--port", str(port))
    try:
        until(lambda: answers(f"http://127.0.0.1:{port}") or process.poll() is not None)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        code, _, complaint = ended(process)
    assert (code, "Traceback" in complaint) == (0, False), complaint


def answers(address: str) -> bool:
    try:
        return health(address)[0] in (200, 503)
    except OSError:
        return False


def states(address: str, source: str) -> set[str]:
    return {line["state"] for line in health(address)[1]["sources"] if line["source"] == source}


def sees(page: Page, text: str) -> None:
    page.get_by_text(text).first.wait_for(timeout=PATIENCE)


def open_page(page: Page, address: str, **more: str) -> None:
    """The page as a coordinator sees it, who may pause sources and add spellings."""
    page.goto(f"{address}/health")
    page.get_by_role("button", name="Wie bent u?").click()
    page.get_by_label("Naam").fill("Chris")
    page.get_by_text("Coördinator", exact=True).click()
    page.get_by_label("Naam").press("Enter")
    page.get_by_role("button", name=re.compile("Chris")).wait_for()
    page.locator("article.source:visible, .note:visible").first.wait_for()


@pytest.mark.slow
def test_the_page_tells_by_itself_what_comes_in(
    address: str, stream: JetstreamServer, server: MastodonFake, page: Page
):
    open_page(page, address)
    sees(page, "Bluesky live")
    sees(page, "Mastodon live")
    sees(page, "X uit")
    assert "nog geen bericht" in page.locator(".st-key-source-bluesky").inner_text()
    stream.put(*(post("an", str(n), f"bed {n} #hasselthelpt") for n in range(7)))
    publish(server, 1)
    page.locator(".st-key-source-bluesky", has_text=re.compile(r"laatste bericht \d+ s geleden")).wait_for(
        timeout=PATIENCE
    )
    sees(page, "8 nieuwe berichten, 0 mislukte vragen")
    page.locator(".stVegaLiteChart canvas, .stVegaLiteChart svg").first.wait_for()
    page.get_by_role("link", name="Aanbod en vragen").click()
    page.locator(".sources", has_text="Bluesky live").wait_for()
    assert "X uit" in page.locator(".sources").inner_text()


@pytest.mark.slow
def test_a_source_is_paused_and_resumed_by_click_and_nothing_is_lost(address: str, stream: JetstreamServer, page: Page):
    open_page(page, address)
    sees(page, "Bluesky live")
    page.get_by_role("button", name="Bluesky pauzeren").click()
    sees(page, "Wordt gepauzeerd")
    sees(page, "Bluesky gepauzeerd")
    sees(page, "Iemand pauzeerde deze bron om")
    assert states(address, "bluesky") == {"paused"}
    assert states(address, "mastodon") != {"paused"}
    stream.put(post("an", "1", "bed #hasselthelpt"))
    page.wait_for_timeout(3_000)
    assert "nog geen bericht" in page.locator(".st-key-source-bluesky").inner_text()
    page.get_by_role("button", name="Bluesky hervatten").click()
    page.locator(".st-key-source-bluesky", has_text=re.compile(r"live.*laatste bericht \d", re.DOTALL)).wait_for(
        timeout=PATIENCE
    )


@pytest.mark.slow
@pytest.mark.parametrize("server", [{"local": "authenticated", "remote": "authenticated"}], indirect=True)
def test_a_stopped_source_says_what_to_do_and_is_asked_again_once_that_is_done(
    address: str, server: MastodonFake, page: Page
):
    open_page(page, address)
    sees(page, "Mastodon gestopt")
    card = page.locator(".st-key-source-mastodon")
    assert "Dit lost zichzelf niet op" in card.inner_text()
    assert "HELPT_MASTODON_TOKEN" in card.locator(".sentence[lang=en]").first.inner_text()
    server.feeds = None
    page.get_by_role("button", name="Mastodon opnieuw proberen").click()
    sees(page, "Mastodon live")


@pytest.mark.slow
def test_a_spelling_that_is_added_is_watched_and_fetched_back(address: str, stream: JetstreamServer, page: Page):
    open_page(page, address)
    sees(page, "Bluesky live")
    stream.put(post("an", "1", "bed #hasselhelpt"))
    page.get_by_label("Nog een spelling volgen").fill("hasselhelpt")
    page.get_by_label("Nog een spelling volgen").press("Enter")
    sees(page, "#hasselhelpt wordt gevolgd")
    page.locator(".st-key-source-bluesky", has_text=re.compile(r"laatste bericht \d")).wait_for(timeout=PATIENCE)


# With sources that fare as a test says


def test_everything_is_within_reach_of_the_keyboard_and_the_focus_stays_when_the_page_updates(
    tmp_path: Path, page: Page
):
    lines = tmp_path / "lines.json"
    told = {"source": "bluesky", "query": "jetstream storm", "behind": 12.0}
    lines.write_text(json.dumps([told, told | {"query": "search"}]), encoding="utf-8")
    with serving(filled(tmp_path / "store.duckdb", []), now=START, extra=("--lines", str(lines))) as address:
        open_page(page, address)
        sees(page, "Bluesky live, 12 s achter")
        reached: list[str] = []
        settled(page)
        for _ in range(30):
            page.keyboard.press("Tab")
            reached.append(
                page.evaluate("document.activeElement.innerText || document.activeElement.ariaLabel || ''").strip()
            )
            if reached[-1] == "Bluesky pauzeren":
                break
        assert reached[-1] == "Bluesky pauzeren"
        assert "Aanbod en vragen" in reached
        at = page.locator("h2 .note").first.inner_text()
        page.wait_for_function("at => document.querySelector('h2 .note').innerText !== at", arg=at, timeout=PATIENCE)
        assert page.evaluate("document.activeElement.innerText") == "Bluesky pauzeren"
        press(page, "Enter")
        sees(page, "Wordt gepauzeerd")
        press(page, "Tab")
        press(page, "Enter")
        page.locator("table.parts th[scope=row]").first.wait_for()


def test_hostile_sentences_stay_text(tmp_path: Path, page: Page):
    lines = tmp_path / "lines.json"
    told = {"source": "mastodon", "query": HOSTILE, "state": "stopped", "sentence": HOSTILE}
    lines.write_text(json.dumps([told, told | {"query": "two.example", "notice": HOSTILE * 50}]), encoding="utf-8")
    dialogs: list[str] = []

    def note(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    with serving(filled(tmp_path / "store.duckdb", []), now=START, extra=("--lines", str(lines))) as address:
        open_page(page, address)
        card = page.locator(".st-key-source-mastodon")
        card.locator("summary").click()
        card.locator("table.parts").wait_for()
        settled(page)
        page.wait_for_timeout(500)  # what a trick would do, it would have done
        said = card.inner_text()
        assert card.locator("script, img, iframe, style, b, a").count() == 0
        assert page.locator(".stMain").evaluate("element => element.scrollWidth - element.clientWidth") <= 0
    assert (dialogs, "taken" in page.title()) == ([], False)
    assert "<script>document.title='taken'</script><img" in said
    assert "**vet** [klik](javascript:" in said
    assert "=HYPERLINK(1) {0.__class__} gpj.exe einde" in said
    assert "\u202e" not in said


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_sticks_out_and_a_source_that_is_removed_goes_by_itself(tmp_path: Path, page: Page, width: int):
    lines = tmp_path / "lines.json"
    long = "x" * 500
    told = [
        {"source": "mastodon", "query": f"{long}.example", "state": "stopped", "sentence": long},
        {"source": "x", "query": "search"},
    ]
    lines.write_text(json.dumps(told), encoding="utf-8")
    page.set_viewport_size({"width": width, "height": 844})
    with serving(filled(tmp_path / "store.duckdb", []), now=START, extra=("--lines", str(lines))) as address:
        open_page(page, address)
        sees(page, "Mastodon gestopt")
        assert page.locator(".stMain").evaluate("element => element.scrollWidth - element.clientWidth") <= 0
        lines.write_text(json.dumps(told[1:]), encoding="utf-8")
        page.locator(".st-key-source-mastodon").wait_for(state="detached", timeout=PATIENCE)
        page.get_by_role("button", name="X pauzeren").wait_for()
        lines.write_text("[]", encoding="utf-8")
        sees(page, "Er wordt niets gevolgd")
