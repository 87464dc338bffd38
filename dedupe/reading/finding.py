"""Finding: which words of the lists stand in which wordings, where, and what stands beside them.

Owns the search, all patterns in all wordings in one pass, and how neighbours are looked at in what it gives: frames of
matches sorted by place in the text. What a word says is not known here.

Matching works on wordings padded with a space at both ends, so `word` is the pattern " word ", `stem*` is " stem".
"""

from __future__ import annotations

import polars as pl

_FEW = 40_000
"""Wordings up to which it pays to leave out the patterns that they cannot hold."""


def find(wordings: pl.Series, patterns: pl.Series, words: pl.DataFrame | None = None) -> pl.DataFrame:
    """Find every pattern in every wording, overlapping ones too, in one pass.

    `words` are the `anchors` of the patterns; with them a small batch is searched faster, for the same matches.
    Returns `row` (index of the wording), `entry` (index of the pattern), and `start` and `stop`: byte positions in the
    padded wording counted on from the wordings before it, so that positions of different rows never overlap.
    """
    padded = pl.DataFrame({"text": wordings}).select(text=" " + pl.col("text").fill_null("") + " ")
    kept = _possible(padded["text"], words) if words is not None and len(wordings) <= _FEW else None
    sought = patterns if kept is None else patterns.gather(kept)
    wanted = pl.lit(sought).implode()
    found = padded.select(
        start=pl.col("text").str.find_many(wanted, overlapping=True),
        pattern=pl.col("text").str.extract_many(wanted, overlapping=True),
    )
    # A third expression in that select would make polars run the two searches one after the other.
    base = padded["text"].str.len_bytes().cast(pl.Int64)
    rows = found.select("start", base=base.cum_sum() - base).with_row_index("row")
    flat = found.explode("start", "pattern", empty_as_null=False)
    place = flat["pattern"].cast(pl.Enum(sought)).to_physical().cast(pl.UInt32)
    entry = place if kept is None else kept.gather(place).alias("pattern")
    return (
        rows.explode("start", empty_as_null=False)
        .select("row", start=pl.col("base") + pl.col("start"), entry=entry, stop=patterns.str.len_bytes().gather(entry))
        .with_columns(stop=pl.col("start") + pl.col("stop"))
    )


def anchors(patterns: pl.Series) -> pl.DataFrame:
    """The first and the last word that each pattern spells out, as `first` and `last` (null: none)."""
    spelled = patterns.str.extract_groups(r"^ (?P<first>\S+) (?:(?:.* )?(?P<last>\S+) )?")
    return spelled.struct.unnest()


def _possible(texts: pl.Series, words: pl.DataFrame) -> pl.Series:
    """Indices of the patterns that these texts may hold: the words that a pattern spells out are among theirs.

    Compiling all patterns takes longer than searching a few hundred texts for them.
    """
    said = pl.lit(texts.str.split(" ").explode().unique()).implode()
    can = pl.all_horizontal(pl.col("first", "last").is_in(said).fill_null(True))
    return words.select(can.arg_true()).to_series()


def longest(matches: pl.DataFrame) -> pl.DataFrame:
    """Of matches that lie inside one another keep the longest; sorted by place in the text."""
    ordered = matches.sort("start", pl.col("stop") * -1)
    reached = pl.col("stop").cum_max().shift(1, fill_value=-1)
    return ordered.filter(pl.col("stop") > reached)


def neighbour(column: str, steps: int = 1) -> pl.Expr:
    """A column of the match that many places on (before: negative), or null when that lies in another row."""
    return pl.when(pl.col("row") == pl.col("row").shift(-steps)).then(pl.col(column).shift(-steps))


def gap(steps: int = 1) -> pl.Expr:
    """Bytes to the next match (with -1: from the one before); 0 when they touch, null when there is none."""
    if steps < 0:
        return pl.col("start") - neighbour("stop", -1) + 1
    return neighbour("start") - pl.col("stop") + 1
