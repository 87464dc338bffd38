"""Evidence: for two wordings that share a key, how surely they are one record, why, and what speaks against it.

Owns the two lines, the vetoes and the reasons, as one function from a frame of pairs to a frame of verdicts. Pure: the
verdict on a pair depends on that pair and on how crowded the key is that they share, on nothing else.

A pair is a *child* and a *parent* of lower rank. A child joins upwards only: to a wording that says at least as much and
contradicts nothing. That makes vetoes hold along a whole chain of links, since what a child knows all its elders know.
"""

from __future__ import annotations

import polars as pl
from rapidfuzz import process
from rapidfuzz.distance import OSA

UPPER = 0.8
"""At or above this line two wordings are one record."""
LOWER = 0.5
"""At or above this line, and below the upper one, a person is asked."""

HOTLINE = 5
"""A number offered with this many different kinds and places is a line for everyone: it names no one's bed."""
ORGANISER = 12
"""A handle with this many different own texts of one kind and place speaks for others."""
TEMPLATE = 4
"""A run of words used with this many different facts is a form that people fill in."""

ASIDE = (
    r"\b(?:bel(?:len|t)?|maar|tel|telefo\w+|telepho\w+|gsm|handy|mobil\w*|nummer|numero|number|sms|stuur|app\w*|dm|pm|mp|mail\w*|berichtje|"
    r"bericht|message|nachricht|contact\w*|kontakt\w*|bereikbaar|joignable|reageer|antwoord|reply|tweet\w*|envoyez|call|phone|text|ring|reach|"
    r"ruft?|anrufen|schreibt?|melde\w*|erreichbar|reachable|update|maj|mise|jour|edit|nog|steeds|toujours|still|noch|immer|over|rest\w*|was|meer|"
    r"weg|encore|il|ne|plus|que|qu|only|left|remain\w*|nur|ubrig|uebrig|au|an|me|mij|moi|us|mich|mag|altijd|gerust|gern\w*|priv\w*|pv|mijn|mon|my|"
    r"meine?|een|un|a|eine?n?|svp|aub|please|bitte|op|at|on|via|unter|hier|here|ici)\b"
)
"""Words about how to reach somebody, or that something still stands or is left: one in the place of another makes no other offer."""

LETTERS_A_SLIP = 6
"""Letters of differing words that one slip of the keyboard is expected in; swapped neighbours are one slip."""
SLIPPED_WORDS = 4
"""Words that may differ by slips."""
SLIPPED_LETTERS = 4
"""Letters from which a word that differs by one slip from the word in its place is that word."""

PAIR_COLUMNS = (
    "tokens",
    "order",
    "phones",
    "emails",
    "stance",
    "kind",
    "kinds",
    "place_key",
    "places",
    "origin_key",
    "capacity",
    "credit",
    "cut",
    "closed",
    "words",
)

WHY = {
    "same": "same number, same kind and place",
    "same_words": "same number, nearly the same words",
    "same_part": "same number, says less but nothing else",
    "writer": "same writer, same kind and place",
    "credited": "same writer or credited to them, nearly the same words",
    "renewed": "the same writer says it again with another count",
    "copied": "a long text copied word for word",
    "mistyped": "a long text copied with one figure of the number mistyped",
    "closes": "the writer says it is full",
    "maybe_contact": "same number, other words",
    "maybe_words": "same writer, words partly the same",
    "maybe_text": "long texts that are nearly the same",
    "maybe_closes": "the writer says something is full, but offers several things",
}
"""Reasons by code, as a volunteer reads them."""

AGAINST = {
    "number": "other number",
    "place": "other place",
    "direction": "other direction",
    "kind": "other kind",
    "stance": "one offers, one asks",
    "count": "other count",
    "words": "other words in the same place",
    "template": "a form that many filled in",
    "hotline": "a line for everyone",
    "less": "says more than the other",
}
"""Vetoes and doubts by code, as a volunteer reads them."""


def judge(pairs: pl.DataFrame) -> pl.DataFrame:
    """Judge pairs of wordings.

    `pairs` has `route`, `crowd` (how many different things are told under the key), `PAIR_COLUMNS` of the child and,
    suffixed `_parent`, of the parent; `tokens` are the different words of `text`, `order` those of two letters or more, as they come.
    Returns what `liken` leaves of `pairs` with `strength` (0 to 1; 0 when vetoed), `likeness` (0 to 1, of the words), `why`
    and `against` (codes of `WHY` and `AGAINST`, or null).
    """
    return rule(liken(pairs))


def liken(pairs: pl.DataFrame) -> pl.DataFrame:
    """What can be said of a pair whatever key it shares: the words that only one of the two has, their figures, and how alike
    the rest is; whether they are near, and what bars them from being one.

    `pairs` has `PAIR_COLUMNS` twice, as for `judge`; they give way to what `rule` needs.
    """
    pairs = _compare_words(pairs)
    pairs = pairs.with_columns(near=_near(), part=_says_less(), barred=_barred())
    return pairs.with_columns(alike_but_asides=_alike_but_asides(pairs)).select(
        pl.exclude(*PAIR_COLUMNS, *(f"{column}_parent" for column in PAIR_COLUMNS), *ONLY),
        "closed", "closed_parent", "kind_parent", "place_key_parent",
        contained=_contained(),
        swapped=_one_sentence_twice(),
        other_stance=_known("stance") & (pl.col("stance") != pl.col("stance_parent")) & ~pl.col("closed") & ~pl.col("typo")
        & (pl.col("likeness") < 0.9),
        same_kind=_same("kind"),
        same_place=_same("place_key"),
        same_places=_same("place_key") | (_same("places") & (pl.col("places").list.len() > 0)),
        kindless=pl.col("kind").is_null(),
        # Of a ride between two towns one was not read (Mol is a word too): it may be the way back.
        one_town=(pl.col("kind_parent") == "ride").fill_null(value=False) & (pl.col("places").list.len() < 2),
        other_number=_apart("phones"),
        fewer_numbers=pl.col("phones").list.set_difference(pl.col("phones_parent")).list.len() == 0,
        reached_alike=pl.col("cut") | ((pl.col("phones").list.len() > 0) == (pl.col("phones_parent").list.len() > 0)),
        recounted=_recounted(),
        helping=_helping(),
        offers_places=_offers_places(),
    )  # fmt: skip


def rule(pairs: pl.DataFrame) -> pl.DataFrame:
    """The verdict on pairs that `liken` has looked at, given the `route` by which they met and how crowded that key is."""
    # Nobody asks for a bed in Genk and offers one there under the same number: then a word was misread.
    misread = pl.col("route").is_in(["contact", "line"]) & pl.col("same_kind") & pl.col("same_places")
    stance = pl.when(pl.col("other_stance") & ~misread).then(pl.lit("stance"))
    pairs = pairs.with_columns(against=pl.coalesce("barred", stance))
    return pairs.with_columns(_verdict()).with_columns(strength=_strength())


ONLY = ("only_words", "only_parent_words", "only", "only_parent", "shared", "distinct", "typed", "edits")


def _compare_words(pairs: pl.DataFrame) -> pl.DataFrame:
    """Adds `only` and `only_parent` (texts), `count_differs` (bool), `typo` (bool: what differs is a slip of the keyboard),
    `likeness` (shared words over the words of the shorter text), `typed` (edits between the numbers, null without)."""
    mine, theirs = pl.col("tokens").list, pl.col("tokens_parent").list
    pairs = pairs.with_columns(
        only_words=mine.set_difference("tokens_parent"),
        only_parent_words=theirs.set_difference("tokens"),
        distinct=pl.min_horizontal(mine.len(), theirs.len()),
        reordered=pl.col("order").list.set_intersection("order_parent")
        != pl.col("order_parent").list.set_intersection("order"),
    )
    pairs = pairs.with_columns(
        only=pl.col("only_words").list.join(" "),
        only_parent=pl.col("only_parent_words").list.join(" "),
        shared=mine.len() - pl.col("only_words").list.len(),
    )
    edits = _distance(
        pairs, (pl.col("only") != "") & (pl.col("only_parent") != ""), pl.col("only"), pl.col("only_parent")
    )
    typed = _distance(pairs, _apart("phones"), pl.col("phones").list.first(), pl.col("phones_parent").list.first())
    figures, figures_parent = pl.col("only").str.contains(r"\d"), pl.col("only_parent").str.contains(r"\d")
    slips = pl.min_horizontal(pl.col("only").str.len_chars(), pl.col("only_parent").str.len_chars()) // LETTERS_A_SLIP
    few = pl.col("only_words").list.len() <= SLIPPED_WORDS
    slight = (pl.col("edits") <= pl.max_horizontal(slips, 1)).fill_null(value=False) | _word_by_word(pairs)
    return pairs.with_columns(edits=edits, typed=typed).with_columns(
        likeness=pl.col("shared") / pl.max_horizontal(pl.col("distinct"), pl.lit(1)),
        count_differs=figures & figures_parent,
        typo=~figures & ~figures_parent & slight & few,
    )


def _word_by_word(pairs: pl.DataFrame) -> pl.Series:
    """Whether each word that only one of the two has is one slip away from the other's word in its place."""
    count = pl.col("only_words").list.len()
    rows = pairs.with_row_index("pair").filter(
        (count == pl.col("only_parent_words").list.len()) & count.is_between(1, SLIPPED_WORDS)
    )
    words = rows.select("pair", mine="only_words", theirs="only_parent_words").explode(
        "mine", "theirs", empty_as_null=False
    )
    long = pl.min_horizontal(pl.col("mine", "theirs").str.len_chars()) >= SLIPPED_LETTERS
    slips = words.with_columns(
        slip=long & (_distance(words, pl.lit(value=True), pl.col("mine"), pl.col("theirs")) <= 1)
    )
    slipped = slips.group_by("pair").agg(pl.col("slip").all()).filter("slip")["pair"]
    return pl.select(row=pl.int_range(pairs.height, dtype=pl.UInt32))["row"].is_in(slipped.implode())


def _distance(pairs: pl.DataFrame, where: pl.Expr, mine: pl.Expr, theirs: pl.Expr) -> pl.Series:
    """Edits between two columns of text, in the rows where it matters; null elsewhere."""
    rows = pairs.with_row_index("row").filter(where).select("row", mine=mine.fill_null(""), theirs=theirs.fill_null(""))
    edits = process.cpdist(rows["mine"].to_list(), rows["theirs"].to_list(), scorer=OSA.distance, dtype="int64")
    found = pl.DataFrame({"row": rows["row"], "edits": edits}, schema={"row": pl.UInt32, "edits": pl.Int64})
    return pl.DataFrame({"row": range(pairs.height)}, schema={"row": pl.UInt32}).join(
        found, on="row", how="left", maintain_order="left"
    )["edits"]


def _known(column: str) -> pl.Expr:
    return pl.col(column).is_not_null() & pl.col(f"{column}_parent").is_not_null()


def _same(column: str) -> pl.Expr:
    return (pl.col(column) == pl.col(f"{column}_parent")).fill_null(value=False)


def _apart(column: str) -> pl.Expr:
    """Both lists hold something and share nothing."""
    mine, theirs = pl.col(column), pl.col(f"{column}_parent")
    return (mine.list.len() > 0) & (theirs.list.len() > 0) & (mine.list.set_intersection(theirs).list.len() == 0)


def _contained() -> pl.Expr:
    return (pl.col("only") == "") | (pl.col("only_parent") == "")


def _recounted() -> pl.Expr:
    one_writer = pl.col("credit").is_null() & pl.col("credit_parent").is_null()
    return one_writer & pl.col("count_differs") & (pl.col("likeness") >= 0.6)


def _offers_places() -> pl.Expr:
    """A count of offered places may be renewed by its writer; a toll or a magnitude is told anew."""
    return _known("capacity") & _helping()


def _helping() -> pl.Expr:
    """Something is offered or asked for in one of the two at least: not only reported."""
    return pl.any_horizontal(pl.col("stance", "stance_parent").is_not_null())


def _placeless() -> pl.Expr:
    return pl.col("place_key").is_null() & pl.col("place_key_parent").is_null()


def _alike_but_asides(pairs: pl.DataFrame) -> pl.Series:
    """Whether, but for figures and asides, one of the two has all the words of the other; only looked at where it tells."""
    half = pl.col("shared") * 2 >= pl.col("distinct")
    tells = (_placeless() & ~pl.col("near")) | _recounted()
    rows = pairs.with_row_index("row").filter(~_contained() & half & tells).select("row", "only", "only_parent")
    bare = pl.col("only", "only_parent").str.replace_all(r"\S*\d\S*", "").str.replace_all(ASIDE, "").str.strip_chars()
    differ = rows.with_columns(bare).filter((pl.col("only") != "") & (pl.col("only_parent") != ""))["row"]
    return pl.select(row=pl.int_range(pairs.height, dtype=pl.UInt32))["row"].is_in(differ.implode()).not_()


def _barred() -> pl.Expr:
    """The first thing that speaks against the pair by whatever key they met, or null. Vetoes beat any likeness."""
    mistyped = (pl.col("typed") <= 1) & (pl.col("only") == "") & (pl.col("only_parent") == "") & (pl.col("words") >= 8)
    crossed = (
        (pl.col("places").list.len() > 1)
        & (pl.col("places") != pl.col("places_parent"))
        & (pl.col("places").list.sort() == pl.col("places_parent").list.sort())
        & ~_known("origin_key")
    )
    turned = (
        _known("origin_key")
        & (pl.col("origin_key") != pl.col("place_key"))
        & (pl.col("origin_key") == pl.col("place_key_parent"))
        & (pl.col("place_key") == pl.col("origin_key_parent"))
    )
    # What hides that a ride is meant (a slip, an unknown turn of phrase) has its towns read as those of a bed.
    one_way = pl.col("typo") | _contained() | (pl.col("places").list.len() > 1)
    misread = one_way & ~pl.col("reordered") & _same("places")
    half_turned = ~misread & (_leaves_where_the_other_goes("", "_parent") | _leaves_where_the_other_goes("_parent", ""))
    from_elsewhere = _known("origin_key") & (pl.col("origin_key") != pl.col("origin_key_parent"))
    to_elsewhere = _known("origin_key") & _known("place_key") & (pl.col("place_key") != pl.col("place_key_parent"))
    return (
        pl.when(_apart("phones") & ~mistyped)
        .then(pl.lit("number"))
        .when(_apart("emails"))
        .then(pl.lit("number"))
        .when(turned | half_turned | from_elsewhere | crossed)
        .then(pl.lit("direction"))
        .when(_apart("places") | to_elsewhere)
        .then(pl.lit("place"))
        .when(_known("kind") & _apart("kinds") & ~pl.col("typo"))
        .then(pl.lit("kind"))
    )


def _leaves_where_the_other_goes(one: str, other: str) -> pl.Expr:
    origin, goal = pl.col(f"origin_key{one}"), pl.col(f"place_key{one}")
    meets = origin == pl.col(f"place_key{other}")
    return (meets & (goal.is_null() | (goal != origin))).fill_null(value=False)


def _near() -> pl.Expr:
    """The same words but for what copying does to them: an end cut off, a comment added, a slip of the keyboard.

    A word put in the place of another is no such thing, nor are two that change places: that is how one sentence is used
    for two offers, and a ride for the way back.
    """
    slipped = pl.col("typo") & (pl.col("likeness") >= 0.4) & (pl.col("shared") >= 2)
    enough = ((pl.col("likeness") >= 0.6) & (pl.col("shared") >= 1)) | slipped
    both = (pl.col("credit").is_not_null() | pl.col("cut")) & (pl.col("likeness") >= 0.75) & ~pl.col("count_differs")
    return enough & ~pl.col("reordered") & (_contained() | pl.col("typo") | both)


def _says_less() -> pl.Expr:
    """Nothing the child says of kind and place is unknown to the parent; where one kind is unknown, or leads in one and stands
    second in the other, all places and the count must agree as well."""
    place = pl.col("place_key").is_null() | pl.col("places_parent").list.contains(pl.col("place_key"))
    count = ~_known("capacity") | _same("capacity")
    kinds = ~_known("kind") | (pl.col("kinds").list.set_intersection("kinds_parent").list.len() > 0)
    told = place.fill_null(value=False) & (_same("place_key") | count)
    return (_same("kind") & told) | (kinds & _same("place_key") & _same("places") & count)


def _one_sentence_twice() -> pl.Expr:
    """One word stands where the other has another, and neither names a place: perhaps it is the place, unknown here. Or the
    same words stand in another order: perhaps it is the way back."""
    swapped = pl.col("reordered") & (pl.col("likeness") >= 0.6)
    return swapped | (_placeless() & ~pl.col("near") & ~pl.col("alike_but_asides") & (pl.col("likeness") >= 0.5))


def _verdict() -> list[pl.Expr]:
    """Why the two are one (`why`), or what to ask a person, and what is doubtful where nothing vetoes (`against`)."""
    route, near, crowd = pl.col("route"), pl.col("near"), pl.col("crowd")
    on_contact = route.is_in(["contact", "line"])
    turned = pl.col("reordered") & ((pl.col("likeness") >= 0.9) | (pl.col("one_town") & pl.col("swapped")))
    whole_words = near & ~pl.col("count_differs")
    alike = (pl.col("typo") | pl.col("contained")) & (pl.col("likeness") >= 0.85) & ~pl.col("count_differs")
    copied = route.is_in(["text", "whole"]) & alike & pl.col("reached_alike")
    at_one_place = pl.col("same_place") | pl.col("alike_but_asides")
    on_number = on_contact & (crowd < HOTLINE) & ~pl.col("swapped") & at_one_place
    by_handle = (route == "words") & pl.col("alike_but_asides") & pl.col("offers_places")
    renewed = pl.col("recounted") & (on_number | by_handle)
    told_anew = pl.col("count_differs") & ~pl.col("helping")
    closes = pl.col("closed") & ~pl.col("closed_parent") & (pl.col("kindless") | pl.col("part"))
    why = (
        pl.when(on_contact & whole_words)
        .then(pl.lit("same_words"))
        .when((route == "contact") & pl.col("same_kind") & pl.col("same_place") & (crowd < HOTLINE) & ~turned)
        .then(pl.lit("same"))
        .when(renewed)
        .then(pl.lit("renewed"))
        .when((route == "contact") & pl.col("part") & (crowd < HOTLINE) & ~pl.col("swapped"))
        .then(pl.lit("same_part"))
        .when((route == "words") & whole_words)
        .then(pl.lit("credited"))
        .when((route == "writer") & (crowd < ORGANISER) & pl.col("fewer_numbers") & ~pl.col("swapped") & ~told_anew)
        .then(pl.lit("writer"))
        .when(copied & (crowd < TEMPLATE))
        .then(pl.when("other_number").then(pl.lit("mistyped")).otherwise(pl.lit("copied")))
        .when((route == "offers") & closes)
        .then(pl.lit("closes"))
        .when(on_contact)
        .then(pl.lit("maybe_contact"))
        .when(route.is_in(["words", "writer"]) & (pl.col("likeness") >= 0.6))
        .then(pl.lit("maybe_words"))
        .when((route == "text") & (pl.col("likeness") >= 0.8))
        .then(pl.lit("maybe_text"))
    )
    doubt = (
        pl.when(on_contact & (crowd >= HOTLINE))
        .then(pl.lit("hotline"))
        .when((route == "text") & (crowd >= TEMPLATE))
        .then(pl.lit("template"))
        .when(pl.col("count_differs"))
        .then(pl.lit("count"))
        .when(~pl.col("contained") & ~pl.col("typo"))
        .then(pl.lit("words"))
        .otherwise(pl.lit("less"))
    )
    joins = why.is_in(list(STRENGTH))
    return [why.alias("why"), pl.coalesce("against", pl.when(~joins & why.is_not_null()).then(doubt)).alias("against")]


STRENGTH = {
    "same_words": 0.98,
    "same": 0.95,
    "credited": 0.94,
    "writer": 0.92,
    "renewed": 0.91,
    "copied": 0.9,
    "same_part": 0.88,
    "mistyped": 0.85,
    "closes": 0.82,
}
DOUBT = {"maybe_contact": 0.7, "maybe_words": 0.6, "maybe_text": 0.6, "maybe_closes": 0.55}
VETOES = ("number", "direction", "place", "kind", "stance")


def _strength() -> pl.Expr:
    strength = pl.col("why").replace_strict({**STRENGTH, **DOUBT}, default=0.0, return_dtype=pl.Float64)
    return pl.when(pl.col("against").is_in(VETOES)).then(0.0).otherwise(strength)
