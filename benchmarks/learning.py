"""Learning: what labels bring, on messages somebody else labelled and on this project's own posts.

    python -m benchmarks.learning --data FOLDER     FOLDER holds disaster_response_messages.parquet
    python -m benchmarks.learning                   the project's labelled posts alone, where there are some

Teaches from one half, chosen by seed, and scores on the other, which decides nothing: rules alone and with what was learnt,
per event; then the curve from 0 to 500 labels. A model counts only where it would have been promoted. Prints tables.

"Rules" is helpt as it comes, the shipped model included. That was taught by the project's own posts among others: figures on
those flatter.

Disaster Response Messages: Robert Munro, CC BY 4.0; its labels are offer, request, information and other.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from rich.console import Console
from rich.table import Table

from dedupe.keys import digest
from dedupe.learning.features import READ
from dedupe.learning.model import Model
from dedupe.learning.scores import Scores, score
from dedupe.learning.training import Lessons, lessons_of, told, try_out
from dedupe.naming import distinct_wordings, name_wordings
from dedupe.prepare import identify, read_new
from dedupe.reading.facts import default_reader

MESSAGES = "disaster_response_messages.parquet"
OWN = Path(__file__).parent / "posts"
CURVE = (0, 20, 50, 100, 200, 500)
SPEED = 5_000
SHOWN = ("offer", "request")


def read_labelled(posts: pl.DataFrame) -> pl.DataFrame:
    """What training wants of `posts` (text, label, and what else they have), a row for each."""
    blank = pl.lit(None, pl.String)
    written = pl.datetime(2011, 8, 18, time_zone="UTC")
    rows = posts.with_row_index("place").select(
        pl.col("place").cast(pl.String).alias("id"), "text", incident=pl.lit("bench"), network=pl.lit("file"),
        author=pl.lit("u") + pl.col("place").cast(pl.String), created_at=written, edited_at=pl.lit(None, pl.Datetime("us", "UTC")),
        author_name=blank, repost_of=blank, quote_of=blank, reply_to=blank,
    )  # fmt: skip
    named = name_wordings(identify(rows), default_reader().tags())
    known = read_new(distinct_wordings(named)).with_columns(
        counted=pl.col("capacity").is_not_null(), placed=pl.col("place_key").is_not_null(),
        reached=(pl.col("phones").list.len() > 0) | (pl.col("emails").list.len() > 0),
    )  # fmt: skip
    read = named.select("wording").join(known.select(READ), on="wording", how="left", maintain_order="left")
    when = pl.datetime(2011, 8, 18, time_zone="UTC").alias("decided_at")
    return posts.hstack(read.drop("text")).with_columns(read["text"], when, key=digest(pl.col("text")))


def teach_from(labelled: pl.DataFrame) -> Model | None:
    """The model these labels would put in force; None when it would be refused."""
    lessons = lessons_of(labelled)
    trial = try_out(lessons, None, known=np.ones(labelled.height, dtype=bool), present_apart=False)
    return trial.model if trial.better else None


def said_of(model: Model | None, labelled: pl.DataFrame, categories: Sequence[str] | None) -> Scores:
    """How records come out. What is none of `categories` counts as other, where the labels know no more."""
    lessons: Lessons = lessons_of(labelled)
    said = told(model, lessons)
    if categories is not None:
        said = said.set(~said.is_in(categories), "other")
    return score(said, pl.Series(lessons.labels))


def halves(labelled: pl.DataFrame, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Two halves, by chance; the same words lie in one of them."""
    groups = labelled["wording"].unique().sort().sample(fraction=1.0, shuffle=True, seed=seed)
    first = labelled.join(groups.head(len(groups) // 2).to_frame(), on="wording", how="semi")
    return first, labelled.join(first, on="wording", how="anti")


def events_table(labelled: pl.DataFrame, categories: Sequence[str] | None, seed: int) -> Table:
    """Rules alone and after learning from one half, on the other: all of it, and each event."""
    first, second = halves(labelled, seed)
    began = time.perf_counter()
    model = teach_from(first)
    seconds = time.perf_counter() - began
    title = f"Taught by {first.height:,} labels in {seconds:.1f} s, scored on {second.height:,} others" + (
        "" if model else " (refused)"
    )
    shown = (f"{category} {figure}" for category in SHOWN for figure in ("n", "P", "R"))
    table = Table("event", "", *shown, "macro F1", "right", title=title)
    parts = [("all", second)]
    if "event" in second.columns:
        events = second.with_columns(pl.col("event").fill_null("NULL").replace("NULL", "not told"))
        parts += [
            (str(name), part) for (name,), part in sorted(events.group_by("event"), key=lambda each: str(each[0]))
        ]
    for name, part in parts:
        for way, by in (("rules", None), ("learnt", model)):
            table.add_row(name, way, *_cells(said_of(by, part, categories)))
    return table


def _cells(found: Scores) -> list[str]:
    cells = []
    for category in SHOWN:
        of = found.of(category)
        cells += [str(of.labels), f"{of.precision:.2f}", f"{of.recall:.2f}"] if of else ["0", "–", "–"]
    return [*cells, f"{found.macro_f1:.3f}", f"{found.right:.3f}"]


def curve_table(labelled: pl.DataFrame, categories: Sequence[str] | None, seeds: int) -> Table:
    """From 0 to 500 labels out of one half, scored on the other: means over seeds."""
    title = f"The curve: means of {seeds} draws"
    table = Table("labels", "promoted", *(f"{each} F1" for each in SHOWN), "macro F1", "right", title=title)
    for count in CURVE:
        found, promoted = [], 0
        for seed in range(1, seeds + 1):
            first, second = halves(labelled, seed)
            if first.height < count:
                break
            model = teach_from(first.sample(count, seed=seed)) if count else None
            promoted += model is not None
            found.append(said_of(model, second, categories))
        if found:
            f1 = [[each.f1 for scores in found if (each := scores.of(category))] for category in SHOWN]
            macro, right = ([getattr(scores, name) for scores in found] for name in ("macro_f1", "right"))
            means = (f"{statistics.mean(each):.3f}" if each else "–" for each in (*f1, macro, right))
            table.add_row(str(count), f"{promoted} of {len(found)}" if count else "–", *means)
    return table


def seconds_at(labelled: pl.DataFrame, count: int, seed: int) -> float:
    """What a whole training takes at so many labels (some twice, where there are fewer): features, trial, model."""
    many = labelled.sample(count, with_replacement=labelled.height < count, shuffle=True, seed=seed)
    many = many.with_columns(key=digest(pl.int_range(pl.len()).cast(pl.String)))
    began = time.perf_counter()
    teach_from(many)
    return time.perf_counter() - began


def own_posts() -> pl.DataFrame | None:
    """The project's labelled posts of the half that may be worked on; None where there are none."""
    files = sorted(OWN.glob("*.work.ndjson"))
    parts = [pl.read_ndjson(file).select("text", label="category") for file in files]
    return pl.concat(parts) if parts else None


def main() -> int:
    """Measure and show."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.learning", description="What labels bring.")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help=f"where {MESSAGES} is")
    parser.add_argument("--seed", type=int, default=1, help="of the halves")
    parser.add_argument("--draws", type=int, default=5, help="of the curve")
    asked = parser.parse_args()
    console = Console() if sys.stdout.isatty() else Console(width=120)
    sets: list[tuple[str, pl.DataFrame, Sequence[str] | None]] = []
    if asked.data:
        messages = pl.read_parquet(asked.data / MESSAGES).drop_nulls("text")
        sets.append(("Disaster Response Messages", messages, messages["label"].unique().to_list()))
    if (own := own_posts()) is not None:
        sets.append(("the project's own posts", own, None))
    if not sets:
        parser.error("nothing to measure on: name --data FOLDER")
    for name, posts, categories in sets:
        labelled = read_labelled(posts)
        console.print(f"\n[bold]{name}[/bold]: {labelled.height:,} posts", highlight=False)
        console.print(events_table(labelled, categories, asked.seed))
        console.print(curve_table(labelled, categories, asked.draws))
        console.print(
            f"a training at {SPEED:,} labels: {seconds_at(labelled, SPEED, asked.seed):.1f} s", highlight=False
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
