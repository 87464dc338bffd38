"""Truth: the engine and its peers on the same made stream, scored by the same code.

Owns which peers run on which stream. A peer too slow for the whole stream is run on a smaller one made with the same
seed, where the engine is run again beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from benchmarks import engine
from benchmarks.peers import PEERS
from benchmarks.prepare import Say, Stream
from benchmarks.process import Run, measure, python
from benchmarks.score import Score, score

ENGINE = "helpt"
SLOW = ("datasketch 0.70", "datasketch 0.85", "CrisisTracker")
FAST = tuple(peer for peer in PEERS if peer not in SLOW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One way of grouping on one stream of `posts` posts: how well, how fast, with how much memory."""

    name: str
    posts: int
    score: Score
    run: Run

    @property
    def rate(self) -> float:
        """Posts per second, as a whole process: start, read, group, write."""
        return self.posts / self.run.seconds


def run_engine(stream: Stream, folder: Path) -> Result:
    """The engine on a stream, with a fresh store in `folder`."""
    store = folder / f"quality-{stream.size}.duckdb"
    remove(store)
    run = engine.import_file(stream.posts, store)
    return judge(ENGINE, stream, engine.export_links(store, folder / "links.parquet"), run)


def run_peer(peer: str, stream: Stream, folder: Path) -> Result:
    """A peer on a stream, as a process of its own."""
    out = folder / "links.parquet"
    run = measure(python("-m", "benchmarks.peers", peer, stream.posts, out))
    return judge(peer, stream, pl.read_parquet(out), run)


def judge(name: str, stream: Stream, links: pl.DataFrame, run: Run) -> Result:
    """What links (network, id, record) are worth on a stream."""
    return Result(name=name, posts=stream.size, score=score(links, pl.read_parquet(stream.truth)), run=run)


def run_all(peers: Sequence[str], stream: Stream, folder: Path, say: Say) -> list[Result]:
    """The engine and then the peers on one stream."""
    say(f"{ENGINE} on {stream.size:,} posts")
    results = [run_engine(stream, folder)]
    for peer in peers:
        say(f"{peer} on {stream.size:,} posts")
        results.append(run_peer(peer, stream, folder))
    return results


def remove(database: Path) -> None:
    """Delete a DuckDB file and its log."""
    for leftover in (database, database.with_name(f"{database.name}.wal")):
        leftover.unlink(missing_ok=True)
