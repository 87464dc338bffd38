"""JSON that is one value from the first byte to the last: a list of records, or one page of posts.

Owns reading a list item by item, so that its size does not matter, and the bound on what is read as a whole.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from ingest.errors import UnreadableFile
from ingest.reading.check import RAW_CHARS, FlawedRow
from ingest.reading.forms import form_of, is_known
from ingest.reading.found import Record, child, key, text
from ingest.reading.gather import Chunk, Gathering, first_of_each, parsed
from ingest.reading.unpack import Stream

DOCUMENT_BYTES = 256 << 20
"""The most that is read as one JSON object, unpacked."""
ITEM_CHARS = 64 << 20
"""The most that one item of a list may take."""

_STEP_BYTES = 1 << 20
_CHUNK_POSTS = 50_000
_SAMPLE_ITEMS = 20
_START = re.compile(r"\ufeff?\s*(window\.[\w.]+\s*=\s*)?\[")
_BETWEEN = re.compile(r"[\s,]*")
_NOT_UTF8 = re.compile("[\ud800-\udfff]")


class _Items:
    """The items of a JSON list, one by one, with the text of each. `flaw` tells afterwards what ended it too soon."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._json = json.JSONDecoder(strict=False, object_pairs_hook=first_of_each)
        self._text = ""
        self._at = 0
        self._ended = False
        self.flaw: str | None = None
        self._read_on()
        start = _START.match(self._text)
        self.is_export = bool(start and start[1])
        self._at = start.end() if start else 0

    def __iter__(self) -> Iterator[tuple[object, str]]:
        while self._next_sign() not in ("]", ""):
            try:
                value, end = self._json.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._read_on():
                    continue
                self.flaw = f"the list breaks off here ({error.msg.lower()}); the rest is lost"
                return
            except (RecursionError, ValueError):
                self.flaw = (
                    "the list holds something that cannot be read (too deep, or too many digits); the rest is lost"
                )
                return
            if end == len(self._text) and self._read_on():
                continue
            yield value, self._text[self._at : end]
            self._at = end
        self._finish()

    def rest(self) -> str:
        """What comes next, for showing."""
        return self._text[self._at : self._at + RAW_CHARS]

    def _next_sign(self) -> str:
        while True:
            between = _BETWEEN.match(self._text, self._at)
            self._at = between.end() if between else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._read_on():
                return ""

    def _finish(self) -> None:
        if self._at >= len(self._text):
            self.flaw = "the list is not closed; the end of the file seems to be lost"
        else:
            self._at += 1
            if self._next_sign() not in ("", ";"):
                self.flaw = "something follows after the list; it is not read"

    def _read_on(self) -> bool:
        """Read more behind what is there; False at the end, or when one item has become too long."""
        left = len(self._text) - self._at
        if self._ended or left > ITEM_CHARS:
            return False
        wanted = max(_STEP_BYTES, left)
        data = self._stream.read(wanted)
        self._ended = len(data) < wanted
        self._text = self._text[self._at :] + self._decoder.decode(data, self._ended)
        self._at = 0
        return bool(data)


def read_list(stream: Stream, path: Path, *, now: datetime, size: int, start: int) -> Iterator[Chunk]:
    """The posts in a JSON list; a row is an item. A user's own export (`window.… = [`) is such a list."""
    items, gathering = _Items(stream), Gathering(now)
    number, since, owner = 0, 0, ""
    for number, (value, raw) in enumerate(items, start=1):
        record = value
        if items.is_export and isinstance(value, dict):
            owner = owner or _owner(path, value)
            record = {**value, "owner": owner}
        if number <= start:
            continue
        if not raw.isascii() and _NOT_UTF8.search(raw):
            gathering.refuse(number, "the row is not UTF-8", raw)
        else:
            gathering.take_record(number, record, raw)
        since += len(raw)
        if since >= size:
            yield gathering.chunk(rows=number, progress=min(stream.progress, 0.9999))
            gathering, since = Gathering(now), 0
    if stream.flaw or items.flaw:
        number += 1
        gathering.refuse(number, stream.flaw or items.flaw or "", items.rest())
    yield gathering.chunk(rows=number, progress=1.0)


def holds_posts(stream: Stream) -> bool:
    """Whether one of the first items of a list looks like a post; an empty list and a broken one pass."""
    sample = [value for value, _ in zip(_Items(stream), range(_SAMPLE_ITEMS), strict=False)]
    records = [value[0] for value in sample if isinstance(value[0], dict)]
    return not sample or any(is_known(record) for record in records)


def _owner(path: Path, first: Record) -> str:
    """Whose export it is: the name in `account.js` beside it, else a name made of the first tweet's id."""
    try:
        account = parsed(path.with_name("account.js").read_text("utf-8").partition("=")[2].strip().rstrip(";"))
    except (OSError, UnicodeDecodeError, FlawedRow):
        account = None
    if isinstance(account, list) and account and isinstance(account[0], dict):
        name = text(child(account[0], "account"), "username")
        if name:
            return name
    return f"owner-of-{key(child(first, 'tweet'), 'id_str', 'id')}"


def read_whole(stream: Stream) -> Record | None:
    """The file as one JSON object, or None when it is none. Raises UnreadableFile above DOCUMENT_BYTES."""
    data = stream.read(DOCUMENT_BYTES + 1)
    if len(data) > DOCUMENT_BYTES:
        raise UnreadableFile(
            f"This JSON object is larger than {DOCUMENT_BYTES >> 20} MiB; write it as one record a line (NDJSON)."
        )
    try:
        record = parsed(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, FlawedRow):
        return None
    return record if isinstance(record, dict) else None


def read_page(record: Record, *, now: datetime, start: int) -> Iterator[Chunk]:
    """The posts of one page; a row is a post on it."""
    try:
        found = list(form_of(record).read(record))
    except FlawedRow as error:
        gathering = Gathering(now)
        gathering.refuse(1, str(error), json.dumps(record))
        yield gathering.chunk(rows=1, progress=1.0)
        return
    for begin in range(start, max(len(found), start + 1), _CHUNK_POSTS):
        gathering, end = Gathering(now), min(begin + _CHUNK_POSTS, len(found))
        for number, post in enumerate(found[begin:end], start=begin + 1):
            gathering.take_found(number, post)
        yield gathering.chunk(rows=max(end, start), progress=min(end / len(found), 1.0) if found else 1.0)
