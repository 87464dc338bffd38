"""Settings of the store: times by kind, and what is refused."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from dedupe.deciding.life import TERMS
from dedupe.reading.lexicon import KINDS
from dedupe.settings import DedupeSettings


def test_without_settings_the_usual_terms_hold():
    assert DedupeSettings().terms() == TERMS
    assert set(TERMS.expiry) == set(KINDS)
    assert (TERMS.hold, TERMS.expiry["bed"], TERMS.expiry["ride"]) == (15, 1440, 180)


def test_a_kind_that_is_named_changes_alone():
    terms = DedupeSettings.model_validate({"hold": 5, "expiry": {"ride": 60, "other": 30}}).terms()
    assert (terms.hold, terms.other, terms.expiry["ride"], terms.expiry["bed"]) == (5, 30, 60, 1440)


@pytest.mark.parametrize("table", [{"hold": 0}, {"expiry": {"sauna": 60}}, {"expiry": {"bed": 0}}])
def test_a_time_or_kind_that_cannot_be_is_refused(table: dict[str, object]):
    with pytest.raises(ValidationError):
        DedupeSettings.model_validate(table)
