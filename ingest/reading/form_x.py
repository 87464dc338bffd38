"""Posts of X (formerly Twitter) as its API v2, its v1.1 archives and a user's own export write them.

Owns the names of their fields. An edited post keeps the id of its first version, by which earlier posts and our records
know it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone

from ingest.reading.found import Found, Record, Row, child, children, key, text
from ingest.source import Removal

NETWORK = "x"

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_OLD_TIME = re.compile(r"\w{3} (\w{3}) (\d\d?) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d) (\d{4})")
_REPOST_MARK = re.compile(r"RT @(\w+): ")


def is_page(record: Record) -> bool:
    """An answer of API v2 or a line of its stream: `data` with posts, or a `meta` that says there are none."""
    data = record.get("data")
    if data is None:
        return "result_count" in child(record, "meta")
    posts = children(record, "data")
    return all("id" in post and "text" in post for post in posts) if posts else data == []


def read_page(page: Record) -> Iterator[Found]:
    """The posts of a page; what it includes for reference is used to complete them, and is no post itself."""
    users = {key(user, "id"): user for user in children(child(page, "includes"), "users")}
    tweets = {key(tweet, "id"): tweet for tweet in children(child(page, "includes"), "tweets")}
    for post in children(page, "data"):
        yield _from_v2(post, users, tweets)


def is_flat(record: Record) -> bool:
    """A post of API v2 by itself, as tools that flatten its pages write it."""
    return "text" in record and "id" in record and ("author_id" in record or "edit_history_tweet_ids" in record)


def read_flat(post: Record) -> Iterable[Found]:
    """The post, with its author where the tool has put one in."""
    author = child(post, "author")
    near = [child(post, "in_reply_to_tweet"), *children(post, "referenced_tweets")]
    tweets = {key(other, "id"): other for other in near if "text" in other}
    return (_from_v2(post, {key(author, "id"): author}, tweets),)


def _from_v2(post: Record, users: dict[str | None, Record], tweets: dict[str | None, Record]) -> Row:
    author = users.get(key(post, "author_id")) or child(post, "author")
    handle = text(author, "username") or key(post, "author_id")
    refers = {text(other, "type"): key(other, "id") for other in children(post, "referenced_tweets")}
    written = _text_of_v2(post)
    original = tweets.get(refers.get("retweeted"))
    if original is not None and written is not None and (mark := _REPOST_MARK.match(written)):
        # the API cuts a repost at 140 characters; the original beside it is whole
        written = mark.group() + (_text_of_v2(original) or written[mark.end() :])
    return {
        "network": NETWORK,
        "id": _first_version(post),
        "author": handle,
        "author_name": text(author, "name"),
        "text": written,
        "created_at": post.get("created_at"),
        "edited_at": post.get("created_at") if _first_version(post) != key(post, "id") else None,
        "url": _url(text(author, "username"), key(post, "id")),
        "lang": text(post, "lang"),
        "repost_of": _version_known(refers.get("retweeted"), tweets),
        "quote_of": _version_known(refers.get("quoted"), tweets),
        "reply_to": _version_known(refers.get("replied_to"), tweets),
        "reposts": child(post, "public_metrics").get("retweet_count"),
        "likes": child(post, "public_metrics").get("like_count"),
    }


def _text_of_v2(post: Record) -> str | None:
    written = text(child(post, "note_tweet"), "text") or post.get("text")
    return _unescaped(written)


def _first_version(post: Record) -> str | None:
    history = post.get("edit_history_tweet_ids")
    if isinstance(history, list) and history:
        return key({"id": history[0]}, "id")
    return key(post, "id")


def _version_known(post_id: str | None, tweets: dict[str | None, Record]) -> str | None:
    known = tweets.get(post_id)
    return post_id if known is None else _first_version(known)


def is_tweet(record: Record) -> bool:
    """A tweet of v1.1, or one of the export a user can ask for, where it sits in `tweet`."""
    tweet = child(record, "tweet") or record
    return "id_str" in tweet and ("text" in tweet or "full_text" in tweet)


def read_tweet(record: Record) -> Iterable[Found]:
    """The tweet. An export names no author; whoever reads it gives one in `owner`."""
    tweet = child(record, "tweet") or record
    user = child(tweet, "user")
    handle = text(user, "screen_name") or key(user, "id_str", "id") or text(record, "owner")
    original = child(tweet, "retweeted_status")
    written = _text_of_v1(tweet)
    credited = text(child(original, "user"), "screen_name")
    if credited:
        # the tweet itself is cut to make room for the mark
        written = f"RT @{credited}: {_text_of_v1(original) or ''}"
    yield {
        "network": NETWORK,
        "id": key(tweet, "id_str", "id"),
        "author": handle,
        "author_name": text(user, "name"),
        "text": written,
        "created_at": _old_time(tweet.get("created_at")),
        "url": _url(handle, key(tweet, "id_str", "id")),
        "lang": text(tweet, "lang"),
        "repost_of": key(original, "id_str", "id"),
        # a repost carries the quote of what it reposts; it quotes nothing itself
        "quote_of": None if original else key(tweet, "quoted_status_id_str", "quoted_status_id"),
        "reply_to": key(tweet, "in_reply_to_status_id_str", "in_reply_to_status_id"),
        "reposts": tweet.get("retweet_count"),
        "likes": tweet.get("favorite_count"),
    }


def _text_of_v1(tweet: Record) -> str | None:
    extended = child(tweet, "extended_tweet")
    return _unescaped(text(extended, "full_text") or text(tweet, "full_text") or tweet.get("text"))


def is_notice(record: Record) -> bool:
    """A line of a v1.1 stream that is no tweet: a deletion, a limit, a warning."""
    notices = ("delete", "limit", "scrub_geo", "status_withheld", "user_withheld", "disconnect", "warning")
    return len(record) <= 2 and any(isinstance(record.get(name), dict) for name in notices)


def read_notice(record: Record) -> Iterator[Found]:
    """The removal a deletion asks for; nothing for other notices."""
    deleted = key(child(record, "delete", "status"), "id_str", "id")
    stamp = key(child(record, "delete"), "timestamp_ms")
    if deleted and stamp and stamp.isdecimal() and len(stamp) < 15:
        at = datetime.fromtimestamp(int(stamp) / 1000, UTC)
        yield Removal(network=NETWORK, id=deleted, at=at, reason="deleted")


def _unescaped(written: object) -> str | None:
    # both APIs write & < > as entities; the post itself has the signs
    return html.unescape(written) if isinstance(written, str) else None


def _url(handle: str | None, post_id: str | None) -> str | None:
    return f"https://x.com/{handle or 'i'}/status/{post_id}" if post_id else None


def _old_time(found: object) -> object:
    """`Thu Aug 18 16:20:00 +0000 2011` as ISO 8601; anything else as it is."""
    parts = _OLD_TIME.fullmatch(found) if isinstance(found, str) else None
    if parts is None or parts[1] not in _MONTHS:
        return found
    month, day, hour, minute, second = _MONTHS.index(parts[1]) + 1, *(int(parts[n]) for n in range(2, 6))
    zone = timedelta(hours=int(parts[7]), minutes=int(parts[8])) * (-1 if parts[6] == "-" else 1)
    try:
        return datetime(int(parts[9]), month, day, hour, minute, second, tzinfo=timezone(zone)).isoformat()
    except ValueError:
        return found
