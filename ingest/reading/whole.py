"""An answer that `requests` brings, read whole, within its time and within bounds.

Owns the two limits that `requests` leaves open: its timeout holds for one read, so a server that sends a byte a second may
hold a caller for hours, and an answer may have no end. Knows no network by name.
"""

from __future__ import annotations

import time

import requests
import urllib3

MOST_BYTES = 64 << 20
"""Bytes of an answer beyond which no more is read."""
CHUNK_BYTES = 1 << 16


class WithoutEnd(requests.exceptions.RequestException):
    """An answer of more than `MOST_BYTES`."""


def read_whole(raw: urllib3.BaseHTTPResponse, request: requests.PreparedRequest, *, end: float) -> bytes:
    """The body, decoded, which must be there at `end` (seconds of `time.monotonic`); the connection is closed or given back.

    Raises errors of `requests`: ReadTimeout, ChunkedEncodingError where it breaks off, WithoutEnd.
    """
    body = bytearray()
    try:
        while chunk := raw.read1(CHUNK_BYTES, decode_content=True):
            body += chunk
            if time.monotonic() > end:
                raise requests.exceptions.ReadTimeout("the answer trickles", request=request)
            if len(body) > MOST_BYTES:
                raise WithoutEnd("the answer has no end", request=request)
    except urllib3.exceptions.ReadTimeoutError as error:
        raise requests.exceptions.ReadTimeout(error, request=request) from error
    except urllib3.exceptions.HTTPError as error:
        raise requests.exceptions.ChunkedEncodingError(error, request=request) from error
    finally:
        raw.close()  # a connection whose answer was read to its end is back in the pool by now
    return bytes(body)
