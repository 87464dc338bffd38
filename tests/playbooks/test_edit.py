from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from playbooks.edit import edited, save
from playbooks.errors import PlaybookError
from playbooks.loader import load_playbook, parse_playbook, shipped

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize("name", sorted(shipped()))
def test_a_plan_that_is_edited_keeps_every_remark_and_every_line(name: str) -> None:
    text = shipped()[name].read_text(encoding="utf-8")
    assert edited(text, {}) == text
    changed = edited(text, {("plan", "municipality"): "Genk", ("hashtags", "variants"): ["a", "b"]})
    differ = [new for old, new in zip(text.splitlines(), changed.splitlines(), strict=True) if old != new]
    assert differ == ["  municipality: Genk", "  variants: [a, b]"]


@pytest.mark.parametrize(
    "word", ["no", "null", "1.0", "2026-01-01", "a: b", "# a", "{a}", "Liège", "*a", "'", '"', "- a"]
)
def test_any_word_can_be_put_in_and_is_read_as_that_word(small_plan: str, word: str) -> None:
    text = edited(small_plan, {("plan", "municipality"): word})
    read = parse_playbook(text.encode(), name="plan", today=TODAY)
    if word != "{a}":  # braces belong in templates
        assert read.playbook is not None, read.problems
        assert read.playbook.plan.municipality == word
    assert not any("not YAML" in problem.what for problem in read.problems)


def test_a_sound_plan_is_saved_byte_for_byte(small_plan: str, tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf# mine\r\n" + small_plan.replace("\n", "\r\n").encode()
    path = tmp_path / "plan.yaml"
    assert save(path, data, today=TODAY).problems == ()
    assert path.read_bytes() == data
    save(path, small_plan.encode(), today=TODAY)
    assert load_playbook(path, today=TODAY).plan.id == "small"
    assert [file.name for file in tmp_path.iterdir()] == ["plan.yaml"]


def test_a_plan_with_an_error_leaves_the_saved_one_alone(small_plan: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    save(path, small_plan.encode(), today=TODAY)
    with pytest.raises(PlaybookError, match="no `hed` under roles"):
        save(path, small_plan.replace("owner: head", "owner: hed").encode(), today=TODAY)
    assert path.read_text(encoding="utf-8") == small_plan


def test_a_place_that_cannot_be_written_is_told(small_plan: str, tmp_path: Path) -> None:
    with pytest.raises(PlaybookError, match="cannot be written"):
        save(tmp_path / "absent" / "plan.yaml", small_plan.encode(), today=TODAY)
