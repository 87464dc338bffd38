"""Contacts as people read them: a number in full, or masked.

Owns turning a number as it is written, or the figures by which it is recognised, into the number one dials, with Google's
numbering data (phonenumbers), and hiding contacts from those who do not need them. Finding numbers in texts is done in
`wording`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat

NEIGHBOURS = {"BE": 32, "NL": 31, "FR": 33, "DE": 49, "LU": 352, "GB": 44}
"""Countries a number without its country code is tried in, in this order."""
SPOKEN = {
    "nl": ("BE", "NL"),
    "fr": ("BE", "FR", "LU"),
    "de": ("DE", "BE", "LU", "AT"),
    "lb": ("LU", "BE", "DE"),
    "en": ("BE", "NL", "GB"),
}
"""Countries whose numbers a writer in a language gives without a country code, the likeliest first."""
INTERNATIONAL = re.compile(r"\+(?:324[5-9]\d{7}|316\d{8}|33[67]\d{8}|3526\d{8})")
"""Mobile numbers of the neighbours in full."""
HERE = ("BE", "NL", "FR", "LU")
"""The same where the language is not known."""
MOBILE = {
    "BE": r"4[5-9]\d{7}",
    "NL": r"6\d{8}",
    "FR": r"[67]\d{8}",
    "LU": r"6\d{8}",
    "DE": r"1[5-7]\d{8,9}",
    "GB": r"7\d{9}",
}
"""National mobile numbers by form. Ranges kept for examples are given to nobody, so the numbering data calls them wrong."""
NATIONAL = 9
"""Figures of a national number in Belgium, the Netherlands and France that may be one even if the data knows it not."""
NO_ZERO = ("BE", "NL", "LU")
"""Countries whose mobile numbers are written without their 0 at times, or have none."""
PAIRS = re.compile(r"\(?0\d\)?(?:[\s.\-]\d\d){4}")
"""Five pairs, as in France."""
AMERICAN = re.compile(r"\d{3}[.\-]\d{3}[.\-]\d{4}")
BELGIAN = re.compile(r"04[5-9]\d{7}")
BRITISH = re.compile(r"07\d{9}")
SIX = re.compile(r"06\d{8}")
"""Mobile numbers of the Netherlands and France; some landlines of Germany are as long."""
SET_APART = re.compile(r"\(?06\)?[\s./\-]")
"""The 06 stands by itself, as no German area code does."""
LUXEMBOURGISH = re.compile(r"6[2-9][18]\d{6}")
SHOWN = 2


@lru_cache(maxsize=65_536)
def full_number(figures: str) -> str | None:
    """The E.164 number for the last nine national figures, in the first neighbouring country where such a number can exist.

    None when it can in none: then the post itself must be read.
    """
    for code in NEIGHBOURS.values():
        number = PhoneNumber(country_code=code, national_number=int(figures))
        if phonenumbers.is_valid_number(number):
            return _e164(number)
    return None


def dialled(written: Iterable[str], *, country: str | None, lang: str | None, ride: bool) -> str | None:
    """The E.164 number of the first of some numbers `written` in a post that is a whole one, or None.

    `country` is that of the place the post names, as two capitals; a ride may well go abroad, so there the language of the
    post (`lang`, two letters) goes before it.
    """
    return next((number for text in written if (number := _dialled(text, country, lang or "", ride))), None)


@lru_cache(maxsize=65_536)
def _dialled(written: str, country: str | None, lang: str, ride: bool) -> str | None:
    figures = re.sub(r"[^\d+]", "", written.replace("(0)", ""))
    if figures.startswith(("+", "00")):
        return _abroad("+" + figures.lstrip("+0"))
    order = _countries(written, figures, country, lang, ride)
    zero = figures.startswith("0")
    for code in dict.fromkeys((*order, *NEIGHBOURS)):
        # A mobile number is known by its form: the library needs ten times as long.
        if (zero or code in NO_ZERO) and code in MOBILE and re.fullmatch(MOBILE[code], figures.removeprefix("0")):
            return f"+{NEIGHBOURS[code]}{figures.removeprefix('0')}"
        number = _parsed(figures, code) if code in order else None
        if number and (_mobile(code, number) or ((zero or code == "US") and phonenumbers.is_valid_number(number))):
            return _e164(number)
    return next(
        (_e164(number) for code in NEIGHBOURS if (number := _parsed(figures, code)) and _might_be(number)), None
    )


def _abroad(figures: str) -> str | None:
    """A number with its country code, if such a number can exist."""
    if INTERNATIONAL.fullmatch(figures):
        return figures
    number = _parsed(figures, None)
    return _e164(number) if number and phonenumbers.is_possible_number(number) else None


def _countries(written: str, figures: str, country: str | None, lang: str, ride: bool) -> list[str]:
    """The countries a number may be of, the likeliest first, by how it is written, where, and in what language."""
    pairs = PAIRS.fullmatch(written) is not None and lang[:2] != "nl"
    spoken = SPOKEN.get(lang[:2].lower(), HERE)
    place = (country,) if country else ()
    order: list[str] = [*spoken, *place] if ride else [*place, *spoken]
    first: tuple[str, ...] = ("FR",) if pairs else ()
    if AMERICAN.fullmatch(written):
        return ["US"]
    if BELGIAN.fullmatch(figures):
        first = _belgian(written, country, ride=ride, pairs=pairs)
    elif SIX.fullmatch(figures) and (lang[:2] != "de" or SET_APART.match(written)):
        french = country == "FR" or (lang[:2] == "fr" and (pairs or country != "NL")) or (pairs and country != "NL")
        if lang[:2] == "nl":
            french = country == "FR" and not ride
        first = ("FR", "NL") if french else ("NL", "FR")
    elif BRITISH.fullmatch(figures) and lang[:2] == "en":
        first = ("GB",)
    elif LUXEMBOURGISH.fullmatch(figures) and country != "NL":
        first = ("LU",)
    order = [*first, *order]
    return order if figures.startswith("0") else [code for code in (*order, *NO_ZERO) if code in NO_ZERO]


def _belgian(written: str, country: str | None, *, ride: bool, pairs: bool) -> tuple[str, ...]:
    """What goes first of a number of the form of Belgian mobiles: French ones that begin so are written in pairs, Dutch ones
    are landlines of Limburg."""
    if pairs and country != "BE":
        return ("FR",)
    landline = country == "NL" and not ride and not re.search(r"(?:\D\d\d){3}$", written)
    return ("NL", "BE") if landline else ("BE",)


def _mobile(country: str, number: PhoneNumber) -> bool:
    """Whether a number has the form of a mobile number of a country."""
    return country in MOBILE and re.fullmatch(MOBILE[country], str(number.national_number)) is not None


def _might_be(number: PhoneNumber) -> bool:
    return len(str(number.national_number)) == NATIONAL and phonenumbers.is_possible_number(number)


def _parsed(figures: str, country: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(figures, country)
    except phonenumbers.NumberParseException:
        return None


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def spelled(contact: str | None) -> str | None:
    """A record's contact as one dials or writes it: numbers in E.164 where they can be told, all else as it is."""
    if contact is None or not contact.isdecimal():
        return contact
    return full_number(contact) or contact


def masked(contact: str | None) -> str | None:
    """A contact with all but its last two characters hidden."""
    if contact is None:
        return None
    return "•" * max(len(contact) - SHOWN, 0) + contact[-SHOWN:]
