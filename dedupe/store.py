"""The store: a DuckDB file, or DuckLake, that only ever grows.

Owns opening, migrating, reading and the transaction. Knows nothing of what the rows mean: that is `statements` and
`collapse`. One `Store` per process is shared by all its threads; each thread works through a cursor of its own.
"""

from __future__ import annotations

import logging
import re
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any, Self, TypeVar

import duckdb
import polars as pl

from dedupe.errors import StoreBusy, StoreError, StoreFull, StoreLocked, StoreTooNew

log = logging.getLogger(__name__)

LAKE = "ducklake:"
"""A store named `ducklake:PATH` is a DuckLake whose catalog is the file PATH and whose data lies in PATH.files/."""

CHECKPOINT = "128MB"
"""Log of changes that is kept beside the file before it is worked in: what is read again after a kill, in a second or two."""

FULL = ("no space left", "out of disk space", "disk is full", "disk quota exceeded", "file too large")
"""How systems say that there is no room: on the disk, in a user's quota, under a limit on the size of files."""

TRIES = 20
"""How often a decision is tried anew when another machine decided at the same moment; each try takes tens of milliseconds."""

Frames = Mapping[str, pl.DataFrame]


T = TypeVar("T")


class Store:
    """An open store. Use it as a context manager, or call `close`.

    Raises StoreLocked, StoreTooNew, StoreFull or StoreError on opening, each with one sentence saying what to do.
    """

    def __init__(self, name: str | Path, *, memory_limit: str = "600MB") -> None:
        self.name = str(name)
        self._local = threading.local()
        self._cursors: weakref.WeakSet[duckdb.DuckDBPyConnection] = weakref.WeakSet()
        self._write = threading.RLock()
        self._base = _connect(self.name, memory_limit)
        try:
            _migrate(self._base)
        except duckdb.Error as error:
            self._base.close()
            raise _typed(error, self.name) from error
        except StoreError:
            self._base.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file. Cursors of other threads stop working."""
        for cursor in (*self._cursors, self._base):
            cursor.close()

    def read(self, sql: str, values: Mapping[str, Any] | None = None, frames: Frames | None = None) -> pl.DataFrame:
        """Run a query with bound `$name` values; `frames` can be named in it as tables. Returns a polars frame."""
        try:
            cursor = self._cursor()
            with _registered(cursor, frames or {}):
                return pl.DataFrame(pl.from_arrow(cursor.execute(sql, values or {}).to_arrow_table()))
        except duckdb.Error as error:
            raise _typed(error, self.name) from error

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """All or nothing: what is written inside is there when the block ends, and not at all when it raises.

        Writers of one process wait for each other; readers never wait.
        """
        with self._write:
            try:
                cursor = self._cursor()
                cursor.execute("begin transaction")
                try:
                    yield Transaction(cursor)
                    cursor.execute("commit")
                except BaseException:
                    _roll_back(cursor)
                    raise
            except duckdb.Error as error:
                raise _typed(error, self.name) from error

    def in_turn(self, work: Callable[[Transaction], T]) -> T:
        """Do `work` in a transaction during which nobody else's `in_turn` commits, on this machine or another.

        So what it reads still holds when it has written. In a DuckDB file, which one process holds, `transaction` is that
        already. Several machines write into one DuckLake, where rows added at once do not conflict and no order of clocks
        tells who came first; two changes of one table's comment do conflict. Whoever loses does `work` anew and sees what
        the other wrote. Raises StoreBusy when it lost `TRIES` times, and whatever `work` raises.
        """
        for _ in range(TRIES if self.name.startswith(LAKE) else 1):
            try:
                with self.transaction() as tx:
                    if self.name.startswith(LAKE):
                        tx.take_turn()
                    return work(tx)
            except StoreBusy:
                log.debug("another machine decided at the same moment")
        raise StoreBusy("Others kept deciding at the same moment: try once more.")

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        cursor = getattr(self._local, "cursor", None)
        if cursor is None:
            cursor = self._base.cursor()
            if self.name.startswith(LAKE):
                cursor.execute("use helpt")
            self._local.cursor = cursor
            self._cursors.add(cursor)
        return cursor


class Transaction:
    """An open transaction: reads see what was written in it."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor

    def read(self, sql: str, values: Mapping[str, Any] | None = None, frames: Frames | None = None) -> pl.DataFrame:
        """Like `Store.read`, inside the transaction."""
        with _registered(self._cursor, frames or {}):
            return pl.DataFrame(pl.from_arrow(self._cursor.execute(sql, values or {}).to_arrow_table()))

    def append(self, table: str, rows: pl.DataFrame) -> None:
        """Add rows to a table by column name; columns the frame lacks become null."""
        if rows.height == 0:
            return
        columns = ", ".join(rows.columns)
        with _registered(self._cursor, {"rows_to_add": rows}):
            self._cursor.execute(f"insert into {table} ({columns}) select {columns} from rows_to_add")

    def take_turn(self) -> None:
        """Make this transaction fail when another that did the same commits before it."""
        self._cursor.execute("comment on table turns is 'somebody decides'")


@contextmanager
def _registered(cursor: duckdb.DuckDBPyConnection, frames: Frames) -> Iterator[None]:
    for name, rows in frames.items():
        cursor.register(name, _table(rows))
    try:
        yield
    finally:
        for name in frames:
            cursor.unregister(name)


def _table(rows: pl.DataFrame) -> object:
    """The frame in a form that DuckDB scans: hashes, which most lookups are made with, as plain arrays start soonest."""
    if all(dtype == pl.Int64 for dtype in rows.dtypes) and not any(column.has_nulls() for column in rows):
        return {column.name: column.to_numpy() for column in rows}
    return rows.to_arrow(compat_level=pl.CompatLevel.oldest())


def _roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    try:
        cursor.execute("rollback")
    except duckdb.Error:  # a fatal error (a full disk) has already ended the transaction
        log.debug("nothing to roll back")


def _connect(name: str, memory_limit: str) -> duckdb.DuckDBPyConnection:
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": True,
        "preserve_insertion_order": False,
        # The default of 16 MB has an import rewrite its last blocks with every batch.
        "checkpoint_threshold": CHECKPOINT,
    }
    try:
        lake = name.startswith(LAKE)
        connection = (
            _connect_lake(Path(name.removeprefix(LAKE)), config) if lake else duckdb.connect(name, config=config)
        )
        connection.execute("set global timezone = 'UTC'")
    except duckdb.Error as error:
        raise _typed(error, name) from error
    if not lake and not _is_file(connection):
        connection.close()
        raise StoreError(f"{name} is not a helpt store: name another --store.")
    return connection


def _is_file(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether what is written is kept: given a file of rows (JSON, CSV), DuckDB shows them in a database in memory."""
    row = connection.execute(
        "select path is not null from duckdb_databases() where database_name = current_database()"
    ).fetchone()
    return bool(row and row[0])


def _connect_lake(catalog: Path, config: dict[str, str | bool | int | float | list[str]]) -> duckdb.DuckDBPyConnection:
    try:
        wheel = resources.files("duckdb_extension_ducklake")
    except ModuleNotFoundError as error:
        raise StoreError("A ducklake: store needs the extra `shared`: pip install 'helpt[shared]'.") from error
    extension = wheel.joinpath("extensions", f"v{duckdb.__version__}", "ducklake.duckdb_extension")
    connection = duckdb.connect(config=config)
    connection.execute(f"load '{_quoted(Path(str(extension)))}'")
    connection.execute(f"attach 'ducklake:{_quoted(catalog)}' as helpt (data_path '{_quoted(catalog)}.files/')")
    connection.execute("use helpt")
    return connection


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def migrations() -> list[tuple[int, str, str]]:
    """The numbered schema files as (number, name, SQL), in order."""
    found = []
    for file in resources.files("dedupe").joinpath("sql").iterdir():
        match = re.fullmatch(r"(\d{3})_(\w+)\.sql", file.name)
        if match:
            found.append((int(match[1]), match[2], file.read_text(encoding="utf-8")))
    return sorted(found)


def _migrate(connection: duckdb.DuckDBPyConnection) -> None:
    known = migrations()
    connection.execute("create table if not exists migrations (version integer, name varchar, applied_at timestamptz)")
    row = connection.execute("select coalesce(max(version), 0) from migrations").fetchone()
    current = int(row[0]) if row else 0
    if current > known[-1][0]:
        raise StoreTooNew(
            f"This store is of version {current}, this helpt knows up to {known[-1][0]}: install the newer helpt, or name another --store."
        )
    for version, name, sql in known:
        if version <= current:
            continue
        connection.execute("begin transaction")
        connection.execute(sql)
        connection.execute("insert into migrations values (?, ?, now())", [version, name])
        connection.execute("commit")
        log.info("store migrated to version %d (%s)", version, name)


def _typed(error: duckdb.Error, name: str) -> StoreError:
    """The library's error as one sentence a reader can act on."""
    text = str(error)
    if "Could not set lock" in text or "being used by another process" in text or "Conflicting lock" in text:
        holder = re.search(r"PID (\d+)", text)
        by = f" (process {holder[1]})" if holder else ""
        return StoreLocked(f"Another process{by} holds {name}: stop it, use its board, or name another --store.")
    if any(sign in text.lower() for sign in FULL):
        return StoreFull(f"The disk that holds {name} is full: make room and start again; nothing was half written.")
    if isinstance(error, duckdb.TransactionException) and "conflict" in text:
        return StoreBusy(f"Another machine wrote into {name} at the same moment: try once more.")
    if "not a valid DuckDB database file" in text:
        return StoreError(f"{name} is not a helpt store: name another --store.")
    if "newer version" in text or "was created with" in text:
        return StoreTooNew(f"{name} was written by a newer DuckDB: install the newer helpt, or name another --store.")
    return StoreError(f"The store {name} failed: {text.splitlines()[0]}")
