"""Who stands behind a DID on Bluesky: handle, name, and what the account is labelled with.

Owns asking the public app server, 25 accounts a call, and remembering the answers. It is a courtesy: whoever cannot be
found stays a DID, and nothing waits long or fails because of it. The server is asked rather than the directory of DIDs,
because it has verified that a handle belongs to the account (a DID document may claim any handle), and because it also
tells the labels, among them a writer's wish not to be shown to readers without an account.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import httpx

from ingest.bluesky.deadline import limits
from ingest.reading.form_bluesky import handle_of, labels_of
from ingest.reading.found import Record, children, text

log = logging.getLogger(__name__)

PER_CALL = 25
"""Accounts the server answers for at once."""

SECONDS = 3.0
"""How long one lookup may take, however many accounts are asked for; the rest stay DIDs this time."""

PAUSE = 60.0
"""Seconds to leave the server alone after it failed."""

KEPT, MISSED = 3600.0, 120.0
"""Seconds an answer holds, and seconds before an account the server did not know is asked for again."""

MOST = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """An account: its verified handle (its DID where it has none), the name it shows, its labels."""

    handle: str
    name: str | None
    labels: tuple[str, ...]


class Profiles:
    """Profiles by DID, asked of the app server at `base` (an https:// address) and remembered."""

    def __init__(self, base: str, *, seconds: float = SECONDS, pause: float = PAUSE) -> None:
        self._url = f"{base.rstrip('/')}/xrpc/app.bsky.actor.getProfiles"
        self._seconds = seconds
        self._pause = pause
        self._lock = threading.Lock()
        self._client: httpx.Client | None = None
        self._known: dict[str, tuple[Profile | None, float]] = {}
        self._paused_until = 0.0

    def of(self, dids: Iterable[str]) -> dict[str, Profile]:
        """The profiles of `dids` that are known or can be had within a few seconds. Never raises for a server's sake."""
        wanted = list(dict.fromkeys(dids))
        with self._lock:
            end = time.monotonic() + self._seconds
            for some in _chunks([did for did in wanted if not self._is_fresh(did)]):
                left = end - time.monotonic()
                if left <= 0 or time.monotonic() < self._paused_until:
                    break
                self._ask(some, left)
            return {did: found for did in wanted if (found := self._known.get(did, (None, 0.0))[0]) is not None}

    def forget(self, did: str) -> None:
        """Ask anew for this account: its handle or profile has changed."""
        with self._lock:
            self._known.pop(did, None)

    def close(self) -> None:
        """Let go of the connection."""
        # a lookup under way ends by itself, within seconds
        if self._lock.acquire(timeout=0.4):
            client, self._client = self._client, None
            self._lock.release()
            if client is not None:
                client.close()

    def _is_fresh(self, did: str) -> bool:
        entry = self._known.get(did)
        return entry is not None and time.monotonic() < entry[1]

    def _ask(self, dids: list[str], seconds: float) -> None:
        if self._client is None:
            self._client = httpx.Client(event_hooks=limits(self._seconds), headers={"accept": "application/json"})
        try:
            answer = self._client.get(self._url, params={"actors": dids}, timeout=seconds)
            answer.raise_for_status()
            page = answer.json()
        # what comes over the wire may be cut off, no JSON, or JSON of any shape
        except (httpx.HTTPError, ValueError, RecursionError) as error:
            self._paused_until = time.monotonic() + self._pause
            log.info("Bluesky does not tell who %d accounts are (%s)", len(dids), type(error).__name__)
            return
        now = time.monotonic()
        for did in dids:
            self._known[did] = (None, now + MISSED)
        for found in children(page if isinstance(page, dict) else {}, "profiles"):
            self._note(found, dids, now)
        while len(self._known) > MOST:
            self._known.pop(next(iter(self._known)))

    def _note(self, found: Record, asked: list[str], now: float) -> None:
        did, handle = text(found, "did"), handle_of(found)
        if did is not None and did in asked and handle is not None:
            profile = Profile(handle=handle, name=text(found, "displayName"), labels=tuple(labels_of(found)))
            self._known[did] = (profile, now + KEPT)


def _chunks(dids: list[str]) -> Iterator[list[str]]:
    return (dids[start : start + PER_CALL] for start in range(0, len(dids), PER_CALL))
