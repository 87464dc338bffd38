"""The collapse: a batch of posts in, one record per offer out.

Owns the order of the steps and the one transaction they end in. Knows no network and no screen.

1. words       read each distinct text once: wording, credit, contact; name post, version and wording
2. known       leave out versions of posts that the store has, and find those that are no longer the newest
3. wordings    which are new, who wrote them, what their posts point at
4. facts       read the new wordings: category, kind, place, capacity
5. keys        what the new wordings can be found by
6. neighbours  whose parent the batch may change
7. parents     judge pairs, choose one parent each; what a network or a person said goes first
8. roots       follow parents to the record
9. write       posts, wordings, links, records, cursor: all or nothing

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
from dedupe.category import read_category
from dedupe.facts import default_reader, read_facts
from dedupe.keys import digest, find_keys, rank
from dedupe.naming import distinct_wordings, find_pointers, find_writers, name_wordings, post_digest
from dedupe.relink import Change, relink
from dedupe.removals import spelled_out
from dedupe.sightings import find_sightings
from dedupe.spread import spread
from dedupe.store import Store, Transaction

log = logging.getLogger(__name__)

POST_COLUMNS = (
    "post", "version", "wording", "incident", "network", "id", "author", "text", "created_at", "url", "author_name", "lang",
    "repost_of", "quote_of", "reply_to", "reposts", "likes", "edited_at", "labels", "source", "query", "collected_at",
)  # fmt: skip

WORDING_COLUMNS = (
    "wording", "incident", "text", "credit", "ask", "phones", "emails", "cut", "points", "rank", "category", "certainty",
    "category_why", "stance", "kind", "kinds", "place", "place_key", "places", "origin_key", "lat", "lon", "capacity", "closed",
)  # fmt: skip


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


def collapse(store: Store, posts: pl.DataFrame, batch: Batch, *, removals: pl.DataFrame | None = None) -> Collapsed:
    """Take a batch in. `posts` has the columns of the table `posts` that a source knows (network, id, author, text,
    created_at, … collected_at); `removals` has network, id, removed_at, reason, and may have `whole`: then its id is how
    the ids of the posts begin. Posts that are known but were seen with other counts or labels are no new version.

    Raises StoreError (nothing of the batch is written then).
    """
    began, started = time.perf_counter(), datetime.now(UTC)
    prepared = posts if "said" in posts.columns else prepare(posts)
    with store.transaction() as tx:
        number = _next_batch(tx)
        if removals is not None:
            removals = spelled_out(tx, removals, prepared, batch.incident)
        fresh, retired = _leave_known(tx, prepared, removals, batch)
        seen = find_sightings(tx, prepared.join(fresh, on="version", how="anti"))
        tx.append("sightings", seen.with_columns(batch=pl.lit(number, pl.Int64)))
        touched = _take_in(tx, number, fresh, retired, seen, batch.incident)
        tx.append("batches", _log_row(number, batch, started, posts.height, fresh.height, removals))
    seconds = time.perf_counter() - began
    done = Collapsed(
        read=posts.height, new=fresh.height, known=posts.height - fresh.height,
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


def identify(posts: pl.DataFrame) -> pl.DataFrame:
    """Name posts and their versions by hash: adds `post`, `version` and `written_at`, by which the newest version wins."""
    written = pl.coalesce("edited_at", "created_at")
    return posts.with_columns(post=post_digest("id"), written_at=written).with_columns(
        version=digest(pl.col("post"), pl.col("text"), written.dt.epoch("us"), pl.col("repost_of"), pl.col("quote_of"), pl.col("reply_to"))
    )  # fmt: skip


def prepare(posts: pl.DataFrame) -> pl.DataFrame:
    """1. words: what a batch can be told without the store, so that it may be done while another is being written.

    `posts` as for `collapse`, which does this itself with posts that were not prepared.
    """
    return name_wordings(identify(posts), default_reader().tags())


def _leave_known(
    tx: Transaction, posts: pl.DataFrame, removals: pl.DataFrame | None, batch: Batch
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """2. known: the posts the store has not, and the versions (old or new) that are no longer the newest.

    The newest is told by what the post says of itself, not by when it reached us: arrival in any order gives the same.
    """
    posts = posts.unique("version", keep="first", maintain_order=True)
    there = tx.read(statements.versions_of_posts(), frames={"wanted": posts.select("post").unique()})
    fresh = posts.join(there.select("version"), on="version", how="anti")
    columns = ["post", "version", "written_at", "retired"]
    versions = pl.concat(
        [there.select(columns), fresh.select("post", "version", "written_at", retired=pl.lit(value=False))], how="vertical_relaxed"
    )  # fmt: skip
    newest = pl.col("version").sort_by("written_at", "version").last().over("post")
    outdated = versions.filter((pl.col("version") != newest) & ~pl.col("retired"))
    retired = outdated.select("post", "version", reason=pl.lit("edited"), retired_at=pl.col("written_at"))
    if removals is not None and removals.height:
        gone = removals.with_columns(incident=pl.lit(batch.incident)).select(
            post=post_digest("id"), version=pl.lit(None, pl.Int64), reason="reason", retired_at="removed_at"
        )
        retired = pl.concat([retired, gone], how="vertical_relaxed")
    return fresh, retired


def _take_in(
    tx: Transaction, number: int, named: pl.DataFrame, retired: pl.DataFrame, seen: pl.DataFrame, incident: str
) -> int:
    """3. to 9.: gives how many records were touched."""
    batch = pl.lit(number, pl.Int64).alias("batch")
    known = tx.read(statements.known_wordings(), frames={"wanted": named.select("wording").unique()})
    wordings = read_new(distinct_wordings(named).join(known, on="wording", how="anti"))
    writers, keys = _find_keys(tx, named, wordings, known)
    pointers = _find_pointers(tx, named, known)
    again = (
        pl.concat([keys.select("wording"), pointers.select("wording")])
        .unique()
        .join(wordings.select("wording"), on="wording", how="anti")
    )
    tx.append("posts", named.select(*POST_COLUMNS, batch))
    for table, rows in (
        ("retired", retired),
        ("wordings", wordings),
        ("writers", writers),
        ("pointers", pointers),
    ):
        tx.append(table, rows.with_columns(batch))
    change = Change(incident=incident, wordings=wordings, keys=keys, again=again, posts=named.select("post"))
    links, suggestions = relink(tx, change)
    for table, rows in (("keys", keys), ("links", links), ("suggestions", suggestions)):
        tx.append(table, rows.with_columns(batch))
    recounted = pl.concat([retired.select("post"), seen.select("post")]).unique()
    stirred = tx.read(statements.every_wording_of_posts(), frames={"wanted": recounted})
    return refresh_records(tx, number, pl.concat([named.select("wording"), stirred.select("wording")]), links)


def read_new(distinct: pl.DataFrame) -> pl.DataFrame:
    """4. facts: what each wording says, and the rank that follows from it; rows of the table `wordings`."""
    facts = spread(distinct.select(wording="text"), read_facts).drop("wording")
    said = pl.concat([distinct, facts], how="horizontal")
    contact = (pl.col("phones").list.len() > 0) | (pl.col("emails").list.len() > 0)
    asked = said.select(pl.col("text").alias("wording"), *facts.columns, has_contact=contact)
    marks = spread(asked, read_category)
    said = said.with_columns(category=marks["category"], certainty=marks["certainty"], category_why=marks["why"])
    return said.with_columns(rank=rank()).select(WORDING_COLUMNS)


def _find_keys(
    tx: Transaction, named: pl.DataFrame, wordings: pl.DataFrame, known: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """5. keys: of new wordings, and of known ones that somebody else now wrote too. Gives the new writers and the keys."""
    writers = find_writers(named)
    there = tx.read(statements.known_writers(), frames={"wanted": known})
    writers = writers.join(there, on=["wording", "handle"], how="anti")
    renewed = writers.join(known, on="wording", how="semi")
    old = tx.read(statements.wordings_by_hash(), frames={"wanted": renewed.select("wording").unique()})
    keys = find_keys(wordings, writers.join(known, on="wording", how="anti"))
    more = find_keys(old, renewed).filter(pl.col("route").is_in(["writer", "offers", "words"]))
    return writers, pl.concat([keys, more])


def _find_pointers(tx: Transaction, named: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """What the batch's posts point at, where the store does not have it: a known wording may point somewhere new."""
    there = tx.read(statements.pointers_of_wordings(), frames={"wanted": known})
    return find_pointers(named).join(there, on=["wording", "target", "how", "author"], how="anti", nulls_equal=True)


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


def refresh_records(tx: Transaction, number: int, wordings: pl.DataFrame, links: pl.DataFrame) -> int:
    """Write the records anew to which `wordings` belong and which `links` (already written) touch. Gives how many."""
    stand = tx.read(
        statements.links_of_wordings(), frames={"wanted": pl.concat([wordings, links.select("wording")]).unique()}
    )
    left = tx.read(statements.earlier_roots(), {"batch": number}, frames={"wanted": links.select("wording").unique()})
    touched = pl.concat([stand.select("root"), left.select("root")]).unique()
    members = tx.read(statements.links_of_roots(), frames={"wanted": touched}).select("wording", "root")
    orphans = (
        touched.join(members, on="root", how="anti")
        .with_columns(wording=pl.lit(None, pl.Int64))
        .select("wording", "root")
    )
    rows = tx.read(statements.record_rows(), frames={"members": pl.concat([members, orphans])})
    tx.append("records", rows.with_columns(batch=pl.lit(number, pl.Int64)))
    return rows.height
