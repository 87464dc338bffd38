"""How long a message is, as each network counts it, and how long it may be.

Owns the counting rules and limits of X, Bluesky, Mastodon and SMS (BE-Alert goes out as SMS). Knows no plans.
Other networks have no limit here. Sources: twitter-text, configuration 3; Bluesky's lexicon `app.bsky.feed.post`;
Mastodon's StatusLengthValidator; 3GPP TS 23.038 (the SMS alphabet) and TS 23.040 (its segments).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import regex

Unit = Literal["weighted", "graphemes", "septets", "utf16"]

ADDRESS_CHARS = 23
"""What X and Mastodon count for any web address."""

WITH_SCHEME = regex.compile(r"(?i)(?<![\w@#$])https?://[^\s<>\"'„“”«»()]*[\w/=#+&%-]")
BARE_HOST = regex.compile(
    r"(?i)(?<![\w@#$./-])(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[a-z]{2,24}(?![\w@-])(?:/[^\s<>\"'„“”«»()]*[\w/=#+&%-])?"
)
"""A host without http://, which X makes an address of. Which endings are domains changes too often to list them."""

MENTION = regex.compile(r"(?<![=/\w])@([\w.-]*\w)@[\w.-]+\w")
"""A full Mastodon handle; only `@user` counts."""

GRAPHEME = regex.compile(r"\X")
EMOJI = regex.compile(r"\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|\u20E3")
SINGLE_WEIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
"""The characters that weigh 1 on X; all others weigh 2."""

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The SMS alphabet, one septet a character."""
GSM_ESCAPED = frozenset("\f^{}\\[~]|€")
"""Its second table, two septets a character."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """How much of a network's limit a text takes. `parts` is the number of SMS; 1 elsewhere.

    Of an SMS, `limit` is what one holds: 160 septets, or 70 units of UTF-16 once a character is not in its alphabet.
    """

    network: str
    used: int
    limit: int
    unit: Unit
    parts: int = 1

    @property
    def fits(self) -> bool:
        """Whether the text may be sent as it is."""
        return self.used <= self.limit

    @property
    def left(self) -> int:
        """What is left of the limit; negative when the text is too long."""
        return self.limit - self.used


def measure(network: str, text: str) -> Length | None:
    """The length of `text` on `network`; None where no limit is known. Spaces around the text are not sent."""
    count = COUNTS.get(network)
    return count(network, unicodedata.normalize("NFC", text.strip())) if count else None


def _x(network: str, text: str) -> Length:
    addresses = 0

    def counted(match: regex.Match[str]) -> str:
        nonlocal addresses
        addresses += ADDRESS_CHARS
        return ""

    def counted_bare(match: regex.Match[str]) -> str:
        nonlocal addresses
        # An ending that is no domain stays text: the longer of the two never promises too much room.
        addresses += max(ADDRESS_CHARS, len(match[0])) if "/" not in match[0] else ADDRESS_CHARS
        return ""

    rest = BARE_HOST.sub(counted_bare, WITH_SCHEME.sub(counted, text))
    return Length(
        network=network, used=addresses + sum(map(_weight, GRAPHEME.findall(rest))), limit=280, unit="weighted"
    )


def _weight(grapheme: str) -> int:
    if len(grapheme) > 1 and EMOJI.search(grapheme):
        return 2
    return sum(1 if any(low <= ord(char) <= high for low, high in SINGLE_WEIGHT) else 2 for char in grapheme)


def _bluesky(network: str, text: str) -> Length:
    return Length(network=network, used=len(GRAPHEME.findall(text)), limit=300, unit="graphemes")


def _mastodon(network: str, text: str) -> Length:
    counted = MENTION.sub(r"@\1", WITH_SCHEME.sub("x" * ADDRESS_CHARS, text))
    return Length(network=network, used=len(GRAPHEME.findall(counted)), limit=500, unit="graphemes")


def _sms(network: str, text: str) -> Length:
    plain = all(char in GSM or char in GSM_ESCAPED for char in text)
    sizes = [(2 if char in GSM_ESCAPED else 1) if plain else (2 if ord(char) > 0xFFFF else 1) for char in text]
    limit, segment = (160, 153) if plain else (70, 67)
    used = sum(sizes)
    parts = 1 if used <= limit else _segments(sizes, segment)
    return Length(network=network, used=used, limit=limit, unit="septets" if plain else "utf16", parts=parts)


def _segments(sizes: Iterable[int], segment: int) -> int:
    """How many segments of `segment` units are needed: a character of two units is never cut in half."""
    parts, filled = 1, 0
    for size in sizes:
        if filled + size > segment:
            parts, filled = parts + 1, 0
        filled += size
    return parts


COUNTS: dict[str, Callable[[str, str], Length]] = {
    "x": _x,
    "bluesky": _bluesky,
    "mastodon": _mastodon,
    "sms": _sms,
    "be-alert": _sms,
}
