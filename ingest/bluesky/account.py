"""The account that asks Bluesky: logging in as seldom as can be, asking, and saying what went wrong.

Owns the session and its file, and the library's client. The tokens are passwords: they are in the file, which only its
owner can read, and in no log and no error. Knows nothing of what is asked.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from atproto import Client, Request, Session, SessionEvent
from atproto.exceptions import (
    AtProtocolError,
    BadRequestError,
    InvalidTokenError,
    LoginRequiredError,
    RateLimitExceededError,
    RequestErrorBase,
    UnauthorizedError,
)
from atproto_client.models.common import XrpcError

from ingest.bluesky.deadline import limits
from ingest.errors import IngestError, TerminalError, TransientError
from ingest.reading.found import Record
from ingest.source import Quota

if TYPE_CHECKING:
    from atproto_client.models.base import ParamsModelBase

log = logging.getLogger(__name__)

LOGIN_PAUSE = 600.0
"""Seconds between two logins: Bluesky allows 30 in 5 minutes and 300 a day, and then locks the account out."""

RETRY = 60.0
"""Seconds to wait after too many calls, where the server does not say how long."""

_STALE = frozenset({"ExpiredToken", "InvalidToken", "AuthenticationRequired", "AuthMissing"})
_HELP = "make an app password at bsky.app under Settings, App passwords, and put it into HELPT_BLUESKY_APP_PASSWORD"


class NotTaken(TerminalError):
    """The server does not take the question as it was put."""


class SessionFile:
    """A session kept between two starts, in a file that only its owner can read."""

    def __init__(self, path: Path, *, handle: str, service: str) -> None:
        """handle, service: whose session it is; a file about another account is not read."""
        self._path = path
        self._whose = {"handle": handle, "service": service}

    def load(self) -> str | None:
        """The session as it was saved; None when there is none for this account, or it cannot be read."""
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if not isinstance(kept, dict) or any(kept.get(name) != value for name, value in self._whose.items()):
            return None
        session = kept.get("session")
        return session if isinstance(session, str) else None

    def save(self, session: str) -> None:
        """Keep a session in place of the one before. A file that cannot be written is told in the log and no error."""
        fresh = self._path.with_name(f"{self._path.name}.part")
        try:
            fresh.unlink(missing_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                json.dump({**self._whose, "session": session}, file)
            fresh.replace(self._path)
        except OSError as error:
            log.warning("The session of Bluesky cannot be kept in %s: %s", self._path.name, error.strerror)

    def drop(self) -> None:
        """Forget the session: it is of no more use."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("The old session of Bluesky cannot be removed from %s: %s", self._path.name, error.strerror)


class Account:
    """An account of Bluesky that reads. handle, password: an app password is enough, and safer than the real one.

    service: the server that knows the password. timeout: seconds an answer may take.
    """

    def __init__(self, *, handle: str, password: str, service: str, session: SessionFile, timeout: float) -> None:
        self._handle = handle
        self._password = password
        self._service = service
        self._session = session
        self._timeout = timeout
        self._lock = threading.Lock()
        self._client: Client | None = None
        self._exported: str | None = None
        self._done = False
        self._logged_in_at: float | None = None

    def ask(self, method: str, params: ParamsModelBase) -> tuple[Record, Quota | None]:
        """The answer to a query, as it came, and what is still allowed. Raises TransientError and TerminalError (NotTaken)."""
        with self._lock:
            self._done = False
            try:
                return self._ask(method, params)
            finally:
                if self._done:
                    self._let_go()

    def close(self) -> None:
        """Let go of the connections, or have the call under way do it at its end. The next question opens new ones."""
        self._done = True
        if self._lock.acquire(timeout=0.2):
            self._let_go()
            self._lock.release()

    def _ask(self, method: str, params: ParamsModelBase) -> tuple[Record, Quota | None]:
        client = self._client or self._resume() or self._log_in()
        try:
            return _answer(client, method, params)
        except (AtProtocolError, httpx.HTTPError, ValueError) as error:
            if not _is_stale(error):
                raise _typed(error) from error
            log.info("Bluesky has ended the session; logging in anew")
        client = self._log_in()
        try:
            return _answer(client, method, params)
        except (AtProtocolError, httpx.HTTPError, ValueError) as error:
            raise _typed(error) from error

    def _let_go(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.request.close()

    def _fresh(self) -> Client:
        self._let_go()
        client = Client(self._service, request=Request(timeout=self._timeout, event_hooks=limits(self._timeout)))
        client.on_session_change(self._keep)
        return client

    def _keep(self, event: SessionEvent, session: Session) -> None:
        if event is not SessionEvent.IMPORT:
            self._exported = session.export()
            self._session.save(self._exported)

    def _resume(self) -> Client | None:
        """Go on with the session that was kept, which costs no login."""
        kept = self._exported or self._session.load()
        if kept is None:
            return None
        client = self._fresh()
        try:
            client.login(session_string=kept, fetch_bsky_profile=False)
        except (AtProtocolError, ValueError):
            self._forget()
            return None
        self._client = client
        return client

    def _forget(self) -> None:
        self._exported = None
        self._session.drop()

    def _log_in(self) -> Client:
        if self._logged_in_at is not None and (left := self._logged_in_at + LOGIN_PAUSE - time.monotonic()) > 0:
            raise TransientError("Bluesky ended a session it had just begun; logging in again later.", retry_after=left)
        client = self._fresh()
        self._forget()
        try:
            self._logged_in_at = time.monotonic()
            client.login(self._handle, self._password, fetch_bsky_profile=False)
        except (AtProtocolError, httpx.HTTPError, ValueError) as error:
            client.request.close()
            failure = _typed(error, logging_in=True)
            if isinstance(failure, TransientError) and not isinstance(error, RateLimitExceededError):
                self._logged_in_at = None  # nobody was logged in: the schedule backs off by itself
            raise failure from error
        self._client = client
        return client


def _answer(client: Client, method: str, params: ParamsModelBase) -> tuple[Record, Quota | None]:
    """Ask without the library's models of the answer: one odd post in a page would cost the whole page."""
    response = client.invoke_query(method, params=params)
    if not isinstance(response.content, dict):
        raise ValueError("the answer is no JSON object")
    return response.content, _quota(response.headers)


def _quota(headers: Record) -> Quota | None:
    try:
        remaining, resets = int(str(headers["ratelimit-remaining"])), int(str(headers["ratelimit-reset"]))
        return Quota(remaining=remaining, resets_at=datetime.fromtimestamp(resets, UTC))
    except (KeyError, ValueError, OverflowError, OSError):
        return None


def _said(error: Exception) -> XrpcError | None:
    """What the server said was wrong, in its own form; None for anything else, such as a page of HTML."""
    response = error.response if isinstance(error, RequestErrorBase) else None
    content = response.content if response is not None else None
    return content if isinstance(content, XrpcError) else None


def _is_stale(error: Exception) -> bool:
    """Whether a new login would help."""
    if isinstance(error, (LoginRequiredError, InvalidTokenError)):
        return True
    said = _said(error)
    return isinstance(error, (UnauthorizedError, BadRequestError)) and said is not None and said.error in _STALE


def _typed(error: Exception, *, logging_in: bool = False) -> IngestError:
    """The library's error as one sentence, and whether trying again may help."""
    said = _said(error)
    told = f" ({(said.message or said.error)[:120].rstrip('.')})" if said is not None else ""
    response = error.response if isinstance(error, RequestErrorBase) else None
    if isinstance(error, RateLimitExceededError):
        return TransientError("Bluesky has had too many calls from here.", retry_after=_wait(error, logging_in))
    if isinstance(error, UnauthorizedError) and said is not None:
        what = "does not let this account in" if logging_in else "refuses the account this search"
        return TerminalError(f"Bluesky {what}{told}: {_HELP}.")
    if isinstance(error, UnauthorizedError) and response is not None:
        return TransientError(f"Bluesky's server sheds load (it answered {response.status_code} without a reason).")
    if isinstance(error, BadRequestError) and said is not None:
        return NotTaken(f"Bluesky does not take the question{told}: please report it to the makers of helpt.")
    if response is not None:
        return TransientError(f"Bluesky's server is in trouble (it answered {response.status_code}).")
    if isinstance(error, ValueError):
        return TransientError("Bluesky's answer was cut off or is no JSON.")
    cause = error.__cause__ or error
    return TransientError(f"Bluesky cannot be reached ({type(cause).__name__}).")


def _wait(error: RateLimitExceededError, logging_in: bool) -> float:
    """Seconds until the server takes calls again."""
    asked = error.retry_after
    if asked is None and error.reset_at is not None:
        asked = (error.reset_at - datetime.now(UTC)).total_seconds()
    return max(asked if asked is not None else RETRY, LOGIN_PAUSE if logging_in else 1.0)
