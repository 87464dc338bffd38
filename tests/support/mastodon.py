"""A server of Mastodon's API on loopback: hashtag timelines, single statuses, and everything that can go wrong with them.

It keeps statuses in the order of its own ids, pages them the way real servers do, and misbehaves on order: `fail` puts a
fault in the way of the next questions, the fields of `MastodonFake` change how it behaves for good.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import socket
import struct
import threading
import time
from bisect import insort
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from urllib.parse import parse_qs, unquote, urlsplit

START = datetime(2026, 8, 18, 16, 0, tzinfo=UTC)
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def number_id(order: int) -> str:
    """Ids as Mastodon makes them, but crossing from five digits to six, where comparing them as text goes wrong."""
    return str(99_000 + order)


def ulid(order: int) -> str:
    """Ids that are no numbers, as on some other servers."""
    digits = []
    for _ in range(26):
        order, digit = divmod(order, 32)
        digits.append(CROCKFORD[digit])
    return "".join(reversed(digits))


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is sent in place of an answer. `status` 0 sends nothing: see `how`."""

    status: int = 0
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    how: str = "answer"  # or raw, reset, truncated, slow, silent


def html(status: int) -> Fault:
    return Fault(status=status, body=b"<html><body>No.</body></html>", headers={"Content-Type": "text/html"})


def error(status: int, **headers: str) -> Fault:
    return Fault(
        status=status, body=b'{"error": "no"}', headers={name.replace("_", "-"): headers[name] for name in headers}
    )


RESET = Fault(how="reset")
TRUNCATED = Fault(how="truncated", body=b'[{"id": "1", "content": "cut o')
SLOW = Fault(how="slow", body=b"[" + b" " * 10_000 + b"]")
SILENT = Fault(how="silent")


@dataclass(kw_only=True)
class MastodonFake:
    """One server. Set fields to change it; `asked` holds every path with its query, in order."""

    make_id: Callable[[int], str] = number_id
    token: str | None = None
    feeds: Mapping[str, str] | None = None
    batches: bool = True
    most: int = 40
    allowed: int | None = None
    skew: timedelta = timedelta(0)
    ignore_paging: bool = False
    packed: bool = False
    shuffle: Random | None = None
    doubling: bool = False
    between: Callable[[], None] | None = None
    address: str = ""
    asked: list[str] = field(default_factory=list)
    tokens: set[str | None] = field(default_factory=set)
    connections: int = 0
    statuses: list[tuple[int, dict]] = field(default_factory=list)
    faults: list[tuple[str, Fault]] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def post(self, order: int, *, tag: str = "hasselthelpt", uri: str | None = None, **fields: object) -> dict:
        """Publish a status; `order` is its place in the timeline and makes its id, so late ones may have an early place."""
        local = self.make_id(order)
        made = {
            "id": local,
            "uri": uri or f"{self.address}/users/ann/statuses/{local}",
            "url": f"{self.address}/@ann/{local}",
            "content": f"<p>bed {order} <a class='hashtag' href='{self.address}/tags/{tag}'>#{tag}</a></p>",
            "created_at": (START + timedelta(milliseconds=10 * order) + self.skew).isoformat(),
            "edited_at": None,
            "visibility": "public",
            "language": "nl",
            "reblogs_count": 0,
            "favourites_count": 0,
            "account": {"id": "7", "acct": "ann", "display_name": "Ann Example", "url": f"{self.address}/@ann"},
            "tags": [{"name": tag}],
            **fields,
        }
        with self.lock:
            insort(self.statuses, (order, made), key=lambda one: one[0])
        return made

    def delete(self, uri: str) -> None:
        with self.lock:
            self.statuses[:] = [one for one in self.statuses if one[1].get("uri") != uri]

    def fail(self, *faults: Fault, path: str = "/api/v1/") -> None:
        """Let the next questions whose path begins so meet these, one each."""
        self.faults += [(path, fault) for fault in faults]

    def calls(self, path: str) -> list[str]:
        """What was asked of the paths that begin so."""
        return [one for one in self.asked if one.startswith(path)]

    # what it answers

    def answer(self, path: str, query: Mapping[str, list[str]]) -> tuple[int, object, dict[str, str]]:
        if tag := re.fullmatch(r"/api/v1/timelines/tag/([^/]+)", path):
            return self._timeline(unquote(tag[1]), query)
        if one := re.fullmatch(r"/api/v1/statuses/([^/]+)", path):
            found = [status for _, status in self.statuses if status["id"] == unquote(one[1])]
            return (200, found[0], {}) if found else (404, {"error": "Record not found"}, {})
        if path == "/api/v1/statuses" and self.batches:
            wanted = set(query.get("id[]", []))
            return 200, [status for _, status in self.statuses if status["id"] in wanted], {}
        if path.rstrip("/") == "/api/v2/instance" and self.feeds is not None:
            return 200, {"domain": "x", "configuration": {"timelines_access": {"hashtag_feeds": dict(self.feeds)}}}, {}
        return 404, {"error": "Not Found"}, {}

    def _timeline(self, tag: str, query: Mapping[str, list[str]]) -> tuple[int, object, dict[str, str]]:
        if tag == "neverseen":
            return 404, {"error": "Record not found"}, {}
        tagged = [one for one in self.statuses if any(t["name"] == tag.casefold() for t in one[1].get("tags", ()))]
        limit = min(int(query.get("limit", ["20"])[0]), self.most)
        after, before = (self._order(query.get(name, [""])[0]) for name in ("min_id", "max_id"))
        if after is not None and not self.ignore_paging:
            page = [one for one in tagged if one[0] > after][:limit]
        else:
            page = [one for one in tagged if before is None or self.ignore_paging or one[0] < before][-limit:]
        given = [status for _, status in reversed(page)]
        if self.shuffle is not None:
            self.shuffle.shuffle(given)
        if self.doubling:
            given += given[:5]
        if self.feeds is not None and set(self.feeds.values()) <= {"disabled", "authenticated"}:
            given = []
        # always a next page, as if it never ended
        here = f"{self.address}/api/v1/timelines/tag/{tag}"
        return 200, given, {"Link": f'<{here}?max_id=1>; rel="next", <{here}?min_id=1>; rel="prev"'}

    def _order(self, local: str) -> int | None:
        """The place of an id, also of one that is gone; what is no id of this server is ignored."""
        if self.make_id is ulid:
            return sum(CROCKFORD.index(c) * 32**n for n, c in enumerate(reversed(local))) if len(local) == 26 else None
        return int(local) - 99_000 if local.isdecimal() else None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 20
    disable_nagle_algorithm = True
    fake: MastodonFake

    def setup(self) -> None:
        super().setup()
        self.fake.connections += 1

    def do_GET(self) -> None:
        fake, asked = self.fake, urlsplit(self.path)
        with fake.lock:
            fake.asked.append(self.path)
            fake.tokens.add(self.headers.get("Authorization"))
            fault = next((one for one in fake.faults if asked.path.startswith(one[0])), None)
            if fault is not None:
                fake.faults.remove(fault)
            elif fake.allowed is not None:
                fake.allowed -= 1
        if fault is not None:
            self._fail(fault[1])
        elif fake.allowed is not None and fake.allowed < 0:
            self._send(429, b'{"error": "Too many requests"}', self._rates())
        elif fake.token is not None and self.headers.get("Authorization") != f"Bearer {fake.token}":
            self._send(401, b'{"error": "This API requires an authenticated user"}', {})
        else:
            with fake.lock:
                status, body, headers = fake.answer(asked.path, parse_qs(asked.query))
                data = json.dumps(body).encode()
            if fake.packed:
                data, headers = gzip.compress(data), headers | {"Content-Encoding": "gzip"}
            self._send(status, data, headers | self._rates())
            if fake.between is not None:
                fake.between()

    def _rates(self) -> dict[str, str]:
        if self.fake.allowed is None:
            return {}
        reset = datetime.now(UTC) + timedelta(minutes=4) + self.fake.skew
        left = max(self.fake.allowed, 0)
        return {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": str(left), "X-RateLimit-Reset": reset.isoformat()}

    def _send(self, status: int, body: bytes, headers: Mapping[str, str], *, length: int | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def _fail(self, fault: Fault) -> None:
        match fault.how:
            case "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                # closing both ends of the file pair too, or the reset waits for them
                self.rfile.close()
                self.connection.close()
            case "raw":
                self.wfile.write(fault.body)
                self.close_connection = True
            case "truncated":
                self._send(200, fault.body, {}, length=len(fault.body) + 100)
                self.close_connection = True
            case "slow":
                self._send(200, b"", {}, length=len(fault.body))
                for byte in fault.body:
                    self.wfile.write(bytes([byte]))
                    time.sleep(0.05)
            case "silent":
                time.sleep(1.5)
                self.close_connection = True
            case _:
                self._send(fault.status, fault.body, fault.headers)

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string(time.time() + self.fake.skew.total_seconds())

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that has gone is what some tests are about."""


@contextmanager
def mastodon_server(**fields) -> Iterator[MastodonFake]:
    """A server on a free port of loopback, with the fields of `MastodonFake`."""
    fake = MastodonFake(**fields)
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"fake": fake}))
    fake.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def main() -> None:
    """Publish `--posts` posts with the tag #hasselthelpt, `--rate` a minute from the first question on."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--posts", type=int, default=600)
    parser.add_argument("--rate", type=float, default=600)
    parser.add_argument("--texts", type=Path, required=True, help="a post file: what they say")
    options = parser.parse_args()
    said = [json.loads(line)["text"] for line in options.texts.read_text(encoding="utf-8").splitlines()]
    with mastodon_server() as fake:
        print(fake.address, flush=True)
        while not fake.asked:
            time.sleep(0.02)
        begun = time.time()
        for number in range(options.posts):
            at = begun + number * 60 / options.rate
            time.sleep(max(0.0, at - time.time()))
            content = f"<p>{escape(said[number % len(said)])} <a href='#'>#hasselthelpt</a></p>"
            fake.post(number + 1, content=content, created_at=datetime.fromtimestamp(at, UTC).isoformat())
        threading.Event().wait()


if __name__ == "__main__":
    main()
