"""The engine against the slow program on posts made to look alike: forms per town, hotlines, other counts, ways back."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from benchmarks.stream import write_stream
from dedupe.collapse import Batch, collapse
from dedupe.store import Store
from ingest.post import CONTENT, Provenance, stamp
from tests.dedupe.reference import same_as_reference
from tests.support.posts import at

TAKEN = 160
"""Posts a round: the slow program compares them all with each other."""


@pytest.fixture(scope="module")
def lookalikes(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    stream = write_stream(tmp_path_factory.mktemp("stream"), posts=12_000, seed=5)
    rows = pl.read_ndjson(stream.posts_file, infer_schema_length=None).with_columns(
        pl.col("created_at").str.to_datetime(time_zone="UTC")
    )
    truth = pl.read_parquet(stream.truth_file).select("network", "id", "thing", "case")
    told = rows.join(truth, on=["network", "id"])
    things = told.drop_nulls("case").select("thing").unique()
    return told.join(things, on="thing", how="semi")


@pytest.mark.parametrize("seed", range(6))
def test_the_slow_program_agrees_on_posts_made_to_look_alike(lookalikes: pl.DataFrame, tmp_path: Path, seed: int):
    drawn = lookalikes.sample(TAKEN, seed=seed).select([name for name in CONTENT if name in lookalikes.columns])
    posts = stamp(drawn, Provenance(incident="storm", source="file", query="", collected_at=at(600)))
    with Store(tmp_path / "store.duckdb") as store:
        collapse(store, posts, Batch(incident="storm", source="file"))
        assert same_as_reference(store, posts)
