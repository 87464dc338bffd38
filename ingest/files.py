"""Posts from files.

Owns telling what kind of file one is, reading it in chunks so that memory does not follow its size, the source `file`
and the list of refused rows. Knows nothing of where posts go. What is accepted is told in docs/post-format.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import polars as pl

from ingest.errors import UnreadableFile
from ingest.post import Provenance, stamp
from ingest.reading.check import FlawedRow
from ingest.reading.documents import holds_posts, read_list, read_page, read_whole
from ingest.reading.forms import is_known
from ingest.reading.gather import Chunk, parsed
from ingest.reading.lines import BOM, read_lines
from ingest.reading.tables import header, read_csv, read_parquet
from ingest.reading.unpack import Stream
from ingest.source import Fetch, Refusal

CHUNK_BYTES = 32 << 20
Done = TypeVar("Done")

REJECTS = ".rejects.ndjson"
"""What is put behind the name of a file to name the list of its refused rows."""

_HEAD_BYTES = 1 << 20
_SAMPLE_LINES = 20
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_EXPORT = re.compile(rb"window\.[\w.]+\s*=\s*\[")


def read_posts(path: Path, *, now: datetime, chunk_bytes: int = CHUNK_BYTES, start: int = 0) -> Iterator[Chunk]:
    """The posts of a file, a chunk at a time; at least one chunk, and only the last has progress 1.

    now: with a zone; a post that is more than a day ahead of it is refused. chunk_bytes: about how much of the unpacked
    file is in memory at a time. start: rows to leave out, `rows` of an earlier chunk.
    Raises UnreadableFile, at once or for a damaged Parquet file later, when this is no file of posts at all.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        raise UnreadableFile(f"{path.name} is not a file.")
    with Stream(path) as stream:
        head = stream.read(_HEAD_BYTES).removeprefix(BOM)
    if head.startswith(b"PAR1"):
        return read_parquet(path, now=now, size=chunk_bytes, start=start)
    if head.startswith(_UTF16):
        raise UnreadableFile(f"{path.name} is written in UTF-16; save it as UTF-8.")
    read = _reader(path, head)
    if read is None:
        raise UnreadableFile(f"{path.name} holds no posts in a form known here; docs/post-format.md lists the forms.")
    return read(path, now, chunk_bytes, start)


_Reader = Callable[[Path, datetime, int, int], Iterator[Chunk]]


def _reader(path: Path, head: bytes) -> _Reader | None:
    """How to read a file that starts like this, or None when it is none of ours."""
    lines = [line for line in head.strip().splitlines()[:_SAMPLE_LINES] if line.strip()]
    sample = [value for line in lines if (value := _value(line)) is not None]
    records = [value for value in sample if isinstance(value, dict)]
    first = lines[0].lstrip() if lines else b""
    if first.startswith(b"[") or _EXPORT.match(first):
        many = isinstance(_value(first), list) and len(lines) > 1 and lines[1].lstrip()[:1] in (b"{", b"[")
        return _read_lines if many else _list_reader(path)
    if first.startswith(b"{"):
        if not records and len(lines) > 1:
            return _page_reader(path)
        return _read_lines if not records or any(is_known(record) for record in records) else None
    if first and (table := header(first.decode(errors="replace"))) is not None:
        return _table_reader(table[1])
    return _read_lines if not lines or any(is_known(record) for record in records) else None


def _value(line: bytes) -> object:
    try:
        return parsed(line.decode())
    except (UnicodeDecodeError, FlawedRow):
        return None


def _read_lines(path: Path, now: datetime, size: int, start: int) -> Iterator[Chunk]:
    with Stream(path) as stream:
        yield from read_lines(stream, now=now, size=size, start=start)


def _list_reader(path: Path) -> _Reader | None:
    with Stream(path) as stream:
        if not holds_posts(stream):
            return None

    def read(path: Path, now: datetime, size: int, start: int) -> Iterator[Chunk]:
        with Stream(path) as stream:
            yield from read_list(stream, path, now=now, size=size, start=start)

    return read


def _page_reader(path: Path) -> _Reader | None:
    with Stream(path) as stream:
        page = read_whole(stream)
    if page is None:
        return _read_lines
    return (lambda path, now, size, start: read_page(page, now=now, start=start)) if is_known(page) else None


def _table_reader(delimiter: str) -> _Reader:
    def read(path: Path, now: datetime, size: int, start: int) -> Iterator[Chunk]:
        with Stream(path) as stream:
            yield from read_csv(stream, delimiter=delimiter, now=now, size=size, start=start)

    return read


def read_ahead(
    source: FileSource, cursor: str | None, work: Callable[[pl.DataFrame], Done]
) -> Iterator[tuple[Fetch, Done]]:
    """The answers of `source` after `cursor`, each with what `work` made of its posts.

    The next is made in another thread while the caller deals with the last. Raises as `fetch` does.
    """

    def read(cursor: str | None) -> tuple[Fetch, Done]:
        fetch = source.fetch(cursor)
        return fetch, work(fetch.posts)

    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(read, cursor)
        while True:
            fetch, done = coming.result()
            if fetch.more:
                coming = reader.submit(read, fetch.cursor)
            yield fetch, done
            if not fetch.more:
                return


def rejects_path(path: Path) -> Path:
    """Where the refused rows of a file are listed: beside it, under its name and `.rejects.ndjson`."""
    return path.with_name(path.name + REJECTS)


def write_rejects(path: Path, refusals: Sequence[Refusal]) -> None:
    """Append refused rows to the list at `path`, one `{"row": …, "reason": …, "raw": …}` a line; none writes nothing.

    Raises UnreadableFile when the list cannot be written.
    """
    if not refusals:
        return
    lines = [json.dumps(asdict(refusal), ensure_ascii=False) + "\n" for refusal in refusals]
    try:
        with path.open("a", encoding="utf-8", newline="\n") as rejects:
            rejects.writelines(lines)
    except OSError as error:
        raise UnreadableFile(f"The refused rows cannot be listed in {path.name}: {error.strerror}.") from error


class FileSource:
    """One file as a source. Its cursor says how far it was read and of which version of the file.

    A file that has changed since the cursor was made is read from its beginning: giving a post twice is harmless,
    missing one is not.
    """

    name = "file"

    def __init__(
        self, path: Path, *, incident: str, clock: Callable[[], datetime], chunk_bytes: int = CHUNK_BYTES
    ) -> None:
        """incident: what the posts are collected for. clock: the time now, with a zone."""
        self._path = path
        self._incident = incident
        self._clock = clock
        self._chunk_bytes = chunk_bytes
        self._open: tuple[tuple[str | None, str], Iterator[Chunk]] | None = None

    def fetch(self, cursor: str | None) -> Fetch:
        """The next chunk. Raises UnreadableFile as `read_posts` does."""
        now = self._clock()
        version = version_of(self._path)
        place = (cursor, version)
        if self._open is None or self._open[0] != place:
            start = _rows_read(cursor, version)
            self._open = (place, read_posts(self._path, now=now, chunk_bytes=self._chunk_bytes, start=start))
        chunk = next(self._open[1])
        more = chunk.progress < 1.0
        follow = f"{chunk.rows}/{version}"
        self._open = ((follow, version), self._open[1]) if more else None
        return fetched(chunk, incident=self._incident, query=self._path.name, cursor=follow, now=now)

    def close(self) -> None:
        """Let go of the file."""
        self._open = None


def fetched(chunk: Chunk, *, incident: str, query: str, cursor: str, now: datetime) -> Fetch:
    """A chunk of a file as the answer of a source."""
    provenance = Provenance(incident=incident, source="file", query=query, collected_at=now)
    return Fetch(
        posts=stamp(chunk.content, provenance),
        cursor=cursor,
        removals=chunk.removals,
        refusals=chunk.refusals,
        more=chunk.progress < 1.0,
        progress=chunk.progress,
    )


def version_of(path: Path) -> str:
    """What tells one state of a file from the next: size in bytes and time of change in nanoseconds."""
    try:
        status = path.stat()
    except OSError as error:
        raise UnreadableFile(f"{path.name} cannot be read: {error.strerror}.") from error
    return f"{status.st_size}/{status.st_mtime_ns}"


def _rows_read(cursor: str | None, version: str) -> int:
    rows, _, seen = (cursor or "").partition("/")
    return int(rows) if seen == version and rows.isdecimal() else 0
