"""The plan in force: a file that changes, breaks or goes while an incident runs."""

from __future__ import annotations

from pathlib import Path

from dashboard.plans import Plans
from playbooks.loader import shipped
from tests.support.boards import line_of

TEXT = shipped()["festival-storm"].read_text(encoding="utf-8")


def test_a_new_version_waits_until_it_is_taken_over(tmp_path: Path):
    file = tmp_path / "plan.yaml"
    file.write_text(TEXT)
    plans = Plans(str(file))
    first = plans.playbook
    assert first is not None
    file.write_text(TEXT.replace('version: "1.0"', 'version: "1.1"'))
    standing = plans.look()
    assert standing.playbook is first
    assert standing.waiting is not None
    assert plans.take_over() is standing.waiting
    assert plans.playbook is not None
    assert plans.playbook.plan.version == "1.1"
    assert plans.look().waiting is None


def test_a_plan_that_breaks_or_goes_leaves_the_last_good_one_and_says_where(tmp_path: Path):
    file = tmp_path / "plan.yaml"
    file.write_text(TEXT)
    plans = Plans(str(file))
    first = plans.playbook
    file.write_text(TEXT.replace("status: example", "status: perhaps"))
    standing = plans.look()
    assert standing.playbook is first
    assert f"{file}:{line_of(TEXT, 'status: example')}:" in (standing.problem or "")
    assert plans.take_over() is first
    file.unlink()
    assert plans.look().playbook is first
    assert "no such file" in (plans.look().problem or "")
    file.write_text(TEXT)
    assert plans.look().problem is None


def test_a_board_that_began_without_a_sound_plan_takes_the_first_one(tmp_path: Path):
    file = tmp_path / "plan.yaml"
    plans = Plans(str(file))
    assert plans.playbook is None
    assert "no such file" in (plans.look().problem or "")
    file.write_text(TEXT)
    assert plans.look().playbook is not None
    assert Plans(None).look().problem is None
