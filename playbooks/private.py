"""Contact data that must not stand in a plan: telephone numbers, e-mail addresses, bank accounts.

Owns the patterns and the list of public numbers that are let through. Knows nothing of plans. The patterns look for
numbers of Belgium, the Netherlands, France, Germany and Luxembourg, and for any number in international form.
"""

from __future__ import annotations

import re

PUBLIC_NUMBERS = frozenset(
    {
        "080012800",  # Unia, BE
        "080032123",  # preventing suicide, BE (French)
        "0202615275",  # Helpwanted, NL
        "08000113",  # preventing suicide, NL
        "09008844",  # police without urgency, NL
        "08001110111",  # Telefonseelsorge, DE
        "08001110222",  # Telefonseelsorge, DE
    }
)
"""Digits only. Numbers of up to six digits (112, 1722, 1771, 101, 116 000) are never taken for a private one."""

PHONE = re.compile(
    r"""(?<![\w/=])                                           # not in a link or a longer word
    (?!(?:0[1-9]|[12]\d|3[01])[/.-](?:0[1-9]|1[0-2])[/.-](?:19|20)\d\d(?!\d))    # not 01/05/2027
    (?: (?:\+|00)[1-9](?:[\s./()\u2010-\u2013-]{0,2}\d){7,13}   # +32 …, 0032 …
      | \(?0[1-9](?:[\s./()\u2010-\u2013-]{0,2}\d){6,10}        # 0470 …, 06-…, 02/…
      | (?:31|32|33|49|352)[1-9]\d{7,10}                       # 32470… with nothing before it
      | 6[2-9]1[ .-]?\d{3}[ .-]?\d{3}                          # Luxembourg, mobile
    )(?!\w)""",
    re.VERBOSE,
)
EMAIL = re.compile(r"(?<![@\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
IBAN = re.compile(
    r"(?<!\w)[a-z]{2}\d{2}(?:[ .\u00a0-]?[a-z0-9]{4}){2,7}(?:[ .\u00a0-]?[a-z0-9]{1,3})?(?!\w)", re.IGNORECASE
)
IBAN_DIGITS = 10
"""An account of the five countries has at least so many digits; fewer is an ordinary word with a number."""


def private_data(text: str) -> list[tuple[str, str]]:
    """What in `text` looks like contact data of a person: pairs of (email, account or phone; how it stands there)."""
    found = [("email", match.group()) for match in EMAIL.finditer(text)]
    accounts = [match.group() for match in IBAN.finditer(text)]
    found += [("account", account) for account in accounts if sum(map(str.isdigit, account)) >= IBAN_DIGITS]
    numbers = [match.group() for match in PHONE.finditer(text)]
    found += [("phone", number) for number in numbers if _digits(number) not in PUBLIC_NUMBERS]
    return found


def _digits(number: str) -> str:
    return "".join(filter(str.isdigit, number))
