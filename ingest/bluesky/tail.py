"""A connection to Jetstream that comes back by itself.

Owns the websocket, its thread, the hosts and where to go on after a break. Every message is unpacked and handed over;
which of them matter is somebody else's business. The library's own client is not used: it sleeps for up to a minute
without being stoppable, ends at the first malformed event, and drops silently what comes out of order.
"""

from __future__ import annotations

import json
import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

import httpx
import zstandard
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from ingest.bluesky.deadline import limits
from ingest.bluesky.waiting import Event
from ingest.reading.check import FlawedRow
from ingest.reading.found import Record, child, moment, text

log = logging.getLogger(__name__)

METHOD = "network.bsky.jetstream.subscribeEvents"
COLLECTIONS = ("app.bsky.feed.post", "app.bsky.feed.repost")
KINDS = ("commit", "account", "identity")

MOST_BYTES = 32 << 20
"""The largest message; no record on the network comes near it. Servers are asked to leave larger ones out."""

OLDEST = 10**15
"""The smallest cursor that is a time, in 2001: a host begins with the oldest it has."""

_WHERE_IT_WAS, _AT_THE_OLDEST, _NOW = range(3)
"""Where to go on: the last two when a host no longer has what came before."""

AHEAD = 3_600_000_000
"""Microseconds an event's time may be ahead of our clock and still be believed."""

LOOK = 0.25
"""Seconds between two looks at whether to stop."""

CONNECT_SECONDS = 3.0
LONGEST_WAIT = 15.0
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


class _Broken(Exception):
    """The connection is of no more use; `str()` says what happened, as the end of a sentence."""


class Tail:
    """Follows Jetstream from `position` (microseconds since 1970) in a daemon thread, from `start` until `close`.

    hosts: websocket addresses ending in /xrpc; the next is taken when one fails. take: gets each event and may block,
    which holds the stream up; what it refuses by raising FlawedRow is given to refuse (reason, message). clock: the time
    now, with a zone. rewind: seconds to go back at each connection. silence: seconds without an event after which the
    next host is tried. first_wait: seconds before the second try, doubling up to LONGEST_WAIT.
    """

    def __init__(
        self,
        *,
        hosts: Sequence[str],
        position: int,
        take: Callable[[Event], None],
        refuse: Callable[[str, bytes], None],
        clock: Callable[[], datetime],
        rewind: float,
        silence: float,
        compress: bool = True,
        first_wait: float = 1.0,
    ) -> None:
        self.position = position
        """When the last event handed over happened."""
        self.notice: str | None = None
        """What may be missing, once something was."""
        self._hosts = list(hosts)
        self._take = take
        self._refuse = refuse
        self._clock = clock
        self._rewind = int(rewind * 1e6)
        self._silence = silence
        self._compress = compress
        self._first_wait = first_wait
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jetstream", daemon=True)
        self._heard = self._turn = 0
        self._connected = False
        self._from = _WHERE_IT_WAS
        self._gap: int | None = None
        self._trouble: tuple[float, str] | None = None
        self._unpack: zstandard.ZstdDecompressor | None = None

    @property
    def trouble(self) -> tuple[float, str] | None:
        """While there is no connection: for how many seconds nothing has come, and why, as a sentence."""
        trouble = self._trouble
        return None if trouble is None or self._connected else (time.monotonic() - trouble[0], trouble[1])

    def start(self) -> None:
        """Begin to listen."""
        self._trouble = (time.monotonic(), "Bluesky's stream has not answered yet.")
        self._thread.start()

    def close(self, seconds: float = 4.5) -> None:
        """Stop, and wait for the thread to end; its `take` must not block any more."""
        self._closing.set()
        if self._thread.ident is not None:
            self._thread.join(seconds)
        if self._thread.is_alive():
            log.warning("Bluesky's stream is still waiting for its network; it ends with the process")

    def _run(self) -> None:
        failures = 0
        while not self._closing.is_set():
            host, heard = self._hosts[self._turn % len(self._hosts)], self._heard
            try:
                why = self._listen(host)
            except Exception:  # the thread's boundary: whatever goes wrong, the stream must come back
                log.exception("Bluesky's stream: an error it should not have")
                why = "an unexpected error"
            if self._closing.is_set():
                return
            failures = failures + 1 if self._heard == heard else 0
            # a host that served us and closed gets another chance; one that gave nothing does not
            self._turn += self._heard == heard
            wait = min(self._first_wait * 2.0 ** min(failures, 20), LONGEST_WAIT) * random.uniform(0.5, 1)  # noqa: S311
            sentence = f"Bluesky's stream ({_name(host)}) broke off: {why}; trying again, and going on where it was."
            self._trouble = (self._trouble[0] if self._trouble else time.monotonic(), sentence)
            log.info("%s In %.1f s.", sentence, wait)
            self._closing.wait(wait)

    def _listen(self, host: str) -> str:
        """Follow one host until the connection ends. Returns why it did, as the end of a sentence."""
        try:
            address = f"{host.rstrip('/')}/{METHOD}?{urlencode(self._question(host), doseq=True)}"
            with connect(
                address,
                subprotocols=[Subprotocol("xrpc.v1.json")],
                max_size=MOST_BYTES + 65_536,
                compression=None,
                open_timeout=CONNECT_SECONDS,
                close_timeout=0.5,
            ) as connection:
                self._connected = True
                end = time.monotonic() + self._silence
                while not self._closing.is_set():
                    try:
                        frame = connection.recv(LOOK, decode=False)
                    except TimeoutError:
                        pass
                    else:
                        if self._handle(frame):
                            end = time.monotonic() + self._silence
                    if time.monotonic() > end:
                        self._turn += self._heard > 0
                        raise _Broken(f"no event for {self._silence:.0f} s")
                return "stopped"
        except InvalidStatus as error:
            return self._refused(error)
        except _Broken as error:
            return str(error)
        except (OSError, WebSocketException) as error:
            return _why(error)
        finally:
            self._connected = False

    def _question(self, host: str) -> dict[str, object]:
        question: dict[str, object] = {"collections": COLLECTIONS, "kinds": KINDS, "maxMessageSizeBytes": MOST_BYTES}
        if self._from != _NOW:
            question["cursor"] = OLDEST if self._from == _AT_THE_OLDEST else max(self.position - self._rewind, OLDEST)
        self._unpack = None
        if self._compress and (dictionary := _dictionary(host)) is not None:
            self._unpack = zstandard.ZstdDecompressor(dict_data=dictionary)
            question["zstdDictionary"] = dictionary.dict_id()
        return question

    def _refused(self, error: InvalidStatus) -> str:
        """The host would not let us in. A cursor it no longer has is given up for the oldest it has, then for now."""
        status, body = error.response.status_code, error.response.body or b""
        name = text(_parsed(body), "error") if len(body) < 10_000 else None
        if name == "CursorTooOld":
            self._gap = self.position
            self._from = min(self._from + 1, _NOW)
        elif name == "UnknownZstdDictionary":
            self._compress = False
        return f"it answered {status}{f' ({name[:60]})' if name else ''}"

    def _handle(self, frame: bytes) -> bool:
        """Hand on what a message holds. Returns whether it was an event."""
        try:
            message = _message(frame, self._unpack)
            payload = child(message, "payload")
            kind = text(message, "$type")
            if kind == "error":
                raise _Broken(f"it said {(text(message, 'error') or 'error')[:60]}")
            if kind != "message" or not payload:
                raise FlawedRow("the message is neither event nor error")
            if payload.get("$type") == f"{METHOD}#info":
                self._inform(payload)
                return False
            # a host's own time of an event is the one its cursors mean
            at = moment(payload.get("witnessedAt")) or moment(payload.get("time"))
            if at is None:
                raise FlawedRow("the event has no time")
            event = Event(payload, int(at.timestamp() * 1e6), len(frame))
            self._take(event)
        except FlawedRow as error:
            self._refuse(str(error), frame)
            return False
        self._pass(event.at)
        return True

    def _pass(self, at: int) -> None:
        """An event of the time `at` is behind us."""
        if self._gap is not None:
            if at > self._gap:
                self.notice = (
                    f"Bluesky's stream no longer had what came between {_spoken(self._gap)} and {_spoken(at)}; "
                    "posts of that time may be missing."
                )
                log.warning(self.notice)
            self._gap, self._from = None, _WHERE_IT_WAS
            self.position = at
        elif self.position < at < self._clock().timestamp() * 1e6 + AHEAD:
            self.position = at
        self._heard += 1
        self._trouble = None

    def _inform(self, info: Record) -> None:
        name = text(info, "name")
        log.info("Bluesky's stream says %s", (name or "nothing")[:60])
        if name in ("OutdatedCursor", "FutureCursor"):
            # what is missing lies between where we were and the first event that comes
            self._gap = self.position


def _dictionary(host: str) -> zstandard.ZstdCompressionDict | None:
    """What the host packs its messages with; None when it gives none, and then they come unpacked."""
    address = f"http{host.removeprefix('ws').rstrip('/')}/network.bsky.jetstream.getZstdDictionary"
    try:
        with httpx.Client(event_hooks=limits(CONNECT_SECONDS, most=8 << 20), timeout=CONNECT_SECONDS) as client:
            answer = client.get(address)
            answer.raise_for_status()
            dictionary = zstandard.ZstdCompressionDict(answer.content)
    except (httpx.HTTPError, zstandard.ZstdError) as error:
        log.info("%s gives no dictionary (%s); its messages come unpacked", _name(host), type(error).__name__)
        return None
    return dictionary if dictionary.dict_id() else None


def _message(frame: bytes, unpack: zstandard.ZstdDecompressor | None) -> Record:
    """Raises FlawedRow when the frame is no JSON object."""
    try:
        if unpack is not None and frame.startswith(_ZSTD_MAGIC):
            if zstandard.frame_content_size(frame) > MOST_BYTES:
                raise FlawedRow("the message is too large")
            frame = unpack.decompress(frame, max_output_size=MOST_BYTES)
        found = json.loads(frame.decode())
    except zstandard.ZstdError as error:
        raise FlawedRow("the message cannot be unpacked") from error
    except RecursionError as error:
        raise FlawedRow("the message is nested too deeply") from error
    except ValueError as error:
        raise error if isinstance(error, FlawedRow) else FlawedRow("the message is not valid JSON") from error
    if not isinstance(found, dict):
        raise FlawedRow("the message is no JSON object")
    return found


def _parsed(body: bytes | bytearray) -> Record:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _why(error: OSError | WebSocketException) -> str:
    if isinstance(error, ConnectionClosed):
        return "the host closed it" if error.rcvd is not None else "the connection was lost"
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).strip().rstrip(".")


def _name(host: str) -> str:
    return host.partition("://")[2].partition("/")[0]


def _spoken(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1e6, UTC):%Y-%m-%d %H:%M} UTC"
