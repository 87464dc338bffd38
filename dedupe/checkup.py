"""Checking up on the store and the word lists: what `helpt doctor` says of it. Each check gives one line, or raises with what to do."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from dedupe.errors import LexiconError, StoreError, StoreFull
from dedupe.reading.lexicon import check_lexicon
from dedupe.store import LAKE, Store

ENOUGH = 1 << 30
"""Bytes of free disk a night may take."""


def store_line(name: str) -> str:
    """What is in the store. Raises StoreError."""
    if not Path(name.removeprefix(LAKE)).exists():
        return f"{name} does not exist yet; helpt import or helpt run makes it"
    counts = "select (select count(*) from posts) as posts, (select count(*) from current_records) as records"
    with Store(name) as store:
        posts, records = store.read(counts).row(0)
    return f"{name}: {posts} posts, {records} records"


def count_records(store: Store, incident: str) -> int:
    """How many records an incident has. Raises StoreError."""
    counted = "select count(*) as n from current_records where incident = $incident"
    return int(store.read(counted, {"incident": incident}).item())


def disk_line(name: str) -> str:
    """How much room there is. Raises StoreFull when a night would not fit."""
    free = shutil.disk_usage(Path(name.removeprefix(LAKE)).resolve().parent).free
    if free < ENOUGH:
        raise StoreFull(f"{free >> 20} MB free where the store lies: make room, a night takes up to 1 GB.")
    return f"{free >> 30} GB free where the store lies"


def shared_line() -> str:
    """Whether stores shared by several machines can be used."""
    with tempfile.TemporaryDirectory(prefix="helpt-doctor-") as folder:
        try:
            Store(f"{LAKE}{folder}/try.ducklake").close()
        except StoreError as error:
            return f"no DuckLake, and none is needed on one machine ({error})"
    return "DuckLake can be used"


def words_line(own: Path | None) -> str:
    """Which word lists are read. Raises LexiconError with the first that cannot be used."""
    refusals, _ = check_lexicon(own=own)
    if refusals:
        raise LexiconError(f"{refusals[0]} ({len(refusals)} in all: helpt words check)")
    return f"the bundled lists and those of {own}" if own else "the bundled lists"
