"""Category: what sort of message a wording is, how sure, and by which words.

Owns the rules; the words are in `words/category.yaml` and `words/authority.yaml`, kind and stance come with the facts.
An offer that hides under another category is the worst mistake: where a kind of help is named and nothing firm speaks
against it, a text is an offer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from dedupe.reading.lexicon import WORDS, anchors, find, gap, load_lexicon, longest, neighbour

CATEGORIES = ("offer", "request", "information", "rumour", "sympathy", "blame", "abuse", "other")
MARKS = {
    "scam": "abuse",
    "abuse": "abuse",
    "other": "other",
    "rumour": "rumour",
    "blame": "blame",
    "praise": "sympathy",
    "sympathy": "sympathy",
    "news": "information",
    "information": "information",
}
"""The marks with the category that each one speaks for, the one that leads first."""
OPENED_WITHIN = 60
"""Bytes between an authority and what it opens ("Stad Hasselt opent vannacht sporthal")."""
BRIEF = 50
"""Bytes of a text that offers by naming nothing but help and a town."""
WORDS_SHOWN = 4

_SURE, _LIKELY, _DOUBTFUL, _GUESS = 0.95, 0.8, 0.65, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryReader:
    """The marks of categories, compiled for searching."""

    patterns: pl.Series
    words: pl.DataFrame
    marks: pl.DataFrame

    def read(self, texts: pl.DataFrame, found: pl.DataFrame | None = None) -> pl.DataFrame:
        """Read texts with `wording`, `has_contact` and the columns of `FACTS`.

        `found` is what `find` finds of `patterns`, where they were searched already. Returns `category`, `certainty`,
        `why` and `rule` (what held), one row per text, in order.
        """
        if found is None:
            found = find(texts["wording"], self.patterns, self.words)
        found = longest(found).join(self.marks, on="entry", maintain_order="left")
        summary = found.group_by("row").agg(
            **{f"{mark}_firm": ((pl.col("value") == mark) & pl.col("firm")).any() for mark in MARKS},
            own=(pl.col("value") == "own").any(),
            **{f"{mark}_hints": ((pl.col("value") == mark) & ~pl.col("firm")).sum() for mark in MARKS},
        )
        words = self.patterns.str.strip_chars().gather(found["entry"])
        told = (
            found.with_columns(word=words)
            .filter(pl.col("value").is_in([*MARKS, "opens"]))
            .with_columns(
                # What an authority opens is information by that word.
                value=pl.col("value").replace({**MARKS, "opens": "information"})
            )
        )
        told = told.group_by("row", "value", maintain_order=True).agg(pl.col("word").unique(maintain_order=True))
        judged = (
            texts.with_row_index("row")
            .join(summary, on="row", how="left", maintain_order="left")
            .join(_opened(found), on="row", how="left", maintain_order="left")
            .with_columns(pl.col("^.*_firm$", "opened", "own").fill_null(False), pl.col("^.*_hints$").fill_null(0))
            .with_columns(_verdict().struct.unnest())
            .join(told, left_on=["row", "category"], right_on=["row", "value"], how="left", maintain_order="left")
        )
        shown = pl.coalesce("word", "signs").list.head(WORDS_SHOWN).list.join("’, ‘")
        why = pl.when((pl.col("category") == "other") | (shown == "")).then(pl.lit("")).otherwise("‘" + shown + "’")
        return judged.select("category", "certainty", "rule", why=why)


def read_category(texts: pl.DataFrame, reader: CategoryReader | None = None) -> pl.DataFrame:
    """Add `category` (one of `CATEGORIES`), `certainty` (0 to 1), `why` (the words that decided) and `rule` (what held).

    `texts` has `wording` (folded), `has_contact` (a number or e-mail was in the text) and the columns of `facts.FACTS`.
    Same height and order.
    """
    return pl.concat([texts, (reader or default_reader()).read(texts)], how="horizontal")


@cache
def default_reader() -> CategoryReader:
    """The reader of the bundled lists, loaded once per process."""
    return make_reader()


def make_reader(folder: Path = WORDS, *, own: Path | None = None) -> CategoryReader:
    """Compile the marks in the lists of `folder` and `own`. Raises LexiconError with file, line and reason."""
    marks = load_lexicon(folder, ("mark", "authority"), own=own)
    patterns = marks["pattern"].unique().sort()
    entries = pl.DataFrame({"pattern": patterns}).with_row_index("entry")
    marks = marks.join(entries, on="pattern").select("entry", "value", "firm")
    return CategoryReader(patterns=patterns, words=anchors(patterns), marks=marks)


def _opened(found: pl.DataFrame) -> pl.DataFrame:
    """Rows in which an authority is followed closely by what it opens."""
    told = found.filter(pl.col("value").is_in(["authority", "opens"]))
    opened = (pl.col("value") == "authority") & (neighbour("value") == "opens") & (gap() <= OPENED_WITHIN)
    return told.filter(opened).select("row", opened=pl.lit(True)).unique()


def _verdict() -> pl.Expr:
    """`category`, `certainty` and `rule`, by the first rule that holds."""
    offers, requests = (pl.col("stance") == word for word in ("offer", "request"))
    offers, requests = offers.fill_null(False), requests.fill_null(False)
    kind, firm_kind, firm_stance, contact = (
        pl.col("kind").is_not_null(),
        pl.col("firm_kind"),
        pl.col("firm_stance"),
        pl.col("has_contact"),
    )
    counted, placed = pl.col("capacity").is_not_null(), pl.col("place_key").is_not_null()
    marked = pl.any_horizontal(f"{mark}_firm" for mark in MARKS)
    telling = firm_kind | firm_stance | contact | counted
    # A short text that names help and a town ("bed Genk") offers it; a ride and a town may be any trip.
    named = firm_kind & (pl.col("kind") != "ride") & (pl.col("wording").str.len_bytes() <= BRIEF)
    telling_of = pl.any_horizontal(pl.col("information_hints") >= 2, pl.col("blame_hints") >= 2)
    still = offers & firm_stance & counted
    told = (pl.col("news_firm") | pl.col("praise_firm")) & ~contact & ~requests
    rules: list[tuple[pl.Expr, str, float, str]] = [
        (pl.col("scam_firm"), "abuse", _LIKELY, "money is asked first"),
        (pl.col("opened") & ~contact & ~requests, "information", _LIKELY, "an authority opens it"),
        (
            pl.col("rumour_firm") & ~contact & ~counted & ~(requests & firm_stance & firm_kind),
            "rumour",
            _LIKELY,
            "hearsay",
        ),
        (
            pl.col("other_firm") & ~(offers & firm_stance & contact),
            "other",
            _LIKELY,
            "sold, found, safe or another thing",
        ),
        (told & pl.col("news_firm"), "information", _LIKELY, "news of what others do"),
        (told & ~still, "sympathy", _LIKELY, "thanks for help of others"),
        (kind & requests & (firm_stance | firm_kind | counted), "request", _SURE, "help is asked for"),
        (kind & offers & telling & (firm_kind | contact), "offer", _SURE, "help is offered in firm words"),
        (kind & offers & telling & ~pl.col("abuse_firm"), "offer", _LIKELY, "help is offered"),
        (pl.col("abuse_firm"), "abuse", _LIKELY, "threat, hatred or another's address"),
        (kind & contact & ~requests, "offer", _LIKELY, "help and a contact"),
        (firm_kind & counted & ~requests & ~marked, "offer", _LIKELY, "help and a number of places"),
        (kind & counted & placed & ~requests & ~marked, "offer", _DOUBTFUL, "help, a number and a town"),
        (named & placed & ~requests & ~marked & ~telling_of, "offer", _DOUBTFUL, "a few words: help and a town"),
        (offers & (contact | counted) & ~marked, "offer", _GUESS, "offered, with a contact or a number"),
        *(
            (pl.col(f"{mark}_firm"), category, _LIKELY, f"a firm word of {mark}")
            for mark, category in MARKS.items()
            if mark != "abuse"
        ),
        (kind & offers & placed & pl.col("own"), "offer", _GUESS, "offered by the writer in a town"),
        (firm_kind & placed & pl.col("own") & ~requests, "offer", _GUESS, "the writer's own help in a town"),
        (requests & firm_stance, "request", _GUESS, "asked for"),
        (pl.col("blame_hints") >= 2, "blame", _GUESS, "blame, by two words"),
        (pl.col("information_hints") >= 2, "information", _GUESS, "information, by two words"),
        (pl.col("sympathy_hints") >= 1, "sympathy", _GUESS, "a word of sympathy"),
    ]
    verdict = _judged("other", _GUESS, "no rule held")
    for rule, category, certainty, name in reversed(rules):
        verdict = pl.when(rule).then(_judged(category, certainty, name)).otherwise(verdict)
    return verdict


def _judged(category: str, certainty: float, rule: str) -> pl.Expr:
    return pl.struct(category=pl.lit(category), certainty=pl.lit(certainty), rule=pl.lit(rule))
