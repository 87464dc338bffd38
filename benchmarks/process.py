"""Running a command as a process of its own and measuring it from outside.

Owns wall time, processor time and peak memory of a child. Refuses to know what the child does. Needs a Unix.

A child that is forked from a large process starts with that process's peak on its own account, so the command is
started by a small one in between: this file, run as a script.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TAIL = 2_000


class CommandFailed(Exception):
    """A measured command did not end well; the message has the command, how it ended, and the end of what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One measured run: wall `seconds`, `processor` seconds over all threads, `peak` resident memory in bytes."""

    seconds: float
    processor: float
    peak: int


def measure(command: Sequence[str | Path]) -> Run:
    """Run a command to its end, in the folder this process is in. Raises CommandFailed when it does not exit with 0."""
    ran = subprocess.run(
        [sys.executable, "-I", "-S", __file__, *map(str, command)], capture_output=True, text=True, check=False
    )
    *said, figures = ran.stdout.splitlines() or [""]
    if ran.returncode:
        told = "\n".join([*said, ran.stderr])[-TAIL:].strip()
        raise CommandFailed(f"{' '.join(map(str, command))} ended with {ran.returncode}:\n{told}")
    return Run(**json.loads(figures))


def python(*arguments: str | Path) -> list[str]:
    """A command that runs this Python with these arguments."""
    return [sys.executable, *map(str, arguments)]


def main(command: list[str]) -> int:
    """Run a command and print its figures as the last line, as JSON. Returns how the command ended."""
    started = time.perf_counter()
    child = subprocess.Popen(command)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(json.dumps({"seconds": seconds, "processor": usage.ru_utime + usage.ru_stime, "peak": peak}))
    return 1 if child.returncode < 0 else child.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
