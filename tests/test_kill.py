"""Killed at any moment and started again, an import ends with the records of one clean run."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.stream import write_stream
from dedupe.store import Store
from tests.support.posts import outcome

ROOT = Path(__file__).resolve().parent.parent
POSTS, FILES, KILLS = 10_000, 20, 8


def importing(store: Path, files: list[Path]) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "helpt", "import", "--quiet", "--store", str(store), *map(str, files)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def finished(process: subprocess.Popen[bytes], seconds: float | None = None) -> bool:
    """Whether it ends by itself within so many seconds; else it is killed there and then."""
    try:
        _, complaint = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return False
    assert process.returncode == 0, complaint.decode()
    return True


def written(store: Path) -> int:
    with Store(store) as opened:
        return int(opened.read("select count(*) from batches").item())


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A stream in several files: each is a batch, so that there are many moments between and within batches."""
    folder = tmp_path_factory.mktemp("stream")
    write_stream(folder, posts=POSTS, seed=18)
    lines = (folder / "posts.ndjson").read_bytes().splitlines(keepends=True)
    size = -(-len(lines) // FILES)
    parts = []
    for number, start in enumerate(range(0, len(lines), size)):
        parts.append(folder / f"part-{number:02}.ndjson")
        parts[-1].write_bytes(b"".join(lines[start : start + size]))
    assert json.loads(lines[0])
    return parts


def test_killed_at_random_moments_it_ends_with_the_records_of_one_clean_run(files: list[Path], tmp_path: Path):
    began = time.monotonic()
    clean = tmp_path / "clean.duckdb"
    assert finished(importing(clean, files))
    whole = time.monotonic() - began
    chance, killed = random.Random(20110818), tmp_path / "killed.duckdb"
    kills, steps = 0, []
    while kills < KILLS:
        # From the first moments, when the store is being made, to near the end of a run: much of it is starting.
        if finished(importing(killed, files), chance.uniform(0.1, 0.95) * whole):
            steps.append(FILES)
            killed.unlink()  # it came to its end: the next kills hit a new one
            continue
        kills += 1
        if killed.exists():
            steps.append(written(killed))
    assert finished(importing(killed, files))
    assert any(step % FILES for step in steps), f"no kill came while batches were being written: {steps}"
    with Store(clean) as one, Store(killed) as other:
        assert outcome(one) == outcome(other)
        assert other.read("select count(*) - count(distinct version) from posts").item() == 0
        assert other.read("select count(*) - count(distinct (wording, handle)) from writers").item() == 0
        assert other.read("select count(*) - count(distinct wording) from wordings").item() == 0
