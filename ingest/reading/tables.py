"""Posts in tables: CSV and Parquet.

Owns how a table's columns become rows with the fields of a post. The first line of a CSV file is row 1, as a
spreadsheet counts; a Parquet file has no such line, so its first post is row 1.
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import polars as pl

from ingest.errors import UnreadableFile
from ingest.post import CONTENT, REQUIRED, UTC_TIME
from ingest.reading.check import RAW, RAW_CHARS, ROW, STRINGS, TEXT_BYTES, Raw
from ingest.reading.gather import ROWS, Chunk, Gathering
from ingest.reading.lines import blocks
from ingest.reading.unpack import Stream

_DELIMITERS = (",", ";", "\t")
_CELL_CHARS = 2 * TEXT_BYTES
_QUOTES = "the quotes of the row do not match"
_PARQUET_ROW_BYTES = 400
"""About what a post takes once it is unpacked."""
_NOT_UTF8 = re.compile("[\ud800-\udfff]")


def header(line: str) -> tuple[list[str], str] | None:
    """The columns a CSV header names and its delimiter; None when it names no column of a post."""
    best: tuple[list[str], str] | None = None
    known = 0
    for delimiter in _DELIMITERS:
        try:
            names = [name.strip().lower() for name in next(csv.reader([line], delimiter=delimiter, strict=True))]
        except (csv.Error, StopIteration):
            continue
        if (count := len(set(REQUIRED) & set(names))) > known:
            best, known = (names, delimiter), count
    return best


class _Records:
    """The records of a CSV file, where a quote that is never closed costs one line and not the rest of the file."""

    def __init__(self, stream: Stream, *, size: int, delimiter: str) -> None:
        self._blocks = blocks(stream, size=size, start=0)
        self._delimiter = delimiter
        self._ahead: deque[str] = deque()
        self._taken: list[str] = []
        self._width = 0
        self.lost: list[tuple[str, str]] = []
        """Lines before the present record that could not be read at all: (why, the line as it was)."""
        csv.field_size_limit(_CELL_CHARS)

    def __iter__(self) -> Iterator[tuple[list[str], str, str | None]]:
        """Give (cells, the record as it was, why it cannot be read)."""
        reader = self._reader()
        while True:
            self._taken.clear()
            cells, flaw = [], None
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                flaw = _QUOTES
            self._width = self._width or len(cells)
            if flaw is None and cells and len(cells) != self._width:
                flaw = f"the row has {len(cells)} fields, the header has {self._width}"
            if flaw is not None:
                if len(self._taken) > 1:
                    # the row may have swallowed good ones: give up its first line and look at the others again
                    self._ahead.extendleft(reversed(self._taken[1:]))
                    del self._taken[1:]
                    flaw = _QUOTES
                reader = self._reader()
            yield cells, "".join(self._taken), flaw

    def _reader(self) -> Iterator[list[str]]:
        return csv.reader(self._lines(), delimiter=self._delimiter, strict=True)

    def _lines(self) -> Iterator[str]:
        while True:
            while self._ahead:
                self._taken.append(self._ahead.popleft())
                yield self._taken[-1]
            block = next(self._blocks, None)
            if block is None:
                return
            text = block.data.decode("utf-8", "surrogateescape")
            if block.flaw is not None:
                self.lost.append((block.flaw, text))
            else:
                self._ahead.extend(io.StringIO(text, newline="\n"))


def read_csv(stream: Stream, *, delimiter: str, now: datetime, size: int, start: int) -> Iterator[Chunk]:
    """The posts of a CSV file; a row is a record, and the header is row 1.

    Raises UnreadableFile when the header names a column of a post twice.
    """
    records = _Records(stream, size=size, delimiter=delimiter)
    names: list[str] = []
    batch, since, number = _Batch(now), 0, 0
    for cells, raw, flaw in records:
        while records.lost:
            number += 1
            batch.refuse(number, start, *records.lost.pop(0))
        number += 1
        if not names:
            names = _columns(cells)
        elif flaw is not None:
            batch.refuse(number, start, flaw, raw)
        elif cells and not raw.isascii() and _NOT_UTF8.search(raw):
            batch.refuse(number, start, "the row is not UTF-8", raw)
        elif cells:
            batch.take(number, start, cells, raw)
        since += len(raw)
        if since >= size:
            yield batch.chunk(names, rows=max(number, start), progress=min(stream.progress, 0.9999))
            batch, since = _Batch(now), 0
    for why, raw in records.lost:
        number += 1
        batch.refuse(number, start, why, raw)
    yield batch.chunk(names, rows=max(number, start), progress=1.0)


def _columns(cells: list[str]) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    twice = sorted({name for name in names if name in CONTENT and names.count(name) > 1})
    if twice:
        raise UnreadableFile(f"The table has more than one column {', '.join(twice)}; rename or remove all but one.")
    return names


class _Batch:
    """Records of a CSV file on their way to being a chunk; those at or before `start` have been given earlier."""

    def __init__(self, now: datetime) -> None:
        self._gathering = Gathering(now)
        self._numbers: list[int] = []
        self._cells: list[list[str]] = []
        self._raws: list[str] = []

    def refuse(self, number: int, start: int, why: str, raw: str) -> None:
        """Refuse a record beyond `start`, with its reason."""
        if number > start:
            self._gathering.refuse(number, why, raw)

    def take(self, number: int, start: int, cells: list[str], raw: str) -> None:
        """Take a record beyond `start` along."""
        if number > start:
            self._numbers.append(number)
            self._cells.append(cells)
            self._raws.append(raw[:RAW_CHARS])

    def chunk(self, names: list[str], *, rows: int, progress: float) -> Chunk:
        """All that was taken and refused as a chunk; `names` are the columns, `rows` and `progress` say how far it reaches."""
        columns = dict(zip(names, zip(*self._cells, strict=True), strict=bool(self._cells)))
        known = {name: columns.get(name, [None] * len(self._cells)) for name in STRINGS}
        sound = pl.DataFrame({**known, ROW: self._numbers, RAW: self._raws}, schema=ROWS)
        return self._gathering.chunk(rows=rows, progress=progress, sound=sound)


def read_parquet(path: Path, *, now: datetime, size: int, start: int) -> Iterator[Chunk]:
    """The posts of a Parquet file, in slices of about `size` bytes.

    Raises UnreadableFile when it is no Parquet file, or a column of a post holds lists, objects or bytes.
    """
    try:
        table = pl.scan_parquet(path)
        schema = table.collect_schema()
        rows = _as_rows(schema)
        total = table.select(pl.len()).collect().item()
        step = max(size // _PARQUET_ROW_BYTES, 1)
        for begin in range(start, max(total, start + 1), step):
            found = table.select([name for name in CONTENT if name in schema]).slice(begin, step).collect()
            numbers = pl.int_range(begin + 1, begin + 1 + found.height, eager=True)
            sound = found.select(*rows, numbers.alias(ROW), pl.lit(None, pl.String).alias(RAW))
            end = begin + found.height
            yield Gathering(now).chunk(
                rows=end, progress=1.0 if end >= total else end / total, sound=sound, raw=_shown(found, begin)
            )
    # polars panics on some damaged files, and a panic is no Exception
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise UnreadableFile(f"{path.name} is damaged or no Parquet file.") from error


def _shown(found: pl.DataFrame, begin: int) -> Raw:
    return lambda numbers: [found[number - begin - 1].write_ndjson().strip() for number in numbers]


def _as_rows(schema: pl.Schema) -> list[pl.Expr]:
    """Each column of a post as text, but for times and counts that have a type of their own."""
    return [_as_row(name, schema.get(name, pl.Null())) for name in CONTENT]


def _as_row(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if dtype == pl.Null:
        return pl.lit(None, pl.String).alias(name)
    if name == "labels" and dtype == CONTENT[name]:
        # a comma alone is an empty list, see ingest.reading.check
        joined = column.list.join(",")
        return pl.when(joined == "").then(pl.lit(",")).otherwise(joined).alias(name)
    if dtype.is_nested() or dtype in (pl.Binary, pl.Object):
        raise UnreadableFile(f"The column {name} holds {dtype}, not text; write it as text.")
    if isinstance(dtype, pl.Datetime) and CONTENT[name] == UTC_TIME and dtype.time_zone is not None:
        return column
    if dtype.is_float():
        # a table program makes numbers with gaps into fractions; above 2^53 their last digits are lost
        whole = column.is_between(-(2**53), 2**53) & (column == column.round())
        return (
            pl.when(whole)
            .then(column.cast(pl.Int64, strict=False).cast(pl.String))
            .otherwise(pl.when(column.is_not_nan()).then(pl.format("{}", column)))
        )
    return column.cast(pl.String)
