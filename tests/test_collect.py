"""Collecting from loopback networks into a store: as a process that is killed and stopped, and while incidents change."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

import helpt
from dashboard.coverage import coverage, told
from dedupe.incidents import Incident, change_incident, close_incident, open_incident, reopen_incident
from dedupe.runs import Journal, runs_since
from dedupe.steering import steer
from dedupe.store import LAKE, Store
from ingest.bluesky.settings import BlueskySettings
from ingest.collecting import Collecting
from ingest.collectors import Collectors
from ingest.mastodon.source import MastodonSettings
from ingest.settings import IngestSettings, SourcesSettings
from tests.support.jetstream import Fault, JetstreamServer, account, delete, post, uri_of
from tests.support.mastodon import MastodonFake, mastodon_server
from tests.support.waiting import until

ROOT = Path(__file__).resolve().parent.parent
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def now() -> datetime:
    return datetime.now(UTC)


def closed_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def publish(server: MastodonFake, order: int, **more: object) -> str:
    """A status of this moment; gives its uri."""
    made = server.post(order, **{"created_at": now().isoformat(), **more})  # type: ignore[arg-type]
    return str(made["uri"])


def settings(stream: JetstreamServer, *servers: MastodonFake) -> SourcesSettings:
    return SourcesSettings(
        bluesky=BlueskySettings(hosts=(stream.url,), profiles="", every=0.2, compress=False),
        mastodon=MastodonSettings(servers=tuple(server.address for server in servers), timeout=5),
    )


@contextmanager
def collecting(store: Store, sources: SourcesSettings) -> Iterator[Collecting]:
    journal = Journal(store)
    make = Collectors(IngestSettings(floor=1, ceiling=2), sources, environment={}, clock=now, recall=journal)
    with helpt._into(store, [], journal, make) as entered:
        yield entered


@pytest.fixture
def stream() -> Iterator[JetstreamServer]:
    with JetstreamServer() as server:
        yield server


@pytest.fixture(params=["a DuckDB file", "a DuckLake"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    name = f"{LAKE}{tmp_path / 'night.ducklake'}" if "Lake" in request.param else str(tmp_path / "night.duckdb")
    with Store(name) as opened:
        yield opened


def ids(store: Store, incident: str = "storm") -> set[str]:
    """The posts that the store shows."""
    found = store.read("select id from current_posts where incident = $incident", {"incident": incident})
    return set(found["id"].to_list())


def doubled(store: Store) -> int:
    return int(store.read("select count(*) - count(distinct version) from posts").item())


# In this process, while incidents change


def test_posts_of_both_networks_come_in_and_what_is_taken_down_goes(store: Store, stream: JetstreamServer):
    open_incident(store, Incident(id="storm", name="Storm", tags=("hasselthelpt",)))
    with mastodon_server() as server:
        toot = publish(server, 1)
        with collecting(store, settings(stream, server)) as entered:
            stream.put(post("an", "1", "bed in Genk #hasselthelpt"), post("bo", "2", "no tag at all"))
            stream.put(post("cy", "3", "2 bedden #HasseltHelpt"))
            until(lambda: ids(store) == {toot, uri_of("an", "1"), uri_of("cy", "3")})
            stream.put(delete("an", "1"), account("cy", active=False, status="deleted"))
            until(lambda: ids(store) == {toot})
            said = told(coverage(entered.status("storm"), entered.off("storm")))
            assert said.startswith("Bluesky live")
            assert "Mastodon live" in said
            assert said.endswith("X off")
    assert doubled(store) == 0
    brought = runs_since(store, "storm", LONG_AGO)
    assert set(brought["source"]) == {"bluesky", "mastodon"}
    assert brought["new"].sum() == 3
    assert brought["removed"].sum() == 2


def test_a_post_that_its_server_no_longer_shows_goes_within_a_round_of_rereading(
    store: Store, stream: JetstreamServer, monkeypatch: pytest.MonkeyPatch
):
    # The rhythm of looking again is no setting of this network; a test cannot wait two minutes.
    monkeypatch.setattr("ingest.collectors.MASTODON_AGAIN", 0.5)
    open_incident(store, Incident(id="storm", name="Storm", tags=("hasselthelpt",), sources=("mastodon",)))
    with mastodon_server() as server:
        one, other = publish(server, 1), publish(server, 2)
        with collecting(store, settings(stream, server)) as entered:
            until(lambda: ids(store) == {one, other})
            server.delete(one)
            until(lambda: ids(store) == {other})
            assert {off.source for off in entered.off("storm")} == {"bluesky", "x"}
    assert stream.asked == []


def test_a_variant_that_is_added_while_collecting_brings_what_was_written_with_it_before(
    store: Store, stream: JetstreamServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("ingest.collecting.LOOK", 0.2)  # a test cannot wait five seconds
    open_incident(store, Incident(id="storm", name="Storm", tags=("hasselthelpt",)))
    stream.put(post("an", "1", "#hasselthelpt bed"), post("bo", "2", "#hasselthelp bed"))
    with mastodon_server() as server:
        one, other = publish(server, 1), publish(server, 2, tag="hasselthelp")
        with collecting(store, settings(stream, server)):
            until(lambda: ids(store) == {one, uri_of("an", "1")})
            change_incident(store, "storm", add={"variants": ["hasselthelp"]})
            until(lambda: ids(store) == {one, other, uri_of("an", "1"), uri_of("bo", "2")})
    assert doubled(store) == 0


def test_what_the_store_says_of_a_source_is_followed_without_a_restart_and_a_pause_outlives_one(
    store: Store, stream: JetstreamServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("ingest.collecting.LOOK", 0.2)  # a test cannot wait five seconds
    open_incident(store, Incident(id="storm", name="Storm", tags=("hasselthelpt",)))
    with mastodon_server() as server:
        with collecting(store, settings(stream, server)) as entered:
            stream.put(post("an", "1", "#hasselthelpt bed"))
            until(lambda: ids(store) == {uri_of("an", "1")})
            steer(store, "storm", "bluesky", "pause")
            until(lambda: {each.state for each in entered.status("storm") if each.source == "bluesky"} == {"paused"})
            stream.put(post("bo", "2", "#hasselthelpt bed"))
            toot = publish(server, 1)
            until(lambda: toot in ids(store))
        with collecting(store, settings(stream, server)) as entered:
            assert told(coverage(entered.status("storm"))).startswith("Bluesky paused")
            time.sleep(1)
            assert ids(store) == {uri_of("an", "1"), toot}
            steer(store, "storm", "bluesky", "resume")
            until(lambda: uri_of("bo", "2") in ids(store))
    assert doubled(store) == 0


def test_incidents_are_opened_closed_and_reopened_while_collecting_each_with_its_own_posts(
    store: Store, stream: JetstreamServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("ingest.collecting.LOOK", 0.2)
    open_incident(store, Incident(id="storm", name="Storm", tags=("hasselthelpt",)))
    with collecting(store, settings(stream)) as entered:
        stream.put(post("an", "1", "#hasselthelpt"), post("an", "2", "#vloed"))
        until(lambda: ids(store) == {uri_of("an", "1")})
        open_incident(store, Incident(id="flood", name="Flood", tags=("vloed",)))
        until(lambda: ids(store, "flood") == {uri_of("an", "2")})
        close_incident(store, "storm")
        until(lambda: entered.status("storm") == [])
        stream.put(post("an", "3", "#hasselthelpt #vloed"))
        until(lambda: uri_of("an", "3") in ids(store, "flood"))
        assert ids(store) == {uri_of("an", "1")}
        reopen_incident(store, "storm")
        until(lambda: ids(store) == {uri_of("an", "1"), uri_of("an", "3")})
    assert doubled(store) == 0


def test_a_quiet_stream_does_not_make_the_store_grow(store: Store, stream: JetstreamServer):
    open_incident(store, Incident(id="storm", name="Storm", tags=("hasselthelpt",)))
    with collecting(store, settings(stream)) as entered:
        for number in range(40):
            stream.put(post("an", str(number), "nothing of ours"))
            time.sleep(0.05)
        until(lambda: any((status.last_ok is not None) for status in entered.status("storm")))
    assert store.read("select count(*) from batches").item() <= 2
    assert store.read("select count(*) from runs").item() <= 3
    assert store.read("select sum(runs) from runs").item() > 5


def test_what_comes_is_in_the_store_within_five_seconds(tmp_path: Path, stream: JetstreamServer):
    with Store(tmp_path / "night.duckdb") as store:
        open_incident(store, Incident(id="storm", name="Storm", tags=("hasselthelpt",)))
        with collecting(store, settings(stream)):
            until(lambda: len(stream.asked) > 0)
            began = time.monotonic()
            stream.put(post("an", "1", "#hasselthelpt"))
            until(lambda: len(ids(store)) == 1)
            assert time.monotonic() - began < 5


def test_leaving_stops_within_seconds_and_no_thread_stays(tmp_path: Path, stream: JetstreamServer):
    before = set(threading.enumerate())
    with Store(tmp_path / "night.duckdb") as store, mastodon_server() as server:
        beside = set(threading.enumerate()) - before
        open_incident(store, Incident(id="storm", name="Storm", tags=("hasselthelpt",)))
        with collecting(store, settings(stream, server)):
            stream.put(post("an", "1", "#hasselthelpt"))
            until(lambda: len(ids(store)) == 1)
            began = time.monotonic()
        assert time.monotonic() - began < 8
        ours = ("ask ", "jetstream", "close ", "try ", "APScheduler")
        until(
            lambda: (
                not [
                    each.name
                    for each in set(threading.enumerate()) - before - beside
                    if each.name.startswith(ours) and each.name != "jetstream server"
                ]
            )
        )


# As a process of its own


def configured(folder: Path, stream: str, *servers: str) -> None:
    (folder / "helpt.toml").write_text(
        f"""
[ingest]
floor = 1
ceiling = 2
[incident]
id = "storm"
tags = ["hasselthelpt"]
[sources.bluesky]
hosts = ["{stream}"]
profiles = ""
every = 0.2
[sources.mastodon]
servers = {json.dumps(list(servers))}
""",
        encoding="utf-8",
    )


def started(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HELPT_")}
    command = [sys.executable, "-W", "error", "-m", "helpt", *arguments]
    return subprocess.Popen(
        command, cwd=folder, env={**environment, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    try:
        out, complaint = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        out, complaint = process.communicate()
    return process.returncode, out, complaint


@pytest.mark.parametrize("way", [signal.SIGTERM, signal.SIGINT])
def test_collect_says_what_it_covers_and_stops_when_told_to(
    way: signal.Signals, tmp_path: Path, stream: JetstreamServer
):
    configured(tmp_path, stream.url)
    stream.put(post("an", "1", "bed #hasselthelpt"))
    process = started(tmp_path, "collect")
    try:
        assert process.stdout is not None
        assert "Bluesky" in process.stdout.readline()
        time.sleep(2)
        process.send_signal(way)
        began = time.monotonic()
        code, out, complaint = ended(process)
        assert (code, complaint) == (0, ""), out
        assert time.monotonic() - began < 10
    finally:
        process.kill()
    with Store(tmp_path / "helpt.duckdb") as store:
        assert ids(store) == {uri_of("an", "1")}


def test_without_any_network_the_board_opens_and_says_so_of_every_source(tmp_path: Path):
    port = closed_port()
    configured(tmp_path, f"ws://127.0.0.1:{closed_port()}/xrpc", f"http://127.0.0.1:{closed_port()}")
    process = started(tmp_path, "run", "--hashtag", "hasselthelp", "--port", str(port), "-q")
    answer: dict = {}

    def says() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as response:
                answer.update(json.load(response))
        except OSError:
            return process.poll() is not None
        return "Mastodon retrying" in str(answer["coverage"])

    try:
        until(says)
        assert process.poll() is None
        assert answer["status"] == "degraded"
        assert answer["coverage"].endswith("X off")
        words = {line["source"]: line["sentence"] for line in answer["sources"] if line["state"] == "retrying"}
        assert "cannot be reached" in words["mastodon"]
    finally:
        process.send_signal(signal.SIGTERM)
        code, _, complaint = ended(process)
    assert (code, complaint) == (0, "")
    assert not (tmp_path / "helpt.duckdb.wal").exists(), "the store was closed"
    with Store(tmp_path / "helpt.duckdb") as store:
        assert set(store.read("select unnest(tags) as tag from incidents")["tag"]) == {"hasselthelpt", "hasselthelp"}


KILLS, AT_ONCE = 4, 7


@pytest.mark.parametrize("name", ["night.duckdb", f"{LAKE}night.ducklake"])
def test_killed_at_random_moments_while_collecting_the_store_ends_up_complete_and_undoubled(name: str, tmp_path: Path):
    chance = random.Random(20110818)
    place = f"{LAKE}{tmp_path / 'night.ducklake'}" if name.startswith(LAKE) else str(tmp_path / name)
    with ExitStack() as stack:
        stream = stack.enter_context(JetstreamServer())
        server = stack.enter_context(mastodon_server())
        stream.faults.extend(Fault(how="twice") for _ in range(3))
        configured(tmp_path, stream.url, server.address)
        wanted: set[str] = set()
        numbers = count()

        def write() -> None:
            for number in (next(numbers) for _ in range(AT_ONCE)):
                stream.put(post(f"w{number}", str(number), f"bed {number} in Genk #hasselthelpt"))
                wanted.update((uri_of(f"w{number}", str(number)), publish(server, number + 1)))
                if number % 7 == 3:
                    stream.put(delete(f"w{number}", str(number)))
                    wanted.discard(uri_of(f"w{number}", str(number)))

        for _ in range(KILLS):
            process = started(tmp_path, "collect", "-q", "--store", place)
            end = time.monotonic() + chance.uniform(1.5, 6)
            while time.monotonic() < end:
                write()
                time.sleep(0.2)
            process.kill()
            process.communicate()
        found: set[str] = set()
        # A slow machine may need longer to catch up, and begins anew each time; but it must come to the same.
        for seconds in (8, 12, 18, 27, 40):
            process = started(tmp_path, "collect", "-q", "--store", place)
            time.sleep(seconds)
            process.terminate()
            code, _, complaint = ended(process)
            assert (code, complaint) == (0, "")
            with Store(place) as store:
                found = ids(store)
            if found == wanted:
                break
        assert (found - wanted, wanted - found) == (set(), set())
    with Store(place) as store:
        assert len(wanted) > 200
        assert doubled(store) == 0
        assert store.read("select count(*) - count(distinct wording) from wordings").item() == 0


FILL = """
import resource, signal, sys
import helpt

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
sys.exit(helpt.main(["collect"]))
"""


def test_a_full_disk_is_told_on_the_line_and_once_there_is_room_nothing_is_missing(
    tmp_path: Path, stream: JetstreamServer
):
    # A limit on the size of files stands in for the small disk, which only root could mount.
    configured(tmp_path, stream.url)
    with Store(tmp_path / "helpt.duckdb"):
        pass
    limit = (tmp_path / "helpt.duckdb").stat().st_size + 400_000
    command = [sys.executable, "-c", FILL, str(limit)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wanted = set()
    try:
        assert process.stdout is not None
        line = ""
        for number in range(2_000):
            stream.put(post("an", str(number), f"#hasselthelpt {random.Random(number).randbytes(400).hex()}"))
            wanted.add(uri_of("an", str(number)))
        while "Bluesky retrying" not in line:
            line = process.stdout.readline()
            assert line, "it ended"
        assert "is full: make room and start again" in process.stdout.readline()
    finally:
        process.send_signal(signal.SIGTERM)
        code, _, complaint = ended(process)
    assert "Traceback" not in complaint
    assert code in (0, 1)
    with Store(tmp_path / "helpt.duckdb") as store:
        assert ids(store) < wanted
        with collecting(store, settings(stream)):
            until(lambda: ids(store) == wanted)
        assert doubled(store) == 0
