"""The bytes of a file, unpacked if need be.

Owns gzip and Zstandard, recognised by their first bytes. A broken archive is not an error here: it gives all that can
be read and then says what is wrong. Knows nothing of what the bytes mean.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from types import TracebackType
from typing import Protocol

import zstandard

from ingest.errors import UnreadableFile

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_PACKED_BYTES = 1 << 16


class _Unpacker(Protocol):
    """One packed part of a file. `damaged`: it broke off, and what was given is all that can be read of it."""

    damaged: bool

    @property
    def eof(self) -> bool:
        """Whether the end of the part was reached."""

    @property
    def unused_data(self) -> bytes:
        """What was given beyond that end."""

    def decompress(self, packed: bytes, /) -> bytes:
        """What `packed` holds; of a damaged part what comes before the damage."""


class _GzipMember:
    """A member of a gzip file."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(wbits=31)
        self.damaged = False

    @property
    def eof(self) -> bool:
        """Whether its end was reached."""
        return self._member.eof

    @property
    def unused_data(self) -> bytes:
        """What was given beyond its end."""
        return self._member.unused_data

    def decompress(self, packed: bytes, /) -> bytes:
        """What `packed` holds; once damaged, what can still be saved."""
        before = self._member.copy()
        try:
            return self._member.decompress(packed)
        except zlib.error:
            self.damaged = True
        # the failed call kept what it had unpacked before the damage; byte by byte it comes out
        sound = bytearray()
        try:
            for byte in packed:
                sound += before.decompress(bytes([byte]))
        except zlib.error:
            pass
        return bytes(sound)


class _ZstdFrame:
    """A frame of a zstd file."""

    def __init__(self) -> None:
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self.damaged = False

    @property
    def eof(self) -> bool:
        """Whether its end was reached."""
        return self._frame.eof

    @property
    def unused_data(self) -> bytes:
        """What was given beyond its end."""
        return self._frame.unused_data

    def decompress(self, packed: bytes, /) -> bytes:
        """What `packed` holds; nothing once damaged."""
        try:
            return self._frame.decompress(packed)
        except zstandard.ZstdError:
            self.damaged = True
            return b""


class Stream:
    """A file read from its start to its end, once. Use it as a context manager."""

    def __init__(self, path: Path) -> None:
        """Raises UnreadableFile when the file is not there, is a folder or may not be read."""
        try:
            self._file = path.open("rb")
            self._size = max(path.stat().st_size, 1)
            magic = self._file.read(4)
            self._file.seek(0)
        except FileNotFoundError as error:
            raise UnreadableFile(f"{path.name} does not exist.") from error
        except IsADirectoryError as error:
            raise UnreadableFile(f"{path.name} is a folder; name the files in it.") from error
        except OSError as error:
            raise UnreadableFile(f"{path.name} cannot be read: {error.strerror}.") from error
        self.flaw: str | None = None
        """Why the rest cannot be read, once that is known."""
        self._packing = "gzip" if magic.startswith(_GZIP) else "Zstandard" if magic == _ZSTD else None
        self._unpacker: _Unpacker | None = None
        self._waiting = bytearray()

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    @property
    def progress(self) -> float:
        """How far into the file, from 0 to 1."""
        return min(self._file.tell() / self._size, 1.0)

    def read(self, size: int) -> bytes:
        """The next `size` unpacked bytes; fewer only at the end, where `flaw` says whether the end came too soon."""
        if self._packing is None:
            return self._read_file(size)
        while len(self._waiting) < size and self._unpack_more():
            pass
        return self._hand_out(size)

    def read_line(self, size: int) -> bytes:
        """The rest of the line, with its end; at most about `size` bytes of it."""
        if self._packing is None:
            return self._read_file(size, line=True)
        seen = 0
        while (end := self._waiting.find(b"\n", seen)) < 0 and len(self._waiting) < size:
            seen = len(self._waiting)
            if not self._unpack_more():
                break
        return self._hand_out(end + 1 if end >= 0 else size)

    def _hand_out(self, size: int) -> bytes:
        got = bytes(memoryview(self._waiting)[:size])
        del self._waiting[:size]
        return got

    def _unpack_more(self) -> bool:
        """Add to the waiting bytes; False when there is no more."""
        if self.flaw is not None:
            return False
        packed = self._read_file(_PACKED_BYTES)
        if packed:
            self._unpack(packed)
        elif self._unpacker is not None:
            self.flaw = f"the {self._packing} archive is cut off here; the rest is lost"
        return bool(packed)

    def _read_file(self, size: int, *, line: bool = False) -> bytes:
        try:
            return self._file.readline(size) if line else self._file.read(size)
        except OSError as error:
            self.flaw = f"the disk gives nothing more: {error.strerror}"
            return b""

    def _unpack(self, packed: bytes) -> None:
        """Append what `packed` holds to the waiting bytes; an archive may consist of several members."""
        while packed:
            if self._unpacker is None:
                self._unpacker = self._open_member()
            self._waiting += self._unpacker.decompress(packed)
            if self._unpacker.damaged:
                self.flaw = f"the {self._packing} archive is damaged here; the rest is lost"
                return
            if not self._unpacker.eof:
                return
            # gzip files may be padded with zeros after the last member
            packed = self._unpacker.unused_data.lstrip(b"\0")
            self._unpacker = None

    def _open_member(self) -> _Unpacker:
        return _GzipMember() if self._packing == "gzip" else _ZstdFrame()
