"""X API v2 on loopback: recent search, recent counts and look-up, in the wire format of the real one, faults included.

The server keeps a bill of its own, by X's rules: every post given is billed once a UTC day, every count each time.
"""

from __future__ import annotations

import json
import random
import re
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from ingest.x.cursor import id_at, moment_of

TOKEN = "AAAAAAAAAAAAmadeUpForTests%2BnobodyHasIt"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SEVEN_DAYS = timedelta(days=7)
TAG = re.compile(r"#(\w+)")
PROBLEM = "https://api.twitter.com/2/problems/"


@dataclass(frozen=True)
class Asked:
    """One question, as it came in."""

    path: str
    params: dict[str, str]
    headers: dict[str, str]


Fault = Callable[["Handler"], None]


@dataclass
class X:
    """What is on X, and how it behaves."""

    posts: dict[str, dict] = field(default_factory=dict)
    now: datetime = NOW
    skew: timedelta = timedelta(0)
    """How far X's clock is ahead of `now`."""
    faults: deque[Fault] = field(default_factory=deque)
    """What the next questions run into, one each."""
    gone: dict[str, str] = field(default_factory=dict)
    """Posts not shown any more: id -> type of the problem, empty for a post X does not speak of."""
    order: str = "newest"
    """newest: as X does. endless: always a further page, with the same posts. overlapping: in no order, with repeats."""
    errors: list[dict] = field(default_factory=list)
    remaining: int = 449
    asked: list[Asked] = field(default_factory=list)
    billed: dict[str, set[str]] = field(default_factory=dict)
    counts: int = 0
    tokens: dict[str, tuple[str, object]] = field(default_factory=dict)
    address: str = ""
    ending: threading.Event = field(default_factory=threading.Event)
    chance: random.Random = field(default_factory=lambda: random.Random(5))

    def write(self, text: str = "bed #hasselthelpt", *, ago: float = 60.0, **fields: object) -> str:
        """A new post, `ago` seconds old. Returns its id."""
        at = self.now - timedelta(seconds=ago)
        post_id = str(int(id_at(at)) + len(self.posts))
        given = {
            "id": post_id,
            "text": text,
            "author_id": "7",
            "created_at": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "edit_history_tweet_ids": [post_id],
            "lang": "nl",
            "public_metrics": {"retweet_count": 3, "like_count": 5},
        }
        self.posts[post_id] = {**given, **fields}
        return post_id

    def reads(self) -> int:
        """Posts billed so far."""
        return sum(len(ids) for ids in self.billed.values())

    def fail(self, fault: Fault, times: int = 1) -> None:
        self.faults.extend([fault] * times)

    def searches(self) -> list[dict[str, str]]:
        return [asked.params for asked in self.asked if asked.path.endswith("/search/recent")]

    def matching(self, params: dict[str, str]) -> list[dict]:
        """The posts that a query finds, newest first."""
        tags = {tag.casefold() for tag in TAG.findall(params["query"])}
        since, until = int(params.get("since_id", 0)), int(params.get("until_id", 1 << 80))
        found = [
            post
            for post_id, post in self.posts.items()
            if since < int(post_id) < until
            and moment_of(post_id) > self.now - SEVEN_DAYS
            and tags & {tag.casefold() for tag in TAG.findall(post["text"])}
            and post_id not in self.gone
        ]
        return sorted(found, key=lambda post: int(post["id"]), reverse=True)

    def bill(self, posts: list[dict]) -> None:
        day = f"{self.now:%Y-%m-%d}"
        self.billed.setdefault(day, set()).update(post["id"] for post in posts)


class Handler(BaseHTTPRequestHandler):
    """One question. A fault takes the place of the answer."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60
    x: X

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        self.params = {name: values[0] for name, values in parse_qs(address.query).items()}
        self.x.asked.append(Asked(address.path, self.params, dict(self.headers)))
        if self.x.faults:
            self.x.faults.popleft()(self)
            return
        self.answer()

    def answer(self) -> None:
        """What X says when all is well."""
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            unauthorized(self)
            return
        match urlsplit(self.path).path:
            case "/2/tweets/search/recent":
                self.search()
            case "/2/tweets/counts/recent":
                self.count()
            case "/2/tweets":
                self.lookup()
            case _:
                not_found(self)

    def search(self) -> None:
        size = int(self.params.get("max_results", 10))
        if not 10 <= size <= 100:
            self.refuse("max_results", f"The `max_results` query parameter value [{size}] is not between 10 and 100")
        elif not self.refused_bound():
            posts, token = self.page(size)
            self.x.bill(posts)
            meta: dict[str, object] = {"result_count": len(posts)}
            if posts:
                meta |= {"newest_id": max(posts, key=_number)["id"], "oldest_id": min(posts, key=_number)["id"]}
            if token is not None:
                meta["next_token"] = token
            body: dict[str, object] = {"meta": meta}
            if posts:
                body["data"] = posts
            if self.x.errors:
                body["errors"] = self.x.errors
            self.give(200, body)

    def page(self, size: int) -> tuple[list[dict], str | None]:
        found = self.x.matching(self.params)
        asked = f"{self.params['query']} {self.params.get('since_id')}"
        if self.x.order == "endless":
            return found[:size], self.token(asked, 0) if found else None
        start = self.x.tokens[self.params["next_token"]][1] if "next_token" in self.params else None
        if self.x.order == "overlapping":
            begin = start if isinstance(start, int) else 0
            chunk, seen = found[begin : begin + size // 2], found[:begin]
            posts = [*chunk, *self.x.chance.sample(seen, min(len(seen), size - len(chunk)))]
            self.x.chance.shuffle(posts)
            return posts, self.token(asked, begin + len(chunk)) if begin + len(chunk) < len(found) else None
        # a token leads on after the post its page ended with, whatever was written since
        rest = [post for post in found if start is None or _number(post) < int(str(start))]
        return rest[:size], self.token(asked, rest[size - 1]["id"]) if len(rest) > size else None

    def token(self, asked: str, place: object) -> str:
        token = f"b26v{len(self.x.tokens)}"
        self.x.tokens[token] = (asked, place)
        return token

    def refused_bound(self) -> bool:
        """Answer with 400 where a bound cannot be; whether that was done."""
        oldest = id_at(self.x.now + self.x.skew - SEVEN_DAYS)
        for name in ("since_id", "until_id"):
            bound = self.params.get(name)
            if bound is not None and (not bound.isdecimal() or int(bound) < int(oldest)):
                at = moment_of(oldest)
                said = f"'{name}' must be a tweet id created after {at:%Y-%m-%dT%H:%MZ}. Please use a larger one."
                self.refuse(name, said)
                return True
        token = self.params.get("next_token")
        asked = f"{self.params['query']} {self.params.get('since_id')}"
        if token is not None and self.x.tokens.get(token, ("", 0))[0] != asked:
            self.refuse("next_token", "The `next_token` query parameter value is not valid")
            return True
        return False

    def count(self) -> None:
        if not self.refused_bound():
            self.x.counts += 1
            total = len(self.x.matching(self.params))
            self.give(200, {"data": [], "meta": {"total_tweet_count": total}})

    def lookup(self) -> None:
        ids = self.params["ids"].split(",")
        posts = [self.x.posts[one] for one in ids if one in self.x.posts and one not in self.x.gone]
        self.x.bill(posts)
        problems = [
            {"resource_id": one, "value": one, "parameter": "ids", "type": PROBLEM + kind, "title": "Not Found Error"}
            for one in ids
            if (kind := self.x.gone.get(one, "" if one in self.x.posts else "resource-not-found"))
        ]
        body: dict[str, object] = {"data": posts} if posts else {}
        problems += self.x.errors
        self.give(200, body | ({"errors": problems} if problems or not posts else {}))

    def refuse(self, parameter: str, message: str) -> None:
        error = {"parameters": {parameter: [self.params.get(parameter)]}, "message": message}
        problem(400, "invalid-request", "Invalid Request", errors=[error])(self)

    def give(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        resets = self.x.now + self.x.skew + timedelta(minutes=2)
        limits = {"x-rate-limit-limit": "450", "x-rate-limit-remaining": str(self.x.remaining)}
        given = {**limits, "x-rate-limit-reset": str(int(resets.timestamp())), "content-type": "application/json"}
        self.send_response(status)
        for name, value in (given if headers is None else headers).items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def date_time_string(self, timestamp: float | None = None) -> str:
        return format_datetime(self.x.now + self.x.skew, usegmt=True)

    def log_message(self, format: str, *args: object) -> None:
        pass


def _number(post: dict) -> int:
    return int(post["id"])


# Faults


def problem(status: int, kind: str, title: str, *, headers: dict[str, str] | None = None, **more: object) -> Fault:
    """An error as X writes it."""
    body = {"title": title, "detail": f"{title}.", "type": PROBLEM + kind, "status": status, **more}
    return lambda handler: handler.give(status, body, headers)


def raw(status: int, data: bytes, headers: dict[str, str] | None = None) -> Fault:
    """Any body with any status."""
    return lambda handler: handler.give(status, data, headers)


bad_request = problem(400, "invalid-request", "Invalid Request", errors=[{"parameters": {"query": ["x"]}}])
unauthorized = problem(401, "unauthorized", "Unauthorized")
no_credits = problem(402, "credits", "CreditsDepleted")
forbidden = problem(403, "client-forbidden", "Client Forbidden", reason="client-not-enrolled")
not_found = raw(404, b"")
rate = problem(429, "rate-limit-exceeded", "Too Many Requests")
rate_without_reset = problem(429, "rate-limit-exceeded", "Too Many Requests", headers={})
capped = problem(429, "usage-capped", "UsageCapExceeded", period="Monthly", scope="Product")
HTML = b"<!doctype html><title>Just a moment</title>"


def truncated(handler: Handler) -> None:
    """The answer is billed, and its second half never comes."""
    _swallow(handler, lambda body: body[: len(body) // 2])


def trickling(handler: Handler) -> None:
    """A byte now and then, so that no socket ever times out."""
    _send_head(handler, 10_000)
    for _ in range(200):
        if handler.x.ending.wait(0.05):
            return
        handler.wfile.write(b" ")
        handler.wfile.flush()


def silent(handler: Handler) -> None:
    """No answer at all, until the other side gives up."""
    handler.connection.settimeout(5)
    handler.connection.recv(1)
    handler.close_connection = True


def reset(handler: Handler) -> None:
    """The connection is reset."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True


def _swallow(handler: Handler, cut: Callable[[bytes], bytes]) -> None:
    given: list[bytes] = []
    handler.give = lambda status, body, headers=None: given.append(json.dumps(body).encode())  # type: ignore[method-assign]
    handler.answer()
    _send_head(handler, len(given[0]))
    handler.wfile.write(cut(given[0]))
    handler.close_connection = True


def _send_head(handler: Handler, length: int) -> None:
    handler.send_response(200)
    handler.send_header("content-length", str(length))
    handler.end_headers()


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, request: object, client_address: object) -> None:
        """The other side has hung up, which it is meant to do."""


@contextmanager
def serving() -> Iterator[X]:
    """X on a free port of loopback, empty."""
    x = X()
    server = _Server(("127.0.0.1", 0), type("OneX", (Handler,), {"x": x}))
    x.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02))
    thread.start()
    try:
        yield x
    finally:
        x.ending.set()
        server.shutdown()
        server.server_close()
        thread.join()
