"""Keys: what a wording can be found by, so that only wordings that share one are ever compared.

Owns contact, rank and the routes below (blocking, in the terms of record linkage: Fellegi & Sunter 1969; Christen, Data
Matching, 2012). Knows nothing of the store and decides nothing: `evidence` does.

| route   | a key is made of                               | for                                                  |
|---------|-------------------------------------------------|------------------------------------------------------|
| contact | number, address or handle to write to           | the same offer in other words or another language    |
| line    | the same, and a few words in a row              | near wordings, also on a line for everyone           |
| writer  | handle, kind, place                             | the writer repeating or renewing it                  |
| words   | handle or full name, and a few words in a row   | credited copies, near wordings                       |
| text    | a few words in a row of a long text             | copies without credit, not quite alike               |
| whole   | all words of a long text                        | copies without credit                                |
| offers  | handle of someone who offers                    | "full", said without repeating what                  |
"""

from __future__ import annotations

from typing import Any

import polars as pl
import polars_hash  # noqa: F401  (registers the nchash expressions: hashes that stay the same across versions)

LONG = 20
"""Words from which a text is long: fewer never join on text alone (Alegre's tip lines draw the line at eight)."""
LONG_CHARS = 80
RUN = 5
"""Words in a row that make a key of a text."""
FEW = 2
"""Words in a row that make a key under one contact: so few that slips or a comment leave one of them whole."""
ENDS = ("start", "centre", "end")

NEEDED = ("wording", "incident", "text", "credit", "rank", "stance", "kind", "place_key", "origin_key", "closed")
"""What keys are made of, beside the contacts: a row is copied for each writer, so no more than that."""

KEY_COLUMNS = {
    "key": pl.Int64,
    "route": pl.String,
    "wording": pl.Int64,
    "rank": pl.Int64,
    "facts": pl.Int64,
    "told": pl.Int64,
}


def digest(*parts: pl.Expr | str) -> pl.Expr:
    """A hash of the parts (63 bits of xxh3), the same on every machine and in every version. A null part counts as empty."""
    texts = [pl.lit(part) if isinstance(part, str) else part.cast(pl.String).fill_null("") for part in parts]
    joined: Any = pl.concat_str(texts, separator="\x1f")  # Any: the nchash expressions are registered at run time
    hashed: pl.Expr = joined.nchash.xxh3_64()
    return (hashed // 2).cast(pl.Int64)


def is_long() -> pl.Expr:
    """Whether a wording is long enough to be told by its text alone."""
    return (pl.col("words") >= LONG) & (pl.col("text").str.len_chars() >= LONG_CHARS)


def rank() -> pl.Expr:
    """Seniority of a wording: a wording joins only one of lower rank. It depends on nothing but the wording itself.

    From the front: whole before pointing, own words before credited, whole before cut, more facts before fewer, longer
    before shorter, then the hash.
    """
    facts = sum(
        (known.cast(pl.Int64) for known in (
            pl.col("phones").list.len() > 0, pl.col("kind").is_not_null(), pl.col("place_key").is_not_null(),
            pl.col("capacity").is_not_null(), pl.col("origin_key").is_not_null(),
        )),
        start=pl.lit(0, pl.Int64),
    )  # fmt: skip
    kind_of_copy = pl.when(pl.col("points")).then(2).when(pl.col("credit").is_not_null()).then(1).otherwise(0)
    length = pl.min_horizontal(pl.col("text").str.len_chars(), pl.lit(4095)).cast(pl.Int64)
    return (
        kind_of_copy.cast(pl.Int64) * 2**61
        + pl.col("cut").cast(pl.Int64) * 2**60
        + (7 - facts) * 2**57
        + (4095 - length) * 2**45
        + pl.col("wording") // 2**18
    )


def find_keys(wordings: pl.DataFrame, handles: pl.DataFrame) -> pl.DataFrame:
    """The keys of wordings.

    `wordings` has the columns of the table of that name; `handles` has `wording`, `handle` (folded stem, or a full name
    marked with `~`) and `named` (bool, whether it is such a name): who wrote it, or who is credited.

    Returns `KEY_COLUMNS` and the `handle` a key was made of (null where it has none), without repeats. `facts` tells groups
    of wordings within a key apart: under a contact what is offered where, under a writer's offer how to reach it, else the
    wording itself. `told` is what a key is crowded with: different offers under a contact, own texts under a writer, uses
    of a run of words; null where it does not count.
    """
    told = wordings.select(*NEEDED, *_facts(), _contacts(), words=count_words(), masked=_masked())
    centre = pl.col("words").cast(pl.Int64) // 2 - FEW // 2
    told = told.with_columns(
        start=_run("s ", 0, FEW),
        centre=pl.when(pl.col("words") > 2 * FEW).then(_run("c ", centre, FEW)),
        end=_run("e ", -FEW, FEW),
    )
    owned = handles.join(told.drop("contact"), on="wording", how="inner")
    written, named = owned.filter(~pl.col("named")), owned.filter("named").with_columns(head=_run("h ", 0, RUN))
    contacts = told.filter(pl.col("contact").list.len() > 0).explode("contact", empty_as_null=False)
    # Credited copies are found by whom they credit.
    long = told.filter(is_long() & pl.col("credit").is_null()).with_columns(
        head=_run("h ", 0, RUN), middle=_run("m ", RUN, RUN), tail=_run("t ", -RUN, RUN)
    )
    offers = written.filter(pl.col("kind").is_not_null())
    says_so = pl.col("kind").is_not_null() | pl.col("stance").is_not_null()
    offering = (says_so & pl.col("credit").is_null()) | pl.col("closed")
    found = [
        _keys(contacts, "contact", ("offered", "things"), "contact"),
        _keys(offers, "writer", ("reach", "texts"), "handle", "kind", "place_key", "origin_key"),
        _keys(written.filter(offering), "offers", ("offered", "things"), "handle"),
        *(_keys(contacts, "line", ("wording", "things"), "contact", run) for run in ENDS),
        *(_keys(written, "words", ("wording", "texts"), "handle", run) for run in ENDS),
        _keys(named, "words", ("wording", "texts"), "handle", "head"),
        *(_keys(long, "text", ("wording", "uses"), run) for run in ("head", "middle", "tail")),
        _keys(long, "whole", ("wording", "uses"), "text"),
    ]  # fmt: skip
    return pl.concat(found).unique(["key", "wording"])


def _facts() -> list[pl.Expr]:
    """What groups wordings within a key (`offered`, `reach`), and what crowds it (`things`, `texts`, `uses`).

    Cut and credited texts tell less or the same and do not crowd; nor do numbers make a use of a form, lest every slip in
    one of them be taken for another.
    """
    own = pl.col("credit").is_null() & ~pl.col("cut") & ~pl.col("points")
    figures = pl.col("text").str.extract_all(r"\d+").list.join(" ")
    whole = own & pl.col("kind").is_not_null() & pl.col("place_key").is_not_null()
    return [
        digest(pl.col("kind"), pl.col("place_key"), pl.col("origin_key")).alias("offered"),
        digest(pl.col("phones").list.join(" "), pl.col("emails").list.join(" ")).alias("reach"),
        pl.when(whole).then(digest(pl.col("kind"), pl.col("place_key"))).alias("things"),
        pl.when(own).then("wording").alias("texts"),
        pl.when(own).then(digest(pl.col("place_key"), pl.col("origin_key"), figures)).alias("uses"),
    ]


def _masked() -> pl.Expr:
    """The text with figures masked, so that a count does not hide a likeness."""
    return pl.col("text").str.replace_all(r"\d+", "0")


def _run(mark: str, start: int | pl.Expr, length: int) -> pl.Expr:
    """A few words in a row of `masked`, from the front or (below 0) from the end."""
    return pl.concat_str(pl.lit(mark), pl.col("masked").str.split(" ").list.slice(start, length).list.join(" "))


def _contacts() -> pl.Expr:
    """Every number, address or handle to write to, in a list."""
    asked = pl.when(pl.col("ask").is_null()).then(pl.lit([], pl.List(pl.String))).otherwise(pl.concat_list("ask"))
    return pl.concat_list("phones", "emails", asked).alias("contact")


def count_words() -> pl.Expr:
    """How many words a folded text has."""
    return pl.when(pl.col("text") == "").then(0).otherwise(pl.col("text").str.count_matches(" ", literal=True) + 1)


def _keys(rows: pl.DataFrame, route: str, facts_and_told: tuple[str, str], *parts: str) -> pl.DataFrame:
    facts, told = facts_and_told
    rows = rows.filter(pl.col(parts[-1]).is_not_null()) if "centre" in parts else rows
    handle = pl.col("handle") if "handle" in rows.columns else pl.lit(None, pl.String).alias("handle")
    return rows.select(
        "wording", "rank", handle, pl.lit(route).alias("route"), pl.col(facts).alias("facts"), pl.col(told).alias("told"),
        key=digest(route, *map(pl.col, ("incident", *parts))),
    ).select(*KEY_COLUMNS, "handle")  # fmt: skip
