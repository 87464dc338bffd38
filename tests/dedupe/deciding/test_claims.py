"""Claims and statements: one person at a time has an offer, and how it stands follows from the clock and what was said."""

from __future__ import annotations

import copy
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import polars as pl
import pytest

from dedupe.deciding import claims
from dedupe.deciding.decisions import Actor, find_record, relabel, set_state, undo
from dedupe.deciding.life import Terms, known, lives, stands, states
from dedupe.errors import DecisionRefused, Held, NotAllowed
from dedupe.store import Store
from tests.support.posts import BED, INCIDENT, RIDE, at, post, take

AN, BOB, CLEO = (Actor(who=who, role="volunteer") for who in ("An", "Bob", "Cleo"))
CHIEF = Actor(who="Chief", role="coordinator")


def stand(store: Store, name: str, minute: float, terms: Terms | None = None) -> dict[str, Any]:
    """How the record of a post stands, some minutes after the storm."""
    found = find_record(store, name)
    return stands(store, INCIDENT, found.root, at(minute), terms or Terms()).row(0, named=True)


def state(store: Store, name: str, minute: float) -> tuple[str, str | None]:
    row = stand(store, name, minute)
    return row["state"], row["why"]


@pytest.fixture
def bed(either: Store) -> Store:
    """A bed for two, x/1, with its copy x/2."""
    take(either, post("x", "1", "jan", BED, 1), post("x", "2", "piet", f"RT @jan: {BED}", 2))
    return either


def test_a_claim_holds_a_quarter_of_an_hour_and_runs_out_by_itself(bed: Store):
    assert state(bed, "x/1", 9) == ("available", None)
    claims.claim(bed, "x/1", AN, at=at(10))
    told = stand(bed, "x/2", 11)
    assert (told["state"], told["holder"], told["held_until"]) == ("claimed", "An", at(25))
    assert state(bed, "x/1", 24.9) == ("claimed", "claim")
    assert state(bed, "x/1", 25) == ("available", None)


def test_of_two_people_the_second_learns_who_has_it_and_until_when(bed: Store):
    claims.claim(bed, "x/1", AN, at=at(10))
    for call in (claims.claim, claims.extend):
        with pytest.raises(Held, match=r"^An has it until 16:40 UTC: ask them, or wait\.$") as refused:
            call(bed, "x/2", BOB, at=at(11))
        assert (refused.value.who, refused.value.until) == ("An", at(25))
    claims.claim(bed, "x/2", BOB, at=at(25))
    assert stand(bed, "x/1", 26)["holder"] == "Bob"


def test_a_claim_is_released_by_who_has_it_or_a_coordinator(bed: Store):
    claims.claim(bed, "x/1", AN, at=at(10))
    with pytest.raises(NotAllowed):
        claims.release(bed, "x/1", BOB, at=at(11))
    released = claims.release(bed, "x/1", AN, at=at(12))
    assert state(bed, "x/1", 12) == ("available", None)
    undo(bed, released, AN, at=at(12.5))
    assert stand(bed, "x/1", 13)["holder"] == "An"
    claims.release(bed, "x/1", CHIEF, at=at(14))
    claims.claim(bed, "x/1", BOB, at=at(15))
    with pytest.raises(DecisionRefused):
        claims.release(bed, "x/1", AN, at=at(15))


def test_a_release_is_not_taken_back_once_somebody_else_has_it(bed: Store):
    claims.claim(bed, "x/1", AN, at=at(10))
    released = claims.release(bed, "x/1", AN, at=at(11))
    claims.claim(bed, "x/1", BOB, at=at(12))
    with pytest.raises(DecisionRefused, match="Somebody else has it since"):
        undo(bed, released, AN, at=at(13))
    assert stand(bed, "x/1", 13)["holder"] == "Bob"
    undo(bed, released, AN, at=at(28))
    assert stand(bed, "x/1", 28)["holder"] is None


def test_a_claim_is_held_longer_from_the_moment_of_asking(bed: Store):
    claims.claim(bed, "x/1", AN, at=at(10))
    claims.extend(bed, "x/1", AN, at=at(20))
    assert stand(bed, "x/1", 30)["held_until"] == at(35)
    assert state(bed, "x/1", 35) == ("available", None)
    with pytest.raises(DecisionRefused, match="claim it again"):
        claims.extend(bed, "x/1", AN, at=at(36))


def test_the_hold_is_as_long_as_the_settings_say(bed: Store):
    claims.claim(bed, "x/1", AN, at=at(10), terms=Terms(hold=2))
    assert state(bed, "x/1", 12) == ("available", None)


def beside(store: Store) -> Store:
    """The same store as another machine has it: with a lock and cursors of its own."""
    other = copy.copy(store)
    other._write, other._local = threading.RLock(), threading.local()
    return other


@pytest.mark.parametrize("machines", ["one machine", "each on a machine of its own"])
def test_of_many_who_claim_at_once_exactly_one_gets_it(bed: Store, machines: str):
    if machines != "one machine" and not bed.name.startswith("ducklake:"):
        machines = "one machine"  # a file is held by one process
    people = [Actor(who=f"v{n}", role="volunteer") for n in range(5)]
    stores = [bed if machines == "one machine" else beside(bed) for _ in people]
    ready = threading.Barrier(len(people))

    def go(store: Store, by: Actor, minute: float) -> str | tuple[str, str]:
        ready.wait()
        try:
            return claims.claim(store, "x/1", by, at=at(minute))
        except Held as refused:
            return (refused.who, by.who)

    with ThreadPoolExecutor(len(people)) as pool:
        # The clocks of the machines differ: who is first by the clock is not who was first.
        found = list(pool.map(go, stores, people, [14, 13, 12, 11, 10]))
    won = [each for each in found if isinstance(each, str)]
    assert len(won) == 1
    winner = people[found.index(won[0])].who
    assert {each[0] for each in found if isinstance(each, tuple)} == {winner}
    assert bed.read("select count(*) from decisions").item() == 1
    assert stand(bed, "x/1", 15)["holder"] == winner


def test_a_bed_expires_after_a_day_a_ride_after_three_hours_unless_confirmed(bed: Store):
    take(bed, post("x", "3", "els", RIDE, 3))
    assert state(bed, "x/3", 3 + 179) == ("available", None)
    assert state(bed, "x/3", 3 + 180) == ("expired", "unconfirmed")
    claims.confirm(bed, "x/3", AN, at=at(200))
    assert stand(bed, "x/3", 200)["last_confirmed"] == at(200)
    assert state(bed, "x/3", 379) == ("available", None)
    assert state(bed, "x/3", 380) == ("expired", "unconfirmed")
    assert state(bed, "x/1", 1 + 1440) == ("expired", "unconfirmed")
    assert stand(bed, "x/1", 5, Terms(expiry={"bed": 3}))["state"] == "expired"
    assert stand(bed, "x/1", 5, Terms(expiry={}, other=3))["state"] == "expired"


def test_a_word_of_the_writer_confirms_a_copy_does_not(bed: Store):
    take(bed, post("x", "3", "jan", f"Nog altijd: {BED}", 100), post("x", "4", "mia", f"RT @jan: {BED}", 900))
    assert stand(bed, "x/1", 1000)["expires_at"] == at(100 + 1440)


def test_an_end_that_was_told_counts_until_somebody_asks_after_it(bed: Store):
    def told(minute: float) -> tuple[str, str | None]:
        records, said = known(bed, INCIDENT)
        row = lives(records.with_columns(until=pl.lit(at(60))), said, at(minute)).row(0, named=True)
        return row["state"], row["why"]

    assert (told(59), told(60)) == (("available", None), ("expired", "until"))
    claims.confirm(bed, "x/1", AN, at=at(50))
    assert told(60) == ("expired", "until")
    claims.confirm(bed, "x/1", AN, at=at(70))
    assert told(71) == ("available", None)


def test_who_asks_about_an_expired_offer_claims_it_first(bed: Store):
    claims.claim(bed, "x/1", AN, at=at(2000))
    assert state(bed, "x/1", 2001) == ("claimed", "claim")
    claims.confirm(bed, "x/1", AN, at=at(2002))
    assert state(bed, "x/1", 2030) == ("available", None)


@pytest.mark.parametrize("said", ["unknown", "expired"])
def test_still_true_ends_a_doubt_that_a_person_had(bed: Store, said: str):
    set_state(bed, "x/1", said, AN, at=at(5))
    assert state(bed, "x/1", 6) == (said, "said")
    confirmed = claims.confirm(bed, "x/1", BOB, at=at(7))
    assert state(bed, "x/1", 8) == ("available", None)
    undo(bed, confirmed, BOB, at=at(9))
    assert state(bed, "x/1", 9) == (said, "said")


@pytest.mark.parametrize("said", ["full", "withdrawn", "matched"])
def test_what_is_gone_is_neither_claimed_nor_confirmed_until_somebody_opens_it(bed: Store, said: str):
    set_state(bed, "x/1", said, AN, at=at(5))
    for call in (claims.claim, claims.confirm):
        with pytest.raises(DecisionRefused, match=f"The offer is {said}"):
            call(bed, "x/1", BOB, at=at(6))
    set_state(bed, "x/1", "available", AN, at=at(7))
    claims.claim(bed, "x/1", BOB, at=at(8))


def test_the_last_state_a_person_said_counts(bed: Store):
    for minute, said in enumerate(("full", "unknown", "full", "withdrawn", "available")):
        set_state(bed, "x/1", said, AN, at=at(5 + minute))
        assert stand(bed, "x/1", 5 + minute)["state"] == said


def test_volzet_is_proposed_and_accepted_in_one_go(bed: Store):
    take(bed, post("x", "5", "jan", "volzet", 5, reply_to="1"))
    assert (stand(bed, "x/1", 6)["proposal"], state(bed, "x/1", 6)[0]) == ("full", "available")
    accepted = claims.accept(bed, "x/1", AN, at=at(7))
    told = stand(bed, "x/1", 8)
    assert (told["state"], told["why"], told["proposal"], told["left"]) == ("full", "emptied", None, 0)
    with pytest.raises(DecisionRefused, match="proposes"):
        claims.accept(bed, "x/1", BOB, at=at(9))
    undo(bed, accepted, AN, at=at(10))
    assert (stand(bed, "x/1", 11)["proposal"], state(bed, "x/1", 11)[0]) == ("full", "available")


def test_a_proposal_that_is_refused_does_not_come_back_but_a_new_one_may(bed: Store):
    take(bed, post("x", "5", "jan", "volzet", 5, reply_to="1"))
    claims.refuse(bed, "x/1", AN, at=at(7))
    assert stand(bed, "x/1", 8)["proposal"] is None
    take(bed, post("x", "6", "koen", f"RT @jan: {BED}", 9))
    assert stand(bed, "x/1", 10)["proposal"] is None
    take(bed, post("x", "7", "jan", "nu echt volzet", 12, reply_to="1"))
    assert stand(bed, "x/1", 13)["proposal"] == "full"


def test_a_number_the_writer_tells_counts_at_once_unless_a_person_said_one(bed: Store):
    fewer = BED.replace("2 personen", "1 persoon")
    take(bed, post("x", "5", "jan", fewer, 20))
    assert stand(bed, "x/1", 21)["left"] == 1
    claims.recount(bed, "x/1", 3, AN, at=at(30))
    assert (stand(bed, "x/1", 31)["left"], stand(bed, "x/1", 31)["proposal"]) == (3, None)
    take(bed, post("x", "6", "jan", f"Nog een keer: {BED}", 40))
    told = stand(bed, "x/1", 41)
    assert (told["left"], told["proposal"], told["proposal_places"]) == (3, "places", 2)
    claims.accept(bed, "x/1", AN, at=at(42))
    told = stand(bed, "x/1", 43)
    assert (told["left"], told["proposal"]) == (2, None)


def test_a_recount_opens_what_was_full(bed: Store):
    set_state(bed, "x/1", "full", AN, at=at(5))
    claims.recount(bed, "x/1", 1, AN, at=at(6))
    assert (stand(bed, "x/1", 7)["state"], stand(bed, "x/1", 7)["left"]) == ("available", 1)
    with pytest.raises(DecisionRefused):
        claims.recount(bed, "x/1", -1, AN, at=at(8))


def test_what_is_no_offer_or_request_has_no_life(bed: Store):
    relabel(bed, "x/1", "information", AN)
    with pytest.raises(DecisionRefused, match="is no offer and no request"):
        claims.claim(bed, "x/1", AN, at=at(5))
    assert states(bed, INCIDENT, at(5)).height == 0


def test_a_claim_outlives_copies_merges_and_earlier_posts(bed: Store):
    claims.claim(bed, "x/1", AN, at=at(10))
    take(bed, post("x", "0", "jan", f"Zeg: {BED}", 0.5), post("y", "8", "mia", f"via @jan: {BED}", 11))
    assert stand(bed, "x/0", 12)["holder"] == "An"
    assert stand(bed, "y/8", 12)["holder"] == "An"


def test_a_watcher_may_not_claim_and_somebody_without_a_name_neither(bed: Store):
    for by, told in (
        (Actor(who="Wim", role="watcher"), r"^A watcher may not claim: ask a volunteer or a coordinator\.$"),
        (Actor(who=" ", role="volunteer"), r"^Say who you are first"),
        (Actor(who="Wim", role="king"), r"^king is no role"),
    ):
        with pytest.raises(NotAllowed, match=told):
            claims.claim(bed, "x/1", by)
    assert bed.read("select count(*) from decisions").item() == 0
