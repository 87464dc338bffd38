"""Invented people: handles, display names, ids and addresses on networks.

Owns that no two people share a handle. The surnames are put together from syllables and belong to nobody; links lead to
hosts under the reserved name `example`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime

from ingest.night.sentences import people, pick

NETWORKS = ("x", "bluesky", "mastodon")

_DID = "abcdefghijklmnopqrstuvwxyz234567"
_TWITTER_EPOCH_MS = 1_288_834_974_657


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with the same short name (`stem`) on every network and one display name."""

    stem: str
    name: str

    def handle(self, network: str) -> str:
        """The handle in the form of `network`, without a leading @."""
        if network == "bluesky":
            return self.stem.replace("_", "-") + ".bsky.social"
        return self.stem + "@mast.example" if network == "mastodon" else self.stem


class Crowd:
    """People without end, no two with the same handle on any network."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._taken: set[str] = set()

    def newcomer(self) -> Person:
        """A person nobody has met before."""
        rng = self._rng
        while True:
            first, last = pick(rng, people()["first"]), surname(rng)
            plain = first.translate(_PLAIN).lower()
            form = int(rng.random() * 5)
            number = str(int(rng.random() * 980) + 10)
            stem = (
                f"{plain}_{last.lower()}{number[:2]}",
                f"{plain}{last.lower()}{number}",
                f"{last.lower()}{plain}{number[:2]}",
                f"{plain[:2]}{last.lower()}{number}",
                f"{plain}{last[:3].lower()}_{number}",
            )[form]
            if stem.replace("_", "") not in self._taken:
                self._taken.add(stem.replace("_", ""))
                return Person(stem, f"{first} {last}" if rng.random() < 0.7 else first)


def club(rng: random.Random) -> str:
    """An invented association."""
    return f"{pick(rng, people()['clubs'])} {surname(rng)}"


def surname(rng: random.Random) -> str:
    """A name that nobody has."""
    return pick(rng, people()["heads"]) + pick(rng, people()["tails"])


_PLAIN = str.maketrans("éèëïîôçÉ", "eeeiiocE")


class Ids:
    """Ids in the form of each network, never the same twice, rising with time on x and mastodon."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._count = 0

    def new(self, network: str, at: datetime) -> str:
        """An id for a post written `at` (with zone)."""
        self._count += 1
        ms = int(at.timestamp() * 1000)
        if network == "x":
            return str((ms - _TWITTER_EPOCH_MS << 22) + self._count % (1 << 22))
        if network == "mastodon":
            return str((ms << 16) * 64 + self._count)
        account = _base32(int(self._rng.random() * (1 << 53)), 24)
        return f"at://did:plc:{account}/app.bsky.feed.post/{_base32(self._count, 13)}"


def _base32(value: int, width: int) -> str:
    digits = []
    for _ in range(width):
        value, rest = divmod(value, 32)
        digits.append(_DID[rest])
    return "".join(reversed(digits))


def link(network: str, author: str, post_id: str) -> str:
    """Where a post could be seen, on a host that is reserved and does not exist."""
    if network == "x":
        return f"https://x.example/{author}/status/{post_id}"
    if network == "mastodon":
        return f"https://mast.example/@{author.split('@', 1)[0]}/{post_id}"
    return f"https://bsky.example/profile/{author}/post/{post_id.rsplit('/', 1)[1]}"


def short_link(rng: random.Random) -> str:
    """A shortened link, on reserved hosts."""
    code = "".join(pick(rng, "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(7))
    return pick(rng, ("http://bit.example/", "https://t.example/", "http://tiny.example/")) + code
