"""Reading posts: categories and facts, against labels made by hand.

Owns the scoring of the labelled posts in `benchmarks/posts` (README there). Takes them in through the collapse and judges
what the exports say; beside that, what the words alone would say.

    python -m benchmarks.reading                             the held-out half: this is what counts
    python -m benchmarks.reading --half work                 the half one may work on
    python -m benchmarks.reading --half work --wrong         each post read wrongly, with its text
    python -m benchmarks.reading --lang nl --lang de         only these languages

`--wrong` is for the work half only: who writes rules with the held-out half in view measures nothing any more. For that
half it is refused unless `--held-too` is given, which is for those who correct labels and write no rules.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from dedupe.collapse import Batch, collapse
from dedupe.exports import export
from dedupe.prepare import read_by_rules
from dedupe.reading.readers import current_reader
from dedupe.store import Store
from dedupe.wording import read_wordings
from ingest.post import UTC_TIME, Post, Provenance, frame, stamp

POSTS = Path(__file__).with_name("posts")
HALVES = ("work", "held")
LANGUAGES = ("nl", "fr", "de", "en")
CATEGORIES = ("offer", "request", "information", "rumour", "sympathy", "blame", "abuse", "other")
HELP = ("offer", "request")
KINDS = (
    "bed", "ride", "food", "shower", "charging", "material", "care", "animal", "children", "language", "parking", "hands",
)  # fmt: skip
FACTS = ("kind", "capacity", "place", "number", "until")
SHOWN = ("offer precision", "offer recall", "request precision", "request recall", "help hidden", "macro F1")
LABELS = pl.Schema(
    {
        "id": pl.String, "lang": pl.String, "text": pl.String, "created_at": pl.String, "category": pl.String, "hard": pl.Boolean,
        "kind": pl.String, "capacity": pl.Int64, "place": pl.String, "number": pl.String, "until": pl.String,
    }
)  # fmt: skip
"""One labelled post. `created_at` carries a zone; `until` is a local time without one (`2026-08-20T22:00`)."""

ZONE = "Europe/Brussels"
INCIDENT = "reading"
WIDTH = 160


def load(half: str, languages: Sequence[str] = LANGUAGES) -> pl.DataFrame:
    """The labelled posts of a half, with the columns of `LABELS`; languages that have no file are left out."""
    files = (POSTS / f"{language}.{half}.ndjson" for language in languages)
    lines = [line for file in files if file.exists() for line in file.read_text(encoding="utf-8").splitlines()]
    return pl.DataFrame([json.loads(line) for line in lines], schema=LABELS)


def read(labelled: pl.DataFrame) -> pl.DataFrame:
    """What the engine makes of labelled posts, taken in as one incident into a store of their own.

    Gives the columns of `LABELS`, and beside the labels what was read, as `read_category`, `read_kind`, …, each a text
    or a number like its label.
    """
    with tempfile.TemporaryDirectory(prefix="helpt-reading-") as folder, Store(Path(folder) / "posts.duckdb") as store:
        posts = stamp(frame([_post(row) for row in labelled.iter_rows(named=True)]), _provenance(labelled))
        collapse(store, posts, Batch(incident=INCIDENT, source="file"))
        links, records = export(store, "links"), export(store, "records", contacts=True)
    got = links.select("id", "record").join(records, on="record", how="left").select(
        "id",
        read_category="category",
        read_kind="kind",
        read_capacity=pl.col("capacity").cast(pl.Int64),
        read_place="place",
        read_number=pl.when(pl.col("contact").str.starts_with("+")).then("contact"),
        read_until=pl.col("until").cast(UTC_TIME).dt.convert_time_zone(ZONE).dt.strftime("%Y-%m-%dT%H:%M"),
    )  # fmt: skip
    return labelled.join(got, on="id", how="left", validate="1:1")


def ruled(texts: pl.Series) -> pl.DataFrame:
    """What the rules alone read of texts, a row for each, in order: what a model needs (`features.READ`), and more."""
    reader = current_reader()
    worded = read_wordings(texts, kept_tags=reader.facts.tags())
    return read_by_rules(worded.with_columns(text="wording", wording=pl.int_range(pl.len())), reader)


def read_as(labelled: pl.DataFrame, category: pl.Series, kind: pl.Series | None = None) -> pl.DataFrame:
    """Labelled posts as `read` gives them, were they read so, and nothing else of them."""
    read_kind = pl.lit(None, pl.String) if kind is None else kind
    return labelled.with_columns(_nothing_read()).with_columns(read_category=category, read_kind=read_kind)


def _post(row: dict[str, str]) -> Post:
    return Post(
        network="bluesky",
        id=row["id"],
        author=row["id"],
        text=row["text"],
        created_at=datetime.fromisoformat(row["created_at"]),
        lang=row["lang"],
    )


def _provenance(labelled: pl.DataFrame) -> Provenance:
    last = max(datetime.fromisoformat(written) for written in labelled["created_at"])
    return Provenance(incident=INCIDENT, source="file", query="labelled posts", collected_at=last)


def score(half: str = "held", languages: Sequence[str] = LANGUAGES) -> pl.DataFrame:
    """How well the posts of a half are read, as `judge` gives it. No rows when no file is there."""
    labelled = load(half, languages)
    return judge(read(labelled)) if labelled.height else judge(labelled.with_columns(_nothing_read()))


def _nothing_read() -> list[pl.Expr]:
    return [pl.lit(None, LABELS[name]).alias(f"read_{name}") for name in ("category", *FACTS)]


def judge(posts: pl.DataFrame) -> pl.DataFrame:
    """Figures of posts with labels and what was read (columns as of `read`): lang, posts, figure, value, of.

    `lang` is a language or `all`, `posts` is `all`, `easy` or `hard`. Figures are `offer precision`, `offer recall`, the
    same of requests, `help hidden` (share of offers and requests that were read as neither), `macro F1` (mean over the
    categories that are labelled or read there), and of each fact `right` (share of the labelled ones that were read as
    labelled, whatever the category) and `absurd` (share of those without the fact in which one was read). What a post holds
    that is no offer or request is not labelled, a number apart: facts but numbers are judged on offers and requests. `of` is
    what `value` is a share of; `value` is null when that is none.
    """
    posts = posts.with_columns(posts=pl.when("hard").then(pl.lit("hard")).otherwise(pl.lit("easy")))
    posts = pl.concat([posts, posts.with_columns(posts=pl.lit("all"))])
    posts = pl.concat([posts, posts.with_columns(lang=pl.lit("all"))])
    figures = [*_category_figures(), *(figure for fact in FACTS for figure in _fact_figures(fact))]
    wide = posts.group_by("lang", "posts").agg(figures)
    long = wide.unpivot(index=["lang", "posts"], variable_name="figure").unnest("value")
    order = {name: place for place, name in enumerate((*LANGUAGES, "all", "easy", "hard"))}
    in_order = [pl.col(name).replace_strict(order, return_dtype=pl.Int8) for name in ("lang", "posts")]
    return long.sort(*in_order, maintain_order=True)


def _category_figures() -> list[pl.Expr]:
    labelled, got = pl.col("category"), pl.col("read_category")
    figures = []
    for name in HELP:
        hit = (labelled == name) & (got == name)
        figures += [_share(hit, got == name, f"{name} precision"), _share(hit, labelled == name, f"{name} recall")]
    helps = labelled.is_in(HELP)
    figures.append(_share(helps & ~got.is_in(HELP).fill_null(value=False), helps, "help hidden"))
    both = [((labelled == name).sum() + (got == name).sum()) for name in CATEGORIES]
    hits = [((labelled == name) & (got == name)).sum() for name in CATEGORIES]
    # Of a category that is neither labelled nor read, 0 / 0: no number, and no part of the mean.
    f1 = [(2 * hit / total).fill_nan(None) for hit, total in zip(hits, both, strict=True)]
    return [*figures, pl.struct(value=pl.mean_horizontal(f1), of=pl.len().cast(pl.Int64)).alias("macro F1")]


def _fact_figures(fact: str) -> list[pl.Expr]:
    labelled, got = pl.col(fact), pl.col(f"read_{fact}")
    judged = pl.lit(value=True) if fact == "number" else pl.col("category").is_in(HELP)
    absent = labelled.is_null() & judged
    return [
        _share(labelled == got, labelled.is_not_null(), f"{fact} right"),
        _share(absent & got.is_not_null(), absent, f"{fact} absurd"),
    ]


def _share(part: pl.Expr, whole: pl.Expr, name: str) -> pl.Expr:
    of = whole.sum().cast(pl.Int64)
    return pl.struct(value=pl.when(of > 0).then(part.sum() / of), of=of).alias(name)


def wrong(posts: pl.DataFrame) -> pl.DataFrame:
    """All that was read otherwise than labelled, of posts as `read` gives them: id, what, expected, got, text."""
    helping = pl.col("category").is_in(HELP)
    parts = []
    for what in ("category", *FACTS):
        judged = pl.lit(value=True) if what in {"category", "number"} else helping
        apart = posts.filter(judged & pl.col(what).ne_missing(pl.col(f"read_{what}")))
        told = [pl.col(what).cast(pl.String).alias("expected"), pl.col(f"read_{what}").cast(pl.String).alias("got")]
        parts.append(apart.select("id", pl.lit(what).alias("what"), *told, "text"))
    return pl.concat(parts).sort("id", maintain_order=True)


def show(figures: pl.DataFrame, console: Console, title: str = "Categories") -> None:
    """Print the figures: a table of the categories, by its title."""
    _show(figures, console, title, SHOWN)


def show_facts(figures: pl.DataFrame, console: Console) -> None:
    """Print the figures of facts, with right and absurd beside each other."""
    facts = tuple(f"{fact} {side}" for fact in FACTS for side in ("right", "absurd"))
    _show(figures, console, "Facts of offers and requests: share (of)", facts)


def _show(figures: pl.DataFrame, console: Console, title: str, columns: Sequence[str]) -> None:
    table = Table("lang", "posts", *columns, title=title)
    for (lang, posts), rows in figures.group_by("lang", "posts", maintain_order=True):
        cells = {row["figure"]: _cell(row["value"], row["of"]) for row in rows.iter_rows(named=True)}
        table.add_row(str(lang), str(posts), *(cells[column] for column in columns))
    console.print(table)


def _cell(value: float | None, of: int) -> str:
    return "–" if value is None else f"{value:.3f} ({of})"


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """What was asked on the command line. Exits with 2 on a wrong use."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reading", description="Reading posts, against labels.")
    parser.add_argument("--half", choices=HALVES, default="held", help="which half of the posts (default: held)")
    parser.add_argument("--lang", choices=LANGUAGES, action="append", help="only this language; may be repeated")
    parser.add_argument("--wrong", action="store_true", help="list what was read wrongly (work half only)")
    parser.add_argument("--held-too", action="store_true", help="list it of the held-out half: to correct labels only")
    asked = parser.parse_args(given)
    if asked.wrong and asked.half == "held" and not asked.held_too:
        parser.error("--wrong shows posts that no rule may be written from: use --half work")
    return asked


def main(given: Sequence[str] | None = None) -> int:
    """Score what was asked and show it, and what the words alone make of it. Returns 0, or 1 without posts."""
    asked = arguments(given)
    labelled = load(asked.half, asked.lang or LANGUAGES)
    if labelled.height == 0:
        print(f"No labelled posts in {POSTS.name}/ for what was asked.", file=sys.stderr)
        return 1
    posts = read(labelled)
    terminal = Console()
    console = terminal if terminal.is_terminal else Console(width=WIDTH)
    figures = judge(posts)
    show(figures, console)
    show_facts(figures, console)
    by_words = read_as(labelled, ruled(labelled["text"])["category"])
    show(judge(by_words).filter(lang="all"), console, "Categories, by the words alone")
    if asked.wrong:
        for row in wrong(posts).iter_rows(named=True):
            print(f"{row['id']}  {row['what']}: expected {row['expected']}, got {row['got']}\n    {row['text']!r}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
