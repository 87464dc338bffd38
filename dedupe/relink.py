"""Relinking: what a batch, or a decision, changes in who belongs to which record.

Owns which rows have to be read for that (the neighbourhood), and no more are read. Writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from dedupe import statements
from dedupe.judgements import Judgement, apply_judgements
from dedupe.keys import KEY_COLUMNS, digest
from dedupe.links import ALONE, choose, disturbed, lead, pair, roots, straighten
from dedupe.pointers import follow
from dedupe.store import Transaction

LINK = {"wording": pl.Int64, "parent": pl.Int64, "root": pl.Int64, "why": pl.String, "strength": pl.Float64}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is new: wordings (rows of that table), their keys, old wordings to look at again (`wording`), posts (`post`)."""

    incident: str
    wordings: pl.DataFrame
    keys: pl.DataFrame
    again: pl.DataFrame
    posts: pl.DataFrame

    @classmethod
    def again_only(cls, incident: str, wordings: pl.DataFrame) -> Change:
        """Nothing new: old wordings (`wording`) that are to be judged again."""
        return cls(
            incident=incident,
            wordings=pl.DataFrame(schema={"wording": pl.Int64}),
            keys=pl.DataFrame(schema=KEY_COLUMNS),
            again=wordings,
            posts=pl.DataFrame(schema={"post": pl.Int64}),
        )


def relink(tx: Transaction, change: Change) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Find the links that change: rows of `links` and of `suggestions`, without their batch.

    Expects the batch's posts and pointers to be in the transaction already, its keys and links not yet.
    """
    judgements, judged = _judgements(tx, change.incident)
    blocks, again = _neighbours(tx, change, judged)
    children = pl.concat([change.wordings.select("wording"), again]).unique()
    shared = blocks.filter(pl.col("key").is_duplicated())
    pairs = pair(shared, lead(shared), children["wording"])
    pointers = tx.read(statements.pointers_of_wordings(), frames={"wanted": children})
    pointers = pointers.with_columns(author=digest(pl.col("author")))
    targets = _targets(tx, pointers.select(post="target").unique())
    facts = _facts(tx, change.wordings, pairs, children, targets)
    chosen, suggestions = choose(pairs, facts)
    followed = follow(pointers, targets, facts)
    parents = (
        pl.concat([followed, chosen.select(followed.columns)])
        .unique("wording", keep="first", maintain_order=True)
        .join(children, on="wording", how="right")
        .with_columns(pl.coalesce("parent", "wording"), pl.col("why").fill_null(ALONE), pl.col("strength").fill_null(1.0))
        .select("wording", "parent", "why", "strength")
    )  # fmt: skip
    return _resolve(tx, judgements, parents, again), suggestions.join(children, on="wording", how="semi")


def _neighbours(tx: Transaction, change: Change, judged: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Every row of the keys that matter, and the old wordings whose parent may change. Families that people judged are
    always among these: a judgement is laid over what the evidence says, not over an earlier judgement."""
    touched = change.keys.select("key").unique()
    before = tx.read(statements.blocks_of_keys(), frames={"wanted": touched})
    blocks = pl.concat([before, change.keys.select(before.columns)]).unique(["key", "wording"])
    known = blocks.join(before.select("key").unique(), on="key", how="semi")
    shaken = disturbed(lead(before), lead(known), before).to_frame("wording")
    pointing = tx.read(statements.pointers_to_posts(), frames={"wanted": change.posts.select(target="post").unique()})
    again = (
        pl.concat([shaken, change.again.select("wording"), pointing.select("wording"), judged])
        .unique()
        .join(change.wordings.select("wording"), on="wording", how="anti")
    )
    if again.height:
        others = tx.read(statements.keys_of_wordings(), frames={"wanted": again}).join(touched, on="key", how="anti")
        blocks = pl.concat([blocks, tx.read(statements.blocks_of_keys(), frames={"wanted": others})])
    return blocks, again


def _targets(tx: Transaction, posts: pl.DataFrame) -> pl.DataFrame:
    return tx.read(statements.wordings_of_posts(), frames={"wanted": posts}).rename({"writer": "author"})


def _facts(
    tx: Transaction, fresh: pl.DataFrame, pairs: pl.DataFrame, children: pl.DataFrame, targets: pl.DataFrame
) -> pl.DataFrame:
    wanted = pl.concat(
        [children, pairs.select("wording"), pairs.select(wording="parent"), targets.select("wording")]
    ).unique()
    missing = wanted.join(fresh.select("wording"), on="wording", how="anti")
    known = tx.read(statements.wordings_by_hash(), frames={"wanted": missing})
    both = pl.concat([fresh.select(known.columns), known], how="vertical_relaxed") if fresh.height else known
    return both.join(wanted, on="wording", how="semi")


def _resolve(tx: Transaction, judgements: list[Judgement], parents: pl.DataFrame, again: pl.DataFrame) -> pl.DataFrame:
    """From parents to roots: the links that differ from what stands. With judgements, whole families are looked at, since
    a judgement on one of them moves them all."""
    standing = tx.read(statements.links_of_wordings(), frames={"wanted": again})
    steady = parents.join(standing, on=["wording", "parent", "why"], how="semi")
    moved = parents if judgements else parents.join(steady.select("wording"), on="wording", how="anti")
    shaken = standing.join(moved.select("wording"), on="wording", how="semi").select("root").unique()
    family = tx.read(statements.links_of_roots(), frames={"wanted": shaken})
    beyond = _beyond(tx, moved, family)
    if judgements and beyond.height:
        family = tx.read(
            statements.links_of_roots(), frames={"wanted": pl.concat([shaken, beyond.select("root")]).unique()}
        )
        beyond = beyond.clear()
    base = straighten(
        pl.concat([moved, family.select(moved.columns)]).unique("wording", keep="first", maintain_order=True)
    )
    if judgements:
        ranks = dict(tx.read(statements.known_wordings(), frames={"wanted": base.select("wording")}).iter_rows())
        base = apply_judgements(base, judgements, ranks)
    shortened = beyond.select("wording", parent="root", why="why", strength="strength")
    found = base.join(roots(pl.concat([base, shortened])), on="wording").select(list(LINK)).cast(LINK)  # type: ignore[arg-type]
    before = pl.concat([family.select(list(LINK)), standing.select(list(LINK))])
    return found.join(before, on=["wording", "parent", "root", "why"], how="anti")


def _beyond(tx: Transaction, moved: pl.DataFrame, family: pl.DataFrame) -> pl.DataFrame:
    """The standing links of parents outside what is looked at."""
    inside = pl.concat([moved.select("wording"), family.select("wording")])
    parents = pl.concat([moved.select("parent"), family.select("parent")])
    outside = parents.select(wording="parent").unique().join(inside, on="wording", how="anti")
    return tx.read(statements.links_of_wordings(), frames={"wanted": outside})


def _judgements(tx: Transaction, incident: str) -> tuple[list[Judgement], pl.DataFrame]:
    """Standing merges and splits with posts turned to wordings; and all wordings of the records they are about."""
    decided = tx.read(statements.judgements(), {"incident": incident})
    none = pl.DataFrame(schema={"wording": pl.Int64})
    if decided.height == 0:
        return [], none
    posts = pl.concat([decided["posts"].explode(), decided["others"].explode()]).drop_nulls().unique().to_frame("post")
    wordings = tx.read(statements.every_wording_of_posts(), frames={"wanted": posts})
    wordings_of = {post[0]: tuple(rows["wording"]) for post, rows in wordings.group_by("post")}
    judgements = [
        Judgement(
            action=row["action"], picked=_all(wordings_of, row["posts"]), others=_all(wordings_of, row["others"] or [])
        )
        for row in decided.iter_rows(named=True)
    ]
    usable = [judgement for judgement in judgements if judgement.picked and judgement.others]
    if not usable:
        return [], none
    linked = tx.read(statements.links_of_wordings(), frames={"wanted": wordings.select("wording").unique()})
    return usable, tx.read(statements.links_of_roots(), frames={"wanted": linked.select("root").unique()}).select(
        "wording"
    )


def _all(wordings_of: dict[object, tuple[int, ...]], posts: list[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(wording for post in posts for wording in wordings_of.get(post, ())))
