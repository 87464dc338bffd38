"""Records: what the wordings that belong together add up to, and the face they show.

Owns which records a batch touches, and their rows. Counts change with every post and are made anew from narrow columns; the
face is wide, changes seldom, and is only written when it does.
"""

from __future__ import annotations

import polars as pl

from dedupe import statements
from dedupe.contact import dialled
from dedupe.incidents import ZONE
from dedupe.learning.force import taught
from dedupe.reading.moments import resolve
from dedupe.store import Transaction
from dedupe.wording import read_numbers

COUNTED = (
    "root", "record", "capacity", "state", "proposal", "proposal_post", "posts", "reposts", "networks", "first_post", "first_seen",
    "last_seen", "last_confirmed", "capacity_at", "capacity_post",
)  # fmt: skip
FEWEST_FIGURES = 7
"""Figures a text needs to hold a number."""
FACE = (
    "root", "shown", "label", "incident", "category", "certainty", "category_why", "kind", "kinds", "place", "place_key", "lat",
    "lon", "contact", "author", "network", "url", "lang", "text", "until", "conditions", "reach", "flags", "said",
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
    counted = counted.join(_labels(tx, members), on="root", how="left").with_columns(
        pl.col("label").fill_null(""), until=ends(tx, counted)
    )
    rows = touched.join(counted, on="root", how="left").with_columns(
        pl.col("posts").fill_null(0), pl.col("state").fill_null("available")
    )
    before = tx.read(statements.faces_of_roots(), frames={"wanted": touched})
    told = ["root", "shown", "label", "until"]
    changed = counted.select(told).join(before, on=told, how="anti", nulls_equal=True)
    append_records(tx, number, rows, _faces(tx, number, changed))
    return rows.height


def append_records(tx: Transaction, number: int, counted: pl.DataFrame, faces: pl.DataFrame) -> None:
    """Write rows of `records` and `faces` as of batch `number`; what else the frames hold is left out."""
    batch = pl.lit(number, pl.Int64).alias("batch")
    tx.append("records", counted.select(*COUNTED, batch))
    tx.append("faces", faces.select(*FACE, batch))


def _faces(tx: Transaction, number: int, changed: pl.DataFrame) -> pl.DataFrame:
    """The faces of records by `root`, `shown`, `label` and `until`. The category a person gave goes before what the words say.

    What people taught goes before the rules where these are not firm.
    """

    def look_up(wanted: pl.DataFrame, statement: str) -> pl.DataFrame:
        return _look_up(tx, number, wanted, statement)

    faces = changed.join(look_up(changed.select("root"), statements.heads_of_wordings()), on="root", how="left")
    faces = taught(tx, number, faces, look_up)
    faces = faces.join(look_up(changed.select("shown"), statements.words_of_versions()), on="shown", how="left")
    said = pl.col("label") != ""
    return _with_numbers(faces).with_columns(
        category=pl.when(said).then("label").otherwise("category"),
        certainty=pl.when(said).then(1.0).otherwise("certainty"),
        category_why=pl.when(said).then(pl.lit("a person said so")).otherwise("category_why"),
    )


def _with_numbers(faces: pl.DataFrame) -> pl.DataFrame:
    """The faces with the number to call as their `contact` where their text has a whole one."""
    country = pl.col("place_key").str.extract(r"\.([a-z]{2})(?:\.|$)").str.to_uppercase()
    ride = pl.col("kind").eq_missing("ride")
    asked = faces.select("root", "text", "lang", country=country, ride=ride).filter(
        pl.col("text").str.count_matches(r"\d") >= FEWEST_FIGURES
    )
    asked = asked.with_columns(read_numbers(asked["text"])).filter(pl.col("numbers").list.len() > 0)
    numbers = [
        dialled(row["numbers"], country=row["country"], lang=row["lang"], ride=row["ride"])
        for row in asked.iter_rows(named=True)
    ]
    told = asked.select("root", number=pl.Series(numbers, dtype=pl.String), told=True)
    faces = faces.join(told, on="root", how="left", maintain_order="left")
    # Figures of which no number can be made, and too few for one of some other country, are a date or the like.
    wrong = pl.col("told") & pl.col("contact").str.contains(r"^\d{1,8}$")
    standing = pl.when(wrong.fill_null(False)).then("written_to").otherwise("contact")
    return faces.with_columns(contact=pl.coalesce("number", standing))


def _look_up(tx: Transaction, number: int, wanted: pl.DataFrame, statement: str) -> pl.DataFrame:
    """Rows for `wanted` (one column): from what this batch brought, and what it lacks, which is little, from all there is."""
    on = wanted.columns[0]
    found = tx.read(statement, {"since": number}, frames={"wanted": wanted}).unique(on)
    missing = wanted.join(found, on=on, how="anti")
    if missing.height:
        found = pl.concat([found, tx.read(statement, {"since": 0}, frames={"wanted": missing}).unique(on)])
    return found


def ends(tx: Transaction, told: pl.DataFrame) -> pl.Series:
    """Until when each of `told` (until: a spec, incident, until_said_at: UTC) holds, in the zone of its incident: UTC, or null."""
    zones = dict(tx.read(statements.zones()).iter_rows())
    zone = pl.col("incident").replace_strict(zones, default=ZONE, return_dtype=pl.String)
    return resolve(told.select("until", zone.fill_null(ZONE).alias("zone"), written_at="until_said_at"))


def _labels(tx: Transaction, members: pl.DataFrame) -> pl.DataFrame:
    """What people said of the records: `root`, `label`, `state`."""
    if tx.read("select 1 from decisions limit 1").height == 0:
        return pl.DataFrame(schema={"root": pl.Int64, "label": pl.String, "state": pl.String})
    return tx.read(statements.labels_of_records(), frames={"members": members})
