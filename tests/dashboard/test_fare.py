"""How the sources fare: from the collectors of this process, or from what another left on record, with what was ordered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from dashboard import runs
from dashboard.board import Board
from dashboard.collecting import tell_source
from dashboard.fare import fares
from dashboard.health import health
from dedupe.runs import RUN_SCHEMA
from dedupe.steering import steer, steered
from dedupe.store import Store
from ingest.collectors import Off
from ingest.jobs import Status
from ingest.source import Quota
from ingest.x.budget import Bill, Ceilings
from tests.support.boards import INCIDENT, board_on
from tests.support.shift import CHIEF

NOW = datetime(2026, 8, 18, 18, 15, 30, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def status(source: str = "bluesky", query: str = "jetstream storm", **more) -> Status:
    return Status(**{"incident": INCIDENT.id, "source": source, "query": query, "last_ok": ago(4), **more})


def ran(store: Store, source: str, query: str, seconds_ago: float, **more) -> None:
    """A run is on record that ended so many seconds ago."""
    row = dict.fromkeys(RUN_SCHEMA.names()) | {
        "incident": INCIDENT.id, "source": source, "query": query,
        "started_at": ago(seconds_ago + 1), "finished_at": ago(seconds_ago), "runs": 1, "new": 0, "reads": 0, "counts": 0,
    }  # fmt: skip
    with store.transaction() as tx:
        tx.append("runs", pl.DataFrame([row | more], schema=RUN_SCHEMA))


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    with board_on(tmp_path / "store.duckdb", now=NOW) as opened:
        yield replace(opened, wall=lambda: NOW)


def test_nothing_has_run_and_nothing_is_watched(board: Board):
    found = fares(board)
    assert (found.sources, found.bill, found.problem) == ((), (), None)
    assert health(board)[0] == 200


def test_sources_of_this_process_are_told_as_they_are_and_the_last_post_also_from_before_it_began(board: Board):
    ran(board.store, "bluesky", "jetstream other", 3_000, new=3)
    ran(board.store, "mastodon", "gone.example", 30, new=1)
    lines = [status(behind=12.0), status(query="reread", rereads=True), status("x", "search", state="stopped")]
    found = fares(replace(board, sources=lambda: lines, off=lambda: (Off(source="mastodon", sentence="Off."),)))
    assert [(each.source, each.covered.cover) for each in found.sources] == [
        ("bluesky", "live"),
        ("x", "stopped"),
        ("mastodon", "off"),
    ]
    assert [len(each.lines) for each in found.sources] == [2, 1, 0]
    assert found.sources[0].last_post == ago(3_000)
    assert found.sources[2].can == ()


def test_what_can_be_done_follows_from_the_states(board: Board):
    def can(*states: str) -> tuple[str, ...]:
        lines = [status(query=str(n), state=state) for n, state in enumerate(states)]
        return fares(replace(board, sources=lambda: lines)).sources[0].can

    assert can("waiting") == can("retrying", "running") == ("pause",)
    assert can("paused", "paused") == can("stopped") == ("resume",)
    assert can("waiting", "stopped") == can("waiting", "paused") == ("resume", "pause")


def test_an_order_is_pending_until_the_collectors_have_followed_it(board: Board):
    def pending(state: str, at: datetime = NOW) -> bool:
        lines = [status(state=state), status(query="search", state=state)]
        return fares(replace(board, sources=lambda: lines, wall=lambda: at)).sources[0].pending

    assert not pending("waiting")
    tell_source(board, CHIEF, "bluesky", "pause")
    assert pending("waiting")
    assert not pending("paused")
    tell_source(board, CHIEF, "bluesky", "resume")
    told = steered(board.store)[0].taken_at
    assert pending("paused")
    assert not pending("waiting")
    assert pending("stopped", told + timedelta(seconds=2)), "it has not been asked yet"
    assert not pending("stopped", told + timedelta(minutes=1)), "it was asked, and stopped again"


def test_a_board_that_does_not_collect_knows_the_sources_from_their_runs(board: Board):
    ran(board.store, "bluesky", "jetstream storm", 20, new=4, behind=7.0)
    ran(board.store, "bluesky", "jetstream storm other", 4_000, new=4)
    ran(board.store, "mastodon", "one.example", 90, error="It is down.")
    ran(board.store, "mastodon", "two.example", 10, remaining=12, resets_at=NOW + timedelta(minutes=5), error=None)
    ran(board.store, "mastodon", "reread two.example", 10)
    ran(board.store, "x", "search", 1_000)
    found = {each.source: each for each in fares(board).sources}
    assert {source: each.covered.cover for source, each in found.items()} == {
        "bluesky": "live",
        "mastodon": "partly",
        "x": "silent",
    }
    assert (found["bluesky"].covered.behind, len(found["bluesky"].lines)) == (7.0, 1), (
        "the other tags are asked no more"
    )
    assert found["mastodon"].covered.sentences == ("It is down.",)
    quotas = [line.quota.remaining for line in found["mastodon"].lines if line.quota is not None]
    assert quotas == [12]
    assert [line.rereads for line in found["mastodon"].lines] == [False, True, False]


def test_what_another_process_paused_is_paused_here_and_not_silent(board: Board):
    ran(board.store, "bluesky", "jetstream storm", 1_000)
    steer(board.store, INCIDENT.id, "bluesky", "pause", at=ago(995))
    steer(board.store, "another", "bluesky", "resume", at=ago(5))
    (fare,) = fares(board).sources
    assert (fare.covered.cover, fare.can, fare.pending) == ("paused", ("resume",), False)


def test_x_is_billed_with_what_is_known(board: Board):
    ran(board.store, "x", "search", 3_600, reads=70, counts=2)
    ran(board.store, "x", "search", 5 * 86_400, reads=130, counts=0)
    today, month = fares(board).bill
    assert (today.reads, today.counts, month.reads, today.spent) == (70, 2, 200, None)
    bill = Bill(today=Decimal("0.36"), month=Decimal("50"), ceilings=Ceilings(today=Decimal(5), month=Decimal(50)))
    today, month = fares(replace(board, bill=lambda: bill)).bill
    assert (today.spent, today.ceiling, today.full) == (Decimal("0.36"), Decimal(5), False)
    assert month.full


def test_runs_are_told_by_the_minute_for_every_source_that_ran(board: Board):
    assert runs.over_time(board.store, INCIDENT.id, NOW).is_empty()
    ran(board.store, "bluesky", "jetstream", 3_600, new=5)
    ran(board.store, "bluesky", "jetstream", 3_601, new=2)
    ran(board.store, "mastodon", "one", 10, runs=3, error="It is down.")
    ran(board.store, "x", "search", 86_400, new=9)
    series = runs.over_time(board.store, INCIDENT.id, NOW)
    assert series.height == 2 * 61
    assert series["at"][-1] == NOW.replace(second=0)
    assert dict(series.group_by("source").agg(pl.col("new").sum()).iter_rows()) == {"bluesky": 7, "mastodon": 0}
    assert series.filter(pl.col("failed") > 0).select("at", "source", "failed").row(0) == (
        NOW.replace(second=0),
        "mastodon",
        3,
    )


def test_a_first_run_just_now_still_gives_a_quarter_of_an_hour(board: Board):
    ran(board.store, "bluesky", "jetstream", 1, new=1)
    assert runs.over_time(board.store, INCIDENT.id, NOW).height == 15


# What a monitor is told


def code_of(board: Board, *lines: Status) -> tuple[int, str]:
    code, answer = health(replace(board, sources=lambda: lines))
    return code, answer["status"]


def test_a_monitor_is_told_when_no_network_is_watched_any_more(board: Board):
    stopped = status(state="stopped", sentence="The key is refused.")
    silent = status("mastodon", "one.example", state="retrying", silent=True, flag="No answer for 12 min.")
    inbox, again = status("file", "inbox"), status("mastodon", "reread one.example", rereads=True)
    assert code_of(board, stopped, silent, inbox, again) == (503, "broken")
    assert code_of(board, stopped, status("mastodon", "two.example"), silent) == (200, "degraded")
    assert code_of(board, status("x", "search", state="retrying")) == (200, "degraded"), "for a moment only"
    assert code_of(board, status(state="paused")) == (200, "ok"), "a person wanted it so"
    assert code_of(board, status(state="paused"), silent) == (503, "broken")
    assert code_of(board, inbox) == (200, "ok")


def test_a_monitor_reads_how_old_each_answer_is_and_no_control_characters(board: Board):
    line = status(behind=12.34, last_post=ago(60), sentence="\u202e<b>no\x00\n" * 500, quota=Quota(remaining=3))
    _, answer = health(replace(board, sources=lambda: [line], off=lambda: (Off(source="x", sentence="Off."),)))
    (told,) = answer["sources"]
    assert (told["behind_s"], told["last_answer_age_s"], told["last_post_age_s"]) == (12.3, 4.0, 60.0)
    assert len(told["sentence"]) < 310
    assert "\u202e" not in told["sentence"]
    assert answer["off"] == ["x"]
