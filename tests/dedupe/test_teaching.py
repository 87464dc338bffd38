"""Teaching in the background: soon after a label, seldom enough, and while posts go on coming in."""

from __future__ import annotations

import threading
import time

import pytest

import helpt
from dedupe.deciding.decisions import relabel
from dedupe.learning.steps import learn, standing
from dedupe.runs import Journal
from dedupe.store import Store
from dedupe.teaching import REST, Teaching
from tests.dedupe.learning.lessons import AN, doors, label, skies, taught
from tests.support.posts import take


def trainings(store: Store) -> int:
    return store.read("from models where action <> 'withdrawn'").height


def test_a_look_learns_when_there_are_new_labels_and_not_otherwise(either: Store):
    teaching = Teaching(either, clock=lambda: 0.0)
    teaching.look()
    taught(either, as_read=False)
    teaching.look()
    stands = standing(either)
    assert stands is not None
    teaching.look()
    assert trainings(either) == 1


def test_the_next_training_waits_in_proportion_to_what_the_last_one_took(store: Store):
    now = [0.0]
    teaching = Teaching(store, clock=lambda: now[0])
    taught(store, as_read=False)
    teaching.look()
    label(store, doors(1, start=25), "offer")
    teaching.look()
    assert trainings(store) == 1
    now[0] = 60.0 * REST
    teaching.look()
    assert trainings(store) == 2


def test_a_process_that_starts_finds_what_another_learnt(store: Store):
    taught(store, as_read=False)
    learn(store)
    Teaching(store).look()
    assert trainings(store) == 1


def test_whoever_collects_learns_too(store: Store):
    taught(store, as_read=False)
    with helpt._into(store, [], Journal(store)):
        end = time.monotonic() + 120
        while standing(store) is None and time.monotonic() < end:
            time.sleep(0.2)
    assert standing(store) is not None


@pytest.mark.slow
def test_posts_and_decisions_go_on_while_it_learns(store: Store):
    taught(store, 2_500)
    take(store, *skies(1, start=8_999))  # the first reading loads the word lists
    learner = threading.Thread(target=learn, args=(store,))
    learner.start()
    taken, meanwhile = 0, 0
    while learner.is_alive() and taken < 50:
        take(store, *skies(1, start=9_000 + taken))
        taken += 1
        meanwhile += learner.is_alive()
    relabel(store, "x/s9000", "information", AN)
    learner.join()
    assert meanwhile, "no post was taken in before it had learnt"
    assert standing(store) is not None
    said = store.read("select distinct category from current_records where author like 'deur%'")
    assert said["category"].to_list() == ["offer"]
