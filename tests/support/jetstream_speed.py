"""How many events a second the stream of Bluesky is sifted at: `python -m tests.support.jetstream_speed`.

A second process sends a network's chatter, one in a hundred tagged, at `--rate` events a second (0: as fast as they are
read). Printed are the events a second, the share of a core that reading, sifting and handing over took, and what one
core would do.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from ingest.bluesky.jetstream import Jetstream
from ingest.bluesky.settings import BlueskySettings
from ingest.tags import Tags

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--rate", type=int, default=0)
    options = parser.parse_args()
    command = [
        sys.executable,
        "-m",
        "tests.support.jetstream",
        "--events",
        str(options.events),
        "--rate",
        str(options.rate),
    ]
    sender = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert sender.stdout is not None
    settings = BlueskySettings(hosts=(f"ws://127.0.0.1:{sender.stdout.readline().strip()}/xrpc",))
    tags = Tags(["hasselthelpt", "hasselthelp", "hasseltzoekthulp"])
    source = Jetstream(tags, incident="storm", clock=lambda: datetime.now(UTC), settings=settings)
    found, cursor, begun, used = 0, None, 0.0, 0.0
    while found < options.events // 100:
        fetch = source.fetch(cursor)
        cursor, found = fetch.cursor, found + fetch.posts.height
        if found and not begun:
            begun, used = time.perf_counter(), time.process_time()
        if not fetch.more:
            time.sleep(0.2)
    seconds, used = time.perf_counter() - begun, time.process_time() - used
    source.close()
    sender.kill()
    sender.communicate()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{options.events / seconds:,.0f} events/s, {used / seconds:.2f} of a core, {most} MB at most")
    print(f"{used / options.events * 1e6:.1f} µs an event: one core does {options.events / used:,.0f} events/s")


if __name__ == "__main__":
    main()
