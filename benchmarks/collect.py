"""Collecting at the pace of a bad night: how late posts are in the store, and what the process needs meanwhile.

    python -m benchmarks.collect                                  two minutes of 5,000 events/s, 100 of them tagged
    python -m benchmarks.collect --minutes 60                     an hour of it
    python -m benchmarks.collect --network mastodon --posts 600   a polled source at Pukkelpop's peak
    python -m tests.support.jetstream_speed                       how many events/s one core sifts at most

Starts `helpt collect` as it is, on a store of its own, against a network on loopback in a third process that says when
each post was due. A post's delay is from then until its batch was written. Needs a Unix with /proc.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from benchmarks.process import python
from benchmarks.stream import write_stream
from dedupe.store import Store

SETTINGS = """
[incident]
id = "night"
tags = ["hasselthelpt"]
sources = ["{network}"]
[sources.{network}]
{where}
"""
AFTER = 8.0
"""Seconds after the last post until the collectors are stopped."""

LOOK = 5.0
"""Seconds between two looks at the process."""

DELAYS = """
select count(*) as posts, quantile_cont(late, [0.5, 0.95, 1.0]) as late from (
    select epoch(batches.finished_at) - epoch(posts.created_at) as late from posts join batches using (batch)
)
"""


def main() -> None:
    """Measure, and print what was found, a line each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.collect", description=__doc__.partition("\n")[0])
    parser.add_argument("--network", choices=("bluesky", "mastodon"), default="bluesky")
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--posts", type=int, default=6_000, help="tagged posts a minute")
    parser.add_argument("--events", type=int, default=5_000, help="events a second of the whole of Bluesky")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="helpt-collect-") as scratch:
        folder = Path(scratch)
        total = int(asked.posts * asked.minutes)
        stream = write_stream(folder, posts=total, seed=7)
        texts = folder / "posts.ndjson"
        with network(asked, texts, total) as where:
            (folder / "helpt.toml").write_text(SETTINGS.format(network=asked.network, where=where), encoding="utf-8")
            looks, stopped, cores = collect(folder, asked.minutes * 60 + AFTER)
        with Store(folder / "helpt.duckdb") as store:
            written, late = store.read(DELAYS).row(0)
    print(f"{written} of {stream.posts} posts in the store; cores used: {cores:.2f}; stopped in {stopped:.1f} s")
    print(
        "from post to store: "
        + ", ".join(f"{name} {each:.2f} s" for name, each in zip(("p50", "p95", "most"), late, strict=True))
    )
    print(pl.DataFrame(looks, schema=("minute", "MB", "threads", "files"), orient="row")[:: max(1, len(looks) // 10)])


@contextmanager
def network(asked: argparse.Namespace, texts: Path, total: int) -> Iterator[str]:
    """The network in a process of its own. Gives the line of the settings that leads to it."""
    said = ["--texts", str(texts)]
    if asked.network == "bluesky":
        rest = ["--events", int(asked.events * 60 * asked.minutes), "--rate", asked.events]
        said += [*map(str, rest), "--tagged", str(asked.events * 60 // asked.posts)]
    else:
        said += ["--posts", str(total), "--rate", str(asked.posts)]
    module = {"bluesky": "tests.support.jetstream", "mastodon": "tests.support.mastodon"}[asked.network]
    server = subprocess.Popen(python("-m", module, *said), stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        place = server.stdout.readline().strip()
        yield {
            "bluesky": f'hosts = ["ws://127.0.0.1:{place}/xrpc"]\nprofiles = ""\ncompress = false',
            "mastodon": f"servers = {json.dumps([place])}",
        }[asked.network]
    finally:
        server.kill()
        server.wait()


def collect(folder: Path, seconds: float) -> tuple[list[tuple[float, int, int, int]], float, float]:
    """Run `helpt collect` for so long. Gives what was seen of it, in how many seconds it stopped, and the cores it used."""
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    process = subprocess.Popen(python("-m", "helpt", "collect"), cwd=folder, env=environment)
    begun = time.monotonic()
    looks = []
    while (passed := time.monotonic() - begun) < seconds:
        time.sleep(min(LOOK, seconds - passed))
        looks.append((round((time.monotonic() - begun) / 60, 1), *seen(process.pid)))
    asked_to = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"helpt collect ended with {process.returncode}")
    return looks, time.monotonic() - asked_to, (usage.ru_utime + usage.ru_stime) / (time.monotonic() - begun)


def seen(pid: int) -> tuple[int, int, int]:
    """Megabytes of memory, threads and open files of a process."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    told = dict(line.split(":", 1) for line in lines)
    files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return int(told["VmRSS"].split()[0]) // 1024, int(told["Threads"]), files


if __name__ == "__main__":
    main()
