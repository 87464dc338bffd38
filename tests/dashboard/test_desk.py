"""The desk: what is typed reads back as it was meant, likenesses show before it is in, and everything can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.board import Board
from dashboard.desk import CATEGORIES, KINDS, Call, draft, sentence, take, taken, undo_call
from dashboard.words import LANGUAGES, Language, words
from dedupe.deciding.calls import SAME_CONTACT
from dedupe.deciding.decisions import find_record
from dedupe.deciding.roles import Actor
from dedupe.errors import NotAllowed, NotFound
from dedupe.prepare import UNCOUNTED, prepare
from dedupe.reading.lexicon import KINDS as READ
from dedupe.store import Store
from ingest.post import Provenance, frame, stamp
from tests.support import pages
from tests.support.boards import INCIDENT, START, bed, board_on, damage, filled, post
from tests.support.pages import markup

NOW = START + timedelta(minutes=75)
ANN = Actor(who="Ann", role="volunteer")
BOB = Actor(who="Bob", role="volunteer")
NL = words("nl", "Europe/Brussels")
HOSTILE = "<script>alert(1)</script> =HYPERLINK(1) {0} **vet** \u202egpj"


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    first = bed(1, minute=5, places=2, town="Genk")
    with board_on(filled(tmp_path / "store.duckdb", [first]), now=NOW) as opened:
        yield opened


def records(store: Store) -> pl.DataFrame:
    return store.read("select record, category, kind, place, capacity, posts from current_records order by record")


# What a call becomes


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_call_reads_back_as_it_was_meant(language: Language):
    said = words(language, INCIDENT.zone)
    meant = list(product(CATEGORIES, KINDS, (None, 2, 3)))
    calls = [
        Call(category=category, kind=kind, places=places, town="Genk", until="23:00", contact="0470 00 99 01")
        for category, kind, places in meant
    ]
    posts = [post(number, sentence(call, said), minute=number) for number, call in enumerate(calls)]
    prepared = prepare(stamp(frame(posts), Provenance(incident="storm", source="desk", query="", collected_at=NOW)))
    read = prepared.posts.join(prepared.wordings, on="wording").sort(pl.col("id").cast(pl.Int64))
    found = read.select("category", "kind", "place", "capacity").rows()
    misread = [
        (one.text, row)
        for one, (a, b, c), row in zip(posts, meant, found, strict=True)
        if row != (a, b, "Genk", None if b in UNCOUNTED else c)
    ]
    assert not misread


def test_the_desk_knows_every_kind_of_help_there_is():
    assert set(KINDS) == set(READ)


def test_a_call_says_all_that_was_typed_and_nothing_that_was_not():
    assert sentence(Call(town="Genk"), NL) == "Aangeboden: slaapplaats vrij in Genk"
    call = Call(
        category="request",
        kind="ride",
        places=2,
        town=" Genk ",
        until="23:00",
        contact="0470 00 99 01",
        conditions="rolstoel",
        said="Twee\nzussen",
    )
    assert sentence(call, NL) == (
        "Gezocht: lift voor 2 personen nodig in Genk tot 23:00. Voorwaarden: rolstoel. Twee zussen. 0470 00 99 01"
    )


# What it is like


def test_the_same_number_kind_and_town_is_the_same_offer(board: Board):
    call = Call(places=2, town="Genk", contact="+32 470 00 00 01")
    alike = draft(board, call, NL).alike
    assert alike["joins"].to_list() == [True]
    _, became = take(board, ANN, call, NL)
    assert became == "joined"
    assert records(board.store).select("kind", "posts").rows() == [("bed", 2)]


def test_the_same_number_with_other_help_is_shown_and_stays_apart(board: Board):
    call = Call(kind="ride", places=3, town="Tongeren", contact="0470 00 00 01")
    alike = draft(board, call, NL).alike
    assert alike.select("why", "joins").rows() == [(SAME_CONTACT, False)]
    assert take(board, ANN, call, NL, apart=True)[1] == "new"
    assert records(board.store)["kind"].sort().to_list() == ["bed", "ride"]


def test_reading_a_call_writes_nothing(board: Board):
    before = board.store.read("select count(*) as n from links").item()
    draft(board, Call(places=2, town="Genk", contact="0470 00 00 01", said="fuller words than there were"), NL)
    draft(board, Call(town="Zonhoven", said="new"), NL)
    assert board.store.read("select count(*) as n from links").item() == before
    assert board.store.read("select count(*) as n from posts").item() == 1


def test_it_is_this_one_joins_it_and_add_anyway_keeps_it_apart(board: Board):
    (there,) = records(board.store)["record"]
    other = Call(places=4, town="Bilzen", contact="0470 00 99 01")
    name, became = take(board, ANN, other, NL, same_as=there)
    assert became == "joined"
    assert find_record(board.store, name).record == there
    again = Call(places=2, town="Genk", contact="0470 00 00 01", said="een tweede kamer in het tuinhuis")
    assert draft(board, again, NL).alike["joins"].any()
    name, became = take(board, ANN, again, NL, apart=True)
    assert became == "new"
    assert find_record(board.store, name).record != there


def test_the_same_words_and_number_cannot_be_two_offers(board: Board):
    call = Call(places=1, town="Alken", contact="0470 00 99 07")
    assert take(board, ANN, call, NL)[1] == "new"
    assert take(board, BOB, call, NL, apart=True)[1] == "same_words"


def test_two_callers_without_a_number_are_two(board: Board):
    for places in (2, 3):
        call = Call(places=places, town="Alken", said="aan de kerk")
        assert take(board, ANN, call, NL)[1] == "new"
    assert records(board.store).filter(pl.col("place") == "Alken").height == 2


def test_what_the_desk_heard_goes_before_what_the_reader_heard(board: Board):
    call = Call(category="request", kind="material", said="wij zijn klaar, veel sterkte allemaal", town="Alken")
    name, _ = take(board, ANN, call, NL)
    record = find_record(board.store, name).record
    rows = records(board.store).filter(pl.col("record") == record)
    assert rows["category"].to_list() == ["request"]


# Who may, and the way back


def test_a_watcher_takes_no_calls_and_nothing_is_written(board: Board):
    for by in (Actor(who="", role="watcher"), Actor(who="Wim", role="watcher"), Actor(who="", role="volunteer")):
        with pytest.raises(NotAllowed):
            take(board, by, Call(town="Genk"), NL)
    assert board.store.read("select count(*) as n from posts").item() == 1


def test_a_call_taken_back_is_gone_and_stays_on_record(board: Board):
    (there,) = records(board.store)["record"]
    take(board, ANN, Call(places=2, town="Genk", contact="0470 00 00 01", said="eerste verdiep"), NL)
    take(board, ANN, Call(places=5, town="Alken", contact="0470 00 99 03"), NL)
    newest, joined = taken(board, ANN).iter_rows(named=True)
    assert (newest["capacity"], newest["undone"], joined["record"]) == (5, False, there)
    with pytest.raises(NotAllowed):
        undo_call(board, BOB, newest["decision"])
    undo_call(board, ANN, newest["decision"])
    undo_call(board, Actor(who="Cis", role="coordinator"), joined["decision"])
    assert records(board.store).select("record", "posts").rows() == [(there, 1)]
    assert taken(board, ANN)["undone"].to_list() == [True, True]
    with pytest.raises(NotFound):
        undo_call(board, ANN, newest["decision"])
    assert taken(board, BOB).is_empty()


def test_the_last_ten_calls_stand_there_the_newest_first(board: Board):
    for number in range(12):
        take(board, ANN, Call(places=number + 1, town="Alken", contact=f"0470 00 98 {number:02}"), NL)
    assert taken(board, ANN)["capacity"].to_list() == list(range(12, 2, -1))


# The page


def drawn(board: Board, by: Actor | None = ANN, path: str = "desk", **address: str) -> AppTest:
    return pages.drawn(board, path, by, **address)


def typed(page: AppTest, number: int = 0, **values: Any) -> AppTest:
    for name, value in values.items():
        if name == "places":
            page.number_input(key=f"desk-places-{number}").set_value(value)
        elif name == "kind":
            page.selectbox(key=f"desk-kind-{number}").set_value(value)
        else:
            page.text_input(key=f"desk-{name}-{number}").set_value(value)
    return page.run()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form_stands_there_in_every_language(tmp_path: Path, language: Language):
    with board_on(filled(tmp_path / "store.duckdb", []), now=NOW) as empty:
        page = drawn(empty, lang=language)
    assert not page.exception
    said = words(language, INCIDENT.zone)
    assert [each.label for each in page.text_input if str(each.key).startswith("desk-")] == [
        said.say(f"desk.{name}") for name in ("town", "until", "contact", "conditions", "said")
    ]
    assert said.say("desk.none") in markup(page)


def test_a_call_is_taken_in_and_the_form_is_empty_again(board: Board):
    page = typed(drawn(board), places=3, town="Alken", contact="0470 00 99 05")
    assert "Slaapplaats" in page.selectbox(key="desk-kind-0").options[0]
    assert "Aanbod · slaapplaats · 3 plaatsen · Alken" in markup(page)
    page.button(key="take-0").click().run()
    assert not page.exception
    shown = markup(page)
    assert "nieuw op het bord" in shown
    assert page.text_input(key="desk-town-1").value == ""
    assert "0470 00 99 05" not in shown, "numbers are covered on the way back too"
    assert records(board.store).filter(pl.col("place") == "Alken").height == 1


def test_a_likeness_is_shown_before_it_is_in_and_can_be_chosen(board: Board):
    page = typed(drawn(board), places=4, town="Genk", contact="0470000001")
    shown = markup(page)
    assert "Staat dit er al?" in shown
    assert "<article" in shown
    (there,) = records(board.store)["record"]
    page.button(key=f"this-{there}-0").click().run()
    assert "telt mee bij wat er al stond" in markup(page)
    assert records(board.store)["posts"].to_list() == [2]


def test_a_likeness_that_was_not_on_the_screen_holds_the_call_back_once(board: Board):
    page = drawn(board)
    page.text_input(key="desk-town-0").set_value("Genk")
    page.text_input(key="desk-contact-0").set_value("0470 00 00 01")
    page.button(key="take-0").click().run()
    assert "Kijk even" in markup(page)
    assert board.store.read("select count(*) as n from posts").item() == 1
    page.button(key="take-0").click().run()
    assert board.store.read("select count(*) as n from posts").item() == 2


def test_an_empty_call_and_an_unknown_town_are_told(board: Board):
    page = drawn(board)
    page.button(key="take-0").click().run()
    assert "Vul minstens" in markup(page)
    assert "kennen we niet" in markup(typed(page, town="Gnekk"))


def test_until_when_it_holds_is_shown_as_it_reads_and_what_cannot_be_read_is_told(board: Board):
    page = typed(drawn(board), until="23:00", town="Genk", places=3)
    assert "geldt tot 23:00" in markup(page)
    assert "⚠" not in markup(page)
    page = typed(page, until="straks")
    assert "geldt tot" not in markup(page)
    assert "Dat tijdstip begrijpen we niet" in markup(page)
    assert "Het aantal lezen we anders" in markup(typed(page, said="Of voor 5 personen, 7 kan ook, of 2 mensen"))


def test_a_call_is_taken_back_from_the_page(board: Board):
    page = typed(drawn(board), places=3, town="Alken", contact="0470 00 99 05")
    page.button(key="take-0").click().run()
    (undo,) = [each for each in page.button if str(each.key).startswith("undo-")]
    undo.click().run()
    assert not page.exception
    assert "teruggenomen" in markup(page)
    assert records(board.store).filter(pl.col("place") == "Alken").is_empty()


def test_who_may_not_is_told_and_gets_no_form(board: Board):
    page = drawn(board, by=None)
    assert "Zeg bovenaan wie u bent" in markup(page)
    assert not [each for each in page.text_input if str(each.key).startswith("desk-")]
    shut = drawn(replace(board, take_call=None))
    assert "neemt geen oproepen aan" in markup(shut)


def test_hostile_words_stay_words(board: Board):
    page = typed(drawn(board), town=HOSTILE, conditions=HOSTILE, said=HOSTILE, contact="0470 00 99 06")
    page.button(key="take-0").click().run()
    assert not page.exception
    shown = markup(page)
    assert "<script>alert" not in shown
    assert "\u202e" not in shown


def test_a_broken_store_is_told_in_a_sentence(tmp_path: Path):
    path = filled(tmp_path / "store.duckdb", [bed(1, minute=1)])
    damage(path, "drop table keys")
    with board_on(path, now=NOW) as opened:
        page = typed(drawn(opened), town="Genk", contact="0470 00 00 01")
    assert not page.exception
    assert "Dat lukte niet" in markup(page)
