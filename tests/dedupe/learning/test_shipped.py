"""The model that helpt comes with: it fits the features, knows its examples, hides no help, and is never firm alone."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dedupe.errors import LearningError
from dedupe.learning.features import BUCKETS, find_features, layout
from dedupe.learning.network import Network, network_of
from dedupe.learning.shipped import (
    BELOW_FIRM,
    CATEGORY,
    EXAMPLE,
    KIND,
    LANGUAGES,
    NONE,
    read_examples,
    weigh,
)
from dedupe.naming import distinct_wordings, name_wordings
from dedupe.prepare import identify, read_new
from dedupe.reading.category import CATEGORIES, FIRM
from dedupe.reading.lexicon import KINDS
from dedupe.reading.readers import Reader, make_reader
from tests.dedupe.learning.test_features import heads
from tests.support.posts import post, posts

HELP = ("offer", "request")
EVERY = 24
"""One example of so many is read."""
TAUGHT_WITH = "be7346c326f7"
"""The layout of the features when the shipped models were taught."""
BARE = (
    *("bed vrij", "2 slaapplaatsen in Genk", "Logeerbed in Peer", "lit pour 2 à Liège", "Chambre libre"),
    *("Schlafplatz in Eupen", "Couch frei", "3 beds free", "Warm soup in Genk"),
)
VAGUE = (
    *("Kan iemand ons helpen aub, we staan hier vast", "Aidez-nous, on ne sait plus quoi faire"),
    *("Kann uns bitte jemand helfen, wir stecken hier fest", "Can somebody please help us, we are stuck here"),
)
"""Somebody asks for help and does not say for what."""
STAY_AWAY = (
    "Politie Bree: kom uw kinderen niet zelf halen, ze slapen veilig in de turnzaal",
    "Police de Huy : ne venez pas chercher vos enfants, ils dorment au gymnase. Attendez à la maison",
    "Polizei: Holt eure Kinder nicht selbst ab, eure Kinder schlafen in der Turnhalle",
    "Police: do not come to collect your children, they are asleep in the school. Wait at home",
)


@pytest.fixture(scope="module")
def reader() -> Reader:
    """Reads as every process does that is told nothing else, whatever is in force here."""
    return make_reader()


def read(texts: pl.Series, reader: Reader) -> pl.DataFrame:
    """What the engine reads of texts: text, category, certainty, kind, meant and more, in order."""
    rows = posts(*(post("x", str(n), f"w{n}", text, n % 60) for n, text in enumerate(texts)))
    named = name_wordings(identify(rows), reader.facts.tags())
    told = read_new(distinct_wordings(named), reader)
    return named.select("wording").join(told, on="wording", how="left", maintain_order="left")


@pytest.fixture(scope="module")
def examples() -> pl.DataFrame:
    """Some of the examples, of every file."""
    return read_examples().gather_every(EVERY)


@pytest.fixture(scope="module")
def weighed(examples: pl.DataFrame, reader: Reader) -> pl.DataFrame:
    """The examples as they are read."""
    return read(examples["text"], reader)


@pytest.fixture(scope="module")
def ruled(examples: pl.DataFrame, reader: Reader) -> pl.DataFrame:
    """The examples as the rules alone read them."""
    return read(examples["text"], replace(reader, weighed=False))


def share_right(said: pl.Series, labels: pl.Series) -> float:
    return int(said.eq_missing(labels).sum()) / len(labels)


def test_bare_offers_stay_offers(reader: Reader):
    told = read(pl.Series(BARE), reader)
    assert dict(zip(BARE, told["category"], strict=True)) == dict.fromkeys(BARE, "offer")


@pytest.mark.parametrize("text", VAGUE)
def test_who_asks_for_help_and_names_none_is_given_no_kind(text: str, reader: Reader):
    assert read(pl.Series([text]), reader).select("category", "meant").row(0) == ("request", None)


def test_an_authority_that_tells_people_not_to_come_offers_nothing(reader: Reader):
    told = read(pl.Series(STAY_AWAY), reader)
    assert dict(zip(STAY_AWAY, told["category"], strict=True)) == dict.fromkeys(STAY_AWAY, "information")


def sure_of(kinds: dict[str, float], **shares: float) -> tuple[Network, Network]:
    """Networks that say the same of every text: of category and of kind in proportion to what is given."""
    marks = find_features(heads("a")).told.shape[1]
    made = []
    for told in (shares, kinds):
        none = np.zeros((BUCKETS, 1), dtype=np.float32)
        lean = np.log(np.array(list(told.values()), dtype=np.float32))
        made.append(
            Network(categories=tuple(told), text=none, told=none[:marks], bias=none[0], out=none[:1] * lean, lean=lean)
        )
    return made[0], made[1]


def ruled_as(category: str, certainty: float) -> pl.DataFrame:
    """A text that the rules read so, by the word ‘bed’."""
    return heads("bed").with_columns(
        category=pl.lit(category), certainty=pl.lit(certainty), category_why=pl.lit("‘bed’")
    )


def weighed_as(category: str, certainty: float, **shares: float) -> tuple[str, float, str]:
    """Category, certainty and reason of a text that the rules read so and a model weighs so."""
    row = weigh(ruled_as(category, certainty), sure_of({NONE: 1.0}, **shares)).row(0, named=True)
    return row["category"], row["certainty"], row["category_why"]


def test_however_sure_the_model_is_only_the_rules_are_firm():
    surest = {"offer": 0.001, "other": 0.999, "request": 0.001}
    assert weighed_as("offer", 0.95, **surest) == ("other", BELOW_FIRM, "")
    assert BELOW_FIRM < FIRM
    assert weighed_as("other", 0.5, **surest) == ("other", BELOW_FIRM, "‘bed’")
    assert weighed_as("other", 0.95, **surest) == ("other", 0.95, "‘bed’")


@pytest.mark.parametrize(
    ("kind", "share", "meant"),
    [(None, 0.55, None), (None, 0.65, "hands"), ("bed", 0.55, "hands"), ("bed", 0.45, "bed")],
)
def test_a_kind_that_the_rules_did_not_see_is_shown_only_where_the_examples_are_sure(
    kind: str | None, share: float, meant: str | None
):
    text = ruled_as("request", 0.5).with_columns(kind=pl.lit(kind, pl.String))
    told = weigh(text, sure_of({"hands": share, NONE: 1 - share}, offer=0.1, request=0.9))
    assert told["meant"].to_list() == [meant]


def test_where_both_say_the_same_the_words_of_the_rules_and_their_certainty_stand(
    weighed: pl.DataFrame, ruled: pl.DataFrame
):
    same = (weighed["category"] == ruled["category"]) & (ruled["category_why"] != "")
    assert weighed.filter(same)["category_why"].equals(ruled.filter(same)["category_why"])
    assert (weighed.filter(same)["certainty"] >= ruled.filter(same)["certainty"]).all()


def test_the_weights_know_their_examples(weighed: pl.DataFrame, ruled: pl.DataFrame, examples: pl.DataFrame):
    right = share_right(weighed["category"], examples["category"])
    assert right > 0.88, "else the weights are not of these features: python -m benchmarks.teach"
    assert right > share_right(ruled["category"], examples["category"]) + 0.1
    helps = examples["category"].is_in(HELP) & weighed["category"].is_in(HELP)
    kinds = examples["kind"].replace(NONE, None)
    assert share_right(weighed.filter(helps)["meant"], kinds.filter(helps)) > 0.9


def test_the_weights_have_the_form_of_the_features():
    assert layout() == TAUGHT_WITH, "teach anew (python -m benchmarks.teach), then name the new layout here"
    marks = find_features(heads("a")).told.shape[1]
    for file, categories in ((CATEGORY, set(CATEGORIES)), (KIND, {*KINDS, NONE})):
        network = network_of(file.read_bytes())
        units = len(network.bias)
        assert set(network.categories) == categories
        assert network.told.shape == (marks, units)
        assert network.text.shape == (BUCKETS, units)
        assert network.out.shape == (units, len(categories))


# The examples


def test_every_file_of_examples_is_of_a_language_or_of_several():
    found = read_examples()
    assert found.schema == EXAMPLE
    assert set(found["lang"]) == {*LANGUAGES, None}
    assert all(found.filter(lang=lang).height > 4_000 for lang in LANGUAGES)


@pytest.mark.parametrize(
    ("name", "lang"), [("nl.txt", "nl"), ("nl2.txt", "nl"), ("de14.txt", "de"), ("desk.txt", None)]
)
def test_the_language_is_what_the_file_is_named_after(tmp_path: Path, name: str, lang: str | None):
    (tmp_path / name).write_text("offer bed | Bed\n", "utf-8")
    assert read_examples(tmp_path).rows() == [(lang, "offer", "bed", "Bed")]


@pytest.mark.parametrize(
    "line", ["offer bed Kom maar", "ofer bed | Kom maar", "offer beds | Kom maar", "offer | Kom maar", "offer bed | "]
)
def test_a_bad_line_is_refused_by_file_and_number(tmp_path: Path, line: str):
    (tmp_path / "nl2.txt").write_text(f"# offers\n\noffer bed | Bed vrij\n{line}\n", "utf-8")
    with pytest.raises(LearningError, match=re.escape("nl2.txt:4: an example is `category kind | text`")):
        read_examples(tmp_path)
