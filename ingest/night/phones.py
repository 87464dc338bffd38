"""Telephone numbers nobody has, and the ways people spell them.

Where a regulator keeps numbers for fiction those are used: France (the five landline blocks of Arcep), Germany (the
media numbers of the Bundesnetzagentur), the United Kingdom (020 7946 0), North America (555-01), Australia (5550 and
7010), Sweden (070-174 06). Belgium, the Netherlands and Luxembourg keep none; there the blocks are ones that look like
mobile numbers but that no operator holds according to the carrier data of the phonenumbers package (9.0). France's
mobile block 06 39 98 is left out because phonenumbers calls it invalid. Inside a block the digits of a number add up to
a multiple of ten, so that a slip of one digit never gives another person's number.
"""

from __future__ import annotations

import math
import random
import re
from dataclasses import dataclass

from ingest.night.sentences import pick

BLOCKS: dict[str, tuple[str, ...]] = {
    "BE": ("450", "452", "453", "454", "457", "459", "462", "464"),
    "NL": ("632", "688", "689"),
    "LU": ("656", "679"),
    "FR": ("199000", "261910", "353010", "465710", "536490"),
    "DE": ("3023125", "6990009", "4066969", "2214710", "8999998", "176040690", "17139200"),
    "GB": ("2079460",),
    "US": tuple(f"{area}55501" for area in (202, 206, 212, 303, 310, 312, 404, 415, 512, 617, 713, 718, 808)),
    "AU": tuple(f"{area}{block}" for area in (2, 3, 7, 8) for block in (5550, 7010)),
    "SE": ("7017406",),
}
"""Country -> the blocks numbers are taken from, without trunk zero."""

_LENGTH = {"BE": 9, "NL": 9, "LU": 9, "FR": 9, "DE": 10, "GB": 10, "US": 10, "AU": 9, "SE": 9}
_CODE = {"BE": "32", "NL": "31", "LU": "352", "FR": "33", "DE": "49", "GB": "44", "US": "1", "AU": "61", "SE": "46"}
_GERMAN_MOBILE = "176040690"  # one digit longer than the other German blocks
HOME = ("BE", "NL", "FR", "DE", "LU")

# A hash sign stands for the next digit.
_FORMS = {
    "BE": "0###/##.##.##|0### ## ## ##|0###/######|0#########|+32 ### ## ## ##|+32#########|0032#########"
    "|0032 ### ## ## ##|0###-######|+32(0)### ## ## ##|0###.##.##.##|0### ######|0###/## ## ##|+32 ###/##.##.##",
    "NL": "06-########|06 ########|06########|06 ## ## ## ##|06-## ## ## ##"
    "|+31 6 ########|+316########|00316########|+31 (0)6 ########",
    "LU": "### ### ###|#########|+352 ### ### ###|+352#########|00352 ### ### ###|###-###-###",
    "FR": "0# ## ## ## ##|0#########|0#.##.##.##.##|+33 # ## ## ## ##|+33#########|0033#########"
    "|0#-##-##-##-##|+33 (0)# ## ## ## ##",
    "DE": "0{a}/{b}|0{a} {b}|0{a}{b}|+49 {a} {b}|+49{a}{b}|0049{a}{b}|0{a}-{b}|+49 (0){a} {b}|0049 {a} {b}",
    "GB": "+44 ## #### ####|+44##########|0044##########|0044 ## ########|+44 (0)## #### ####",
    "US": "+1 ###-###-####|+1 (###) ###-####|001##########|+1##########|+1 ### ### ####",
    "AU": "+61 # #### ####|+61#########|0061#########|+61 (0)# #### ####",
    "SE": "+46 ##-### ## ##|+46#########|0046#########|+46 ## ### ## ##",
}
_NUMBER = re.compile(r"(?<![\w/@.+])(?:\+|00)?\d(?:(?:[ ./\-]| ?\(|\) ?)?\d){7,14}(?!\w)")


@dataclass(frozen=True, slots=True)
class Phone:
    """A number by country and national digits without trunk zero."""

    country: str
    digits: str

    def spellings(self) -> tuple[str, ...]:
        """All the ways this number is written."""
        return tuple(_filled(form, self) for form in _FORMS[self.country].split("|"))

    def spelled(self, rng: random.Random) -> str:
        """One way to write it; the country's most usual ways come up more often."""
        forms = _FORMS[self.country].split("|")
        return _filled(forms[int(len(forms) * rng.random() * (0.4 + 0.6 * rng.random()))], self)


def _filled(form: str, phone: Phone) -> str:
    digits = phone.digits
    if phone.country == "DE":
        area = 3 if digits.startswith(("1", "2")) else 2
        return form.format(a=digits[:area], b=digits[area:])
    if phone.country == "NL":
        digits = digits[1:]
    parts = iter(digits)
    return "".join(next(parts) if sign == "#" else sign for sign in form)


class Directory:
    """Gives every asker a number nobody else got, spread over the blocks by a step that leaves no two neighbours."""

    def __init__(self, rng: random.Random) -> None:
        self._next: dict[str, int] = {}
        self._step: dict[str, int] = {}
        self._start: dict[str, int] = {}
        for country in BLOCKS:
            room = self._room(country)
            step = int(room * (0.3 + 0.4 * rng.random())) | 1
            while math.gcd(step, room) != 1:
                step += 2
            self._next[country], self._step[country] = 0, step
            self._start[country] = int(rng.random() * room)

    @staticmethod
    def _room(country: str) -> int:
        return sum(10 ** (_free(country, block) - 1) for block in BLOCKS[country])

    def new(self, country: str) -> Phone:
        """A fresh number of `country`, or of Belgium once that country's numbers are used up."""
        room = self._room(country)
        if self._next[country] >= room:
            country, room = "BE", self._room("BE")
        spot = (self._start[country] + self._next[country] * self._step[country]) % room
        self._next[country] += 1
        for block in BLOCKS[country]:
            size = 10 ** (_free(country, block) - 1)
            if spot < size:
                body = block + str(spot).zfill(_free(country, block) - 1)
                return Phone(country, body + str(-sum(map(int, body)) % 10))
            spot -= size
        raise AssertionError("a spot lies outside every block")


def _free(country: str, block: str) -> int:
    return _LENGTH[country] + (block == _GERMAN_MOBILE) - len(block)


def find(text: str) -> tuple[int, int, Phone] | None:
    """The first number of our blocks in `text`: where it starts and ends, and which it is."""
    for match in _NUMBER.finditer(text):
        phone = _known("".join(sign for sign in match.group().replace("(0)", "") if sign.isdigit() or sign == "+"))
        if phone is not None:
            return match.start(), match.end(), phone
    return None


def _known(written: str) -> Phone | None:
    bare = written.removeprefix("+") if written.startswith("+") else written.removeprefix("00")
    abroad = bare != written
    for country, blocks in BLOCKS.items():
        if abroad:
            national = bare.removeprefix(_CODE[country]) if bare.startswith(_CODE[country]) else ""
        else:
            national = written if country == "LU" else written.removeprefix("0") if written.startswith("0") else ""
        if any(national.startswith(b) and len(national) == len(b) + _free(country, b) for b in blocks):
            return Phone(country, national)
    return None


def mistyped(text: str, rng: random.Random) -> str:
    """`text` with one digit of its number changed, in the last six, so that nobody else's number comes out."""
    found = find(text)
    if found is None:
        raise ValueError("there is no number to mistype")
    start, end, _ = found
    spots = [index for index in range(start, end) if text[index].isdigit()][-6:]
    spot = pick(rng, spots)
    digit = (int(text[spot]) + 1 + int(rng.random() * 9)) % 10
    return f"{text[:spot]}{digit}{text[spot + 1 :]}"
