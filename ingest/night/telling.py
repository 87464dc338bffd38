"""From facts to what somebody types: the text of an offer, a request or anything else.

Owns filling the slots of a sentence and dressing it with tags, links and moods. Knows nothing of copies.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from ingest.night import changes
from ingest.night.people import short_link
from ingest.night.phones import Phone
from ingest.night.sentences import Place, amount, hour, of_town, people, pick, sentences

_LEAST_MOST = {
    "bed": (2, 9),
    "ride": (2, 4),
    "food": (4, 40),
    "shower": (2, 8),
    "material": (3, 60),
    "animals": (2, 6),
}
_ITEMS = {"food": "items_food", "material": "items_material", "care": "items_care", "animals": "items_animals"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a post is about. `count` in people, seats or pieces; `clock` a local hour; `item` and `first` point into
    word lists (items mean the same in every language), `apart` leads from the first particular to the second.
    `reach` is a number, an address, or None for the handle."""

    kind: str | None
    near: Place
    far: Place
    count: int
    clock: int
    item: int = 0
    first: int = 0
    apart: int = 0
    reach: Phone | str | None = None


def facts(rng: random.Random, kind: str | None, near: Place, far: Place, clock: int) -> Facts:
    """Facts for something of `kind`, without a way to reach the writer."""
    least, most = _LEAST_MOST.get(kind or "", (2, 9))
    return Facts(
        kind=kind,
        near=near,
        far=far,
        count=least + int(rng.random() * (most - least + 1)),
        clock=clock,
        item=int(rng.random() * 1000),
        first=int(rng.random() * 1000),
        apart=int(rng.random() * 1000),
    )


class _Slots(dict[str, str]):
    """Works out a slot only when a sentence asks for it."""

    def __init__(self, rng: random.Random, lang: str, about: Facts) -> None:
        super().__init__()
        self.rng, self.lang, self.about = rng, lang, about

    def __missing__(self, slot: str) -> str:
        value = self[slot] = self._value(slot)
        return value

    def _value(self, slot: str) -> str:
        rng, lang, about = self.rng, self.lang, self.about
        match slot:
            case "p":
                return about.near.names[lang]
            case "q":
                return about.far.names[lang]
            case "dp":
                return of_town(about.near.names[lang])
            case "dq":
                return of_town(about.far.names[lang])
            case "n":
                return amount(rng, lang, about.count)
            case "h":
                return hour(lang, about.clock)
            case "b":
                return hour(lang, (about.clock - 3) % 24)
            case "c" | "C":
                said = reach(rng, lang, about.reach)
                return said[:1].upper() + said[1:] if slot == "C" else said
            case "t":
                return about.reach.spelled(rng) if isinstance(about.reach, Phone) else str(about.reach)
            case "i":
                items = sentences(lang)[_ITEMS[about.kind or "food"]]
                return items[about.item % len(items)]
            case "d" | "e":
                details = sentences(lang)["road" if about.kind == "ride" else "details"]
                first = about.first % len(details)
                return details[first if slot == "d" else (first + 1 + about.apart % (len(details) - 1)) % len(details)]
        return _by_chance(slot, rng, lang)


def _by_chance(slot: str, rng: random.Random, lang: str) -> str:
    match slot:
        case "s":
            return pick(rng, sentences(lang)["items_stages"])
        case "name":
            return pick(rng, people()["first"])
        case "street":
            return f"{pick(rng, people()['streets'])} {1 + int(rng.random() * 180)}"
        case "g":
            return str(3 + int(rng.random() * 5))
        case "m":
            return str(3 + int(rng.random() * 57))
        case "x":
            return str(11 + int(rng.random() * 390))
        case "w":
            return str(70 + int(rng.random() * 70))
        case "z":
            return str(70 + int(rng.random() * 95))
        case "y":
            return str(2 + int(rng.random() * 9))
        case "f":
            return f"{2 + int(rng.random() * 4)}{'.' if lang == 'en' else ','}{int(rng.random() * 10)}"
    raise KeyError(slot)


def reach(rng: random.Random, lang: str, way: Phone | str | None) -> str:
    """How to reach the writer, as a phrase in lower case: a number, an e-mail address, or "DM me"."""
    said = sentences(lang)
    if way is None:
        return pick(rng, said["reach_handle"])
    if isinstance(way, Phone):
        return pick(rng, said["reach_phone"]).format(t=way.spelled(rng))
    return pick(rng, said["reach_mail"]).format(t=way)


def told(rng: random.Random, lang: str, sentence: str, about: Facts) -> str:
    """`sentence` with its slots filled; the first letter a capital unless an address or handle begins it."""
    text = sentence.format_map(_Slots(rng, lang, about))
    return text[:1].upper() + text[1:] if text[:1].islower() and "@" not in text.split(" ", 1)[0] else text


_SHORTER = {
    "nl": (("personen", "pers"), ("mensen", "mensn"), ("vannacht", "vannacht"), ("alstublieft", "aub")),
    "fr": (("personnes", "pers"), ("quelqu'un", "qqn"), ("cette nuit", "cte nuit"), ("vous", "vs")),
    "en": (("people", "ppl"), ("you ", "u "), ("tonight", "2nite"), ("please", "pls")),
    "de": (("Personen", "Pers."), ("Leute", "Leut"), ("heute Nacht", "heut Nacht"), ("nicht", "net")),
}


def dressed(rng: random.Random, lang: str, text: str, *, linked: float = 0.1) -> str:
    """`text` in its writer's manner: sometimes all small letters, texting short forms or shouting, then tags, and with
    chance `linked` a short link."""
    mood = rng.random()
    if mood < 0.08:
        text = " ".join(word if "@" in word else word.lower() for word in text.split(" "))
    elif mood < 0.16:
        old, new = pick(rng, _SHORTER[lang])
        text = text.replace(old, new)
    elif mood < 0.22:
        text = text.replace("!", "!!!") if "!" in text else text.rstrip(". ") + "!!"
    return tagged(rng, text + (f" {short_link(rng)}" if rng.random() < linked else ""))


def tagged(rng: random.Random, text: str) -> str:
    """`text` with its tags: mostly behind, at times in front, in the middle, or not at all."""
    labels, spot = changes.tags(rng), rng.random()
    if spot < 0.76:
        return f"{text} {' '.join(labels)}"
    if spot < 0.86:
        return f"{' '.join(labels)} {text}"
    if spot < 0.96:
        return changes.tag_added(text, rng) if rng.random() < 0.4 else _in_middle(rng, text, labels[0])
    return text


def _in_middle(rng: random.Random, text: str, label: str) -> str:
    ends = [found.end() for found in re.finditer(r"[^\W\d_]{3,}[,.!?] (?=[^\W\d_#])", text)]
    if not ends or rng.random() < 0.3:
        ends = [found.end() for found in re.finditer(r"[^\W\d_]{3,} (?=[^\W\d_#])", text)]
    if not ends:
        return f"{text} {label}"
    end = pick(rng, ends)
    return f"{text[:end]}{label} {text[end:]}"
