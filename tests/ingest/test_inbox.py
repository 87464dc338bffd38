from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from ingest.errors import UnreadableFile
from ingest.inbox import Inbox
from ingest.source import Fetch
from tests.ingest.samples import NOW, ndjson, row, write


def inbox(folder: Path, chunk_bytes: int = 1 << 20) -> Inbox:
    return Inbox(folder, incident="storm", clock=lambda: NOW, chunk_bytes=chunk_bytes)


def posts(*numbers: int) -> bytes:
    return ndjson(row(n) for n in numbers)


def drain(source: Inbox, cursor: str | None, looks: int = 2) -> tuple[list[Fetch], str | None]:
    """Fetch until `looks` answers in a row have nothing more."""
    fetches: list[Fetch] = []
    while looks:
        fetch = source.fetch(cursor)
        fetches.append(fetch)
        cursor = fetch.cursor
        looks -= not fetch.more
    return fetches, cursor


def given_ids(fetches: list[Fetch]) -> list[str]:
    return [post for fetch in fetches for post in fetch.posts["id"].to_list()]


def test_a_file_is_taken_at_the_second_look_and_only_once(tmp_path):
    write(tmp_path / "a.ndjson", posts(1, 2))
    source = inbox(tmp_path)
    first = source.fetch(None)
    assert (first.posts.height, first.more) == (0, False)
    second = source.fetch(first.cursor)
    assert second.posts["id"].to_list() == ["1", "2"]
    assert second.posts["query"].to_list() == ["a.ndjson"] * 2
    assert second.posts["source"].to_list() == ["file"] * 2
    assert given_ids(drain(source, second.cursor)[0]) == []
    assert given_ids(drain(inbox(tmp_path), second.cursor, looks=3)[0]) == []
    assert (tmp_path / "a.ndjson").read_bytes() == posts(1, 2)


def test_a_file_that_is_still_growing_is_left_until_it_has_stopped(tmp_path):
    source, cursor = inbox(tmp_path), None
    for length in (10, 60, 150):
        write(tmp_path / "a.ndjson", posts(1, 2)[:length])
        fetch = source.fetch(cursor)
        cursor = fetch.cursor
        assert (fetch.posts.height, fetch.refusals) == (0, ())
    write(tmp_path / "a.ndjson", posts(1, 2))
    assert given_ids(drain(source, cursor)[0]) == ["1", "2"]


def test_hidden_partial_and_refused_rows_files_and_folders_are_left_alone(tmp_path):
    for name in (".a.ndjson", "a.ndjson.part", "a.ndjson.tmp", "a.ndjson.rejects.ndjson"):
        write(tmp_path / name, posts(1))
    (tmp_path / "folder.ndjson").mkdir()
    fetches, cursor = drain(inbox(tmp_path), None, looks=3)
    assert given_ids(fetches) == []
    assert cursor == "{}"


def test_a_new_process_goes_on_in_the_middle_of_a_file(tmp_path):
    write(tmp_path / "a.ndjson", posts(*range(20)))
    write(tmp_path / "b.ndjson", posts(*range(20, 25)))
    running = inbox(tmp_path, 300)
    cursor: str | None = None
    cursors: list[tuple[str | None, int]] = []
    given: list[str] = []
    while len(given) < 25:
        fetch = running.fetch(cursor)
        cursors.append((cursor, len(given)))
        given += fetch.posts["id"].to_list()
        cursor = fetch.cursor
    assert given == [str(n) for n in range(25)]
    for before, behind in cursors:
        again = given_ids(drain(inbox(tmp_path, 300), before)[0])
        assert again == given[behind:]


def test_asking_again_with_the_same_cursor_gives_the_same_posts(tmp_path):
    write(tmp_path / "a.ndjson", posts(*range(20)))
    source = inbox(tmp_path, 300)
    start = source.fetch(None).cursor
    first = source.fetch(start)
    second = source.fetch(first.cursor)
    assert source.fetch(first.cursor).posts.equals(second.posts)
    assert source.fetch(start).posts.equals(first.posts)


def test_an_unreadable_file_becomes_one_refusal_and_does_not_stop_the_others(tmp_path):
    write(tmp_path / "a.txt", "Dear all,\nsee you at nine.\n")
    write(tmp_path / "b.ndjson", posts(1) + b"{\n")
    write(tmp_path / "c.parquet", b"PAR1 and then nothing")
    write(tmp_path / "d.ndjson", posts(2))
    fetches, cursor = drain(inbox(tmp_path), None)
    assert sorted(given_ids(fetches)) == ["1", "2"]
    told = sorted((refusal.reason.partition(":")[0], refusal.row) for fetch in fetches for refusal in fetch.refusals)
    assert told == [("a.txt", 1), ("b.ndjson", 2), ("c.parquet", 1)]
    assert given_ids(drain(inbox(tmp_path), cursor)[0]) == []


def test_a_file_that_changes_after_it_was_read_is_read_again(tmp_path):
    path = write(tmp_path / "a.ndjson", posts(1))
    source = inbox(tmp_path)
    _, cursor = drain(source, None)
    write(path, posts(1, 2))
    fetches, cursor = drain(source, cursor)
    assert given_ids(fetches) == ["1", "2"]
    path.unlink()
    assert source.fetch(cursor).cursor == "{}"


def test_a_file_that_changes_while_it_is_read_starts_over_once_it_has_settled(tmp_path):
    path = write(tmp_path / "a.ndjson", posts(*range(20)))
    source = inbox(tmp_path, 300)
    cursor = source.fetch(None).cursor
    assert source.fetch(cursor).posts["id"][0] == "0"
    cursor = source.fetch(cursor).cursor
    write(path, posts(*range(30, 40)))
    assert source.fetch(cursor).posts.height == 0
    assert given_ids(drain(source, cursor)[0]) == [str(n) for n in range(30, 40)]


def test_files_are_taken_oldest_first(tmp_path):
    for name, age in (("a", 10), ("b", 30), ("c", 20)):
        path = write(tmp_path / f"{name}.ndjson.gz", gzip.compress(posts(age)))
        os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))
    assert given_ids(drain(inbox(tmp_path), None)[0]) == ["30", "20", "10"]


def test_a_folder_that_is_not_there_is_told_in_one_sentence(tmp_path):
    with pytest.raises(UnreadableFile, match=r"^The folder inbox does not exist; make it\.$"):
        inbox(tmp_path / "inbox").fetch(None)
