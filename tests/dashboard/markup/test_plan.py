"""The plan beside the offers: what is due when, and what of the board goes into its texts."""

from __future__ import annotations

from datetime import timedelta
from html.parser import HTMLParser

import polars as pl
import pytest

from dashboard.course import NOTHING, Course, Firing, Mark
from dashboard.fillings import Known
from dashboard.markup import plan
from dashboard.words import LANGUAGES, texts, words
from playbooks.lengths import measure
from playbooks.loader import load_playbook, shipped
from playbooks.triggers import Cause
from playbooks.vocabulary import FIGURES
from tests.support.boards import INCIDENT, START

NL = words("nl", "Europe/Brussels")


@pytest.fixture(scope="module")
def playbook():
    return load_playbook(shipped()["festival-storm"])


def known(playbook, minutes: int, counted=None, so_far: Course = NOTHING) -> Known:
    now = START + timedelta(minutes=minutes)
    return Known(playbook=playbook, incident=INCIDENT, figures=counted, course=so_far, now=now)


def test_what_is_late_comes_before_what_is_due_and_that_before_what_comes(playbook):
    for minutes in (0, 20, 50, 61, 200, 700, 2_000):
        found, left = plan.tasks(known(playbook, minutes))
        assert list(found) == ["late", "now", "next"]
        entries = [entry for entries in found.values() for entry in entries]
        assert len({entry.action.id for entry in entries}) == len(entries), "no action stands there twice"
        assert left == 0 or len(found["next"]) == plan.SHOWN_NEXT


def test_only_what_is_for_a_role_is_shown(playbook):
    found, _ = plan.tasks(known(playbook, 20), ["webcare"])
    roles = {entry.action.role for entries in found.values() for entry in entries}
    assert roles == {"webcare"}
    assert plan.tasks(known(playbook, 20), []) == ({"late": [], "now": [], "next": []}, 0)


def test_what_was_sent_is_gone_and_what_a_trigger_calls_for_says_why_with_its_figures(playbook):
    cause = Cause(trigger="more_offers_than_requests")
    firing = Firing(
        cause=cause, at=START + timedelta(minutes=60), figures=(("unique_offers", 63), ("open_requests", 4))
    )
    so_far = Course(firings=(firing,))
    found, _ = plan.tasks(known(playbook, 65, so_far=so_far))
    entry = next(entry for entry in found["now"] if entry.cause == cause)
    shown = plan.line(known(playbook, 65, so_far=so_far), entry, NL)
    assert "Waarom nu: 63 aanbiedingen, 4 vragen" in shown
    assert "tegen 19:25" in shown
    mark = Mark(
        decision="d", at=START, who="Mo", role="moderator", skipped=False, action=entry.action.id, round=cause.key
    )
    done = plan.tasks(known(playbook, 65, so_far=Course(firings=(firing,), marks=(mark,))))[0]
    assert not [one for entries in done.values() for one in entries if one.cause == cause]


def test_a_rumour_is_shown_covered_and_one_of_x_not_at_all(playbook):
    firing = Firing(cause=Cause(trigger="rumour_spreads", about="abc"), at=START, figures=(("rumour_repeats", 21),))
    for network, words_shown in (("mastodon", "“Bel •••, de brug is weg”: 21 berichten"), ("x", "21 berichten")):
        rumours = pl.DataFrame({"record": ["abc"], "network": [network], "text": ["Bel 0470 00 00 01, de brug is weg"]})
        assert plan.reason(playbook, firing, NL, rumours) == words_shown


def test_the_clock_and_the_phase_stand_on_top(playbook):
    head = plan.head(known(playbook, 83), NL)
    assert "T+1:23" in head
    assert "niet goedgekeurd" in head
    assert "Volgende fase" in head
    assert "T+-0:10" in plan.head(known(playbook, -10), NL)
    held = plan.head(known(playbook, 83, so_far=Course(started={"evening_night": None})), NL)
    assert "wacht tot iemand ze start" in held


def test_a_message_that_is_too_long_is_marked_on_its_network():
    assert "over" not in plan.size(measure("bluesky", "a" * 300), NL)
    assert 'class="size over"' in plan.size(measure("bluesky", "a" * 301), NL)
    assert "1 te lang" in plan.size(measure("bluesky", "a" * 301), NL)
    assert "2 sms" in plan.size(measure("sms", "a" * 161), NL)
    assert plan.size(None, NL)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_is_well_formed_in_every_language(language, playbook):
    said = words(language, "Europe/Brussels")
    firing = Firing(cause=Cause(trigger="kind_short", about="bed"), at=START, figures=(("short_of_kind", 12),))
    mark = Mark(
        decision="d", at=START, who="<Mo>", role="moderator", skipped=True, action="gone", round="0", reason="a < b"
    )
    so_far = Course(firings=(firing,), marks=(mark,), duties={"webcare": "<An>"}, checked={"trains": (START, "<Mo>")})
    told = known(playbook, 70, so_far=so_far)
    parts = [plan.head(told, said), plan.advice(playbook, said), plan.moderation(playbook, said)]
    parts += [plan.rumour(told, one, said) for one in playbook.rumours]
    parts += [plan.role(playbook, one, so_far.duties, said) for one in playbook.roles]
    parts += [plan.firings(told, said, None), plan.deed(told, mark, said)]
    parts += [plan.line(told, entry, said) for entries in plan.tasks(told)[0].values() for entry in entries]
    for part in parts:
        balance = Balance()
        balance.feed(part)
        assert balance.open == []
        assert "None" not in balance.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_of_the_vocabulary_has_its_words(language):
    assert not [figure for figure in FIGURES if f"figure.{figure}" not in texts(language)]


class Balance(HTMLParser):
    """Which tags are open, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
