"""Features and what is judged by them: the same for a text whatever comes with it, and for any text at all."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.errors import LearningError
from dedupe.learning.features import BUCKETS, READ, find_features, layout
from dedupe.learning.model import Model, model_of


def heads(*texts: str) -> pl.DataFrame:
    """Wordings of which the rules say next to nothing."""
    known = {"category": "other", "certainty": 0.5, "category_why": "", "stance": None, "kind": None}
    rows = [
        {"wording": number, "text": text, **known, "counted": False, "placed": False, "reached": False, "marks": []}
        for number, text in enumerate(texts)
    ]
    types = {"wording": pl.Int64, "stance": pl.String, "kind": pl.String}
    return pl.DataFrame(rows, schema_overrides=types).select(READ)


@pytest.fixture(scope="module")
def model() -> Model:
    """Weights at random."""
    chance = np.random.default_rng(18)
    marks = find_features(heads("a")).told.shape[1]
    made = Model(
        name="", categories=("offer", "other", "request"), text=chance.normal(size=(BUCKETS, 3)).astype(np.float32),
        told=chance.normal(size=(marks, 3)).astype(np.float32), bias=np.zeros(3, dtype=np.float32), threshold=0.5,
    )  # fmt: skip
    return model_of(made.to_bytes())


@settings(max_examples=40)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=8))
def test_a_text_is_judged_alike_alone_and_among_others(model: Model, texts: list[str]):
    together = model.judge(heads(*texts)).drop("wording")
    alone = pl.concat([model.judge(heads(text)) for text in texts]).drop("wording")
    assert together.rows() == alone.rows()


@pytest.mark.parametrize("text", ["", " ", "?", "🔥🔥", "a", "bed " * 5_000, "مرحبا سرير", "z̷a̷l̷g̷o̷", "0470 00 00 01"])
def test_any_text_is_judged(model: Model, text: str):
    row = model.judge(heads(text)).row(0, named=True)
    assert 0 < row["certainty"] <= 1
    assert not any(figure in row["why"] for figure in "0123456789")


def test_a_word_with_a_slip_is_still_like_the_word():
    likeness = find_features(heads("slaapplaats", "slaaplaats", "onweer")).matrix()
    buckets = likeness[:, :BUCKETS]
    alike = (buckets @ buckets.T).toarray()
    assert alike[0, 1] > 3 * alike[0, 2]


def test_no_number_is_learnt_by_heart():
    texts = find_features(heads("bel 0470 00 00 01", "bel 0470 00 00 99")).matrix()
    assert (texts[0] != texts[1]).nnz == 0


def test_weights_come_back_as_they_were_kept(model: Model):
    again = model_of(model.to_bytes())
    assert (again.name, again.categories, again.threshold) == (model.name, model.categories, model.threshold)
    assert np.array_equal(again.text, model.text)


@pytest.mark.parametrize("kept", [b"", b"PK", b"\x80\x04K\x01.", b"x" * 500])
def test_what_is_no_model_is_refused(kept: bytes):
    with pytest.raises(LearningError):
        model_of(kept)


def test_the_form_of_the_features_has_a_name_that_stays():
    assert layout() == layout()
    assert len(layout()) == 12
