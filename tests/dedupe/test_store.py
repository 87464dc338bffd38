"""The store: on a DuckDB file and on a DuckLake alike; locked, too new, no store at all, on a full disk; all or nothing."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import polars as pl
import pytest

from dedupe import store as stores
from dedupe.errors import StoreError, StoreFull, StoreLocked, StoreTooNew
from dedupe.store import LAKE, Store, migrations
from tests.support.posts import BED, outcome, partition, post, take, together

ROOT = Path(__file__).resolve().parents[2]


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    """Another process with our code at hand."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def file_of(name: str) -> Path:
    return Path(name.removeprefix(LAKE))


# Opening


def test_what_was_written_is_there_when_the_store_is_opened_again(store_name: str):
    with Store(store_name) as first:
        take(first, post("x", "1", "jan", BED), post("x", "2", "piet", f"RT @jan: {BED}"), cursor="7")
        before = outcome(first)
    with Store(store_name) as second:
        assert outcome(second) == before
        assert second.read("select cursor from batches").item() == "7"
        take(second, post("x", "3", "an", BED))
        assert partition(second) == together("x/1 x/2 x/3")


def test_migrations_are_numbered_without_gaps_and_applied_once(store_name: str):
    known = migrations()
    assert [number for number, _, _ in known] == list(range(1, len(known) + 1))
    for _ in range(2):
        with Store(store_name) as store:
            applied = store.read(
                "select version, name, applied_at is not null as dated from migrations order by version"
            )
            assert applied.rows() == [(number, name, True) for number, name, _ in known]


def test_a_later_migration_is_applied_to_a_store_that_lacks_it(store_name: str, monkeypatch: pytest.MonkeyPatch):
    with Store(store_name) as store:
        take(store, post("x", "1", "jan", BED))
    # A patch, since the next migration is not written yet.
    later = [
        *migrations(),
        (len(migrations()) + 1, "notes", "create table notes (note varchar); insert into notes values ('new')"),
    ]
    monkeypatch.setattr(stores, "migrations", lambda: later)
    for _ in range(2):
        with Store(store_name) as store:
            assert store.read("from notes").rows() == [("new",)]
            assert store.read("from posts").height == 1


def test_a_migration_that_fails_leaves_the_store_as_it_was(store_name: str, monkeypatch: pytest.MonkeyPatch):
    Store(store_name).close()
    broken = [
        *migrations(),
        (len(migrations()) + 1, "broken", "create table half (note varchar); insert into nowhere values (1)"),
    ]
    with monkeypatch.context() as patch:
        patch.setattr(stores, "migrations", lambda: broken)
        with pytest.raises(StoreError):
            Store(store_name)
    with Store(store_name) as store:
        assert store.read("select max(version) from migrations").item() == len(migrations())
        with pytest.raises(StoreError):
            store.read("from half")


def test_a_store_of_a_newer_version_is_left_alone_with_one_sentence(store_name: str):
    with Store(store_name) as store, store.transaction() as tx:
        tx.append("migrations", pl.DataFrame({"version": [900], "name": ["of the future"]}))
    with pytest.raises(
        StoreTooNew, match=r"^This store is of version 900, .* install the newer helpt, or name another --store\.$"
    ):
        Store(store_name)


def test_a_store_another_process_holds_is_locked_and_who_holds_it_is_told(store_name: str):
    holder = python(
        "import sys; from dedupe.store import Store; s = Store(sys.argv[1]); print('open', flush=True); input()",
        store_name,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(StoreLocked) as refused:
            Store(store_name)
        assert str(refused.value).count("\n") == 0
        assert f"process {holder.pid}" in str(refused.value)
        assert str(file_of(store_name)) in str(refused.value)
    finally:
        holder.communicate("\n", timeout=60)
    Store(store_name).close()


@pytest.mark.parametrize("content", [b"no database at all", b"x" * 100_000, b'{"network": "x"}\n'])
def test_a_file_that_is_no_store_is_refused_with_one_sentence_and_left_as_it_was(content: bytes, store_name: str):
    file = file_of(store_name)
    file.write_bytes(content)
    with pytest.raises(StoreError) as refused:
        Store(store_name)
    assert str(file) in str(refused.value)
    assert "\n" not in str(refused.value)
    assert file.read_bytes() == content


def test_a_file_of_rows_that_duckdb_would_only_show_is_no_store(tmp_path: Path):
    # Opened, it would be a database in memory, and all that is written to it would be lost.
    for name, content in {
        "night.ndjson": '{"id": 1}\n',
        "night.csv": "id,text\n1,bed\n",
        "night.json": '[{"id": 1}]',
    }.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
        with pytest.raises(StoreError, match="is not a helpt store"):
            Store(tmp_path / name)


def test_a_folder_or_a_place_that_is_not_there_is_refused(tmp_path: Path):
    for name in (tmp_path, tmp_path / "nowhere" / "night.duckdb"):
        with pytest.raises(StoreError, match=r"^[^\n]+$"):
            Store(name)


def test_a_duckdb_file_of_someone_else_gets_our_tables_beside_theirs(tmp_path: Path):
    with duckdb.connect(str(tmp_path / "other.duckdb")) as other:
        other.execute("create table theirs as select 1 as n")
    with Store(tmp_path / "other.duckdb") as store:
        assert store.read("select n from theirs").item() == 1
        assert store.read("from posts").height == 0


def test_a_quote_in_the_name_of_a_store_is_no_danger(tmp_path: Path):
    for name in (tmp_path / "jan's night.duckdb", f"{LAKE}{tmp_path}/jan's night.ducklake"):
        with Store(name) as store:
            take(store, post("x", "1", "jan", BED))
            assert store.read("from posts").height == 1


# Reading


def test_times_come_back_in_utc_whatever_zone_the_machine_is_in(store_name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TZ", "America/New_York")
    with Store(store_name) as store:
        take(store, post("x", "1", "jan", BED, 0))
        rows = store.read("select created_at from posts")
        assert rows.schema["created_at"] == pl.Datetime("us", "UTC")
        assert f"{rows.item():%H:%M}" == "16:15"
        told: list[str] = []
        thread = threading.Thread(
            target=lambda: told.append(store.read("select created_at::varchar as at_text from posts").item())
        )
        thread.start()
        thread.join()
        assert told[0].startswith("2011-08-18 16:15:00")


def test_a_wrong_query_is_a_store_error_and_the_next_one_works(either: Store):
    with pytest.raises(StoreError):
        either.read("select * from nowhere")
    assert either.read("select 1 as n").item() == 1


def test_frames_can_be_named_in_a_query_and_are_forgotten_after_it(either: Store):
    wanted = pl.DataFrame({"n": [1, 2], "words": [["a"], []]}, schema_overrides={"words": pl.List(pl.String)})
    assert either.read("select sum(n) as n from wanted", frames={"wanted": wanted}).item() == 3
    with pytest.raises(StoreError):
        either.read("from wanted")


def test_values_are_bound_and_never_part_of_the_query(either: Store):
    evil = "'; drop table posts; --"
    assert either.read("select $name as name", {"name": evil}).item() == evil
    assert either.read("from posts").height == 0


# Transactions


def test_what_fails_half_way_is_not_written_at_all(either: Store):
    def fail() -> None:
        with either.transaction() as tx:
            tx.append("batches", pl.DataFrame({"batch": [1]}))
            assert tx.read("from batches").height == 1
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        fail()
    assert either.read("from batches").height == 0
    with either.transaction() as tx:
        tx.append("batches", pl.DataFrame({"batch": [2]}))
    assert either.read("select batch from batches").item() == 2


def test_a_query_that_fails_takes_the_whole_transaction_with_it(either: Store):
    def fail() -> None:
        with either.transaction() as tx:
            tx.append("batches", pl.DataFrame({"batch": [1]}))
            tx.read("from nowhere")

    with pytest.raises(StoreError):
        fail()
    assert either.read("from batches").height == 0


def test_readers_do_not_wait_for_a_writer_and_see_what_was_before(either: Store):
    take(either, post("x", "1", "jan", BED))
    inside, done = threading.Event(), threading.Event()
    failed: list[BaseException] = []

    def write() -> None:
        try:
            with either.transaction() as tx:
                tx.append("batches", pl.DataFrame({"batch": [99]}))
                inside.set()
                assert done.wait(60)
        except BaseException as error:  # noqa: BLE001 - told to the test
            failed.append(error)
            inside.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert inside.wait(60)
    during = either.read("select max(batch) from batches").item()
    done.set()
    writer.join(60)
    assert (failed, during) == ([], 1)
    assert either.read("select max(batch) from batches").item() == 99


def test_writers_of_one_process_wait_for_each_other_and_none_is_lost(either: Store):
    failed: list[BaseException] = []

    def work(number: int) -> None:
        try:
            take(either, post("x", str(number), f"w{number}", BED), post("x", "99", "jan", BED))
        except BaseException as error:  # noqa: BLE001 - told to the test
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failed == []
    assert partition(either) == together("x/0 x/1 x/2 x/3 x/99")
    assert sorted(either.read("select batch from batches")["batch"]) == [1, 2, 3, 4]


def test_a_closed_store_says_so(either: Store):
    either.close()
    with pytest.raises(StoreError):
        either.read("select 1")
    with pytest.raises(StoreError), either.transaction():
        pass


def test_closing_lets_go_of_the_file_though_threads_had_read_from_it(store_name: str):
    store, read, closed = Store(store_name), threading.Event(), threading.Event()

    def look() -> None:
        store.read("from posts")
        read.set()
        closed.wait(60)

    reader = threading.Thread(target=look)
    reader.start()
    assert read.wait(60)
    store.read("from posts")
    store.close()
    try:
        told, complaint = python(
            "import sys; from dedupe.store import Store; Store(sys.argv[1]).close(); print('got it')", store_name
        ).communicate(timeout=60)
        assert told == "got it\n", complaint
    finally:
        closed.set()
        reader.join()


def test_threads_that_are_gone_leave_no_cursor_behind(store: Store):
    for _ in range(20):
        thread = threading.Thread(target=lambda: store.read("from posts"))
        thread.start()
        thread.join()
    gc.collect()
    assert len(store._cursors) <= 2


# A full disk

FILL = """
import os, resource, signal, sys
from dedupe.errors import StoreFull
from dedupe.store import Store
from tests.support.posts import BED, post, take

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
store, batches = Store(sys.argv[1]), 0
try:
    while batches < 200:
        batches += 1
        rows = [post("x", f"{batches}{n:03}", f"w{n}", f"{os.urandom(300).hex()} {BED}", 0) for n in range(300)]
        take(store, *rows, cursor=str(batches))
except StoreFull as error:
    print(f"{batches - 1}|{error}")
    sys.stdout.flush()
    print(store.read("select count(*) from posts").item())
    sys.stdout.flush()
    os._exit(0)
"""


def test_a_full_disk_is_one_sentence_and_nothing_is_half_written(tmp_path: Path):
    # A limit on the size of files stands in for the small disk, which only root could mount.
    name = tmp_path / "night.duckdb"
    with Store(name) as store:
        take(store, post("x", "0", "jan", BED))
    told, complaint = python(FILL, str(name), str(name.stat().st_size + 300_000)).communicate(timeout=300)
    assert "|" in told, complaint
    kept, _, sentence = told.splitlines()[0].partition("|")
    assert sentence == f"The disk that holds {name} is full: make room and start again; nothing was half written."
    assert int(told.splitlines()[1]) == 1 + 300 * int(kept)
    with Store(name) as store:
        assert store.read("select count(*) from posts").item() == 1 + 300 * int(kept)
        assert store.read("select max(batch), count(*) from batches").row(0) == (int(kept) + 1, int(kept) + 1)
        assert store.read("from posts anti join current_links using (wording)").height == 0
        take(store, post("x", "1", "piet", BED))
        assert store.read("select count(*) from posts where id in ('0', '1')").item() == 2


@pytest.mark.parametrize("said", ["No space left on device", "Disk quota exceeded", "File too large"])
def test_every_way_of_saying_that_there_is_no_room_is_understood(said: str):
    assert isinstance(stores._typed(duckdb.IOException(f'Could not write file "x": {said}'), "x"), StoreFull)
