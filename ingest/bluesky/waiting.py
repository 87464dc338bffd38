"""What lies between a stream that never stops and someone who asks now and then.

Owns the queue that holds the stream up when it is full, and the list of what was no event. Knows no network.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from ingest.reading.check import cut
from ingest.reading.found import Record
from ingest.source import Refusal

LISTED = 100
"""Refused messages that are listed one by one in an answer; the others are counted."""

ROOM_BYTES = 64 << 20
"""How large the messages that wait may be together, as they came."""


class Event(NamedTuple):
    """An event of a stream: what it says, when it happened (microseconds since 1970), and its size in bytes."""

    payload: Record
    at: int
    size: int


class Waiting:
    """Events on their way from a stream to whoever asks. The stream waits while there is no room for one more."""

    def __init__(self, room: int, *, room_bytes: int = ROOM_BYTES) -> None:
        """room: the most events that wait. room_bytes: how large they may be together; one always fits."""
        self._room = room
        self._room_bytes = room_bytes
        self._events: deque[Event] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self._shut = False

    def put(self, event: Event) -> None:
        """Add an event, once there is room."""
        with self._changed:
            self._changed.wait_for(lambda: self._shut or not self._events or self._fits(event))
            self._events.append(event)
            self._bytes += event.size

    def put_back(self, events: Sequence[Event]) -> None:
        """Let these be the first to be taken again, whatever the room."""
        with self._changed:
            self._events.extendleft(reversed(events))
            self._bytes += sum(event.size for event in events)

    def take(self, most: int) -> tuple[list[Event], bool]:
        """Up to `most` events, and whether there are more."""
        with self._changed:
            taken = [self._events.popleft() for _ in range(min(most, len(self._events)))]
            self._bytes -= sum(event.size for event in taken)
            self._changed.notify_all()
            return taken, bool(self._events)

    def shut(self) -> None:
        """Make nobody wait any more."""
        with self._changed:
            self._shut = True
            self._changed.notify_all()

    def _fits(self, event: Event) -> bool:
        return len(self._events) < self._room and self._bytes + event.size <= self._room_bytes


class Refused:
    """Messages that are no events: the first are listed, the rest counted, so that garbage fills no memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listed: list[Refusal] = []
        self._rest = 0

    def add(self, reason: str, raw: bytes) -> None:
        """Note a message, as it came, and why it was refused."""
        with self._lock:
            if len(self._listed) < LISTED:
                shown = cut(raw[:8_000].decode(errors="replace"))
                self._listed.append(Refusal(row=len(self._listed) + 1, reason=reason, raw=shown))
            else:
                self._rest += 1

    def take(self) -> tuple[Refusal, ...]:
        """What was noted since the last time."""
        with self._lock:
            taken, rest = self._listed, self._rest
            self._listed, self._rest = [], 0
        if rest:
            taken.append(Refusal(row=LISTED + 1, reason=f"{rest} more messages were refused", raw=""))
        return tuple(taken)
