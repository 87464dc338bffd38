"""Spelling: towns written a little wrong, read where a word of place says that a town must follow.

Owns how far a word may be from a town's name. Which towns are worth it and which words are ordinary ones is in the
gazetteer. A word is looked at only right after a firm word of place ("in Diepenbeeck"), and only if no list knows it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import polars as pl
from rapidfuzz import process
from rapidfuzz.distance import OSA

from dedupe.reading.finding import gap

PLACED = ("at", "home", "to", "near", "from", "pickup", "drop", "stuck")
SHORTEST = 6
"""Letters of a town whose name may have one letter too many or too few, or two in the wrong order."""
LONGER, LONGEST = 8, 9
"""Letters from which one letter may be another one, and from which there may be two such slips."""
SAME = 3
"""Letters at the beginning that two slips leave as they are; one slip leaves the first."""
WINDOW = 30
"""Bytes looked at behind a word of place: more than the longest name of one word."""
_REMEMBERED = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Speller:
    """Towns by the first letter of their names, and the words that are never one of them written wrong."""

    towns: dict[str, dict[str, int]]
    ordinary: frozenset[str]
    seen: dict[str, int | None] = field(default_factory=dict)

    def town(self, word: str) -> int | None:
        """The town a word is meant for (row of the gazetteer's places), or None where none or more than one is near."""
        if word not in self.seen:
            if len(self.seen) >= _REMEMBERED:
                self.seen.clear()
            self.seen[word] = self._nearest(word)
        return self.seen[word]

    def _nearest(self, word: str) -> int | None:
        towns = self.towns.get(word[:1], {})
        if word in self.ordinary or not towns:
            return None
        near = process.extract(word, towns.keys(), scorer=OSA.distance, score_cutoff=2, limit=None)
        slips = [(distance, name) for name, distance, _ in near if _likely(word, name, int(distance))]
        meant = {towns[name] for distance, name in slips if distance == min(slips)[0]}
        return meant.pop() if len(meant) == 1 else None


def make_speller(names: pl.DataFrame, ordinary: frozenset[str]) -> Speller:
    """A speller for the `names` of a gazetteer that are `usual`; `ordinary` are folded words that mean something else."""
    towns: defaultdict[str, dict[str, int]] = defaultdict(dict)
    single = names.filter("usual", ~pl.col("pattern").str.strip_chars().str.contains(" ", literal=True))
    for pattern, index in single.select("pattern", "index").iter_rows():
        name = pattern.strip()
        if len(name) >= SHORTEST:
            towns[name[0]][name] = index
    return Speller(towns=dict(towns), ordinary=ordinary)


def read_misspelled(matches: pl.DataFrame, wordings: pl.Series, begins: pl.Series, speller: Speller) -> pl.DataFrame:
    """Add to `matches` (of towns and words of place, sorted) the towns that are written a little wrong.

    `begins` is where each of the `wordings` begins, in bytes counted on from those before it. A town found so has what
    a match of a town has, and nothing strict about it.
    """
    placed = pl.col("value").is_in(PLACED) & (pl.col("firm") | (pl.col("value") == "at"))  # French "à" is a hint
    behind = matches.filter(placed & (gap() != 0).fill_null(True)).select("row", "stop")
    at = behind["stop"] - begins.gather(behind["row"]) - 1
    texts = (wordings.gather(behind["row"]) + " ").cast(pl.Binary)
    word = pl.DataFrame({"text": texts, "at": at}).select(
        word=pl.col("text").bin.slice(pl.col("at"), WINDOW).cast(pl.String, strict=False).str.extract(r"^([a-z]{5,}) ")
    )
    told = behind.with_columns(word["word"]).drop_nulls("word")
    meant = {spelled: speller.town(spelled) for spelled in told["word"].unique().to_list()}
    towns = told.with_columns(
        index=pl.col("word").replace_strict(meant, default=None, return_dtype=matches.schema["index"]),
        start=pl.col("stop") - 1,
        stop=pl.col("stop") + pl.col("word").str.len_bytes() + 1,
    ).drop_nulls("index")
    if towns.is_empty():
        return matches
    found = towns.select("row", "start", "stop", "index", strict=False, lone=False, french=False)
    return pl.concat([matches, found], how="diagonal_relaxed").sort("start", pl.col("stop") * -1)


def _likely(word: str, name: str, slips: int) -> bool:
    """Whether that many slips in a name of that length are one word written wrong and no other word."""
    if slips == 1:
        moved = len(word) != len(name) or sorted(word) == sorted(name)
        return len(name) >= LONGER or moved
    return slips == 2 and len(name) >= LONGEST and word[:SAME] == name[:SAME]
