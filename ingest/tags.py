"""Whether a text carries one of an incident's hashtags, however it was typed.

Owns what counts as the same tag: case, accents composed or not, `#` or `＃` before it or nothing. Knows no network.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

MARKS = "#＃"
"""What may stand before a tag: the number sign, and its full-width form on East Asian keyboards."""


class Tags:
    """The tags of an incident with all their spelling variants, made ready once for matching many texts.

    `names` are the tags as given, without mark, each once. Raises ValueError when none is left, or when one holds a
    blank: no network ends a tag anywhere else than there.
    """

    def __init__(self, names: Sequence[str]) -> None:
        bare: dict[str, str] = {}
        for name in names:
            if _bare(name):
                bare.setdefault(_folded(name), unicodedata.normalize("NFC", _bare(name)))
        if not bare:
            raise ValueError("an incident needs at least one tag")
        for name in bare.values():
            if len(name.split()) > 1:
                raise ValueError(f"the tag {name!r} holds a blank; write it without, or as two tags")
        self.names = tuple(bare.values())
        self._folded = frozenset(bare)
        self._pattern = re.compile(rf"(?<!\w)[{MARKS}](?:{'|'.join(map(re.escape, bare))})(?!\w)")

    def match(self, tag: str) -> bool:
        """Whether `tag`, a tag by itself with or without mark, is one of ours."""
        return _folded(tag) in self._folded

    def in_text(self, text: str) -> bool:
        """Whether one of ours stands in `text` as a hashtag: with a mark before it and no letter or digit around."""
        if not any(mark in text for mark in MARKS):
            return False
        return self._pattern.search(_caseless(text)) is not None


def _bare(name: str) -> str:
    return name.strip().lstrip(MARKS).strip()


def _folded(name: str) -> str:
    return _caseless(_bare(name))


def _caseless(text: str) -> str:
    # folding may take a composed letter apart, so it is composed again after
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
