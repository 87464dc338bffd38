"""Files that are no plan: each begins with a remark that says where the first error must be told."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from playbooks.edit import save
from playbooks.errors import PlaybookError
from playbooks.loader import MAX_BYTES, parse_playbook, shipped
from tests.playbooks.conftest import SMALL_PLAN

BROKEN = sorted((Path(__file__).parent / "broken").glob("*.yaml"))
LARGE = {
    "fifty megabytes": lambda: b"a: b\n" * 10_000_000,
    "a megabyte of items": lambda: b"- a\n" * (MAX_BYTES // 4),
    "a megabyte of brackets": lambda: b"[" * MAX_BYTES,
    "a megabyte of anchors": lambda: b"- &a [*a]\n" * (MAX_BYTES // 11),
    "a megabyte of one word": lambda: b"plan: " + b"x" * (MAX_BYTES - 6),
    "a megabyte of numbers": lambda: (
        SMALL_PLAN.encode() + b"sources:\n" + b'  - "04 04 04 04 04 04 04 04 04 04"\n' * 15_000
    ),
    "a megabyte of dots": lambda: SMALL_PLAN.encode() + b"do:\n" + b'  - {nl: "' + b"a.b-" * 480 + b'"}\n' * 400,
}
WORTH = 60
"""No broken file may take longer than so many readings of the plan that ships."""


@pytest.fixture(scope="module")
def reading() -> float:
    """Seconds that the plan that ships takes, on this machine, now."""
    plan = shipped()["festival-storm"].read_bytes()
    return min(seconds(plan) for _ in range(3))


def seconds(data: bytes) -> float:
    start = time.perf_counter()
    parse_playbook(data, name="plan")
    return time.perf_counter() - start


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_file_is_refused_at_its_line(path: Path) -> None:
    data = path.read_bytes()
    line, column = map(int, data.split()[1].split(b":"))
    read = parse_playbook(data, name=path.name)
    assert read.playbook is None
    errors = [(problem.line, problem.column) for problem in read.problems if problem.level == "error"]
    assert (line, column) in errors, "\n".join(map(str, read.problems))


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_file_is_never_saved(path: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(SMALL_PLAN, encoding="utf-8")
    with pytest.raises(PlaybookError):
        save(plan, path.read_bytes())
    assert [file.name for file in tmp_path.iterdir()] == ["plan.yaml"]
    assert plan.read_text(encoding="utf-8") == SMALL_PLAN


@pytest.mark.parametrize("what", LARGE)
def test_a_large_file_is_refused_before_long(what: str, reading: float) -> None:
    data = LARGE[what]()
    start = time.perf_counter()
    read = parse_playbook(data, name="plan")
    assert time.perf_counter() - start < WORTH * reading
    assert read.playbook is None


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_file_does_not_keep_anyone_waiting(path: Path, reading: float) -> None:
    assert seconds(path.read_bytes()) < WORTH * reading
