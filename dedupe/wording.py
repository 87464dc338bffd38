"""Wording and contact: what is left of a text after taking away what copying changes, and who to reach.

Owns the reading of marks (RT, MT, via, quotes), links, tags, numbers and addresses. Knows nothing of what words mean,
except which tags are words worth keeping. All of it is expressions on distinct texts; no loop over posts.

The steps, each a function below:
1. fold      entities, compatibility forms, accents, case, invisible characters
2. credit    whose words these are, by the marks of copying; what stands inside the marks is the body
3. contact   numbers and addresses in the body
4. words     the rest as plain words, with `cut` telling that the end is missing
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from dedupe.spread import only_where, spread

HANDLE = r"@([\w][\w.\-]*\w|\w)(?:@[\w.\-]+\w)?"
RT = rf"(?:^\W*\w?|[\W_])(?:rt|mt|prt|hrt)\s*[.:]?\s*{HANDLE}\s*:?"
"""RT and MT marks: `rt @a:`, `rt@a:`, `rt .@a`, `rt: @a`, and one stray character before it at the very start."""
QUOTED = rf"[“”\"„«‟']\s*{HANDLE}\s*[:\s]\s*"
VIA = rf"[(\[]?\b(?:via|h/t|ht|bron|source|quelle|by|door|par|von|from)\s*:?\s*\.?{HANDLE}[)\]]?"
ASK = rf"\b(?:dm|pm|mp|contact|contacteer|contacter|contactez|kontakt|kontaktiert)\s+(?:naar\s+|an\s+|to\s+|a\s+)?{HANDLE}"
LINK = r"(?:https?://|www\.)\S*|\b[\w\-]+(?:\.[\w\-]+)*\.(?:com|be|nl|fr|de|lu|eu|org|net|ly|co|me|gl|tv|it|uk|example)/\S*"
CHAT = r"(?:https?://)?(?:wa\.me/|(?:api|web)\.whatsapp\.com/send/?\?phone=)\+?(\d{9,14})\S*"
"""A link that calls a number."""
EMAIL = r"[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+"
BETWEEN, SPREAD = r"[\s./()_\-]{0,2}", r"[\s./()_\-*:|,]{0,3}"
NUMBER = (
    rf"\b0(?: ?4 ?[5-9]|6{BETWEEN}\d)(?:{SPREAD}\d){{7}}\b"  # a mobile of Belgium, the Netherlands or France, and no figure more
    rf"|\b0 1[5-7](?:{BETWEEN}\d){{8,9}}\b"  # a mobile of Germany, its 0 apart
    r"|(?:\+|\b00)\s?\d(?:[\s./()_\-]{0,3}\d){7,13}"  # international
    r"|\b0[1-9](?:[\s.\-]\d\d){4}\b"  # five pairs, as in France
    rf"|\(?\b0[1-9](?:{BETWEEN}\d){{6,10}}"  # national
    r"|\b[46]\d\d(?:[\s./\-]?\d){6}\b"  # a mobile number of Belgium or the Netherlands without its 0, or of Luxembourg
    r"|\b[2-9]\d\d[.\-][2-9]\d\d[.\-]\d{4}\b"  # North America
    r"|\b[1-9]\d{9,11}\b"  # a run of ten or more digits: a local number of some other country
)
DATE = r"\b(\d{1,2})[/.\-](\d{1,2})[/.\-]((?:19|20)\d\d)\b"
NO_NUMBER = (
    r"\b[a-z]{2}\d{2}(?:[ .]?[a-z0-9]{4}){2,}(?:[ .]?\d{1,4})?\b"  # an account (IBAN)
    r"|\b(?:btw|tva|kbo|bce|rpr|rpm|vat|ust)\W{0,3}(?:nr\W{0,2})?(?:be)?\W?[01]\d{3}[. ]?\d{3}[. ]?\d{3}\b"  # a firm
    r"|\bbe ?[01]\d{3}\.\d{3}\.\d{3}\b"
    r"|\b\d\d\.\d\d\.\d\d[\-. ]\d{3}[.\-]\d\d\b"  # a person, by the Belgian register
    r"|\b\d{1,3}(?:[ .]\d{3})+ ?(?:euros?\b|eur\b|€)|€ ?\d{1,3}(?:[ .]\d{3})+\b"  # a price
)
"""Figures that could pass for a number to call."""
TOUCHES = r"(?:(?:\+|\(|\b)\d[\d\s./()_\-]*|[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)*\s*)"
"""A number or an address, whole or its beginning."""
SPACED = r"(\d) ([/\-]) (\d)"
"""A stroke with room around it ("0475 / 12 34 56")."""
TWO_NUMBERS = r"(\d\d[\s.]?\d\d\d?[\s.]?\d\d)[/,] ?(0\d\d|\+\d\d)"
"""Two numbers with a stroke or comma between them: the end of the one and the beginning of the other."""
SERVICE = r"^(?:800|900|90[0-9]|78|70)\d{5,6}$"
"""National numbers that are lines for everyone (free, shared cost, paid): they say nothing about who offers."""

ENTITIES = {
    "&amp;": "&",
    "&lt;": "<",
    "&gt;": ">",
    "&quot;": '"',
    "&#39;": "'",
    "&#039;": "'",
    "&#x27;": "'",
    "&apos;": "'",
    "&nbsp;": " ",
}
LETTERS = {
    "<3": " ",
    "ß": "ss",
    "œ": "oe",
    "æ": "ae",
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "ı": "i",
    "‘": "'",
    "’": "'",
    "–": "-",
    "—": "-",
}

FULL_LENGTH = 140
"""Where X cut texts for years without a mark, in characters."""
LONGEST = 20_000
"""Characters of a text that are read; what comes after is kept in the post but does not count for its wording."""
LONG_ENOUGH_TO_CUT = 110
"""Characters from which `...` at the end of somebody's own text is taken for a cut and not for a sigh."""
FEW_WORDS = 8
"""A quote or reply of at most this many words says something about the post it points at, not something of its own."""


def read_wordings(texts: pl.Series, *, kept_tags: Collection[str]) -> pl.DataFrame:
    """Read distinct texts.

    `kept_tags` are the folded words that stay when written as a tag (`#genk` is a place, `#hasselthelpt` is not).

    Returns one row per text, in order: `text`, `wording` (str), `credit` (folded handle or null), `ask` (the handle to
    write to, or null), `phones` (sorted last nine digits), `numbers` (the numbers as written), `emails` (sorted), `cut`
    (bool), `words` (u32).
    """

    def read(part: pl.DataFrame) -> pl.DataFrame:
        return _read_words(_read_contact(_read_bodies(part)), kept_tags).select(list(READ))

    return spread(pl.DataFrame({"text": texts.cast(pl.String)}), read)


def read_numbers(texts: pl.Series) -> pl.Series:
    """The whole numbers in each text as they are written, in their order; those of accounts and firms left out."""

    def read(part: pl.DataFrame) -> pl.DataFrame:
        bodies = _read_bodies(part)
        return _read_contact(bodies.with_columns(pl.col("body").str.replace_all(NO_NUMBER, " "))).select("numbers")

    return spread(pl.DataFrame({"text": texts.cast(pl.String)}), read)["numbers"]


def _read_bodies(part: pl.DataFrame) -> pl.DataFrame:
    """Steps 1 and 2, and no links: `folded`, `credit`, `ask` and `body`."""
    folded = only_where(part.with_columns(folded=_lower(pl.col("text").str.slice(0, LONGEST))), ODD, _fold_all)
    credited = only_where(
        folded.with_columns(body="folded"), pl.col("folded").str.contains("@", literal=True), _read_credit
    )
    return only_where(credited, pl.col("body").str.contains(r"/|www\.|\d[.\-]\d|\d - \d|\d ?, ?[0+]\d"), _drop_links)


READ = ("text", "wording", "credit", "ask", "phones", "numbers", "emails", "cut", "words")
ODD = pl.col("text").str.contains(r"[^\x20-\x7e]|&|<3")
"""Texts with more than plain ASCII: accents, entities, line ends, hearts."""


def _lower(text: pl.Expr) -> pl.Expr:
    return text.str.to_lowercase().str.strip_chars()


def _fold_all(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(folded=fold(pl.col("text").str.slice(0, LONGEST)))


def fold(text: pl.Expr) -> pl.Expr:
    """Lower case without accents, entities, compatibility forms or invisible characters; `…` becomes `...`."""
    return (
        text.str.replace_many(ENTITIES)
        .str.replace_many(ENTITIES)
        .str.normalize("NFKD")
        .str.replace_all(r"[\p{M}\p{Cf}]", "")
        .str.to_lowercase()
        .str.replace_all(r"[\s\p{Cc}]+", " ")
        .str.replace_many(LETTERS)
        .str.strip_chars()
    )


def stem(handle: pl.Expr) -> pl.Expr:
    """The part of a handle a person keeps across networks: `@Jan_P@server` and `jan-p.bsky.social` both give `janp`.

    A longer domain of one's own counts whole: `info.one.example` and `info.two.example` are two.
    """
    name = handle.str.to_lowercase().str.strip_chars_start("@").str.extract(r"^([^@]*)", 1)
    own_domain = (name.str.count_matches(".", literal=True) > 1) & ~name.str.ends_with(".bsky.social")
    bare = pl.when(own_domain).then(name).otherwise(name.str.extract(r"^([^.]*)", 1))
    cleaned = bare.str.replace_all(r"[^\p{L}\p{N}]", "")
    return pl.when(cleaned != "").then(cleaned).otherwise(handle)


def _read_credit(frame: pl.DataFrame) -> pl.DataFrame:
    """Who is credited (the innermost mark wins) and what stands inside the marks: the body."""
    folded = pl.col("folded")
    frame = frame.with_columns(
        inside=folded.str.replace(rf"(?s)^.*{RT}", ""),
        retold=folded.str.extract(rf"(?s)^.*{RT}", 1),
        quoted=folded.str.extract(QUOTED, 1),
        via=folded.str.extract(VIA, 1),
        ask=stem(folded.str.extract(ASK, 1)),
    )
    inside = pl.col("inside")
    frame = frame.with_columns(
        inside=pl.when(pl.col("quoted").is_null() | pl.col("retold").is_not_null())
        .then(inside)
        .otherwise(inside.str.replace(rf"(?s)^.*?{QUOTED}", "").str.replace(r"[“”\"„»‟'].*$", ""))
    )
    bare = folded.str.replace_all(RT, " ").str.replace_all(QUOTED, " ")
    body = pl.when(inside.str.count_matches(r"\w\w") >= 4).then(inside).otherwise(bare)
    return frame.with_columns(
        credit=stem(pl.coalesce("retold", "quoted", "via")),
        body=body.str.replace_all(VIA, " "),
    )


def _drop_links(rows: pl.DataFrame) -> pl.DataFrame:
    """Without links; dates keep their figures, but in a form in which they are no number to call, and numbers stand apart."""
    body = pl.col("body").str.replace_all(CHAT, " +$1 ").str.replace_all(LINK, " ")
    body = body.str.replace_all(DATE, "${1}\u00b7${2}\u00b7$3")
    return rows.with_columns(body=body.str.replace_all(SPACED, "$1$2$3").str.replace_all(TWO_NUMBERS, "$1; $2"))


def _read_contact(frame: pl.DataFrame) -> pl.DataFrame:
    """Numbers (as their last nine national digits, however they are written) and e-mail addresses of the body."""
    frame = frame.with_columns(body=_without_cut_number())
    body = pl.col("body")
    frame = frame.with_row_index("row").with_columns(
        numbers=body.str.extract_all(NUMBER), emails=body.str.extract_all(rf"(?:^|[^@\w.]){EMAIL}")
    )
    phones = _each(frame, "numbers", _last_digits(pl.col("numbers")).alias("phones"))
    emails = _each(frame, "emails", pl.col("emails").str.extract(rf"({EMAIL})"))
    none = pl.lit([], pl.List(pl.String))
    return (
        frame.drop("emails")
        .join(phones, on="row", how="left", maintain_order="left")
        .join(emails, on="row", how="left", maintain_order="left")
        .with_columns(pl.col("phones", "emails").fill_null(none))
        .drop("row")
    )


def _is_cut() -> tuple[pl.Expr, pl.Expr]:
    """Whether the end is missing: with a mark (`...` on a copy, or on a text too long to end so by choice), and without."""
    credited = pl.col("credit").is_not_null()
    length = pl.col("text").str.len_chars()
    marked = pl.col("body").str.contains(r"\.{3}[\s\"'”“»)\]|<>_*\-]*$") & (credited | (length >= LONG_ENOUGH_TO_CUT))
    return marked, ~marked & credited & length.is_between(FULL_LENGTH - 1, FULL_LENGTH)


def _without_cut_number() -> pl.Expr:
    """The body without a number or address that touches its cut end: some of it may be gone."""
    marked, unmarked = _is_cut()
    body = pl.col("body")
    at_mark = body.str.replace(rf"{TOUCHES}(\.{{3}}[^\p{{L}}\p{{N}}]*)$", "$1")
    at_end = body.str.replace(rf"{TOUCHES}$", "")
    return pl.when(marked).then(at_mark).when(unmarked).then(at_end).otherwise(body)


def _each(frame: pl.DataFrame, column: str, expression: pl.Expr) -> pl.DataFrame:
    """Apply an expression to every element of a list column; gives `row` and the sorted distinct results, where any."""
    return (
        frame.lazy()
        .select("row", column)
        .filter(pl.col(column).list.len() > 0)
        .explode(column, empty_as_null=False)
        .select("row", expression)
        .drop_nulls()
        .group_by("row")
        .agg(pl.all().unique().sort())
        .collect()
    )


def _last_digits(number: pl.Expr) -> pl.Expr:
    """The last nine digits of the national number, alike for `+32 (0)475 12 34 56` and `0475/12.34.56`; null for a
    service line."""
    digits = number.str.replace(r"\(0\)", "").str.replace_all(r"[^\d+]", "").str.replace(r"^00", "+")
    abroad = digits.str.replace(r"^\+(?:32|31|33|49|352|44|1)0?", "").str.replace(r"^\+", "")
    local = digits.str.replace(r"^(04[5-9]\d{7})\d+$", "$1").str.replace(r"^0", "")
    national = pl.when(digits.str.starts_with("+")).then(abroad).otherwise(local)
    last = national.str.slice(-9)
    usable = (national.str.len_chars() >= 7) & ~national.str.contains(SERVICE)
    return pl.when(usable).then(last)


def _read_words(frame: pl.DataFrame, kept_tags: Collection[str]) -> pl.DataFrame:
    """The body as words: without addresses, numbers, mentions and idle tags, and without the half word at a cut."""
    body = pl.col("body").str.replace_all(EMAIL, " ").str.replace_all(HANDLE, " ").str.replace_all(NUMBER, " ")
    frame = frame.with_columns(body=body)
    frame = frame.with_columns(body=_with_kept_tags(frame["body"], kept_tags))
    marked, unmarked = _is_cut()
    tail = pl.col("body").str.strip_chars_end(" \"'”“»)]|<>-_*")
    cut = marked | unmarked
    whole = (
        pl.when(marked)
        .then(tail.str.replace(r"(?:[^\s.]+)?\.{3,}$", ""))
        .when(unmarked)
        .then(tail.str.replace(r"\S+$", ""))
        .otherwise(tail)
    )
    whole = pl.when(cut).then(whole.str.replace(r"[\d\s./+()\-]+$", "")).otherwise(whole)
    plain = (
        whole.str.replace_all(r"(\d)[.,:](\d)", "${1}\u00b7$2")
        .str.replace_all(r"[^\p{L}\p{N}\u00b7?]+", " ")
        .str.replace_all(r"[?][? ]*", " ? ")
        .str.replace_all("\u00b7", ".", literal=True)
        .str.replace_all(r" {2,}", " ")
        .str.strip_chars()
    )
    return frame.with_columns(cut=cut, wording=plain).with_columns(
        words=pl.when(pl.col("wording") == "")
        .then(0)
        .otherwise(pl.col("wording").str.count_matches(" ", literal=True) + 1)
    )


def _with_kept_tags(bodies: pl.Series, kept_tags: Collection[str]) -> pl.Series:
    """Tags that are words become words; the others go. Each distinct tag is judged once."""
    found = bodies.str.extract_all(r"#\w+").explode(empty_as_null=False).unique().drop_nulls().to_list()
    tags = sorted(found, key=len, reverse=True)  # the longest first: #genk must not match in #genkhelpt
    words = [f" {tag[1:]} " if tag[1:] in kept_tags else " " for tag in tags]
    return bodies.str.replace_many(tags, words, leftmost=True) if words else bodies
