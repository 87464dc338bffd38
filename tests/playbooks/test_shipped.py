from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import get_args

import pytest
from pydantic import BaseModel

from playbooks.fill import fill, variables_in
from playbooks.loader import check_playbook, load_playbook, shipped
from playbooks.model import Playbook
from playbooks.parts import Condition, Template, Trigger
from playbooks.triggers import Figures, fired
from playbooks.values import LANGUAGES, Text
from playbooks.vocabulary import FIGURES, Figure, KindName

TODAY = date(2026, 11, 21)
FULL = {"nl": "VOL", "fr": "COMPLET", "de": "VOLL", "en": "FULL"}
NIGHT: dict[str, Figures] = {
    "enough": {("unique_offers", None): 60, ("open_requests", None): 5},
    "shortage": {("short_of_kind", "bed"): 10},
    "rumours": {("rumour_repeats", "a"): 20},
    "meet_threat": {("threats", None): 1},
    "check_source": {("source_silent_min", "bluesky"): 20},
    "sympathy_place": {("sympathy_posts", None): 100},
    "no_numbers": {("contact_data", None): 5},
    "pause": {("blame_posts", None): 30},
    "answer_request": {("longest_wait_min", None): 60},
}
"""Action every plan calls for -> figures on which it does."""

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


def texts(part: object) -> Iterator[Text]:
    if isinstance(part, Text):
        yield part
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from texts(getattr(part, name))
    elif isinstance(part, tuple | dict):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from texts(inner)


def making(playbook: Playbook, principle: str) -> list[Template]:
    return [template for template in playbook.templates if template.principle == principle]


def test_four_plans_ship() -> None:
    assert set(shipped()) == {"festival-storm", "flood", "attack-shelter", "power-cut"}


def test_every_text_stands_in_all_four_languages(playbook: Playbook) -> None:
    found = list(texts(playbook))
    assert len(found) > 150
    for text in found:
        assert all(getattr(text, language) for language in LANGUAGES), text.nl


def test_a_shipped_plan_has_no_error_and_no_warning(name: str) -> None:
    assert check_playbook(shipped()[name], today=TODAY) == []


def test_a_shipped_plan_bears_the_name_of_its_file(name: str, playbook: Playbook) -> None:
    assert playbook.plan.id == name


def test_a_shipped_plan_makes_all_seven_prosocial_moves(playbook: Playbook) -> None:
    assert {template.principle for template in playbook.templates} >= MOVES


def test_the_moves_are_messages_with_a_sample_and_a_number(playbook: Playbook) -> None:
    numbers = {"count", "offers", "beds", "rides", "people", "houses", "doors", "homes", "nights"}
    samples = [*making(playbook, "good_example"), playbook.template("write_like_this")]
    assert all("#{tag}" in text for template in samples for text in spoken(template))
    assert playbook.template("write_like_this").principle == "confidence"
    thanks = playbook.template("thanks")
    assert thanks.principle == "positive_feedback"
    for template in (*making(playbook, "good_example"), *making(playbook, "meaning"), thanks):
        assert numbers & set(template.variables.longest()), template.id


def test_people_are_asked_to_answer_full_and_to_pass_on_the_tag(playbook: Playbook) -> None:
    full, spread = playbook.template("answer_full"), playbook.template("spread_tag")
    for language in LANGUAGES:
        assert re.search(rf"\b{FULL[language]}\b", full.text.in_language(language))
        assert "#{tag}" in spread.text.in_language(language)


def test_every_kind_has_a_name(playbook: Playbook) -> None:
    assert {kind.id for kind in playbook.offers.kinds} == set(get_args(KindName))


def test_rumours_to_expect_have_an_answer_and_somebody_who_confirms_it(playbook: Playbook) -> None:
    assert len(playbook.rumours) >= 5
    for rumour in playbook.rumours:
        for language in LANGUAGES:
            assert rumour.question.in_language(language).endswith("?")
            assert not rumour.answer.in_language(language).endswith("?")


def test_moderation_goes_from_recognising_to_reporting_to_talking(playbook: Playbook) -> None:
    assert [step.id for step in playbook.moderation.steps] == ["recognise", "report", "talk"]
    assert {point.country for point in playbook.moderation.reporting_points} >= {"BE", "NL"}
    assert playbook.moderation.dont


def test_the_full_text_can_be_read_without_an_account(playbook: Playbook) -> None:
    assert any(channel.role == "source" and channel.readable_without_account for channel in playbook.channels)


def test_in_a_power_cut_most_sources_need_no_power() -> None:
    plan = load_playbook(shipped()["power-cut"], today=TODAY)
    sources = [channel.network for channel in plan.channels if channel.role == "source"]
    assert sources[:3] == ["radio", "print", "desk"]
    spoken_to = {name for phase in plan.phases for action in phase.actions for name in action.channels}
    for audience in ("affected", "depending"):
        for phase in plan.phases:
            for action in (one for one in phase.actions if audience in one.audiences and one.within_min is not None):
                offline = {"radio", "posters", "desks", "sound_truck", "at_the_door", "be_alert"}
                assert offline & set(action.channels) & spoken_to, action.id


@pytest.mark.parametrize("action", sorted(NIGHT))
def test_what_the_board_notices_calls_for_the_action(playbook: Playbook, action: str) -> None:
    assert action in [one.trigger.action for one in fired(playbook, NIGHT[action], [])]
    assert fired(playbook, dict.fromkeys(NIGHT[action], -1.0), []) == []


def test_the_bound_of_offers_and_requests_is_exact(playbook: Playbook) -> None:
    for offers, requests in ((59, 5), (60, 6)):
        figures: Figures = {("unique_offers", None): offers, ("open_requests", None): requests}
        assert "enough" not in [one.trigger.action for one in fired(playbook, figures, [])]


def test_every_trigger_fires_when_all_its_conditions_hold_and_not_when_one_does_not(playbook: Playbook) -> None:
    for trigger in playbook.triggers:
        assert trigger in [one.trigger for one in fired(playbook, met(trigger), [])], trigger.id
        for condition in trigger.when:
            nearly = {**met(trigger), key(condition): missed(condition)}
            assert trigger not in [one.trigger for one in fired(playbook, nearly, [])], trigger.id


def test_what_calls_for_an_action_has_a_role_that_acts(playbook: Playbook) -> None:
    for trigger in playbook.triggers:
        _, action = playbook.action(trigger.action)
        assert playbook.role(action.role).stand_in, trigger.id


def spoken(template: Template) -> list[str]:
    return [template.text.in_language(language) for language in LANGUAGES]


def key(condition: Condition) -> tuple[Figure, str | None]:
    about = FIGURES[condition.figure].about
    return condition.figure, (condition.kind or ("bed" if about == "kind" else "a")) if about else None


def met(trigger: Trigger) -> dict[tuple[Figure, str | None], float]:
    return {key(one): one.at_least if one.at_least is not None else one.at_most or 0 for one in trigger.when}


def missed(condition: Condition) -> float:
    return condition.at_least - 1 if condition.at_least is not None else (condition.at_most or 0) + 1


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
