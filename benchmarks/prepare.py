"""Made streams on disk, ready to be measured on.

Owns where they lie and how one is cut into what a store holds already and the posts that come after. The posts
themselves are `benchmarks.stream`'s.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from benchmarks.stream import write_stream

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A made stream on disk: `posts` is NDJSON of `size` posts in time order, `truth` parquet, `tail` what follows."""

    posts: Path
    truth: Path
    tail: Path
    size: int


def prepare(folder: Path, size: int, seed: int, say: Say, tail: int = 0) -> Stream:
    """A stream of `size` posts, and `tail` posts that follow it, in a folder of their own; reused when already there.

    The truth knows the posts of the head alone.
    """
    home = folder / f"stream-{size}-{tail}-{seed}"
    stream = Stream(posts=home / "head.ndjson", truth=home / "truth.parquet", tail=home / "tail.ndjson", size=size)
    if stream.tail.exists() and stream.truth.exists():
        return stream
    say(f"making {size + tail:,} posts")
    home.mkdir(parents=True, exist_ok=True)
    write_stream(home, posts=size + tail, seed=seed)
    whole = home / "posts.ndjson"
    if not tail:
        whole.rename(stream.posts)
        stream.tail.touch()
        return stream
    with whole.open("rb") as lines:
        with stream.posts.open("wb") as head:
            head.writelines(itertools.islice(lines, size))
        with stream.tail.open("wb") as rest:
            rest.writelines(lines)
    whole.unlink()
    inside = pl.scan_ndjson(stream.posts, schema={"network": pl.String, "id": pl.String}).collect()
    pl.read_parquet(stream.truth).join(inside, on=["network", "id"], how="semi").write_parquet(stream.truth)
    return stream
