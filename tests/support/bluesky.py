"""A Bluesky server on loopback: logging in, searching, reading posts and profiles, with whatever can go wrong.

As the development server does, its search looks for the question in the text, takes notice of case, and takes none of
`since` and `tag`; its cursors are its own, and any other is an error.
"""

from __future__ import annotations

import base64
import json
import socket
import struct
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.jetstream import did_of, uri_of

HTML = b"<html><body>Please come back later.</body></html>"


def view(name: str, key: str, text: str, at: datetime, **more: Any) -> dict[str, Any]:
    """A post as the app server shows it."""
    record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": _iso(at), **more.pop("record", {})}
    author = {"did": did_of(name), "handle": f"{name}.example.org", "displayName": name.title(), "labels": []}
    author |= more.pop("author", {})
    counts = {"repostCount": 0, "likeCount": 0, "labels": [], "indexedAt": _iso(at + timedelta(seconds=1))}
    return {"uri": uri_of(name, key), "cid": "bafy", "author": author, "record": record, **counts, **more}


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def token(kind: str, number: int, seconds: float) -> str:
    """A token whose content says when it ends, as the library looks at that."""
    parts = [{"alg": "none"}, {"scope": kind, "jti": str(number), "exp": int(time.time() + seconds)}]
    return ".".join(
        [*(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts), "c2ln"]
    )


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What happens to one call instead of its answer. `on`: only to calls whose method ends so.

    how: status (with body and headers), truncated (half of the answer), slow (a byte now and then), reset.
    """

    how: str = "status"
    on: str = ""
    status: int = 500
    body: bytes = b'{"error": "InternalServerError", "message": "oops"}'
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class BlueskyServer:
    """The server. `posts` by uri, `profiles` by DID; `calls` are the methods that were called, with their parameters."""

    handle: str = "watch.example.org"
    password: str = "abcd-efgh-ijkl-mnop"
    lifetime: float = 7_200
    faults: deque[Fault] = field(default_factory=deque)
    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    profiles: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    endless: bool = False

    def __enter__(self) -> BlueskyServer:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 10
            wbufsize = 65_536  # or head and body go out apart, and each answer waits for an acknowledgement

            def do_GET(self) -> None:
                server.respond(self)

            def do_POST(self) -> None:
                server.respond(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._access: set[str] = set()
        self._refresh: set[str] = set()
        self._cursors: dict[str, int] = {}
        self._number = 0
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def put(self, *views: dict[str, Any]) -> None:
        """Somebody wrote these, or they are now like this."""
        self.posts.update({each["uri"]: each for each in views})

    def end_sessions(self) -> None:
        """Every token is worth nothing any more, as after a change of password."""
        self._access.clear()
        self._refresh.clear()

    def count(self, method: str) -> int:
        return sum(called.endswith(method) for called, _ in self.calls)

    def respond(self, request: BaseHTTPRequestHandler) -> None:
        url = urlsplit(request.path)
        method, question = url.path.rpartition("/")[2], parse_qs(url.query)
        body = request.rfile.read(int(request.headers.get("content-length") or 0))
        with self._lock:
            self.calls.append((method, question))
            fault = self.faults[0] if self.faults and method.endswith(self.faults[0].on) else None
            if fault is not None:
                self.faults.popleft()
            status, answer = self._answer(method, question, body, request.headers.get("authorization", ""))
        data = json.dumps(answer).encode()
        if fault is None:
            reset = {"ratelimit-limit": "3000", "ratelimit-remaining": "2990", "ratelimit-policy": "3000;w=300"}
            _send(request, status, data, "application/json", reset | {"ratelimit-reset": str(int(time.time()) + 300)})
        elif fault.how == "status":
            _send(request, fault.status, fault.body, fault.kind, fault.headers)
        else:
            self._spoil(request, fault.how, data)

    def _spoil(self, request: BaseHTTPRequestHandler, how: str, data: bytes) -> None:
        request.close_connection = True
        if how != "reset":
            request.send_response(200)
            request.send_header("content-type", "application/json")
            request.send_header("content-length", str(len(data)))
            request.end_headers()
        if how == "truncated":
            request.wfile.write(data[: len(data) // 2])
            request.wfile.flush()
        elif how == "slow":
            try:
                for byte in data:
                    if self._stopping.wait(0.1):
                        return
                    request.wfile.write(bytes([byte]))
                    request.wfile.flush()
            except OSError:
                pass
        else:
            request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            request.connection.close()

    def _answer(self, method: str, question: dict[str, list[str]], body: bytes, auth: str) -> tuple[int, object]:
        bearer = auth.removeprefix("Bearer ")
        if method == "com.atproto.server.createSession":
            asked = json.loads(body)
            if (asked["identifier"], asked["password"]) != (self.handle, self.password):
                return 401, {"error": "AuthenticationRequired", "message": "Invalid identifier or password"}
            return 200, self._session()
        if method == "com.atproto.server.refreshSession":
            if bearer not in self._refresh:
                return 400, {"error": "ExpiredToken", "message": "Token has been revoked"}
            self._refresh.discard(bearer)
            return 200, self._session()
        if method == "app.bsky.actor.getProfiles":
            found = [self.profiles[did] for did in question["actors"] if did in self.profiles]
            return 200, {"profiles": found}
        if bearer not in self._access:
            return 401, {"error": "AuthMissing", "message": "Authentication Required"}
        if method == "app.bsky.feed.getPosts":
            if len(question["uris"]) > 25:
                return 400, {"error": "InvalidRequest", "message": "too many"}
            return 200, {"posts": [self.posts[uri] for uri in question["uris"] if uri in self.posts]}
        if method == "app.bsky.feed.searchPosts":
            return self._search(question)
        return 501, {"error": "MethodNotImplemented", "message": "Method Not Implemented"}

    def _session(self) -> dict[str, Any]:
        self._number += 1
        access, refresh = token("access", self._number, self.lifetime), token("refresh", self._number, 7_000_000)
        self._access.add(access)
        self._refresh.add(refresh)
        did = did_of("watch")
        endpoint = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": self.url}
        document = {
            "@context": ["https://www.w3.org/ns/did/v1"],
            "id": did,
            "alsoKnownAs": [f"at://{self.handle}"],
            "verificationMethod": [],
            "service": [endpoint],
        }
        return {"accessJwt": access, "refreshJwt": refresh, "handle": self.handle, "did": did, "didDoc": document}

    def _search(self, question: dict[str, list[str]]) -> tuple[int, object]:
        wanted, limit = question["q"][0], int(question.get("limit", ["25"])[0])
        given = question.get("cursor", [""])[0]
        if given and given not in self._cursors:
            return 500, {"error": "InternalServerError", "message": "Internal Server Error"}
        start = self._cursors.get(given, 0)
        found = [post for post in self.posts.values() if wanted in str(post["record"]["text"])]
        found.sort(key=lambda post: str(post["indexedAt"]), reverse=True)
        answer: dict[str, Any] = {"posts": found[start : start + limit], "hitsTotal": len(found)}
        if self.endless or start + limit < len(found):
            follow = f"opaque-{len(self._cursors)}"
            self._cursors[follow] = 0 if self.endless else start + limit
            answer["cursor"] = follow
        return 200, answer


def _send(request: BaseHTTPRequestHandler, status: int, data: bytes, kind: str, headers: dict[str, str]) -> None:
    request.send_response(status)
    for name, value in {"content-type": kind, "content-length": str(len(data)), **headers}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(data)
