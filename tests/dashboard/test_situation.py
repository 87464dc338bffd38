"""The situation without a browser: what is counted, what changed, the map, and both pages drawn empty, full and broken."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import landscape, situation
from dashboard.board import Board
from dashboard.landscape import land
from dashboard.markup import situation as drawing
from dashboard.markup.land import drawn as map_drawn
from dashboard.views.glance import look_again
from dashboard.words import LANGUAGES, Language, words
from dedupe.deciding import life
from dedupe.deciding.claims import claim
from dedupe.deciding.decisions import set_state
from dedupe.deciding.life import Terms
from dedupe.deciding.matches import arrived, fell_through, match
from dedupe.deciding.moderation import hide
from dedupe.deciding.notes import shift_note, shift_notes, take_role
from dedupe.deciding.plan_deeds import do
from dedupe.deciding.roles import MAY, Actor
from playbooks.clock import phase_at, step
from tests.support.boards import INCIDENT, START, TOWNS, an_evening, bed, board_on, damage, filled, post
from tests.support.pages import drawn, markup

NOW = START + timedelta(minutes=75)
NL = words("nl", "Europe/Brussels")
QUIET = pl.DataFrame(schema={"category": pl.String, "records": pl.Int64, "posts": pl.Int64})
AN, CHIEF, MO = (
    Actor(who="An", role="volunteer"), Actor(who="Chief", role="coordinator"), Actor(who="Mo", role="moderator"),
)  # fmt: skip


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Board]:
    with board_on(filled(tmp_path / "store.duckdb", an_evening(30)), now=NOW, plan=True) as board:
        yield board


def seen(board: Board) -> tuple[situation.Read, pl.DataFrame]:
    found = situation.read(board.store, INCIDENT.id)
    return found, life.lives(found.records, found.told, board.now())


# What is counted


def test_places_stand_against_people_by_kind_as_a_slow_count_says(full: Board):
    _, lives = seen(full)
    places: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for row in lives.iter_rows(named=True):
        if row["state"] in ("available", "unknown", "claimed"):
            counted = places if row["category"] == "offer" else asked
            counted[row["kind"]] += 1 if row["left"] is None else row["left"]
    rows = {row["kind"]: row for row in situation.balance(lives).iter_rows(named=True)}
    assert {kind: row["places"] for kind, row in rows.items() if row["places"]} == places
    assert {kind: row["people"] for kind, row in rows.items() if row["people"]} == asked
    assert all(row["short"] == max(0, asked[kind] - places[kind]) for kind, row in rows.items())


def test_towns_add_up_to_the_whole(full: Board):
    _, lives = seen(full)
    towns, balance = situation.towns(lives), situation.balance(lives)
    for name in ("offers", "requests", "places", "people"):
        assert towns[name].sum() == balance[name].sum()
    pairs = towns.select(pl.col("kinds").explode().struct.field("records")).to_series()
    assert pairs.sum() == balance["offers"].sum()


def test_what_is_short_comes_first_and_what_is_full_or_hidden_is_not_counted(tmp_path: Path):
    posts = [bed(1, minute=1, places=2, town="Genk"), bed(2, minute=2, places=3, town="Bilzen")]
    posts.append(post(3, "Zoek slaapplaats voor 4 personen in Genk, bel 0470 02 00 01 #hasselthelpt", minute=3))
    posts.append(post(4, "Ik rijd naar Genk en kan 3 mensen meenemen, 0470 01 00 01 #hasselthelpt", minute=3))
    with board_on(filled(tmp_path / "store.duckdb", posts), now=NOW) as board:
        _, lives = seen(board)
        assert situation.balance(lives).filter(kind="bed").row(0, named=True)["short"] == 0
        set_state(board.store, "bluesky/2", "full", AN, at=NOW)
        found, lives = seen(board)
        first = situation.balance(lives).row(0, named=True)
        assert (first["kind"], first["places"], first["people"], first["short"]) == ("bed", 2, 4, 2)
        assert situation.closed(lives) == {"full": 1}
        for actor in (MO, CHIEF):
            hide(board.store, "bluesky/1", "scam", actor, at=NOW)
        found, lives = seen(board)
        assert situation.balance(lives).row(0, named=True)["short"] == 4
        assert situation.changes(found, lives, START).deeds["times"].sum() == 3


def test_a_bed_of_which_nobody_knows_is_still_there(tmp_path: Path):
    with board_on(filled(tmp_path / "store.duckdb", [bed(1, minute=1, places=2)]), now=NOW) as board:
        set_state(board.store, "bluesky/1", "unknown", AN, at=NOW)
        found, lives = seen(board)
    assert lives["state"].to_list() == ["unknown"]
    assert situation.balance(lives).select("offers", "places").row(0) == (1, 2)
    assert situation.towns(lives)["offers"].to_list() == [1]
    assert [row["state"] for row in situation.newest(lives, 3)] == ["unknown"]
    assert situation.closed(lives) == {}
    assert situation.changes(found, lives, START + timedelta(minutes=5)).turned.is_empty()


def test_what_does_not_say_which_kind_stands_last_and_is_no_shortage():
    rows = [("request", None, 9), ("request", "ride", 2), ("offer", "bed", 4)]
    lives = pl.DataFrame(rows, schema=["category", "kind", "left"], orient="row").with_columns(
        state=pl.lit("available")
    )
    found = situation.balance(lives)
    assert found["kind"].to_list() == ["ride", "bed", None]
    told = drawing.balance(found, NL)
    assert "2 te kort" in told
    assert "9 te kort" not in told
    assert "eerst lezen" in told


def test_what_changed_is_what_was_done_since(full: Board):
    _, lives = seen(full)
    offers, requests = (
        lives.filter(pl.col("category") == each, pl.col("kind") == "bed").sort("first_seen")["record"].to_list()
        for each in ("offer", "request")
    )
    then, store = NOW - timedelta(minutes=20), full.store
    set_state(store, offers[0], "full", AN, at=then - timedelta(minutes=1))
    set_state(store, offers[1], "full", AN, at=then + timedelta(minutes=1))
    set_state(store, offers[2], "withdrawn", CHIEF, at=then + timedelta(minutes=2))
    made = [match(store, offers[n], requests[n], CHIEF, places=1, at=then + timedelta(minutes=n)) for n in (3, 4)]
    arrived(store, made[0], CHIEF, at=then + timedelta(minutes=6))
    fell_through(store, made[1], CHIEF, at=then + timedelta(minutes=7))
    claim(store, offers[5], AN, at=then + timedelta(minutes=8))
    found, lives = seen(full)
    changed = situation.changes(found, lives, then)
    assert (changed.matches, changed.places, changed.arrived, changed.fell_through) == (2, 2, 1, 1)
    turned = {(each["category"], each["state"]): each["records"] for each in changed.turned.iter_rows(named=True)}
    full_now = lives.filter(pl.col("record").is_in(offers[1:]), pl.col("state") == "full")["record"].to_list()
    assert offers[1] in full_now
    assert turned["offer", "full"] == len(full_now), "the one that was full before is not told again"
    assert turned["offer", "withdrawn"] == 1
    assert changed.offers == lives.filter(pl.col("category") == "offer", pl.col("first_seen") > then).height
    did = {(each["who"], each["action"]): each["times"] for each in changed.deeds.iter_rows(named=True)}
    assert did == {
        ("An", "state"): 1, ("An", "claim"): 1, ("Chief", "state"): 1, ("Chief", "match"): 2, ("Chief", "arrived"): 1,
        ("Chief", "fell_through"): 1,
    }  # fmt: skip
    assert situation.changes(found, lives, NOW).deeds.is_empty()


def test_the_most_urgent_request_is_one_that_nobody_has(full: Board):
    _, lives = seen(full)
    first = situation.urgent(lives, 3)
    assert first[0]["first_seen"] == min(row["first_seen"] for row in first), "who waits longest comes first"
    claim(full.store, first[0]["record"], AN, at=NOW)
    _, lives = seen(full)
    again = situation.urgent(lives, 100)
    assert again[0]["record"] == first[1]["record"]
    assert again[-1]["record"] == first[0]["record"]
    newest = situation.newest(lives, 3)
    assert newest[0]["first_seen"] == lives.filter(pl.col("category") == "offer")["first_seen"].max()


def test_messages_that_were_sent_are_listed_whatever_was_written_of_them(full: Board):
    told = [json.dumps({"key": "a/1", "action": "first-message", "networks": ["x", "bluesky"]}), "not JSON <b>", "[1]"]
    rows = [{"decided_at": NOW, "who": "An", "value": value} for value in told]
    found, _ = seen(full)
    sent = situation.messages(replace(found, sent=pl.DataFrame(rows)))
    assert [each.action for each in sent] == ["first-message", "not JSON <b>", "[1]"]
    assert sent[0].networks == ("x", "bluesky")
    assert "not JSON &lt;b&gt;" in drawing.messages(sent, full.playbook, NL, NOW)


def test_flags_are_counted_where_there_are_any(tmp_path: Path):
    path = filled(tmp_path / "store.duckdb", [bed(1, minute=1), bed(2, minute=2)])
    damage(path, "update faces set flags = ['scam', 'hedged']")
    with board_on(path, now=NOW) as board:
        found, _ = seen(board)
    assert found.flags == {"scam": 2}
    assert "oplichting · 2" in drawing.attention(found.flags, QUIET, 0, 0, NL)


def test_what_needs_attention_stands_on_top_with_what_the_plan_asks(full: Board):
    told = markup(drawn(full, "situation"))
    assert told.index("Eerst bekijken") < told.index("Plaatsen en mensen")
    assert "nu te doen" in told


def test_that_nothing_was_flagged_is_said_only_when_nothing_hurts():
    assert "geen gevaar of bedreiging herkend" in drawing.attention({}, QUIET, 0, 3, NL)
    assert "te laat" not in drawing.attention({}, QUIET, 0, 3, NL)
    hurtful = pl.DataFrame({"category": ["abuse"], "records": [16], "posts": [20]})
    told = drawing.attention({}, hurtful, 0, 0, NL)
    assert "bedreiging of gegevens van anderen · 16" in told
    assert "geen gevaar" not in told


def test_who_may_moderate_is_led_from_what_hurts_to_where_it_is_seen_to():
    assert "./moderation?lang=nl" not in drawing.attention({"threat": 1}, QUIET, 0, 0, NL)
    assert "./moderation?lang=nl" in drawing.attention({"threat": 1}, QUIET, 0, 0, NL, moderates=True)


def test_the_wall_tells_what_hurts_with_nothing_to_press(tmp_path: Path):
    path = filled(tmp_path / "store.duckdb", [bed(1, minute=1)])
    damage(path, "update faces set flags = ['danger']")
    with board_on(path, now=NOW) as board:
        told = markup(drawn(board, "wall"))
    assert "gevaar · 1" in told
    assert "<a " not in told


# The map


def towns_at(*points: tuple[float, float], offers: int = 1) -> pl.DataFrame:
    rows = [
        {"place": f"Town {n}", "lat": lat, "lon": lon, "offers": offers + n, "requests": n % 3}
        for n, (lat, lon) in enumerate(points)
    ]
    return pl.DataFrame(rows)


NOWHERE = pl.DataFrame(schema={"place": pl.String, "lat": pl.Float64, "lon": pl.Float64, "population": pl.Int64})


@given(st.lists(st.tuples(st.floats(49.5, 52.5), st.floats(2.5, 7)), min_size=1, max_size=60))
def test_every_town_is_on_the_map_or_named_beyond_it_and_no_two_names_overlap(points: list[tuple[float, float]]):
    found = land(towns_at(*points), NOWHERE)
    assert found is not None
    assert len(found.towns) + len(found.beyond) == len(points)
    assert all(0 <= spot.x <= 100 and 0 <= spot.y <= 100 for spot in found.towns)
    assert landscape.NARROWEST - 0.01 <= found.shape <= landscape.WIDEST + 0.01
    assert found.km >= landscape.LEAST_KM - 0.01


def test_a_map_of_one_town_has_some_land_around_it_and_of_none_is_no_map():
    found = land(towns_at((50.93, 5.34)), NOWHERE)
    assert found is not None
    assert (found.towns[0].x, found.towns[0].y) == (50, 50)
    assert land(towns_at((50.9, 5.3)).clear(), NOWHERE) is None
    assert land(towns_at((50.9, 5.3)).with_columns(lat=pl.lit(None, pl.Float64)), NOWHERE) is None


def test_a_town_far_off_does_not_make_dots_of_the_others():
    chance = random.Random(7)
    near = [(50.9 + chance.random() / 5, 5.3 + chance.random() / 5) for _ in range(30)]
    found = land(towns_at(*near, (43.3, 5.4)), NOWHERE)
    assert found is not None
    assert found.beyond == ("Town 30",)
    assert found.km < 60


def test_a_circle_tells_by_its_area_and_the_cities_one_knows_are_named(full: Board):
    _, lives = seen(full)
    found = land(situation.towns(lives))
    assert found is not None
    assert "Hasselt" in {spot.name for spot in (*found.landmarks, *found.towns)}
    assert len(found.dots) > 20
    sizes = {spot.offers: spot.offered for spot in found.towns if spot.offered > landscape.LEAST}
    (one, size), (other, its) = min(sizes.items()), max(sizes.items())
    assert its**2 / size**2 == pytest.approx(other / one, rel=0.02)


def test_a_name_on_the_map_is_text_whatever_it_is():
    rows = towns_at((50.9, 5.3)).with_columns(place=pl.lit("<img src=x onerror=alert(1)>\u202e"))
    found = land(rows, NOWHERE)
    assert found is not None
    shown = map_drawn(found, NL)
    assert "<img src=x" not in shown
    assert "&lt;img src=x" in shown
    assert "\u202e" not in shown


# The pages


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["situation", "wall"])
def test_a_full_page_in_every_language(full: Board, path: str, language: Language):
    take_role(full.store, INCIDENT.id, AN, at=NOW)
    page = drawn(full, path, lang=language)
    assert not page.exception
    shown = markup(page)
    assert words(language, "UTC").say("situation.enough") in shown
    assert words(language, "UTC").say("board.synthetic" if path == "situation" else "wall.synthetic") in shown


@pytest.mark.parametrize("path", ["situation", "wall"])
def test_an_empty_page_says_so(tmp_path: Path, path: str):
    with board_on(filled(tmp_path / "store.duckdb", []), now=NOW) as board:
        page = drawn(board, path)
    assert not page.exception
    assert ("Geen open aanbod" if path == "situation" else "geen") in markup(page)


@pytest.mark.parametrize("path", ["situation", "wall"])
def test_a_broken_store_is_told_in_one_sentence(tmp_path: Path, path: str):
    store = filled(tmp_path / "store.duckdb", an_evening(3))
    damage(store, "drop table records cascade")
    with board_on(store, now=NOW, plan=True) as board:
        page = drawn(board, path)
    assert not page.exception
    assert "Het bord kan de gegevens niet lezen" in markup(page)
    assert "Bronnen" in markup(page)


def test_the_wall_has_no_widget_and_no_word_of_a_post(full: Board):
    page = drawn(full, "wall")
    assert not page.exception
    assert not [*page.button, *page.selectbox, *page.text_input, *page.toggle, *page.get("page_link")]
    shown = markup(page)
    assert "T+1:15" in shown
    assert any(town in shown for town in TOWNS)
    assert "hasselthelpt" not in shown, "a text of a post would hold it"
    assert "0470" not in shown


def test_the_wall_tells_the_phase_that_people_stepped_to(full: Board):
    playbook = full.playbook
    assert playbook is not None
    started = step(playbook, 75, forward=True)
    now, then = phase_at(playbook, 75), phase_at(playbook, 75, started)
    assert now is not None
    assert then is not None
    assert now.name.nl in markup(drawn(full, "wall"))
    do(full.store, INCIDENT.id, "phase", "forward", CHIEF, told={"started": dict(started)}, at=NOW)
    look_again()
    shown = markup(drawn(full, "wall"))
    assert then.name.nl in shown
    assert now.name.nl not in shown


def test_what_expired_by_the_boards_own_terms_is_not_counted_as_open(full: Board):
    none = f"<strong>0</strong> <span>{NL.count('situation.offers', 0)}"
    found, lives = seen(full)
    assert situation.balance(lives)["offers"].sum(), "by the usual terms there are some"
    brief = Terms(other=1, expiry={})
    expired = life.lives(found.records, found.told, NOW, brief)
    since = NOW - timedelta(minutes=5)
    assert situation.changes(found, expired, since, brief).turned.is_empty(), "it had expired before"
    assert none in markup(drawn(replace(full, terms=brief), "wall"))


def test_a_note_is_written_by_who_said_who_they_are_and_covered_when_shown(full: Board):
    page = drawn(full, "situation")
    assert not page.text_area
    page = drawn(full, "situation", CHIEF)
    note = "Bus van 23:00 vol. Bel 0470 00 00 99 <b>nu</b>"
    page.text_area(key="shift-note").input(note)
    next(each for each in page.button if each.label == "Nota bewaren").click().run()
    assert not page.exception
    assert shift_notes(full.store, INCIDENT.id)["text"].to_list() == [note]
    assert page.text_area(key="shift-note").value == ""
    shown = markup(drawn(full, "situation"))
    assert "Bus van 23:00 vol. Bel ••• &lt;b&gt;nu&lt;/b&gt;" in shown


def test_an_empty_note_is_refused_where_it_was_written(full: Board):
    page = drawn(full, "situation", CHIEF)
    next(each for each in page.button if each.label == "Nota bewaren").click().run()
    assert "Schrijf eerst iets" in markup(page)
    assert shift_notes(full.store, INCIDENT.id).is_empty()


def test_changes_count_from_the_last_note_or_a_chosen_moment(full: Board):
    shift_note(full.store, INCIDENT.id, "Overdracht.", CHIEF, at=NOW - timedelta(minutes=15))
    page = drawn(full, "situation")
    assert "Sinds 19:15" in markup(page)
    page.selectbox(key="since").select("start").run()
    assert "Sinds 18:15" in markup(page)
    assert page.query_params["since"] == "start"
    page.selectbox(key="since").select("60").run()
    assert "Sinds 18:30" in markup(page)
    page.selectbox(key="since").select("own").run()
    assert not page.exception
    assert "Sinds 18:30" in markup(page), "an hour ago, until a time is chosen"
    assert "since" in drawn(full, "situation", since="; drop").session_state


def test_hostile_rumours_are_text_and_those_of_x_are_not_shown(tmp_path: Path):
    trick = "<script>alert(1)</script> ![x](https://evil.example/x) bel 0470 00 00 01"
    rows = pl.DataFrame(
        [
            {
                "network": network,
                "url": "javascript:alert(1)",
                "lang": 'nl" onclick',
                "text": f"{network} {trick}",
                "posts": 9,
            }
            for network in ("bluesky", "x")
        ]
    )
    shown = drawing.rumours(rows, NL)
    assert "&lt;script&gt;" in shown
    assert "x &lt;script" not in shown
    assert "javascript" not in shown
    assert "onclick" not in shown
    assert "0470" not in shown
    assert shown.count("9× gezien") == 2


def test_every_action_that_can_be_decided_has_a_word():
    wanted = frozenset().union(*MAY.values()) - {
        "role",
        "shift_note",
        "roll_back",
    }  # the last is no decision on a record
    assert not [action for action in (*wanted, "undo") if f"acted.{action}" not in NL.texts]
    assert not [kind for kind in life.EXPIRY if f"kind.{kind}" not in NL.texts]
