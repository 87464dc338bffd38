"""What could be brought together and what was: for a request its offers, for an offer its requests, for all at once, and matches.

Owns the reading: frames in and out, with `dedupe.deciding.matching` for what fits and `dedupe.deciding.matches` for what was made.
Decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import polars as pl

from dashboard.queries import urgent_first
from dedupe.deciding import matches, matching
from dedupe.deciding.life import OPEN
from dedupe.store import Store

Side = Literal["request", "offer"]

BEST = 12
"""Most that are shown to choose from."""
MOST = 10_000_000
"""Pairs that are weighed for a proposal: some seconds. Where there are more, the most urgent requests go first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """For one record, what fits it. `pairs` as in `matching.Fits`; `misfits`: code, records (how many), most first."""

    pairs: pl.DataFrame
    misfits: pl.DataFrame


def waiting(rows: pl.DataFrame, side: Side) -> pl.DataFrame:
    """The requests, or offers, that are still to be matched (rows of `lives.standing`), most urgent first; claimed ones last.

    Those that do not say what is needed come after those that do, unless they are of danger: nothing can be found for them yet.
    """
    found = urgent_first(rows.filter(pl.col("category") == side, pl.col("state").is_in(OPEN)))
    danger = pl.col("flags").list.contains("danger").fill_null(value=False)
    return found.sort(pl.col("kind").is_null() & ~danger, maintain_order=True)


def about(rows: pl.DataFrame, words: str, kinds: Mapping[str, str]) -> pl.DataFrame:
    """The `rows` that hold every one of `words` in their kind, as `kinds` (code to word) says it, their town or their text."""
    kind = pl.col("kind").replace_strict(dict(kinds), default="", return_dtype=pl.String)
    haystack = pl.concat_str(kind, pl.col("place", "text"), separator=" ", ignore_nulls=True).str.to_lowercase()
    return rows.filter(
        pl.lit(value=True), *(haystack.str.contains(word, literal=True) for word in words.lower().split())
    )


def choice(rows: pl.DataFrame, record: str, side: Side, now: datetime, by: str | None) -> Choice:
    """What fits the record, which is a request or, with `side` "offer", an offer. What `by` holds is open to them."""
    one = pl.col("record") == record
    requests = rows.filter(pl.col("category") == "request", one if side == "request" else matching.free_for(by))
    offers = rows.filter(pl.col("category") == "offer", one if side == "offer" else pl.lit(value=True))
    found = matching.fits(offers, requests, now, of=side, best=BEST, by=by)
    misfits = (
        found.misfits.group_by("code")
        .agg(records=pl.col("offers").sum())
        .sort("records", "code", descending=[True, False])
    )
    return Choice(pairs=found.pairs, misfits=misfits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """`pairs` as `matching.propose` gives them; of `open` requests the `looked_at` most urgent were looked at."""

    pairs: pl.DataFrame
    open: int
    looked_at: int


def proposal(rows: pl.DataFrame, now: datetime, by: str | None) -> Proposal:
    """`matching.propose` for all that wait."""
    offers, requests = (rows.filter(pl.col("category") == side, matching.free_for(by)) for side in ("offer", "request"))
    first = urgent_first(requests).head(max(1, MOST // max(1, offers.height)))
    found = matching.propose(offers, first, now, by=by)
    return Proposal(pairs=found, open=requests.height, looked_at=first.height)


def made(store: Store, incident: str) -> pl.DataFrame:
    """`matches.matches`: the standing matches, what came of each, the newest first; those without an outcome before all others."""
    return matches.matches(store, incident).sort(pl.col("outcome").is_not_null(), maintain_order=True)
