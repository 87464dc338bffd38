"""A Jetstream server on loopback: version 2 of the wire, with whatever can go wrong on it.

It keeps what is put into it like a host keeps its archive, serves it by cursor, and breaks in the ways it is told to.
Run as a module it sends made-up posts as fast as asked, to measure a reader; see `main`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import zstandard
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve
from websockets.typing import Subprotocol

NSID = "network.bsky.jetstream.subscribeEvents"
POST, REPOST = "app.bsky.feed.post", "app.bsky.feed.repost"
TIME_CURSOR = 10**15


def did_of(name: str) -> str:
    """A DID in the form of the PLC directory, the same for the same name."""
    return f"did:plc:{random.Random(name).randbytes(20).hex()[:24]}"


def uri_of(name: str, key: str, collection: str = POST) -> str:
    return f"at://{did_of(name)}/{collection}/{key}"


def commit(name: str, key: str, operation: str, record: dict | None, collection: str = POST) -> dict[str, Any]:
    found = {"$type": f"{NSID}#commit", "did": did_of(name), "collection": collection, "operation": operation}
    found |= {"rkey": key, "rev": "3l3qo2vuowo2b"}
    return found | ({"cid": "bafyreidwaivazkwu67", "record": record} if record is not None else {})


def post(name: str, key: str, text: str, operation: str = "create", **record: Any) -> dict[str, Any]:
    """Somebody writes, or with operation "update" changes, a post."""
    written = {"$type": POST, "text": text, "createdAt": "2026-08-18T16:15:00.000Z", "langs": ["nl"], **record}
    return commit(name, key, operation, written)


def delete(name: str, key: str, collection: str = POST) -> dict[str, Any]:
    return commit(name, key, "delete", None, collection)


def repost(name: str, key: str, subject: str) -> dict[str, Any]:
    record = {"$type": REPOST, "subject": {"uri": subject, "cid": "bafy"}, "createdAt": "2026-08-18T16:16:00.000Z"}
    return commit(name, key, "create", record, REPOST)


def account(name: str, *, active: bool, status: str | None = None) -> dict[str, Any]:
    inner = {"did": did_of(name), "seq": 1, "time": "2026-08-18T16:20:00.000Z", "active": active}
    return {"$type": f"{NSID}#account", "did": did_of(name), "account": inner | ({"status": status} if status else {})}


def identity(name: str) -> dict[str, Any]:
    inner = {"did": did_of(name), "seq": 1, "time": "2026-08-18T16:20:00.000Z"}
    return {"$type": f"{NSID}#identity", "did": did_of(name), "identity": inner}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What happens to one connection after it was sent `after` events (`refuse`: instead of being let in).

    how: close (normally), reset, silence, error (a frame, then close), garbage (a few frames that are no events, and
    on it goes), twice (each event comes two times), shuffled (each ten come in another order), none.
    """

    how: str = "none"
    after: int = 0
    refuse: tuple[int, bytes] | None = None


TOO_OLD = Fault(refuse=(400, b'{"error": "CursorTooOld", "message": "below the floor"}'))
GARBAGE = (
    b"",
    b"{",
    b"[]",
    b'"x"',
    b"\xff\xfe",
    b'{"$type": "message"}',
    b'{"$type": "message", "payload": []}',
    b'{"$type": "news", "payload": {}}',
    b'{"$type": "message", "payload": {"$type": "' + NSID.encode() + b'#commit", "time": "2026-08-18T16:20:00Z"}}',
    b'{"$type": "message", "payload": {"$type": "x", "did": "did:plc:x", "time": "never"}}',
    b'{"a":' * 100_000,
    b"1" * 5_000,
)


@dataclass(kw_only=True)
class _Kept:
    seq: int
    at: int
    frame: str


@dataclass(kw_only=True)
class JetstreamServer:
    """A host. `faults` are for one connection each, in turn; what comes after them is served without any.

    floor: time in microseconds below which nothing is kept. first: its first sequence number. packed: whether it offers
    a dictionary. lag: microseconds its clock is behind. `asked` lists what each connection asked for.
    """

    faults: deque[Fault] = field(default_factory=deque)
    first: int = 1
    floor: int = 0
    packed: bool = False
    lag: int = 0
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    port: int = 0

    def __post_init__(self) -> None:
        self._events: list[_Kept] = []
        self._changed = threading.Condition()
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        self._stopping = False
        samples: list[Any] = [json.dumps(post("ann", str(n), f"storm {n} bed {n * 7}")).encode() for n in range(2_000)]
        self._dictionary = zstandard.train_dictionary(8_192, samples, dict_id=4711) if self.packed else None

    def __enter__(self) -> JetstreamServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/xrpc"

    def start(self) -> None:
        """Come (back) up, on the same port as before."""
        self._stopping = False
        self._server = serve(
            self._serve,
            "127.0.0.1",
            self.port,
            subprotocols=[Subprotocol("xrpc.v1.json")],
            compression=None,
            process_request=self._answer,
            close_timeout=0.2,
        )
        self.port = self._server.socket.getsockname()[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name="jetstream server", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Go down; what was put in is kept."""
        if self._server is not None and self._thread is not None:
            with self._changed:
                self._stopping = True
                self._changed.notify_all()
            self._server.shutdown()
            self._thread.join()
            self._server = None

    def put(self, *payloads: dict[str, Any], at: int | None = None) -> None:
        """Something happens on the network. at: when, in microseconds since 1970; else now."""
        with self._changed:
            for payload in payloads:
                seq = self.first + len(self._events)
                last = self._events[-1].at if self._events else 0
                when = at if at is not None else max(time.time_ns() // 1_000 - self.lag, last + 1)
                shown = datetime.fromtimestamp(when / 1e6, UTC).isoformat(timespec="microseconds")
                stamped = {**payload, "seq": seq, "time": shown.replace("+00:00", "Z")}
                frame = json.dumps({"$type": "message", "payload": stamped}, ensure_ascii=False)
                self._events.append(_Kept(seq=seq, at=when, frame=frame))
            self._changed.notify_all()

    def _answer(self, connection: ServerConnection, request: Request) -> Response | None:
        path = urlsplit(request.path).path
        if path.endswith("getZstdDictionary"):
            blob = self._dictionary.as_bytes() if self._dictionary is not None else None
            return (
                _http(HTTPStatus.OK, blob) if blob else _http(HTTPStatus.NOT_IMPLEMENTED, b'{"error": "NoDictionary"}')
            )
        fault = self.faults[0] if self.faults else Fault()
        if fault.refuse is not None:
            self.faults.popleft()
            self.asked.append(parse_qs(urlsplit(request.path).query))
            return _http(HTTPStatus(fault.refuse[0]), fault.refuse[1])
        return None

    def _serve(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        question = parse_qs(urlsplit(connection.request.path).query)
        self.asked.append(question)
        fault = self.faults.popleft() if self.faults else Fault()
        pack: Callable[[str], str | bytes] = str
        if self._dictionary is not None and question.get("zstdDictionary") == ["4711"]:
            packer = zstandard.ZstdCompressor(dict_data=self._dictionary)
            pack = lambda frame: packer.compress(frame.encode())  # noqa: E731
        with contextlib.suppress(ConnectionClosed, OSError):
            self._send(connection, question, fault, pack)

    def _send(
        self,
        connection: ServerConnection,
        question: dict[str, list[str]],
        fault: Fault,
        pack: Callable[[str], str | bytes],
    ) -> None:
        place, info = self._place(question)
        if info is not None:
            payload = {"$type": f"{NSID}#info", "name": info, "message": "as it is said"}
            connection.send(pack(json.dumps({"$type": "message", "payload": payload})))
        sent = 0
        while True:
            with self._changed:
                if place == len(self._events):
                    self._changed.wait(0.05)
                if self._stopping:
                    return
                events = self._events[place:]
            place += len(events)
            for event in _disturbed(events, fault, question):
                if fault.how != "none" and sent == fault.after and self._break(connection, fault.how):
                    return
                connection.send(pack(event.frame))
                sent += 1
            if not events:
                connection.ping()  # so that a reader that has gone is noticed

    def _place(self, question: dict[str, list[str]]) -> tuple[int, str | None]:
        """Where in the archive a connection begins, and what it is told about that."""
        cursor = int(question["cursor"][0]) if "cursor" in question else None
        with self._changed:
            oldest = next((n for n, event in enumerate(self._events) if event.at >= self.floor), len(self._events))
            if cursor is None:
                return len(self._events), None
            if cursor < TIME_CURSOR:
                ahead = cursor > self.first + len(self._events)
                return (len(self._events), "FutureCursor") if ahead else (max(cursor - self.first, oldest), None)
            if cursor < self.floor:
                return oldest, "OutdatedCursor"
            info = "FutureCursor" if cursor > time.time_ns() // 1_000 - self.lag else None
            return next((n for n, event in enumerate(self._events) if event.at >= cursor), len(self._events)), info

    def _break(self, connection: ServerConnection, how: str) -> bool:
        """Do what the fault says. Returns whether the connection is over."""
        if how == "close":
            connection.close()
        elif how == "reset":
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.socket.close()
        elif how == "silence":
            with self._changed:
                self._changed.wait_for(lambda: self._stopping, timeout=30)
        elif how == "error":
            connection.send(json.dumps({"$type": "error", "error": "ConsumerTooSlow", "message": "too far behind"}))
            connection.close()
        else:
            for frame in GARBAGE if how == "garbage" else ():
                connection.send(frame)
            return False
        return True


def _disturbed(events: list[_Kept], fault: Fault, question: dict[str, list[str]]) -> Iterable[_Kept]:
    if fault.how == "twice":
        return [each for event in events for each in (event, event)]
    if fault.how == "shuffled":
        tens = [events[start : start + 10] for start in range(0, len(events), 10)]
        return [event for ten in tens for event in random.Random(7).sample(ten, len(ten))]
    return events


def _http(status: HTTPStatus, body: bytes) -> Response:
    headers = Headers({"Content-Length": str(len(body)), "Connection": "close"})
    return Response(status.value, status.phrase, headers, body)


def chatter(number: int) -> dict[str, Any]:
    """What the rest of the world says meanwhile: posts, mostly, about as long as real ones."""
    rng = random.Random(number)
    words = rng.choices(["storm", "vanavond", "über", "hello", "lovely", "寒い", "wind", "test", "über", "#cats"], k=25)
    facet = {
        "index": {"byteStart": 0, "byteEnd": 5},
        "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "cats"}],
    }
    if number % 4 == 0:
        return repost(f"writer {number % 999}", f"r{number}", uri_of(f"writer {number % 777}", str(number // 2)))
    if number % 23 == 0:
        return delete(f"writer {number % 999}", f"d{number}")
    return post(f"writer {number % 999}", f"c{number}", " ".join(words), facets=[facet] * (number % 3))


def main() -> None:
    """Send `--events` made-up events to whoever connects, `--rate` a second (0: as fast as they are read).

    An event carries the moment it was due, so that a sender that is held up makes the reader look late, not itself.
    """
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--rate", type=int, default=0)
    parser.add_argument("--tagged", type=int, default=100, help="every so many carries #hasselthelpt")
    parser.add_argument("--texts", type=Path, help="a post file: what those say, and who writes it")
    options = parser.parse_args()
    kinds = [json.dumps(chatter(number), ensure_ascii=False)[:-1] for number in range(5_000)]
    lines = options.texts.read_text(encoding="utf-8").splitlines() if options.texts else []
    said = [json.loads(line) for line in lines] or [{"author": "ann", "text": "bed"}]

    def frame(number: int, due: str) -> str:
        body = kinds[number % len(kinds)]
        if number % options.tagged == 0:
            one = said[number // options.tagged % len(said)]
            made = post(one["author"], f"t{number}", f"{one['text']} #hasselthelpt", createdAt=due)
            body = json.dumps(made, ensure_ascii=False)[:-1]
        return f'{{"$type":"message","payload":{body},"seq":{number + 1},"time":"{due}"}}}}'

    def send(connection: ServerConnection) -> None:
        begun, due = time.time(), ""
        for number in range(options.events):
            if number % 50 == 0:
                at = begun + number / options.rate if options.rate else time.time()
                due = datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
                time.sleep(max(0.0, at - time.time()))
            connection.send(frame(number, due))
        time.sleep(60)

    protocol = [Subprotocol("xrpc.v1.json")]
    with serve(send, "127.0.0.1", options.port, subprotocols=protocol, compression=None) as server:
        print(server.socket.getsockname()[1], flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
