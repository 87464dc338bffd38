"""Contact data covered: phone numbers, e-mail addresses, handles, account numbers, house numbers, links that hold them.

Owns what counts as such in nl, fr, de and en. Rather covers a number too many than one too few: what an offer holds is
told by its own fields, not by its text. Never applied to posts of X: their text may not be altered, so it is not shown.
"""

from __future__ import annotations

import re

COVER = "•••"

LINK = re.compile(r"\b(?:https?://|www\.)([^\s/?#<>\"]+)[^\s<>\"]*", re.IGNORECASE)
EMAIL = re.compile(
    r"(?<![\w.+%'-])[\w.+%'-]{1,64}\s?(?:@|\(at\)|\[at\]|\{at\}|＠)\s?[\w-]+(?:\s?(?:\.|\(dot\)|\[dot\]|\(punt\)|\(point\)|\(punkt\))\s?[\w-]{2,})+",
    re.IGNORECASE,
)
HANDLE = re.compile(r"[@＠]\w[\w.-]*(?:@[\w.-]+)?")
IBAN = re.compile(r"\b[A-Za-z]{2}\d{2}(?:[ ./-]?[A-Za-z0-9]{2,4}){2,8}\b")

# Digits with at most three characters between each two, as people write numbers. Seven make a number that can be
# called; after a plus or a nought, with which no amount begins, five do.
BETWEEN = r"[\s.,/\\()\[\]*_~·•|:–—-]{0,3}"
NUMBER = re.compile(
    rf"(?:\+|00)\s?\(?\d(?:{BETWEEN}\d){{4,}}|(?<!\d)\(?0{BETWEEN}[1-9](?:{BETWEEN}\d){{3,}}|\d(?:{BETWEEN}\d){{6,}}"
)

TIME_OR_DAY = re.compile(
    r"(?:(?:[01]?\d|2[0-4])\s?[:hHu]\s?[0-5]\d|(?:[0-3]?\d)[/.-](?:[01]?\d)(?:[/.-](?:20)?\d\d)?)(?!\d)"
    r"(?:\s?(?:-|–|tot|à|bis|to|en|et|und|and|,)\s?(?:(?:[01]?\d|2[0-4])\s?[:hHu.]\s?[0-5]\d|[0-3]?\d[/.-][01]?\d(?:[/.-](?:20)?\d\d)?)(?!\d))*"
)

HOUSE = r"(\d{1,4}(?:\s?(?:[a-zA-Z]|bis|ter)\b)?(?:\s?(?:bus|bte|boîte|boite|box|/)\s?\w{1,4})?)\b"
COUNTED = r"\s*,?\s*(?:(?:nr|Nr|nummer|n°|no|numéro)\.?\s*)?"

# Kerkstraat 12, Grote Steenweg 3 bus 4, Hauptstraße 7a: these endings mean a street in any case …
SURE = "[sS]traat|[sS]teenweg|[lL]aan|[sS]traße|[sS]trasse|[sS]tr\\.?|[gG]asse|[aA]llee|[dD]reef|[sS]ingel"
# … and these only in a name: onderweg 3 plaatsen is an offer, Lindeweg 3 is a house.
LIKELY = "weg|plein|kaai|lei|baan|pad|hof|markt|berg|ring|damm|ufer|platz|plaats|park"
NO_STREET = (
    "Onderweg|Schlafplatz|Parkplatz|Sitzplatz|Zeltplatz|Slaapplaats|Zitplaats|Staanplaats|Logeerplaats|Parkeerplaats"
)
FRENCH = "[rR]ue|[aA]venue|[aA]v\\.|[bB]oulevard|[bB]d\\.?|[cC]hauss[ée]e|[qQ]uai|[iI]mpasse|[aA]ll[ée]e|[sS]quare"
ENGLISH = "Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Square|Close|Court"

STREETS = (
    re.compile(rf"(\b\w{{0,30}}(?:{SURE}){COUNTED}){HOUSE}"),
    re.compile(rf"(\b(?!{NO_STREET})[A-ZÀ-Ý]\w{{1,30}}(?:{LIKELY}){COUNTED}){HOUSE}"),
    re.compile(rf"(\b(?:{FRENCH}|[pP]lace (?=[A-ZÉ]))(?:\s?[\w'’-]{{1,30}}){{1,6}}?\s*,?\s+{COUNTED}){HOUSE}"),
)
HOUSE_FIRST = re.compile(
    r"\b\d{1,4}(?:\s?(?:[a-zA-Z]|bis|ter))?(\s*,?\s+(?:"
    rf"(?:{FRENCH})\b|[A-Z]\w{{1,30}}(?:\s[A-Z]\w{{1,30}})?\s(?:{ENGLISH})\b))"
)


def mask(text: str) -> str:
    """`text` with contact data replaced by `•••`. Of a link the host stays."""
    covered = LINK.sub(lambda link: f"{_host(link[1])}/…", text)
    covered = EMAIL.sub(COVER, covered)
    covered = HANDLE.sub(f"@{COVER}", covered)
    covered = IBAN.sub(_account, covered)
    for street in STREETS:
        covered = street.sub(rf"\1{COVER}", covered)
    covered = HOUSE_FIRST.sub(rf"{COVER}\1", covered)
    return _numbers(covered)


def _host(netloc: str) -> str:
    host = netloc.rpartition("@")[2].partition(":")[0].lower().removeprefix("www.")
    return COVER if sum(character.isdigit() for character in host) >= 5 else host


def _account(found: re.Match[str]) -> str:
    return COVER if sum(character.isdigit() for character in found[0]) >= 10 else found[0]


def _numbers(text: str) -> str:
    """Cover what can be called, leaving times and days, which have as many figures."""
    return NUMBER.sub(lambda found: found[0] if TIME_OR_DAY.fullmatch(found[0].strip()) else _cover(found[0]), text)


def _cover(number: str) -> str:
    end = number[len(number.rstrip()) :]
    return COVER + end
