"""Who repeats a thing, in which habit: the copies of one thing, in order of time.

Owns which habit suits which thing, so that the truth stays knowable: words without a source are only taken over when
they hold a number of their own or are long and particular.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate

from ingest.night import habits
from ingest.night.people import NETWORKS, Person
from ingest.night.phones import Phone, find
from ingest.night.sentences import LANGUAGES, pick, retellings, sentences
from ingest.night.telling import Facts, tagged, told
from ingest.night.things import Teller, Thing
from ingest.post import Post

WEIGHTS = {
    "native_repost": 11.0,
    "native_repost_empty": 7.0,
    "native_repost_rt": 9.0,
    "rt": 14.0,
    "quote_post": 6.0,
    "comment_before": 4.0,
    "comment_after": 3.0,
    "nested_rt": 4.0,
    "cut": 4.0,
    "other_network": 1.5,
    "renewed_fewer": 2.5,
    "full_reply": 1.2,
    "full_repeat": 1.0,
    "reworded": 3.0,
    "other_language": 3.0,
    "long_uncredited": 5.0,
    "digit_mistyped": 5.0,
    "number_respelled": 4.0,
    "number_abroad": 8.0,
    "cut_number": 2.5,
    "tag_dropped_mid": 4.0,
    "own_link": 4.0,
    "cut_link": 4.0,
}
"""How often a habit is met, beside 1.6 for all others; habits a text does not lend itself to fall out."""
_OTHERS = 1.6
_WORDS_LOST = frozenset({"cut", "cut_number", "cut_140", "cut_link", "mt"})
_ONCE = frozenset({"full_reply", "full_repeat"})
_WRITERS_AGAIN = 0.12


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy, the id of the post it was made from, its habit, and the facts it tells where they changed."""

    post: Post
    made_from: str
    habit: str
    capacity: int | None
    lang: str


class Copying:
    """Makes copies. `crowd` are the people who repeat others."""

    def __init__(self, teller: Teller, crowd: Sequence[Person]) -> None:
        self.teller, self.rng, self.crowd = teller, teller.rng, crowd

    def suited(self, thing: Thing, base: Post) -> list[str]:
        """The habits a copy of `base` may take."""
        able = set(habits.possible(base))
        if thing.category == "offer" and thing.section.startswith("offer_"):
            able |= {"full_reply", "full_repeat"}
            able |= {"renewed_fewer"} if thing.capacity is not None and thing.capacity > 2 else set()
        if thing.keyed and not thing.long and isinstance(thing.about.reach, Phone):
            able |= {"reworded", "other_language"}
        if thing.long:
            able |= {"long_uncredited"}
            able |= {"digit_mistyped"} if find(base.text) and thing.keyed else set()
        if thing.delicate:
            able -= _WORDS_LOST | habits.WORDED
        return [habit for habit in habits.HABITS if habit in able]

    def of(self, thing: Thing, moments: Sequence[datetime]) -> Iterator[Copy]:
        """Copies of `thing` at `moments` (with zone, rising); renewals are copied in their turn."""
        left, done = thing.capacity or 0, set[str]()
        menus: dict[str, tuple[list[str], list[float]]] = {}
        for at in moments:
            base = thing.bases[-1] if self.rng.random() < 0.3 else thing.bases[0]
            if base.id not in menus:
                able = self.suited(thing, base)
                menus[base.id] = able, list(accumulate(WEIGHTS.get(habit, _OTHERS) for habit in able))
            habit = self.rng.choices(menus[base.id][0], cum_weights=menus[base.id][1])[0]
            if habit in done or (habit == "renewed_fewer" and (left < 3 or done)):
                habit = "rt"
            left -= 1 + (left > 5) if habit == "renewed_fewer" else 0
            done |= {habit} & _ONCE
            copy = self.one(thing, base, habit, at, left)
            if habit == "renewed_fewer":
                thing.bases.append(copy.post)
            yield copy

    def one(self, thing: Thing, base: Post, habit: str, at: datetime, left: int = 0) -> Copy:
        """One copy of `base`. `left` is how many places there still are, for a renewal."""
        rng = self.rng
        own = habit in habits.OWN or (habit in habits.CHANGES and rng.random() < _WRITERS_AGAIN)
        own = own or (habit == "reworded" and rng.random() < 0.5)
        person = thing.writer if own else pick(rng, self.crowd)
        network = self._network(base, habit, own)
        lang, words = self._words(thing, habit, left)
        uncredited = own or (thing.keyed and rng.random() < 0.65)
        copier = habits.Copier(
            network=network,
            id=self.teller.ids.new(network, at),
            author=person.handle(network),
            name=person.name,
            at=at,
            between=pick(rng, self.crowd).handle(base.network),
            lang=lang,
            credit=not uncredited,
            words=words,
        )
        post = habits.DO[habit](base, rng, copier)
        capacity = left if habit == "renewed_fewer" else thing.capacity
        return Copy(post, base.id, habit, capacity, lang if habit in habits.WORDED else thing.lang)

    def _network(self, base: Post, habit: str, own: bool) -> str:
        if habit == "other_network":
            return pick(self.rng, [network for network in NETWORKS if network != base.network])
        if own or habit in habits.NATIVE or self.rng.random() < 0.85:
            return base.network
        return pick(self.rng, NETWORKS)

    def _words(self, thing: Thing, habit: str, left: int) -> tuple[str, str]:
        rng, lang = self.rng, thing.lang
        if habit == "full_reply":
            return lang, pick(rng, sentences(lang)["full_reply"])
        if habit == "full_repeat":
            text = told(rng, lang, pick(rng, sentences(lang)[f"full_{thing.about.kind}"]), thing.about)
            return lang, tagged(rng, text)
        if habit == "reworded":
            return lang, self._again(thing, lang, thing.about)
        if habit == "other_language":
            lang = pick(rng, [other for other in LANGUAGES if other != thing.lang])
            return lang, self._again(thing, lang, thing.about)
        if habit == "renewed_fewer":
            fewer = replace(thing.about, count=left)
            text = told(rng, lang, thing.pattern, fewer)
            return lang, tagged(rng, pick(rng, sentences(lang)["renewed"]).format(s=text))
        return (lang if rng.random() < 0.85 else pick(rng, LANGUAGES)), ""

    def _again(self, thing: Thing, lang: str, about: Facts) -> str:
        """The same facts by another sentence, which tells a count where the first one did."""
        counted = "{n}" in thing.pattern
        others = [line for line in retellings(lang, thing.section) if not thing.pattern.startswith(line.rstrip("."))]
        alike = [line for line in others if ("{n}" in line) == counted]
        return tagged(self.rng, told(self.rng, lang, pick(self.rng, alike or others), about))
