"""The JSON Schema that ships: current, and of one mind with the model."""

from __future__ import annotations

import json
from datetime import date, datetime
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

from playbooks.loader import parse_playbook, shipped
from playbooks.schema import schema_text
from playbooks.tree import plain, read_tree
from tests.playbooks.conftest import SMALL_PLAN

SHIPPED = files("playbooks").joinpath("schema.json").read_text(encoding="utf-8")
VALIDATOR = jsonschema.Draft202012Validator(json.loads(SHIPPED))


def as_json(value: Any) -> Any:
    """A plan as an editor sees it: lists, and days as text."""
    if isinstance(value, dict):
        return {key: as_json(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [as_json(inner) for inner in value]
    return value.isoformat() if isinstance(value, date | datetime) else value


def complaints(text: str) -> list[str]:
    root, _ = read_tree(text, "plan")
    assert root is not None
    return [error.message for error in VALIDATOR.iter_errors(as_json(plain(root)))]


def test_the_schema_that_ships_is_current() -> None:
    assert schema_text() == SHIPPED, "helpt playbook schema > playbooks/schema.json"
    jsonschema.Draft202012Validator.check_schema(json.loads(SHIPPED))


@pytest.mark.parametrize("name", sorted(shipped()))
def test_a_shipped_plan_fits_the_schema_and_names_it_for_editors(name: str) -> None:
    text = shipped()[name].read_text(encoding="utf-8")
    assert complaints(text) == []
    assert text.startswith("# yaml-language-server: $schema=../schema.json\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  owner: head", "  ownr: head"),
        ("status: draft", "status: ready"),
        ("within_min: 20", 'within_min: "20"'),
        ("board: {time: 5}", "board: {zone: 5}"),
        ("person: {place: null}", "person: {Place: 5}"),
        ("figure: short_of_kind", "figure: short_of_beds"),
        ("{figure: unique_offers, at_least: 60}", "{figure: unique_offers}"),
        ('tone: {nl: "Zacht"', 'tone: {be: "Zacht"'),
    ],
)
def test_what_the_schema_refuses_the_check_refuses_too(old: str, new: str) -> None:
    assert complaints(SMALL_PLAN) == []
    broken = SMALL_PLAN.replace(old, new, 1)
    assert complaints(broken)
    assert parse_playbook(broken.encode(), name="plan").playbook is None


def test_every_key_says_what_it_is_for() -> None:
    for name, part in json.loads(SHIPPED)["$defs"].items():
        for key, value in part["properties"].items():
            assert value.get("description"), (name, key)
