"""Posts that look alike and are not the same: every case of `habits.NOT_SAME`, as a group of things.

Owns how strangers come to type the same. Each thing of a group is its own; its `case` and `group` say what it must be
kept apart from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from ingest.night.people import club
from ingest.night.sentences import KINDS, pick, sentences
from ingest.night.telling import Facts, told
from ingest.night.things import Teller, Thing, with_reach

COUNTED = ("bed", "ride", "food", "shower", "material", "animals")
_FEW_KINDS = {"few_offer": ("bed", "bed", "bed", "shower", "charging"), "few_request": ("bed", "charging", "shower")}
_ORGANISER_KINDS = ("bed", "bed", "ride", "bed")
Group = Callable[[Teller, datetime, str, str], list[Thing]]


def _later(teller: Teller, at: datetime, most: float = 40) -> datetime:
    return at + timedelta(seconds=20 + teller.rng.random() * most * 60)


def _stamped(teller: Teller, case: str, things: list[Thing]) -> list[Thing]:
    for thing in things:
        thing.case, thing.group = case, f"{case}-{things[0].id}"
        thing.like = None if thing is things[0] else things[0].original.id
    return things


def other_count(teller: Teller, at: datetime, lang: str, network: str) -> list[Thing]:
    """One desk's bulletins in the same words with another count, or another desk's."""
    rng, pattern = teller.rng, pick(teller.rng, sentences(lang)["counts"])
    about, desk = teller.about(None, at), teller.crowd.newcomer()
    texts: list[str] = []
    for _ in range(2 + int(rng.random() * 3)):
        text = told(rng, lang, pattern, about)
        texts += [text] if text not in texts else []
    things = []
    for index, text in enumerate(texts):
        writer = desk if rng.random() < 0.6 else teller.crowd.newcomer()
        thing = teller.post("information", "counts", pattern, about, at, lang, network, text, writer=writer)
        thing.delicate = True
        things.append(thing)
        at = _later(teller, at, 90 + index)
    return _stamped(teller, "other_count", things)


def same_few_words(teller: Teller, at: datetime, lang: str, network: str) -> list[Thing]:
    """The same few words from strangers, without a number."""
    rng = teller.rng
    section = ("few_sympathy", "few_offer", "few_request")[min(int(rng.random() * 5), 2)]
    lines = sentences(lang)[section]
    index = int(rng.random() * len(lines))
    kind = _FEW_KINDS[section][index] if section in _FEW_KINDS else None
    about, things = teller.about(kind, at), []
    for _ in range(2 + int(rng.random() * 4)):
        text = told(rng, lang, lines[index], about)
        thing = teller.post(section.split("_")[1], section, lines[index], about, at, lang, network, text, linked=0)
        thing.delicate = True
        things.append(thing)
        at = _later(teller, at)
    return _stamped(teller, "same_few_words", things)


def other_town(teller: Teller, at: datetime, lang: str, network: str) -> list[Thing]:
    """Strangers use the same words for another town, to be reached by handle."""
    return _stamped(teller, "other_town", _same_words(teller, at, lang, network, town=True, phone=False))


def other_number(teller: Teller, at: datetime, lang: str, network: str) -> list[Thing]:
    """The same words and town, another number: another person's offer."""
    return _stamped(teller, "other_number", _same_words(teller, at, lang, network, town=False, phone=True))


def _same_words(
    teller: Teller, at: datetime, lang: str, network: str, *, town: bool, phone: bool, people: int = 0
) -> list[Thing]:
    rng, kind = teller.rng, pick(teller.rng, KINDS)
    pattern = pick(rng, sentences(lang)[f"offer_{kind}"])
    about, things, towns = teller.about(kind, at), [], set[str]()
    for _ in range(people or 2 + int(rng.random() * 2)):
        while town and about.near.key in towns:
            about = replace(about, near=pick(rng, teller.near))
        towns.add(about.near.key)
        own = with_reach(about, teller.phones.new("BE") if phone else None)
        text = told(rng, lang, pattern, own)
        thing = teller.post("offer", f"offer_{kind}", pattern, own, at, lang, network, text)
        thing.keyed, thing.delicate = phone, not phone
        things.append(thing)
        at = _later(teller, at)
    return things


def template(teller: Teller, at: datetime, lang: str, network: str) -> list[Thing]:
    """Several people fill in the same sentence for one town, each with own number or handle."""
    things = _same_words(teller, at, lang, network, town=False, phone=teller.rng.random() < 0.7, people=4)
    return _stamped(teller, "template", things)


def bed_and_ride(teller: Teller, at: datetime, lang: str, network: str) -> list[Thing]:
    """One person, one number, two offers: a bed and a ride."""
    writer, phone = teller.crowd.newcomer(), teller.phones.new("BE")
    things: list[Thing] = []
    town = pick(teller.rng, teller.near)
    for kind in ("bed", "ride"):
        about = with_reach(replace(teller.about(kind, at), near=town, far=pick(teller.rng, teller.far)), phone)
        section = f"offer_{kind}"
        pattern = pick(teller.rng, sentences(lang)[section])
        things.append(teller.say("offer", section, pattern, about, at, lang, network, writer=writer))
        at = _later(teller, at, 10)
    return _stamped(teller, "bed_and_ride", things)


def hotline(teller: Teller, at: datetime, lang: str, network: str) -> list[Thing]:
    """One help line's number in offers of different people, towns and kinds."""
    rng, phone = teller.rng, teller.phones.new("BE")
    things: list[Thing] = []
    used: set[tuple[str | None, str]] = set()
    for _ in range(3 + int(rng.random() * 5)):
        kind = pick(rng, ("bed", "bed", "ride", "shower"))
        about = with_reach(teller.about(kind, at), phone)
        if (kind, about.near.key) in used:
            continue
        used.add((kind, about.near.key))
        section = "hotline" if kind == "bed" else f"hotline_{kind}"
        pattern = pick(rng, sentences(lang)[section])
        text = told(rng, lang, pattern, about)
        thing = teller.post("offer", section, pattern, about, at, lang, network, text)
        thing.delicate = True
        things.append(thing)
        at = _later(teller, at, 20)
    return _stamped(teller, "hotline", things)


def organiser_per_town(teller: Teller, at: datetime, lang: str, network: str) -> list[Thing]:
    """One organiser repeats a sentence for every town."""
    rng, lines = teller.rng, sentences(lang)["organiser"]
    index, writer = int(rng.random() * len(lines)), teller.crowd.newcomer()
    pattern = lines[index].replace("{o}", club(rng))
    phone = teller.phones.new("BE") if rng.random() < 0.5 else None
    pattern += ", {c}" if phone else ""
    towns = sorted(teller.near, key=lambda _: rng.random())[: 3 + int(rng.random() * 6)]
    things: list[Thing] = []
    for town in towns:
        about = with_reach(replace(teller.about(_ORGANISER_KINDS[index], at), near=town), phone)
        text = told(rng, lang, pattern, about)
        thing = teller.post("offer", "organiser", pattern, about, at, lang, network, text, linked=0, writer=writer)
        thing.place, thing.delicate = town.key, True
        things.append(thing)
        at = _later(teller, at, 4)
    return _stamped(teller, "organiser_per_town", things)


def opposite_ride(teller: Teller, at: datetime, lang: str, network: str) -> list[Thing]:
    """The same road in both directions, by one driver or by two."""
    rng = teller.rng
    there = teller.about("ride", at)
    back = replace(there, near=there.far, far=there.near, clock=(there.clock + 1) % 24)
    pattern = pick(rng, sentences(lang)["offer_ride"])
    one = teller.crowd.newcomer() if rng.random() < 0.5 else None
    phone = teller.phones.new("BE")
    things: list[Thing] = []
    for about in (there, back):
        own: Facts = with_reach(about, phone if one else teller.phones.new("BE"))
        thing = teller.say("offer", "offer_ride", pattern, own, at, lang, network, writer=one)
        thing.delicate = one is not None
        things.append(thing)
        at = _later(teller, at, 15)
    return _stamped(teller, "opposite_ride", things)


CASES: dict[str, Group] = {
    "other_count": other_count,
    "same_few_words": same_few_words,
    "other_town": other_town,
    "other_number": other_number,
    "bed_and_ride": bed_and_ride,
    "hotline": hotline,
    "organiser_per_town": organiser_per_town,
    "opposite_ride": opposite_ride,
    "template": template,
}
"""Case -> how a group of it comes about: (teller, at, lang, network) -> its things, oldest first."""
