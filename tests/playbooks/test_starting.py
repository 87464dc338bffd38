from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from playbooks.errors import PlaybookError
from playbooks.loader import check_playbook, load_playbook, shipped
from playbooks.schema import schema_text
from playbooks.starting import SCHEMA_FILE, start

TODAY = date(2026, 11, 21)
ANSWERS = {"name": "Plan", "municipality": "Genk", "tag": "#genkhelpt", "owner": "editor"}


def nobody(question: str) -> str:
    raise EOFError(question)


@pytest.mark.parametrize("source", sorted(shipped()))
def test_a_new_plan_passes_its_own_check_as_a_draft(source: str, tmp_path: Path) -> None:
    path = tmp_path / "2 Mijn Stad.yaml"
    start(path, {"from": source, **ANSWERS}, nobody, TODAY)
    assert check_playbook(path, today=TODAY) == []
    plan = load_playbook(path, today=TODAY)
    assert (plan.plan.id, plan.plan.status, plan.plan.version) == ("mijn-stad", "draft", "0.1")
    assert (plan.plan.municipality, plan.plan.owner, plan.plan.title.de) == ("Genk", "editor", "Plan")
    assert (plan.plan.approved_on, plan.plan.review_before) == (None, date(2027, 11, 21))
    assert (plan.hashtags.official, plan.hashtags.variants) == ("genkhelpt", ("genkhelp", "genkhelpts"))


def test_remarks_and_messages_come_along_and_editors_find_the_schema(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    start(path, {"from": "festival-storm", **ANSWERS}, nobody, TODAY)
    text = path.read_text(encoding="utf-8")
    source = shipped()["festival-storm"].read_text(encoding="utf-8")
    assert text.startswith(f"# yaml-language-server: $schema={SCHEMA_FILE}\n")
    assert (tmp_path / SCHEMA_FILE).read_text(encoding="utf-8") == schema_text()
    remarks = [line for line in source.splitlines()[1:] if line.lstrip().startswith("#")]
    assert remarks
    assert [line for line in text.splitlines()[1:] if line.lstrip().startswith("#")] == remarks


def test_what_is_not_given_is_asked_and_nothing_takes_the_default(tmp_path: Path) -> None:
    asked: list[str] = []

    def answer(question: str) -> str:
        asked.append(question)
        return {"Kind": "festival-storm", "Offi": " genkhelpt "}.get(question[:4], "")

    start(tmp_path / "plan.yaml", {"municipality": "Genk"}, answer, TODAY)
    assert [question.split(" ")[0] for question in asked] == ["Kind", "Name", "Official", "Role"]
    assert "dir_d5" in asked[-1]
    assert load_playbook(tmp_path / "plan.yaml", today=TODAY).plan.owner == "dir_d5"


def test_an_answer_that_does_not_do_is_asked_for_again(tmp_path: Path) -> None:
    answers = iter(["", "storm", "festival-storm", "", "", "Genk", "genkhelpt", "nobody", ""])
    asked: list[str] = []

    def answer(question: str) -> str:
        asked.append(question)
        return next(answers)

    start(tmp_path / "plan.yaml", {}, answer, TODAY)
    assert [question.split(":")[0].split(" (")[0] for question in asked[:3]] == [
        "Kind of incident",
        "This is needed. Kind of incident",
        "Not one of these",
    ]
    assert asked[5].startswith("This is needed. Municipality")
    assert load_playbook(tmp_path / "plan.yaml", today=TODAY).plan.municipality == "Genk"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"from": "earthquake"}, "the from cannot be earthquake; expected one of: .*festival-storm"),
        ({"owner": "king"}, "the owner cannot be king; expected one of: mayor"),
        ({"municipality": None}, "no municipality was given"),
        ({"tag": "genk helpt"}, "genk helpt"),
        ({"tag": " "}, "no tag was given"),
    ],
)
def test_an_answer_that_does_not_do_is_refused_and_nothing_is_written(
    given: dict[str, str | None], told: str, tmp_path: Path
) -> None:
    with pytest.raises(PlaybookError, match=told):
        start(tmp_path / "plan.yaml", {"from": "festival-storm", **ANSWERS, **given}, nobody, TODAY)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(PlaybookError, match="there is a file of this name already"):
        start(path, {"from": "festival-storm", **ANSWERS}, nobody, TODAY)
    assert path.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("town", ["no", "Voeren: 's-Gravenvoeren #1", "Sint-Truiden", "On", "Genkhelp"])
def test_any_town_may_have_a_plan(town: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    start(path, {"from": "festival-storm", **ANSWERS, "municipality": town}, nobody, TODAY)
    assert load_playbook(path, today=TODAY).plan.municipality == town


def test_what_is_left_to_do_is_told_by_line(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    told = start(path, {"from": "festival-storm", **ANSWERS}, nobody, TODAY)
    lines = path.read_text(encoding="utf-8").splitlines()
    places = [line.split(":") for line in told if "put your own account here" in line]
    assert places
    assert all(".example" in lines[int(number) - 1] for _, number, *_ in places)
