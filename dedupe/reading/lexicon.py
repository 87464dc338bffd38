"""Word lists: what a word says, written so that a planner can read and extend it.

Owns which concepts there are and what of the lists is in force; the form of a list is in `lists.py`, how their words are found
in wordings in `finding.py`. Knows no facts and no categories.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import polars as pl

from dedupe.errors import LexiconError
from dedupe.reading.lists import PLACES, Line, Stamp, fold, patterns_of, read_lists, stamp_of

__all__ = ["fold"]  # a town is folded as a word is

WORDS = Path(__file__).parent / "words"

KINDS = (
    *("bed", "ride", "animal", "children", "care", "language"),
    *("parking", "shower", "food", "charging", "hands", "material"),
)
"""The kinds of help, in the order in which they lead: a bed with breakfast and a pick-up is a bed."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAYS = ("today", "tomorrow", "overmorrow", *WEEKDAYS, "weekend", "week", "eom")
PARTS = ("night", "evening", "morning", "noon", "afternoon", "midnight")
UNITS = ("oclock", "hours", "minutes", "nights", "days", "weeks")
ONES = {
    "an_hour": (1, "hours"), "hour_half": (90, "minutes"), "half_hour": (30, "minutes"), "a_day": (1, "days"), "a_week": (1, "weeks"),
    "two_nights": (2, "nights"),
}  # fmt: skip
"""Lengths that need no number."""
QUARTERS = {"half": -30, "half_past": 30, "quarter_past": 15, "quarter_to": -15}
"""Words before an hour, and the minutes that they add."""
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
CONDITIONS = ("pets", "no_pets", "wheelchair", "families", "smokers", "no_smokers", "women_only", "parking", "pick_up")
WAYS = ("call", "text", "dm", "mail", "address")
"""How a writer can be reached."""
CONCEPTS: dict[str, tuple[str, ...]] = {
    "kind": (
        *KINDS,
        "shelter",
        "keep",
        "carry",
        "whom",
        "child",
        "car",
        "goods",
        "room",
        "drive",
        "tool",
        "own",
        "none",
    ),
    "stance": ("offer", "request", "need", "seek", "ask", "query", "you", "mark", "done", "none"),
    "count": (
        *(
            "persons",
            "folk",
            "single",
            "adults",
            "others",
            "onemore",
            "andone",
            "parent",
            "andme",
            "animals",
            "herd",
            "onebeast",
        ),
        *(
            "things",
            "seats",
            "beds",
            "double",
            "doubles",
            "for",
            "fits",
            "group",
            "family",
            "left",
            "both",
            "couples",
            "numbered",
            "ours",
            "sum",
            "total",
            "free",
            "remain",
        ),
        *("taken", "off", "rest", "seekers", "joins", "upto", "atmost", "each", "of", "notafter", "notbefore", "vague"),
    ),
    "number": (*(str(n) for n in range(1, 100)), "one", "pair", "vague"),
    "where": ("at", "home", "to", "near", "from", "pickup", "drop", "stuck", "not", "then"),
    "closed": ("closed", "last", "thing", "aside", "other", "mark", "none"),
    "mark": (
        *("scam", "abuse", "other", "rumour", "blame", "praise", "sympathy", "news", "information", "own", "none"),
    ),
    "authority": ("authority", "opens", "away", "none"),
    "until": (
        *(
            "until",
            "untilthe",
            "before",
            "for",
            "lasting",
            "between",
            "to",
            "from",
            "past",
            "filler",
            "unit",
            "clock",
            "date",
        ),
        *("dated", "stretch", "span", "at", "closes", "daily", "allday", "tonight", "monthend", "midmonth", "none"),
        *ONES,
        *QUARTERS,
        *DAYS,
        *PARTS,
        *UNITS,
        *MONTHS,
    ),
    "condition": (*CONDITIONS, "not", "barred", "none"),
    "reach": (*WAYS, "not", "never", "none"),
    "urgency": ("danger", "hurt", "stuck", "water", "people", "plea", "past", "not", "none"),
    "voice": ("self", "thou", "source", "office", "tells", "fails", "thanks", "gave", "none"),
    "flag": (
        *("group", "slur", "scorn", "loathe", "expel", "crude", "praise", "harm", "threat", "intent", "aimed", "wish"),
        *("not", "counter", "pay", "donate", "charity", "warn", "whose", "hostile", "street", "child", "hedge", "none"),
    ),
}
"""Every concept with its values. `none` hides a shorter entry that would mislead ("openbaar vervoer" is no ride);
what those between the kinds and `none` do is in `kind.py`."""

Entries = dict[tuple[str, str], tuple[Line, str]]
"""By concept and pattern: the line, and the entry as written there."""
ENTRIES = pl.Schema(
    {
        "pattern": pl.String(),
        "concept": pl.String(),
        "value": pl.String(),
        "language": pl.String(),
        "firm": pl.Boolean(),
        "written": pl.String(),
        "file": pl.String(),
        "line": pl.Int64(),
    }
)


def load_lexicon(
    folder: Path = WORDS, concepts: tuple[str, ...] = tuple(CONCEPTS), *, own: Path | None = None
) -> pl.DataFrame:
    """Read the lists of `folder` and then those of `own`, whose entries go before the same ones in `folder`.

    Returns the columns of `ENTRIES` for `concepts`, one row per pattern and concept: `pattern` as it is searched,
    `written` as it stands in the list, at which `line` of which `file`. Raises LexiconError with file, line and reason.
    """
    lexicon, refusals, _ = _load(folder, concepts, own)
    if refusals:
        raise refusals[0]
    return lexicon


def check_lexicon(folder: Path = WORDS, *, own: Path | None = None) -> tuple[list[str], list[str]]:
    """All that is wrong with the lists, and what is worth a second look, each as `file:line: reason`.

    The second are entries that stand there twice, that a stem with the same meaning finds already, or, in `own`, that take
    the place of another; with `own` only its entries are looked at again. Raises LexiconError when a folder has no lists.
    """
    lexicon, refusals, doubles = _load(folder, tuple(CONCEPTS), own)
    looked_at = lexicon if own is None else lexicon.filter(pl.col("file").str.starts_with(f"{own.name}/"))
    mine = doubles if own is None else [told for told in doubles if told.startswith(f"{own.name}/")]
    if own is not None and (own / PLACES).exists():
        mine.append(f"{own.name}/{PLACES}:1: towns of your own are not read")
    return sorted((str(refusal) for refusal in refusals), key=_place), list(
        dict.fromkeys([*mine, *_covered(looked_at, lexicon)])
    )


def _place(told: str) -> tuple[str, int]:
    """File and line of what is told of a list."""
    file, line, *_ = told.split(":")
    return file, int(line) if line.isdecimal() else 0


def _load(
    folder: Path, concepts: tuple[str, ...], own: Path | None
) -> tuple[pl.DataFrame, list[LexiconError], list[str]]:
    """The entries, all refusals, and the entries that were there already."""
    entries: Entries = {}
    refusals: list[LexiconError] = []
    doubles: list[str] = []
    for place in (folder, own) if own else (folder,):
        added: Entries = {}
        lines, refused = _lines(place, stamp_of(place), named=place == own)
        refusals += refused
        for line in lines:
            for written in line.text.split("#")[0].split(",") if line.concept in concepts else ():
                if written.strip():
                    _add(added, line, written.strip(), refusals, doubles)
        doubles += [_replaces(*entry, entries[key][0]) for key, entry in added.items() if key in entries]
        entries |= added
    rows = [
        (pattern, concept, line.value, line.language, line.firm, written, line.file, line.number)
        for (concept, pattern), (line, written) in entries.items()
    ]
    return pl.DataFrame(rows, schema=ENTRIES, orient="row"), refusals, doubles


@lru_cache(maxsize=4)
def _lines(folder: Path, stamp: Stamp, *, named: bool) -> tuple[tuple[Line, ...], tuple[LexiconError, ...]]:
    """The lines of a folder's lists, and what is wrong with their form; read once for all readers as long as nothing changes."""
    refusals: list[LexiconError] = []
    return tuple(read_lists(folder, CONCEPTS, refusals, named=named)), tuple(refusals)


def _add(entries: Entries, line: Line, written: str, refusals: list[LexiconError], doubles: list[str]) -> None:
    try:
        patterns = sorted(set(patterns_of(line, written)))
    except LexiconError as refusal:
        refusals.append(refusal)
        return
    for pattern in patterns:
        key = line.concept, pattern
        before, _ = entries.setdefault(key, (line, written))
        if (before.value, before.firm) != (line.value, line.firm):
            where = f"{before.file}:{before.number} as {'' if before.firm else 'hint of '}{before.value}"
            refusals.append(line.refuse(f"{written!r} is already in {where}; keep one of them"))
            return
        if before is not line and before.language == line.language:
            doubles.append(_replaces(line, written, before))


def _replaces(line: Line, written: str, before: Line) -> str:
    here, there = f"{line.file}:{line.number}: {written!r}", f"{before.file}:{before.number}"
    if (before.value, before.firm) == (line.value, line.firm):
        return f"{here} stands in {there} already"
    return f"{here} takes the place of the one in {there} ({'' if before.firm else 'hint of '}{before.value})"


def _covered(words: pl.DataFrame, lexicon: pl.DataFrame) -> list[str]:
    """Entries of `words` that a stem of the same concept, value and weight finds as well."""
    same = ["concept", "value", "firm", "language"]
    stems = lexicon.filter(~pl.col("pattern").str.ends_with(" ") & pl.col("pattern").str.starts_with(" "))
    pairs = words.join(stems, on=same, suffix="_stem", maintain_order="left")
    found = pl.col("pattern").str.starts_with(pl.col("pattern_stem")) & (pl.col("pattern") != pl.col("pattern_stem"))
    # A phrase that begins with a stem reaches further than the stem: it may hide what stands inside it.
    told = pairs.filter(found & (pl.col("pattern").str.strip_chars().str.contains(" ", literal=True).not_()))
    columns = ("file", "line", "written", "written_stem", "file_stem", "line_stem")
    return [
        f"{file}:{line}: {written!r} is found by {stem!r} already ({stem_file}:{stem_line})"
        for file, line, written, stem, stem_file, stem_line in told.select(columns).rows()
    ]
