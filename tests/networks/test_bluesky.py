"""Bluesky, the real thing, on this machine: what people do there, as it shows in our store.

Accounts, posts, edits, deletions, the search and the app server are the makers' own, over their own wire. Only Jetstream
is ours (`tests.support.firehose`), fed by what the real server tells.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from atproto import AtUri, Client, JetstreamClient, Request, client_utils

import helpt
from dedupe.incidents import Incident, open_incident
from dedupe.runs import Journal
from dedupe.store import Store
from ingest.bluesky.settings import HANDLE, PASSWORD, BlueskySettings
from ingest.collecting import Collecting
from ingest.collectors import Collectors
from ingest.mastodon.source import MastodonSettings
from ingest.settings import IngestSettings, SourcesSettings
from tests.support.bluesky_network import BlueskyNetwork, NotSetUp, bluesky_network
from tests.support.firehose import Relay
from tests.support.waiting import PATIENCE, until

pytestmark = pytest.mark.networks

ROOT = Path(__file__).resolve().parents[2]
NOWHERE = "http://127.0.0.1:9"
POST, REPOST, PROFILE = "app.bsky.feed.post", "app.bsky.feed.repost", "app.bsky.actor.profile"
NUMBERS = count(1)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def network() -> Iterator[BlueskyNetwork]:
    try:
        with bluesky_network() as started:
            yield started
    except NotSetUp as lacking:
        pytest.skip(str(lacking))


@pytest.fixture(scope="module")
def stream(network: BlueskyNetwork) -> Iterator[str]:
    """Where Jetstream is."""
    with Relay(network.pds) as relay:
        yield relay.url


@pytest.fixture
def tag() -> str:
    """A hashtag that no other test uses."""
    return f"hasselthelpt{next(NUMBERS)}"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "night.duckdb") as opened:
        yield opened


class Person:
    """Somebody on the network, with an account and an app password."""

    def __init__(self, network: BlueskyNetwork, name: str) -> None:
        self.handle = f"{name}{next(NUMBERS)}.test"
        self.client = Client(network.pds, request=Request(timeout=PATIENCE))
        account = {"handle": self.handle, "email": f"{self.handle}@example.org", "password": "correct horse"}
        self.did: str = self.client.com.atproto.server.create_account(account).did
        self.client.login(self.handle, "correct horse", fetch_bsky_profile=False)
        until(lambda: self.is_known(network.app))
        self.app_password: str = self.client.com.atproto.server.create_app_password({"name": "helpt"}).password

    def __enter__(self) -> Person:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.request.close()

    def is_known(self, app: str) -> bool:
        """Whether the app server has heard of the account."""
        asked = {"actors": [self.did]}
        return bool(
            httpx.get(f"{app}/xrpc/app.bsky.actor.getProfiles", params=asked, timeout=PATIENCE).json()["profiles"]
        )

    def write(self, text: str, **more: Any) -> str:
        """A post; its uri."""
        return self.put(POST, {"text": text, "createdAt": now().isoformat(), "langs": ["nl"], **more})

    def put(self, collection: str, record: dict[str, Any]) -> str:
        made = self.client.com.atproto.repo.create_record(
            {"repo": self.did, "collection": collection, "record": {"$type": collection, **record}}
        )
        return str(made.uri)

    def edit(self, uri: str, text: str) -> None:
        where = {"repo": self.did, "collection": POST, "rkey": AtUri.from_str(uri).rkey}
        was = self.client.com.atproto.repo.get_record(where).value
        record = {"$type": POST, "text": text, "createdAt": was["created_at"]}
        self.client.com.atproto.repo.put_record({**where, "record": record})

    def refer(self, uri: str) -> dict[str, str]:
        """How a record names another."""
        at = AtUri.from_str(uri)
        found = self.client.com.atproto.repo.get_record({"repo": at.hostname, "collection": POST, "rkey": at.rkey})
        return {"uri": uri, "cid": str(found.cid)}

    def repost(self, uri: str) -> str:
        return self.put(REPOST, {"subject": self.refer(uri), "createdAt": now().isoformat()})

    def delete(self, uri: str) -> None:
        at = AtUri.from_str(uri)
        self.client.com.atproto.repo.delete_record({"repo": self.did, "collection": at.collection, "rkey": at.rkey})

    def shown(self, uri: str) -> dict[str, Any] | None:
        """The post as the app server shows it by now."""
        posts = self.client.app.bsky.feed.get_posts({"uris": [uri]}).posts
        return posts[0].model_dump() if posts else None


@pytest.fixture(scope="module")
def ann(network: BlueskyNetwork) -> Iterator[Person]:
    with Person(network, "ann") as person:
        yield person


@pytest.fixture
def cor(network: BlueskyNetwork) -> Iterator[Person]:
    """Somebody new for each test."""
    with Person(network, "cor") as person:
        yield person


@pytest.fixture(scope="module")
def bob(network: BlueskyNetwork) -> Iterator[Person]:
    with Person(network, "bob") as person:
        yield person


@contextmanager
def collecting(
    store: Store, tag: str, *, stream: str | None = None, network: BlueskyNetwork, reader: Person | None = None,
    password: str | None = None,
) -> Iterator[Collecting]:  # fmt: skip
    """Collecting `tag` from the stream, and with the account of `reader` from the search, each where it is given."""
    if not store.read("select 1 from incidents").height:
        open_incident(store, Incident(id="storm", name="Storm", tags=(tag,), sources=("bluesky",)))
    folder = Path(str(store.read("select path from duckdb_databases() where not internal").item())).parent
    host = stream or "ws://127.0.0.1:9/xrpc"
    settings = BlueskySettings(
        hosts=(host,), every=0.2, profiles=network.app, service=network.pds, session=str(folder / "session")
    )
    # A test cannot wait for the shortest times that people may set.
    hasty = settings.model_copy(update={"search_every": 0.5, "reread_every": 0.5})
    environment = {HANDLE: reader.handle, PASSWORD: password or reader.app_password} if reader else {}
    sources = SourcesSettings(bluesky=hasty, mastodon=MastodonSettings(servers=()))
    journal = Journal(store)
    make = Collectors(IngestSettings(), sources, environment=environment, clock=now, recall=journal)
    try:
        with helpt._into(store, [], journal, make) as entered:
            yield entered
    finally:
        if make._account is not None:
            make._account.close()  # a question that came late may have opened it again


def rows(store: Store) -> dict[str, dict[str, Any]]:
    """The posts that the store shows, by uri."""
    return {row["id"]: row for row in store.read("select * from current_posts").to_dicts()}


def texts(store: Store) -> dict[str, str]:
    return {uri: row["text"] for uri, row in rows(store).items()}


def counted(store: Store) -> int:
    """How often the posts of the store's one record were reposted."""
    return int(store.read("select sum(reposts) from current_records").item() or 0)


# The stream, without an account


def test_a_tag_is_seen_in_all_three_ways_and_the_writer_is_named(
    store: Store, network: BlueskyNetwork, stream: str, ann: Person, tag: str
):
    upper = tag.upper()
    marked = client_utils.TextBuilder().text("2 bedden 😀 in Genk ").tag(f"#{upper}", upper)
    with collecting(store, tag, stream=stream, network=network):
        until(lambda: store.read("select 1 from runs").height)
        facet = str(ann.client.send_post(marked, ann.did).uri)
        beside = ann.write("rit naar Leuven", tags=[tag])
        typed = ann.write(f"douche in As, #{tag}!")
        ann.write("nothing of ours")
        ann.write(f"#{tag}e is another tag")
        until(lambda: rows(store).keys() == {facet, beside, typed})
    assert {row["author"] for row in rows(store).values()} == {ann.handle}
    assert rows(store)[facet]["text"] == f"2 bedden 😀 in Genk #{upper}"


def test_reposts_and_quotes_are_told_from_posts(
    store: Store, network: BlueskyNetwork, stream: str, ann: Person, bob: Person, tag: str
):
    uri = ann.write(f"bed vrij in Genk #{tag}")
    with collecting(store, tag, stream=stream, network=network):
        until(lambda: uri in rows(store))
        embed = {"$type": "app.bsky.embed.record", "record": bob.refer(uri)}
        quote = bob.write(f"dit is nog vrij #{tag}", embed=embed)
        bob.write("quoted without the tag", embed=embed)
        repost = bob.repost(uri)
        until(lambda: rows(store).keys() == {uri, quote, repost})
        assert rows(store)[quote]["quote_of"] == uri
        assert (rows(store)[repost]["repost_of"], rows(store)[repost]["author"]) == (uri, bob.handle)
        bob.delete(repost)
        until(lambda: rows(store).keys() == {uri, quote})


def test_an_edit_replaces_the_post_also_when_it_takes_the_tag_out(
    store: Store, network: BlueskyNetwork, stream: str, ann: Person, tag: str
):
    one, other = ann.write(f"2 bedden in Genk #{tag}"), ann.write(f"rit naar Leuven #{tag}")
    with collecting(store, tag, stream=stream, network=network):
        until(lambda: rows(store).keys() == {one, other})
        ann.edit(one, f"VOLZET: 2 bedden in Genk #{tag}")
        ann.edit(other, "rit is weg")
        until(lambda: texts(store) == {one: f"VOLZET: 2 bedden in Genk #{tag}", other: "rit is weg"})
    assert {row["edited_at"] is not None for row in rows(store).values()} == {True}


def test_a_deleted_post_and_the_posts_of_a_closed_account_go(
    store: Store, network: BlueskyNetwork, stream: str, ann: Person, cor: Person, tag: str
):
    kept, gone, left = (
        ann.write(f"bed 1 #{tag}"),
        ann.write(f"bed 2 in Genk #{tag}"),
        cor.write(f"rit naar As #{tag}"),
    )
    with collecting(store, tag, stream=stream, network=network):
        until(lambda: rows(store).keys() == {kept, gone, left})
        ann.delete(gone)
        until(lambda: rows(store).keys() == {kept, left})
        cor.client.com.atproto.server.deactivate_account({})
        until(lambda: rows(store).keys() == {kept})


def test_a_writers_wish_not_to_be_shown_to_everybody_is_kept_with_the_post(
    store: Store, network: BlueskyNetwork, stream: str, bob: Person, cor: Person, tag: str
):
    labels = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "!no-unauthenticated"}]}
    where = {"repo": cor.did, "collection": PROFILE, "rkey": "self"}
    cor.client.com.atproto.repo.put_record({**where, "record": {"$type": PROFILE, "labels": labels}})
    # somebody else must look: their own server shows people what they just wrote before the app server knows of it
    until(lambda: bob.client.app.bsky.actor.get_profile({"actor": cor.did}).labels)
    uri = cor.write(f"bed #{tag}")
    with collecting(store, tag, stream=stream, network=network):
        until(lambda: uri in rows(store))
    assert rows(store)[uri]["labels"] == ["!no-unauthenticated"]


def test_what_was_written_while_nobody_collected_comes_at_the_next_start_once(
    store: Store, network: BlueskyNetwork, stream: str, ann: Person, tag: str
):
    first = ann.write(f"bed in Genk #{tag}")
    with collecting(store, tag, stream=stream, network=network):
        until(lambda: rows(store).keys() == {first})
    second = ann.write(f"rit naar Leuven #{tag}")
    ann.delete(first)
    with collecting(store, tag, stream=stream, network=network):
        until(lambda: rows(store).keys() == {second})
    assert store.read("select count(*) - count(distinct version) from posts").item() == 0


# The search and reading again, with an app password; the stream is not there


def test_the_search_brings_what_was_written_before_and_what_comes_later(
    store: Store, network: BlueskyNetwork, ann: Person, bob: Person, tag: str
):
    before = {ann.write(f"bed {n} in Genk #{tag}") for n in range(3)}
    ann.write(f"#{tag}e is another tag, which the search takes for ours")
    until(lambda: all(ann.shown(uri) for uri in before))
    with collecting(store, tag, network=network, reader=bob):
        until(lambda: rows(store).keys() == before)
        later = ann.write(f"rit naar Leuven #{tag}")
        until(lambda: rows(store).keys() == before | {later})
    assert {row["author"] for row in rows(store).values()} == {ann.handle}


def test_more_than_a_page_is_searched_to_its_end(
    store: Store, network: BlueskyNetwork, ann: Person, bob: Person, tag: str
):
    written = {ann.write(f"bed {n} #{tag}") for n in range(120)}
    until(lambda: all(ann.shown(uri) for uri in sorted(written)[-3:]))
    with collecting(store, tag, network=network, reader=bob):
        until(lambda: rows(store).keys() == written)
    assert store.read("select count(*) - count(distinct version) from posts").item() == 0


def test_reading_again_tells_reposts_edits_and_who_is_gone(
    store: Store, network: BlueskyNetwork, ann: Person, bob: Person, tag: str
):
    # A view tells an edit only by being looked at anew a minute or more after the post was written.
    earlier = (now() - timedelta(minutes=2)).isoformat()
    one, other = ann.write(f"2 bedden in Genk #{tag}", createdAt=earlier), ann.write(f"rit naar Leuven #{tag}")
    until(lambda: ann.shown(one) and ann.shown(other))
    with collecting(store, tag, network=network, reader=bob):
        until(lambda: rows(store).keys() == {one, other})
        repost = bob.repost(one)
        until(lambda: counted(store) == 1)
        bob.delete(repost)
        until(lambda: counted(store) == 0)
        ann.delete(other)
        until(lambda: rows(store).keys() == {one})
        ann.edit(one, f"VOLZET: 2 bedden in Genk #{tag}")
        until(lambda: texts(store) == {one: f"VOLZET: 2 bedden in Genk #{tag}"})


def test_a_second_start_goes_on_with_the_session_that_was_kept(
    store: Store, network: BlueskyNetwork, ann: Person, bob: Person, tag: str, tmp_path: Path
):
    first = ann.write(f"bed in Genk #{tag}")
    until(lambda: ann.shown(first))
    with collecting(store, tag, network=network, reader=bob):
        until(lambda: rows(store).keys() == {first})
    second = ann.write(f"rit naar Leuven #{tag}")
    with collecting(store, tag, network=network, reader=bob, password="not needed while the session lasts"):
        until(lambda: rows(store).keys() == {first, second})


def test_a_wrong_password_stops_the_search_with_a_sentence_and_the_stream_goes_on(
    store: Store, network: BlueskyNetwork, stream: str, ann: Person, bob: Person, tag: str
):
    with collecting(store, tag, stream=stream, network=network, reader=bob, password="wrong") as entered:

        def stopped() -> list[str | None]:
            return [each.sentence for each in entered.status("storm") if each.state == "stopped"]

        until(stopped)
        assert set(stopped()) == {
            "Bluesky does not let this account in (Invalid identifier or password): make an app password at bsky.app "
            "under Settings, App passwords, and put it into HELPT_BLUESKY_APP_PASSWORD."
        }
        uri = ann.write(f"bed #{tag}")
        until(lambda: rows(store).keys() == {uri})
        assert {each.sentence for each in entered.status("storm") if each.query.startswith("jetstream")} == {None}


# As a process of its own


def test_helpt_as_a_process_finds_what_is_written_while_it_runs(
    network: BlueskyNetwork, stream: str, ann: Person, tag: str, tmp_path: Path
):
    (tmp_path / "helpt.toml").write_text(
        f'[sources.bluesky]\nhosts = ["{stream}"]\nprofiles = "{network.app}"\n[sources.mastodon]\nservers = []\n'
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HELPT_")}
    command = [sys.executable, "-W", "error", "-m", "helpt", "collect", "--hashtag", tag]
    process = subprocess.Popen(
        command, cwd=tmp_path, env={**environment, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        while "Bluesky live" not in (line := process.stdout.readline()):
            assert line, "it ended"
        uri = ann.write(f"bed in Genk #{tag}")
        time.sleep(5)
        process.send_signal(signal.SIGTERM)
        _, complaint = process.communicate(timeout=30)
        assert (process.returncode, complaint) == (0, "")
    finally:
        process.kill()
        process.communicate()
    with Store(tmp_path / "helpt.duckdb") as found:
        assert texts(found) == {uri: f"bed in Genk #{tag}"}


# The loopback Jetstream


def test_what_our_jetstream_says_is_what_the_makers_of_the_library_read(stream: str, ann: Person, tag: str):
    uris = [ann.write(f"bed {n} #{tag}") for n in range(3)]
    seen: list[Any] = []
    errors: list[BaseException] = []
    client = JetstreamClient({"cursor": 10**15}, base_uri=stream)

    def take(event: Any) -> None:
        seen.append(event)
        if getattr(event, "rkey", None) == AtUri.from_str(uris[-1]).rkey:
            client.stop()

    client.start(take, errors.append)
    assert not errors
    kinds = {event.py_type.partition("#")[2] for event in seen}
    assert kinds == {"commit", "account", "identity"}
    written = {f"at://{each.did}/{each.collection}/{each.rkey}" for each in seen if hasattr(each, "rkey")}
    assert written >= set(uris)
