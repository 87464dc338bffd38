"""What the board says, in four languages: texts, numbers, times and how long ago.

Owns the gettext catalogues in `locale/`, one for each page and one for what is refused, and how their texts are filled in;
numbers, amounts and days are written as Babel says the language does. Knows neither Streamlit nor the store. What comes from a
post never passes through here as a text to fill in, only as a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_skeleton
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

Language = Literal["nl", "fr", "de", "en"]
LANGUAGES: tuple[Language, ...] = ("nl", "fr", "de", "en")

MINUTE, HOUR, DAY = 60, 3_600, 86_400
NIGHT = 12 * HOUR
"""Within so many seconds a time of day can mean one moment only, on whichever side of midnight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One language. Keys are `table.name`; an unknown key is a KeyError, for it is a mistake of ours."""

    language: Language
    texts: Mapping[str, str | tuple[str, ...]]
    zone: ZoneInfo

    def say(self, key: str, **values: object) -> str:
        """The text `key`, with `{name}` replaced by the values."""
        text = self.texts[key]
        if not isinstance(text, str):
            raise KeyError(f"{key} has a singular and a plural: use `count`")
        return text.format_map(values) if values else text

    def count(self, key: str, n: int, **values: object) -> str:
        """The text `key` in singular or plural for `n`, which stands in it as `{n}`."""
        forms = self.texts[key]
        if isinstance(forms, str):
            raise KeyError(f"{key} has one form: use `say`")
        one = Locale(self.language).plural_form(n) == "one"
        return forms[0 if one else -1].format_map({"n": self.number(n), **values})

    def word(self, table: str, code: str | None) -> str:
        """The word for a code of the engine; the code itself when there is none yet, and that of `none` for None."""
        text = self.texts.get(f"{table}.{code or 'none'}", code or "")
        return text if isinstance(text, str) else text[-1]

    def number(self, n: int) -> str:
        """`n` with the thousands set apart as the language does."""
        return format_decimal(n, locale=self.language)

    def clock(self, moment: datetime, now: datetime) -> str:
        """The time of day in the incident's zone; with the day when that is not the day of `now`, nor the same night."""
        local = moment.astimezone(self.zone)
        near = abs((moment - now).total_seconds()) < NIGHT
        if near or local.date() == now.astimezone(self.zone).date():
            return f"{local:%H:%M}"
        return f"{format_skeleton('MMMd', local, locale=self.language)} {local:%H:%M}"

    def time(self, moment: datetime) -> str:
        """The time of day in the incident's zone, to the second."""
        return f"{moment.astimezone(self.zone):%H:%M:%S}"

    def ago(self, moment: datetime, now: datetime) -> str:
        """How long before `now`, in minutes, hours or days; what lies ahead counts as just now."""
        seconds = (now - moment).total_seconds()
        if seconds < MINUTE:
            return self.say("ago.now")
        if seconds < HOUR:
            return self.say("ago.minutes", n=int(seconds // MINUTE))
        if seconds < DAY:
            return self.say("ago.hours", h=int(seconds // HOUR), m=int(seconds % HOUR // MINUTE))
        return self.count("ago.days", int(seconds // DAY))

    def seconds_ago(self, moment: datetime, now: datetime) -> str:
        """Like `ago`, in seconds below a minute."""
        seconds = (now - moment).total_seconds()
        return self.say("ago.seconds", n=max(0, int(seconds))) if seconds < MINUTE else self.ago(moment, now)

    def span(self, seconds: float) -> str:
        """A span of time: 45 s, 12 min, 3 h; in seconds up to a hundred, for that is how a lag is told."""
        if seconds < 100:
            return self.say("span.seconds", n=f"{seconds:.0f}")
        minutes = seconds / MINUTE
        return (
            self.say("span.minutes", n=f"{minutes:.0f}")
            if minutes < 100
            else self.say("span.hours", n=f"{minutes / 60:.0f}")
        )

    def money(self, usd: Decimal) -> str:
        """An amount in USD, to the cent."""
        return f"{format_decimal(usd, '#,##0.00', locale=self.language)} USD"

    def since_start(self, minutes: int) -> str:
        """Minutes of the plan's clock as hours and minutes: 83 is 1:23."""
        sign = "-" if minutes < 0 else ""
        return f"{sign}{abs(minutes) // 60}:{abs(minutes) % 60:02}"

    def length(self, seconds: int) -> str:
        """The width of a bar: minutes below an hour, else hours."""
        return (
            self.say("plot.minutes", n=seconds // MINUTE)
            if seconds < HOUR
            else self.say("plot.hours", n=seconds // HOUR)
        )


def words(language: Language, zone: str) -> Words:
    """The words of `language`, with times in `zone` (a name such as Europe/Brussels)."""
    return Words(language=language, texts=texts(language), zone=ZoneInfo(zone))


@lru_cache(maxsize=len(LANGUAGES))
def texts(language: Language) -> Mapping[str, str | tuple[str, ...]]:
    """Every text of `language` by key; of one that counts, all its forms."""
    said: dict[str, str | tuple[str, ...]] = {}
    for catalogue in files("dashboard").joinpath("locale", language).iterdir():
        with catalogue.open("rb") as file:
            for message in read_po(file, locale=language):
                if isinstance(message.id, tuple):
                    said[message.id[0]] = tuple(map(str, message.string or ()))
                elif message.id:
                    said[str(message.id)] = str(message.string)
    return said


def language_of(code: str | None) -> Language:
    """`code` if the board speaks it, else Dutch."""
    return next((language for language in LANGUAGES if language == code), "nl")
