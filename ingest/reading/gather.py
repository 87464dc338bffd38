"""The piece of a file that is read at a time, and how JSON records become one.

Owns the unit all readers of files give. Knows no network, no store, and not how the records were laid out in the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from ingest.reading.check import RAW, ROW, STRINGS, FlawedRow, Raw, admit, as_strings, cut
from ingest.reading.forms import form_of
from ingest.reading.found import Found, Record
from ingest.source import Refusal, Removal

ROWS = pl.Schema({**STRINGS, ROW: pl.Int64(), RAW: pl.String()})
"""Rows on their way to being checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """What a stretch of a file holds.

    content: posts, with the columns of `CONTENT`. refusals: rows that are no posts, numbered from 1 in the whole file.
    rows: how many rows of the file are behind us; give it back as `start` to go on from here. skipped: records that are
    well-formed but hold no post. progress: from 0 to 1; exactly 1 on the last chunk and only there.
    """

    content: pl.DataFrame
    refusals: tuple[Refusal, ...] = ()
    removals: tuple[Removal, ...] = ()
    rows: int
    skipped: int = 0
    progress: float


class Gathering:
    """Rows found one by one, on their way to being a chunk."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._numbers: list[int] = []
        self._rows: list[dict[str, str | None]] = []
        self._raws: list[str] = []
        self._refusals: list[Refusal] = []
        self._removals: list[Removal] = []
        self._skipped = 0

    def __len__(self) -> int:
        return len(self._rows) + len(self._refusals)

    def refuse(self, number: int, reason: str, raw: str) -> None:
        """Turn a row away."""
        self._refusals.append(Refusal(row=number, reason=reason, raw=cut(raw)))

    def take(self, number: int, row: Mapping[str, object], raw: str) -> None:
        """Take a row with the fields of a post, or turn it away when one has an impossible type."""
        try:
            strings = as_strings(row)
        except FlawedRow as error:
            self.refuse(number, str(error), raw)
            return
        self._numbers.append(number)
        self._rows.append(strings)
        self._raws.append(cut(raw))

    def take_record(self, number: int, record: object, raw: str) -> None:
        """Take whatever posts and removals a JSON value holds, in any known form; a list counts as its items."""
        records = record if isinstance(record, list) and record else [record]
        for item in records:
            if isinstance(item, dict):
                self._take_object(number, item, raw)
            else:
                self.refuse(number, "the row is not a JSON object", raw)

    def _take_object(self, number: int, record: Record, raw: str) -> None:
        try:
            found = list(form_of(record).read(record))
        except FlawedRow as error:
            self.refuse(number, str(error), raw)
            return
        self._skipped += not found
        for post in found:
            self.take_found(number, post, raw if len(found) == 1 else None)

    def take_found(self, number: int, found: Found, raw: str | None = None) -> None:
        """Take a row or a removal that a form gave."""
        if isinstance(found, Removal):
            self._removals.append(found)
        else:
            self.take(number, found, raw if raw is not None else json.dumps(found))

    def chunk(self, *, rows: int, progress: float, sound: pl.DataFrame | None = None, raw: Raw | None = None) -> Chunk:
        """Check all that was taken, and with it the rows of `sound` (columns of `ROWS`), in the order of the file.

        For `rows` and `progress` see `Chunk`; for `raw` see `admit`.
        """
        columns = {name: [row[name] for row in self._rows] for name in STRINGS}
        frame = pl.DataFrame({**columns, ROW: self._numbers, RAW: self._raws}, schema=ROWS)
        if sound is not None:
            frame = pl.concat([sound, frame]).sort(ROW, maintain_order=True) if frame.height else sound
        content, refused = admit(frame, now=self._now, raw=raw)
        refusals = sorted([*refused, *self._refusals], key=lambda refusal: refusal.row)
        return Chunk(
            content=content,
            refusals=tuple(refusals),
            removals=tuple(self._removals),
            rows=rows,
            skipped=self._skipped,
            progress=progress,
        )


def joined(chunks: list[Chunk]) -> Chunk:
    """Chunks that follow each other, as one."""
    return Chunk(
        content=pl.concat([chunk.content for chunk in chunks]),
        refusals=tuple(refusal for chunk in chunks for refusal in chunk.refusals),
        removals=tuple(removal for chunk in chunks for removal in chunk.removals),
        rows=chunks[-1].rows,
        skipped=sum(chunk.skipped for chunk in chunks),
        progress=chunks[-1].progress,
    )


def parsed(raw: str) -> object:
    """One JSON value. Raises FlawedRow with the reason when it is none."""
    try:
        return json.loads(raw, strict=False, object_pairs_hook=first_of_each)
    except RecursionError as error:
        raise FlawedRow("the row is nested too deeply") from error
    except json.JSONDecodeError as error:
        raise FlawedRow(f"the row is not valid JSON: {error.msg.lower()} at character {error.pos + 1}") from error
    except ValueError as error:
        raise FlawedRow("the row holds a number of too many digits") from error


def first_of_each(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    """A JSON object that keeps the first of two fields with one name, as the vectorised reader does."""
    record: dict[str, object] = {}
    for name, value in pairs:
        record.setdefault(name, value)
    return record
