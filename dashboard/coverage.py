"""What is covered: per source one honest word, as data and as a line in any language.

Owns the judgement what counts as covered. Knows sources by their lines alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from dashboard.board import OffLine, SourceLine
from dashboard.words import Words
from dashboard.words import words as english

Cover = Literal["live", "partly", "silent", "retrying", "paused", "stopped", "off"]
"""All of it works; some of it; it should and does not answer; it cannot be reached; a person paused it; a person must
act; it is switched off."""

SECOND = 2.0
"""Seconds behind that nobody needs to be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """How one source is covered: `working` of `of` queries (of Mastodon: servers), the slowest `behind` seconds.

    `sentences` say what is wrong or less than it should be, each once, the worst first.
    """

    source: str
    cover: Cover
    working: int = 0
    of: int = 0
    behind: float | None = None
    sentences: tuple[str, ...] = ()


def coverage(lines: Sequence[SourceLine], off: Sequence[OffLine] = ()) -> list[Covered]:
    """The sources in the order of `lines`, then those that are off. Second looks at posts do not count."""
    sources = list(dict.fromkeys(line.source for line in lines if not line.rereads))
    asked = [
        _covered(source, [line for line in lines if line.source == source and not line.rereads]) for source in sources
    ]
    rest = [
        Covered(source=each.source, cover="off", sentences=(each.sentence,))
        for each in off
        if each.source not in sources
    ]
    return asked + rest


def _covered(source: str, lines: Sequence[SourceLine]) -> Covered:
    working = [line for line in lines if _works(line)]
    behind = [line.behind for line in working if line.behind is not None]
    said = [line.sentence or line.flag for line in lines] + [line.notice for line in lines]
    return Covered(
        source=source,
        cover=_cover(lines, len(working)),
        working=len(working),
        of=len(lines),
        behind=max(behind, default=None),
        sentences=tuple(dict.fromkeys(each for each in said if each)),
    )


def _works(line: SourceLine) -> bool:
    """It answered and nothing went wrong since; a stream that is behind works all the same."""
    asked = line.state in ("waiting", "running") and line.sentence is None
    return asked and line.last_ok is not None and not line.silent


def _cover(lines: Sequence[SourceLine], working: int) -> Cover:
    if working:
        return "live" if working == len(lines) else "partly"
    states = {line.state for line in lines}
    for state in ("retrying", "stopped", "paused"):
        if state in states:
            return state
    return "silent"


def told(covered: Sequence[Covered], words: Words | None = None) -> str:
    """The line, in English where no other language is asked for, which is what logs and monitors get.

    `Bluesky live, 12 s behind; Mastodon 3 of 4 servers; X off`
    """
    said = words or english("en", "UTC")
    return "; ".join(told_of(each, said) for each in covered) or said.say("covered.nothing")


def told_of(each: Covered, words: Words) -> str:
    """One source of the line."""
    name = words.word("source", each.source)
    form = "servers" if (each.cover, each.source) == ("partly", "mastodon") else each.cover
    share = words.say(f"covered.{form}", working=each.working, of=each.of)
    late = each.behind is not None and each.behind > SECOND
    return f"{name} {share}{words.say('covered.behind', lag=words.span(each.behind or 0.0)) if late else ''}"


def complaints(covered: Sequence[Covered]) -> list[str]:
    """The worst sentence of each source that should work and does not, for those who have no board to look at."""
    return [each.sentences[0] for each in covered if each.sentences and each.cover not in ("live", "off")]
