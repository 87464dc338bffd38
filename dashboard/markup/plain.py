"""Text that others wrote, made fit to stand on a screen as text.

Owns what is taken out (control characters, marks that turn the reading direction, towers of accents, walls of empty
lines) and which links may be followed. Knows neither markup nor languages; hiding contact data is `mask`.
"""

from __future__ import annotations

import re
import unicodedata
from html import unescape
from urllib.parse import urlsplit

MOST_CHARACTERS = 600
MOST_LINES = 12
MOST_ACCENTS = 3
MOST_LINK = 2_000
READ = 3_000

UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories taken out: controls, marks of direction, lone surrogates, what is unassigned or private."""
JOINER = "\u200d"
"""Holds an emoji together; the one invisible character that stays."""
BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")

EMPTY_LINES = re.compile(r"\s*\n\s*\n\s*")
BLANKS = re.compile(r"[^\S\n]+")


def clean(text: str | None) -> str:
    """`text` as one would read it aloud: printable, in its own direction. Of a wall of text the beginning.

    Who copies a post off a web page often copies `&amp;` and `&lt;3` for & and <3: these read as the signs they stand for,
    before anything is taken out or covered, so that nothing hides behind them. What comes out is text, still to be escaped.
    """
    if not text:
        return ""
    short = unescape(text[:READ]).replace("\r\n", "\n").replace("\r", "\n")
    return EMPTY_LINES.sub("\n\n", BLANKS.sub(" ", _shown(short))).strip()


def shorten(text: str, *, characters: int = MOST_CHARACTERS, lines: int = MOST_LINES) -> str:
    """`text`, not longer or taller than the bounds; what is cut off is marked with `…`."""
    kept = "\n".join(text.split("\n")[:lines])[:characters].rstrip()
    return f"{kept} …" if kept and len(kept) < len(text) else kept


def _shown(text: str) -> str:
    """`text` without what does not show, and with no more than a few accents on one letter."""
    kept: list[str] = []
    accents = 0
    for character in text:
        accents = accents + 1 if unicodedata.combining(character) else 0
        hidden = unicodedata.category(character) in UNSHOWN and character not in ("\n", "\t", JOINER)
        if not hidden and accents <= MOST_ACCENTS and character not in BLANK_LETTERS:
            kept.append(character)
    return "".join(kept)


def safe_link(url: str | None) -> tuple[str, str] | None:
    """The address and its host as it may be followed and shown, or None.

    Only http and https, without a user name before the host (which would make one host look like another), and with a
    host in plain ASCII: a look-alike letter shows as its punycode.
    """
    if not url or len(url) > MOST_LINK or any(character.isspace() or not character.isprintable() for character in url):
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or "\\" in url:
        return None
    try:
        ascii_host = host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError:
        return None
    if not re.fullmatch(r"[a-z0-9.:_-]{1,253}", ascii_host):
        return None
    shown = ascii_host.removeprefix("www.")
    netloc = f"[{ascii_host}]" if ":" in ascii_host else ascii_host
    netloc += f":{port}" if port else ""
    return parts._replace(netloc=netloc).geturl(), shown
