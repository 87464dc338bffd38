"""Searching Bluesky with an account, and reading posts again, against a loopback server that breaks."""

from __future__ import annotations

import logging
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.bluesky.account import Account, SessionFile
from ingest.bluesky.source import PAGES, BlueskySearch
from ingest.errors import TerminalError, TransientError
from ingest.post import POST_SCHEMA
from ingest.source import Fetch
from ingest.tags import Tags
from tests.support.bluesky import HTML, BlueskyServer, Fault, view
from tests.support.jetstream import uri_of

NOW = datetime(2026, 8, 18, 20, 0, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[BlueskyServer]:
    with BlueskyServer() as one:
        yield one


@contextmanager
def searching(
    server: BlueskyServer,
    folder: Path,
    *tags: str,
    password: str | None = None,
    address: str | None = None,
    now: datetime = NOW,
) -> Iterator[BlueskySearch]:
    service = address or server.url
    session = SessionFile(folder / "session", handle=server.handle, service=service)
    account = Account(
        handle=server.handle, password=password or server.password, service=service, session=session, timeout=2
    )
    source = BlueskySearch(
        Tags(tags or ("hasselthelpt",)),
        incident="storm",
        clock=lambda: now,
        account=account,
        back_fill=timedelta(hours=24),
    )
    try:
        yield source
    finally:
        source.close()


def at(minute: float) -> datetime:
    return NOW - timedelta(minutes=minute)


def fill(server: BlueskyServer, count: int, tag: str = "#hasselthelpt") -> list[str]:
    views = [view("ann", f"{tag[1:]}{n}", f"bed {n} {tag}", at(n / 10)) for n in range(count)]
    server.put(*views)
    return [each["uri"] for each in views]


def whole_round(source: BlueskySearch, cursor: str | None = None) -> tuple[list[Fetch], str | None]:
    fetches: list[Fetch] = []
    while not fetches or fetches[-1].more:
        fetches.append(source.fetch(cursor))
        cursor = fetches[-1].cursor
        assert len(fetches) < 3 * PAGES
    return fetches, cursor


def found(fetches: list[Fetch]) -> list[str]:
    return [uri for fetch in fetches for uri in fetch.posts["id"].to_list()]


# Searching


def test_a_round_brings_all_pages_of_all_tags_and_then_rests(server: BlueskyServer, tmp_path: Path):
    uris = fill(server, 250) + fill(server, 3, "#hasselthelp")
    with searching(server, tmp_path, "hasselthelpt", "hasselthelp", "niemand") as source:
        fetches, _ = whole_round(source)
    assert sorted(set(found(fetches))) == sorted(uris)
    assert [fetch.more for fetch in fetches] == [True] * (len(fetches) - 1) + [False]
    assert fetches[0].posts.schema == POST_SCHEMA
    assert fetches[0].posts["query"].unique().to_list() == ["search"]
    quota = fetches[0].quota
    assert quota is not None
    assert quota.remaining == 2990
    assert server.count("createSession") == 1


def test_the_next_round_begins_where_this_one_began_and_a_new_tag_goes_all_the_way_back(
    server: BlueskyServer, tmp_path: Path
):
    fill(server, 500)
    with searching(server, tmp_path) as source:
        _, cursor = whole_round(source)
    server.calls.clear()
    server.put(view("bob", "late", "nog een #hasselthelpt", NOW + timedelta(minutes=1)))
    with searching(server, tmp_path, "hasselthelpt", "hasselthelp", now=NOW + timedelta(minutes=2)) as source:
        fetches, _ = whole_round(source, cursor)
    assert uri_of("bob", "late") in found(fetches)
    asked = [question for method, question in server.calls if method.endswith("searchPosts")]
    since = {question["q"][0]: question["since"][0] for question in asked}
    assert since["#hasselthelpt"] == "2026-08-18T19:50:00.000Z", "ten minutes before the round before"
    assert since["#hasselthelp"] == "2026-08-17T20:02:00.000Z", "a day back"
    # this server takes no notice of `since`: what is older than that ends the reading all the same
    assert len([question for question in asked if question["q"] == ["#hasselthelpt"]]) == 3


def test_a_round_goes_on_in_a_new_process_at_the_page_where_it_was(server: BlueskyServer, tmp_path: Path):
    uris, cursor, fetches = fill(server, 450), None, []
    for _ in range(5):
        with searching(server, tmp_path) as source:
            fetches.append(source.fetch(cursor))
            cursor = fetches[-1].cursor
    assert found(fetches) == uris, "from new to old, each once"
    assert (fetches[-1].more, server.count("createSession")) == (False, 1)


def test_what_the_server_finds_by_mistake_is_sifted_out_here(server: BlueskyServer, tmp_path: Path):
    server.put(view("ann", "long", "#hasselthelpte is een andere", at(1)), view("bob", "real", "#hasselthelpt!", at(2)))
    with searching(server, tmp_path) as source:
        assert found(whole_round(source)[0]) == [uri_of("bob", "real")]


def test_labels_are_kept_and_what_is_hidden_is_a_removal(server: BlueskyServer, tmp_path: Path):
    closed = {"labels": [{"val": "!no-unauthenticated", "src": "did:plc:x"}]}
    server.put(
        view("ann", "plain", "#hasselthelpt", at(1)),
        view("bob", "closed", "#hasselthelpt", at(2), author=closed, labels=[{"val": "graphic-media"}]),
        view("cor", "hidden", "#hasselthelpt", at(3), labels=[{"val": "!hide"}]),
        view("dan", "warned", "#hasselthelpt", at(4), record={"labels": {"values": [{"val": "!warn"}]}}),
    )
    with searching(server, tmp_path) as source:
        (fetch,), _ = whole_round(source)
    labels = dict(zip(fetch.posts["id"], fetch.posts["labels"].to_list(), strict=True))
    assert labels == {
        uri_of("ann", "plain"): [],
        uri_of("bob", "closed"): ["!no-unauthenticated", "graphic-media"],
        uri_of("dan", "warned"): ["!warn"],
    }
    assert [(gone.id, gone.reason) for gone in fetch.removals] == [(uri_of("cor", "hidden"), "hidden by its network")]


def test_one_odd_post_does_not_cost_its_page(server: BlueskyServer, tmp_path: Path):
    odd = view("eve", "odd", "#hasselthelpt", at(1)) | {"author": 7, "indexedAt": "2026-08-18T19:59:00.000Z"}
    server.put(odd, view("ann", "good", "#hasselthelpt", at(2), repostCount="many", record={"langs": 7, "facets": 7}))
    server.put(view("bob", "fine", "#hasselthelpt", at(3)))
    with searching(server, tmp_path) as source:
        (fetch,), _ = whole_round(source)
    assert fetch.posts["id"].to_list() == [uri_of("bob", "fine")]
    assert len(fetch.refusals) == 2


def test_a_server_whose_pages_never_end_is_left_after_so_many_with_a_word_about_it(
    server: BlueskyServer, tmp_path: Path
):
    uris = fill(server, 1)
    server.endless = True
    with searching(server, tmp_path) as source:
        fetches, _ = whole_round(source)
    assert len(fetches) == PAGES
    assert set(found(fetches)) == set(uris)
    assert fetches[-1].notice is not None
    assert "may be missing" in fetches[-1].notice


@pytest.mark.parametrize("refusal", [500, 400])
def test_a_cursor_that_the_server_does_not_know_any_more_is_given_up(
    server: BlueskyServer, tmp_path: Path, refusal: int
):
    uris = fill(server, 150)
    with searching(server, tmp_path) as source:
        first = source.fetch(None)
        server._cursors.clear()  # it was started anew
        if refusal == 400:
            body = b'{"error": "InvalidRequest", "message": "bad cursor"}'
            server.faults.append(Fault(on="searchPosts", status=400, body=body))
        else:
            with pytest.raises(TransientError):
                source.fetch(first.cursor)
        fetches, _ = whole_round(source, first.cursor)
    assert set(found([first, *fetches])) == set(uris)


@pytest.mark.parametrize("cursor", ["", "{", "[]", "7", '{"at": {"tag": "x"}}', '{"done": 7}', '{"at": 7}'])
def test_a_cursor_that_is_none_of_ours_begins_anew(server: BlueskyServer, tmp_path: Path, cursor: str):
    uris = fill(server, 3)
    with searching(server, tmp_path) as source:
        assert found(whole_round(source, cursor)[0]) == uris


# Reading again


def test_posts_read_again_tell_their_counts_their_edits_and_who_is_gone(server: BlueskyServer, tmp_path: Path):
    uris = fill(server, 60)
    server.put(
        view("ann", "hasselthelpt1", "volzet #hasselthelpt", at(9), repostCount=41, indexedAt="2026-08-18T19:55:00Z")
    )
    server.put(view("ann", "hasselthelpt3", "bed", at(9), labels=[{"val": "!hide"}]))
    del server.posts[uris[2]]
    others = ["at://did:plc:x/app.bsky.feed.repost/1", "", "nonsense", uris[0]]
    with searching(server, tmp_path) as source:
        fetch = source.reread([*uris, *others])
    rows = {row["id"]: row for row in fetch.posts.to_dicts()}
    assert rows.keys() == set(uris) - {uris[2], uris[3]}
    assert (rows[uris[1]]["reposts"], rows[uris[1]]["text"]) == (41, "volzet #hasselthelpt")
    assert rows[uris[1]]["edited_at"] == datetime(2026, 8, 18, 19, 55, tzinfo=UTC)
    assert rows[uris[0]]["edited_at"] is None
    assert {gone.id for gone in fetch.removals} == {uris[2], uris[3]}
    assert (fetch.cursor, fetch.more) == (None, False)
    assert [len(question["uris"]) for method, question in server.calls if method.endswith("getPosts")] == [25, 25, 10]


def test_a_server_that_shows_nothing_at_all_has_not_lost_every_post(server: BlueskyServer, tmp_path: Path):
    uris = fill(server, 30)
    server.posts.clear()
    with searching(server, tmp_path) as source:
        with pytest.raises(TransientError, match="none of 25"):
            source.reread(uris)
        assert [gone.id for gone in source.reread(uris[:3]).removals] == uris[:3]


def test_reading_nothing_again_asks_nobody(server: BlueskyServer, tmp_path: Path):
    with searching(server, tmp_path) as source:
        assert source.reread([]).posts.height == 0
    assert server.calls == []


# The session


def test_the_session_is_kept_in_a_file_that_only_its_owner_can_read_and_used_again(
    server: BlueskyServer, tmp_path: Path
):
    fill(server, 1)
    for _ in range(5):
        with searching(server, tmp_path) as source:
            source.fetch(None)
    assert server.count("createSession") == 1
    assert stat.S_IMODE((tmp_path / "session").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["session"]


def test_a_session_about_to_end_is_renewed_and_the_new_one_kept(server: BlueskyServer, tmp_path: Path):
    server.lifetime = 60
    fill(server, 1)
    with searching(server, tmp_path) as source:
        source.fetch(None)
        first = (tmp_path / "session").read_text()
        server.lifetime = 7_200
        source.fetch(None)
    assert (server.count("createSession"), server.count("refreshSession")) == (1, 2)
    assert (tmp_path / "session").read_text() != first
    with searching(server, tmp_path) as source:
        source.fetch(None)
    assert server.count("createSession") == 1


def test_a_session_that_was_ended_is_replaced_by_one_login_and_no_more(server: BlueskyServer, tmp_path: Path):
    fill(server, 1)
    with searching(server, tmp_path) as source:
        source.fetch(None)
    server.end_sessions()
    with searching(server, tmp_path) as source:
        source.fetch(None)
        assert server.count("createSession") == 2
        server.end_sessions()
        for _ in range(5):
            with pytest.raises(TransientError) as failed:
                source.fetch(None)
            assert failed.value.retry_after is not None
            assert failed.value.retry_after > 500
    assert server.count("createSession") == 2


@pytest.mark.parametrize("kept", ["", "{}", "[]", '{"session": "a:::b"}', "a:::b:::c:::d", "\x00\xff"])
def test_a_damaged_file_costs_one_login(server: BlueskyServer, tmp_path: Path, kept: str):
    (tmp_path / "session").write_text(kept, encoding="latin-1")
    uris = fill(server, 1)
    with searching(server, tmp_path) as source:
        assert found([source.fetch(None)]) == uris


def test_damaged_tokens_cost_one_login(server: BlueskyServer, tmp_path: Path):
    uris = fill(server, 1)
    SessionFile(tmp_path / "session", handle=server.handle, service=server.url).save(
        f"h:::did:plc:x:::a.b:::c:::{server.url}"
    )
    with searching(server, tmp_path) as source:
        assert found([source.fetch(None)]) == uris
    assert server.count("createSession") == 1


def test_the_session_of_another_account_is_not_used(tmp_path: Path):
    SessionFile(tmp_path / "session", handle="ann", service="https://one.example").save("secret")
    assert SessionFile(tmp_path / "session", handle="ann", service="https://one.example").load() == "secret"
    assert SessionFile(tmp_path / "session", handle="bob", service="https://one.example").load() is None
    assert SessionFile(tmp_path / "session", handle="ann", service="https://two.example").load() is None


def test_where_no_file_can_be_written_the_session_lives_in_memory(server: BlueskyServer, tmp_path: Path):
    uris = fill(server, 1)
    with searching(server, tmp_path / "absent") as source:
        assert found([source.fetch(None)]) == uris
        source.close()
        assert found([source.fetch(None)]) == uris, (
            "also after it was closed, as another incident may share the account"
        )
    assert server.count("createSession") == 1


def test_no_password_and_no_token_reaches_a_log_or_an_error(
    server: BlueskyServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    fill(server, 1)
    failures: list[str] = []
    with searching(server, tmp_path) as source:
        source.fetch(None)
        server.end_sessions()
        for fault in (None, Fault(status=401, on="searchPosts"), Fault(status=500), Fault(how="reset")):
            server.faults.extend([fault] if fault else [])
            try:
                source.fetch(None)
            except (TransientError, TerminalError) as error:
                failures.append(repr(error))
    kept = (tmp_path / "session").read_text() if (tmp_path / "session").exists() else ""
    tokens = [part for part in kept.split(":::") if "." in part and len(part) > 40]
    shown = caplog.text + "".join(failures)
    assert tokens
    assert not [secret for secret in (server.password, "Bearer", *tokens) if secret in shown]


# Faults


def test_a_wrong_password_stops_the_search_and_says_what_to_do(server: BlueskyServer, tmp_path: Path):
    with searching(server, tmp_path, password="wrong") as source, pytest.raises(TerminalError, match="app password"):
        source.fetch(None)
    assert server.count("createSession") == 1


def test_a_real_password_with_a_second_factor_is_told_from_an_app_password(server: BlueskyServer, tmp_path: Path):
    body = b'{"error": "AuthFactorTokenRequired", "message": "A sign in code has been sent to your email address"}'
    server.faults.append(Fault(status=401, body=body))
    with searching(server, tmp_path) as source, pytest.raises(TerminalError, match="app password"):
        source.fetch(None)


FAULTS: dict[str, tuple[Fault, float | None]] = {
    "403 as HTML": (Fault(status=403, body=HTML, kind="text/html"), None),
    "401 as HTML": (Fault(status=401, body=HTML, kind="text/html"), None),
    "404": (Fault(status=404, body=HTML, kind="text/html"), None),
    "429": (Fault(status=429, body=b'{"error": "RateLimitExceeded"}'), 60),
    "429 with a wait": (Fault(status=429, body=b"", headers={"retry-after": "17"}), 17),
    "429 with a reset": (Fault(status=429, body=b"", headers={"ratelimit-reset": "32503680000"}), 1e9),
    "500": (Fault(), None),
    "502": (Fault(status=502, body=b""), None),
    "a truncated body": (Fault(how="truncated"), None),
    "a slow body": (Fault(how="slow"), None),
    "a reset": (Fault(how="reset"), None),
    "no JSON": (Fault(status=200, body=b'{"posts": ['), None),
    "another JSON": (Fault(status=200, body=b"[1]"), None),
    "another type": (Fault(status=200, body=b"posts", kind="text/plain"), None),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_after_any_fault_the_same_question_brings_all_of_it(server: BlueskyServer, tmp_path: Path, fault: str):
    uris = fill(server, 130)
    broken, wait = FAULTS[fault]
    with searching(server, tmp_path) as source:
        first = source.fetch(None)
        server.faults.append(broken)
        begun = time.monotonic()
        with pytest.raises(TransientError) as failed:
            source.fetch(first.cursor)
        assert time.monotonic() - begun < 10, "even a server that sends a byte now and then is given up"
        if wait is None:
            assert failed.value.retry_after is None
        else:
            assert failed.value.retry_after is not None
            assert failed.value.retry_after == wait or (wait == 1e9 and failed.value.retry_after > wait)
        assert str(failed.value).endswith(".")
        fetches, _ = whole_round(source, first.cursor)
    assert sorted(found([first, *fetches])) == sorted(uris)


@pytest.mark.parametrize("fault", ["403 as HTML", "429", "500", "a truncated body", "a slow body", "a reset"])
def test_a_login_that_fails_on_the_way_is_tried_again(server: BlueskyServer, tmp_path: Path, fault: str):
    uris = fill(server, 3)
    server.faults.append(FAULTS[fault][0])
    with searching(server, tmp_path) as source:
        with pytest.raises(TransientError) as failed:
            source.fetch(None)
        if fault == "429":
            assert failed.value.retry_after == 600, "logins are counted by the day"
            return
        assert found([source.fetch(None)]) == uris


def test_a_server_that_is_not_there_is_a_matter_of_waiting(server: BlueskyServer, tmp_path: Path):
    with (
        searching(server, tmp_path, address="http://127.0.0.1:9") as source,
        pytest.raises(TransientError, match="cannot be reached"),
    ):
        source.fetch(None)


def test_an_account_that_may_not_search_is_told_and_not_asked_for_ever(server: BlueskyServer, tmp_path: Path):
    body = b'{"error": "Forbidden", "message": "This account is suspended"}'
    server.faults.append(Fault(status=403, body=body, on="searchPosts"))
    with searching(server, tmp_path) as source, pytest.raises(TerminalError, match="This account is suspended"):
        source.fetch(None)
