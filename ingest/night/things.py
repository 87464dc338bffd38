"""Things: what is true of the evening. Each offer, request or remark is one thing with one original post.

Owns making originals, and that no two of them can be taken for each other unless that is their point (`look_alikes`).
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone

from ingest.night import changes
from ingest.night.habits import ORIGINAL
from ingest.night.people import Crowd, Ids, Person, link
from ingest.night.phones import Directory, Phone
from ingest.night.sentences import KINDS, Place, pick, sentences
from ingest.night.telling import Facts, dressed, facts, told
from ingest.post import Post

BRUSSELS = timezone(timedelta(hours=2), "CEST")  # summer time; reading the zone here would read a file at import
TALK = ("information", "rumour", "sympathy", "blame", "threat", "doxing", "other", "testimony")
_CATEGORY = {"threat": "abuse", "doxing": "abuse", "testimony": "other"}
_COUNTRIES = {
    "nl": ("BE",) * 14 + ("NL",) * 4 + ("US", "GB"),
    "fr": ("BE",) * 11 + ("FR",) * 6 + ("LU",) * 3,
    "en": ("BE",) * 8 + ("NL",) * 2 + ("GB",) * 3 + ("LU", "US", "AU", "SE"),
    "de": ("DE",) * 7 + ("BE",) * 6 + ("LU",) * 3 + ("SE",),
}
_LONG_KINDS = ("bed", "ride", "food", "shower", "care", "material")
_SIGNS = re.compile(r"[^\w]+")
SHORT = 6
"""Up to so many words two strangers may type the same without knowing of each other."""
PLAIN_OFFER = 14
"""Up to so many words two strangers may make the same offer in the same words, each to be reached by own handle."""


@dataclass(slots=True, kw_only=True)
class Thing:
    """One true item and its original.

    `keyed`: the text holds a number or address nobody else uses, so a copy need not give credit. `long`: so particular
    that it need not either. `delicate`: others look so alike that a copy must keep all its words. `case`, `group`: the
    case of `habits.NOT_SAME` it belongs to and the group of things it must be kept apart from; `like` the id of the
    first post of that group, for all but the first.
    """

    id: str
    category: str
    kind: str | None
    place: str | None
    capacity: int | None
    lang: str
    about: Facts
    pattern: str
    section: str
    writer: Person
    original: Post
    bases: list[Post] = field(default_factory=list)
    keyed: bool = False
    long: bool = False
    delicate: bool = False
    case: str | None = None
    group: str | None = None
    like: str | None = None

    @property
    def told_as(self) -> str:
        """What its original is called in the truth: `original`, or the case when it resembles an earlier thing."""
        return ORIGINAL if self.like is None or self.case is None else self.case


class Teller:
    """Makes originals. `near` and `far` are the towns it speaks of."""

    def __init__(self, rng: random.Random, near: tuple[Place, ...], far: tuple[Place, ...]) -> None:
        self.rng, self.near, self.far = rng, near, far
        self.crowd, self.ids, self.phones = Crowd(rng), Ids(rng), Directory(rng)
        self._count = 0
        self._told: set[str] = set()

    def offer(self, at: datetime, lang: str, network: str, *, kind: str | None = None, long: bool = False) -> Thing:
        """An offer of help by somebody new."""
        kind = kind or pick(self.rng, _LONG_KINDS if long else KINDS)
        about = self.reachable(self.about(kind, at), lang)
        section = f"long_{kind}" if long else f"offer_{kind}"
        pattern = pick(self.rng, sentences(lang)[section])
        if not long and self.rng.random() < 0.15:
            pattern = f"{_ended(pattern)} {self._terms(lang, kind)}"
        return self.say("offer", section, pattern, about, at, lang, network, long=long)

    def request(self, at: datetime, lang: str, network: str, *, kind: str | None = None) -> Thing:
        """Somebody new asks for help."""
        kind = kind or pick(self.rng, KINDS)
        about = self.reachable(self.about(kind, at), lang)
        section = f"request_{kind}"
        return self.say("request", section, pick(self.rng, sentences(lang)[section]), about, at, lang, network)

    def talk(self, at: datetime, lang: str, network: str, topic: str, writer: Person | None = None) -> Thing:
        """A remark on one of `TALK`. Remarks of some length are never the same twice."""
        said, rng = sentences(lang), self.rng
        about = self.about(None, at)
        if topic == "doxing":
            about = with_reach(about, self.phones.new("BE"))
        long = topic == "testimony"
        extra = 0 if rng.random() < 0.6 or long else 1
        while True:
            pattern = pick(rng, said[topic])
            for _ in range(extra):
                aside = pick(rng, said["asides"])
                pattern = f"{aside} {pattern}" if rng.random() < 0.3 else f"{_ended(pattern)} {aside}"
            text = told(rng, lang, pattern, about)
            if self._fresh(text, SHORT):
                break
            extra, about = min(extra + 1, 3), self.about(None, at) if topic != "doxing" else about
        linked = 0.25 if topic == "information" else 0.06
        thing = self.post(
            _CATEGORY.get(topic, topic), topic, pattern, about, at, lang, network, text, linked=linked, writer=writer
        )
        thing.long = long
        thing.kind = topic if topic in ("threat", "doxing") else None
        return thing

    def _terms(self, lang: str, kind: str) -> str:
        """A condition that suits the kind: any for a bed, dogs in a car, else an hour."""
        terms = sentences(lang)["terms"]
        return pick(self.rng, terms) if kind == "bed" else terms[2 if kind == "ride" else 0]

    def about(self, kind: str | None, at: datetime) -> Facts:
        """Fresh facts in one of the towns; a ride ends far away, or starts there now and then."""
        rng = self.rng
        near, far = pick(rng, self.near), pick(rng, self.far)
        if kind == "ride" and rng.random() < 0.15:
            near, far = far, near
        return facts(rng, kind, near, far, (at.astimezone(BRUSSELS).hour + 1 + int(rng.random() * 2)) % 24)

    def reachable(self, about: Facts, lang: str) -> Facts:
        """`about` with a number, now and then an e-mail address, or nothing but the handle."""
        chance = self.rng.random()
        if chance < 0.58:
            return with_reach(about, self.phones.new(pick(self.rng, _COUNTRIES[lang])))
        if chance < 0.62:
            return with_reach(about, f"{self.crowd.newcomer().stem.replace('_', '.')}@mail.example")
        return about

    def say(
        self, category: str, section: str, pattern: str, about: Facts, at: datetime, lang: str, network: str,
        *, long: bool = False, writer: Person | None = None,
    ) -> Thing:  # fmt: skip
        """A thing told by `pattern`, by somebody new unless `writer` says who."""
        text = told(self.rng, lang, pattern, about)
        while about.reach is None and not self._fresh(text, PLAIN_OFFER):
            about = self.about(about.kind, at)
            text = told(self.rng, lang, pattern, about)
        thing = self.post(category, section, pattern, about, at, lang, network, text, writer=writer)
        thing.long, thing.keyed = long, about.reach is not None and ("{c}" in pattern.lower() or "{t}" in pattern)
        return thing

    def post(
        self, category: str, section: str, pattern: str, about: Facts, at: datetime, lang: str, network: str,
        text: str, *, linked: float = 0.1, writer: Person | None = None,
    ) -> Thing:  # fmt: skip
        """A thing whose original says `text`, dressed in its writer's manner."""
        rng = self.rng
        writer = writer or self.crowd.newcomer()
        author, post_id = writer.handle(network), self.ids.new(network, at)
        original = Post(
            network=network,
            id=post_id,
            author=author,
            text=dressed(rng, lang, text, linked=linked),
            created_at=at,
            url=link(network, author, post_id),
            author_name=writer.name,
            lang=lang if rng.random() < 0.85 else None,
            reposts=int(rng.random() ** 6 * 300),
            likes=int(rng.random() ** 6 * 500),
        )
        self._count += 1
        return Thing(
            id=f"t{self._count:07d}",
            category=category,
            kind=about.kind,
            place=where(about) if "p}" in pattern else None,
            capacity=about.count if "{n}" in pattern else None,
            lang=lang,
            about=about,
            pattern=pattern,
            section=section,
            writer=writer,
            original=original,
            bases=[original],
        )

    def _fresh(self, text: str, free: int) -> bool:
        words = _SIGNS.sub(" ", changes.LINK.sub("", text)).lower().split()
        if len(words) <= free:
            return True
        key = " ".join(words)
        if key in self._told:
            return False
        self._told.add(key)
        return True


def with_reach(about: Facts, reach: Phone | str | None) -> Facts:
    """`about` with this number or address, or with nothing but the handle."""
    return replace(about, reach=reach)


def _ended(text: str) -> str:
    return text if text[-1] in ".!?" else text + "."


def where(about: Facts) -> str:
    """The town by its own name; of a ride both, as `from>to`."""
    return f"{about.near.key}>{about.far.key}" if about.kind == "ride" else about.near.key
