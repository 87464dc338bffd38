"""Rumours: which known rumour a wording claims.

Owns the matching. The rumours arrive as an argument, from whoever keeps them (the playbook): texts in any languages, each a
way of saying it. Said of a wording is the strength of the likeness only; whether it is true is for people.

Words that many rumours share ("podium", "festival") tell little, so that each word of an entry weighs what it tells apart
(inverse document frequency over the entries' texts). A wording claims the entry of whose best text it has the most weight,
a word counting when it is spelled almost the same (rapidfuzz).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from dedupe.reading.lexicon import fold

ALIKE = 0.92
"""Likeness from which two words are one, spelled otherwise."""
SHORTEST = 4
"""Letters of a word that tells something; figures always do."""
LEAST = 0.6
"""Share of an entry's weight from which a wording claims it."""
_EMPTY = (
    "zijn heeft hebben wordt worden geen niet naar voor deze door over waar waarom welke moet "
    "avec dans pour sont etre vous nous elle elles cette leur plus quel quelle combien encore "
    "there this that with from have will does should what where which many still are "
    "gibt wird werden sind haben eine einen einer nicht kein keine nach noch wie viele soll"
)
EMPTY = frozenset(_EMPTY.split())
"""Longer words that tell nothing of what is claimed."""
FEWEST = 2
"""Words a wording shares with the entry at least: one may be chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A rumour that is known: its name, and ways of saying it in any languages."""

    id: str
    texts: tuple[str, ...]


def match_rumours(texts: pl.Series, entries: Sequence[Entry], *, least: float = LEAST) -> pl.DataFrame:
    """Match folded wordings with known rumours.

    `least` is the strength from which a wording claims an entry, 0 to 1. Returns `row` (index of the wording), `entry`
    (its id) and `strength` (the share of what the entry says that the wording says too), one row per wording that claims
    one: the strongest, of equals the first.
    """
    schema = pl.Schema({"row": pl.UInt32(), "entry": pl.String(), "strength": pl.Float64()})
    said = [(place, _words(text)) for place, entry in enumerate(entries) for text in entry.texts]
    said = [(place, words) for place, words in said if len(words) >= FEWEST]
    told = (
        pl.DataFrame({"word": texts.fill_null("").str.split(" ").list.unique()}).with_row_index("row").explode("word")
    )
    telling = (pl.col("word").str.len_chars() >= SHORTEST) | pl.col("word").str.contains(r"^\d")
    told = told.filter(telling & ~pl.col("word").is_in(EMPTY))
    vocabulary = told["word"].unique(maintain_order=True)
    if not said or vocabulary.is_empty():
        return pl.DataFrame(schema=schema)
    common = Counter(word for _, words in said for word in words)
    known = pl.Series(sorted(common))
    alike = process.cdist(
        vocabulary.to_list(), known.to_list(), scorer=JaroWinkler.normalized_similarity, score_cutoff=ALIKE
    )
    spelled, meant = alike.nonzero()
    pairs = pl.DataFrame({"word": vocabulary.gather(spelled), "known": known.gather(meant)})
    weights = pl.DataFrame(
        [
            (way, entries[place].id, word, math.log(1 + len(said) / common[word]))
            for way, (place, words) in enumerate(said)
            for word in words
        ],
        schema={"way": pl.UInt32, "entry": pl.String, "known": pl.String, "weight": pl.Float64},
        orient="row",
    ).with_columns(whole=pl.col("weight").sum().over("way"))
    shared = told.join(pairs, on="word").join(weights, on="known").unique(["row", "way", "known"])
    claims = shared.group_by("row", "way", "entry").agg(
        strength=pl.col("weight").sum() / pl.col("whole").first(), words=pl.len()
    )
    claims = claims.filter((pl.col("strength") >= least) & (pl.col("words") >= FEWEST))
    best = claims.sort("row", pl.col("strength") * -1, "way").unique("row", keep="first", maintain_order=True)
    return best.select(pl.col("row").cast(pl.UInt32), "entry", "strength")


def _words(text: str) -> list[str]:
    """The words of an entry that tell something, each once."""
    words = dict.fromkeys(fold(text).split())
    return [word for word in words if (len(word) >= SHORTEST or word[0].isdigit()) and word not in EMPTY]
