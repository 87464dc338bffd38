"""`make bench`: truth and speed of the engine, beside its peers and the floor.

    python -m benchmarks                        about ten minutes on two cores
    python -m benchmarks --only quality         one part: quality, peers, speed, board, batch or reading
    python -m benchmarks --full                 also batches into a store of three million

Makes seeded streams, measures, prints the design's table and writes `benchmarks/results.json`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from benchmarks import engine, report
from benchmarks.batch import BATCH, UNCOUNTED, measure_batches
from benchmarks.board import measure_board
from benchmarks.prepare import Say, Stream, prepare
from benchmarks.process import CommandFailed
from benchmarks.quality import FAST, SLOW, remove, run_all, run_peer
from benchmarks.reading import score
from benchmarks.speed import engine_result, measure_speed
from benchmarks.targets import MEGA, Findings

PARTS = ("quality", "peers", "speed", "board", "batch", "reading")
RENSA = ("rensa 0.70", "rensa 0.85")
WIDTH = 140
RESULTS = Path(__file__).with_name("results.json")


def arguments() -> argparse.Namespace:
    """What was asked on the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Truth and speed, against peers.")
    parser.add_argument("--posts", type=int, default=MEGA, help="posts of the speed stream (default: a million)")
    parser.add_argument("--quality-posts", type=int, default=200_000, help="posts of the quality stream")
    parser.add_argument("--sample", type=int, default=50_000, help="posts of the stream for slow peers")
    parser.add_argument("--seed", type=int, default=1, help="of every made stream")
    parser.add_argument("--only", choices=PARTS, help="one part of it")
    parser.add_argument("--full", action="store_true", help="also three million posts, and datasketch on all")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep streams and stores there")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the figures go")
    return parser.parse_args()


def main() -> int:
    """Measure what was asked, show it and write it down. Returns 0, or 1 when something measured would not run."""
    asked = arguments()
    terminal = Console()
    console = terminal if terminal.is_terminal else Console(width=WIDTH)
    started = time.perf_counter()

    def say(told: str) -> None:
        console.print(f"[dim]{time.perf_counter() - started:6.0f} s[/dim]  {told}", highlight=False)

    with tempfile.TemporaryDirectory(prefix="helpt-bench-") as scratch:
        folder = asked.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            found = measure_parts(asked, folder, say)
        except CommandFailed as error:
            print(error, file=sys.stderr)
            return 1
    report.show(found, console)
    settings = {name: value for name, value in vars(asked).items() if name not in {"keep", "results"}}
    report.write(found, asked.results, settings)
    say(f"figures written to {asked.results.name}")
    return 0


def measure_parts(asked: argparse.Namespace, folder: Path, say: Say) -> Findings:
    """Run the parts that were asked for, each on the streams it needs."""
    parts = (asked.only,) if asked.only else PARTS
    found = Findings()
    if "quality" in parts or "peers" in parts:
        stream = prepare(folder, asked.quality_posts, asked.seed, say)
        found.whole = run_all(FAST if "peers" in parts else (), stream, folder, say)
    if "peers" in parts:
        stream = prepare(folder, asked.sample, asked.seed, say)
        found.sample = run_all(SLOW, stream, folder, say)
    if "speed" in parts:
        measure_large(asked, folder, say, found)
    if "board" in parts:  # before the batches, which add to the store
        stream = prepare(folder, asked.posts, asked.seed, say, tail_posts(asked))
        found.board = measure_board(stream.size, store_of(stream, found, folder, say), stream.tail, folder, say)
    if "batch" in parts:
        measure_all_batches(asked, folder, say, found)
    if "reading" in parts:
        found.reading = score()
    return found


def measure_large(asked: argparse.Namespace, folder: Path, say: Say, found: Findings) -> None:
    """Fill in `speed` and `large` of the findings."""
    stream = prepare(folder, asked.posts, asked.seed, say, tail_posts(asked))
    found.speed = measure_speed(stream, folder, 5 if asked.full else 3, say)
    found.large = [engine_result(found.speed, stream, folder)]
    for peer in (*RENSA, *(("datasketch 0.85",) if asked.full else ())):
        say(f"{peer} on {stream.size:,} posts")
        found.large.append(run_peer(peer, stream, folder))


def measure_all_batches(asked: argparse.Namespace, folder: Path, say: Say, found: Findings) -> None:
    """Fill in `batches` of the findings: stores of a tenth of the posts, of all, and with `--full` of three times."""
    for size in (asked.posts // 10, asked.posts, *((3 * asked.posts,) if asked.full else ())):
        stream = prepare(folder, size, asked.seed, say, tail_posts(asked))
        store = store_of(stream, found, folder, say)
        say(f"batches of {BATCH} into {size:,} posts")
        found.batches.append(measure_batches(size, store, stream.tail, batch_count(asked)))


def store_of(stream: Stream, found: Findings, folder: Path, say: Say) -> Path:
    """A store that holds a stream: the one the speed was measured on, else one that was made before, else a new one."""
    if found.speed is not None and found.speed.posts == stream.size:
        return found.speed.store
    store = folder / f"batch-{stream.size}.duckdb"
    if found.board is not None and found.board.posts == stream.size:
        return store
    say(f"a store of {stream.size:,} posts")
    remove(store)
    engine.import_file(stream.posts, store)
    return store


def batch_count(asked: argparse.Namespace) -> int:
    """How many batches are timed."""
    return 100 if asked.full else 40


def tail_posts(asked: argparse.Namespace) -> int:
    """How many posts follow the stream, for the batches."""
    return BATCH * (batch_count(asked) + UNCOUNTED)


if __name__ == "__main__":
    sys.exit(main())
