"""Other ways to group repetitions, run on the same file: exact text, rensa, datasketch, CrisisTracker's method.

Owns how each peer is used: as its own documentation shows, one pass in time order, every post compared with those kept
before it and joined to the first that is near enough. All peers read the file and the text in the same way (`read`).
Refuses to know the truth or the engine.

Run as a program, one peer is one process, so that its time and memory can be measured from outside:

    python -m benchmarks.peers "rensa 0.85" posts.ndjson links.parquet
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from benchmarks.crisistracker import crisistracker

NUM_PERM = 128
SEED = 42
CHUNK = 20_000

FIELDS = dict.fromkeys(("network", "id", "text", "created_at", "repost_of"), pl.String)


def read(file: Path) -> pl.DataFrame:
    """The posts of an NDJSON file in time order, with their text made plain.

    Returns network, id, repost_of, plain, post (a number from 0). `plain` may be empty. A repost made with the
    network's own button has the words of what it repeats, whatever text the network gave it, when that is in the file.
    """
    posts = pl.read_ndjson(file, schema=FIELDS).sort("created_at", maintain_order=True)
    posts = posts.select("network", "id", "repost_of", plain=plain(pl.col("text")))
    repeated = posts.select("network", repost_of="id", repeats="plain").unique(["network", "repost_of"])
    read = posts.join(repeated, on=["network", "repost_of"], how="left", maintain_order="left")
    return read.select("network", "id", "repost_of", plain=pl.coalesce("repeats", "plain")).with_row_index("post")


def plain(text: pl.Expr) -> pl.Expr:
    """What every peer sees of a text: lower-case words and numbers with single spaces between.

    Taken away is what anyone who cleans posts takes away: entities, links, repost marks, mentions, punctuation and
    emoji. A tag stays as a word.
    """
    return (
        text.str.normalize("NFKC")
        .str.to_lowercase()
        .str.replace_all(r"https?://\S*|\bwww\.\S+|&\w+;", " ")
        .str.replace_all(r"\b(?:rt|mt|via)\s*[.:]?\s*@[\w.\-]+", " ")
        .str.replace_all(r"@[\w.\-]+", " ")
        .str.replace_all(r"[^\p{L}\p{N}]+", " ")
        .str.strip_chars()
    )


def exact(posts: pl.DataFrame) -> pl.Series:
    """Posts with the same plain text. Returns for each post the number of the first it belongs with."""
    return posts.select(pl.col("post").first().over("plain")).to_series()


def rensa(posts: pl.DataFrame, threshold: float) -> pl.Series:
    """rensa's `RMinHashDeduplicator` (its LSH on) over the words of a text; it checks its candidates itself."""
    from rensa import RMinHash, RMinHashDeduplicator

    index = RMinHashDeduplicator(threshold=threshold, num_perm=NUM_PERM, use_lsh=True, seed=SEED)
    first: list[int] = []
    for numbers, words in _chunks(posts):
        sketches = RMinHash.from_token_sets(words, num_perm=NUM_PERM, seed=SEED)
        kept = index.add_pairs(zip(map(str, numbers), sketches, strict=True))
        known = index.get_duplicate_sets([sketch for sketch, new in zip(sketches, kept, strict=True) if not new])
        near = iter(known)
        first += [
            number if new else min(map(int, next(near)), default=number)
            for number, new in zip(numbers, kept, strict=True)
        ]
    return pl.Series(first, dtype=pl.UInt32)


def datasketch(posts: pl.DataFrame, threshold: float) -> pl.Series:
    """datasketch's `MinHashLSH` over the words of a text; of its candidates the first at the threshold or above."""
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=threshold, num_perm=NUM_PERM)
    kept: dict[int, MinHash] = {}
    first: list[int] = []
    for numbers, words in _chunks(posts):
        encoded = ([word.encode() for word in text] for text in words)
        for number, sketch in zip(numbers, MinHash.generator(encoded, num_perm=NUM_PERM, seed=SEED), strict=True):
            near = min((o for o in index.query(sketch) if sketch.jaccard(kept[o]) >= threshold), default=None)
            if near is not None:
                first.append(near)
                continue
            index.insert(number, sketch)
            kept[number] = sketch
            first.append(number)
    return pl.Series(first, dtype=pl.UInt32)


PEERS: dict[str, Callable[[pl.DataFrame], pl.Series]] = {
    "exact text": exact,
    "rensa 0.70": lambda posts: rensa(posts, 0.70),
    "rensa 0.85": lambda posts: rensa(posts, 0.85),
    "datasketch 0.70": lambda posts: datasketch(posts, 0.70),
    "datasketch 0.85": lambda posts: datasketch(posts, 0.85),
    "CrisisTracker": crisistracker,
}
"""Name -> posts (as `read` gives them, none with an empty text) to the number of the first post each belongs with."""


def link(name: str, posts: pl.DataFrame) -> pl.DataFrame:
    """Group posts (as `read` gives them) by one peer. A post without words stays alone.

    Returns network, id, record, in the order of `posts`; a record is named after its first post.
    """
    worded = posts.filter(pl.col("plain") != "").drop("post").with_row_index("post")
    first = worded.select(*KEY, record=pl.struct(*KEY).gather(PEERS[name](worded)))
    named = pl.concat_str(*[pl.col("record").struct.field(field) for field in KEY], separator="/")
    alone = pl.concat_str(*KEY, separator="/")
    linked = posts.select(KEY).join(first, on=KEY, how="left", maintain_order="left")
    return linked.select(*KEY, record=pl.coalesce(named, alone))


KEY = ["network", "id"]


def _chunks(posts: pl.DataFrame) -> Iterator[tuple[list[int], list[list[str]]]]:
    for part in posts.iter_slices(CHUNK):
        yield part["post"].to_list(), part["plain"].str.split(" ").to_list()


def main() -> None:
    """Run one peer on a file and write its links as parquet: network, id, record."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description="Group a post file by one peer.")
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("posts", type=Path)
    parser.add_argument("links", type=Path)
    asked = parser.parse_args()
    link(asked.peer, read(asked.posts)).write_parquet(asked.links)


if __name__ == "__main__":
    main()
