"""Spellings: which other hashtags an incident might watch, by how people mistype its own and by what stands beside them.

Only proposes. Knows no network and no screen.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

import polars as pl
from rapidfuzz.distance import DamerauLevenshtein

from dedupe.store import Store

MOST_MISSPELT = 8
MOST_BESIDE = 12
NEWEST = 20_000
"""Posts of an incident, from the newest back, whose tags are counted."""
SHORTEST = 5
"""Letters a tag needs before a slip in it is still that tag."""
NEAR = 2
"""Slips (letters left out, added, changed or swapped) by which a tag looks like one of ours."""

SOUNDS = (
    ("ij", "y"),
    ("y", "ij"),
    ("ou", "au"),
    ("au", "ou"),
    ("ei", "ij"),
    ("ck", "k"),
    ("k", "c"),
    ("c", "k"),
    ("z", "s"),
)
"""Letters that sound alike in Dutch, and are taken for one another."""
ENDS = {"t": ("", "d", "dt"), "d": ("t", "dt"), "s": ("",), "n": ("",), "e": ("",)}
"""How the end of a word goes wrong; to begin with what conjugated verbs do to those who write Dutch."""


def misspelt(tag: str) -> list[str]:
    """The likeliest slips in a tag (without #), the likeliest first, at most `MOST_MISSPELT`.

    Of single slips (four in five misspellings are one: Damerau 1964) those that typing and Dutch spelling make: accents left
    out, a double letter written once, the end of a verb, like-sounding letters, two letters swapped.
    """
    word = unicodedata.normalize("NFC", tag.strip().removeprefix("#")).casefold()
    if len(word) < SHORTEST:
        return []
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", word) if not unicodedata.combining(sign))
    found = [plain, *_ends(word), *_single(word), *_sounds(word), *_swapped(word)]
    return [each for each in dict.fromkeys(found) if each != word and len(each) >= SHORTEST - 1][:MOST_MISSPELT]


def _ends(word: str) -> Iterable[str]:
    return (word[:-1] + end for end in ENDS.get(word[-1], ()))


def _single(word: str) -> Iterable[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word) - 1) if word[at] == word[at + 1])


def _sounds(word: str) -> Iterable[str]:
    return (word.replace(there, other, 1) for there, other in SOUNDS if there in word)


def _swapped(word: str) -> Iterable[str]:
    """Swaps within the word, from its end: the first letters are the ones that come out right."""
    pairs = range(len(word) - 2, 1, -1)
    return (word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in pairs if word[at] != word[at + 1])


def beside(store: Store, incident: str, ours: Sequence[str], *, most: int = MOST_BESIDE) -> pl.DataFrame:
    """Tags that stand in the newest `NEWEST` posts of an incident and are none of `ours`, by how many people write them.

    Columns: tag (folded), posts, writers, near (whether it looks like one of ours by at most `NEAR` slips); those that do
    come first. One writer who repeats a tag counts once; a tag that one person alone writes is left out. Raises StoreError.
    """
    counted = store.read(
        """
        with newest as (
            select text, writer from posts where incident = $incident order by created_at desc limit $newest
        ), said as (
            select writer, unnest(list_distinct(regexp_extract_all(
                lower(nfc_normalize(text)), '[#＃]([\\p{L}\\p{M}\\p{N}_]+)', 1))) as tag
            from newest
        )
        select tag, count(*) as posts, count(distinct writer) as writers from said
        group by tag having count(distinct writer) > 1 order by writers desc, posts desc, tag limit 200
        """,
        {"incident": incident, "newest": NEWEST},
    )
    mine = {_folded(tag) for tag in ours}
    others = counted.filter(~pl.col("tag").is_in(list(mine)), ~pl.col("tag").str.contains(r"^\d+$"))
    near = [_is_near(tag, mine) for tag in others["tag"]]
    rows = others.with_columns(near=pl.Series(near, dtype=pl.Boolean))
    return rows.sort("near", "writers", "posts", "tag", descending=[True, True, True, False]).head(most)


def _folded(tag: str) -> str:
    return unicodedata.normalize("NFC", tag.strip().removeprefix("#")).casefold()


def _is_near(tag: str, ours: Iterable[str]) -> bool:
    return any(
        len(each) >= SHORTEST and DamerauLevenshtein.distance(tag, each, score_cutoff=NEAR) <= NEAR for each in ours
    )
