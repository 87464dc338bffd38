"""The night of 18 August 2011, SYNTHETIC: modelled on published facts, invented in every post.

The facts: a storm at 18:15 for a quarter of an hour, 60,000 visitors, most posts in the two hours after, several tags
at once, offers of beds, rides and food under #hasselthelpt, sympathy burying them. Scaled down from about 97,000 posts
to some 7,000, and told as if x, bluesky and mastodon had existed as they do now. Owns the run of the evening; knows
nothing of how it is read.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import polars as pl

from ingest.night import changes, habits
from ingest.night.copies import Copying
from ingest.night.look_alikes import CASES
from ingest.night.sentences import KINDS, pick, places
from ingest.night.telling import told
from ingest.night.things import BRUSSELS, Teller, Thing
from ingest.post import CONTENT, UTC_TIME, Post

START = datetime(2011, 8, 18, 17, 30, tzinfo=BRUSSELS).astimezone(UTC)
STORM = datetime(2011, 8, 18, 18, 15, tzinfo=BRUSSELS).astimezone(UTC)
END = datetime(2011, 8, 18, 23, 59, 59, tzinfo=BRUSSELS).astimezone(UTC)

TRUTH: dict[str, pl.DataType] = {
    "removed_at": UTC_TIME,
    "thing": pl.String(),
    "habit": pl.String(),
    "category": pl.String(),
    "kind": pl.String(),
    "place": pl.String(),
    "capacity": pl.Int64(),
    "case": pl.String(),
    "group": pl.String(),
}

_NETWORKS = ("x",) * 13 + ("bluesky",) * 4 + ("mastodon",) * 3
_LANGUAGES = ("nl",) * 14 + ("fr",) * 3 + ("en",) * 2 + ("de",)
_OFFERS, _REQUESTS, _LONG = 150, 60, 14
_TALK = {
    "sympathy": 330,
    "information": 120,
    "rumour": 105,
    "blame": 130,
    "threat": 9,
    "doxing": 6,
    "other": 240,
    "testimony": 10,
}
_BEFORE_THE_STORM = 55
# When things are told, in minutes after the storm: from, to, share.
_OFFER_HOURS = ((22, 60, 4), (60, 150, 6), (150, 240, 3), (240, 320, 1))
_TALK_HOURS = ((0, 25, 4), (25, 75, 6), (75, 150, 6), (150, 240, 4), (240, 340, 2))


@dataclass(frozen=True, slots=True)
class _Row:
    post: Post
    thing: Thing
    habit: str
    capacity: int | None
    removed_at: datetime | None = None


def night(seed: int = 20110818) -> pl.DataFrame:
    """The whole evening, made anew from `seed` and the same on every machine.

    Returns the columns of `ingest.post.CONTENT` and what is true of each post: `removed_at` (UTC; null for the most),
    `thing` (the true item), `habit` (of an original 'original', or its case of `habits.NOT_SAME` when it only resembles
    an earlier thing; else 'edited' or one of `habits.HABITS`), `category`, `kind` (for abuse:
    threat or doxing), `place` (a town, or `from>to`), `capacity` (places or pieces left), and for look-alikes `case`
    and `group`: things of one group are never the same. An edited post comes twice, with the same id. Rows are in the
    order in which they happened.
    """
    rng = random.Random(seed)  # noqa: S311 - made-up posts, no secret
    teller = Teller(rng, places()["near"], places()["far"])
    rows: list[_Row] = []
    things = [*_offers_and_requests(teller), *_talk(teller)]
    copying = Copying(teller, [teller.crowd.newcomer() for _ in range(900)])
    for thing, times in zip(things, _how_often(rng, things), strict=True):
        rows.append(_Row(thing.original, thing, thing.told_as, thing.capacity))
        moments = sorted(at for at in (_after(rng, thing.original.created_at) for _ in range(times)) if at < END)
        rows += [_Row(copy.post, thing, copy.habit, copy.capacity) for copy in copying.of(thing, moments)]
    rows = [*_with_removals(rng, rows), *_edits(rng, rows)]
    rows.sort(key=lambda row: (row.post.edited_at or row.post.created_at, row.post.network, row.post.id))
    return _frame(rows)


def _moment(rng: random.Random, hours: Sequence[tuple[int, int, int]]) -> datetime:
    start, end, _ = rng.choices(hours, weights=[share for *_, share in hours])[0]
    return STORM + timedelta(milliseconds=int((start + rng.random() * (end - start)) * 60_000))


def _offers_and_requests(teller: Teller) -> list[Thing]:
    rng = teller.rng
    things: list[Thing] = []
    for index, case in enumerate([*CASES, *CASES]):
        lang = "nl" if index < len(CASES) else ("fr", "en", "de")[index % 3]
        things += CASES[case](teller, _moment(rng, _OFFER_HOURS[:2]), lang, pick(rng, _NETWORKS))
    for _ in range(_LONG):
        things.append(teller.offer(_moment(rng, _OFFER_HOURS), pick(rng, _LANGUAGES), pick(rng, _NETWORKS), long=True))
    missing = _OFFERS - sum(thing.category == "offer" for thing in things)
    for index in range(missing):
        kind = KINDS[index % len(KINDS)] if index < 5 * len(KINDS) else pick(rng, KINDS[:4])
        at = _moment(rng, _OFFER_HOURS)
        things.append(teller.offer(at, pick(rng, _LANGUAGES), pick(rng, _NETWORKS), kind=kind))
    missing = _REQUESTS - sum(thing.category == "request" for thing in things)
    for index in range(missing):
        kind = KINDS[index % len(KINDS)] if index < 3 * len(KINDS) else pick(rng, KINDS[:2])
        at = _moment(rng, _OFFER_HOURS)
        things.append(teller.request(at, pick(rng, _LANGUAGES), pick(rng, _NETWORKS), kind=kind))
    return things


def _talk(teller: Teller) -> list[Thing]:
    rng = teller.rng
    before = [
        teller.talk(START + (STORM - START) * rng.random(), pick(rng, _LANGUAGES), pick(rng, _NETWORKS), "other")
        for _ in range(_BEFORE_THE_STORM)
    ]
    return before + [
        teller.talk(_moment(rng, _TALK_HOURS), pick(rng, _LANGUAGES), pick(rng, _NETWORKS), topic)
        for topic, count in _TALK.items()
        for _ in range(count)
    ]


def _how_often(rng: random.Random, things: list[Thing]) -> list[int]:
    """How often each thing is repeated: a few offers hundreds of times, most remarks never."""
    early = STORM + timedelta(minutes=110)
    fit = [thing for thing in things if thing.category == "offer" and thing.original.created_at < early]
    known = [thing for thing in fit if thing.case is None and thing.keyed]
    stars = {thing.id for thing in (*known[:1], *known[-5:])}
    return [260 + int(rng.random() * 140) if thing.id in stars else _times(rng, thing.category) for thing in things]


def _times(rng: random.Random, category: str) -> int:
    if category in ("offer", "request"):
        return min(120 if category == "offer" else 40, int(4 / (rng.random() + 0.02) ** 0.8))
    return int(rng.random() * 4) if category == "abuse" else min(160, int(0.6 / (rng.random() + 0.002) ** 0.85))


def _after(rng: random.Random, at: datetime) -> datetime:
    """A moment after `at`: soon for the most, for some hours later."""
    return at + timedelta(milliseconds=int(rng.expovariate(1 / 2400) * 1000) + 1)


def _with_removals(rng: random.Random, rows: list[_Row]) -> list[_Row]:
    """The same rows, some of them taken down later: abuse mostly, and a post here and there."""
    return [
        replace(row, removed_at=min(_after(rng, row.post.created_at), END))
        if rng.random() < (0.4 if row.thing.category == "abuse" else 0.004)
        else row
        for row in rows
    ]


def _edits(rng: random.Random, rows: list[_Row]) -> list[_Row]:
    """A few originals of offers again, edited: fewer places, or other tags."""
    offers = [row for row in rows if row.habit == habits.ORIGINAL and row.thing.section.startswith("offer_")]
    edits = []
    for row in changes.shuffled(rng, offers)[:12]:
        thing, left = row.thing, row.capacity
        text = changes.other_tags(row.post.text, rng)
        if left is not None and left > 2:
            left -= 1
            fewer = told(rng, thing.lang, thing.pattern, replace(thing.about, count=left))
            text = f"{fewer} {' '.join(changes.tags(rng))}"
        at = row.post.created_at + timedelta(seconds=60 + int(rng.random() * 1500))
        edits.append(_Row(replace(row.post, text=text, edited_at=min(at, END)), thing, habits.EDITED, left))
    return edits


def _frame(rows: list[_Row]) -> pl.DataFrame:
    content = {name: [getattr(row.post, name) for row in rows] for name in CONTENT}
    truth = {
        "removed_at": [row.removed_at for row in rows],
        "thing": [row.thing.id for row in rows],
        "habit": [row.habit for row in rows],
        "category": [row.thing.category for row in rows],
        "kind": [row.thing.kind for row in rows],
        "place": [row.thing.place for row in rows],
        "capacity": [row.capacity for row in rows],
        "case": [row.thing.case for row in rows],
        "group": [row.thing.group for row in rows],
    }
    return pl.DataFrame({**content, **truth}, schema={**CONTENT, **TRUTH})
