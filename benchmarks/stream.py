"""A seeded SYNTHETIC stream of posts with the truth of every post, for measuring on posts nobody has seen.

Owns the proportions: about one post in eight is an original, offers are about 2 % of posts as originals, repetitions
are heavy-tailed up to several hundreds, every copying habit and every look-alike occurs, in four languages on three
networks. Written from `ingest.night`; knows nothing of what reads it. Two different true offers never share words and
contact: a number, address or handle belongs to one, except where sharing is the case (help line, bed and ride,
organiser, both ways of a road), and there kind, place or direction differ.

    python -m benchmarks.stream --posts 100000 --seed 1 --out DIR
"""

from __future__ import annotations

import argparse
import itertools
import logging
import mmap
import random
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from json.encoder import encode_basestring
from pathlib import Path
from typing import BinaryIO

import polars as pl

from ingest.night.copies import Copy, Copying
from ingest.night.look_alikes import CASES
from ingest.night.sentences import Place, pick, places
from ingest.night.things import BRUSSELS, TALK, Teller, Thing
from ingest.post import Post

logger = logging.getLogger(__name__)

TRUTH: dict[str, pl.DataType] = {
    "network": pl.String(),
    "id": pl.String(),
    "thing": pl.String(),
    "habit": pl.String(),
    "category": pl.String(),
    "lang": pl.String(),
    "original_id": pl.String(),
    "kind": pl.String(),
    "place": pl.String(),
    "capacity": pl.Int64(),
    "case": pl.String(),
    "group": pl.String(),
}
"""Columns of `truth.parquet`, row n about line n of the posts. `thing` is the true item. `habit` of a copy is one of
`habits.HABITS`, and `original_id` the id of the post it was made from, perhaps on another network. The one original of
a thing has habit `original` and no `original_id`; or, when it only resembles an earlier thing, its case of
`habits.NOT_SAME` and the id of the post it resembles. Things of one `group` are never the same."""

# How many of each in about a thousand things; look-alikes come in groups of two to eight.
DECK = {
    "offer": 100,
    "long_offer": 15,
    "request": 36,
    **dict.fromkeys(CASES, 2),
    "sympathy": 250,
    "information": 150,
    "rumour": 100,
    "blame": 90,
    "other": 120,
    "testimony": 4,
    "threat": 6,
    "doxing": 4,
}
_LANGUAGES = ("nl",) * 11 + ("fr",) * 4 + ("en",) * 3 + ("de",) * 2
_NETWORKS = ("x",) * 12 + ("bluesky",) * 5 + ("mastodon",) * 3
_START = datetime(2011, 8, 18, 18, 15, tzinfo=BRUSSELS).astimezone(UTC)
_BATCH = 50_000
_MOST = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A written stream: where its two files are, and how many posts, things and offers it holds."""

    posts_file: Path
    truth_file: Path
    posts: int
    things: int
    offers: int


def write_stream(folder: Path, *, posts: int, seed: int) -> Stream:
    """Write `posts.ndjson` (one post a line, in order of time) and `truth.parquet` (columns `TRUTH`) into `folder`.

    `posts` is the exact number of lines. The same seed gives the same bytes on every machine; another seed other
    people, towns, numbers and combinations.
    """
    folder.mkdir(parents=True, exist_ok=True)
    spill = folder / "posts.unsorted"
    sheet = _Sheet()
    with spill.open("wb") as out:
        for thing, copy in _posts(random.Random(seed), posts):
            sheet.add(out, thing, copy)
    order = pl.Series(sheet.times).arg_sort()
    _sorted(spill, folder / "posts.ndjson", order, sheet.starts)
    spill.unlink()
    truth = sheet.truth()[order]
    truth.write_parquet(folder / "truth.parquet")
    stream = Stream(
        posts_file=folder / "posts.ndjson",
        truth_file=folder / "truth.parquet",
        posts=truth.height,
        things=truth["thing"].n_unique(),
        offers=truth.filter(pl.col("category") == "offer")["thing"].n_unique(),
    )
    logger.info("stream of %d posts, %d things, %d offers in %s", stream.posts, stream.things, stream.offers, folder)
    return stream


@dataclass(slots=True)
class _Sheet:
    """Where each line begins, when it was written, and what is true of it."""

    times: array[int] = field(default_factory=lambda: array("q"))
    starts: array[int] = field(default_factory=lambda: array("q", [0]))
    rows: list[tuple[object, ...]] = field(default_factory=list)
    done: list[pl.DataFrame] = field(default_factory=list)

    def add(self, out: BinaryIO, thing: Thing, copy: Copy) -> None:
        """Write a copy of `thing` to `out`, and down where its line begins and what is true of it."""
        post = copy.post
        line = line_of(post)
        out.write(line)
        self.starts.append(self.starts[-1] + len(line))
        self.times.append(int(post.created_at.timestamp() * 1000))
        self.rows.append(
            (
                *(post.network, post.id, thing.id, copy.habit, thing.category, copy.lang, copy.made_from or None),
                *(thing.kind, thing.place, copy.capacity, thing.case, thing.group),
            )
        )
        if len(self.rows) == _BATCH:
            self._pack()

    def _pack(self) -> None:
        self.done.append(pl.DataFrame(self.rows, schema=TRUTH, orient="row"))
        self.rows = []

    def truth(self) -> pl.DataFrame:
        """What is true of every post so far, in the columns of `TRUTH`, in the order of the lines."""
        self._pack()
        return pl.concat(self.done)


def line_of(post: Post) -> bytes:
    """A post as one line of a post file; what is not known is left out."""
    parts = [
        f'{{"network":"{post.network}","id":"{post.id}","author":"{post.author}","text":{encode_basestring(post.text)}',
        f'"created_at":"{post.created_at.strftime("%Y-%m-%dT%H:%M:%S")}.{post.created_at.microsecond // 1000:03d}Z"',
        f'"url":"{post.url}","author_name":{encode_basestring(post.author_name or "")}',
    ]
    optional = (
        ("lang", post.lang),
        ("repost_of", post.repost_of),
        ("quote_of", post.quote_of),
        ("reply_to", post.reply_to),
    )
    parts += [f'"{name}":"{value}"' for name, value in optional if value]
    return (",".join(parts) + "}\n").encode()


def _sorted(spill: Path, target: Path, order: pl.Series, starts: Sequence[int]) -> None:
    with target.open("wb") as out:
        if not len(order):
            return
        with spill.open("rb") as unsorted, mmap.mmap(unsorted.fileno(), 0, access=mmap.ACCESS_READ) as lines:
            for index in order:
                out.write(lines[starts[index] : starts[index + 1]])


def _posts(rng: random.Random, wanted: int) -> Iterator[tuple[Thing, Copy]]:
    near, far = _towns(rng, "near", 38), _towns(rng, "far", 36)
    teller = Teller(rng, near, far)
    copying = Copying(teller, [teller.crowd.newcomer() for _ in range(max(300, wanted // 10))])
    hours = max(5.0, 36 * wanted / 1_000_000)
    made = 0
    while made < wanted:
        for unit in _shuffled_deck(rng):
            at = _START + timedelta(milliseconds=int(hours * 3_600_000 * rng.random() ** 1.3))
            for thing in _things(teller, unit, at):
                first = Copy(thing.original, thing.like or "", thing.told_as, thing.capacity, thing.lang)
                for copy in itertools.chain([first], _copies(rng, copying, thing)):
                    if made == wanted:
                        return
                    made += 1
                    yield thing, copy


def _towns(rng: random.Random, group: str, count: int) -> tuple[Place, ...]:
    return tuple(sorted(places()[group], key=lambda _: rng.random())[:count])


def _shuffled_deck(rng: random.Random) -> list[str]:
    return sorted((unit for unit, count in DECK.items() for _ in range(count)), key=lambda _: rng.random())


def _things(teller: Teller, unit: str, at: datetime) -> list[Thing]:
    lang, network = pick(teller.rng, _LANGUAGES), pick(teller.rng, _NETWORKS)
    if unit in CASES:
        return CASES[unit](teller, at, lang, network)
    if unit in TALK:
        return [teller.talk(at, lang, network, unit)]
    if unit == "request":
        return [teller.request(at, lang, network)]
    return [teller.offer(at, lang, network, long=unit == "long_offer")]


def _copies(rng: random.Random, copying: Copying, thing: Thing) -> Iterator[Copy]:
    scale, bend = {"offer": (3.6, 0.8), "request": (2.8, 0.75)}.get(thing.category, (1.15, 0.9))
    times = min(_MOST, int(scale / (rng.random() + 0.0005) ** bend))
    start = thing.original.created_at
    delays = sorted(1 + int(rng.expovariate(1 / 2_400_000)) for _ in range(times))
    return copying.of(thing, [start + timedelta(milliseconds=delay) for delay in delays])


def main(argv: Sequence[str] | None = None) -> int:
    """The command line: write one stream."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stream", description="Write a stream with its truth.")
    parser.add_argument("--posts", type=int, default=100_000, help="number of posts (default 100000)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another stream (default 1)")
    parser.add_argument("--out", type=Path, required=True, help="folder for posts.ndjson and truth.parquet")
    options = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    write_stream(options.out, posts=options.posts, seed=options.seed)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
