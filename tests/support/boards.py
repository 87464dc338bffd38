"""Stores with an evening in them, and boards on them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from dashboard.board import Board, Incident
from dashboard.plans import Plans
from dedupe.collapse import Batch, collapse
from dedupe.store import Store
from dedupe.teaching import Teaching
from helpt import take_call
from ingest.post import Post, Provenance, frame, stamp
from tests.support.copies import begin

START = datetime(2026, 8, 18, 16, 15, tzinfo=UTC)
"""18:15 in Brussels, when the storm breaks."""
TOWNS = ("Zonhoven", "Genk", "Diepenbeek", "Kortessem", "Alken", "Bilzen")
INCIDENT = Incident(id="storm", name="Storm in Hasselt", opened_at=START, tags=("hasselthelpt",), synthetic=True)


def post(number: int, text: str, *, minute: float, network: str = "bluesky", **more) -> Post:
    """A post of the evening, `minute` minutes after its start."""
    created = START + timedelta(minutes=minute)
    url = more.pop("url", f"https://{network}.example/post/{number}")
    return Post(
        network=network,
        id=str(number),
        author=f"writer{number}",
        text=text,
        created_at=created,
        url=url,
        lang="nl",
        **more,
    )


def bed(number: int, *, minute: float, places: int = 2, town: str = "Zonhoven", network: str = "bluesky") -> Post:
    """An offer of a bed, with a number of its own from a range nobody has."""
    text = (
        f"{places} slaapplaatsen vrij in {town}, bel 0470 00 {number // 100 % 100:02} {number % 100:02} #hasselthelpt"
    )
    return post(number, text, minute=minute, network=network)


def copy(number: int, original: Post, *, minute: float, network: str = "mastodon") -> Post:
    """The same offer passed on by another."""
    return replace(post(number, f"RT @{original.author}: {original.text}", minute=minute, network=network), lang="nl")


def take_in(store: Store, posts: list[Post]) -> None:
    """Collapse `posts` into `store` as one batch."""
    at = max(one.created_at for one in posts)
    provenance = Provenance(incident=INCIDENT.id, source="file", query="test", collected_at=at)
    collapse(store, stamp(frame(posts), provenance), Batch(incident=INCIDENT.id, source="file", query="test"))


def an_evening(offers: int = 40) -> list[Post]:
    """Beds in several towns, each passed on a few times; rides on X; requests; sympathy."""
    posts: list[Post] = []
    for n in range(offers):
        first = bed(n, minute=n, places=1 + n % 4, town=TOWNS[n % len(TOWNS)])
        posts.append(first)
        posts += [copy(10_000 + 10 * n + k, first, minute=n + k + 1) for k in range(n % 5)]
    for n in range(offers // 5):
        town = TOWNS[(n + 1) % len(TOWNS)]
        text = f"Ik rijd naar {town} en kan {2 + n % 3} mensen meenemen, 0470 01 00 {n:02} #hasselthelpt"
        posts.append(post(2_000 + n, text, minute=2 * n, network="x", url=f"https://x.com/w/status/{n}"))
        ask = f"Zoek slaapplaats voor {1 + n % 3} personen in {town}, bel 0470 02 00 {n:02} #hasselthelpt"
        posts.append(post(3_000 + n, ask, minute=2 * n + 1, network="mastodon"))
    posts += [post(4_000 + n, f"Sterkte aan iedereen in Hasselt {'❤' * (n % 7)}", minute=n / 2) for n in range(offers)]
    return posts


def filled(path: Path, posts: list[Post]) -> Path:
    """A store at `path` with `posts` in it, closed."""
    begin(str(path), repr(posts), lambda store: take_in(store, posts) if posts else None)
    return path


def damage(path: Path, *statements: str) -> None:
    """Run SQL on the store at `path`, which is closed: what a broken disk, or somebody with another program, would do."""
    with duckdb.connect(str(path)) as raw:
        for statement in statements:
            raw.execute(statement)


@contextmanager
def board_on(path: Path, *, now: datetime, plan: bool = False) -> Iterator[Board]:
    """A board on the store at `path`, whose incident's clock stands still at `now`."""
    plans = Plans("festival-storm" if plan else None)
    with Store(path) as store:
        yield Board(
            store=store,
            incident=INCIDENT,
            plans=plans,
            now=lambda: now,
            take_call=lambda text, author, at: take_call(store, INCIDENT.id, text, author=author, at=at),
        )


@contextmanager
def feeding(store: Store, file: Path) -> Iterator[None]:
    """Take in the lines of `file` (posts as JSON) as they are added, every so often."""
    done = 0

    def work() -> None:
        nonlocal done
        lines = file.read_text(encoding="utf-8").splitlines()
        if len(lines) > done:
            take_in(store, [_read(line) for line in lines[done:]])
            done = len(lines)

    with _again("feeding", 0.3, work):
        yield


@contextmanager
def learning(store: Store) -> Iterator[None]:
    """Look for new labels every so often and learn from them."""
    with _again("learning", 0.5, Teaching(store).look):
        yield


@contextmanager
def _again(name: str, seconds: float, work: Callable[[], object]) -> Iterator[None]:
    """Do `work` in a thread, `seconds` after it was done last."""
    stop = threading.Event()

    def loop() -> None:
        while not stop.wait(seconds):
            work()

    thread = threading.Thread(target=loop, name=name)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def feed(file: Path, posts: list[Post]) -> None:
    """Add `posts` to a file that `feeding` reads."""
    with file.open("a", encoding="utf-8") as lines:
        for one in posts:
            lines.write(json.dumps({**asdict(one), "created_at": one.created_at.isoformat()}) + "\n")


def _read(line: str) -> Post:
    row = json.loads(line)
    return Post(**{**row, "created_at": datetime.fromisoformat(row["created_at"])})


@dataclass(frozen=True, kw_only=True)
class Line:
    """How a source fares, as a schedule tells it."""

    source: str = "mastodon"
    query: str = "q"
    state: str = "waiting"
    sentence: str | None = None
    last_ok: datetime | None = None
    last_post: datetime | None = None
    behind: float | None = None
    notice: str | None = None
    silent: bool = False
    flag: str | None = None
    rereads: bool = False
    quota: None = None
    next_try: datetime | None = None


def line_of(text: str, words: str) -> int:
    """The line of a plan's text, from 1, that holds `words` first."""
    return text[: text.index(words)].count("\n") + 1
