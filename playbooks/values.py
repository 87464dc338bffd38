"""The single values of a plan: texts in four languages, names, tags, days and moments.

Owns what each may look like. Knows not where in a plan it stands.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

Language = Literal["nl", "fr", "de", "en"]
LANGUAGES: tuple[Language, ...] = ("nl", "fr", "de", "en")


def _day(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value


def _moment(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    return moment if moment.tzinfo is not None else value


def _composed(tag: str) -> str:
    if unicodedata.normalize("NFC", tag) != tag:
        raise ValueError("the accents are separate characters; type the tag anew (NFC)")
    return tag


MAX_TEXT = 2000
"""Characters of the longest text a plan may hold."""

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Line = Annotated[str, Field(min_length=1, max_length=200)]
Paragraph = Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]
Tag = Annotated[str, Field(pattern=r"^\w{1,64}$"), AfterValidator(_composed)]
Minute = Annotated[int, Field(ge=0, le=527_040)]
Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Variable = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Longest = Annotated[int, Field(ge=1, le=300)]


class Part(BaseModel):
    """Base of every part of a plan: frozen, no unknown keys, no guessing between text and numbers."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, str_strip_whitespace=True, use_attribute_docstrings=True
    )


class Text(Part):
    """One text in up to four languages. Dutch must be there; a missing one is shown in Dutch, with a warning."""

    nl: Paragraph
    """Dutch."""
    fr: Paragraph | None = None
    """French."""
    de: Paragraph | None = None
    """German."""
    en: Paragraph | None = None
    """English."""

    def in_language(self, language: Language) -> str:
        """The text in `language`, else in Dutch."""
        texts: dict[Language, str | None] = {"nl": self.nl, "fr": self.fr, "de": self.de, "en": self.en}
        return texts[language] or self.nl
