"""Links: which wording each wording joins, found among those that share a key, and the records that follow.

Owns the neighbourhood of a batch (who must be looked at again), the choice of one parent, and the way from parents to
roots. Knows nothing of posts or of the store: frames in, frames out.

The outcome is a function of the set of wordings alone. A wording's parent depends on the leaders of the keys it has (the
lowest rank for each different set of facts, at most `LEADERS` a key) and on how crowded these keys are; so a batch changes
the parent of an old wording only where it brings a new leader or crowds a key, and only those are looked at again.
"""

from __future__ import annotations

import polars as pl

from dedupe.evidence import HOTLINE, LOWER, ORGANISER, PAIR_COLUMNS, TEMPLATE, UPPER, judge, liken, rule
from dedupe.keys import count_words
from dedupe.reading.readers import current_reader
from dedupe.spread import spread

ALONE = "the first of its record"
LEADERS = 16
"""Wordings of a key that others are compared with."""

CROWDED = {"contact": HOTLINE, "line": HOTLINE, "writer": ORGANISER, "text": TEMPLATE}


def lead(blocks: pl.DataFrame) -> pl.DataFrame:
    """The leaders of keys. `blocks` has every row of the keys in question (the columns of the table `keys`).

    Returns `key`, `route`, `leader` (a wording), `leader_rank`, `crowd` (how many different things are told under the key).
    """
    return (
        blocks.lazy()
        .with_columns(crowd=pl.col("told").drop_nulls().n_unique().over("key"))
        .group_by("key", "route", "facts")
        .agg(leader=pl.col("wording").get(pl.col("rank").arg_min()), leader_rank=pl.col("rank").min(), crowd=pl.col("crowd").first())
        .with_columns(place=pl.col("leader_rank").rank("ordinal").over("key"))
        .filter(pl.col("place") <= LEADERS)
        .drop("facts", "place")
        .collect()
    )  # fmt: skip


def disturbed(before: pl.DataFrame, after: pl.DataFrame, blocks: pl.DataFrame) -> pl.Series:
    """Old wordings whose parent may change: they share a key whose leaders or crowding a batch changed.

    `before` and `after` are what `lead` gave without and with the batch; `blocks` the rows without it.
    """
    limit = pl.col("route").replace_strict(CROWDED, default=2**31, return_dtype=pl.UInt32)
    signs = ["key", "leader", "crowded"]
    was, now = (frame.with_columns(crowded=pl.col("crowd") >= limit).select(signs) for frame in (before, after))
    changed = pl.concat([was.join(now, on=signs, how="anti"), now.join(was, on=signs, how="anti")])["key"].unique()
    return blocks.filter(pl.col("key").is_in(changed.implode()))["wording"].unique()


def pair(blocks: pl.DataFrame, leaders: pl.DataFrame, children: pl.Series) -> pl.DataFrame:
    """Every child with the leaders of lower rank in its keys: `wording`, `parent`, `route`, `crowd`.

    A pair that shares several runs of a text counts as crowded as the middle one of them: one common turn of phrase does
    not make a form, nor does one rare word make a testimony. Forms that many filled in are not compared at all.

    Where a child leads among those with the same long text, the pairs of all who lead there come along (`rivals`): `choose`
    must see them together to tell whose number was mistyped.
    """
    rows = blocks.filter(pl.col("wording").is_in(children.implode())).select("key", "wording", "rank")
    peers = leaders.filter(pl.col("route") == "whole").select(
        "key", wording="leader", rank="leader_rank", leads=pl.lit(value=True)
    )
    beside = peers.join(peers.join(rows, on=["key", "wording"], how="semi"), on="key", how="semi")
    rows = pl.concat([rows, beside.select(rows.columns)]).unique(["key", "wording"])
    return (
        rows.lazy()
        .join(peers.select("key", "wording", "leads").lazy(), on=["key", "wording"], how="left")
        .join(leaders.lazy(), on="key")
        .filter(pl.col("leader_rank") < pl.col("rank"))
        .group_by("wording", pl.col("leader").alias("parent"), "route")
        .agg(
            crowd=pl.col("crowd").quantile(0.5, "lower"),
            parent_rank=pl.col("leader_rank").first(),
            rivals=pl.col("leads").any(),
        )
        .filter((pl.col("route") != "text") | (pl.col("crowd") < TEMPLATE))
        .collect()
    )


def choose(pairs: pl.DataFrame, wordings: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Judge pairs and give each child its one parent.

    `wordings` holds the facts of all that occur, `pairs` is what `pair` gave. Returns the chosen (`wording`, `parent`,
    `why`, `strength`) and the suggestions (`wording`, `other`, `strength`, `why`, `against`) of children that found no parent.
    """
    facts = _comparable(wordings).select("wording", *PAIR_COLUMNS)
    both = ["wording", "parent"]
    compared = (
        pairs.select(both)
        .unique()
        .join(facts, on="wording")
        .join(facts.rename({"wording": "parent"}), on="parent", suffix="_parent")
    )
    judged = rule(pairs.join(spread(compared, liken), on=both))
    verdicts = _centred(judged, wordings.select(parent="wording", parent_rank="rank")).sort(
        "wording", "strength", "likeness", "parent_rank", "route", descending=[False, True, True, False, False]
    )
    certain = verdicts.filter(pl.col("strength") >= UPPER)
    firm, torn = _decide(certain)
    chosen = firm.select("wording", "parent", "why", "strength")
    unsure = pl.concat([torn, verdicts.filter(pl.col("strength").is_between(LOWER, UPPER, closed="left"))])
    suggestions = (
        unsure.join(chosen, on="wording", how="anti")
        .unique("wording", keep="first", maintain_order=True)
        .select("wording", pl.col("parent").alias("other"), "strength", "why", "against")
    )
    return chosen, suggestions


def _comparable(wordings: pl.DataFrame) -> pl.DataFrame:
    """With `words` (how many), `tokens` (which, numbers as figures: "twee" and "2" are the same word) and `order`."""
    spelled = current_reader().facts.number_words()
    padded = pl.format("  {}  ", pl.col("text").str.replace_all(" ", "  ", literal=True))
    counted = padded.str.replace_many([f" {word} " for word in spelled], [f" {figure} " for figure in spelled.values()])
    tokens = counted.str.strip_chars().str.split("  ").list.unique(maintain_order=True)
    order = pl.col("text").str.extract_all(r"\w{2,}").list.unique(maintain_order=True)
    return wordings.with_columns(words=count_words(), tokens=tokens, order=order)


def _centred(verdicts: pl.DataFrame, ranks: pl.DataFrame) -> pl.DataFrame:
    """Turn pairs of mistyped numbers towards the number that most of them are one slip away from: the one they were copied from.

    Only those who lead among the same words are counted and turned, since these are seen together in every batch. Slips
    alone close no circle, as all of them turn the same way; for slips among other reasons see `straighten`.
    """
    slips = pl.col("why") == "mistyped"
    verdicts = verdicts.filter(~slips.fill_null(value=False) | (pl.col("route") == "whole"))
    slips = slips & pl.col("rivals")
    ends = verdicts.filter(slips & (pl.col("strength") > 0)).select("wording", "parent").unique()
    if ends.height == 0:
        return verdicts
    slipped = pl.concat([ends["wording"], ends["parent"]]).value_counts(name="slips")
    counted = verdicts.join(slipped, on="wording", how="left").join(
        slipped, left_on="parent", right_on="wording", how="left", suffix="_parent"
    )
    turned = slips & (pl.col("slips") > pl.col("slips_parent"))
    centred = counted.with_columns(
        wording=pl.when(turned).then("parent").otherwise("wording"), parent=pl.when(turned).then("wording").otherwise("parent")
    )  # fmt: skip
    return centred.drop("slips", "slips_parent", "parent_rank").join(ranks, on="parent", how="left")


def _decide(certain: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The best parent of each child; a child that says too little to tell between two different things gets none."""
    best = certain.group_by("wording", maintain_order=True).first()
    vague = certain.filter(pl.col("why").is_in(["same_part", "closes"]))
    things = vague.group_by("wording").agg(
        things=pl.max_horizontal(pl.col("kind_parent", "place_key_parent").drop_nulls().n_unique()),
        likest=pl.col("likeness").sort(descending=True).head(2),
    )
    clear = (pl.col("likest").list.get(0) - pl.col("likest").list.get(1, null_on_oob=True).fill_null(0)) >= 0.3
    torn = things.filter((pl.col("things") > 1) & ~clear)["wording"]
    is_torn = pl.col("wording").is_in(torn.implode()) & pl.col("why").is_in(["same_part", "closes"])
    asked = pl.when(pl.col("why") == "closes").then(pl.lit("maybe_closes")).otherwise(pl.lit("maybe_contact"))
    doubtful = best.filter(is_torn).with_columns(strength=pl.lit(0.6), why=asked, against=pl.lit("less"))
    return best.filter(~is_torn), doubtful


CLOSEST = 3


def compare(here: pl.DataFrame, there: pl.DataFrame) -> pl.DataFrame:
    """Judge the wordings of two records pair by pair, whatever keys they share, the closest pairs first.

    At most `LEADERS` wordings a side are compared, those of lowest rank. Pairs without a contact or words in common are
    left out. Returns the columns of `judge`.
    """
    told = [frame.filter(pl.col("text") != "").sort("rank").head(LEADERS) for frame in (here, there)]
    facts = _comparable(pl.concat(told))
    facts = facts.select("wording", "rank", "text", *PAIR_COLUMNS)
    mine, theirs = (facts.join(side.select("wording"), on="wording", how="semi") for side in (here, there))
    crossed = pl.concat([
        mine.join(theirs, how="cross", suffix="_parent"), theirs.join(mine, how="cross", suffix="_parent")
    ]).filter(pl.col("rank_parent") < pl.col("rank"))  # fmt: skip
    shared = pl.col("phones").list.set_intersection("phones_parent").list.len() > 0
    route = pl.when(shared).then(pl.lit("contact")).otherwise(pl.lit("text"))
    verdicts = judge(crossed.with_columns(route=route, crowd=pl.lit(1)))
    return verdicts.filter((pl.col("route") == "contact") | (pl.col("likeness") >= LOWER)).sort(
        "strength", "likeness", descending=True
    )


def straighten(parents: pl.DataFrame) -> pl.DataFrame:
    """Cut circles: of each, the wording of lowest hash that follows a mistyped number stands alone.

    Only slips may lead to a higher rank (see `_centred`), so a circle has one. It takes texts made for it to close one.
    """
    slipped = dict(parents.filter(pl.col("why") == "mistyped").select("wording", "parent").iter_rows())
    if not slipped:
        return parents
    parent_of = dict(parents.select("wording", "parent").iter_rows())
    cut = []
    for start in sorted(slipped):
        seen, here = {start}, parent_of[start]
        while here not in seen and here in parent_of:
            seen.add(here)
            here = parent_of[here]
        if here == start and parent_of[start] != start:
            parent_of[start] = start
            cut.append(start)
    alone = pl.col("wording").is_in(pl.Series(cut, dtype=pl.Int64).implode())
    return parents.with_columns(
        parent=pl.when(alone).then("wording").otherwise("parent"),
        why=pl.when(alone).then(pl.lit(ALONE)).otherwise("why"),
        strength=pl.when(alone).then(1.0).otherwise("strength"),
    )


def roots(parents: pl.DataFrame) -> pl.DataFrame:
    """Follow parents to the end. `parents` has `wording` and `parent` (itself at a root); every parent occurs as a wording.

    Returns `wording`, `root`. Doubles the step each round (pointer jumping, Hirschberg 1976), so depth costs its logarithm.
    """
    jump = parents.select("wording", root="parent")
    while True:
        further = jump.join(
            jump.rename({"wording": "root", "root": "next"}), on="root", how="left", maintain_order="left"
        )
        step = further.select("wording", root=pl.coalesce("next", "root"))
        if step["root"].equals(jump["root"]):
            return step
        jump = step
