"""The drop folder: whatever file is put into `inbox/` is read, once it has stopped growing.

Owns which file is next and how far it has been read. It never moves, changes or deletes a file; what is done is known
from the cursor alone. It does not look by itself: someone calls `fetch` every few seconds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import polars as pl

from ingest.errors import UnreadableFile
from ingest.files import CHUNK_BYTES, REJECTS, fetched, read_posts
from ingest.post import CONTENT
from ingest.reading.gather import Chunk
from ingest.source import Fetch, Refusal

_PARTIAL = (".part", ".partial", ".tmp", ".crdownload")
_DONE = -1

_State = tuple[int, int]
"""Size in bytes and time of change in nanoseconds."""
_Place = tuple[str, _State, str | None]
"""A file, its state, and the cursor with which it is gone on with."""
_Done = dict[str, tuple[_State, int]]
"""Per file the state it was read in and how many rows were read, _DONE for all."""


class Inbox:
    """A folder as a source.

    A file is taken once two looks at it, at least one `fetch` apart, found the same size and time of change. Hidden
    files, folders, unfinished downloads (`*.part` and the like) and lists of refused rows are left alone. A file that
    changes after it was read is read again from its beginning.
    """

    name = "file"

    def __init__(
        self, folder: Path, *, incident: str, clock: Callable[[], datetime], chunk_bytes: int = CHUNK_BYTES
    ) -> None:
        """incident: what the posts are collected for. clock: the time now, with a zone."""
        self._folder = folder
        self._incident = incident
        self._clock = clock
        self._chunk_bytes = chunk_bytes
        self._seen: dict[str, _State] = {}
        self._open: tuple[_Place, Iterator[Chunk]] | None = None

    def fetch(self, cursor: str | None) -> Fetch:
        """The next chunk of the next file; no posts when no file is ready.

        A file that cannot be read at all comes as one refusal and is then left alone. Every refusal begins with the
        name of its file. Raises UnreadableFile when the folder itself cannot be read.
        """
        now, states, done = self._clock(), self._look(), _done(cursor)
        done = {name: entry for name, entry in done.items() if name in states}
        ready = [name for name, state in states.items() if self._is_ready(name, state, done)]
        self._seen = states
        if not ready:
            return self._answer(_nothing(), query=self._folder.name, done=done, now=now, more=False)
        name = ready[0]
        chunk = self._read(name, states[name], done, cursor, now)
        finished = chunk.progress == 1.0
        done[name] = (states[name], _DONE if finished else chunk.rows)
        named = tuple(replace(refusal, reason=f"{name}: {refusal.reason}") for refusal in chunk.refusals)
        answer = self._answer(
            replace(chunk, refusals=named), query=name, done=done, now=now, more=not finished or len(ready) > 1
        )
        if self._open is not None:
            self._open = ((name, states[name], answer.cursor), self._open[1])
        return answer

    def close(self) -> None:
        """Let go of the file that is being read; the next look goes on where its cursor says."""
        self._open = None

    def _look(self) -> dict[str, _State]:
        """The files that may be taken, oldest first."""
        try:
            found = [(path, path.stat()) for path in self._folder.iterdir() if _is_offered(path)]
        except FileNotFoundError as error:
            if self._folder.is_dir():
                # a file went away between listing and looking; the next look will tell
                return {}
            raise UnreadableFile(f"The folder {self._folder.name} does not exist; make it.") from error
        except OSError as error:
            raise UnreadableFile(f"The folder {self._folder.name} cannot be read: {error.strerror}.") from error
        found.sort(key=lambda entry: (entry[1].st_mtime_ns, entry[0].name))
        return {path.name: (status.st_size, status.st_mtime_ns) for path, status in found}

    def _is_ready(self, name: str, state: _State, done: _Done) -> bool:
        read = done.get(name)
        if read is not None and read[0] == state:
            return read[1] != _DONE
        return self._seen.get(name) == state

    def _read(self, name: str, state: _State, done: _Done, cursor: str | None, now: datetime) -> Chunk:
        place = (name, state, cursor)
        if self._open is None or self._open[0] != place:
            read = done.get(name)
            start = read[1] if read is not None and read[0] == state else 0
            self._open = (place, self._chunks(self._folder / name, now, start))
        chunk = next(self._open[1])
        if chunk.progress == 1.0:
            self._open = None
        return chunk

    def _chunks(self, path: Path, now: datetime, start: int) -> Iterator[Chunk]:
        rows = start
        try:
            for chunk in read_posts(path, now=now, chunk_bytes=self._chunk_bytes, start=start):
                rows = chunk.rows
                yield chunk
        except UnreadableFile as error:
            refusal = Refusal(row=rows + 1, reason=str(error), raw="")
            yield Chunk(content=_nothing().content, refusals=(refusal,), rows=rows, progress=1.0)

    def _answer(self, chunk: Chunk, *, query: str, done: _Done, now: datetime, more: bool) -> Fetch:
        answer = fetched(chunk, incident=self._incident, query=query, cursor=_cursor(done), now=now)
        return replace(answer, more=more)


def inbox_line(folder: Path) -> str:
    """What `helpt doctor` says of a drop folder. Raises UnreadableFile."""
    try:
        waiting = sum(_is_offered(path) for path in folder.iterdir()) if folder.exists() else None
    except OSError as error:
        raise UnreadableFile(f"The folder {folder.name} cannot be read: {error.strerror}.") from error
    return (
        f"{folder}/ does not exist yet; helpt run makes it" if waiting is None else f"{folder}/ holds {waiting} files"
    )


def _is_offered(path: Path) -> bool:
    name = path.name
    return not name.startswith(".") and not name.endswith((*_PARTIAL, REJECTS)) and path.is_file()


def _nothing() -> Chunk:
    return Chunk(content=pl.DataFrame(schema=CONTENT), rows=0, progress=1.0)


def _cursor(done: _Done) -> str:
    entries = {name: [size, changed, rows] for name, ((size, changed), rows) in sorted(done.items())}
    return json.dumps(entries, separators=(",", ":"), ensure_ascii=False)


def _done(cursor: str | None) -> _Done:
    entries = json.loads(cursor) if cursor else {}
    return {name: ((size, changed), rows) for name, (size, changed, rows) in entries.items()}
