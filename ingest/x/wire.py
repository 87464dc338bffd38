"""Talking to X API v2: one question, one answer, or an error that says what to do.

Owns the connection, the token, timeouts, and telling one refusal from another. Knows no cursor, no budget and no post.

    AnswerLost(TransientError)    sent, but no whole answer came: X may bill it all the same
    Refused(TerminalError)        400: X names the parameters it does not take

The token is put in on the wire, below tweepy, which writes its headers to the log. Verdicts fall there as well: tweepy
takes error bodies for objects and stumbles over anything else.
"""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
import tweepy
import urllib3
from requests.adapters import HTTPAdapter

from ingest.errors import TerminalError, TransientError
from ingest.reading.check import FlawedRow
from ingest.reading.found import Record, children, text
from ingest.reading.gather import parsed
from ingest.reading.whole import read_whole
from ingest.source import Quota
from ingest.x.settings import TOKEN, is_token

RATE_WAIT = 60.0
LONGEST_WAIT = 960.0
"""Seconds to wait when X says too often: where it does not say how long, and at most; its windows last 900."""

GONE_WAIT = 300.0
"""Seconds to wait after a 404, which for an address that exists means that X is being worked on."""

FIELDS = (
    "author_id",
    "created_at",
    "edit_history_tweet_ids",
    "lang",
    "note_tweet",
    "public_metrics",
    "referenced_tweets",
)
"""What is asked of a post. Never of its author: that would be billed apart, and is more than is needed."""

_SAID = 160


class AnswerLost(TransientError):
    """The question was sent, and no whole answer came back; X may count it as answered."""


class Refused(TerminalError):
    """X does not take the question as it was put. `parameters`: those it names as the reason."""

    def __init__(self, message: str, *, parameters: frozenset[str]) -> None:
        super().__init__(message)
        self.parameters = parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What X said, how often it may still be asked, and what time it is there (in UTC; None when it did not say)."""

    body: Record
    quota: Quota | None
    at: datetime | None


class XWire:
    """The three questions asked of X."""

    def __init__(self, bearer: str, *, timeout: float, base_url: str | None = None) -> None:
        """timeout: seconds an answer may take. base_url: where to ask in the place of X, as tests do.

        Raises ValueError when `bearer` cannot be a token.
        """
        if not is_token(bearer):
            raise ValueError(f"{TOKEN} holds characters that no bearer token has")
        # its debug lines hold the text of every post
        logging.getLogger("tweepy").setLevel(logging.INFO)
        self._client = tweepy.Client(bearer_token="", return_type=requests.Response, wait_on_rate_limit=False)
        wire = _Adapter(bearer.strip(), timeout=timeout, base_url=base_url)
        self._client.session.mount("https://", wire)

    def search(
        self, query: str, *, size: int, since: str | None, until: str | None = None, token: str | None = None
    ) -> Answer:
        """A page of the posts of the last seven days, newest first: after `since`, before `until`, at most `size`."""
        asked = {"since_id": since, "until_id": until, "next_token": token}
        return self._ask(
            lambda: self._client.search_recent_tweets(query, max_results=size, tweet_fields=list(FIELDS), **asked)
        )

    def count(self, query: str, *, since: str | None) -> Answer:
        """How many posts `search` would give."""
        return self._ask(lambda: self._client.get_recent_tweets_count(query, granularity="day", since_id=since))

    def lookup(self, ids: Sequence[str]) -> Answer:
        """Posts by their ids, at most a hundred."""
        return self._ask(lambda: self._client.get_tweets(list(ids), tweet_fields=list(FIELDS)))

    def close(self) -> None:
        """Let go of the connection."""
        self._client.session.close()

    def _ask(self, question: Callable[[], requests.Response]) -> Answer:
        try:
            response = question()
        except (requests.exceptions.ConnectTimeout, requests.exceptions.SSLError, requests.exceptions.ProxyError) as e:
            raise TransientError(f"X cannot be reached ({type(e).__name__}).") from e
        except requests.exceptions.ConnectionError as error:
            if _never_left(error):
                raise TransientError("X cannot be reached; is there a network?") from error
            raise AnswerLost("The connection to X broke off.") from error
        except requests.exceptions.ReadTimeout as error:
            raise AnswerLost("X took too long to answer.") from error
        except requests.exceptions.RequestException as error:
            raise AnswerLost(f"The answer of X did not come whole ({type(error).__name__}).") from error
        return Answer(body=_body(response), quota=_quota(response.headers), at=_time_there(response.headers))


class _Adapter(HTTPAdapter):
    """Puts the token in, reads the whole answer within its time, and raises for every status but 200."""

    def __init__(self, bearer: str, *, timeout: float, base_url: str | None) -> None:
        super().__init__()
        self._bearer = bearer
        self._timeout = timeout
        self._base_url = base_url

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """The answer, read to its end."""
        end = time.monotonic() + self._timeout
        request.headers["Authorization"] = f"Bearer {self._bearer}"
        if self._base_url is not None:
            address = urlsplit(request.url or "")
            request.url = f"{self._base_url}{address.path}?{address.query}"
            kwargs["proxies"] = {}
        kwargs |= {"timeout": self._timeout, "stream": True}
        response = super().send(request, *args, **kwargs)
        response.raw = io.BytesIO(read_whole(response.raw, request, end=end))
        if response.status_code != 200:
            raise _verdict(response, self._bearer)
        return response

    def close(self) -> None:
        """Close what is open. The library leaves that to the garbage collector, which errors keep from its work."""
        pools = self.poolmanager.pools
        opened = [pools[key] for key in pools.keys()]  # noqa: SIM118 - it is no mapping: iterating over it is refused
        super().close()  # first, so that a question asked now opens a connection of its own
        for pool in opened:
            pool.close()


def _never_left(error: requests.exceptions.ConnectionError) -> bool:
    """Whether no connection came about, so that X cannot have heard the question."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(reason, urllib3.exceptions.NewConnectionError)


def _body(response: requests.Response) -> Record:
    """The JSON object that was sent. Raises AnswerLost when it is none."""
    try:
        body = parsed(response.content.decode("utf-8", errors="replace"))
    except FlawedRow as error:
        raise AnswerLost("The answer of X cannot be read: it is cut off, or no JSON.") from error
    if not isinstance(body, Mapping):
        raise AnswerLost("The answer of X cannot be read: it is no JSON object.")
    return body


def _verdict(response: requests.Response, bearer: str) -> TransientError | TerminalError:
    status = response.status_code
    try:
        said = _body(response)
    except AnswerLost:
        said = {}
    words = _words(said).replace(bearer, "…")
    kind = f"{text(said, 'type') or ''} {text(said, 'title') or ''}".casefold()
    match status:
        case 400 if said:
            named = frozenset(name for error in children(said, "errors") for name in _names(error))
            return Refused(f"X does not take the question{words}; check the hashtags.", parameters=named)
        case 401:
            return TerminalError(f"X does not know the bearer token; put a valid one in {TOKEN} and start again.")
        case 402:
            return TerminalError(
                "The credits at X are used up; buy some or raise the spending limit in X's developer console, "
                "then resume X here."
            )
        case 403 if said:
            return TerminalError(
                f"X does not let this app search{words}; check its project, plan and permissions in X's developer "
                "console, then resume X here."
            )
        case 404:
            return TransientError("X says that there is no search at its address.", retry_after=GONE_WAIT)
        case 429 if "usage-capped" in kind or "usagecap" in kind:
            return TerminalError(
                "The monthly cap at X is reached; raise it in X's developer console or wait for the next billing "
                "cycle, then resume X here."
            )
        case 429:
            return TransientError("X has been asked too often; going on soon.", retry_after=_wait(response.headers))
        case _:
            return TransientError(f"X cannot answer now (status {status}).")


def _names(error: Record) -> list[str]:
    parameters = error.get("parameters")
    return [str(name) for name in parameters] if isinstance(parameters, Mapping) else []


def _words(said: Record) -> str:
    """What X says itself, short, on one line and in brackets; empty where it says nothing."""
    errors = [message for error in children(said, "errors") if (message := text(error, "message"))]
    words = errors[0] if errors else text(said, "detail", "title") or ""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in words[: 10 * _SAID]).split())
    return f" (“{line[:_SAID]}”)" if line else ""


def _quota(headers: Mapping[str, str]) -> Quota | None:
    left = _whole(headers.get("x-rate-limit-remaining"))
    return None if left is None else Quota(remaining=left, resets_at=_reset(headers))


def _reset(headers: Mapping[str, str]) -> datetime | None:
    seconds = _whole(headers.get("x-rate-limit-reset"))
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _whole(found: str | None) -> int | None:
    return int(found) if found and found.isascii() and found.isdecimal() and len(found) < 11 else None


def _wait(headers: Mapping[str, str]) -> float:
    """Seconds until X may be asked again. By the clock of X: ours may be wrong, and the reset is told in absolute time."""
    reset = _reset(headers)
    if reset is None:
        return RATE_WAIT
    now = _time_there(headers) or datetime.now(UTC)
    return min(max((reset - now + timedelta(seconds=1)).total_seconds(), 1.0), LONGEST_WAIT)


def _time_there(headers: Mapping[str, str]) -> datetime | None:
    try:
        at = parsedate_to_datetime(headers.get("date") or "")
    except (TypeError, ValueError, OverflowError):
        return None
    return at.astimezone(UTC) if at.tzinfo is not None else None
