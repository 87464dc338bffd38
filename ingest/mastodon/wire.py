"""Talking to one server of Mastodon's API: one question, one answer, or an error that says what to do.

Owns the connection, the token, timeouts, and telling one refusal from another. Knows no cursor and no post.

What is given is the JSON as it was sent. The library finds the addresses, sends the token and keeps count of the limits,
but never sees a body: it would make objects of its own of it, at a millisecond a post, that drop what does not fit.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from urllib.parse import quote, urlsplit

import requests
from mastodon import Mastodon, MastodonError
from requests.adapters import HTTPAdapter

from ingest.errors import IngestError, TerminalError, TransientError
from ingest.reading.check import FlawedRow
from ingest.reading.found import Record, child
from ingest.reading.gather import parsed
from ingest.reading.whole import WithoutEnd, read_whole
from ingest.source import Quota

PAGE = 40
"""The most statuses a server gives at once."""
BATCH = 20
"""The most statuses that are asked for by their ids at once."""

RATE_WAIT = 60.0
LONGEST_WAIT = 900.0
"""Seconds to wait after "too many" when the server does not say how long, and at most: its clock may be wrong."""


_NO_JSON, _ABSENT = object(), object()


def address_of(server: str) -> str:
    """Where a server is asked: `server` is a host, or an address with its scheme."""
    return (server if "://" in server else f"https://{server}").rstrip("/").lower()


def host_of(server: str) -> str:
    """The name a server goes by: its host, with the port where there is one."""
    return urlsplit(address_of(server)).netloc


def token_name(server: str) -> str:
    """The environment variable that holds the token for a server."""
    return "HELPT_MASTODON_TOKEN_" + re.sub(r"[^A-Z0-9]", "_", host_of(server).upper())


class MastodonWire:
    """A connection to one server. For one thread at a time."""

    def __init__(self, server: str, *, token: str | None, timeout: float) -> None:
        """token: with the right to read statuses, or None. timeout: seconds a whole answer may take.

        Raises ValueError when `token` cannot be a token.
        """
        if token is not None and not (token.isascii() and token.isprintable() and token.split() == [token]):
            raise ValueError(f"{token_name(server)} holds characters that no token has")
        self.address, self.host, self.has_token = address_of(server), host_of(server), token is not None
        self._variable = token_name(server)
        self._timeout = timeout
        self._answers = _Answers(timeout)
        self._client = _Client(
            api_base_url=self.address, ratelimit_method="throw", request_timeout=timeout, user_agent="helpt"
        )
        # given to the constructor it would be taken for the name of a file, should there be such a file
        self._client.access_token = token
        self._client.session.mount("https://", self._answers)
        self._client.session.mount("http://", self._answers)

    @property
    def quota(self) -> Quota | None:
        """What the server still allowed at its last answer; None when it does not say."""
        if self._client.ratelimit_lastcall is None:
            return None
        wait = self._until_reset()
        resets_at = None if wait is None else datetime.now(UTC) + timedelta(seconds=wait)
        return Quota(remaining=max(int(self._client.ratelimit_remaining), 0), resets_at=resets_at)

    @property
    def is_short(self) -> bool:
        """Whether fewer than a fifth of the calls are left: the rest is for new posts."""
        return bool(self._until_reset()) and 5 * self._client.ratelimit_remaining < self._client.ratelimit_limit

    def tag_page(self, tag: str, *, after: str | None = None, before: str | None = None) -> list[object]:
        """Statuses with a tag, newest first: those right after an id, those right before one, or the newest.

        Empty also for a tag the server has never seen.
        """
        path = quote(tag, safe="")
        found = self._ask(
            lambda: self._client.timeline_hashtag(path, min_id=after, max_id=before, limit=PAGE), absent={404}
        )
        if found is _ABSENT:
            return []
        if not isinstance(found, list):
            raise TransientError(f"{self.host} gave something that is no list of posts.")
        return found

    def status(self, local: str) -> object:
        """A status by its id on this server; None when there is none any more."""
        found = self._ask(lambda: self._client.status(quote(local, safe="")), absent={404, 410})
        return None if found is _ABSENT else found

    def statuses(self, local: Sequence[str]) -> list[object] | None:
        """Statuses by their ids on this server, at most `BATCH`, without those that are gone; None: it cannot tell."""
        found = self._tried(lambda: self._client.statuses(list(local)))
        return found if isinstance(found, list) else None

    def hashtag_feeds(self) -> Record:
        """Who may read hashtags: `local` and `remote`, each public, authenticated or disabled; empty: it does not say."""
        found = self._tried(self._client.instance_v2)
        return child(found, "configuration", "timelines_access", "hashtag_feeds") if isinstance(found, dict) else {}

    def close(self) -> None:
        """Let go of the connection."""
        self._client.session.close()

    def _tried(self, question: Callable[[], object]) -> object:
        """Like `_ask`, for what a server need not know: None where it answers with any refusal but "too many"."""
        try:
            return self._ask(question)
        except IngestError:
            if self._answers.last is None or self._answers.last.status == 429:
                raise
            return None

    def _ask(self, question: Callable[[], object], *, absent: Collection[int] = ()) -> object:
        """The JSON that was answered; `_ABSENT` where the server says, in JSON, that there is nothing (`absent`)."""
        failure = None
        self._answers.last = None
        try:
            question()
        except MastodonError as error:
            failure = error
        answer = self._answers.last
        if answer is None:
            raise self._lost(failure) from failure
        said = answer.said()
        if answer.status < 300 and said is not _NO_JSON:
            return said
        if answer.status in absent and said is not _NO_JSON:
            return _ABSENT
        raise self._verdict(answer, is_json=said is not _NO_JSON) from failure

    def _lost(self, failure: BaseException | None) -> TransientError:
        match failure.__context__ if failure is not None else None:
            case requests.exceptions.Timeout():
                return TransientError(f"{self.host} did not answer within {self._timeout:g} s.")
            case requests.exceptions.ChunkedEncodingError():
                return TransientError(f"{self.host} broke off its answer.")
            case WithoutEnd():
                return TransientError(f"{self.host} gave an answer without end.")
            case _:
                return TransientError(f"{self.host} cannot be reached.")

    def _verdict(self, answer: _Answer, *, is_json: bool) -> IngestError:
        match status := answer.status:
            case 401 if self.has_token:
                return TerminalError(
                    f"{self.host} does not accept the token in {self._variable}: make a new one with read:statuses."
                )
            case 401:
                return TerminalError(
                    f"{self.host} shows hashtags only to its own accounts: put a token with read:statuses in "
                    f"{self._variable}, or take it off the list of servers."
                )
            case 403 if is_json:
                return TerminalError(
                    f"{self.host} refuses to be read: put a token with read:statuses in {self._variable} that is "
                    "allowed to, or take it off the list of servers."
                )
            case 410 if is_json:
                return TerminalError(f"{self.host} no longer shows hashtags; take it off the list of servers.")
            case 429:
                return TransientError(
                    f"{self.host} has been asked too often; going on soon.", retry_after=self._rate_wait(answer)
                )
            case _ if status >= 500:
                return TransientError(f"{self.host} cannot answer now (status {status}).")
            case _ if is_json:
                return TransientError(f"{self.host} does not answer the question (status {status}).")
            case _:
                return TransientError(f"{self.host} answered with something that is no data (status {status}).")

    def _rate_wait(self, answer: _Answer) -> float:
        wait = self._until_reset()
        if wait is None and answer.retry_after.isascii() and answer.retry_after.isdecimal():
            wait = float(answer.retry_after[:9])
        return min(max(RATE_WAIT if wait is None else wait, 1.0), LONGEST_WAIT)

    def _until_reset(self) -> float | None:
        """Seconds until calls are allowed anew; the library has set the server's clock against ours."""
        reset = cast("float | None", self._client.ratelimit_reset)
        return None if reset is None else max(min(reset, time.time() + LONGEST_WAIT) - time.time(), 0.0)


class _Client(Mastodon):
    def timeline_is_available(self, *_: Any, **__: Any) -> bool:
        """Asked before every page, and where the server is old answered by one more call each time: we know it."""
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: int
    body: bytes
    retry_after: str

    def said(self) -> object:
        """The JSON of it, or `_NO_JSON`."""
        try:
            return parsed(self.body.decode("utf-8", errors="replace"))
        except FlawedRow:
            return _NO_JSON


class _Answers(HTTPAdapter):
    """Reads answers whole, within their time and within bounds; `last` is the latest, None when it never came."""

    def __init__(self, timeout: float) -> None:
        super().__init__()
        self._timeout = timeout
        self.last: _Answer | None = None

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """The answer without its body, which is in `last`."""
        self.last = None
        end = time.monotonic() + self._timeout
        if urlsplit(request.url or "").scheme == "http":
            kwargs["proxies"] = {}  # loopback
        response = super().send(request, *args, **kwargs | {"stream": True})
        raw, response.raw = response.raw, io.BytesIO(b"{}")
        body = read_whole(raw, request, end=end)
        self.last = _Answer(status=response.status_code, body=body, retry_after=response.headers.get("Retry-After", ""))
        return response
