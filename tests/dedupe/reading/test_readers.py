"""The reader in force: a planner's own lists extend the bundled ones, and a broken one changes nothing."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest

from dedupe.errors import LexiconError
from dedupe.reading.readers import Reader, Readers, current_reader, make_reader, use_words

OWN = "concept: kind\nfirm:\n  bed:\n    nl: |\n      kiewithoek\n"
"""A word for a bed that no bundled list knows."""
TEXTS = pl.DataFrame({"wording": ["ik bied een kiewithoek in genk"], "has_contact": [False]})


def kind_by(reader: Reader) -> str | None:
    kind: str | None = reader.read(TEXTS)["kind"].item()
    return kind


def write(folder: Path, text: str, *, at: int) -> None:
    """A list as of second `at`."""
    path = folder / "mine.yaml"
    path.write_text(text, "utf-8")
    os.utime(path, (at, at))


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_own_lists_extend_the_bundled_ones_and_go_before_them(tmp_path: Path) -> None:
    assert kind_by(make_reader()) is None
    write(tmp_path, OWN, at=1)
    assert kind_by(make_reader(tmp_path)) == "bed"
    write(tmp_path, OWN.replace("bed:", "animal:").replace("kiewithoek", "slaapplaats"), at=2)
    texts = pl.DataFrame({"wording": ["slaapplaats vrij in genk"], "has_contact": [False]})
    assert make_reader(tmp_path).read(texts)["kind"].item() == "animal"
    assert make_reader().read(texts)["kind"].item() == "bed"


def test_a_change_takes_over_when_it_loads_and_a_broken_one_is_refused(tmp_path: Path) -> None:
    clock = Clock()
    readers = Readers(tmp_path, every=5.0, clock=clock)
    write(tmp_path, OWN, at=1)
    before = readers.current()
    assert (kind_by(before), readers.problem) == ("bed", None)

    write(tmp_path, OWN.replace("bed:", "bad:"), at=2)
    assert readers.current() is before  # it is not looked at yet
    assert readers.problem is None
    clock.now = 5.0
    assert readers.current() is before
    assert readers.problem
    assert f"{tmp_path.name}/mine.yaml:3: 'bad' is no kind" in readers.problem

    write(tmp_path, OWN.replace("bed:", "animal:"), at=3)
    clock.now = 10.0
    assert kind_by(readers.current()) == "animal"
    assert readers.problem is None


@pytest.mark.parametrize("text", [OWN.replace("bed:", "bad:"), "concept: {", "", "\x00"])
def test_a_list_that_is_broken_from_the_start_leaves_the_bundled_ones_in_force(tmp_path: Path, text: str) -> None:
    write(tmp_path, text, at=1)
    readers = Readers(tmp_path)
    texts = pl.DataFrame({"wording": ["slaapplaats vrij in genk"], "has_contact": [False]})
    assert readers.current().read(texts)["kind"].item() == "bed"
    assert readers.problem
    assert readers.problem.startswith("Your word lists are not in force, the bundled lists are: ")


def test_a_folder_that_is_not_there_is_told_and_read_when_it_comes(tmp_path: Path) -> None:
    folder, clock = tmp_path / "lists", Clock()
    readers = Readers(folder, every=5.0, clock=clock)
    assert kind_by(readers.current()) is None
    assert readers.problem
    folder.mkdir()
    write(folder, OWN, at=1)
    clock.now = 5.0
    assert kind_by(readers.current()) == "bed"


def test_two_workers_read_on_while_lists_change_and_break(tmp_path: Path) -> None:
    clock = Clock()
    readers = Readers(tmp_path, every=0.0, clock=clock)
    write(tmp_path, OWN, at=1)
    readers.current()
    stop, seen = threading.Event(), set[str | None]()

    def work() -> int:
        rounds = 0
        while not stop.is_set() or rounds == 0:
            seen.add(kind_by(readers.current()))
            rounds += 1
        return rounds

    with ThreadPoolExecutor(2) as workers:
        running = [workers.submit(work) for _ in range(2)]
        for step, kind in enumerate(("bad", "animal", "bad"), start=2):
            write(tmp_path, OWN.replace("bed:", f"{kind}:"), at=step)
            while kind != "bad" and kind not in seen:
                assert not any(each.done() for each in running)
        stop.set()
        assert all(each.result() > 0 for each in running)
    assert seen == {"bed", "animal"}


def test_the_process_reads_with_the_lists_it_is_told_to(tmp_path: Path) -> None:
    write(tmp_path, OWN, at=1)
    try:
        assert use_words(tmp_path).current() is current_reader()
        assert kind_by(current_reader()) == "bed"
    finally:
        use_words(None)
    assert kind_by(current_reader()) is None


def test_what_cannot_be_used_is_refused_by_who_makes_a_reader(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match="no word lists here"):
        make_reader(tmp_path)
