"""Contacts as people read them: a number in full, or masked.

Owns turning the figures by which a number is recognised into the number one dials, with Google's numbering data
(phonenumbers), and hiding contacts from those who do not need them. Reading numbers in texts is done in `wording`.
"""

from __future__ import annotations

from functools import lru_cache

import phonenumbers

NEIGHBOURS = {"BE": 32, "NL": 31, "FR": 33, "DE": 49, "LU": 352}
"""Countries a number without its country code is tried in, in this order."""
SHOWN = 2


@lru_cache(maxsize=65_536)
def full_number(figures: str) -> str | None:
    """The E.164 number for the last nine national figures, in the first neighbouring country where such a number can exist.

    None when it can in none: then the post itself must be read.
    """
    for code in NEIGHBOURS.values():
        number = phonenumbers.PhoneNumber(country_code=code, national_number=int(figures))
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None


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
