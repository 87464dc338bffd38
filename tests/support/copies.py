"""Stores that begin alike: made once in a process, copied for each test that wants one."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable, Hashable
from functools import cache
from pathlib import Path

import duckdb

from dedupe.reading.readers import Reader, current_reader
from dedupe.store import LAKE, Store

_made: dict[tuple[bool, bool, int, Hashable], tuple[Path, Reader]] = {}
"""What was made, by its kind, the reader that read it, and what it is. The reader is kept, or its place in memory would
be another's."""


def begin(name: str, what: Hashable, fill: Callable[[Store], object]) -> None:
    """Make the store `name`, not there yet, as `fill` leaves a fresh one, and close it; `what` tells what `fill` does.

    The reader reads once for all that begin with `what`, so keep to fresh stores where reading or taking in is tested.
    """
    lake, path = name.startswith(LAKE), Path(name.removeprefix(LAKE))
    assert not path.exists(), f"{path} has begun already"
    read = current_reader()
    key = lake, read.weighed, id(read.facts), what
    if key not in _made:
        kept = _home() / f"{len(_made)}.store"
        with Store(f"{LAKE if lake else ''}{kept}") as store:
            fill(store)
        _made[key] = kept, read
    kept, _ = _made[key]
    shutil.copyfile(kept, path)
    if lake:
        files = Path(f"{path}.files")
        if (written := Path(f"{kept}.files")).exists():
            shutil.copytree(written, files)
        with duckdb.connect(str(path)) as catalog:
            catalog.execute("update ducklake_metadata set value = ? where key = 'data_path'", [f"{files}/"])


@cache
def _home() -> Path:
    home = Path(tempfile.mkdtemp(prefix="helpt-stores-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    return home
