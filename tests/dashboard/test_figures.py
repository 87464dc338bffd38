"""The figures triggers look at and the variables messages tell, from the frames of the board."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from dashboard.course import Course, Firing
from dashboard.figures import enough, figures, short
from dashboard.fillings import Known, fillings
from dashboard.noticed import Noticed
from dashboard.watch import read_now
from dashboard.words import words
from dedupe.deciding.life import STATES
from dedupe.deciding.matches import match
from dedupe.deciding.roles import Actor
from playbooks.clock import Due
from playbooks.loader import load_playbook, shipped
from playbooks.triggers import Cause
from playbooks.vocabulary import BOARD_VARIABLES, FIGURES
from tests.support.boards import INCIDENT, START, Line, bed, board_on, filled, post

NL = words("nl", "Europe/Brussels")
NOW = START + timedelta(minutes=125)


@pytest.fixture(scope="module")
def playbook():
    return load_playbook(shipped()["festival-storm"])


NIGHT = pl.DataFrame(
    {
        "root": [1, 2, 3, 4, 5, 6],
        "category": ["offer", "offer", "offer", "request", "request", "request"],
        "kind": ["bed", "bed", "ride", "bed", "food", "ride"],
        "left": [30, None, 2, 9, None, 1],
        "state": ["available", "unknown", "full", "claimed", "available", "matched"],
        "first_seen": [NOW - timedelta(minutes=minutes) for minutes in (9, 8, 7, 95, 5, 200)],
    }
)
NOTICED = Noticed(
    recent=pl.DataFrame({"category": ["blame", "sympathy"], "hour": [21, 104], "minutes": [5, 20]}),
    rumours=pl.DataFrame({"record": ["abc"], "root": [9], "network": ["mastodon"], "text": ["De brug is weg"], "posts": [22]}),
    showing=pl.DataFrame({"root": [1, 3, 4]}),
    flagged=pl.DataFrame({"root": [7, 8], "flags": [["threat", "hate"], ["hate"]], "posts": [2, 3]}),
)  # fmt: skip
LINES = [
    Line(source="x", last_ok=NOW - timedelta(minutes=12)),
    Line(source="bluesky", last_ok=NOW - timedelta(minutes=30)),
    Line(source="bluesky", query="tags", last_ok=NOW - timedelta(minutes=3)),
    Line(source="mastodon", state="paused", last_ok=NOW - timedelta(minutes=60)),
    Line(source="inbox"),
]


def test_every_figure_of_the_vocabulary_is_counted(playbook):
    known = figures(playbook, INCIDENT, NIGHT, NOTICED, LINES, NOW, NOW)
    assert {figure for figure, _ in known} == set(FIGURES)
    about = {key: value for key, value in known.items() if key[1] in (None, "bed", "abc", "x", "bluesky", "mastodon")}
    assert about == {
        ("unique_offers", None): 2, ("open_requests", None): 2, ("full_offers", None): 1,
        ("minutes_since_start", None): 125, ("longest_wait_min", None): 95,
        ("offers_of_kind", "bed"): 2, ("places_of_kind", "bed"): 31, ("requests_of_kind", "bed"): 1,
        ("short_of_kind", "bed"): 0, ("blame_posts", None): 21, ("sympathy_posts", None): 104,
        ("posts_per_minute", None): 2.5, ("rumour_repeats", "abc"): 22, ("contact_data", None): 2,
        ("threats", None): 2, ("hate", None): 5, ("source_silent_min", "x"): 12, ("source_silent_min", "bluesky"): 3,
    }  # fmt: skip
    assert known["short_of_kind", "food"] == 1
    assert known["short_of_kind", "ride"] == 0, "a request that was matched asks nothing any more"
    assert (short(playbook, known), enough(playbook, known)) == (["food"], ["bed"])


@pytest.mark.parametrize("state", STATES)
def test_what_may_still_be_used_is_open_and_what_is_unknown_most_of_all(playbook, state: str):
    open_still = state in ("available", "unknown", "claimed")
    night = NIGHT.with_columns(state=pl.lit(state))
    known = figures(playbook, INCIDENT, night, NOTICED, LINES, NOW, NOW)
    counted = {
        figure: known[figure, None] for figure in ("unique_offers", "open_requests", "longest_wait_min", "contact_data")
    }
    open_ones = {"unique_offers": 3, "open_requests": 3, "longest_wait_min": 200, "contact_data": 3}
    assert counted == (open_ones if open_still else dict.fromkeys(counted, 0))
    assert known["places_of_kind", "bed"] == (31 if open_still else 0)
    assert known["short_of_kind", "food"] == (1 if open_still else 0)


def test_places_that_were_given_away_are_offered_no_more(tmp_path: Path, playbook):
    posts = [
        bed(1, minute=1, places=3),
        post(2, "Zoek slaapplaats voor 4 personen in Genk, bel 0470 02 00 01", minute=2),
    ]
    with board_on(filled(tmp_path / "store.duckdb", posts), now=NOW) as board:
        bed_given, asked = (read_now(board)[1].filter(category=side)["record"].item() for side in ("offer", "request"))
        match(board.store, bed_given, asked, Actor(who="An", role="coordinator"), places=2, at=NOW)
        _, rows, noticed = read_now(board)
    known = figures(playbook, INCIDENT, rows, noticed, LINES, NOW, NOW)
    assert (known["places_of_kind", "bed"], known["short_of_kind", "bed"]) == (1, 1)


def test_what_cannot_be_told_is_unknown_and_not_nothing(playbook):
    bare = figures(playbook, INCIDENT, NIGHT.clear(), None, (), NOW, NOW)
    assert not {"threats", "hate", "contact_data", "source_silent_min", "blame_posts"} & {figure for figure, _ in bare}


def test_every_variable_of_the_board_can_be_filled_in(playbook):
    cause = Cause(trigger="kind_short", about="food")
    so_far = Course(firings=(Firing(cause=cause, at=NOW, figures=(("short_of_kind", 12),)),))
    known = Known(
        playbook=playbook,
        incident=INCIDENT,
        figures=figures(playbook, INCIDENT, NIGHT, NOTICED, LINES, NOW, NOW),
        course=Course(firings=so_far.firings, checked={"trains": (NOW - timedelta(minutes=4), "Mo")}),
        now=NOW,
    )
    phase, action = playbook.action("shortage")
    entry = Due(phase=phase, action=action, due_min=130, state="now", round=cause.key, cause=cause)
    rumour = next(one for one in playbook.rumours if one.id == "trains")
    found = fillings(known, NL, entry, rumour)
    assert set(found) == set(BOARD_VARIABLES)
    told = {name: value for name, value in found.items() if name not in ("fact", "source", "page", "place", "next")}
    assert told == {
        "time": "20:20", "hours": "2", "tag": "hasselthelpt", "info_line": "1771", "offers": "2", "requests": "2",
        "beds": "31", "rides": "0", "offers_by_kind": "31 slaapplaatsen", "short": "eten en drinken",
        "enough": "slaapplaatsen", "full": "1", "kind": "eten en drinken", "figure": "12", "checked": "20:16",
    }  # fmt: skip
    assert found["fact"] == rumour.answer.nl
    assert fillings(known, words("fr", "Europe/Brussels"))["enough"] == "couchages"


def test_what_the_board_does_not_know_is_left_to_a_person(playbook):
    known = Known(playbook=playbook, incident=INCIDENT, figures=None, course=Course(), now=NOW)
    assert set(fillings(known, NL)) == {"time", "next", "hours", "tag", "place", "page", "info_line"}
