"""What JSON of others holds, taken apart without trusting it: every getter copes with any shape."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from ingest.source import Removal

Record = Mapping[str, object]
Row = Mapping[str, object]
Found = Row | Removal


def child(record: Record, *path: str) -> Record:
    """The object at `path`, or an empty one."""
    here: object = record
    for name in path:
        here = here.get(name) if isinstance(here, Mapping) else None
    return here if isinstance(here, Mapping) else {}


def children(record: Record, name: str) -> list[Record]:
    """The objects in the list called `name`; an object by itself counts as a list of one."""
    found = record.get(name)
    items = found if isinstance(found, list) else [found]
    return [item for item in items if isinstance(item, Mapping)]


def text(record: Record, *names: str) -> str | None:
    """The first of `names` that holds text with something in it."""
    return next((found for name in names if isinstance(found := record.get(name), str) and found), None)


def key(record: Record, *names: str) -> str | None:
    """The first of `names` that holds an id, as text; whole numbers are taken as their digits."""
    for name in names:
        found = record.get(name)
        if isinstance(found, int) and not isinstance(found, bool):
            return str(found)
        if isinstance(found, str) and found:
            return found
    return None


def moment(found: object) -> datetime | None:
    """A time in ISO 8601 with a zone, or microseconds since 1970; None for anything else."""
    try:
        if isinstance(found, int) and not isinstance(found, bool):
            return datetime.fromtimestamp(found / 1e6, UTC)
        at = datetime.fromisoformat(found) if isinstance(found, str) else None
        return at.astimezone(UTC) if at is not None and at.tzinfo is not None else None
    except (ValueError, OverflowError, OSError):
        return None


def earliest(*found: object) -> object:
    """The earliest of several times as ISO 8601; where none can be read the first that is there, as it is."""
    moments = [at for value in found if (at := moment(value)) is not None]
    if moments:
        return min(moments).isoformat()
    return next((value for value in found if value is not None), None)
