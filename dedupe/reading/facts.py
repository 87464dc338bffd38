"""Facts: what a wording says is offered or asked for, by its words.

Owns the reading of kind, stance and `closed`, and puts them beside the facts that other modules of this room read. Which words
say what is in `words/*.yaml` and the gazetteer; contacts, clocks and what the facts are used for are not known here.

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
from dedupe.reading.gazetteer import HASSELT, Gazetteer, load_gazetteer
from dedupe.reading.kind import read_kinds
from dedupe.reading.lexicon import WORDS, anchors, find, gap, load_lexicon, longest, neighbour
from dedupe.reading.place import read_bound, read_places
from dedupe.reading.said import read_said
from dedupe.reading.spelling import Speller, make_speller, read_misspelled
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
ASKED = 30
"""Bytes between "nodig" and the question mark that makes it an offer."""


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
        facts = _beside(texts, _stance(stances))
        facts = _beside(facts, read_kinds(kinds))
        towns = read_misspelled(self._matches(found, "where", "town"), wordings, texts["begin"], self.speller)
        facts = _beside(facts, read_bound(towns)).with_columns(*_bound())
        meant = pl.col("surely").is_not_null() & pl.col("stance").is_not_null()
        texts = facts.select("row", "begin", "end", meant=meant, kind="lead")
        facts = _beside(facts, self._named(read_places(towns, texts)))
        counted = read_capacity(self._matches(found, "count", "number"), facts.select("row", "stance", kind="lead"))
        facts = _beside(facts, counted.select("row", "capacity", "counted")).with_columns(stance=_stated())
        facts = _beside(facts, read_closed(self._matches(found, "closed"), kinds, facts))
        asks_calm = (pl.col("stance") == "request") & ~pl.col("firm_stance") & pl.col("closed")
        facts = facts.with_columns(stance=pl.when(~asks_calm.fill_null(False)).then("stance"))
        facts = _beside(facts, self._signs(kinds, stances))
        facts = facts.with_columns(kind=_kind(), firm_kind=pl.col("surely").is_not_null())
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


def _stance(matches: pl.DataFrame) -> pl.DataFrame:
    """Per row `stance`: firm words beat hints, the first of two firm ones leads, a turned need is an offer.

    "iemand slaapplaats nodig?" speaks to a reader in need, "wie heeft slaapplaats?" for a writer in need.
    """
    value, after, firm = pl.col("value"), neighbour("value"), pl.col("firm")
    # "who has help needed": a hint in between does not part them.
    spoken = pl.when(firm | (value != "request"))
    same = spoken.then("row").forward_fill().shift(1) == pl.col("row")
    before = pl.when(same).then(spoken.then("value").forward_fill().shift(1))
    needs = value.is_in(["need", "seek"])
    turned = (needs & before.is_in(["you", "ask"])) | ((value == "need") & (after == "mark") & (gap() <= ASKED))
    question = pl.col("start") < pl.col("start").filter(value == "mark").max().over("row")
    asked = (value == "ask") | ((value == "query") & question)
    asked = asked & ~after.is_in(["need", "seek"]).fill_null(False)
    wanted = ((value == "you") & (after == "mark")) | (value == "query")
    offer, request = pl.lit("offer"), pl.lit("request")
    judged = matches.with_columns(
        strong=pl.when(turned | (firm & (value == "offer")))
        .then(offer)
        .when(asked | needs | (firm & (value == "request")))
        .then(request),
        weak=pl.when(value == "offer").then(offer).when(wanted | (value == "request")).then(request),
    )
    told = judged.group_by("row", maintain_order=True).agg(
        strong=pl.col("strong").drop_nulls().first(),
        offers=(pl.col("weak") == "offer").any(),
        requests=(pl.col("weak") == "request").any(),
        asked=pl.col("start").filter(pl.col("value") == "mark").min(),
        offered=pl.col("start").filter(pl.col("weak") == "offer").max(),
        done=(pl.col("value") == "done").any(),
    )
    # "Honger? Frietjes bij ons": what is offered after the question answers it.
    answers = pl.col("offers") & ~(pl.col("offered") < pl.col("asked")).fill_null(False)
    weakly = pl.when(answers).then(offer).when(pl.col("requests") | pl.col("offers")).then(request)
    return told.select(
        "row", "asked", "done", stance=pl.coalesce("strong", weakly), firm_stance=pl.col("strong").is_not_null()
    )


def _bound() -> tuple[pl.Expr, ...]:
    """What goes to a town and names no other help hints at a ride ("I have to be in Mol anyway, two can come")."""
    rides = (pl.col("lead").is_null() & pl.col("bound")).fill_null(False)
    ride = pl.lit("ride")
    return (
        pl.when(rides).then(ride).otherwise("lead").alias("lead"),
        pl.when(rides).then(pl.concat_list(ride)).otherwise("kinds").alias("kinds"),
        rides.alias("bound"),
    )


def _kind() -> pl.Expr:
    """A hint of a kind ("tent", "auto", "water") leads only where something is offered or asked.

    A hint of a bed or a ride leads also where a place or number stands beside it; a town to go to is no such place.
    """
    place = pl.col("place_key").is_not_null() & ~pl.col("bound")
    beside = pl.any_horizontal(place, *(pl.col(name).fill_null(False) for name in ("counted", "closed")))
    meant = pl.col("stance").is_not_null() | (pl.col("lead").is_in(["bed", "ride"]) & beside)
    return pl.coalesce("surely", pl.when(meant).then("lead"))


def _stated() -> pl.Expr:
    """What a text without a word of offering or asking does: it asks for the kind that it names before a question mark.

    A kind and a number of places ("2 places in the car") are an offer, also as the answer to a question; three burgers are
    lunch.
    """
    named, counted = pl.col("surely").is_not_null(), pl.col("counted").fill_null(False)
    asked = (pl.col("named") < pl.col("asked")).fill_null(False)
    answered = (pl.col("named") > pl.col("asked")).fill_null(False) & ~pl.col("firm_stance").fill_null(False)
    stated = (pl.col("surely") != "food") & named & counted & pl.col("done").not_().fill_null(True)
    offers = stated & (pl.col("asked").is_null() | answered)
    return (
        pl.when(answered & offers)
        .then(pl.lit("offer"))
        .otherwise(pl.coalesce("stance", pl.when(offers).then(pl.lit("offer")).when(asked).then(pl.lit("request"))))
    )
