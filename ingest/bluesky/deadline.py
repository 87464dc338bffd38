"""An answer over HTTP must be there within a time, and be no larger than said.

Owns the two limits that httpx leaves open: its timeouts hold for one read, so a server that sends a byte a second may
hold a caller for hours. Knows no network by name.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, cast

import httpx

MOST_BYTES = 32 << 20

Hooks = dict[str, list[Callable[..., Any]]]


def limits(seconds: float, *, most: int = MOST_BYTES) -> Hooks:
    """`event_hooks` of a client whose answers fail with httpx.ReadTimeout where they are not whole after `seconds`.

    An answer above `most` bytes fails with httpx.ReadError. Hooks, not a transport: the proxies of the environment
    would be passed over by one.
    """

    def begin(request: httpx.Request) -> None:
        request.extensions["end"] = time.monotonic() + seconds

    def watch(response: httpx.Response) -> None:
        response.stream = _Watched(cast(httpx.SyncByteStream, response.stream), response.request, most)

    return {"request": [begin], "response": [watch]}


class _Watched(httpx.SyncByteStream):
    def __init__(self, inner: httpx.SyncByteStream, request: httpx.Request, most: int) -> None:
        self._inner = inner
        self._request = request
        self._most = most

    def __iter__(self) -> Iterator[bytes]:
        left, end = self._most, self._request.extensions["end"]
        for part in self._inner:
            if time.monotonic() > end:
                raise httpx.ReadTimeout("the answer takes too long", request=self._request)
            left -= len(part)
            if left < 0:
                raise httpx.ReadError("the answer is too large", request=self._request)
            yield part

    def close(self) -> None:
        """Let go of the connection."""
        self._inner.close()
