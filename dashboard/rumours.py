"""Rumours as one looks at them: claims with the plan's answer, those that have one answer together.

Owns which claim belongs to which known rumour, and the text that corrects it. What people found out is a decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import polars as pl

from dashboard.words import Words
from dedupe.deciding.rumours import rumours
from dedupe.reading.lexicon import fold
from dedupe.reading.rumours import Entry, match_rumours
from dedupe.store import Store
from playbooks.fill import fill
from playbooks.model import Playbook
from playbooks.parts import Rumour

TEMPLATE = "rumour_answer"
"""The plan's template for a correction."""
SHOWN = 30
"""Claims that are shown."""
MET = 50_000
"""Texts of which it is kept what they claim: nearly all were there at the look before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Records that make one claim: `rows` as in `dedupe.deciding.rumours.rumours`; `known` is the plan's rumour, None without."""

    known: Rumour | None
    rows: tuple[Mapping[str, Any], ...]

    @property
    def key(self) -> str:
        """What tells it from other claims."""
        return self.known.id if self.known else str(self.rows[0]["record"])

    @property
    def posts(self) -> int:
        """How often it was seen, all wordings together."""
        return sum(int(row["posts"]) for row in self.rows)

    @property
    def last(self) -> Mapping[str, Any] | None:
        """The row that was judged last; None when nobody judged any."""
        judged = [row for row in self.rows if row["decided_at"] is not None]
        return max(judged, key=lambda row: row["decided_at"], default=None)

    @property
    def found(self) -> str:
        """How it stands: one of `dedupe.deciding.rumours.FOUND`."""
        return str(self.last["found"]) if self.last else "unverified"

    @property
    def unjudged(self) -> int:
        """Wordings that came since it was judged."""
        return sum(row["decided_at"] is None for row in self.rows) if self.last else 0


def claims(store: Store, incident: str, playbook: Playbook | None, most: int = SHOWN) -> tuple[list[Claim], int]:
    """At most `most` claims of an incident: what nobody checked first, of these the most repeated; and how many there are.

    Raises StoreError.
    """
    rows = rumours(store, incident)
    known = {entry.id: entry for entry in playbook.rumours} if playbook else {}
    told = pl.Series(matched(rows["text"], playbook), dtype=pl.String)
    rows = rows.with_columns(key=pl.coalesce(told, "record"))
    found = rows.group_by("key").agg(pl.col("posts").sum(), pl.col("found").sort_by("decided_at").last())
    first = found.sort(pl.col("found") != "unverified", -pl.col("posts"), "key").head(most)["key"]
    made: dict[str, list[Mapping[str, Any]]] = {key: [] for key in first}
    for row in rows.filter(pl.col("key").is_in(first.implode())).iter_rows(named=True):
        made[row.pop("key")].append(row)
    return [Claim(known=known.get(key), rows=tuple(each)) for key, each in made.items()], found.height


def matched(texts: pl.Series, playbook: Playbook | None) -> list[str | None]:
    """For each text the id of the plan's rumour it claims, or None."""
    rumours = playbook.rumours if playbook else ()
    entries = tuple(
        Entry(id=each.id, texts=tuple(filter(None, each.question.model_dump().values()))) for each in rumours
    )
    if not entries:
        return [None] * len(texts)
    if len(_met(entries)) > MET:
        _met.cache_clear()
    met = _met(entries)
    new = list({text or "" for text in texts} - met.keys())
    claimed = match_rumours(pl.Series([fold(text) for text in new], dtype=pl.String), entries)
    met.update(dict.fromkeys(new) | {new[row]: entry for row, entry in claimed.select("row", "entry").iter_rows()})
    return [met[text or ""] for text in texts]


@lru_cache(maxsize=2)
def _met(entries: tuple[Entry, ...]) -> dict[str, str | None]:
    """What each text met so far claims of `entries`: whatever else is said, it stays."""
    return {}


def correction(claim: Claim, playbook: Playbook, words: Words, now: datetime) -> str:
    """One text for all copies. What nobody found out yet stands in it as ‹…›: no text says "checked" before somebody did."""
    values: dict[str, str] = {}
    if claim.known:
        values["fact"] = claim.known.answer.in_language(words.language)
        values["source"] = claim.known.source.in_language(words.language)
        if claim.known.checked_on:
            values["checked"] = words.clock(claim.known.checked_on, now)
    if claim.last and claim.found != "unverified":
        values["source"] = str(claim.last["source"])
        values["checked"] = words.clock(claim.last["decided_at"], now)
    text = next(
        (one.text.in_language(words.language) for one in playbook.templates if one.id == TEMPLATE),
        "{fact} ({source}, {checked})",
    )
    return fill(text, values)
