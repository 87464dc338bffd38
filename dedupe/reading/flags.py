"""Flags: marks on a post for a person to judge, never a label on an account.

Owns the weights and what follows from them; the words are in `words/abuse.yaml` and `words/private.yaml`. A flag hides
nothing and decides nothing: threat, hate, doxing and scam are candidates for moderation, address and minor protect the
writer, hedged tells that the writer has it from hearsay. Weights run from 0 to 1, are added up, and are few, so that a
planner can follow them:

    threat   killing somebody meant .8, a group .75; a threat as it stands .7; milder words .4 to .6
    hate     a group and something ill said of it, or a slur .6, each more of it +.1; coarse words .45 to .55
    both     further apart −.15; speaking against it −.5, telling what others say −.2 to −.4; good words −.15;
             beside an offer or a request −.2
    doxing   where another is found .4 (hint .3), with an address or contact +.15; a call to go after him +.3; help −.3
    scam     money asked first .5, each more +.1; money spoken of .2; gifts asked .3; beside help +.2; a known charity −.3, a warning −.5
    address  a street and house number .8          minor  a child by name and age .8
    hedged   a word of hearsay .7, each more +.2, beside an offer or request −.2
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from dedupe.reading.finding import anchors, find, longest
from dedupe.reading.hatred import ILL, weigh_hatred
from dedupe.reading.lexicon import WORDS, load_lexicon
from dedupe.reading.private import find_addresses, find_children

FLAGS = ("threat", "hate", "doxing", "scam", "address", "minor", "hedged")
"""In the order in which they are told."""
THRESHOLD = 0.5
"""Weight from which a post is flagged."""
SURE = 0.75
"""Weight from which a threat, hatred or a scam leads to the category abuse, where no help is offered or asked."""
PRIVATE = ("address", "minor")
"""Flags to the writer's benefit: their words are what should not be shown."""
LEADING = ("threat", "hate", "scam")
HELP = ("offer", "request")

HEAVY = (*ILL, "slur", "harm", "threat", "pay", "donate", "whose", "hedge", "street", "child")
"""Without one of these, or a group and a word of the next, a wording has no flag."""
BESIDE = ("crude", "praise")
MADE_BY = {
    "threat": ("threat", "harm", "aimed", "intent", "wish", "group", "slur"),
    "hate": ("group", "slur", *ILL, "crude"),
    "doxing": ("whose", "hostile"),
    "scam": ("pay", "donate"),
    "hedged": ("hedge",),
}
"""The values whose words tell why a flag holds; those of address and minor are the details themselves."""
WORDS_SHOWN = 4
SUSPECT = ("group", "slur", *ILL)
"""Where one of these is said, the others are looked for in evasive spellings too."""
EVASIVE = ("group", *ILL, "harm")
"""What is spelled so that no list finds it; a slip in a slur makes another word ("Niger")."""
INSIDE, SLIPPED = 7, 6
"""Letters of such a word that is found inside others too ("allemoslims"), and with a letter left out or two swapped."""
DISGUISES = (("0", "o"), ("1", "i"), ("3", "e"), ("4", "a"), ("5", "s"), ("7", "t"))
DISGUISED = r"[a-z][0-7][a-z]|\b[0-7][a-z]{3}|[a-z]{3}[0-7]\b|(?: [a-z]){3} [a-z]\b|^(?:[a-z] ){3}[a-z]\b"

WEIGHED = pl.Schema({**dict.fromkeys(FLAGS, pl.Float64()), **{f"{flag}_words": pl.List(pl.String()) for flag in FLAGS}})
"""The weight of each flag, and the words that made it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Words with what they say, compiled for searching."""

    patterns: pl.Series
    words: pl.DataFrame
    says: pl.DataFrame

    def told(self, found: pl.DataFrame) -> pl.DataFrame:
        """What `find` found of them, with `value`, `firm` and `word`."""
        word = self.patterns.str.strip_chars().gather(found["entry"])
        return found.with_columns(word).rename({"pattern": "word"}).join(self.says, on="entry", maintain_order="left")


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagReader:
    """The words of flags. `evasive` are the same with the spellings of who does not want to be found: three times as many,
    so that they are only searched where something is said of a group already."""

    plain: Marks
    evasive: Marks

    def read(self, texts: pl.DataFrame, found: pl.DataFrame | None = None) -> pl.DataFrame:
        """Read texts with `wording` (folded), `has_contact`, `category` and `kind` (or null).

        `found` is what `find` finds of the plain `patterns`, where they were searched already. Returns, one row per text, in order:
        `flags` (those that hold, in the order of `FLAGS`), `firm_flag` (one that speaks for the category abuse, or null)
        and `firm_words` (what made that one).
        """
        firm = pl.coalesce(pl.when(pl.col(flag) >= SURE).then(pl.lit(flag)) for flag in LEADING)
        led = pl.when(~pl.col("category").is_in(HELP)).then(firm)
        told = self._weighed(texts, found).select(
            "row",
            flags=_held().list.drop_nulls(),
            firm_flag=led,
            firm_words=pl.coalesce(pl.when(led == flag).then(f"{flag}_words") for flag in LEADING),
        )
        read = _rows(texts).join(told, on="row", how="left", maintain_order="left")
        return read.select(pl.col("flags").fill_null([]), "firm_flag", "firm_words")

    def weigh(self, texts: pl.DataFrame) -> pl.DataFrame:
        """Weigh texts as for `read`. Returns the columns of `WEIGHED`, one row per text, in order."""
        every = _rows(texts).join(self._weighed(texts, None), on="row", how="left", maintain_order="left")
        return every.select(
            *(pl.col(flag).fill_null(0.0).cast(pl.Float64) for flag in FLAGS),
            *(pl.col(f"{flag}_words").fill_null([]).cast(pl.List(pl.String)) for flag in FLAGS),
        )

    def _weighed(self, texts: pl.DataFrame, found: pl.DataFrame | None) -> pl.DataFrame:
        """The columns of `WEIGHED` with `row`, for the rows that may have a flag, and what they were made of."""
        told = texts.select("wording", "has_contact", "category", "kind").with_row_index("row")
        if found is None:
            found = find(told["wording"], self.plain.patterns, self.plain.words)
        found = self.plain.told(found)
        suspect = found.filter(pl.col("value").is_in(SUSPECT)).select("row").unique()
        again = _undone(told.select("row", "wording"), suspect)
        if again.height:
            told = told.update(again, on="row", how="left")
            found = pl.concat([found.join(again, on="row", how="anti"), self._found_in(again)])
        found = longest(found)
        rows = _worth_weighing(found)
        found, few = found.join(rows, on="row", how="semi"), told.join(rows, on="row", how="semi")
        said, weighed = found.lazy(), few.lazy()
        for part in (weigh_hatred(said), _counts(said), _private(few, found).lazy(), _words(said)):
            weighed = weighed.join(part, on="row", how="left", maintain_order="left")
        weighed = weighed.with_columns(_weights()).with_columns(_doxing()).with_columns(pl.col(FLAGS).round(3))
        return weighed.collect()

    def _found_in(self, texts: pl.DataFrame) -> pl.DataFrame:
        """What is found in a few texts (`row`, `wording`), placed so that it stands apart from what is found in others."""
        found = find(texts["wording"], self.evasive.patterns, self.evasive.words)
        rows, beyond = texts["row"].gather(found["row"]), pl.lit(1 << 48, pl.Int64)
        moved = found.with_columns(row=rows, start=pl.col("start") + beyond, stop=pl.col("stop") + beyond)
        return self.evasive.told(moved)


def make_flag_reader(folder: Path = WORDS, *, own: Path | None = None) -> FlagReader:
    """Compile the flags of the lists in `folder` and `own`. Raises LexiconError with file, line and reason."""
    lexicon = load_lexicon(folder, ("flag",), own=own).select("pattern", "value", "firm")
    evasive = lexicon.filter(pl.col("value").is_in(EVASIVE) & pl.col("pattern").str.contains(r"^ ?[a-z]{6,} ?$"))
    spelled = [(form, value, firm) for pattern, value, firm in evasive.rows() for form in _evasions(pattern)]
    others = pl.DataFrame(spelled, schema=lexicon.schema, orient="row")
    return FlagReader(plain=_compiled(lexicon), evasive=_compiled(pl.concat([lexicon, others])))


def _compiled(lexicon: pl.DataFrame) -> Marks:
    """Words (`pattern`, `value`, `firm`), of the same pattern the first."""
    says = lexicon.unique("pattern", keep="first").sort("pattern").with_row_index("entry")
    patterns = says["pattern"]
    return Marks(patterns=patterns, words=anchors(patterns), says=says.select("entry", "value", "firm"))


def _held() -> pl.Expr:
    """The names of the flags that hold, null for the others."""
    return pl.concat_list(pl.when(pl.col(flag) >= THRESHOLD).then(pl.lit(flag)) for flag in FLAGS)


def _rows(texts: pl.DataFrame) -> pl.DataFrame:
    return pl.DataFrame({"row": pl.int_range(texts.height, dtype=pl.UInt32, eager=True)})


def _evasions(pattern: str) -> Iterator[str]:
    """Other spellings by which a word is meant to be read and not to be found: inside another, or with a slip."""
    word = pattern.strip()
    before, after = pattern.split(word)
    if len(word) >= INSIDE:
        yield word
    for place in range(1, len(word) - 1) if len(word) >= SLIPPED else ():
        yield before + word[:place] + word[place + 1 :] + after
        yield before + word[:place] + word[place + 1] + word[place] + word[place + 2 :] + after


def _undone(texts: pl.DataFrame, suspect: pl.DataFrame) -> pl.DataFrame:
    """The suspect rows and those in disguise (`row`, `wording`), without figures for letters ("m0slims") and letters set
    apart ("h a a t")."""
    text = pl.col("wording")
    for figure, letter in DISGUISES:
        text = text.str.replace_all(rf"([a-z]){figure}([a-z])", f"${{1}}{letter}$2")
        text = text.str.replace_all(rf"\b{figure}([a-z]{{2}})", f"{letter}$1")
        text = text.str.replace_all(rf"([a-z]{{3}}){figure}\b", f"${{1}}{letter}")
    for _ in range(2):
        text = text.str.replace_all(r"\b([a-z]) ([a-z])\b", "$1\0$2")
    disguised = pl.col("wording").str.contains(DISGUISED)
    return texts.filter(disguised | pl.col("row").is_in(suspect["row"].implode())).select(
        "row", wording=text.str.replace_all("\0", "", literal=True)
    )


def _worth_weighing(found: pl.DataFrame) -> pl.DataFrame:
    """The rows that may have a flag."""
    value = pl.col("value")
    rows = (
        found.lazy()
        .group_by("row")
        .agg(heavy=value.is_in(HEAVY).any(), beside=(value == "group").any() & value.is_in(BESIDE).any())
    )
    return rows.filter(pl.col("heavy") | pl.col("beside")).select("row").collect()


def _counts(found: pl.LazyFrame) -> pl.LazyFrame:
    """Per row how many words of a value there are, wherever they stand."""
    value, firm = pl.col("value"), pl.col("firm")
    firmly = ("pay", "whose", "hostile", "hedge", "donate", "charity", "warn")
    return found.group_by("row").agg(
        **{name: ((value == name) & firm).sum() for name in firmly},
        **{f"{name}_hints": ((value == name) & ~firm).sum() for name in ("pay", "whose", "hostile")},
    )


def _words(found: pl.LazyFrame) -> pl.LazyFrame:
    """Per row the words that speak for each flag."""
    words = {
        f"{flag}_words": pl.col("word").filter(pl.col("value").is_in(values)).unique(maintain_order=True)
        for flag, values in MADE_BY.items()
    }
    return found.group_by("row", maintain_order=True).agg(
        **{name: each.head(WORDS_SHOWN) for name, each in words.items()}
    )


def _private(texts: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Per row the address and the child that are told, as the words of their flags."""
    street, child = (found.filter(pl.col("value") == name).select("row").unique() for name in ("street", "child"))
    numbered = texts.filter(pl.col("wording").str.contains(r"\d")).join(street, on="row", how="semi")
    spoken = texts.join(child, on="row", how="semi")
    addresses = numbered.select("row", address_words=find_addresses(numbered["wording"]))
    minors = spoken.select("row", minor_words=find_children(spoken["wording"]))
    told = addresses.join(minors, on="row", how="full", coalesce=True)
    return told.with_columns(pl.concat_list(name).list.drop_nulls() for name in ("address_words", "minor_words"))


def _one(condition: pl.Expr) -> pl.Expr:
    """1.0 where it holds, else 0.0."""
    return condition.fill_null(False).cast(pl.Float64)


def _weights() -> list[pl.Expr]:
    """The weights of all flags but doxing, which follows from them."""
    helps = pl.col("category").is_in(HELP)
    pay, hints = pl.col("pay"), pl.col("pay_hints")
    money = 0.5 * _one(pay > 0) + 0.1 * (pay.cast(pl.Int64) - 1).clip(0, 2)
    money = money + 0.2 * hints.clip(0, 2) + 0.3 * _one(pl.col("donate") > 0)
    money = money + 0.2 * _one((helps | pl.col("kind").is_not_null()) & (money > 0.3))
    money = money - 0.3 * _one(pl.col("charity") > 0) - 0.5 * _one(pl.col("warn") > 0)
    hedge = pl.col("hedge")
    hearsay = pl.when(hedge > 0).then(0.5 + 0.2 * hedge - 0.2 * _one(helps)).otherwise(0.0)
    # Where an authority opens its doors everybody may know the address.
    private = (pl.col("address_words").list.len() > 0) & (pl.col("category") != "information")
    return [
        (pl.col("threatening").fill_null(0.0) - 0.2 * _one(helps)).clip(0, 1).alias("threat"),
        (pl.col("hating").fill_null(0.0) - 0.2 * _one(helps)).clip(0, 1).alias("hate"),
        money.clip(0, 1).alias("scam"),
        (0.8 * _one(private)).alias("address"),
        (0.8 * _one(pl.col("minor_words").list.len() > 0)).alias("minor"),
        hearsay.clip(0, 1).alias("hedged"),
    ]


def _doxing() -> pl.Expr:
    """Where another is found, the more so with a call to go after him; beside help it is likely a neighbour's offer."""
    found_at = 0.4 * _one(pl.col("whose") > 0) + 0.3 * _one((pl.col("whose") == 0) & (pl.col("whose_hints") > 0))
    reached = pl.col("has_contact") | (pl.col("address_words").list.len() > 0)
    sent = pl.max_horizontal(
        0.3 * _one(pl.col("hostile") > 0),
        0.15 * _one(pl.col("hostile_hints") > 0),
        0.3 * _one(pl.max_horizontal("threat", "hate") >= THRESHOLD),
    )
    weight = found_at + 0.15 * _one(reached) + sent - 0.3 * _one(pl.col("category").is_in(HELP))
    return pl.when(found_at > 0).then(weight.clip(0, 1)).otherwise(0.0).alias("doxing")
