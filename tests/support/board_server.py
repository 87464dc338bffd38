"""A board in a process of its own, on a free loopback port: what the browser tests look at.

Run as a module it serves the store named on the command line; `serving` starts and stops that from a test.
"""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from ingest.jobs import Status

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0


@contextmanager
def serving(store: Path, *, now: datetime, extra: tuple[str, ...] = ()) -> Iterator[str]:
    """Serve the board on `store` with its clock starting at `now`; gives its address. The store must be closed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", __name__, str(store), str(port), now.isoformat(), *extra]
    log = store.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
        address = f"http://127.0.0.1:{port}"
        try:
            wait_until_well(address, process, log)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=15)


def wait_until_well(address: str, process: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            if health(address)[0] in (200, 503):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        assert process.poll() is None, f"the board ended: {log.read_text(errors='replace')}"
        assert time.monotonic() < end, f"the board does not answer: {log.read_text(errors='replace')}"
        time.sleep(0.1)


def health(address: str) -> tuple[int, dict]:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def lines_in(file: Path) -> list[Status]:
    """How sources fare as a file says it: the fields of a status each; all of them answered just now."""
    told = json.loads(file.read_text(encoding="utf-8"))
    return [Status(incident="storm", last_ok=datetime.now(UTC), **each) for each in told]


def main() -> None:
    from dashboard.app import build, serve
    from dashboard.views import who
    from dedupe.deciding.roles import Actor
    from tests.support.boards import board_on, feeding, learning

    parser = argparse.ArgumentParser()
    parser.add_argument("store", type=Path)
    parser.add_argument("port", type=int)
    parser.add_argument("now", type=datetime.fromisoformat)
    parser.add_argument("--plan", action="store_true")
    beside = parser.add_mutually_exclusive_group()
    beside.add_argument("--feed", type=Path, help="an NDJSON file that grows: its lines are taken in as they come")
    beside.add_argument("--teach", action="store_true", help="learn from labels as they are given, as collecting does")
    parser.add_argument("--lines", type=Path, help="a JSON list of how sources fare, read at every look")
    parser.add_argument(
        "--known", nargs=3, action="append", default=[], metavar=("TOKEN", "WHO", "ROLE"),
        help="who comes with this token is known",
    )  # fmt: skip
    options = parser.parse_args()
    for token, name, role in options.known:
        who.visitors().known[token] = Actor(who=name, role=role)
    with board_on(options.store, now=options.now, plan=options.plan) as board:
        if options.lines:
            board = replace(board, sources=lambda: lines_in(options.lines))
        work = feeding(board.store, options.feed) if options.feed else None
        app = build(board, collecting=learning(board.store) if options.teach else work)
        serve(app, "127.0.0.1", options.port)


if __name__ == "__main__":
    main()
