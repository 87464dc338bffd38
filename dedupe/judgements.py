"""Judgements: what people decided about which posts are one record, laid over what the evidence says.

A merge or a split outlives every later batch, rebuild and lesson, until the person's decision is taken back. Frames in,
frames out; the decisions come in the order they were taken, and a later one goes before an earlier one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from dedupe.links import roots

MERGED, PARTED = "a person put these together", "a person took these apart"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A merge or split: the wordings of the posts picked, and of those they are joined to or kept apart from."""

    action: str
    picked: tuple[int, ...]
    others: tuple[int, ...]


def apply_judgements(parents: pl.DataFrame, judgements: Iterable[Judgement], ranks: Mapping[int, int]) -> pl.DataFrame:
    """Change parents as people decided. `parents` has wording, parent, why, strength and holds every wording concerned,
    with all its record; `ranks` gives their ranks. Returns the same columns."""
    for judgement in judgements:
        parents = (_merge if judgement.action == "merge" else _split)(parents, judgement, ranks)
    return parents


def _merge(parents: pl.DataFrame, judgement: Judgement, ranks: Mapping[int, int]) -> pl.DataFrame:
    root_of = dict(roots(parents).iter_rows())
    tops = sorted({root_of[wording] for wording in (*judgement.picked, *judgement.others)}, key=ranks.__getitem__)
    return _hang(parents, tops[1:], tops[0], MERGED)


def _split(parents: pl.DataFrame, judgement: Judgement, ranks: Mapping[int, int]) -> pl.DataFrame:
    """The picked form a record of their own; of the others, those that would follow a picked one stay together."""
    picked = sorted(judgement.picked, key=ranks.__getitem__)
    kept = sorted(set(judgement.others) - set(picked), key=ranks.__getitem__)
    parents = _hang(parents, picked, picked[0], PARTED)
    root_of = dict(roots(parents).iter_rows())
    strays = [wording for wording in kept if root_of[wording] == picked[0]]
    if not strays:
        return parents
    stayed = [wording for wording in kept if root_of[wording] != picked[0]]
    return _hang(parents, strays, stayed[0] if stayed else strays[0], PARTED)


def _hang(parents: pl.DataFrame, wordings: list[int], parent: int, why: str) -> pl.DataFrame:
    moved = pl.col("wording").is_in(pl.Series(wordings, dtype=pl.Int64).implode())
    return parents.with_columns(
        parent=pl.when(moved).then(pl.lit(parent, pl.Int64)).otherwise("parent"),
        why=pl.when(moved).then(pl.lit(why)).otherwise("why"),
        strength=pl.when(moved).then(1.0).otherwise("strength"),
    )
