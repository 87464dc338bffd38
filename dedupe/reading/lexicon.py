"""Word lists: what a word says, written so that a planner can read and extend it.

Owns the form of the lists in `words/` and the finding of their words in wordings. Knows no facts and no categories.

A list names its `concept` and, under `firm` and `hint`, its values; a value has entries per language (nl, fr, en, de,
any), a block of text in which `,` and line ends separate entries and `#` begins a remark:

    word    stem*    *ending    a phrase of words    one/other word    we_are/they_are here

`/` separates alternatives, and more such places multiply; `_` joins words into one alternative.

Matching works on wordings padded with a space at both ends, so `word` is the pattern " word ", `stem*` is " stem".
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from dedupe.errors import LexiconError

WORDS = Path(__file__).parent / "words"

KINDS = (
    *("bed", "ride", "animal", "children", "care", "language"),
    *("parking", "shower", "food", "charging", "hands", "material"),
)
"""The kinds of help, in the order in which they lead: a bed with breakfast and a pick-up is a bed."""
CONCEPTS: dict[str, tuple[str, ...]] = {
    "kind": (*KINDS, "shelter", "keep", "carry", "whom", "child", "car", "goods", "room", "drive", "none"),
    "stance": ("offer", "request", "need", "seek", "ask", "query", "you", "mark", "done", "none"),
    "count": (
        *("persons", "others", "animals", "things", "seats", "beds", "double", "for", "group", "left", "free"),
        *("joins", "upto", "of", "notafter", "notbefore", "vague"),
    ),
    "number": (*(str(n) for n in range(1, 100)), "vague"),
    "where": ("at", "to", "near", "from", "pickup", "drop", "not"),
    "closed": ("closed", "last", "thing", "aside", "other", "mark", "none"),
    "mark": (
        *("scam", "abuse", "other", "rumour", "blame", "praise", "sympathy", "news", "information", "own", "none"),
    ),
    "authority": ("authority", "opens", "none"),
    "voice": ("self", "thou", "source", "office", "tells", "fails", "thanks", "gave", "none"),
}
"""Every concept with its values. `none` hides a shorter entry that would mislead ("openbaar vervoer" is no ride);
what those between the kinds and `none` do is in `kind.py`."""

LANGUAGES = ("nl", "fr", "en", "de", "any")
ENTRIES = pl.Schema(
    {
        "pattern": pl.String(),
        "concept": pl.String(),
        "value": pl.String(),
        "language": pl.String(),
        "firm": pl.Boolean(),
        "written": pl.String(),
    }
)
_SHORTEST_STEM = 3
_FEW = 40_000
"""Wordings up to which it pays to leave out the patterns that they cannot hold."""
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a list: where it stands and what it belongs to."""

    file: str
    number: int
    text: str
    concept: str
    value: str
    language: str
    firm: bool

    def refuse(self, reason: str) -> LexiconError:
        """An error that names file, line and reason."""
        return LexiconError(f"{self.file}:{self.number}: {reason}")


def fold(text: str) -> str:
    """Fold a list's word as `wording.py` folds a post: lower case, no marks, single spaces, `?` kept apart."""
    text = text.lower().replace("ß", "ss").replace("œ", "oe").replace("æ", "ae").replace("?", " ? ")
    text = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return " ".join(re.sub(r"[^\w?]|_", " ", text).split())


def load_lexicon(folder: Path = WORDS, concepts: tuple[str, ...] = tuple(CONCEPTS)) -> pl.DataFrame:
    """Read every list of `folder` that has one of `concepts`.

    Returns the columns of `ENTRIES`, one row per pattern and concept: `pattern` as it is searched, `written` as it
    stands in the list. Raises LexiconError with file, line and reason.
    """
    lists = [path for path in sorted(folder.glob("*.yaml")) if path.name != "places.yaml"]
    if not lists:
        raise LexiconError(f"{folder}: no word lists here; reinstall, or point to the folder that has them")
    seen: dict[tuple[str, str], tuple[Line, str]] = {}
    for line in itertools.chain.from_iterable(map(_lines, lists)):
        if line.concept not in concepts:
            continue
        for written in line.text.split("#")[0].split(","):
            if written.strip():
                _add(seen, line, written.strip())
    rows = [
        (pattern, concept, line.value, line.language, line.firm, written)
        for (concept, pattern), (line, written) in seen.items()
    ]
    return pl.DataFrame(rows, schema=ENTRIES, orient="row")


def _add(seen: dict[tuple[str, str], tuple[Line, str]], line: Line, written: str) -> None:
    for pattern in _patterns(line, written):
        before = seen.setdefault((line.concept, pattern), (line, written))[0]
        if (before.value, before.firm) != (line.value, line.firm):
            where = f"{before.file}:{before.number} as {'' if before.firm else 'hint of '}{before.value}"
            raise line.refuse(f"{written!r} is already in {where}; keep one of them")


def _patterns(line: Line, written: str) -> Iterator[str]:
    """All search patterns of one entry: alternatives and spellings multiplied."""
    for words in itertools.product(*(word.split("/") for word in written.split())):
        phrase = " ".join(words)
        spellings = {phrase}
        if line.language == "de":
            spellings.add(phrase.lower().translate(_UMLAUTS))
        if line.language == "nl":
            spellings.add(phrase.replace("ij", "y"))
        yield from sorted(_pattern(line, spelling) for spelling in spellings)


def _pattern(line: Line, entry: str) -> str:
    if "*" in entry.strip("*") or (entry.startswith("*") and entry.endswith("*")):
        raise line.refuse(f"{entry!r}: a * may stand at the beginning or at the end, once")
    folded = fold(entry)
    if not folded:
        raise line.refuse(f"{entry!r} has no letter or digit")
    if "*" in entry and len(folded) < _SHORTEST_STEM:
        raise line.refuse(f"{entry!r}: a stem needs at least {_SHORTEST_STEM} letters")
    return ("" if entry.startswith("*") else " ") + folded + ("" if entry.endswith("*") else " ")


def _lines(path: Path) -> Iterator[Line]:
    """The lines of one list, checked for form."""
    root = _root(path)
    parts = {key.value: (key, value) for key, value in root.value}
    concept = parts.pop("concept", (root, root))[1].value
    if concept not in CONCEPTS:
        raise _refusal(path, root, f"`concept` must be one of {', '.join(CONCEPTS)}")
    for part, (key, values) in parts.items():
        if part not in ("firm", "hint"):
            raise _refusal(path, key, f"{part!r} must be `firm` or `hint`")
        for value, languages in _pairs(path, values):
            if value.value not in CONCEPTS[concept]:
                raise _refusal(
                    path, value, f"{value.value!r} is no {concept}; it can be {', '.join(CONCEPTS[concept])}"
                )
            for language, block in _pairs(path, languages):
                if language.value not in LANGUAGES:
                    raise _refusal(path, language, f"{language.value!r} must be one of {', '.join(LANGUAGES)}")
                if not isinstance(block, ScalarNode) or block.style != "|":
                    raise _refusal(path, block, "the entries must be a block of text that begins with `|`")
                first = block.start_mark.line + 2
                for number, text in enumerate(block.value.split("\n"), start=first):
                    yield Line(
                        file=path.name,
                        number=number,
                        text=text,
                        concept=concept,
                        value=value.value,
                        language=language.value,
                        firm=part == "firm",
                    )


def _root(path: Path) -> MappingNode:
    try:
        root = YAML(typ="safe", pure=True).compose(path.read_text("utf-8"))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise LexiconError(f"{path.name}:{line}: {error.problem or 'this is no YAML'}") from error
    except (YAMLError, UnicodeDecodeError) as error:
        raise LexiconError(f"{path.name}:1: this is no YAML in UTF-8") from error
    except OSError as error:
        raise LexiconError(f"{path}: cannot be read ({error.strerror})") from error
    if not isinstance(root, MappingNode):
        raise LexiconError(f"{path.name}:1: a list begins with `concept:`")
    return root


def _pairs(path: Path, node: Node) -> list[tuple[Node, Node]]:
    if not isinstance(node, MappingNode):
        raise _refusal(path, node, "a mapping is expected here")
    return list(node.value)


def _refusal(path: Path, node: Node, reason: str) -> LexiconError:
    return LexiconError(f"{path.name}:{node.start_mark.line + 1}: {reason}")


def find(wordings: pl.Series, patterns: pl.Series, words: pl.DataFrame | None = None) -> pl.DataFrame:
    """Find every pattern in every wording, overlapping ones too, in one pass.

    `words` are the `anchors` of the patterns; with them a small batch is searched faster, for the same matches.
    Returns `row` (index of the wording), `entry` (index of the pattern), and `start` and `stop`: byte positions in the
    padded wording counted on from the wordings before it, so that positions of different rows never overlap.
    """
    padded = pl.DataFrame({"text": wordings}).select(text=" " + pl.col("text").fill_null("") + " ")
    kept = _possible(padded["text"], words) if words is not None and len(wordings) <= _FEW else None
    sought = patterns if kept is None else patterns.gather(kept)
    wanted = pl.lit(sought).implode()
    found = padded.select(
        start=pl.col("text").str.find_many(wanted, overlapping=True),
        pattern=pl.col("text").str.extract_many(wanted, overlapping=True),
    )
    # A third expression in that select would make polars run the two searches one after the other.
    base = padded["text"].str.len_bytes().cast(pl.Int64)
    rows = found.select("start", base=base.cum_sum() - base).with_row_index("row")
    flat = found.explode("start", "pattern", empty_as_null=False)
    place = flat["pattern"].cast(pl.Enum(sought)).to_physical().cast(pl.UInt32)
    entry = place if kept is None else kept.gather(place).alias("pattern")
    return (
        rows.explode("start", empty_as_null=False)
        .select("row", start=pl.col("base") + pl.col("start"), entry=entry, stop=patterns.str.len_bytes().gather(entry))
        .with_columns(stop=pl.col("start") + pl.col("stop"))
    )


def anchors(patterns: pl.Series) -> pl.DataFrame:
    """The first and the last word that each pattern spells out, as `first` and `last` (null: none)."""
    spelled = patterns.str.extract_groups(r"^ (?P<first>\S+) (?:(?:.* )?(?P<last>\S+) )?")
    return spelled.struct.unnest()


def _possible(texts: pl.Series, words: pl.DataFrame) -> pl.Series:
    """Indices of the patterns that these texts may hold: the words that a pattern spells out are among theirs.

    Compiling all patterns takes longer than searching a few hundred texts for them.
    """
    said = pl.lit(texts.str.split(" ").explode().unique()).implode()
    can = pl.all_horizontal(pl.col("first", "last").is_in(said).fill_null(True))
    return words.select(can.arg_true()).to_series()


def longest(matches: pl.DataFrame) -> pl.DataFrame:
    """Of matches that lie inside one another keep the longest; sorted by place in the text."""
    ordered = matches.sort("start", pl.col("stop") * -1)
    reached = pl.col("stop").cum_max().shift(1, fill_value=-1)
    return ordered.filter(pl.col("stop") > reached)


def neighbour(column: str, steps: int = 1) -> pl.Expr:
    """A column of the match that many places on (before: negative), or null when that lies in another row."""
    return pl.when(pl.col("row") == pl.col("row").shift(-steps)).then(pl.col(column).shift(-steps))


def gap(steps: int = 1) -> pl.Expr:
    """Bytes to the next match (with -1: from the one before); 0 when they touch, null when there is none."""
    if steps < 0:
        return pl.col("start") - neighbour("stop", -1) + 1
    return neighbour("start") - pl.col("stop") + 1
