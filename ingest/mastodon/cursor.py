"""How far the hashtags of one server were read, and what was given of them: the cursor of the source `mastodon`.

Owns the cursor's form, what becomes of one that cannot be read, and what a cursor coming back proves. Ids in it are the
server's own words: numbers here, letters there, so they are never compared and never taken for a time.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

log = logging.getLogger(__name__)

REMEMBERED = 50_000
"""How many statuses are remembered: some 20 MB, and more than a server's limits let anyone read again in half an hour."""

_NAME_CHARS = 500


class Walk(BaseModel):
    """Reading back: from before an id, or from the newest, until posts are older than `until` or `pages` are read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    until: AwareDatetime
    pages: int
    before: str | None = None


class Place(BaseModel):
    """How far a tag was read: up to the id `newest`; what else is to be read backwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    newest: str | None = None
    walk: Walk | None = None


class Stand(BaseModel):
    """All tags of a server. `answers` counts those that gave something, so that each has a cursor of its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    answers: int = 0
    tags: dict[str, Place] = {}


def read_stand(cursor: str | None, tags: Iterable[str]) -> Stand:
    """What a cursor says of `tags`; one that makes no sense says nothing: what was read is then read again."""
    try:
        stand = Stand.model_validate_json(cursor) if cursor is not None else Stand()
    except ValidationError:
        log.warning("a cursor of mastodon cannot be read; its hashtags are read from the beginning")
        stand = Stand()
    return Stand(answers=stand.answers, tags={tag: stand.tags.get(tag, Place()) for tag in tags})


class Given:
    """What was given lately, so that it is not given again unchanged; and each status's id on this server.

    An answer counts as kept once its cursor comes back. Any other cursor says that the caller lost answers, or is a new
    one: then all is forgotten, and given again.
    """

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str | None, str]] = {}
        self._fresh: dict[str, tuple[str | None, str]] = {}
        self._handed: tuple[str, dict[str, tuple[str | None, str]]] | None = None

    def ask(self, cursor: str | None) -> bool:
        """A caller came with `cursor`. Returns whether it kept what it was given."""
        kept = self._handed is not None and self._handed[0] == cursor
        if kept and self._handed is not None:
            for name, said in self._handed[1].items():
                self._kept.pop(name, None)
                self._kept[name] = said
            for name in list(self._kept)[: max(len(self._kept) - REMEMBERED, 0)]:
                del self._kept[name]
        else:
            self._kept.clear()
        self._handed, self._fresh = (cursor, {}) if kept and cursor is not None else None, {}
        return kept

    def is_news(self, name: str, local: str | None, state: str) -> bool:
        """Whether a status is not known to have been given just as it is; from then on it is."""
        if name in self._fresh:
            return False
        if len(name) > _NAME_CHARS or len(local or "") > _NAME_CHARS:
            return True
        news = self._kept.get(name, (None, None))[1] != state
        if news:
            self._fresh[name] = (local, state)
        return news

    @property
    def anything(self) -> bool:
        """Whether the answer being made holds any news."""
        return bool(self._fresh)

    def hand(self, cursor: str) -> None:
        """The answer being made goes out with `cursor`."""
        self._handed = (cursor, self._fresh)

    def local(self, name: str) -> str | None:
        """The id on this server of a status that was given."""
        known = self._fresh.get(name) or self._kept.get(name)
        return known[0] if known else None

    def forget(self, name: str) -> None:
        """A status is gone."""
        self._kept.pop(name, None)
        self._fresh.pop(name, None)
