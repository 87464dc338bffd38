"""The queue of what to label next: what is in doubt, weighs much and is unlike the rest comes first."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
from polars.testing import assert_frame_equal

from dedupe.deciding.decisions import relabel
from dedupe.learning.labelling import QUEUE, labelling_queue
from dedupe.learning.steps import learn, roll_back
from dedupe.store import Store
from tests.dedupe.learning.lessons import AN, BO, beds, doors, label, skies
from tests.support.posts import INCIDENT, post, record_of, take


def queued(store: Store, limit: int = 20) -> list[str]:
    """The writers of what is queued, in order."""
    authors = store.read("select root, author from current_records")
    found = labelling_queue(store, INCIDENT, limit)
    return found.join(authors, on="root", maintain_order="left")["author"].to_list()


def test_without_a_model_what_the_rules_doubt_comes_before_what_they_are_sure_of(either: Store):
    take(either, *beds(3), *skies(3))
    assert [name[:3] for name in queued(either)] == ["luc"] * 3 + ["bed"] * 3


def test_a_record_of_many_posts_comes_before_one_of_few(store: Store):
    often, once = skies(1)[0], skies(1, start=8)[0]
    copies = [post("x", f"9{n}", f"lezer{n}", f"RT @{often.author}: {often.text}", n) for n in range(6)]
    take(store, once, often, *copies)
    assert record_of(store, "x/s0")["posts"] == 7
    assert queued(store) == ["lucht0", "lucht8"]


def test_a_text_with_a_word_of_help_in_it_comes_before_one_without(store: Store):
    take(store, post("x", "1", "an", "Zaterdag weer een bed kopen bij de winkel"), *skies(2))
    assert record_of(store, "x/1")["certainty"] == record_of(store, "x/s0")["certainty"]
    assert queued(store)[0] == "an"


def test_ten_of_the_same_do_not_fill_the_head_of_the_queue(store: Store):
    same = [post("x", str(n), f"moe{n}", f"Pff nu staat ook lijn {n} stil, twee uur wachten", n) for n in range(10)]
    take(store, *same, *skies(1), *doors(1))
    assert {"lucht0", "deur0"} < set(queued(store, 3))


def test_what_a_person_labelled_is_never_queued(either: Store):
    take(either, *skies(4))
    relabel(either, "x/s1", "sympathy", AN)
    assert sorted(queued(either)) == ["lucht0", "lucht2", "lucht3"]


def test_a_firm_rule_the_model_contradicts_is_queued_as_such(store: Store):
    take(store, *beds(30), *doors(40), *skies(40))
    label(store, beds(20), "other")
    label(store, doors(20), "offer")
    label(store, skies(20), "information")
    learn(store)
    found = labelling_queue(store, INCIDENT, 3)
    bed = found.filter(found["text"].str.contains("slaapplaats", literal=True))
    assert bed.height
    row = bed.row(0, named=True)
    assert (row["category"], row["opinion"], row["why"]) == ("offer", "other", "disagree")


def test_the_queue_is_of_one_incident_no_longer_than_asked_and_always_the_same(store: Store):
    take(store, *skies(5))
    take(store, *doors(5), incident="flood")
    assert labelling_queue(store, INCIDENT, 3).equals(labelling_queue(store, INCIDENT, 3))
    assert labelling_queue(store, INCIDENT, 3).height == 3
    assert labelling_queue(store, "flood", 9).height == 5
    empty = labelling_queue(store, "quake")
    assert (empty.height, empty.schema) == (0, QUEUE)


def test_what_was_taken_down_is_not_queued(store: Store):
    take(store, *skies(2))
    take(store, gone=["x/s0"])
    assert queued(store) == ["lucht1"]


def test_the_queue_is_that_of_a_store_just_opened_whatever_came_in_between(store: Store, tmp_path: Path):
    def anew() -> pl.DataFrame:
        copy = shutil.copyfile(store.name, tmp_path / "copy.duckdb")
        with Store(copy) as opened:
            return labelling_queue(opened, INCIDENT)

    steps: tuple[Callable[[], object], ...] = (
        lambda: take(store, *beds(30), *doors(20), *skies(20)),
        lambda: label(store, beds(20), "other"),
        lambda: take(store, *doors(40)),
        lambda: label(store, doors(20), "offer"),
        lambda: label(store, skies(20), "information"),
        lambda: learn(store),
        lambda: take(store, *skies(40)),
        lambda: roll_back(store, BO),
    )
    for step in steps:
        step()
        store.read("checkpoint")
        assert_frame_equal(labelling_queue(store, INCIDENT), anew())
