"""The journal of collecting: cursors and runs, and that what brings nothing does not make the store grow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import polars as pl
import pytest

from dedupe import store as stores
from dedupe.collapse import Batch
from dedupe.errors import StoreError
from dedupe.runs import RUN_SCHEMA, Journal, last_cursor, opened_at, paid_since, runs_since
from dedupe.store import Store, migrations
from ingest.source import Removal, removed
from tests.support.posts import BED, at, partition, post, posts, together


@dataclass
class Clock:
    """Seconds that pass when a test says so."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def batch(cursor: str | None, source: str = "bluesky", refused: int = 0) -> Batch:
    return Batch(incident="storm", source=source, query="search", cursor=cursor, refused=refused)


def run(minute: float, *, source: str = "bluesky", **more) -> pl.DataFrame:
    counts = dict.fromkeys(("fetched", "new", "removed", "refused", "reads", "counts"), 0)
    row = {
        "incident": "storm",
        "source": source,
        "query": "search",
        "runs": 1,
        "fetches": 1,
        "calls": 1,
        "seconds": 0.5,
        **counts,
    }
    times = {"started_at": at(minute), "finished_at": at(minute) + timedelta(seconds=0.5)}
    return pl.DataFrame([{**row, **times, **more}], schema=RUN_SCHEMA)


def rows_of(store: Store, table: str) -> int:
    return int(store.read(f"select count(*) from {table}").item())


# Cursors


def test_posts_and_their_cursor_go_in_together_and_the_next_question_goes_on_from_there(either: Store):
    journal = Journal(either)
    assert journal.cursor("storm", "bluesky", "search") is None
    done = journal.take(posts(post("bluesky", "1", "jan", BED)), batch("one"))
    assert done is not None
    assert done.new == 1
    assert journal.cursor("storm", "bluesky", "search") == last_cursor(either, "storm", "bluesky", "search") == "one"
    assert Journal(either).cursor("storm", "bluesky", "search") == "one"
    assert last_cursor(either, "flood", "bluesky", "search") is None
    assert opened_at(either, "storm") is not None
    assert opened_at(either, "flood") is None


def test_a_cursor_without_posts_is_written_once_a_minute_and_known_at_once(either: Store):
    clock = Clock()
    journal = Journal(either, quiet=60, clock=clock)
    for second in range(150):
        clock.now = second
        assert journal.take(posts(), batch(str(second))) is None
        assert journal.cursor("storm", "bluesky", "search") == str(second)
    assert rows_of(either, "batches") == 2
    assert last_cursor(either, "storm", "bluesky", "search") == "120"
    journal.flush()
    assert last_cursor(either, "storm", "bluesky", "search") == "149"
    journal.flush()
    assert rows_of(either, "batches") == 3


def test_posts_carry_the_cursor_that_was_held_back(store: Store):
    journal = Journal(store)
    journal.take(posts(), batch("one"))
    journal.take(posts(post("bluesky", "1", "jan", BED)), batch("two"))
    journal.flush()
    assert store.read("select cursor from batches order by batch")["cursor"].to_list() == ["two"]


def test_an_answer_without_anything_leaves_no_row_however_often_it_comes(store: Store):
    clock = Clock()
    journal = Journal(store, quiet=0, clock=clock)
    journal.take(posts(post("bluesky", "1", "jan", BED)), batch("one"))
    for second in range(20):
        clock.now = second
        journal.take(posts(), batch("one"))
        journal.take(posts(), batch(None))
    assert rows_of(store, "batches") == 1


def test_refusals_are_on_record_though_no_post_came(store: Store):
    Journal(store).take(posts(), batch("one", refused=3))
    assert store.read("select refused, cursor from batches").row(0) == (3, "one")


def test_removals_of_posts_nobody_collected_leave_no_row_but_those_of_a_file_do(store: Store):
    journal = Journal(store)
    gone = removed([Removal(network="bluesky", id="1", at=at(9), reason="deleted")])
    assert journal.take(posts(), batch("one"), removals=gone) is None
    assert rows_of(store, "retired") == 0
    assert journal.take(posts(), batch("one", source="file"), removals=gone) is not None
    journal.take(posts(post("bluesky", "1", "jan", BED), post("bluesky", "2", "jan", "Dank")), batch("two"))
    assert partition(store) == together("bluesky/2")


def test_a_batch_that_cannot_be_written_leaves_the_cursor_where_it_was(store: Store):
    journal = Journal(store)
    journal.take(posts(post("bluesky", "1", "jan", BED)), batch("one"))
    broken = posts(post("bluesky", "2", "jan", "Dank")).drop("url")
    with pytest.raises((StoreError, pl.exceptions.PolarsError)):
        journal.take(broken, batch("two"))
    assert journal.cursor("storm", "bluesky", "search") == "one"
    assert rows_of(store, "posts") == 1


# Runs


def test_every_run_is_on_record_and_those_that_bring_nothing_share_a_row_a_minute(either: Store):
    clock = Clock()
    with Journal(either, quiet=60, clock=clock) as journal:
        for second in range(200):
            clock.now = second
            busy = second == 130
            journal.record(run(second / 60, fetched=5 if busy else 0, new=4 if busy else 0, behind=float(second)))
    found = runs_since(either, "storm", at(-1))
    assert found["runs"].sum() == 200
    assert found["new"].to_list().count(4) == 1
    assert found.height < 10
    assert found["seconds"].sum() == 100.0
    assert found["behind"][-1] == 199.0
    assert (found["finished_at"] >= found["started_at"]).all()
    assert runs_since(either, "flood", at(-1)).height == 0


def test_an_error_is_on_record_at_once_and_so_is_its_end(store: Store):
    clock = Clock()
    journal = Journal(store, quiet=60, clock=clock)
    for second, error in enumerate((None, None, "No answer.", "No answer.", None)):
        clock.now = second
        journal.record(run(second, error=error, fetches=0 if error else 1))
    errors = runs_since(store, "storm", at(-1))["error"].to_list()
    assert errors[0] is None
    assert errors.count("No answer.") >= 1
    assert errors[-1] is None


def test_what_is_paid_for_is_on_record_at_once_and_counted_from_a_moment_on(either: Store):
    journal = Journal(either)
    for minute in (1, 2, 3):
        journal.record(run(minute, source="x", reads=100, counts=1))
    journal.record(run(4, source="bluesky", reads=7))
    assert paid_since(either, "x", at(2)) == (200, 2)
    assert paid_since(either, "x", at(9)) == (0, 0)


# A store of the first version


def test_a_store_of_the_first_version_takes_in_what_is_new(store_name: str, monkeypatch: pytest.MonkeyPatch):
    first = migrations()[:1]
    with monkeypatch.context() as patch:  # the only way to a store that an earlier version made
        patch.setattr(stores, "migrations", lambda: first)
        with Store(store_name) as store, store.transaction() as tx:
            tx.append(
                "posts", pl.DataFrame({"post": [1], "version": [1], "wording": [1], "incident": ["storm"], "id": ["1"]})
            )
            tx.append(
                "batches",
                pl.DataFrame(
                    {"batch": [1], "incident": ["storm"], "source": ["file"], "query": ["f"], "cursor": ["c"]}
                ),
            )
    with Store(store_name) as store:
        assert store.read("select id, labels from current_posts").row(0) == ("1", None)
        assert Journal(store).cursor("storm", "file", "f") == "c"
        Journal(store).take(posts(post("bluesky", "2", "jan", BED, labels=("spam",))), batch("two"))
        assert store.read("select labels from current_posts where id = '2'").item().to_list() == ["spam"]
