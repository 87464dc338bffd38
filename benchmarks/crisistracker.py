"""CrisisTracker's way of grouping tweets, written from its description.

Rogstadius et al., "CrisisTracker: Crowdsourced social media curation for disaster awareness", IBM Journal of Research
and Development 57(5), 2013, which builds on Petrović, Osborne and Lavrenko, "Streaming first story detection with
application to Twitter", NAACL 2010. Owns that method alone:

1. A text is a vector of its words, weighted by tf-idf, of length 1.
2. Twelve tables of twelve random hyperplanes each: texts on the same side of all twelve planes share a bin.
3. In time order, a text is compared with the latest texts of its bins, and joins the cluster of the nearest when their
   cosine is at least 0.55; else it starts a cluster.
4. A retweet joins what it repeats.

Where the description leaves room, the choice favours quality over speed: word frequencies are those of the whole file
instead of the past only, and equal texts fill a place in a bin once. The clusters are then the same as those of a loop
over the texts, but found with arrays: the nearest earlier text of each is its parent, and following parents leads to
the first text of the cluster.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

TABLES = 12
PLANES = 12
BIN = 20
NEAR = 0.55
SEED = 42
ROWS = 2_000

Numbers = NDArray[np.int64]


def crisistracker(posts: pl.DataFrame) -> pl.Series:
    """Group posts in time order.

    `posts`: post (a number from 0), network, id, plain (not empty), repost_of. Returns for each post the number of the
    first it belongs with.
    """
    texts = posts.group_by("plain", maintain_order=True).agg(pl.col("post").first()).with_row_index("number")
    vectors = tf_idf(texts)
    root = roots(nearest_earlier(vectors, bins(vectors)))
    clusters = texts.select("plain", cluster=pl.Series(texts["post"].to_numpy()[root]))
    placed = posts.join(clusters, on="plain", how="left", maintain_order="left")
    repeated = placed.select("network", repost_of="id", repeats="cluster")
    joined = placed.join(repeated, on=["network", "repost_of"], how="left", maintain_order="left")
    # Of a chain of retweets only the last step is looked at: networks name the original, not the link before.
    return joined.select(pl.coalesce("repeats", "cluster")).to_series()


def tf_idf(texts: pl.DataFrame) -> sparse.csr_matrix:
    """One row of length 1 for each text (`number`, `plain`), one column for each word."""
    words = texts.select("number", word=pl.col("plain").str.split(" ")).explode("word")
    counts = words.group_by("number", "word").agg(times=pl.len()).sort("number", "word")
    seen = pl.len().over("word")
    weighed = counts.select(
        "number",
        column=pl.col("word").rank("dense") - 1,
        weight=(1 + pl.col("times").log()) * (1 + texts.height / seen).log(),
    ).with_columns(pl.col("weight") / (pl.col("weight") ** 2).sum().sqrt().over("number"))
    shape = (texts.height, int(weighed.select(pl.col("column").max()).item() or 0) + 1)
    cells = (weighed["weight"].to_numpy(), (weighed["number"].to_numpy(), weighed["column"].to_numpy()))
    return sparse.csr_matrix(cells, shape=shape, dtype=np.float32)


def bins(vectors: sparse.csr_matrix) -> Numbers:
    """The bin of every vector in every table: an array of texts × `TABLES`."""
    chance = np.random.default_rng(SEED)
    planes = chance.standard_normal((vectors.shape[1], TABLES * PLANES), dtype=np.float32)
    powers = 1 << np.arange(PLANES, dtype=np.int64)
    found = np.empty((vectors.shape[0], TABLES), dtype=np.int64)
    for start in range(0, vectors.shape[0], ROWS):
        sides = (vectors[start : start + ROWS] @ planes) > 0
        found[start : start + ROWS] = sides.reshape(-1, TABLES, PLANES) @ powers
    return found


def nearest_earlier(vectors: sparse.csr_matrix, found: Numbers) -> Numbers:
    """For every text the nearest among the latest `BIN` earlier ones of each of its bins, or itself if none is near."""
    total = vectors.shape[0]
    candidates = np.full((total, TABLES * BIN), -1, dtype=np.int64)
    for table in range(TABLES):
        order = np.argsort(found[:, table], kind="stable")
        binned = found[order, table]
        for back in range(1, min(BIN, total - 1) + 1):
            same = binned[back:] == binned[:-back]
            candidates[order[back:][same], table * BIN + back - 1] = order[:-back][same]
    parent = np.arange(total)
    for start in range(0, total, ROWS):
        rows = candidates[start : start + ROWS]
        text, column = np.nonzero(rows >= 0)
        pairs = np.unique((text + start) * total + rows[text, column])
        later, earlier = np.divmod(pairs, total)
        cosine = np.asarray(vectors[later].multiply(vectors[earlier]).sum(axis=1)).ravel()
        near = cosine >= NEAR
        # The last written wins, so the nearest is written last, and of equals the earliest.
        order = np.lexsort((-earlier[near], cosine[near]))
        parent[later[near][order]] = earlier[near][order]
    return parent


def roots(parent: Numbers) -> Numbers:
    """Where following parents ends."""
    while True:
        above = parent[parent]
        if np.array_equal(above, parent):
            return parent
        parent = above
