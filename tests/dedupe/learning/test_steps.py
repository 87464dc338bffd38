"""Learning in a store: what people say of some records is applied to their like, when it helps, and can be taken back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from dedupe.deciding.decisions import relabel, undo
from dedupe.errors import DecisionRefused, NotAllowed
from dedupe.explain import explain
from dedupe.learning.force import _read
from dedupe.learning.statements import labelled_heads
from dedupe.learning.steps import keep_settled, learn, roll_back, standing
from dedupe.learning.training import LEAST
from dedupe.rebuild import rebuild
from dedupe.store import Store
from tests.dedupe.learning.lessons import AN, BO, beds, doors, faces, label, skies, taught
from tests.support.posts import outcome, post, record_of, take

ROOT = Path(__file__).resolve().parents[3]


def category_of(store: Store, name: str) -> str:
    return str(record_of(store, name)["category"])


def unlabelled(store: Store) -> dict[str, set[str]]:
    """The categories of the doors and of the skies that nobody labelled."""
    rows = store.read("select author, category from current_records where label = ''").rows()
    return {kind: {category for author, category in rows if author.startswith(kind)} for kind in ("deur", "lucht")}


# What is learnt


def test_what_people_say_of_some_records_is_applied_to_their_like(either: Store):
    taught(either)
    assert "offer" not in unlabelled(either)["deur"]
    learnt = learn(either)
    assert (learnt.step, learnt.labels) == ("promoted", 40)
    assert unlabelled(either) == {"deur": {"offer"}, "lucht": {"other"}}
    assert learnt.sentence.startswith("A model of 40 labels is in force: right on ")


def test_a_record_says_which_words_taught_its_category(store: Store):
    taught(store)
    learn(store)
    record = record_of(store, "x/d30")
    assert record["category_why"].startswith("learned from labels: ‘")
    assert "kier" in record["category_why"]
    assert f"category because: {record['category_why']}" in explain(store, "x/d30")


def test_posts_that_come_later_are_read_by_the_model_in_force(either: Store):
    taught(either)
    learn(either)
    take(either, *doors(5, start=45), *skies(5, start=45))
    assert {category_of(either, f"x/d{number}") for number in range(45, 50)} == {"offer"}
    assert {category_of(either, f"x/s{number}") for number in range(45, 50)} == {"other"}
    assert rebuild(either).records == 0


def test_the_figures_of_what_was_held_back_are_kept_per_category_before_and_after(store: Store):
    assert standing(store) is None
    taught(store)
    learnt = learn(store)
    stands = standing(store)
    assert stands is not None
    assert (stands.labels, stands.held_back, stands.before, stands.after) == (40, 40, learnt.before, learnt.after)
    before, after = stands.before.of("offer"), stands.after.of("offer")
    assert before is not None
    assert after is not None
    assert (before.labels, before.recall) == (20, 0.0)
    assert after.recall > 0.9
    assert stands.rules == stands.before


def test_the_same_labels_give_the_same_model(new_store: Callable[[], Store]):
    names = set()
    for _ in range(2):
        store = new_store()
        taught(store)
        learn(store)
        stands = standing(store)
        assert stands is not None
        names.add(stands.model)
    assert len(names) == 1


# When nothing is learnt


def test_below_twenty_labels_it_says_how_many_there_are(either: Store):
    assert learn(either).sentence == f"Learning begins at {LEAST} labels: 0 so far."
    take(either, *doors(10), *skies(10))
    label(either, doors(10), "offer")
    label(either, skies(9), "other")
    learnt = learn(either)
    assert (learnt.step, learnt.labels, learnt.needed) == ("waiting", 19, 20)
    assert learnt.sentence == "Learning begins at 20 labels: 19 so far."
    label(either, skies(10)[9:], "other")
    assert learn(either).step == "promoted"


def test_one_category_teaches_nothing(store: Store):
    take(store, *doors(25))
    label(store, doors(25), "offer")
    assert learn(store).sentence == "All 25 labels name one category: learning needs two."


def test_only_the_last_word_on_a_record_counts_and_one_taken_back_does_not(store: Store):
    take(store, *doors(3))
    label(store, doors(3), "other")
    label(store, doors(2), "offer")
    undo(store, relabel(store, "x/d1", "blame", AN), AN)
    assert sorted(store.read(labelled_heads()).unique("key")["label"]) == ["offer", "offer", "other"]


def test_nothing_is_trained_until_there_is_a_new_label(store: Store):
    taught(store)
    learn(store)
    assert learn(store).step == "rested"
    label(store, doors(1, start=21), "offer")
    assert learn(store).step in ("promoted", "refused")
    assert store.read("from models").height == 2


def test_a_worse_model_is_refused_and_its_figures_are_kept(either: Store):
    taught(either)
    learn(either)
    stood, before = standing(either), faces(either).filter(pl.col("label") == "")
    # Labels at random, as somebody who mocks us would give.
    label(either, doors(20, start=20), "other", "offer")
    label(either, skies(20, start=20), "offer", "offer", "other", "other")
    learnt = learn(either)
    assert learnt.step == "refused"
    assert learnt.after is not None
    assert standing(either) == stood
    assert before.join(faces(either), on="record").filter(
        (pl.col("label_right") == "") & (pl.col("category") != pl.col("category_right"))
    ).is_empty()  # fmt: skip
    assert either.read("select action, weights is null as bare from models order by step").rows() == [
        ("promoted", False),
        ("refused", True),
    ]


# What is never overruled


def test_a_person_is_never_overruled(either: Store):
    taught(either)
    relabel(either, "x/d30", "sympathy", AN)
    learn(either)
    assert category_of(either, "x/d30") == "sympathy"
    assert category_of(either, "x/d31") == "offer"
    later = relabel(either, "x/d31", "blame", AN)
    assert category_of(either, "x/d31") == "blame"
    undo(either, later, AN)
    assert category_of(either, "x/d31") == "offer"


def test_a_firm_rule_is_never_overruled(either: Store):
    take(either, *beds(30), *doors(40), *skies(40))
    label(either, beds(20), "other")
    label(either, doors(20), "offer")
    label(either, skies(20), "information")
    assert learn(either).step == "promoted"
    said = either.read(
        "select learned.category as opinion, current_records.category from learned "
        "join current_records on wording = root where author like 'bed%' and label = ''"
    )
    assert said["opinion"].unique().to_list() == ["other"]  # so it was taught
    assert said["category"].unique().to_list() == ["offer"]
    assert unlabelled(either) == {"deur": {"offer"}, "lucht": {"information"}}


# Taking back


def test_one_call_puts_the_rules_in_force_again(either: Store):
    taught(either)
    before = faces(either)
    learn(either)
    assert faces(either).rows() != before.rows()
    assert roll_back(either, BO, "it took weather for beds") is None
    assert faces(either).rows() == before.rows()
    row = either.read("from models where action = 'withdrawn'").row(0, named=True)
    assert (row["who"], row["role"], row["reason"]) == ("Bo", "coordinator", "it took weather for beds")
    with pytest.raises(DecisionRefused, match="rules alone"):
        roll_back(either, BO)


def test_only_a_coordinator_takes_a_model_back(store: Store):
    taught(store)
    learn(store)
    stood = standing(store)
    with pytest.raises(NotAllowed):
        roll_back(store, AN)
    assert standing(store) == stood


def test_one_call_puts_the_model_before_it_in_force_again(store: Store):
    taught(store)
    learn(store)
    first, before = standing(store), faces(store).filter(pl.col("label") == "")
    take(store, *beds(30))
    words = ("Jazeker", "Welnee", "Hoezo", "Tja", "Kijk", "Zeg", "Och")
    angry = [
        post("x", f"a{n}", f"boos{n}", f"{words[n % 7]} wie tekende dat plan, {n} namen staan eronder")
        for n in range(40)
    ]
    take(store, *angry)
    by_rules = category_of(store, "x/a39")
    assert by_rules != "blame"
    label(store, angry[:25], "blame")
    assert learn(store).step == "promoted"
    assert standing(store) != first
    assert category_of(store, "x/a39") == "blame"
    assert roll_back(store, BO) == first
    assert category_of(store, "x/a39") == by_rules
    assert before.join(faces(store), on=before.columns, how="anti").is_empty()
    assert rebuild(store).records == 0


def test_after_a_roll_back_it_learns_again_from_twenty_new_labels_on(store: Store):
    taught(store)
    learn(store)
    roll_back(store, BO)
    label(store, doors(10, start=20), "offer")
    learnt = learn(store)
    assert (learnt.step, learnt.labels) == ("waiting", 10)
    assert learnt.sentence == "Learning begins at 20 labels since the model was withdrawn: 10 so far."
    label(store, skies(10, start=20), "other")
    assert learn(store).step == "promoted"


# Nothing is lost, everything comes out the same


def test_a_rebuild_with_a_model_in_force_comes_out_as_it_stands(either: Store):
    taught(either)
    learn(either)
    take(either, *doors(5, start=45), post("x", "77", "piet", f"RT @deur30: {doors(1, start=30)[0].text}"), *beds(3))
    relabel(either, "x/d45", "request", AN)
    before = outcome(either)
    found = rebuild(either, apply=True)
    assert (found.links, found.records) == (0, 0)
    assert outcome(either) == before


def test_what_was_written_by_another_model_meanwhile_is_brought_in_line(either: Store):
    taught(either)
    learn(either)
    sound = faces(either)
    batch = int(either.read("select max(batch) + 1 as n from batches").item())
    late = either.read(
        "select faces.* from faces join current_records using (root, category_why) "
        "where current_records.category = 'offer' and current_records.label = '' limit 3"
    )
    with either.transaction() as tx:
        tx.append("faces", late.with_columns(category=pl.lit("other"), batch=pl.lit(batch)))
        tx.append("batches", pl.DataFrame({"batch": [batch]}))
    assert faces(either).rows() != sound.rows()
    assert keep_settled(either) == 3
    assert faces(either).rows() == sound.rows()
    assert keep_settled(either) == 0


KILLED = """
import os, signal, sys
from dedupe.learning.steps import learn
from dedupe.store import Store

class Killed(Store):
    def transaction(self):
        print("trained", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

learn(Killed(sys.argv[1]))
"""


def test_killed_between_training_and_writing_it_loses_nothing(tmp_path: Path, new_store: Callable[[], Store]):
    clean, name = new_store(), tmp_path / "killed.duckdb"
    taught(clean)
    learn(clean)
    with Store(name) as store:
        taught(store)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", KILLED, name], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "trained\n"), done.stderr
    with Store(name) as store:
        assert store.read("from models").is_empty()
        assert learn(store).step == "promoted"
        assert faces(store).rows() == faces(clean).rows()


def test_weights_that_cannot_be_read_leave_the_rules_in_force(store: Store, caplog: pytest.LogCaptureFixture):
    taught(store)
    learn(store)
    with store.transaction() as tx:
        broken = tx.read("from models").with_columns(
            step=pl.lit(2, pl.Int64), model=pl.lit("broken"), weights=pl.lit(b"PK none")
        )
        tx.append("models", broken)
    take(store, *doors(3, start=45))
    assert category_of(store, "x/d45") != "offer"
    assert "cannot be read" in caplog.text
    _read.pop("broken")


JUDGED = """
import sys
from dedupe.learning.force import judge_heads, model_in_force
from dedupe.store import Store

with Store(sys.argv[1]) as store:
    print(judge_heads(store, model_in_force(store)).height, "sklearn" in sys.modules)
"""


def test_a_process_that_only_judges_never_loads_scikit_learn(tmp_path: Path):
    with Store(tmp_path / "night.duckdb") as store:
        taught(store)
        learn(store)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", JUDGED, str(tmp_path / "night.duckdb")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.stdout == "80 False\n", done.stderr
