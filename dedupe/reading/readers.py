"""The reader in force: everything that reads a wording, compiled from the bundled lists and a planner's own.

Owns which lists are in force and when they are read again: an own folder is looked at every few seconds, and what it holds
takes over only when all of it loads. A list that cannot be used is refused with file, line and reason, and the reader
before it goes on. Safe to use from several threads at once.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import polars as pl

from dedupe.errors import LexiconError
from dedupe.reading import category, facts
from dedupe.reading.category import CategoryReader
from dedupe.reading.facts import FactReader
from dedupe.reading.finding import anchors, find, longest
from dedupe.reading.flags import LEADING, FlagReader, make_flag_reader
from dedupe.reading.lexicon import CONCEPTS, WORDS
from dedupe.reading.lists import Stamp, stamp_of

log = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between two looks at an own folder."""
AUTHORITY = tuple(value for value in CONCEPTS["authority"] if value != "none")
FLAGGED = 0.75
"""Certainty of a category that a firm flag gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """All that reads a wording. The words of categories and flags are searched together, as `both`."""

    facts: FactReader
    category: CategoryReader
    flags: FlagReader
    both: pl.DataFrame
    """`pattern`, what `anchors` tells of it, and which entry it is of the `category` and of the `flag` reader, or null."""
    weighed: bool = True
    """Whether the model that helpt comes with weighs what is read (`dedupe.learning.shipped`); else the rules alone speak."""

    def read(self, texts: pl.DataFrame) -> pl.DataFrame:
        """Read texts with `wording` (folded) and `has_contact` (a number or e-mail was in the text).

        Returns, one row per text, in order: the columns of `FACTS`, `category`, `certainty`, `why`, `rule` and `flags`. A
        firm flag of threat, hate or scam makes the category abuse, but never of an offer or a request.
        """
        told = pl.concat([texts, self.facts.read(texts["wording"])], how="horizontal")
        found = find(texts["wording"], self.both["pattern"], self.both.select("first", "last"))
        marks, flags = (
            found.with_columns(entry=self.both[name].gather(found["entry"])).drop_nulls("entry")
            for name in ("category", "flag")
        )
        told = pl.concat([told, self.category.read(told, marks)], how="horizontal")
        danger = pl.col("flags").alias("danger")
        told = pl.concat([told.with_columns(danger).drop("flags"), self.flags.read(told, flags)], how="horizontal")
        told = told.with_columns(flags=pl.concat_list("danger", "flags")).drop("danger")
        led = pl.col("firm_flag").is_not_null() & (pl.col("category") != "abuse")
        quoted = "‘" + pl.col("firm_words").list.join("’, ‘") + "’"
        rule = pl.col("firm_flag").replace_strict({flag: f"flagged {flag}" for flag in LEADING}, default=None)
        return told.with_columns(
            category=pl.when(led).then(pl.lit("abuse")).otherwise("category"),
            certainty=pl.when(led).then(FLAGGED).otherwise("certainty"),
            why=pl.when(led).then(quoted).otherwise("why"),
            rule=pl.when(led).then(rule).otherwise("rule"),
        ).drop(*texts.columns, "firm_flag", "firm_words")

    def matches(self, wording: str) -> list[tuple[str, str]]:
        """Concept and pattern of the words found in one wording, in order; of those inside one another the longest."""
        texts, told = pl.Series([wording]), []
        for concept, entries in self.facts.concepts.items():
            told.append(_found(find(texts, self.facts.patterns), entries, self.facts.patterns, pl.lit(concept)))
        marks = self.category.marks.with_columns(
            told=pl.when(pl.col("value").is_in(AUTHORITY)).then(pl.lit("authority"))
        )
        found = find(texts, self.category.patterns)
        told.append(_found(found, marks, self.category.patterns, pl.coalesce("told", pl.lit("mark"))))
        return [(str(concept), str(word)) for _, concept, word in sorted(pl.concat(told).rows())]


def _found(found: pl.DataFrame, entries: pl.DataFrame, patterns: pl.Series, concept: pl.Expr) -> pl.DataFrame:
    """Place, concept and pattern of the matches of these entries."""
    mine = longest(found.join(entries, on="entry", how="semi")).join(entries, on="entry", maintain_order="left")
    return mine.select("start", concept.alias("concept"), word=patterns.gather(mine["entry"]))


class Readers:
    """Keeps a reader in force while the lists of `own` change. `problem` tells why they are not all in force, or is None."""

    def __init__(
        self,
        own: Path | None = None,
        *,
        weighed: bool = True,
        every: float = EVERY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """own: a folder of lists that extend the bundled ones. weighed: as of `Reader`. every: seconds between looks.
        clock: seconds that only rise."""
        self.own, self.weighed = own, weighed
        self.problem: str | None = None
        self._every, self._clock = every, clock
        self._lock = threading.Lock()
        self._reader: Reader | None = None
        self._stamp: Stamp = ()
        self._due = 0.0

    def current(self) -> Reader:
        """The reader in force. One caller looks at the folder when that is due, the others go on with what there is."""
        reader = self._reader
        if reader is None:
            with self._lock:
                return self._reader or self._look(None)
        if self.own is not None and self._clock() >= self._due and self._lock.acquire(blocking=False):
            try:
                return self._look(reader)
            finally:
                self._lock.release()
        return reader

    def _look(self, before: Reader | None) -> Reader:
        """Take in what changed, if all of it can be used."""
        stamp, self._due = stamp_of(self.own) if self.own else (), self._clock() + self._every
        if before is not None and stamp == self._stamp:
            return before
        self._stamp = stamp
        try:
            self._reader, self.problem = make_reader(self.own, weighed=self.weighed), None
        except LexiconError as error:
            kept = "the bundled lists" if before is None else "the lists before them"
            self.problem = f"Your word lists are not in force, {kept} are: {error}"
            log.warning("%s", self.problem)
            self._reader = before or make_reader(weighed=self.weighed)
        return self._reader


def make_reader(own: Path | None = None, folder: Path = WORDS, *, weighed: bool = True) -> Reader:
    """Compile the lists of `folder` and `own`; `weighed` as of `Reader`. Raises LexiconError with file, line and reason.

    The bundled lists alone are compiled once in a process.
    """
    return replace(_bundled() if own is None and folder == WORDS else _compiled(folder, own), weighed=weighed)


@cache
def _bundled() -> Reader:
    return _compiled(WORDS, None)


def _compiled(folder: Path, own: Path | None) -> Reader:
    marks, flags = category.make_reader(folder, own=own), make_flag_reader(folder, own=own)
    return Reader(facts=facts.make_reader(folder, own=own), category=marks, flags=flags, both=_both(marks, flags))


def _both(marks: CategoryReader, flags: FlagReader) -> pl.DataFrame:
    """The patterns of categories and flags, each once."""
    first = pl.DataFrame({"pattern": marks.patterns}).with_row_index("category")
    second = pl.DataFrame({"pattern": flags.plain.patterns}).with_row_index("flag")
    both = first.join(second, on="pattern", how="full", coalesce=True).sort("pattern")
    return pl.concat([both, anchors(both["pattern"])], how="horizontal")


_in_force = Readers()


def use_words(own: Path | None, *, weighed: bool = True) -> Readers:
    """Read with the lists of `own` too, from now on, in this process; None: with the bundled ones alone. `weighed` as of `Reader`."""
    global _in_force
    _in_force = Readers(own, weighed=weighed)
    return _in_force


def current_reader() -> Reader:
    """The reader in force in this process."""
    return _in_force.current()
