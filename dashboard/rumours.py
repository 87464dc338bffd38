"""Rumours as one looks at them: claims with the plan's answer, those that have one answer together.

Owns which claim belongs to which known rumour, and the text that corrects it. What people found out is a decision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from dashboard.words import Words
from dedupe.reading.lexicon import fold
from dedupe.rumours import rumours
from dedupe.store import Store
from playbooks.fill import fill
from playbooks.model import Playbook
from playbooks.parts import Rumour

TEMPLATE = "rumour_answer"
"""The plan's template for a correction."""
ALIKE = 0.92
LEAST = 0.6
"""Share of a known rumour's words from which a claim is that rumour."""
FEWEST = 2
"""Words they share at least."""
SHORTEST = 4
"""Letters of a word that tells something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Records that make one claim: `rows` as in `dedupe.rumours.rumours`; `known` is the plan's rumour, None without."""

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
        """How it stands: one of `dedupe.rumours.FOUND`."""
        return str(self.last["found"]) if self.last else "unverified"

    @property
    def unjudged(self) -> int:
        """Wordings that came since it was judged."""
        return sum(row["decided_at"] is None for row in self.rows) if self.last else 0


def claims(store: Store, incident: str, playbook: Playbook | None) -> list[Claim]:
    """The claims of an incident: what nobody checked first, of these the most repeated. Raises StoreError."""
    rows = rumours(store, incident)
    entries = playbook.rumours if playbook else ()
    known = {entry.id: entry for entry in entries}
    told: dict[str, list[Mapping[str, Any]]] = {}
    for row, entry in zip(rows.iter_rows(named=True), matched(rows["text"], entries), strict=True):
        told.setdefault(entry or row["record"], []).append(row)
    found = [Claim(known=known.get(key), rows=tuple(each)) for key, each in told.items()]
    return sorted(found, key=lambda each: (each.found != "unverified", -each.posts, each.key))


def matched(texts: pl.Series, entries: Sequence[Rumour]) -> list[str | None]:
    """For each text the id of the known rumour it claims, or None: the one of whose words it has the largest share."""
    asked = [
        (entry.id, words)
        for entry in entries
        for said in (entry.question.nl, entry.question.fr, entry.question.de, entry.question.en)
        if said and len(words := _telling(said)) >= FEWEST
    ]
    return [_best(_telling(text or ""), asked) for text in texts]


def _best(words: list[str], asked: list[tuple[str, list[str]]]) -> str | None:
    best, share = None, LEAST
    for entry, wanted in asked:
        if not words:
            break
        alike = process.cdist(wanted, words, scorer=JaroWinkler.normalized_similarity, score_cutoff=ALIKE)
        shared = int(alike.any(axis=1).sum())
        if shared >= FEWEST and shared / len(wanted) >= share and (best is None or shared / len(wanted) > share):
            best, share = entry, shared / len(wanted)
    return best


def _telling(text: str) -> list[str]:
    return [word for word in dict.fromkeys(fold(text).split()) if len(word) >= SHORTEST]


def correction(claim: Claim, playbook: Playbook, words: Words, now: datetime) -> str:
    """One text for all copies. What nobody found out yet stands in it as ‹…›: no text says "checked" before somebody did."""
    values: dict[str, str] = {}
    if claim.known:
        values["fact"] = claim.known.answer.in_language(words.language)
        values["source"] = claim.known.source.in_language(words.language)
        if claim.known.checked_on:
            values["time"] = words.clock(claim.known.checked_on, now)
    if claim.last and claim.found != "unverified":
        values["source"] = str(claim.last["source"])
        values["time"] = words.clock(claim.last["decided_at"], now)
    text = next(
        (one.text.in_language(words.language) for one in playbook.templates if one.id == TEMPLATE),
        "{fact} ({source}, {time})",
    )
    return fill(text, values)
