"""Facts: what a wording says is offered or asked for, by its words.

Owns the order in which the modules of this room read what they read, and the frame in which all of it stands. Which words say
what is in `words/*.yaml` and the gazetteer; contacts, clocks and what the facts are used for are not known here.

All wordings are searched for all words in one pass; every rule is then a frame of matches (`row`, `start`, `stop`,
`value`) sorted by place in the text, in which neighbours are looked at. An absent fact is better than a wrong one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import polars as pl

from dedupe.reading.capacity import read_capacity
from dedupe.reading.closed import but_for_full, read_closed
from dedupe.reading.conditions import read_conditions, read_reach
from dedupe.reading.finding import anchors, find, gap, longest, neighbour
from dedupe.reading.gazetteer import HASSELT, Gazetteer, load_gazetteer
from dedupe.reading.kind import read_kinds
from dedupe.reading.lexicon import WORDS, load_lexicon
from dedupe.reading.place import read_bound, read_places
from dedupe.reading.said import read_said
from dedupe.reading.spelling import Speller, make_speller, read_misspelled
from dedupe.reading.stance import bound, meant_kind, read_stance, stated
from dedupe.reading.times import figures
from dedupe.reading.until import read_until
from dedupe.reading.urgency import DANGER, read_urgency

SILENT = ("you", "mark", "done", "none", "keep", "carry", "whom", "child", "room", "own")
"""Values whose words say nothing by themselves."""
FACTS = pl.Schema(
    {
        "kind": pl.String(),
        "kinds": pl.List(pl.String()),
        "firm_kind": pl.Boolean(),
        "stance": pl.String(),
        "firm_stance": pl.Boolean(),
        "place": pl.String(),
        "place_key": pl.String(),
        "place_how": pl.String(),
        "lat": pl.Float64(),
        "lon": pl.Float64(),
        "places": pl.List(pl.String()),
        "origin_key": pl.String(),
        "capacity": pl.Int32(),
        "counted": pl.Boolean(),
        "closed": pl.Boolean(),
        "signs": pl.List(pl.String()),
        "until": pl.String(),
        "conditions": pl.List(pl.String()),
        "reach": pl.List(pl.String()),
        "flags": pl.List(pl.String()),
        "said": pl.String(),
    }
)
"""What is read of a wording. `firm_kind`, `firm_stance`: a word told it by itself; `signs`: the words of kind and
stance, as they come; `place_how`: whether the place is where it is (`at`), only near it (`near`) or where it goes (`to`);
`counted`: the capacity speaks for an offer or a request; `origin_key`: where a ride begins; `until`: a spec (`until.py`);
`flags`: `danger`, where a life is; `said`:
the words that made each fact, a line each."""
LINKING = ("kind", "stance", "count", "number", "where", "closed")
"""Concepts by which posts may be told to be one."""
TELLING = ("until", "condition", "reach", "urgency")
"""Concepts that only say more of an offer or a request."""
ROUND = (*range(100, 200, 10), *range(200, 500, 25), *range(500, 1001, 50))
"""The numbers over 99 that are read: those of meals and of hens."""
FOUR_BY_FOUR = 16
"""A car, and no number of places."""
NAMED = {"one": "1", "pair": "2"}
"""Numbers that are persons: no article, and two who are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactReader:
    """Word lists and gazetteer, compiled for searching."""

    patterns: pl.Series
    words: pl.DataFrame
    concepts: dict[str, pl.DataFrame]
    gazetteer: Gazetteer
    speller: Speller
    kept_tags: frozenset[str]
    groups: dict[tuple[str, ...], tuple[pl.DataFrame, pl.Series]] = field(default_factory=dict)
    """Concepts that are searched together, put together at their first use."""

    def read(self, wordings: pl.Series) -> pl.DataFrame:
        """Read folded wordings (null counts as empty).

        Returns the columns of `FACTS`, one row per wording, in order.
        """
        found = find(wordings, self.patterns, self.words)
        length = wordings.fill_null("").str.len_bytes().cast(pl.Int64) + 2
        texts = pl.DataFrame({"begin": length.cum_sum() - length, "end": length.cum_sum()}).with_row_index("row")
        stances = but_for_full(self._matches(found, "stance", "closed"))
        kinds = self._matches(found, "kind")
        facts = _beside(texts, read_stance(stances))
        facts = _beside(facts, read_kinds(kinds))
        towns = read_misspelled(self._matches(found, "where", "town"), wordings, texts["begin"], self.speller)
        facts = _beside(facts, read_bound(towns)).with_columns(*bound())
        meant = pl.col("surely").is_not_null() & pl.col("stance").is_not_null()
        offers = pl.coalesce(pl.col("stance") == "offer", pl.col("lead") == "bed").fill_null(False)
        texts = facts.select("row", "begin", "end", meant=meant, offers=offers, kind="lead")
        facts = _beside(facts, self._named(read_places(towns, texts)))
        counted = read_capacity(self._matches(found, "count", "number"), facts.select("row", "stance", kind="lead"))
        facts = _beside(facts, counted.select("row", "capacity", "counted")).with_columns(stance=stated())
        facts = _beside(facts, read_closed(self._matches(found, "closed"), kinds, facts))
        asks_calm = (pl.col("stance") == "request") & ~pl.col("firm_stance") & pl.col("closed")
        facts = facts.with_columns(stance=pl.when(~asks_calm.fill_null(False)).then("stance"))
        facts = _beside(facts, self._signs(kinds, stances))
        facts = facts.with_columns(kind=meant_kind(), firm_kind=pl.col("surely").is_not_null())
        told = {
            "kind": kinds.filter(~pl.col("value").is_in(SILENT)),
            "stance": stances.filter(~pl.col("value").is_in(SILENT)),
            "place": towns.join(facts.select("row", "index"), on=["row", "index"], how="semi"),
            "capacity": counted,
        }
        facts = self._more(found, facts, told)
        facts = _beside(facts, read_said(wordings, facts["begin"], told))
        lists = ("kinds", "places", "signs", "conditions", "reach", "flags")
        return facts.with_columns(
            pl.col("closed", "firm_stance", "counted").fill_null(False),
            pl.col(lists).fill_null([]),
            pl.col("said").fill_null(""),
        ).select([pl.col(name).cast(dtype) for name, dtype in FACTS.items()])

    def _more(self, found: pl.DataFrame, facts: pl.DataFrame, told: dict[str, pl.DataFrame]) -> pl.DataFrame:
        """What posts are not told to be one by: until, conditions, reach, flags; and in `told` the places of their words."""
        rides = facts.select("row", "end", **{name: pl.col("kind").eq_missing(name) for name in ("ride", "bed")})
        told["until"] = read_until(self._matches(found, "until", "number"), rides)
        told["conditions"] = read_conditions(self._matches(found, "condition"), facts)
        told["reach"] = read_reach(self._matches(found, "reach"))
        helps = (pl.col("stance") == "offer") & pl.col("firm_stance") & pl.col("kind").is_not_null()
        told[DANGER] = read_urgency(self._matches(found, "urgency"), facts.select("row", "stance", helps=helps))
        facts = _beside(facts, told["until"].select("row", "until"))
        for name in ("conditions", "reach"):
            facts = _beside(facts, told[name].group_by("row").agg(pl.col("value").unique().sort().alias(name)))
        danger = told[DANGER].select("row").unique().with_columns(flags=pl.lit([DANGER], pl.List(pl.String)))
        return _beside(facts, danger)

    def number_words(self) -> dict[str, str]:
        """Single words that are a number (`twee`, `deux`) and its figure."""
        numbers = self.concepts["number"]
        words = pl.DataFrame({"word": self.patterns.gather(numbers["entry"]), "figure": numbers["number"]}).drop_nulls()
        single = words.filter(pl.col("word").str.contains(r"^ \p{L}+ $"))
        return {word.strip(): str(figure) for word, figure in single.iter_rows()}

    def tags(self) -> frozenset[str]:
        """Single words and towns that a hashtag may be: such a tag says something and stays in the wording."""
        return self.kept_tags

    def _matches(self, found: pl.DataFrame, *concepts: str) -> pl.DataFrame:
        """The matches of these concepts, the longest at each place, with what the concepts say of them."""
        entries, member = _entries(self, concepts)
        matches = longest(found.filter(member.gather(found["entry"]))).join(entries, on="entry", maintain_order="left")
        # "zijn vol goede moed": what looks like a word also hides a word that begins before it.
        hidden = (neighbour("value") == "none") & (gap() < 0)
        return matches.filter(~hidden.fill_null(False))

    def _named(self, places: pl.DataFrame) -> pl.DataFrame:
        """Give towns their names, keys and positions."""
        keys = self.gazetteer.places["place_key"]
        flat = places.select("row", "towns").explode("towns", empty_as_null=False)
        named = flat.select("row", places=keys.gather(flat["towns"])).group_by("row", maintain_order=True).agg("places")
        places = places.drop("towns").with_columns(named["places"])
        lead = self.gazetteer.places.select("place", "place_key", "lat", "lon").with_row_index("index")
        origin = pl.DataFrame({"origin_key": keys}).with_row_index("origin")
        return places.join(lead, on="index", how="left").join(origin, on="origin", how="left")

    def _signs(self, *matches: pl.DataFrame) -> pl.DataFrame:
        told = pl.concat(matches).filter(~pl.col("value").is_in(SILENT)).sort("start")
        words = self.patterns.str.strip_chars().gather(told["entry"])
        signs = told.select("row", signs=words).group_by("row", maintain_order=True)
        return signs.agg(pl.col("signs").unique(maintain_order=True))


def _entries(reader: FactReader, concepts: tuple[str, ...]) -> tuple[pl.DataFrame, pl.Series]:
    """The entries of these concepts, and which of all patterns they are."""
    if concepts not in reader.groups:
        told = [reader.concepts[concept].with_columns(concept=pl.lit(concept)) for concept in concepts]
        entries = pl.concat(told, how="diagonal_relaxed")
        member = pl.zeros(len(reader.patterns), pl.UInt8, eager=True).scatter(entries["entry"], 1).cast(pl.Boolean)
        reader.groups[concepts] = entries, member
    return reader.groups[concepts]


def read_facts(wordings: pl.DataFrame, reader: FactReader | None = None) -> pl.DataFrame:
    """Add the columns of `FACTS` to a frame with a `wording` column (folded text); same height and order."""
    facts = (reader or default_reader()).read(wordings["wording"])
    return pl.concat([wordings, facts], how="horizontal")


@cache
def default_reader() -> FactReader:
    """The reader of the bundled lists, with Hasselt as home; loaded once per process."""
    return make_reader()


def make_reader(folder: Path = WORDS, home: tuple[float, float] = HASSELT, *, own: Path | None = None) -> FactReader:
    """Compile the word lists of `folder` and `own`, and the gazetteer seen from `home` (latitude, longitude in degrees).

    Raises LexiconError with file, line and reason.
    """
    lexicon = load_lexicon(folder, LINKING + TELLING, own=own)
    lexicon = pl.concat([lexicon.select("pattern", "concept", "value", "firm"), _figures()]).unique(
        ["pattern", "concept"], keep="first", maintain_order=True
    )
    # A town is a word too by the words that say what is offered, whatever else can be said of an offer.
    words = lexicon.filter(pl.col("concept").is_in(LINKING))["pattern"]
    gazetteer = load_gazetteer(home, path=folder / "places.yaml", lexicon_words=_single(words))
    patterns = pl.concat([lexicon["pattern"], gazetteer.names["pattern"]]).unique().sort()
    entries = pl.DataFrame({"pattern": patterns}).with_row_index("entry")
    concepts = {
        str(name): part.join(entries, on="pattern").select("entry", "value", "firm")
        for (name,), part in lexicon.group_by("concept")
    }
    concepts["number"] = concepts["number"].with_columns(
        value=pl.when(pl.col("value").is_in(list(NAMED))).then("value").otherwise(pl.lit("number")),
        number=pl.col("value").replace(NAMED).cast(pl.Int32, strict=False),
    )
    times = pl.DataFrame(
        list(figures()), schema={"pattern": pl.String, "value": pl.String, "number": pl.Int32}, orient="row"
    )
    concepts["until"] = concepts["until"].join(
        entries.join(times, on="pattern").select("entry", "number"), on="entry", how="left"
    )
    concepts["town"] = gazetteer.names.join(entries, on="pattern").select("entry", "index", "strict", "lone", "french")
    tags = lexicon.filter(pl.col("concept").is_in(["kind", "stance", "closed"]) & pl.col("firm"))["pattern"]
    tags = pl.concat([tags, gazetteer.names.filter(~pl.col("strict"))["pattern"]])
    return FactReader(
        patterns=patterns,
        words=anchors(patterns),
        concepts=concepts,
        gazetteer=gazetteer,
        speller=make_speller(gazetteer.names, gazetteer.ordinary | _spelled_out(patterns)),
        kept_tags=_single(tags + " "),
    )  # stems too


def _single(patterns: pl.Series) -> frozenset[str]:
    """The patterns that are one whole word."""
    return frozenset(patterns.filter(patterns.str.contains(r"^ [^ ?]+ +$")).str.strip_chars().to_list())


def _spelled_out(patterns: pl.Series) -> frozenset[str]:
    """Every word of every pattern, stems and endings too."""
    return frozenset(patterns.str.strip_chars().str.split(" ").explode().to_list())


def _figures() -> pl.DataFrame:
    """Digits as entries: `4`, `4x`, `x4` need something to count; `4p` and `4pers` count by themselves."""
    rows = []
    for number in (*range(1, 100), *ROUND):
        rows += [(f" {form} ", "number", str(number), False) for form in (f"{number}", f"{number}x", f"x{number}")]
        rows += [(f" {number}{unit} ", "number", str(number), True) for unit in ("p", "pp", "pers", "ppl", "personen")]
    rows += [
        (f" {times}x{number} ", "number", str(times * number), False)
        for times in range(2, 7)
        for number in range(1, 7)
        if times * number != FOUR_BY_FOUR
    ]
    rows += [(f" 0{digit} ", "count", "notafter", True) for digit in range(1, 10)]
    rows += [(pattern, "until", value, True) for pattern, value, _ in figures()]
    return pl.DataFrame(rows, schema=["pattern", "concept", "value", "firm"], orient="row")


def _beside(facts: pl.DataFrame, part: pl.DataFrame) -> pl.DataFrame:
    return facts.join(part, on="row", how="left", maintain_order="left")
