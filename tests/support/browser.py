"""The browser that tests drive: finding one, fetching one, opening it.

Looks at the machine only when asked. Tests never fetch anything; `make` does, once, by running this module.
"""

from __future__ import annotations

import ipaddress
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dashboard.visitors import COOKIE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
VARIABLE = "HELPT_CHROMIUM"
NO_BROWSER = (
    f"no Chromium: install one (Debian: apt install chromium), say where it is in {VARIABLE}, "
    "or run `playwright install chromium`"
)
FETCH_SECONDS = 600
PATIENCE = 60_000
"""Milliseconds after which a page will not be put together any more: a busy machine is given all of them."""
TRIES = 4
"""How often `until` does a deed before it gives up; they share `PATIENCE`."""
SETTLED = """quiet => {
    if (!window.lastChange) {
        window.lastChange = performance.now();
        new MutationObserver(() => { window.lastChange = performance.now(); })
            .observe(document.body, {subtree: true, childList: true, characterData: true});
    }
    return document.querySelector(".stApp")?.dataset.testScriptState === "notRunning"
        && !document.querySelector("[data-stale=true]")
        && performance.now() - window.lastChange >= quiet;
}"""
"""Not async: Playwright takes the first promise for a yes, whatever becomes of it."""
QUIET = 250
"""Milliseconds without a change after which nothing more is to come: Streamlit says that a script has ended, puts what it drew
last on the page some time after that, and only then hears its keys."""


def find_chromium() -> Path | None:
    """Give the Chromium to drive: the one named in HELPT_CHROMIUM, else one on the PATH, else Playwright's own.

    Raises FileNotFoundError when HELPT_CHROMIUM names something that cannot be run: a wish that is not met in silence.
    """
    if wished := os.environ.get(VARIABLE):
        if found := shutil.which(wished):
            return Path(found)
        raise FileNotFoundError(f"{VARIABLE} is {wished!r}, which is no program that can be run")
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    return own if own.exists() else None


def fetch_chromium() -> bool:
    """Have Playwright download its Chromium; False when it could not."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "playwright", "install", "chromium"],
            timeout=FETCH_SECONDS,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


@contextmanager
def chromium(executable: Path) -> Iterator[Browser]:
    """Open `executable` without a window, and close it afterwards."""
    from playwright.sync_api import sync_playwright

    # Chromium refuses its sandbox to root, and containers have a small /dev/shm.
    arguments = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


def keep_inside(context: BrowserContext) -> list[str]:
    """Let pages of `context` reach loopback alone; give the list that fills with what they asked for beyond it."""
    beyond: list[str] = []

    def judge(route: Route) -> None:
        if is_inside(route.request.url):
            route.continue_()
        else:
            beyond.append(route.request.url)
            route.abort()

    context.route("**/*", judge)
    return beyond


def known_as(context: BrowserContext, address: str, token: str) -> None:
    """Have pages of `context` known to the board at `address` by `token`, one that it was started with."""
    context.add_cookies([{"name": COOKIE, "value": token, "url": address}])


def settled(page: Page) -> None:
    """Wait until `page` is put together: its script has ended, all that was to go has gone, nothing changes any more.

    First wait for what the last deed brings: between a click and the script that answers it the page is settled too.
    """
    page.wait_for_function(SETTLED, arg=QUIET, timeout=PATIENCE)


def open_board(page: Page, address: str) -> None:
    """Open the first page of the board at `address`, drawn to its end."""
    page.goto(address)
    page.wait_for_selector("article.card")
    settled(page)


def open_as(page: Page, address: str, path: str, token: str) -> None:
    """Open the page at `path` as who comes with `token`, drawn to its end."""
    known_as(page.context, address, token)
    page.goto(f"{address}/{path}")
    page.wait_for_selector(".st-key-nav")
    settled(page)


def press(page: Page, key: str) -> None:
    """Press `key` once `page` is settled: pressed earlier, it goes nowhere or to what is about to be replaced."""
    settled(page)
    page.keyboard.press(key)


def until(deed: Callable[[], object], seen: Locator) -> None:
    """Do `deed` until `seen` is there: what meets a page being redrawn may be lost, and a person does it again.

    For deeds that do no harm when the first was only slow.
    """
    from playwright.sync_api import TimeoutError as TooLate

    for _ in range(TRIES):
        deed()
        with suppress(TooLate):
            seen.wait_for(timeout=PATIENCE / TRIES)
            return
    raise AssertionError(f"{seen} did not come")


def read_aloud(page: Page) -> str:
    """What `page` says, for the report of a test that failed on it."""
    from playwright.sync_api import Error

    try:  # in bounded time, also where the page hangs
        state = page.locator(".stApp").get_attribute("data-test-script-state", timeout=5000)
        return f"script: {state}\n{page.locator('body').inner_text(timeout=5000)}"
    except Error as error:
        return f"cannot be read: {error}"


def is_inside(url: str) -> bool:
    """Whether `url` can be loaded without leaving this machine."""
    parts = urlsplit(url)
    if parts.scheme in ("data", "blob", "about"):
        return True
    host = parts.hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def main() -> None:
    """Say which Chromium the tests will use, fetching one if there is none."""
    try:
        found = find_chromium()
        if found is None:
            print("No Chromium found; asking Playwright to fetch its own.")
            found = find_chromium() if fetch_chromium() else None
    except FileNotFoundError as absent:
        print(f"Tests that drive a browser will fail: {absent}")
        return
    print(
        f"Tests that drive a browser use {found}"
        if found
        else f"Tests that drive a browser will be skipped: {NO_BROWSER}"
    )


if __name__ == "__main__":
    main()
