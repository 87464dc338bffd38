"""The board as its viewers meet it: the first offer card in a browser, many viewers at once, and a post on its way.

Owns the board as a process of its own (`helpt run`) on a copy of a store, what is asked of it, and the clock. What a
viewer says to the server is in `benchmarks.viewers`. Needs a Chromium for the first and the last of the three.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from benchmarks.prepare import Say
from benchmarks.process import python
from benchmarks.viewers import Waits, watch
from dedupe.store import Store
from tests.support.board_server import wait_until_well
from tests.support.browser import chromium, find_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

STARTS, PAINTS = 3, 7
"""How often the board is started for a first visitor, and how many come after the last of these."""
RATE = 100
"""Posts a second on the network, while it is measured how long each takes to the screen."""
BESIDE = 10
"""Posts a second that are collected while many look: 600 a minute."""
SETTLED = 3.0
"""Seconds after which a page that was opened counts as watching."""
STARTING = 20.0
"""Seconds of posts beside those that are counted: they begin to come when the board starts."""
AFTER = 15.0
"""Seconds after the last post that counts until a card that has not come counts as missing."""
CARD = "article.card"
STOPPING = 20

# No network: the board alone. With `where`, Bluesky as it is on loopback.
SETTINGS = """
[incident]
id = "{incident}"
tags = ["hasselthelpt"]
sources = ["{network}"]
{where}
"""
SOURCE = """[sources.bluesky]
hosts = ["ws://127.0.0.1:{port}/xrpc"]
profiles = ""
compress = false
"""

# The browser's clock is the machine's, as is the network's.
OBSERVER = """
window.shown = {};
new MutationObserver(() => {
    for (const link of document.querySelectorAll("article.card a[href]")) window.shown[link.href] ??= Date.now() / 1000;
}).observe(document, {childList: true, subtree: true, attributes: true, attributeFilter: ["href"]});
"""

# Offers whose first post came within the run: when that was due, when it was written, and the addresses of its posts.
NEW_OFFERS = """
with came as (
    select root, url, created_at, finished_at
    from posts join current_links using (wording) join batches on batches.batch = posts.batch
    where batches.source = 'bluesky'
)
select min(epoch(came.created_at)) as due, min(epoch(came.finished_at)) as written, list(came.url) as urls
from came join current_records using (root) where category = 'offer' and first_seen >= to_timestamp($since)
group by root having due < $until
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """Offers that came in while a page watched: seconds from due to written, and from due to a card on the screen.

    A card that never came within `AFTER` is in `missing`, and counts as that late.
    """

    written: list[float]
    shown: list[float]
    missing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OnScreen:
    """What viewers of a store of `posts` posts met, in seconds.

    `first`: first offer card for the first visitor after a start; `cold`: for later visitors with an empty browser;
    `waits`: of `viewers` at once, while posts are collected at `BESIDE`; `share`: how much of one core the board took
    meanwhile. Without a Chromium `first` and `cold` are empty, and `arrivals` is None.
    """

    posts: int
    first: list[float]
    cold: list[float]
    viewers: int
    waits: Waits
    share: float
    arrivals: Arrivals | None


def measure_board(
    posts: int,
    store: Path,
    tail: Path,
    folder: Path,
    say: Say,
    *,
    viewers: int = 50,
    coming: float = 15.0,
    seconds: float = 30.0,
) -> OnScreen:
    """Look at a board on a copy of `store`, which holds `posts` posts; those of `tail` come in at `BESIDE`, then at `RATE`.

    `viewers` come in over `coming` seconds; they are counted, and posts come in, for `seconds`.
    """
    home = folder / "board"
    home.mkdir(exist_ok=True)
    copy = Path(shutil.copyfile(store, home / "board.duckdb"))
    executable = find_chromium()
    first: list[float] = []
    cold: list[float] = []
    arrivals = None
    if executable is not None:
        say("the board in a browser")
        with chromium(executable) as browser:
            first, cold = paints(browser, copy)
    say(f"{viewers} viewers, {BESIDE} posts a second")
    # Afresh, for a store keeps which networks its incident is watched on.
    shutil.copyfile(store, copy)
    waits, share = crowd(copy, tail, viewers, coming, seconds)
    if executable is not None:
        say(f"{RATE} posts a second on their way to the screen")
        shutil.copyfile(store, copy)
        with chromium(executable) as browser:
            arrivals = arriving(browser, copy, tail, seconds)
    return OnScreen(posts=posts, first=first, cold=cold, viewers=viewers, waits=waits, share=share, arrivals=arrivals)


def crowd(store: Path, tail: Path, viewers: int, coming: float, seconds: float) -> tuple[Waits, float]:
    """How long so many viewers waited while posts were collected, and the share of one core that the board took."""
    posts = int(BESIDE * (STARTING + coming + seconds))
    with network(tail, posts=posts, rate=BESIDE) as upstream, board(store, bluesky(upstream)) as running:
        began, used = time.perf_counter(), running.processor()
        waits = watch(running.port, viewers=viewers, coming=coming, seconds=seconds)
        return waits, (running.processor() - used) / (time.perf_counter() - began)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A board that runs: the port it listens on, and its process."""

    port: int
    pid: int

    def processor(self) -> float:
        """Seconds of processor it took so far, over all threads. Needs Linux."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def board(store: Path, where: str = "") -> Iterator[Running]:
    """`helpt run` on a store, with what `where` says of Bluesky, else without a network."""
    with Store(store) as opened:
        incident = opened.read("select min(incident) as incident from batches").item()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    home = store.parent
    settings = SETTINGS.format(incident=incident, network="bluesky" if where else "x", where=where)
    (home / "helpt.toml").write_text(settings, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HELPT_X")}
    environment["PYTHONPATH"] = str(Path.cwd())
    log = home / "board.log"
    command = python("-m", "helpt", "run", "-q", "--store", store, "--port", str(port))
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=home, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            wait_until_well(address_of(port), process, log)
            yield Running(port=port, pid=process.pid)
        finally:
            process.terminate()
            process.wait(timeout=STOPPING)


def bluesky(port: int) -> str:
    """What the settings say of a Bluesky on that port of this machine."""
    return SOURCE.format(port=port)


def address_of(port: int) -> str:
    """Where a board on this machine is."""
    return f"http://127.0.0.1:{port}"


def paints(browser: Browser, store: Path) -> tuple[list[float], list[float]]:
    """Seconds until the first card, for the first visitors after a start and for later ones, none with a cache."""
    first, cold = [], []
    for start in range(STARTS):
        with board(store) as running:
            first.append(_paint(browser, running.port))
            if start == STARTS - 1:
                cold = [_paint(browser, running.port) for _ in range(PAINTS)]
    return first, cold


def _paint(browser: Browser, port: int) -> float:
    with browser.new_context(locale="nl-BE", viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        began = time.perf_counter()
        page.goto(address_of(port), wait_until="commit")
        page.locator(CARD).first.wait_for()
        return time.perf_counter() - began


def arriving(browser: Browser, store: Path, tail: Path, seconds: float) -> Arrivals:
    """Watch the offers page while the posts of `tail` come in: those that are due in so many seconds."""
    with (
        network(tail, posts=int(RATE * (STARTING + seconds)), rate=RATE) as upstream,
        board(store, bluesky(upstream)) as running,
        browser.new_context(locale="nl-BE") as context,
    ):
        context.add_init_script(OBSERVER)
        page = context.new_page()
        page.goto(address_of(running.port))
        page.locator(CARD).first.wait_for()
        page.wait_for_timeout(1000 * SETTLED)
        since = time.time()
        page.wait_for_timeout(1000 * (seconds + AFTER))
        shown = page.evaluate("window.shown")
    with Store(store) as opened:
        offers = opened.read(NEW_OFFERS, {"since": since, "until": since + seconds})
    return _arrivals(offers, shown)


def _arrivals(offers: pl.DataFrame, shown: dict[str, float]) -> Arrivals:
    late = [
        (written - due, min((shown[url] for url in urls if url in shown), default=None), due)
        for due, written, urls in offers.iter_rows()
    ]
    return Arrivals(
        written=[written for written, _, _ in late],
        shown=[AFTER if at is None else at - due for _, at, due in late],
        missing=sum(at is None for _, at, _ in late),
    )


@contextmanager
def network(texts: Path, *, posts: int, rate: int) -> Iterator[int]:
    """A Jetstream on loopback, in a process of its own, on which every event carries the hashtag. Gives its port."""
    said: list[str | Path] = ["--texts", texts, "--events", str(posts), "--rate", str(rate), "--tagged", "1"]
    command = python("-m", "tests.support.jetstream", *said)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline())
        finally:
            server.kill()


def p95(seconds: Sequence[float]) -> float:
    """The 95th of a hundred."""
    return float(pl.Series(seconds, dtype=pl.Float64).quantile(0.95, "linear") or 0)


def p50(seconds: Sequence[float]) -> float:
    """The one in the middle."""
    return statistics.median(seconds) if seconds else 0.0
