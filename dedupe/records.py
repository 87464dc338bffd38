"""Records: what the wordings that belong together say as one entry.

Owns which records a batch touches and their rows. What a record says and shows is copied from its earlier row while it
stays the same: only what counts changes with every post, and only narrow columns of all posts are read for that.
"""

from __future__ import annotations

import polars as pl

from dedupe import statements
from dedupe.store import Transaction

RELABELLED = "a person said so"

RECORD_COLUMNS = (
    "root", "record", "incident", "category", "certainty", "category_why", "kind", "kinds", "place", "place_key", "lat", "lon",
    "capacity", "contact", "author", "network", "url", "lang", "text", "state", "proposal", "proposal_post", "shown", "posts",
    "reposts", "networks", "first_post", "first_seen", "last_seen", "last_confirmed",
)  # fmt: skip


def refresh_records(tx: Transaction, number: int, wordings: pl.DataFrame, links: pl.DataFrame) -> int:
    """Write the records anew to which `wordings` belong and which `links` (already written) touch. Gives how many.

    A root whose posts are all edited away or taken down, or that joined another, gets a row with posts = 0.
    """
    wanted = pl.concat([wordings.select("wording"), links.select("wording")]).unique()
    stand = tx.read(statements.roots_of_wordings(), {"batch": number}, frames={"wanted": wanted})
    touched = pl.concat([stand["root"], stand["earlier"]]).drop_nulls().unique().to_frame("root")
    members = tx.read(statements.members_of_roots(), frames={"wanted": touched})
    counted = tx.read(statements.record_counts(), frames={"members": members})
    before = tx.read(statements.earlier_records(), frames={"wanted": touched})
    rows = (
        touched.join(counted, on="root", how="left")
        .join(_heads(tx, number, counted, before), on="root", how="left")
        .join(_words(tx, number, counted, before), on="shown", how="left")
        .join(_labels(tx, members), on="root", how="left")
        .with_columns(_labelled())
        .with_columns(pl.col("posts").fill_null(0), pl.col("state").fill_null("available"))
    )
    tx.append("records", rows.select(*RECORD_COLUMNS, pl.lit(number, pl.Int64).alias("batch")))
    return rows.height


def _heads(tx: Transaction, number: int, counted: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """What the first wording of each record says for it. A row that a person relabelled does not tell any more."""
    told = before.drop_nulls("category").filter(pl.col("category_why") != RELABELLED).sort("batch")
    told = told.unique("root", keep="last").select("root", *statements.HEAD)
    return _complete(tx, number, counted.select("root"), told, statements.heads_of_wordings())


def _words(tx: Transaction, number: int, counted: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """The post that each record shows."""
    told = before.drop_nulls("shown").unique("shown").select("shown", *statements.WORDS)
    return _complete(tx, number, counted.select("shown"), told, statements.words_of_versions())


def _complete(tx: Transaction, number: int, wanted: pl.DataFrame, told: pl.DataFrame, statement: str) -> pl.DataFrame:
    """`told` with what it lacks of `wanted` (one column): from what this batch brought, else from all there is."""
    on = wanted.columns[0]
    for since in (number, 0):
        missing = wanted.join(told, on=on, how="anti")
        if missing.height:
            told = pl.concat([told, tx.read(statement, {"since": since}, frames={"wanted": missing}).unique(on)])
    return told


def _labels(tx: Transaction, members: pl.DataFrame) -> pl.DataFrame:
    """What people said of the records: `root`, `label`, `state`."""
    if tx.read("select 1 from decisions limit 1").height == 0:
        return pl.DataFrame(schema={"root": pl.Int64, "label": pl.String, "state": pl.String})
    return tx.read(statements.labels_of_records(), frames={"members": members})


def _labelled() -> list[pl.Expr]:
    """The category a person gave goes before what the words say."""
    machine = pl.col("label").is_null()
    return [
        pl.coalesce("label", "category").alias("category"),
        pl.when(machine).then("certainty").otherwise(1.0).alias("certainty"),
        pl.when(machine).then("category_why").otherwise(pl.lit(RELABELLED)).alias("category_why"),
    ]
