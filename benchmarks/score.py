"""How well records match the truth of a made stream.

Owns the definitions of every quality figure that `python -m benchmarks` prints. Refuses to know who made the links:
the engine and its peers are scored by the same code, from frames alone.

Words. A *thing* is what a post is really about: one offer, one request, one rumour; posts with the same thing belong in
one record. An *offer* is a thing whose posts are of category offer. The *home* of a thing is the record holding most of
its posts (of equals: the one with fewest posts in all, then the first by name).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

POST = ["network", "id"]
OFFER = "offer"

Shares = dict[str, tuple[float, int]]
"""Name -> (share from 0 to 1, of how many)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far two ways of grouping the same posts agree, as shares from 0 to 1.

    `pair_*` count pairs of posts. `b3_*` (Bagga and Baldwin, 1998) average over posts: the share of a post's record
    that is its own thing, and the share of its thing that is in its record.
    """

    pair_precision: float
    pair_recall: float
    pair_f1: float
    b3_precision: float
    b3_recall: float
    b3_f1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """All quality figures of one set of links.

    posts, unlinked     posts in the truth, and those among them that no link mentions (each counts as a record alone)
    offers              true offers
    offers_lost         offers without a record of their own: see `homes`
    merged_offers       unordered pairs of offers that have the same home
    records_per_offer   mean over offers of the number of records that hold at least one of their posts
    on_offers           agreement over the posts of offers: pairs with at least one such post, B³ averaged over them
    on_all              agreement over all posts
    joined              habit -> share of copies that are in the record of their original, of how many copies
    wrong               not-same case -> share of pairs of look-alikes with the same home, of how many pairs
    """

    posts: int
    unlinked: int
    offers: int
    offers_lost: int
    merged_offers: int
    records_per_offer: float
    on_offers: Agreement
    on_all: Agreement
    joined: Shares
    wrong: Shares

    @property
    def lost_share(self) -> float:
        """Share of the true offers that were lost."""
        return self.offers_lost / self.offers if self.offers else 0.0


def score(links: pl.DataFrame, truth: pl.DataFrame) -> Score:
    """Score links against the truth.

    `links`: network, id, record, one row a post; posts the truth does not know are ignored.
    `truth`: network, id, thing, habit, category, original_id, case, group (see `benchmarks.stream`), one row a post.

    Raises ValueError when a post has two links.
    """
    placed = place(links, truth)
    overlap = placed.group_by("thing", "record").agg(
        pl.col("offer", "case", "group").first(), shared=pl.len().cast(pl.Int64)
    )
    every_home = homes(overlap)
    at_home = every_home.filter(pl.col("offer"))
    spread = overlap.filter(pl.col("offer")).group_by("thing").len()
    per_home = at_home.group_by("record").len().select(pl.col("len").cast(pl.Int64))
    return Score(
        posts=placed.height,
        unlinked=int(placed["unlinked"].sum()),
        offers=at_home.height,
        offers_lost=int(at_home["lost"].sum()),
        merged_offers=int(per_home.select(_pairs(pl.col("len")).sum()).item()),
        records_per_offer=float(spread.select(pl.col("len").mean().fill_null(0.0)).item()),
        on_offers=agreement(overlap, pl.col("offer")),
        on_all=agreement(overlap, pl.lit(True)),
        joined=joined(placed),
        wrong=wrong(every_home),
    )


def place(links: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """The truth with the record each post was put in.

    Returns the columns of `truth` and: record, unlinked (no link: the record is made up and holds this post alone),
    offer (the thing is an offer: any of its posts is of category offer).
    """
    doubled = links.height - links.select(POST).n_unique()
    if doubled:
        raise ValueError(f"{doubled} posts have more than one link")
    record = pl.col("record").cast(pl.String)
    alone = pl.concat_str(pl.lit("alone"), *POST, separator="\x00")
    return truth.join(links.select(*POST, record), on=POST, how="left", maintain_order="left").with_columns(
        unlinked=pl.col("record").is_null(),
        record=pl.coalesce("record", alone),
        offer=(pl.col("category") == OFFER).any().over("thing"),
    )


def homes(overlap: pl.DataFrame) -> pl.DataFrame:
    """Where every thing is at home, and whether it lost that home to another.

    `overlap`: thing, record, shared (posts the two have in common), and any columns of the thing, which are kept.

    A thing is lost when its home is also the home of another thing with more posts there (of equals: with a smaller
    name): each record is one entry on a board, and shows what most of its posts are about. Anything can take an offer's
    place, a request or a rumour too; so an offer that nobody could find any more is lost, whatever hides it.

    Returns the columns of `overlap`, one row a thing, and: lost.
    """
    size = pl.col("shared").sum().over("record")
    ranked = overlap.with_columns(size=size).sort(
        "thing", "shared", "size", "record", descending=[False, True, False, False]
    )
    at_home = ranked.group_by("thing", maintain_order=True).first().drop("size")
    owner = at_home.sort("shared", "thing", descending=[True, False]).group_by("record").first()
    owner = owner.select("record", owner="thing")
    return at_home.join(owner, on="record").with_columns(lost=pl.col("thing") != pl.col("owner")).drop("owner")


def agreement(overlap: pl.DataFrame, inside: pl.Expr) -> Agreement:
    """Pairwise and B³ agreement on the things that `inside` holds for; records are taken whole.

    `overlap`: thing, record, shared, and what `inside` reads. A pair of posts counts when at least one of the two is
    inside. So an offer merged with a rumour costs precision, and two rumours merged with each other do not.
    """
    rows = overlap.select("thing", "record", "shared", inside=inside).with_columns(
        in_record=pl.col("shared").sum().over("record"),
        outside_in_record=pl.col("shared").filter(~pl.col("inside")).sum().over("record"),
        in_thing=pl.col("shared").sum().over("thing"),
    )
    within = rows.filter(pl.col("inside"))
    both = _total(within, _pairs(pl.col("shared")))
    in_truth = _total(within.unique("thing"), _pairs(pl.col("in_thing")))
    records = rows.unique("record")
    in_records = _total(records, _pairs(pl.col("in_record")) - _pairs(pl.col("outside_in_record")))
    posts = _total(within, pl.col("shared"))
    b3_precision = _share(_total(within, pl.col("shared") ** 2 / pl.col("in_record")), posts)
    b3_recall = _share(_total(within, pl.col("shared") ** 2 / pl.col("in_thing")), posts)
    precision, recall = _share(both, in_records), _share(both, in_truth)
    return Agreement(
        pair_precision=precision,
        pair_recall=recall,
        pair_f1=_harmonic(precision, recall),
        b3_precision=b3_precision,
        b3_recall=b3_recall,
        b3_f1=_harmonic(b3_precision, b3_recall),
    )


def joined(placed: pl.DataFrame) -> Shares:
    """Copies that are in the record of the post they were made from, by habit.

    `placed`: id, thing, habit, original_id (an id on any network; those of a stream are unique), record. A post that
    names one of another thing is no copy of it but a look-alike; and a copy of what is not in the stream is left out.
    """
    originals = placed.select(original_id="id", thing="thing", original_record="record")
    copies = placed.join(originals, on=["original_id", "thing"])
    return _shares(copies, "habit", pl.col("record") == pl.col("original_record"))


def wrong(at_home: pl.DataFrame) -> Shares:
    """Pairs of look-alikes that have the same home, by case.

    `at_home`: thing, record (its home), case, group. Two things of a group resemble each other and are not the same.
    """
    things = at_home.filter(pl.col("group").is_not_null()).select("thing", "record", "case", "group")
    pairs = things.join(things, on="group").filter(pl.col("thing") < pl.col("thing_right"))
    return _shares(pairs, "case", pl.col("record") == pl.col("record_right"))


def _shares(rows: pl.DataFrame, by: str, holds: pl.Expr) -> Shares:
    counted = rows.group_by(by).agg(share=holds.mean(), rows=pl.len()).sort(by)
    return {name: (share, count) for name, share, count in counted.iter_rows()}


def _pairs(count: pl.Expr) -> pl.Expr:
    return count * (count - 1) // 2


def _total(rows: pl.DataFrame, value: pl.Expr) -> float:
    return float(rows.select(value.sum()).item())


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 1.0


def _harmonic(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
