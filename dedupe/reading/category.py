"""Category: what sort of message a wording is, how sure, and by which words.

Owns the rules; the words are in `words/category.yaml`, `words/authority.yaml` and `words/voice.yaml`, kind and stance come
with the facts. Words that are firm for a category go first, then who speaks of whom ("my neighbour says", "the council
knew"), then weak words, counted. An offer that hides under another category is the worst mistake: where a kind of help is
named and nothing firm speaks against it, a text is an offer.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from dedupe.reading.finding import anchors, find, longest
from dedupe.reading.lexicon import WORDS, load_lexicon

CATEGORIES = ("offer", "request", "information", "rumour", "sympathy", "blame", "abuse", "other")
MARKS = {
    "scam": "abuse",
    "abuse": "abuse",
    "other": "other",
    "rumour": "rumour",
    "blame": "blame",
    "praise": "sympathy",
    "sympathy": "sympathy",
    "news": "information",
    "information": "information",
}
"""The marks with the category that each one speaks for, the one that leads first."""
WEIGHED = ("rumour", "blame", "sympathy", "information", "other")
"""What a message may be that is neither offer nor request, the one that leads first."""
ARTICLE = 5
"""Bytes before an authority that speaks first ("die Feuerwehr …")."""
WITHIN = 60
"""Bytes between who and what is told of them ("Stad Hasselt opent vannacht sporthal", "my neighbour, a cop, says")."""
BRIEF = 50
"""Bytes of a text that offers by naming nothing but help and a town."""
DEEDS = {
    "opened": ("authority", "opens"),
    "announced": ("office", "tells"),
    "hearsay": ("source", "tells"),
    "accused": ("office", "fails"),
    "thanked": ("thanks", "gave"),
    "held_off": ("authority", "away"),
}
"""Who and what together, in this order and near to each other, say more than each alone."""
SAID = {**MARKS, "opens": "information", "away": "information"}
"""Whatever is shown as a reason, with the category that it speaks for."""
VOICES = ("self", "thou")
"""The writer and the reader, who are in a text or not."""
TOLD = tuple(deed for deed in DEEDS if deed != "held_off")
"""The deeds to weigh; the last says no more than its verdict, and with one more mark what volunteers taught would be lost."""
MARKED = (*(f"{mark}_firm" for mark in MARKS), "own", *VOICES, *TOLD, *(f"{name}_weight" for name in WEIGHED))
"""What may be found in a text, by name: for who weighs it."""
WORDS_SHOWN = 4

FIRM = 0.8
"""Certainty from which firm words decided, or a contact beside an offer: what volunteers' labels teach never overrules it."""

_SURE, _LIKELY, _FAIR, _DOUBTFUL, _GUESS = 0.95, FIRM, 0.7, 0.65, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryReader:
    """The marks of categories, compiled for searching."""

    patterns: pl.Series
    words: pl.DataFrame
    marks: pl.DataFrame
    voices: pl.DataFrame

    def read(self, texts: pl.DataFrame, found: pl.DataFrame | None = None) -> pl.DataFrame:
        """Read texts with `wording`, `has_contact` and the columns of `FACTS`.

        `found` is what `find` finds of `patterns`, where they were searched already. Returns `category`, `certainty`,
        `why`, `rule` (what held) and `marks` (those of `MARKED` that are in it), one row per text, in order.
        """
        length = texts["wording"].fill_null("").str.len_bytes().cast(pl.Int64) + 2
        every = find(texts["wording"], self.patterns, self.words) if found is None else found
        marks, voices = (
            longest(every.join(part.select("entry").unique(), on="entry", how="semi", maintain_order="left")).join(
                part, on="entry", maintain_order="left"
            )
            for part in (self.marks, self.voices)
        )
        summary = marks.group_by("row").agg(
            **{f"{mark}_firm": ((pl.col("value") == mark) & pl.col("firm")).any() for mark in MARKS},
            own=(pl.col("value") == "own").any(),
            speaks=pl.col("start").filter(pl.col("value") == "authority").min(),
            **{f"{category}_weight": _weight(category) for category in WEIGHED},
        )
        words = self.patterns.str.strip_chars().gather(marks["entry"])
        told = (
            marks.with_columns(word=words)
            .filter(pl.col("value").is_in([*SAID]))
            .with_columns(value=pl.col("value").replace(SAID))
        )
        told = told.group_by("row", "value", maintain_order=True).agg(pl.col("word").unique(maintain_order=True))
        judged = (
            texts.with_row_index("row")
            .with_columns(begin=length.cum_sum() - length)
            .join(summary, on="row", how="left", maintain_order="left")
            .join(_deeds(pl.concat([marks, voices])), on="row", how="left", maintain_order="left")
            .with_columns(
                pl.col("^.*_firm$", "own", *VOICES, *DEEDS).fill_null(False), pl.col("^.*_weight$").fill_null(0)
            )
            .with_columns(**_weighed())
            .with_columns(_verdict().struct.unnest())
            .join(told, left_on=["row", "category"], right_on=["row", "value"], how="left", maintain_order="left")
        )
        marked = pl.concat_list(_marked()).list.drop_nulls()
        shown = pl.coalesce("word", "signs").list.head(WORDS_SHOWN).list.join("’, ‘")
        why = pl.when((pl.col("category") == "other") | (shown == "")).then(pl.lit("")).otherwise("‘" + shown + "’")
        return judged.select("category", "certainty", "rule", why=why, marks=marked)


def read_category(texts: pl.DataFrame, reader: CategoryReader | None = None) -> pl.DataFrame:
    """Add `category` (one of `CATEGORIES`), `certainty` (0 to 1), `why` (the words that decided) and `rule` (what held).

    `texts` has `wording` (folded), `has_contact` (a number or e-mail was in the text) and the columns of `facts.FACTS`.
    Same height and order.
    """
    return pl.concat([texts, (reader or default_reader()).read(texts)], how="horizontal")


@cache
def default_reader() -> CategoryReader:
    """The reader of the bundled lists, loaded once per process."""
    return make_reader()


def make_reader(folder: Path = WORDS, *, own: Path | None = None) -> CategoryReader:
    """Compile the marks in the lists of `folder` and `own`. Raises LexiconError with file, line and reason."""
    marks = load_lexicon(folder, ("mark", "authority", "voice"), own=own)
    patterns = marks["pattern"].unique().sort()
    entries = pl.DataFrame({"pattern": patterns}).with_row_index("entry")
    voiced = pl.col("concept") == "voice"
    marks, voices = (
        marks.filter(which).join(entries, on="pattern").select("entry", "value", "firm") for which in (~voiced, voiced)
    )
    return CategoryReader(patterns=patterns, words=anchors(patterns), marks=marks, voices=voices)


def _deeds(found: pl.DataFrame) -> pl.DataFrame:
    """Per row whether the writer (`self`) and the reader (`thou`) are in it, and each of `DEEDS`: who, then what."""
    value = pl.col("value")
    told = found.filter(value.is_in([*VOICES, *itertools.chain.from_iterable(DEEDS.values())])).sort("start")
    said = told.select(
        "row",
        *((value == voice).alias(voice) for voice in VOICES),
        *(_near(*DEEDS[deed]).alias(deed) for deed in DEEDS),
    )
    return said.filter(pl.any_horizontal(*VOICES, *DEEDS)).group_by("row").agg(pl.col(*VOICES, *DEEDS).any())


def _near(who: str, what: str) -> pl.Expr:
    """Whether a match is `what` and follows `who` closely, in the same text."""
    before = pl.when(pl.col("value") == who)
    same = before.then("row").forward_fill() == pl.col("row")
    return (pl.col("value") == what) & same & (pl.col("start") - before.then("stop").forward_fill() <= WITHIN)


def _weight(category: str) -> pl.Expr:
    """How much speaks for a category: two for each firm word, one for each hint."""
    marks = [mark for mark, meant in SAID.items() if meant == category and mark != "opens"]
    return (pl.col("value").is_in(marks) * (1 + pl.col("firm"))).sum().cast(pl.Int32)


def _weighed() -> dict[str, pl.Expr]:
    """The weights with what the form of a message adds to the words.

    Who names an authority and finds fault accuses it; an authority that speaks first informs, and so does who speaks of
    nobody present. Asking whether something happened spreads it; who speaks to others and names no help feels with them.
    """
    rumour, blame, sympathy, information = (pl.col(f"{name}_weight") for name in WEIGHED[:4])
    named = pl.col("speaks").is_not_null()
    leads = _leads()
    asks = pl.col("wording").str.contains("?", literal=True)
    helps = pl.col("kind").is_not_null()
    nobody = ~pl.any_horizontal("own", "self", "thou") & ~asks & (information > 0)
    figures = nobody & pl.col("wording").str.contains(r"\d")
    # One hint of doubt or of a fault is in every other message.
    doubts = rumour.replace(1, 0) + 2 * (asks & ~helps & (information > 0) & (blame == 0)).cast(pl.Int32)
    faults = (blame > 0) & named
    accuses = pl.when((blame > 1) | (information + sympathy == 0) | faults).then(blame + 2 * faults).otherwise(0)
    announced = pl.col("announced") & ~pl.col("self")
    return {
        "rumour_weight": doubts + 2 * pl.col("hearsay").cast(pl.Int32),
        "blame_weight": accuses + 2 * pl.col("accused").cast(pl.Int32),
        "sympathy_weight": sympathy + (pl.col("thou") & ~asks & ~helps & (sympathy > 0)).cast(pl.Int32),
        "information_weight": information
        + sum(
            sign.cast(pl.Int32) for sign in (named & ~faults, leads & ~faults, nobody, figures, announced, announced)
        ),
    }


def _leads() -> pl.Expr:
    """Whether an authority speaks first."""
    return (pl.col("speaks") - pl.col("begin") <= ARTICLE).fill_null(False)


def _heaviest() -> pl.Expr:
    """Of what is neither offer nor request: the category with most weight, at a tie the first of `WEIGHED`."""
    weights = {name: pl.col(f"{name}_weight") for name in WEIGHED}
    most = pl.max_horizontal(*weights.values())
    heaviest = pl.lit("other")
    for name, weight in reversed(weights.items()):
        heaviest = pl.when((weight == most) & (most > 0)).then(pl.lit(name)).otherwise(heaviest)
    return heaviest


def _marked() -> list[pl.Expr]:
    """The names of what was found, null where it was not."""
    there = [pl.col(name) for name in (*(f"{mark}_firm" for mark in MARKS), "own", *VOICES, *TOLD)]
    there += [pl.col(f"{name}_weight") > 0 for name in WEIGHED]
    return [pl.when(found).then(pl.lit(name)) for name, found in zip(MARKED, there, strict=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signs:
    """What the rules ask of a text, each true or false."""

    offers: pl.Expr
    requests: pl.Expr
    kind: pl.Expr
    firm_kind: pl.Expr
    firm_stance: pl.Expr
    contact: pl.Expr
    counted: pl.Expr
    placed: pl.Expr
    marked: pl.Expr
    asks: pl.Expr


Rule = tuple[pl.Expr, str, float, str]
"""What must hold, the category it means, how certainly, and the rule's name."""


def _signs() -> _Signs:
    offers, requests = ((pl.col("stance") == word).fill_null(False) for word in ("offer", "request"))
    return _Signs(
        offers=offers,
        requests=requests,
        kind=pl.col("kind").is_not_null(),
        firm_kind=pl.col("firm_kind"),
        firm_stance=pl.col("firm_stance"),
        contact=pl.col("has_contact"),
        counted=pl.col("counted"),
        placed=pl.col("place_key").is_not_null(),
        marked=pl.any_horizontal(f"{mark}_firm" for mark in MARKS),
        asks=pl.col("wording").str.ends_with("?"),
    )


def _verdict() -> pl.Expr:
    """`category`, `certainty` and `rule`, by the first rule that holds; where none does, by weight."""
    signs = _signs()
    rules = [*_by_firm_words(signs), *_by_help(signs), *_by_guess(signs)]
    ruled = pl.coalesce(pl.when(rule).then(pl.lit(n, pl.UInt32)) for n, (rule, *_) in enumerate(rules))
    categories, sure, names = (pl.lit(pl.Series([rule[part] for rule in rules])).gather(ruled) for part in (1, 2, 3))
    return pl.struct(
        category=pl.coalesce(categories, _heaviest()),
        certainty=pl.coalesce(sure, pl.when(signs.marked).then(_LIKELY).otherwise(_GUESS)),
        rule=pl.coalesce(names, pl.lit("what most words speak for")),
    )


def _by_firm_words(signs: _Signs) -> list[Rule]:
    """What marks say that are more than hints, before any word of help."""
    offers, requests, contact, firm_stance = signs.offers, signs.requests, signs.contact, signs.firm_stance
    still = offers & firm_stance & signs.counted
    told = (pl.col("news_firm") | pl.col("praise_firm")) & ~contact & ~requests
    # Whoever accuses or mourns may use a word of help ("the minister can have my cellar"); who surely helps does help.
    helping = (offers | requests) & firm_stance & signs.firm_kind
    voiced = ~contact & ~signs.counted & ~helping
    mourns = pl.col("sympathy_firm") & voiced & ~(signs.firm_kind & signs.placed)
    another = pl.col("other_firm") & ~(offers & firm_stance & contact)
    # Who helps may pass an instruction on ("police: stay off the roads. Two beds at ours").
    helps = (
        (offers & signs.firm_kind & signs.placed) | (offers & firm_stance & pl.col("self")) | (requests & firm_stance)
    )
    passed_on = helping | helps | signs.counted | pl.any_horizontal("own", "blame_firm")
    held_off = pl.col("held_off") & ~passed_on & (_leads() | ~(contact | pl.col("self")))
    return [
        (pl.col("scam_firm"), "abuse", _LIKELY, "money is asked first"),
        (
            pl.col("opened") & ~contact & ~((requests | helping) & pl.col("own")),
            "information",
            _LIKELY,
            "an authority opens it",
        ),
        (pl.col("rumour_firm") & voiced, "rumour", _LIKELY, "hearsay"),
        (held_off, "information", _LIKELY, "an authority tells people not to come"),
        (another, "other", _LIKELY, "sold, found, safe or another thing"),
        (told & pl.col("news_firm") & ~pl.col("praise_firm"), "information", _LIKELY, "news of what others do"),
        (told & ~still, "sympathy", _LIKELY, "thanks for help of others"),
        (pl.col("thanked") & ~contact & ~requests, "sympathy", _LIKELY, "thanks for what was given"),
        (pl.col("blame_firm") & voiced & ~signs.placed, "blame", _LIKELY, "an accusation"),
        (mourns, "sympathy", _LIKELY, "sympathy in firm words"),
    ]


def _by_help(signs: _Signs) -> list[Rule]:
    """A kind of help with who offers or asks, a contact, a number or a place."""
    offers, requests, kind, firm_kind = signs.offers, signs.requests, signs.kind, signs.firm_kind
    contact, counted, placed, marked = signs.contact, signs.counted, signs.placed, signs.marked
    firm_stance, helped = signs.firm_stance, kind & ~requests
    telling = firm_stance | contact | counted | (firm_kind & (placed | ~marked))
    return [
        (kind & requests & firm_stance & firm_kind, "request", _SURE, "help is asked for in firm words"),
        (kind & requests & (firm_stance | firm_kind | counted), "request", _FAIR, "help is asked for"),
        (kind & offers & (firm_stance & firm_kind | contact), "offer", _SURE, "help is offered in firm words"),
        (kind & offers & telling & firm_kind, "offer", _FAIR, "help is offered"),
        (kind & offers & telling & ~pl.col("abuse_firm"), "offer", _FAIR, "help is offered, perhaps"),
        (pl.col("abuse_firm"), "abuse", _LIKELY, "threat, hatred or another's address"),
        (kind & signs.asks & ~offers & ~marked, "request", _DOUBTFUL, "help and a question"),
        (helped & contact, "offer", _LIKELY, "help and a contact"),
        (firm_kind & counted & ~requests & ~marked, "offer", _FAIR, "help and a number of places"),
        (helped & counted & placed & ~marked, "offer", _DOUBTFUL, "help, a number and a town"),
        (_named(signs) & placed, "offer", _DOUBTFUL, "a few words: help and a town"),
    ]


def _by_guess(signs: _Signs) -> list[Rule]:
    """What is left when little was told."""
    offers, requests, kind, placed, marked = signs.offers, signs.requests, signs.kind, signs.placed, signs.marked
    contact, counted, own = signs.contact, signs.counted, pl.col("own")
    said_to = signs.firm_kind & (pl.col("thou") | placed) & ~requests & ~signs.asks & ~marked & ~_telling_of()
    known = kind | placed | contact | counted | pl.col("self")
    by_writer = kind & requests & (placed | pl.col("self")) & ~marked
    return [
        (offers & (contact | counted) & ~marked, "offer", _GUESS, "offered, with a contact or a number"),
        (kind & offers & placed & own, "offer", _GUESS, "offered by the writer in a town"),
        (signs.firm_kind & placed & own & ~requests, "offer", _GUESS, "the writer's own help in a town"),
        (said_to, "offer", _GUESS, "help told to a reader"),
        (offers & signs.firm_stance & placed & ~marked, "offer", _GUESS, "offered in a town"),
        (requests & signs.firm_stance & known & ~marked, "request", _GUESS, "asked for, with something to go by"),
        (by_writer, "request", _GUESS, "help asked for by the writer or in a town"),
        (requests & signs.asks & (counted | contact), "request", _GUESS, "asked, with a number or a contact"),
    ]


def _named(signs: _Signs) -> pl.Expr:
    """A short text that names help and a town ("bed Genk") offers it; a ride and a town may be any trip."""
    brief = pl.col("wording").str.len_bytes() <= BRIEF
    named = signs.firm_kind & (pl.col("kind") != "ride") & brief
    return named & ~signs.requests & ~signs.marked & ~_telling_of()


def _telling_of() -> pl.Expr:
    return pl.any_horizontal(pl.col("information_weight") >= 2, pl.col("blame_weight") >= 2)
