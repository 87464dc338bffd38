"""Explaining: the sentences tell what counted, and hide what is nobody's business."""

from __future__ import annotations

import pytest

from dedupe.deciding.decisions import Actor, merge
from dedupe.errors import NotFound
from dedupe.evidence import AGAINST, WHY
from dedupe.explain import explain, explain_two, reason
from dedupe.store import Store
from tests.support.posts import BED, hash_of, post, record_of, take

AN = Actor(who="An", role="volunteer")


@pytest.fixture
def told(store: Store) -> Store:
    take(
        store,
        post("x", "1", "jan", BED, 1),
        post("x", "2", "piet", f"RT @jan: {BED}", 2),
        post("x", "3", "an", f"2 lits libres à Genk, appelez {BED[-13:]}", 3),
        post("x", "4", "els", BED.replace("Genk", "Bilzen").replace("56", "99"), 4),
        post("x", "5", "jan", "volzet", 5, reply_to="1"),
        post("mastodon", "6", "koen", "Dank aan alle helpers vannacht", 6),
    )
    return store


def test_a_record_is_told_with_its_facts_its_wordings_and_why_each_belongs(told: Store):
    answer = explain(told, record_of(told, "x/1")["record"])
    assert "offer (bed, Genk, 2), available" in answer
    assert "category because:" in answer
    assert "seen 4 times on x, 18 Aug 16:16 to 18 Aug 16:20 UTC" in answer
    assert WHY["same"] in answer
    assert "the writer answers their own post" in answer
    assert "the writer says it is full; nobody confirmed it yet" in answer


def test_the_words_that_made_each_fact_are_told(told: Store):
    lines = explain(told, "x/1").splitlines()
    assert "  kind: slaapplaats" in lines
    assert "  place: genk" in lines
    assert "  capacity: 2 personen" in lines
    assert "  reach: bel" in lines


def test_a_post_is_told_why_it_is_here(told: Store):
    assert f"Post x/3 is here because: {WHY['same']} (strength 0.95)." in explain(told, "x/3")


def test_a_contact_is_masked_unless_asked_for(told: Store):
    assert "12 34 56" not in explain(told, "x/1").replace("475123456", "12 34 56")
    assert "12 34 56" in explain(told, "x/1", contacts=True).replace("475123456", "12 34 56")


def test_two_records_are_told_what_speaks_against_them(told: Store):
    answer = explain_two(told, "x/1", "x/4")
    assert answer.startswith("x/1 and x/4 are two records")
    assert AGAINST["number"] in answer
    assert "words alike:" in answer


def test_two_posts_of_one_record_are_told_to_be_one(told: Store):
    assert explain_two(told, "x/1", "x/2").startswith("x/1 and x/2 are one record.")


def test_two_records_with_nothing_in_common_are_told_so(told: Store):
    assert explain_two(told, "x/1", "mastodon/6").endswith("nothing suggests they are one.")


def test_what_a_person_decided_is_told_with_who_and_when(told: Store):
    merge(told, "x/1", "x/4", AN, "same house")
    answer = explain(told, "x/4")
    assert "An (volunteer): merge" in answer
    assert "a person put these together" in answer


def test_a_pair_between_the_lines_is_told_as_a_question(store: Store):
    take(
        store,
        post("x", "1", "jan", BED, 1),
        post("x", "2", "piet", f"Dank voor vannacht, vraag naar Wim {BED[-13:]}", 2),
    )
    if record_of(store, "x/1")["root"] != record_of(store, "x/2")["root"]:
        assert "A person must say." in explain(store, "x/2")
        assert record_of(store, "x/1")["record"] in explain(store, "x/2")


def test_many_wordings_are_told_in_part_and_counted_in_full(store: Store):
    take(store, *(post("x", str(n), f"w{n}", f"{BED} {'graag delen ' * n}", n) for n in range(40)))
    answer = explain(store, "x/1")
    assert "Its 40 wordings" in answer
    assert "… and 15 more" in answer


def test_of_a_number_in_the_text_no_figure_is_shown(told: Store):
    shown = explain(told, "x/1")
    assert "0475" not in shown
    assert hash_of(told, "x/1")


@pytest.mark.parametrize("name", ["x/404", "0000000000000000", "", "/", "nonsense", "'; drop table posts; --"])
def test_what_is_not_there_is_not_found(told: Store, name: str):
    with pytest.raises(NotFound, match=r"^No record or post goes by"):
        explain(told, name)
    with pytest.raises(NotFound):
        explain_two(told, "x/1", name)


def test_codes_are_spelled_out_and_sentences_left_as_they_are():
    assert reason("same") == WHY["same"]
    assert reason("the first of its record") == "the first of its record"


def test_flags_are_told_with_the_words_that_made_them_and_what_is_private_stays_covered(store: Store):
    take(
        store,
        post("x", "1", "jan", "Die vluchtelingen zijn uitschot"),
        post("x", "2", "an", "2 bedden vrij, Kerkstraat 12 in Genk"),
        post("x", "3", "els", "Veel sterkte aan iedereen"),
    )
    assert "flagged hate, for a person to judge: ‘vluchteling’, ‘uitschot’" in explain(store, "x/1")
    assert "flagged address, for a person to judge\n" in explain(store, "x/2")
    assert "flagged address, for a person to judge: ‘kerkstraat 12’" in explain(store, "x/2", contacts=True)
    assert "flagged" not in explain(store, "x/3")
    flags = store.read("select text, flags from wordings order by text").rows()
    assert [told for _, told in flags] == ["address", "hate", ""]
    faces = store.read("select flags from current_records order by first_seen")["flags"].to_list()
    assert faces == [["hate"], ["address"], []]
