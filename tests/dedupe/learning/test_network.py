"""The network: the same of a text whatever comes with it, of any text at all, and words for what it says."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.errors import LearningError
from dedupe.learning.features import BUCKETS, find_features
from dedupe.learning.network import Network, network_of
from tests.dedupe.learning.test_features import heads

UNITS = 5


@pytest.fixture(scope="module")
def network() -> Network:
    """Weights at random."""
    chance = np.random.default_rng(18)
    marks = find_features(heads("a")).told.shape[1]
    shapes = {"text": (BUCKETS, UNITS), "told": (marks, UNITS), "bias": (UNITS,), "out": (UNITS, 3), "lean": (3,)}
    made = {name: chance.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    return network_of(Network(categories=("offer", "other", "request"), **made).to_bytes())


def of_words(words: dict[str, list[float]], out: list[list[float]], bias: list[float]) -> Network:
    """A network of two units and two categories, in which words carry what is said and nothing else does."""
    text = np.zeros((BUCKETS, 2), dtype=np.float32)
    for word, weights in words.items():
        known = find_features(heads(word))
        whole = known.terms[known.words.to_list().index(word)]
        text[whole.indices[whole.data == whole.data.max()]] = weights
    told = np.zeros((find_features(heads("a")).told.shape[1], 2), dtype=np.float32)
    rest = {"bias": bias, "out": out, "lean": [0.0, 0.0]}
    numbers = {name: np.array(values, dtype=np.float32) for name, values in rest.items()}
    return network_of(Network(categories=("offer", "blame"), text=text, told=told, **numbers).to_bytes())


@settings(max_examples=40)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=8))
def test_a_text_is_judged_alike_alone_and_among_others(network: Network, texts: list[str]):
    together = network.shares(find_features(heads(*texts)))
    alone = np.vstack([network.shares(find_features(heads(text))) for text in texts])
    assert np.allclose(together, alone, atol=1e-9)


@pytest.mark.parametrize("text", ["", " ", "?", "🔥🔥", "a", "bed " * 5_000, "مرحبا سرير", "z̷a̷l̷g̷o̷", "0470 00 00 01"])
def test_any_text_is_judged(network: Network, text: str):
    found = find_features(heads(text))
    shares = network.shares(found)
    assert shares.sum() == pytest.approx(1.0)
    (why,) = network.reasons(found, shares.argmax(axis=1))
    assert not any(figure in why for figure in "0123456789")


def test_two_words_together_may_mean_another_thing_than_each_alone():
    network = of_words({"bed": [9.0, 9.0], "nobody": [1.0, 9.0]}, out=[[0.1, 0.0], [0.0, 9.0]], bias=[0.0, -6.7])
    said = network.shares(find_features(heads("bed", "nobody", "bed nobody"))).argmax(axis=1)
    assert [network.categories[each] for each in said] == ["offer", "offer", "blame"]


def test_the_words_shown_are_those_that_carried_it():
    network = of_words({"bed": [9.0, 0.0], "shame": [0.0, 9.0]}, out=[[9.0, 0.0], [0.0, 9.0]], bias=[0.0, 0.0])
    found = find_features(heads("bed", "shame", "bed shame", "bed shame"))
    said = network.reasons(found, np.array([0, 1, 0, 1]))
    assert said.to_list() == ["‘bed’", "‘shame’", "‘bed’", "‘shame’"]


def test_weights_come_back_as_they_were_kept(network: Network):
    again = network_of(network.to_bytes())
    assert again.categories == network.categories
    for name in ("text", "told", "bias", "out", "lean"):
        assert np.allclose(getattr(again, name), getattr(network, name), atol=1e-6)
    assert pl.Series(again.reasons(find_features(heads("bed")), np.array([0]))).len() == 1


@pytest.mark.parametrize("kept", [b"", b"PK", b"\x80\x04K\x01.", b"x" * 500])
def test_what_is_no_network_is_refused(kept: bytes):
    with pytest.raises(LearningError):
        network_of(kept)
