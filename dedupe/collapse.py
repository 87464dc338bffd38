"""The collapse: a batch of posts in, one record per offer out.

Owns the order of the steps and the one transaction they end in. Knows no network and no screen.

1. prepare     all that can be told without the store: wordings, writers, pointers, facts, keys (`prepare.py`)
2. known       leave out versions of posts that the store has, and find those that are no longer the newest
3. new         which wordings, writers, keys and pointers the store has not
4. neighbours  whose parent the batch may change
5. parents     judge pairs, choose one parent each; what a network or a person said goes first
6. roots       follow parents to the record
7. write       posts, wordings, links, records, cursor: all or nothing

The store is the memory: nothing is kept between batches. A batch of any size, in any order, again and again, gives the
same records.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from dedupe import statements
from dedupe.naming import post_digest
from dedupe.prepare import Prepared, prepare
from dedupe.records import refresh_records
from dedupe.relink import Change, relink
from dedupe.removals import spelled_out
from dedupe.sightings import find_sightings
from dedupe.store import Store, Transaction

log = logging.getLogger(__name__)

POST_COLUMNS = (
    "post", "version", "wording", "writer", "incident", "network", "id", "author", "text", "created_at", "url", "author_name", "lang",
    "repost_of", "quote_of", "reply_to", "reposts", "likes", "edited_at", "labels", "source", "query", "collected_at",
)  # fmt: skip

RETIRED = pl.Schema(
    {"post": pl.Int64(), "version": pl.Int64(), "reason": pl.String(), "retired_at": pl.Datetime("us", "UTC")}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Where a batch came from and where its source goes on: one row of the table `batches`."""

    incident: str
    source: str
    query: str = ""
    cursor: str | None = None
    refused: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Collapsed:
    """What became of a batch: posts read, new, already known, removed; records touched; seconds it took."""

    read: int
    new: int
    known: int
    removed: int
    records: int
    seconds: float


def collapse(
    store: Store, posts: pl.DataFrame | Prepared, batch: Batch, *, removals: pl.DataFrame | None = None
) -> Collapsed:
    """Take a batch in. `posts` has the columns of the table `posts` that a source knows (network, id, author, text,
    created_at, … collected_at), or is what `prepare` made of them; `removals` has network, id, removed_at, reason, and may
    have `whole`: then its id is how the ids of the posts begin. Posts that are known but were seen with other counts or
    labels are no new version.

    Raises StoreError (nothing of the batch is written then).
    """
    began, started = time.perf_counter(), datetime.now(UTC)
    prepared = posts if isinstance(posts, Prepared) else prepare(posts)
    read = prepared.posts.height
    with store.transaction() as tx:
        number = _next_batch(tx)
        if removals is not None:
            removals = spelled_out(tx, removals, prepared.posts, batch.incident)
        fresh, retired = _leave_known(tx, prepared.posts, removals, batch)
        seen = find_sightings(tx, prepared.posts.join(fresh, on="version", how="anti"))
        tx.append("sightings", seen.with_columns(batch=pl.lit(number, pl.Int64)))
        recounted = pl.concat([retired.select("post"), seen.select("post")]).unique()
        touched = _take_in(tx, number, fresh, prepared, retired, recounted, batch.incident)
        tx.append("batches", _log_row(number, batch, started, read, fresh.height, removals))
    seconds = time.perf_counter() - began
    done = Collapsed(
        read=read, new=fresh.height, known=read - fresh.height,
        removed=0 if removals is None else removals.height, records=touched, seconds=seconds,
    )  # fmt: skip
    log.info(
        "batch %d from %s: %d posts, %d new, %d records touched, %.2f s",
        number,
        batch.source,
        done.read,
        done.new,
        done.records,
        seconds,
    )
    return done


def _next_batch(tx: Transaction) -> int:
    return int(tx.read("select coalesce(max(batch), 0) + 1 as number from batches").item())


def _log_row(
    number: int, batch: Batch, started: datetime, fetched: int, new: int, removals: pl.DataFrame | None
) -> pl.DataFrame:
    row = {
        "batch": number, "incident": batch.incident, "source": batch.source, "query": batch.query, "cursor": batch.cursor,
        "started_at": started, "finished_at": datetime.now(UTC), "fetched": fetched, "new": new, "known": fetched - new,
        "refused": batch.refused, "removed": 0 if removals is None else removals.height, "error": batch.error,
    }  # fmt: skip
    return pl.DataFrame([row], schema_overrides={"cursor": pl.String, "error": pl.String})


def _leave_known(
    tx: Transaction, posts: pl.DataFrame, removals: pl.DataFrame | None, batch: Batch
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """2. known: the posts the store has not, and the versions (old or new) that are no longer the newest.

    The newest is told by what the post says of itself, not by when it reached us: arrival in any order gives the same.
    """
    posts = posts if posts["version"].is_unique().all() else posts.unique("version", keep="first", maintain_order=True)
    there = tx.read(statements.known_versions(), frames={"wanted": posts.select("post").unique()})
    fresh = posts.join(there, on="version", how="anti")
    both = pl.concat([there, fresh.select("post", "version")]).unique()
    several = both.filter(pl.col("post").is_duplicated()).select("post").unique()
    retired = _outdated(tx, fresh.join(several, on="post", how="semi"), several)
    if removals is not None and removals.height:
        gone = removals.with_columns(incident=pl.lit(batch.incident)).select(
            post=post_digest("id"), version=pl.lit(None, pl.Int64), reason="reason", retired_at="removed_at"
        )
        retired = pl.concat([retired, gone], how="vertical_relaxed")
    return fresh, retired


def _outdated(tx: Transaction, fresh: pl.DataFrame, several: pl.DataFrame) -> pl.DataFrame:
    """Of posts that have several versions (`post`), those in the store or in `fresh` that are not the newest any more.

    Not every network dates an edit: of versions written at one time, the one that was collected later is the newer.
    """
    if several.height == 0:
        return pl.DataFrame(schema=RETIRED)
    there = tx.read(statements.versions_of_posts(), frames={"wanted": several})
    columns = ["post", "version", "written_at", "collected_at"]
    here = fresh.select(*columns, retired=pl.lit(value=False))
    versions = pl.concat([there.select(here.columns), here], how="vertical_relaxed")
    newest = pl.col("version").sort_by("written_at", "collected_at", "version").last().over("post")
    outdated = versions.filter((pl.col("version") != newest) & ~pl.col("retired"))
    return outdated.select("post", "version", reason=pl.lit("edited"), retired_at=pl.col("written_at"))


def _take_in(
    tx: Transaction, number: int, fresh: pl.DataFrame, prepared: Prepared, retired: pl.DataFrame, recounted: pl.DataFrame,
    incident: str,
) -> int:  # fmt: skip
    """3. to 7.: gives how many records were touched; `recounted` (post) are known posts that count otherwise now."""
    batch = pl.lit(number, pl.Int64).alias("batch")
    new = _leave_known_wordings(tx, fresh, prepared)
    again = (
        pl.concat([new.keys.select("wording"), new.pointers.select("wording")])
        .unique()
        .join(new.wordings.select("wording"), on="wording", how="anti")
    )
    for table, rows in (
        ("posts", fresh.select(POST_COLUMNS)),
        ("retired", retired),
        ("wordings", _flat(new.wordings)),
        ("writers", new.writers),
        ("pointers", new.pointers),
    ):
        tx.append(table, rows.with_columns(batch))
    change = Change(incident=incident, wordings=new.wordings, keys=new.keys, again=again, posts=fresh.select("post"))
    links, suggestions = relink(tx, change)
    for table, rows in (
        ("keys", new.keys.with_columns(pl.col("told").fill_null(0))),
        ("links", links),
        ("suggestions", suggestions),
    ):
        tx.append(table, rows.with_columns(batch))
    stirred = fresh.select("wording")
    if recounted.height:
        known = tx.read(statements.every_wording_of_posts(), frames={"wanted": recounted})
        stirred = pl.concat([stirred, known.select("wording")])
    return refresh_records(tx, number, stirred, links)


def _leave_known_wordings(tx: Transaction, fresh: pl.DataFrame, prepared: Prepared) -> Prepared:
    """3. new: a known wording brings what new writers make it found by, and where its new posts point."""
    wanted = fresh.select("wording").unique()
    known = tx.read(statements.known_wordings(), frames={"wanted": wanted})
    writers = tx.read(statements.known_writers(), frames={"wanted": known})
    pointers = tx.read(statements.pointers_of_wordings(), frames={"wanted": known})
    new = wanted.join(known, on="wording", how="anti")
    new_writers = prepared.writers.join(wanted, on="wording", how="semi").join(
        writers, on=["wording", "writer"], how="anti"
    )
    # Of a known wording the rank that the store has counts, should the word lists have changed since.
    renewed = (
        prepared.keys.drop("rank").join(known, on="wording").join(new_writers, on=["wording", "handle"], how="semi")
    )
    keys = pl.concat([prepared.keys.join(new, on="wording", how="semi"), renewed.select(prepared.keys.columns)])
    return Prepared(
        posts=fresh,
        wordings=prepared.wordings.join(new, on="wording", how="semi"),
        writers=new_writers,
        pointers=prepared.pointers.join(wanted, on="wording", how="semi").join(
            pointers, on=["wording", "target", "how", "author"], how="anti", nulls_equal=True
        ),
        keys=keys.drop("handle"),
    )


def _flat(wordings: pl.DataFrame) -> pl.DataFrame:
    """Wordings as the store keeps them: no lists, and no nulls in what is looked up."""
    return wordings.with_columns(
        pl.col("phones", "emails", "kinds", "places", "conditions", "reach", "flags", "marks").list.join(" "),
        pl.col("stance", "kind", "meant", "place_key", "origin_key", "until").fill_null(""),
        credited=pl.col("credit").is_not_null(),
    ).drop("credit")


def append_links(tx: Transaction, links: pl.DataFrame, suggestions: pl.DataFrame) -> int:
    """Write links and suggestions that no batch of posts caused, under a batch number of their own, which is returned."""
    number = _next_batch(tx)
    batch = pl.lit(number, pl.Int64).alias("batch")
    tx.append("links", links.with_columns(batch))
    tx.append("suggestions", suggestions.with_columns(batch))
    tx.append(
        "batches", pl.DataFrame({"batch": [number], "source": ["decision"]}, schema_overrides={"batch": pl.Int64})
    )
    return number
