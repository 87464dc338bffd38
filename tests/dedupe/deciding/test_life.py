"""How offers and requests stand, whatever people do in whatever order: against a slow model that replays its log."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from dedupe.deciding import claims
from dedupe.deciding.decisions import Actor, find_record, set_state, undo
from dedupe.deciding.life import stands
from dedupe.deciding.matches import arrived, fell_through, match
from dedupe.errors import DecisionRefused, NotFound
from dedupe.store import Store
from tests.dedupe.deciding.test_matches import BED, NEED, OPEN, OTHER
from tests.support.posts import INCIDENT, at, post, take

PEOPLE = {who: Actor(who=who, role="volunteer") for who in ("An", "Bob", "Cleo")}
OFFERS, REQUESTS = ("x/1", "x/4"), ("x/2", "x/3")
RECORDS, WHO = st.sampled_from(OFFERS + REQUESTS), st.sampled_from(sorted(PEOPLE))
NUMBERS = {"x/1": 4, "x/2": 2, "x/3": 3, "x/4": None}


@dataclass
class Deed:
    """A row of the model's log."""

    id: str
    when: datetime
    who: str
    action: str
    record: str
    other: str = ""
    value: Any = None
    follows: str = ""
    undone: bool = False


class Night(RuleBasedStateMachine):
    """Three volunteers, two offers and two requests. The model replays its log from the start for every answer."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.store = Store(Path(self.folder.name, "night.duckdb"))
        take(
            self.store,
            post("x", "1", "jan", BED),
            post("x", "2", "els", NEED),
            post("x", "3", "mia", OTHER),
            post("x", "4", "dirk", OPEN),
        )
        self.now, self.log, self.posts = at(10), list[Deed](), 10

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()

    # the model

    def left(self, record: str) -> int | None:
        undone = {deed.id for deed in self.log if deed.undone}
        mine = [deed for deed in self.log if record in (deed.record, deed.other)]
        # What came of a match that was taken back counts no more than the match.
        standing = [deed for deed in mine if not {deed.id, deed.follows} & undone]
        reopened = max((d.when for d in standing if d.action == "state" and d.value != "full"), default=at(0))
        numbers = [
            d
            for d in standing
            if d.action == "recount" or (d.action == "state" and d.value == "full" and d.when >= reopened)
        ]
        numbers = [d for d in numbers if d.action == "state" or d.value > 0 or d.when >= reopened]
        left = NUMBERS[record]
        for deed in standing:
            if deed in numbers:
                left = 0 if deed.action == "state" else deed.value
            elif deed.action == "own" and not numbers:
                left = deed.value
            elif left is not None and deed.action == "match":
                left -= deed.value
            elif left is not None and deed.action == "fell_through":
                left += deed.value
        return None if left is None else max(left, 0)

    def holder(self, record: str) -> str | None:
        held = None
        for deed in self.log:
            if deed.action == "claim" and deed.record == record and not deed.undone:
                released = any(d.action == "release" and d.follows == deed.id and not d.undone for d in self.log)
                ends = [deed.value] + [
                    d.value for d in self.log if d.follows == deed.id and d.action == "extend" and not d.undone
                ]
                used = any(
                    d.action == "match" and record in (d.record, d.other) and d.who == deed.who and d.when > deed.when
                    for d in self.log
                )
                if not released and not used and max(ends) > self.now:
                    assert held is None, "two people hold one record"
                    held = deed.who
        return held

    def said(self, record: str) -> str | None:
        words = [d for d in self.log if d.action == "state" and d.record == record and not d.undone]
        good = [d.when for d in self.log if d.record == record and not d.undone and d.action in ("confirm", "recount")]
        if not words or words[-1].value in ("full", "available"):
            return None
        return None if words[-1].value == "unknown" and max(good, default=at(0)) > words[-1].when else words[-1].value

    def served(self, record: str) -> int:
        made = [d for d in self.log if d.action == "match" and record in (d.record, d.other) and not d.undone]
        fell = {d.follows for d in self.log if d.action == "fell_through" and not d.undone}
        return sum(d.value for d in made if d.id not in fell)

    def state(self, record: str) -> str:
        left, words = (
            self.left(record),
            [d for d in self.log if d.action == "state" and d.record == record and not d.undone],
        )
        if self.said(record) == "withdrawn":
            return "withdrawn"
        if left == 0:
            numbers = [d for d in self.log if d.action in ("state", "recount") and d.record == record and not d.undone]
            zero = [
                d
                for d in numbers
                if d.value in ("full", 0) and (not words or words[-1].value == "full" or d.when > words[-1].when)
            ]
            others = [d for d in numbers if d.action == "recount" and d.value]
            emptied = zero and (not others or zero[-1].when > others[-1].when)
            return "full" if record in OFFERS or emptied else "matched"
        if self.holder(record):
            return "claimed"
        if left is None and self.served(record):
            return "matched"
        return self.said(record) or "available"

    # the deeds

    def deed(
        self, allowed: bool, call: Callable[..., str], *given: Any, as_: str, who: str, record: str, **more: Any
    ) -> None:
        """Do it for real, see that it is let through or refused as the model says, and log it."""
        told, action = more.pop("told", {}), as_
        try:
            id = call(self.store, *given, PEOPLE[who], at=self.now, **told)
        except DecisionRefused:
            assert not allowed, f"{action} of {record} by {who} was refused"
            return
        assert allowed, f"{action} of {record} by {who} was let through"
        self.log.append(Deed(id=id, when=self.now, who=who, action=action, record=record, **more))

    def tick(self, minutes: float = 1) -> None:
        self.now += timedelta(minutes=minutes)

    def open(self, record: str) -> bool:
        return self.state(record) not in ("full", "withdrawn", "matched")

    @rule(minutes=st.sampled_from([5, 14, 40]))
    def wait(self, minutes: int) -> None:
        self.tick(minutes)

    @rule(record=RECORDS, who=WHO)
    def claim(self, record: str, who: str) -> None:
        self.tick()
        allowed = self.holder(record) is None and self.open(record)
        until = self.now + timedelta(minutes=15)
        self.deed(allowed, claims.claim, record, as_="claim", who=who, record=record, value=until)

    @precondition(lambda self: any(d.action == "claim" for d in self.log))
    @rule(record=RECORDS, who=WHO, longer=st.booleans())
    def release_or_extend(self, record: str, who: str, longer: bool) -> None:
        self.tick()
        mine = [d for d in self.log if d.action == "claim" and d.record == record and d.who == who and not d.undone]
        call, action = (claims.extend, "extend") if longer else (claims.release, "release")
        follows, until = mine[-1].id if mine else "", self.now + timedelta(minutes=15)
        allowed = self.holder(record) == who
        self.deed(allowed, call, record, as_=action, who=who, record=record, follows=follows, value=until)

    @rule(offer=st.sampled_from(OFFERS), request=st.sampled_from(REQUESTS), who=WHO, places=st.integers(1, 3))
    def match(self, offer: str, request: str, who: str, places: int) -> None:
        self.tick()
        rooms = [left for left in (self.left(offer), self.left(request)) if left is not None]
        free = all(self.open(each) and self.holder(each) in (None, who) for each in (offer, request))
        allowed = free and places <= min(rooms, default=places)
        more: dict[str, Any] = {"other": request, "value": places, "told": {"places": places}}
        self.deed(allowed, match, offer, request, as_="match", who=who, record=offer, **more)

    @precondition(lambda self: any(d.action == "match" for d in self.log))
    @rule(data=st.data(), who=WHO, there=st.booleans())
    def outcome(self, data: st.DataObject, who: str, there: bool) -> None:
        self.tick()
        made = data.draw(st.sampled_from([d for d in self.log if d.action == "match"]))
        call, action = (arrived, "arrived") if there else (fell_through, "fell_through")
        if made.undone:
            with pytest.raises(NotFound):
                call(self.store, made.id, PEOPLE[who], at=self.now)
            return
        told = any(d.follows == made.id and not d.undone for d in self.log)
        more = {"other": made.other, "value": made.value, "follows": made.id}
        self.deed(not told, call, made.id, as_=action, who=who, record=made.record, **more)

    @rule(record=RECORDS, value=st.sampled_from(["full", "available", "withdrawn", "unknown"]))
    def say(self, record: str, value: str) -> None:
        self.tick()
        self.deed(True, set_state, record, value, as_="state", who="An", record=record, value=value)

    @rule(record=st.sampled_from(OFFERS), places=st.integers(0, 5))
    def recount(self, record: str, places: int) -> None:
        self.tick()
        self.deed(True, claims.recount, record, places, as_="recount", who="An", record=record, value=places)

    @rule(record=RECORDS)
    def confirm(self, record: str) -> None:
        self.tick()
        self.deed(self.open(record), claims.confirm, record, as_="confirm", who="Bob", record=record)

    @rule(places=st.integers(1, 5))
    def writer_counts(self, places: int) -> None:
        self.tick()
        self.posts += 1
        text = BED.replace("4 personen", "1 persoon" if places == 1 else f"{places} personen")
        take(self.store, post("x", str(self.posts), "jan", text, (self.now - at(0)).total_seconds() / 60))
        self.log.append(Deed(id="", when=self.now, who="jan", action="own", record="x/1", value=places))

    @precondition(lambda self: any(d.id for d in self.log))
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        self.tick()
        deed = data.draw(st.sampled_from([d for d in self.log if d.id]))
        if deed.undone:
            with pytest.raises(DecisionRefused):
                undo(self.store, deed.id, PEOPLE[deed.who], at=self.now)
            return
        try:
            undo(self.store, deed.id, PEOPLE[deed.who], at=self.now)
        except DecisionRefused:
            assert deed.action in ("release", "fell_through")
            return
        deed.undone = True

    @invariant()
    def stands_as_the_model_says(self) -> None:
        for record in OFFERS + REQUESTS if hasattr(self, "log") else ():
            row = stands(self.store, INCIDENT, find_record(self.store, record).root, self.now).row(0, named=True)
            told = (row["state"], row["left"], row["holder"], row["matched"])
            assert told == (self.state(record), self.left(record), self.holder(record), self.served(record)), record
            assert row["claims"] <= 1


TestNight = Night.TestCase
TestNight.settings = settings(max_examples=6, stateful_step_count=14, deadline=None)
