"""Speed: the engine between two measurements of the floor, and the fast peers, all on one file.

Owns the order of measuring: floor, engine, floor, engine, …, floor, so that what else the machine does falls on both
and the ratio holds. Every run starts with a fresh store; the file is read once before, so that no run pays for a cold
disk.
"""

from __future__ import annotations

import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks import engine
from benchmarks.prepare import Say, Stream
from benchmarks.process import Run, python
from benchmarks.quality import ENGINE, Result, judge, remove


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Import of one file: the engine's runs, the floor's `seconds` around them, and where the last store is."""

    posts: int
    runs: tuple[Run, ...]
    floors: tuple[float, ...]
    store: Path

    @property
    def seconds(self) -> float:
        """Median of the engine, as a whole process."""
        return statistics.median(run.seconds for run in self.runs)

    @property
    def floor(self) -> float:
        """Median of the floor, without starting Python."""
        return statistics.median(self.floors)

    @property
    def rate(self) -> float:
        """Posts per second of the engine."""
        return self.posts / self.seconds

    @property
    def ratio(self) -> float:
        """How many times the floor the engine takes."""
        return self.seconds / self.floor

    @property
    def peak(self) -> int:
        """The engine's highest peak of resident memory, in bytes."""
        return max(run.peak for run in self.runs)


def measure_speed(stream: Stream, folder: Path, repeats: int, say: Say) -> Speed:
    """Import a stream `repeats` times; the last store stays in `folder`."""
    warm(stream.posts)
    store = folder / f"speed-{stream.size}.duckdb"
    floors, runs = [floor_seconds(stream.posts, folder)], []
    for number in range(repeats):
        remove(store)
        runs.append(engine.import_file(stream.posts, store))
        floors.append(floor_seconds(stream.posts, folder))
        say(f"run {number + 1}: {runs[-1].seconds:.1f} s, floor {floors[-1]:.1f} s")
    return Speed(posts=stream.size, runs=tuple(runs), floors=tuple(floors), store=store)


def engine_result(speed: Speed, stream: Stream, folder: Path) -> Result:
    """The quality of the last store of `measure_speed`."""
    run = min(speed.runs, key=lambda run: abs(run.seconds - speed.seconds))
    return judge(ENGINE, stream, engine.export_links(speed.store, folder / "links.parquet"), run)


def floor_seconds(posts: Path, folder: Path) -> float:
    """DuckDB alone on the same file, in a fresh database and a fresh process; see `benchmarks.floor`."""
    database = folder / "floor.duckdb"
    remove(database)
    command = python("-m", "benchmarks.floor", posts, database)
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    remove(database)
    return float(ran.stdout)


def warm(file: Path) -> None:
    """Read a file once."""
    with file.open("rb") as opened:
        while opened.read(1 << 24):
            pass
