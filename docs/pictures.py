"""Make the pictures of the docs anew: the demo night on a board of its own, and a browser that walks through it.

    python -m docs.pictures            all of them, in about four minutes
    python -m docs.pictures match wall only those

Needs what `make test` sets up. Nothing outside this machine is asked for; every post in the pictures is invented.
"""

from __future__ import annotations

import io
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from tests.support.browser import NO_BROWSER, chromium, find_chromium, keep_inside

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[1]
INTO = Path(__file__).with_name("pictures")
SPEED = 60
"""Minutes of the night in a minute; it has begun when the board opens."""
UNTIL = 100
"""Minutes on the plan's clock before the first picture."""
PATIENCE = 120_000
LAPTOP, PHONE, WALL = (1280, 820), (390, 800), (1920, 1080)
WIDEST, COLOURS = 1280, 96
ROLES = {"volunteer": 1, "coordinator": 2, "planner": 3, "moderator": 4}


@contextmanager
def night() -> Iterator[str]:
    """The board with the demo night, in English or whatever the address asks; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "helpt", "run", "--quiet", "--demo", "--speed", str(SPEED), "--port", str(port)]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, cwd=folder, env=environment)
        try:
            wait_for(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=30)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until something answers at `port`."""
    end = time.monotonic() + PATIENCE / 1_000
    while process.poll() is None and time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    sys.exit("the board did not start")


def opened(browser: Browser, size: tuple[int, int], *, dark: bool = False) -> Page:
    """A window of this size."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
        timezone_id="Europe/Brussels",
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    keep_inside(context)
    return context.new_page()


def entered(browser: Browser, address: str, name: str, role: str, size: tuple[int, int] = LAPTOP) -> Page:
    """A window of this size, in which somebody said who they are."""
    page = opened(browser, size)
    come_in(page, address, name, role)
    return page


def come_in(page: Page, address: str, name: str, role: str) -> None:
    """Say who one is."""
    page.goto(f"{address}/?lang=en")
    page.locator(".st-key-who button").first.click()
    page.locator(".st-key-who-name input").fill(name)
    page.locator(".st-key-who-role [role=radiogroup] label").nth(ROLES[role]).click()
    page.locator("[data-testid=stFormSubmitButton] button").first.click()
    page.get_by_text(re.compile(f"^{name} · ")).wait_for()
    page.keyboard.press("Escape")


def kept(page: Page, name: str) -> None:
    """Keep what is on the screen, in few colours and at most `WIDEST` wide."""
    page.mouse.move(1, 1)
    page.wait_for_timeout(2_500)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    if picture.width > WIDEST:
        picture = picture.resize((WIDEST, round(picture.height * WIDEST / picture.width)), Image.Resampling.LANCZOS)
    file = INTO / f"{name}.png"
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
    print(f"{file.relative_to(ROOT)}  {file.stat().st_size // 1_000} kB")


def at(page: Page, address: str, path: str, sign: str) -> None:
    """Go to a page and wait until it shows `sign` (a selector)."""
    page.goto(f"{address}/{path}{'&' if '?' in path else '?'}lang=en")
    page.locator(sign).first.wait_for()


def shown(page: Page, address: str, path: str, sign: str, name: str) -> None:
    """Go to a page and keep it as the picture `name` once it shows `sign`."""
    at(page, address, path, sign)
    kept(page, name)


def offers(browser: Browser, address: str) -> None:
    """The first page, before and after one says who one is; an opened card; a phone; the dark."""
    page = opened(browser, LAPTOP)
    shown(page, address, "", "article.card", "offers-watching")
    come_in(page, address, "An", "volunteer")
    page.locator("article.card").first.wait_for()
    kept(page, "offers")
    page.locator(".st-key-turn-view button").click()
    page.locator(".line").first.wait_for()
    kept(page, "offers-list")
    at(page, address, "?kind=bed", "article.card .text")
    first = page.locator("[class*=st-key-card-]", has=page.locator("article.card .text")).first
    names = (first.get_attribute("class") or "").split()
    card = page.locator(f".{next(name for name in names if name.startswith('st-key-card-'))}")  # others come above it
    card.get_by_role("button", name=re.compile("see to this")).click()
    card.get_by_role("button", name="Let go").wait_for()
    card.get_by_role("button", name="Open").click()
    card.get_by_text("Read from these words").wait_for()
    card.scroll_into_view_if_needed()
    page.mouse.move(300, 500)
    card.evaluate("card => card.scrollIntoView({block: 'start'})")
    kept(page, "offer-opened")
    small = entered(browser, address, "Piet", "volunteer", PHONE)
    small.locator("article.card").first.evaluate("card => card.scrollIntoView({block: 'center'})")
    kept(small, "offers-phone")
    night = opened(browser, LAPTOP, dark=True)
    shown(night, address, "", "article.card", "offers-dark")


def match(browser: Browser, address: str) -> None:
    """What fits a request; the texts of a match; what came of it; a phone."""
    page = entered(browser, address, "An", "volunteer")
    at(page, address, "match", "[class*=st-key-waits]")
    asks = page.locator("[class*=st-key-waits] button", has_text=re.compile(r"^Bed · for \d")).first
    asks.click()
    page.locator("[class*=st-key-fit-]").first.wait_for()
    kept(page, "match")
    page.locator("[class*=st-key-fit-]").first.get_by_role("button", name="Match", exact=True).click()
    page.locator(".st-key-just .stCode").first.wait_for()
    kept(page, "match-made")
    small = entered(browser, address, "Piet", "volunteer", PHONE)
    shown(small, address, "match", "[class*=st-key-waits]", "match-phone")


def review(browser: Browser, address: str) -> None:
    """Two that may be one, and what something is."""
    page = entered(browser, address, "Els", "volunteer")
    shown(page, address, "review", ".st-key-review-answers", "review")


def desk(browser: Browser, address: str) -> None:
    """A call, half typed."""
    page = entered(browser, address, "Bob", "volunteer")
    at(page, address, "desk", ".st-key-desk-form")
    for label, said in (("How many", "3"), ("Town", "Genk"), ("Until when", "tomorrow 10:00")):
        page.get_by_label(label, exact=True).fill(said)
        page.keyboard.press("Tab")
    page.get_by_label("Phone or e-mail").fill("0470 00 00 12")
    kept(page, "desk")


def situation(browser: Browser, address: str) -> None:
    """The page to look at and to hand over: its top, its map, its note."""
    page = entered(browser, address, "Chris", "coordinator")
    shown(page, address, "situation", ".part-balance", "situation")
    page.locator(".part-map").first.evaluate("part => part.scrollIntoView({block: 'start'})")
    kept(page, "situation-map")
    page.get_by_label("Note for the next shift").fill(
        "Beds are enough until morning. Interpreters are short: ask for them on the tag."
    )
    page.locator(".st-key-note-form").evaluate("part => part.scrollIntoView({block: 'end'})")
    kept(page, "situation-note")


def playbook(browser: Browser, address: str) -> None:
    """The plan beside the night: what is due, and a message to copy; then its page, right and wrong."""
    page = entered(browser, address, "Pia", "planner")
    task = page.locator("[class*=st-key-task-]", has=page.locator(".why")).first
    task.wait_for()
    task.locator("summary").click()
    task.locator(".stCode").wait_for()
    task.evaluate("task => task.scrollIntoView({block: 'start'})")
    kept(page, "playbook-message")
    shown(page, address, "plan", "textarea", "planner")
    text = page.locator("textarea").first
    text.fill(text.input_value().replace('  version: "1.0"', '  versoin: "1.0"', 1))
    page.keyboard.press("Control+Enter")
    page.get_by_text(re.compile("versoin")).nth(1).wait_for()
    kept(page, "planner-error")


def rest(browser: Browser, address: str) -> None:
    """The pages of moderators, incidents and sources."""
    page = entered(browser, address, "Mo", "moderator")
    shown(page, address, "moderation", ".suspect, .claim, .told", "moderation")
    come_in(page, address, "Chris", "coordinator")
    shown(page, address, "incident", ".st-key-incident-one", "incident")
    shown(page, address, "health", ".source-live", "sources")


def wall(browser: Browser, address: str) -> None:
    """The screen on the wall."""
    page = opened(browser, WALL)
    shown(page, address, "wall", ".st-key-wall .great", "wall")


PARTS: tuple[Callable[[Browser, str], None], ...] = (offers, match, review, desk, situation, playbook, rest, wall)


def main() -> None:
    """Make what was asked for, or all."""
    asked = set(sys.argv[1:]) or {part.__name__ for part in PARTS}
    if not asked <= {part.__name__ for part in PARTS}:
        sys.exit(f"there are: {', '.join(part.__name__ for part in PARTS)}")
    program = find_chromium()
    if program is None:
        sys.exit(NO_BROWSER)
    INTO.mkdir(exist_ok=True)
    with night() as address, chromium(program) as browser:
        begun(browser, address)
        for part in PARTS:
            if part.__name__ in asked:
                part(browser, address)


def begun(browser: Browser, address: str) -> None:
    """Wait until the night is `UNTIL` minutes old."""
    page = opened(browser, LAPTOP)
    at(page, address, "wall", ".st-key-wall")
    page.wait_for_function(
        "([least]) => { const found = document.body.innerText.match(/T\\+(\\d+):(\\d\\d)/);"
        " return found && 60 * +found[1] + +found[2] >= least; }",
        arg=[UNTIL],
        timeout=5 * PATIENCE,
    )
    page.context.close()


if __name__ == "__main__":
    main()
