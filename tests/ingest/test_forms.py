from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.reading.form_mastodon import plain
from ingest.reading.forms import FORMS, form_of
from ingest.source import Removal
from tests.ingest.samples import (
    bluesky_record,
    bluesky_uri,
    bluesky_view,
    content,
    ids,
    jetstream_v1,
    jetstream_v2,
    ndjson,
    read,
    reasons,
    row,
    status,
    tweet,
    write,
    x_page,
    x_post,
)


def only(tmp_path: Path, record: object) -> dict[str, object]:
    """The one post in a file of one record."""
    (chunk,) = read(write(tmp_path / "one.json", json.dumps(record)))
    assert chunk.refusals == ()
    return chunk.content.row(0, named=True) if chunk.content.height == 1 else {}


BOTH = [
    (x_page(x_post(1), x_post(2)), ["1", "2"]),
    (x_post(1), ["1"]),
    (tweet(1), ["1"]),
    ({"posts": [bluesky_view("a"), bluesky_view("b")]}, [bluesky_uri("a"), bluesky_uri("b")]),
    ({"feed": [{"post": bluesky_view("a")}]}, [bluesky_uri("a")]),
    (bluesky_view("a"), [bluesky_uri("a")]),
    (jetstream_v1("a"), [bluesky_uri("a")]),
    (jetstream_v2("a"), [bluesky_uri("a")]),
    ({"$type": "message", "payload": jetstream_v2("a")}, [bluesky_uri("a")]),
    (status(1), ["https://social.example/users/ann/statuses/1"]),
    ({"accounts": [], "statuses": [status(1)], "hashtags": []}, ["https://social.example/users/ann/statuses/1"]),
]


@pytest.mark.parametrize(("record", "expected"), BOTH)
def test_each_form_is_read_as_a_whole_file_as_lines_and_as_a_list(tmp_path, record, expected):
    for written in (
        json.dumps(record),
        json.dumps(record, indent=2),
        json.dumps(record) + "\n" + json.dumps(record),
        json.dumps([record, record]),
        json.dumps([record, record], indent=2),
        json.dumps([record]) + "\n" + json.dumps([record]),
    ):
        chunks = read(write(tmp_path / "posts", written))
        assert ids(chunks) in (expected, expected * 2)
        assert reasons(chunks) == []
    assert {form_of(record).name} < {form.name for form in FORMS}


def test_forms_may_be_mixed_line_by_line(tmp_path):
    data = ndjson([row(1), tweet(2), status(3), x_page(x_post(4), x_post(5)), row(6)])
    chunks = read(write(tmp_path / "posts", data))
    assert content(chunks)["network"].to_list() == ["x", "x", "mastodon", "x", "x", "x"]
    assert chunks[-1].rows == 5


def test_a_bad_post_on_a_page_is_refused_and_the_others_go_in(tmp_path):
    page = x_page(x_post(1), x_post(2, created_at="1970-01-01T00:00:00.000Z"), x_post(3))
    whole = read(write(tmp_path / "page.json", json.dumps(page, indent=1)))
    as_line = read(write(tmp_path / "pages.ndjson", ndjson([x_page(x_post(9)), page])))
    assert (ids(whole), ids(as_line)) == (["1", "3"], ["9", "1", "3"])
    assert [number for number, _ in reasons(whole)] == [2]
    assert [number for number, _ in reasons(as_line)] == [2]
    assert json.loads(whole[0].refusals[0].raw)["id"] == "2"


def test_an_x_post_keeps_all_that_its_page_tells(tmp_path):
    metrics = {"retweet_count": 4, "reply_count": 1, "like_count": 9, "quote_count": 0}
    refers = [{"type": "quoted", "id": "5"}, {"type": "replied_to", "id": "6"}]
    found = only(
        tmp_path, x_page(x_post(1, public_metrics=metrics, referenced_tweets=refers, lang="nl", text="a &amp; b"))
    )
    assert found == {
        "network": "x",
        "id": "1",
        "author": "ann",
        "text": "a & b",
        "created_at": datetime(2026, 8, 18, 16, 20, tzinfo=UTC),
        "url": "https://x.com/ann/status/1",
        "author_name": "Ann Example",
        "lang": "nl",
        "repost_of": None,
        "quote_of": "5",
        "reply_to": "6",
        "reposts": 4,
        "likes": 9,
        "edited_at": None,
        "labels": None,
    }


def test_an_x_post_without_its_users_has_the_number_of_its_author(tmp_path):
    assert only(tmp_path, {"data": [x_post(1)], "meta": {"result_count": 1}})["author"] == "7"


def test_a_long_x_post_is_taken_whole(tmp_path):
    long = "bed " * 200
    assert only(tmp_path, x_page(x_post(1, text=long[:280], note_tweet={"text": long})))["text"] == long


def test_an_x_repost_gets_the_text_that_was_cut_from_it(tmp_path):
    long = "two beds in town, call after eight " * 5
    original = x_post(5, text=long, edit_history_tweet_ids=["4", "5"])
    repost = x_post(9, text=f"RT @bob: {long}"[:139] + "…", referenced_tweets=[{"type": "retweeted", "id": "5"}])
    found = only(tmp_path, x_page(repost, tweets=[original]))
    assert found["text"] == f"RT @bob: {long}"
    assert found["repost_of"] == "4"


def test_an_edited_x_post_keeps_its_first_id(tmp_path):
    found = only(tmp_path, x_page(x_post(12, edit_history_tweet_ids=["10", "11", "12"])))
    assert (found["id"], found["edited_at"]) == ("10", found["created_at"])
    assert str(found["url"]).endswith("/12")


@pytest.mark.parametrize("empty", [{"meta": {"result_count": 0}}, {"data": [], "meta": {"result_count": 0}}])
def test_an_empty_x_page_has_no_posts_and_is_no_error(tmp_path, empty):
    chunks = read(write(tmp_path / "pages.ndjson", ndjson([empty, x_page(x_post(1))])))
    assert (ids(chunks), reasons(chunks), chunks[0].skipped) == (["1"], [], 1)


def test_an_old_tweet_is_read_with_its_date_of_those_days(tmp_path):
    found = only(
        tmp_path, tweet(1, text="r&amp;r &lt;3", in_reply_to_status_id_str="5", retweet_count=2, favorite_count=3)
    )
    assert found["created_at"] == datetime(2011, 8, 18, 16, 20, tzinfo=UTC)
    assert (found["author"], found["author_name"], found["text"]) == ("ann", "Ann Example", "r&r <3")
    assert (found["reply_to"], found["reposts"], found["likes"]) == ("5", 2, 3)
    assert found["url"] == "https://x.com/ann/status/1"


def test_an_old_tweet_with_a_zone_of_its_own_becomes_utc(tmp_path):
    found = only(tmp_path, tweet(1, created_at="Thu Aug 18 18:20:00 +0200 2011"))
    assert found["created_at"] == datetime(2011, 8, 18, 16, 20, tzinfo=UTC)


@pytest.mark.parametrize("at", ["Thu Foo 18 16:20:00 +0000 2011", "Thu Feb 31 16:20:00 +0000 2011", "", None, 7])
def test_an_old_tweet_with_an_impossible_date_is_refused(tmp_path, at):
    chunks = read(write(tmp_path / "tweets.ndjson", ndjson([tweet(1), tweet(2, created_at=at)])))
    assert ids(chunks) == ["1"]
    ((number, reason),) = reasons(chunks)
    assert number == 2
    assert reason.startswith("created_at ")


def test_an_old_retweet_and_quote_name_what_they_repeat(tmp_path):
    original = tweet(5, full_text="two beds in town, call after eight", user={"screen_name": "bob", "id_str": "8"})
    repost = tweet(9, text="RT @bob: two beds in to…", retweeted_status=original, quoted_status_id_str="3")
    quote = tweet(10, quoted_status_id_str="5", quoted_status=original)
    extended = tweet(11, text="cut…", truncated=True, extended_tweet={"full_text": "not cut at all"})
    found = content(read(write(tmp_path / "tweets.ndjson", ndjson([repost, quote, extended]))))
    assert found["repost_of"].to_list() == ["5", None, None]
    assert found["quote_of"].to_list() == [None, "5", None]
    assert found["text"].to_list() == ["RT @bob: two beds in town, call after eight", "bed 10", "not cut at all"]


def export(*numbers: int) -> str:
    tweets = [{"tweet": {name: value for name, value in tweet(n).items() if name != "user"}} for n in numbers]
    return "window.YTD.tweets.part0 = " + json.dumps(tweets, indent=2)


def test_a_users_own_export_takes_its_author_from_the_file_beside_it(tmp_path):
    write(tmp_path / "account.js", 'window.YTD.account.part0 = [{"account": {"username": "ann", "accountId": "7"}}]')
    found = content(read(write(tmp_path / "tweets.js", export(1, 2)), start=1))
    assert (found["id"].to_list(), found["author"].to_list()) == (["2"], ["ann"])


def test_an_export_by_itself_gets_a_made_up_author_that_no_other_export_has(tmp_path):
    mine = content(read(write(tmp_path / "tweets.js", export(1, 2))))
    other = content(read(write(tmp_path / "tweets2.js", export(3))))
    assert mine["author"].to_list() == ["owner-of-1"] * 2
    assert other["author"].to_list() == ["owner-of-3"]


def test_a_deletion_in_an_old_stream_becomes_a_removal(tmp_path):
    notice = {"delete": {"status": {"id": 5, "id_str": "5", "user_id": 7}, "timestamp_ms": "1313684400000"}}
    (chunk,) = read(write(tmp_path / "stream.ndjson", ndjson([tweet(1), notice, {"limit": {"track": 9}}, tweet(2)])))
    assert chunk.content["id"].to_list() == ["1", "2"]
    at = datetime(2011, 8, 18, 16, 20, tzinfo=UTC)
    assert chunk.removals == (Removal(network="x", id="5", at=at, reason="deleted"),)
    assert (chunk.skipped, chunk.refusals) == (1, ())


def test_a_bluesky_view_keeps_all_it_tells(tmp_path):
    quoted = {"$type": "app.bsky.embed.record", "record": {"uri": bluesky_uri("q"), "cid": "bafy"}}
    reply = {"parent": {"uri": bluesky_uri("p"), "cid": "b"}, "root": {"uri": bluesky_uri("r"), "cid": "b"}}
    found = only(tmp_path, bluesky_view("a", record=bluesky_record("een bed", embed=quoted, reply=reply)))
    assert found == {
        "network": "bluesky",
        "id": bluesky_uri("a"),
        "author": "ann.example.org",
        "text": "een bed",
        "created_at": datetime(2026, 8, 18, 16, 20, tzinfo=UTC),
        "url": "https://bsky.app/profile/ann.example.org/post/a",
        "author_name": "Ann Example",
        "lang": "nl",
        "repost_of": None,
        "quote_of": bluesky_uri("q"),
        "reply_to": bluesky_uri("p"),
        "reposts": 2,
        "likes": 3,
        "edited_at": None,
        "labels": [],
    }


def test_a_bluesky_quote_beside_a_picture_is_a_quote_and_a_shared_list_is_none(tmp_path):
    media = {"$type": "app.bsky.embed.recordWithMedia", "record": {"record": {"uri": bluesky_uri("q")}}, "media": {}}
    shared = {"$type": "app.bsky.embed.record", "record": {"uri": "at://did:plc:ann/app.bsky.graph.list/1"}}
    views = [bluesky_view(k, record=bluesky_record("bed", embed=e)) for k, e in (("a", media), ("b", shared))]
    assert content(read(write(tmp_path / "v.ndjson", ndjson(views))))["quote_of"].to_list() == [bluesky_uri("q"), None]


@pytest.mark.parametrize("written", ["2031-01-01T00:00:00Z", "2026-08-18T16:20:00", "nonsense", None])
def test_a_bluesky_writer_with_a_broken_clock_gets_the_time_the_network_saw_the_post(tmp_path, written):
    found = only(tmp_path, bluesky_view("a", record=bluesky_record("bed", createdAt=written)))
    assert found["created_at"] == datetime(2026, 8, 18, 16, 20, 5, tzinfo=UTC)


def test_a_bluesky_author_without_a_valid_handle_is_known_by_did(tmp_path):
    found = only(tmp_path, bluesky_view("a", author={"did": "did:plc:ann", "handle": "handle.invalid"}))
    assert found["author"] == "did:plc:ann"


@pytest.mark.parametrize("event", [jetstream_v1, jetstream_v2])
def test_jetstream_gives_posts_edits_removals_and_skips_what_is_no_post(tmp_path, event):
    like = {"collection": "app.bsky.feed.like", "record": {"subject": {"uri": bluesky_uri("a")}}}
    subject = {"subject": {"uri": bluesky_uri("a"), "cid": "b"}, "createdAt": "2026-08-18T16:20:00Z"}
    repost = {"collection": "app.bsky.feed.repost", "record": subject}
    events = [event("a"), event("a", "update"), event("a", "delete"), event("l", **like), event("r", **repost)]
    events += [{"did": "did:plc:ann", "time_us": 1, "kind": "identity", "identity": {}}]
    (chunk,) = read(write(tmp_path / "jetstream.ndjson", ndjson(events)))
    seen = datetime(2026, 8, 18, 16, 20, 10, tzinfo=UTC)
    found = chunk.content
    assert found["id"].to_list() == [bluesky_uri("a")] * 2 + ["at://did:plc:ann/app.bsky.feed.repost/r"]
    assert found["author"].unique().to_list() == ["did:plc:ann"]
    assert found["edited_at"].to_list() == [None, seen, None]
    assert found["repost_of"].to_list() == [None, None, bluesky_uri("a")]
    assert found["text"].to_list() == ["bed a", "bed a", ""]
    assert chunk.removals == (Removal(network="bluesky", id=bluesky_uri("a"), at=seen, reason="deleted"),)
    assert (chunk.skipped, chunk.refusals) == (2, ())


def test_a_mastodon_status_keeps_all_it_tells(tmp_path):
    quote = {"state": "accepted", "quoted_status": status(5)}
    html = '<p class="quote-inline">RE: <a href="https://social.example/5">5</a></p><p>een bed</p>'
    edited = "2026-08-18T17:00:00.000Z"
    found = only(tmp_path, status(1, content=html, quote=quote, edited_at=edited, in_reply_to_id="9"))
    assert found == {
        "network": "mastodon",
        "id": "https://social.example/users/ann/statuses/1",
        "author": "ann@social.example",
        "text": "een bed",
        "created_at": datetime(2026, 8, 18, 16, 20, tzinfo=UTC),
        "url": "https://social.example/@ann/1",
        "author_name": "Ann Example",
        "lang": "nl",
        "repost_of": None,
        "quote_of": "https://social.example/users/ann/statuses/5",
        "reply_to": "9",
        "reposts": 2,
        "likes": 3,
        "edited_at": datetime(2026, 8, 18, 17, 0, tzinfo=UTC),
        "labels": None,
    }


def test_a_mastodon_boost_names_the_status_it_repeats_and_carries_its_text(tmp_path):
    boosted = status(5, content="<p>een bed</p>")
    found = only(tmp_path, status(9, content="", reblog=boosted, url=None))
    assert (found["repost_of"], found["text"]) == (boosted["uri"], "een bed")


def test_a_mastodon_answer_to_oneself_is_known_by_its_canonical_id(tmp_path):
    found = only(tmp_path, status(9, in_reply_to_id="5", in_reply_to_account_id="7"))
    assert found["reply_to"] == status(5)["uri"]


def test_a_status_seen_on_another_server_has_the_same_id_and_author(tmp_path):
    given = status(9)
    account = {"id": "4711", "acct": "ann@social.example", "display_name": "Ann Example"}
    elsewhere = {**given, "id": "113", "account": account}
    here, there = only(tmp_path, given), only(tmp_path, elsewhere)
    assert (here["id"], here["author"]) == (there["id"], there["author"])


@pytest.mark.parametrize("visibility", ["private", "direct"])
def test_a_status_for_a_few_readers_is_refused(tmp_path, visibility):
    chunks = read(write(tmp_path / "s.ndjson", ndjson([status(1), status(2, visibility=visibility), status(3)])))
    assert len(ids(chunks)) == 2
    assert reasons(chunks) == [(2, "the status is not public; it was written for its readers alone")]


def test_a_content_warning_comes_before_the_text(tmp_path):
    assert only(tmp_path, status(1, spoiler_text="storm"))["text"] == "storm\n\nbed 1"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one</p><p>two<br />three</p>", "one\n\ntwo\nthree"),
        ("<p>a &amp; b &lt;3 &eacute;</p>", "a & b <3 é"),
        ('<p><a href="https://x.example/@bob" class="u-url mention">@<span>bob</span></a> hi</p>', "@bob hi"),
        ('<a href="https://m.example/tags/bed" class="mention hashtag" rel="tag">#<span>bed</span></a>', "#bed"),
        (
            '<a href="https://example.org/a/long/path"><span class="invisible">https://</span>'
            '<span class="ellipsis">example.org/a</span><span class="invisible">/long/path</span></a>',
            "https://example.org/a/long/path",
        ),
        ('<a href="https://example.org/a/long/path">example.org/a…</a>', "https://example.org/a/long/path"),
        ('see <a href="https://example.org/">the map</a>', "see the map (https://example.org/)"),
        ('<a href="javascript:alert(1)">the map</a>', "the map"),
        ("<script>alert(1)</script><style>p{}</style>bed<!-- hidden -->", "bed"),
        ("<ul><li>bed</li><li>bath</li></ul>", "bed\nbath"),
        ("two < three > one", "two < three > one"),
        ("<![if x]>bed<![endif]>", "bed"),
        ("bed <unclosed", "bed <unclosed"),
        ("", ""),
    ],
)
def test_html_becomes_text_with_its_links(html, text):
    assert plain(html) == text


@given(
    st.lists(st.sampled_from([*"<>/!-[]?apé&# \"'=", "&lt", "<!--", "-->", "<![", "script", "</", "<a "])).map("".join)
)
def test_no_html_whatever_crashes_the_reader(html):
    assert "<script>" not in plain(f"<p>{html}</p>").lower() or "<script>" not in html.lower()


@pytest.mark.parametrize("unit", ["<a ", "<!--", "<![x", "<?", "</", "<"])
def test_tags_that_never_end_stay_what_they_are(unit):
    # the library alone takes minutes over 50,000 of these
    assert plain(unit * 50_000).startswith(unit.strip())


def scrambled(record: object, path: tuple[int, ...], junk: object) -> object:
    """`record` with the value at `path` (positions, modulo what is there) replaced by `junk`."""
    if not path or not isinstance(record, dict | list) or not record:
        return junk
    if isinstance(record, list):
        at = path[0] % len(record)
        return [scrambled(item, path[1:], junk) if n == at else item for n, item in enumerate(record)]
    at = path[0] % len(record)
    return {name: scrambled(item, path[1:], junk) if n == at else item for n, (name, item) in enumerate(record.items())}


RICH = [
    x_page(
        x_post(1, referenced_tweets=[{"type": "retweeted", "id": "5"}], note_tweet={"text": "t"}), tweets=[x_post(5)]
    ),
    tweet(1, retweeted_status=tweet(2), extended_tweet={"full_text": "t"}),
    {"posts": [bluesky_view("a", record=bluesky_record("t", embed={"record": {"uri": bluesky_uri("q")}}))]},
    jetstream_v1("a"),
    {"$type": "message", "payload": jetstream_v2("a")},
    status(1, reblog=status(2), quote={"quoted_status": status(3)}),
]
junk = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4), st.just([]), st.just({}), st.just([{}]),
    st.just([None, 1]), st.just({"uri": 1, "id": [], "text": {}}), st.integers(10**17, 10**30),
)  # fmt: skip


@given(record=st.sampled_from(RICH), path=st.lists(st.integers(0, 20), min_size=1, max_size=5).map(tuple), junk=junk)
def test_a_record_with_anything_anywhere_is_read_or_refused(tmp_path_factory, record, path, junk):
    changed = scrambled(record, path, junk)
    data = ndjson([row("first"), changed, row("last")])
    (chunk,) = read(write(tmp_path_factory.getbasetemp() / "scrambled.ndjson", data))
    assert chunk.content["id"][0] == "first"
    assert chunk.content["id"][-1] == "last"
    told = chunk.content.height - 2 + len(chunk.refusals) + len(chunk.removals) + chunk.skipped
    assert told == 1
