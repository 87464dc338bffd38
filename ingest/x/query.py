"""Hashtags → what X is asked.

Owns the spelling of queries and their longest length. The same tags always give the same queries.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

LONGEST = 512
"""Characters in a query, for whoever pays by the post."""

_TAIL = " -is:retweet"


def clean(tags: Iterable[str]) -> tuple[list[str], list[str]]:
    """Tags in one spelling each, sorted, and those X cannot search, as they were given.

    A leading # and case do not matter to X. A tag consists of letters, digits and _, not of digits alone.
    """
    sound: set[str] = set()
    refused: list[str] = []
    for tag in tags:
        bare = unicodedata.normalize("NFC", tag.strip().removeprefix("#").removeprefix("＃").casefold())
        if _is_tag(bare):
            sound.add(bare)
        else:
            refused.append(tag)
    return sorted(sound), refused


def query_of(tags: Iterable[str]) -> str:
    """The query for posts with any of `tags`. Reposts are left out: X finds none any more, and would bill them."""
    return "(" + " OR ".join(f"#{tag}" for tag in tags) + ")" + _TAIL


def packed(tags: Iterable[str]) -> list[tuple[str, ...]]:
    """Clean tags in their order, parted so that the query for each part is not longer than `LONGEST`."""
    parts: list[tuple[str, ...]] = []
    for tag in tags:
        if parts and len(query_of((*parts[-1], tag))) <= LONGEST:
            parts[-1] = (*parts[-1], tag)
        else:
            parts.append((tag,))
    return parts


def _is_tag(bare: str) -> bool:
    # what is no letter could end the tag and begin an operator, and with it another bill
    kinds = {unicodedata.category(sign)[0] for sign in bare if sign != "_"}
    return bool(kinds & {"L", "M"}) and kinds <= {"L", "M", "N"} and len(query_of((bare,))) <= LONGEST
