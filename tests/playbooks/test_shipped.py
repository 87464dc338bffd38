from __future__ import annotations

from datetime import date

import pytest

from playbooks.fill import fill, variables_in
from playbooks.loader import check_playbook, load_playbook, shipped
from playbooks.model import Playbook
from playbooks.values import LANGUAGES

TODAY = date(2026, 11, 21)
MOVES = {
    "good_example",
    "positive_feedback",
    "social_support",
    "mindfulness",
    "responsibility",
    "confidence",
    "meaning",
}


@pytest.fixture(scope="module", params=sorted(shipped()))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def playbook(name: str) -> Playbook:
    return load_playbook(shipped()[name], today=TODAY)


def test_the_festival_plan_ships() -> None:
    assert "festival-storm" in shipped()


def test_a_shipped_plan_has_no_error_and_no_warning(name: str) -> None:
    assert check_playbook(shipped()[name], today=TODAY) == []


def test_a_shipped_plan_bears_the_name_of_its_file(name: str, playbook: Playbook) -> None:
    assert playbook.plan.id == name


def test_a_shipped_plan_makes_all_seven_prosocial_moves(playbook: Playbook) -> None:
    assert {template.principle for template in playbook.templates} >= MOVES


def test_every_template_is_used_somewhere(playbook: Playbook) -> None:
    used = {action.template for phase in playbook.phases for action in phase.actions}
    used |= {playbook.sympathy.template} | {step.template for step in playbook.moderation.steps}
    assert {template.id for template in playbook.templates} <= used


def test_a_filled_message_has_no_variable_left(playbook: Playbook) -> None:
    for template in playbook.templates:
        for language in LANGUAGES:
            filled = fill(template.text.in_language(language), dict.fromkeys(template.variables.longest(), "x"))
            assert variables_in(filled) == ()
            assert "‹" not in filled


def test_no_two_languages_of_a_text_are_the_same_message(playbook: Playbook) -> None:
    for template in playbook.templates:
        texts = {template.text.in_language(language) for language in LANGUAGES}
        assert len(texts) == len(LANGUAGES), template.id


def test_invented_accounts_stand_on_reserved_hosts(playbook: Playbook) -> None:
    for channel in playbook.channels:
        if channel.account is not None and channel.network != "phone":
            assert ".example" in channel.account, channel.id
