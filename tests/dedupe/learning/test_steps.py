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


def test_what_people_say_of_some_records_is_applied_to_their_like(lessons: Store):
    assert "offer" not in unlabelled(lessons)["deur"]
    learnt = learn(lessons)
    assert (learnt.step, learnt.labels) == ("promoted", 40)
    assert unlabelled(lessons) == {"deur": {"offer"}, "lucht": {"other"}}
    assert learnt.sentence.startswith("A model of 40 labels is in force: right on ")


def test_a_record_says_which_words_taught_its_category(lesson: Store):
    learn(lesson)
    record = record_of(lesson, "x/d30")
    assert record["category_why"].startswith("learned from labels: ‘")
    assert "kier" in record["category_why"]
    assert f"category because: {record['category_why']}" in explain(lesson, "x/d30")


def test_posts_that_come_later_are_read_by_the_model_in_force(lessons: Store):
    learn(lessons)
    take(lessons, *doors(5, start=45), *skies(5, start=45))
    assert {category_of(lessons, f"x/d{number}") for number in range(45, 50)} == {"offer"}
    assert {category_of(lessons, f"x/s{number}") for number in range(45, 50)} == {"other"}
    assert rebuild(lessons).records == 0


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


def test_nothing_is_trained_until_there_is_a_new_label(lesson: Store):
    learn(lesson)
    assert learn(lesson).step == "rested"
    label(lesson, doors(1, start=21), "offer")
    assert learn(lesson).step in ("promoted", "refused")
    assert lesson.read("from models").height == 2


def test_a_worse_model_is_refused_and_its_figures_are_kept(lessons: Store):
    learn(lessons)
    stood, before = standing(lessons), faces(lessons).filter(pl.col("label") == "")
    # Labels at random, as somebody who mocks us would give.
    label(lessons, doors(20, start=20), "other", "offer")
    label(lessons, skies(20, start=20), "offer", "offer", "other", "other")
    learnt = learn(lessons)
    assert learnt.step == "refused"
    assert learnt.after is not None
    assert standing(lessons) == stood
    assert before.join(faces(lessons), on="record").filter(
        (pl.col("label_right") == "") & (pl.col("category") != pl.col("category_right"))
    ).is_empty()  # fmt: skip
    assert lessons.read("select action, weights is null as bare from models order by step").rows() == [
        ("promoted", False),
        ("refused", True),
    ]


# What is never overruled


def test_a_person_is_never_overruled(lessons: Store):
    relabel(lessons, "x/d30", "sympathy", AN)
    learn(lessons)
    assert category_of(lessons, "x/d30") == "sympathy"
    assert category_of(lessons, "x/d31") == "offer"
    later = relabel(lessons, "x/d31", "blame", AN)
    assert category_of(lessons, "x/d31") == "blame"
    undo(lessons, later, AN)
    assert category_of(lessons, "x/d31") == "offer"


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


def test_one_call_puts_the_rules_in_force_again(lessons: Store):
    before = faces(lessons)
    learn(lessons)
    assert faces(lessons).rows() != before.rows()
    assert roll_back(lessons, BO, "it took weather for beds") is None
    assert faces(lessons).rows() == before.rows()
    row = lessons.read("from models where action = 'withdrawn'").row(0, named=True)
    assert (row["who"], row["role"], row["reason"]) == ("Bo", "coordinator", "it took weather for beds")
    with pytest.raises(DecisionRefused, match="rules alone"):
        roll_back(lessons, BO)


def test_only_a_coordinator_takes_a_model_back(lesson: Store):
    learn(lesson)
    stood = standing(lesson)
    with pytest.raises(NotAllowed):
        roll_back(lesson, AN)
    assert standing(lesson) == stood


def test_one_call_puts_the_model_before_it_in_force_again(lesson: Store):
    learn(lesson)
    first, before = standing(lesson), faces(lesson).filter(pl.col("label") == "")
    take(lesson, *beds(30))
    words = ("Jazeker", "Welnee", "Hoezo", "Tja", "Kijk", "Zeg", "Och")
    angry = [
        post("x", f"a{n}", f"boos{n}", f"{words[n % 7]} wie tekende dat plan, {n} namen staan eronder")
        for n in range(40)
    ]
    take(lesson, *angry)
    by_rules = category_of(lesson, "x/a39")
    assert by_rules != "blame"
    label(lesson, angry[:25], "blame")
    assert learn(lesson).step == "promoted"
    assert standing(lesson) != first
    assert category_of(lesson, "x/a39") == "blame"
    assert roll_back(lesson, BO) == first
    assert category_of(lesson, "x/a39") == by_rules
    assert before.join(faces(lesson), on=before.columns, how="anti").is_empty()
    assert rebuild(lesson).records == 0


def test_after_a_roll_back_it_learns_again_from_twenty_new_labels_on(lesson: Store):
    learn(lesson)
    roll_back(lesson, BO)
    label(lesson, doors(10, start=20), "offer")
    learnt = learn(lesson)
    assert (learnt.step, learnt.labels) == ("waiting", 10)
    assert learnt.sentence == "Learning begins at 20 labels since the model was withdrawn: 10 so far."
    label(lesson, skies(10, start=20), "other")
    assert learn(lesson).step == "promoted"


# Nothing is lost, everything comes out the same


def test_a_rebuild_with_a_model_in_force_comes_out_as_it_stands(lessons: Store):
    learn(lessons)
    take(lessons, *doors(5, start=45), post("x", "77", "piet", f"RT @deur30: {doors(1, start=30)[0].text}"), *beds(3))
    relabel(lessons, "x/d45", "request", AN)
    before = outcome(lessons)
    found = rebuild(lessons, apply=True)
    assert (found.links, found.records) == (0, 0)
    assert outcome(lessons) == before


def test_what_was_written_by_another_model_meanwhile_is_brought_in_line(lessons: Store):
    learn(lessons)
    sound = faces(lessons)
    batch = int(lessons.read("select max(batch) + 1 as n from batches").item())
    late = lessons.read(
        "select faces.* from faces join current_records using (root, category_why) "
        "where current_records.category = 'offer' and current_records.label = '' limit 3"
    )
    with lessons.transaction() as tx:
        tx.append("faces", late.with_columns(category=pl.lit("other"), batch=pl.lit(batch)))
        tx.append("batches", pl.DataFrame({"batch": [batch]}))
    assert faces(lessons).rows() != sound.rows()
    assert keep_settled(lessons) == 3
    assert faces(lessons).rows() == sound.rows()
    assert keep_settled(lessons) == 0


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


def test_weights_that_cannot_be_read_leave_the_rules_in_force(lesson: Store, caplog: pytest.LogCaptureFixture):
    learn(lesson)
    with lesson.transaction() as tx:
        broken = tx.read("from models").with_columns(
            step=pl.lit(2, pl.Int64), model=pl.lit("broken"), weights=pl.lit(b"PK none")
        )
        tx.append("models", broken)
    take(lesson, *doors(3, start=45))
    assert category_of(lesson, "x/d45") != "offer"
    assert "cannot be read" in caplog.text
    _read.pop("broken")


JUDGED = """
import sys
from dedupe.learning.force import judge_heads, model_in_force
from dedupe.store import Store

with Store(sys.argv[1]) as lesson:
    print(judge_heads(lesson, model_in_force(lesson)).height, "sklearn" in sys.modules)
"""


def test_a_process_that_only_judges_never_loads_scikit_learn(tmp_path: Path):
    with Store(tmp_path / "night.duckdb") as store:
        taught(store)
        learn(store)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", JUDGED, str(tmp_path / "night.duckdb")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.stdout == "80 False\n", done.stderr
