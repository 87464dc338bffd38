"""JSON, one record a line: a fast way for post files as they should be, and a careful way for all else.

Owns how a file falls into lines and blocks of lines. Both ways give the same posts and refusals; the careful one is
only taken for lines the fast one stumbles over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from ingest.reading.check import RAW, RAW_CHARS, ROW, STRINGS, FlawedRow
from ingest.reading.gather import Chunk, Gathering, joined, parsed
from ingest.reading.unpack import Stream

LINE_BYTES = 64 << 20
"""A longer line is refused without being held in memory."""

BOM = b"\xef\xbb\xbf"
_PIECE_BYTES = 1 << 20
_STARTS = (b"{", b" ", b"\t", b"\r", b"\n", b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Whole lines. `first` is the number of the first, from 1; `flaw` says why the one line in `data` is refused."""

    data: bytes
    first: int
    lines: int
    progress: float
    flaw: str | None = None

    @property
    def last(self) -> int:
        """The number of the last line."""
        return self.first + self.lines - 1

    def raw(self, numbers: list[int]) -> list[str]:
        """The lines with these numbers, as they were."""
        lines = self.data.split(b"\n")
        return [lines[number - self.first][: RAW_CHARS * 4].decode(errors="replace") for number in numbers]


def blocks(stream: Stream, *, size: int, start: int) -> Iterator[Block]:
    """Cut a file into blocks of about `size` bytes that end where a line ends, after its first `start` lines.

    At least one block is given, and only the last has progress 1. What a broken archive cuts off in mid-line comes as
    the last block, with its flaw; so does a line above LINE_BYTES.
    """
    number = 1
    for data, flaw, progress in _cut_at_lines(stream, size):
        lines = 1 if flaw else _count_lines(data)
        behind = min(max(start + 1 - number, 0), lines)
        first, left = number + behind, lines - behind
        if left or progress == 1.0:
            ahead = _after_lines(data, behind) if behind else data
            yield Block(data=ahead, first=first, lines=left, progress=progress, flaw=flaw if left else None)
        number += lines


def _cut_at_lines(stream: Stream, size: int) -> Iterator[tuple[bytes, str | None, float]]:
    """Whole lines, the flaw of those that are to be refused, and the progress after them."""
    data = stream.read(len(BOM)).removeprefix(BOM)
    while True:
        wanted = max(size - len(data), 1)
        got = stream.read(wanted)
        data += got
        if len(got) < wanted:
            break
        if not data.endswith(b"\n"):
            data += stream.read_line(LINE_BYTES)
        # a last block must be known as such, so progress stays below 1 while there may be more
        progress = min(stream.progress, 0.9999)
        start = data.rfind(b"\n", 0, -1) + 1
        if len(data) - start <= LINE_BYTES:
            yield data, None, progress
        else:
            yield data[:start], None, progress
            yield data[start:], f"the line is longer than {LINE_BYTES >> 20} MiB", progress
            while not data.endswith(b"\n") and (data := stream.read_line(LINE_BYTES)):
                pass
        data = b""
    if stream.flaw is None:
        yield data, None, 1.0
        return
    start = data.rfind(b"\n") + 1
    yield data[:start], None, 0.9999
    yield data[start:], stream.flaw, 1.0


def _count_lines(data: bytes) -> int:
    return data.count(b"\n") + (not data.endswith(b"\n") and bool(data))


def _after_lines(data: bytes, lines: int) -> bytes:
    at = 0
    for _ in range(lines):
        at = data.find(b"\n", at) + 1 or len(data)
    return data[at:]


def read_lines(stream: Stream, *, now: datetime, size: int, start: int) -> Iterator[Chunk]:
    """The posts of a file with one JSON record a line, a chunk per block of about `size` bytes."""
    for block in blocks(stream, size=size, start=start):
        if block.flaw is None:
            yield _read(block, now)
            continue
        gathering = Gathering(now)
        gathering.refuse(block.first, block.flaw, block.data[: RAW_CHARS * 4].decode(errors="replace"))
        yield gathering.chunk(rows=block.last, progress=block.progress)


def _read(block: Block, now: datetime) -> Chunk:
    """Read a block the fast way; where that fails, only the small piece in which it fails the careful way."""
    try:
        return _read_fast(block, now)
    except pl.exceptions.PolarsError:
        return joined([_read_piece(piece, now) for piece in _pieces(block)])


def _pieces(block: Block) -> Iterator[Block]:
    at, first = 0, block.first
    while at < len(block.data):
        end = block.data.find(b"\n", at + _PIECE_BYTES) + 1 or len(block.data)
        data = block.data[at:end]
        lines = _count_lines(data)
        yield Block(data=data, first=first, lines=lines, progress=block.progress)
        at, first = end, first + lines


def _read_piece(block: Block, now: datetime) -> Chunk:
    try:
        return _read_fast(block, now)
    except pl.exceptions.PolarsError:
        gathering = Gathering(now)
        for number, line in enumerate(block.data.split(b"\n"), start=block.first):
            take_line(gathering, number, line)
        return gathering.chunk(rows=block.last, progress=block.progress)


def _read_fast(block: Block, now: datetime) -> Chunk:
    """Raises PolarsError when a line is not a JSON object in UTF-8."""
    if block.data[:1] not in _STARTS:
        # the library would unpack what begins like an archive
        raise pl.exceptions.ComputeError("the first line is no JSON object")
    found = pl.read_ndjson(block.data, schema=STRINGS)
    numbers = pl.int_range(block.first, block.first + block.lines, eager=True)
    if found.height != block.lines:
        full = [number for number, line in enumerate(block.data.split(b"\n"), block.first) if line.strip()]
        numbers = pl.Series(full, dtype=pl.Int64)
    frame = found.with_columns(numbers.alias(ROW), pl.lit(None, pl.String).alias(RAW))
    odd = frame.select(_is_odd(escaped=b"\\u" in block.data)).to_series()
    gathering = Gathering(now)
    if odd.any():
        lines = block.data.split(b"\n")
        for number in numbers.filter(odd):
            take_line(gathering, number, lines[number - block.first])
        frame = frame.filter(~odd)
    return gathering.chunk(rows=block.last, progress=block.progress, sound=frame, raw=block.raw)


def _is_odd(*, escaped: bool) -> pl.Expr:
    """A row that must be read again: other values may have become text in it, or half a surrogate pair NUL.

    A row without network may be a record of another form. `escaped`: whether there is any escape by code.
    """
    columns = [pl.col(name) for name in STRINGS]
    was_other = [column.str.starts_with("[") | column.str.starts_with("{") for column in columns]
    was_truth = [column.is_in(["true", "false"]) for column in columns]
    was_half = [column.str.contains("\x00", literal=True) for column in columns if escaped]
    marks = [mark.fill_null(False) for mark in (*was_other, *was_truth, *was_half)]
    return pl.any_horizontal(pl.col("network").is_null(), *marks)


def take_line(gathering: Gathering, number: int, line: bytes) -> None:
    """Put what a line holds into `gathering`; a blank line holds nothing."""
    stripped = line.removeprefix(BOM).strip()
    if not stripped:
        return
    try:
        raw = stripped.decode()
        gathering.take_record(number, parsed(raw), raw)
    except UnicodeDecodeError:
        gathering.refuse(number, "the row is not UTF-8", stripped[: RAW_CHARS * 4].decode(errors="replace"))
    except FlawedRow as error:
        gathering.refuse(number, str(error), raw)
