"""Exports: what others build on, as frames and as files.

Owns the columns of the contract in docs/operations.md and the masking of contacts on the way out. Formats: NDJSON, CSV
(cells that a spreadsheet would run as a formula are neutralised), Parquet, GeoJSON (RFC 7946) and CSV with a row of HXL
tags (hxlstandard.org 1.1).
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import polars as pl

from dedupe.contact import masked, spelled
from dedupe.deciding import decisions
from dedupe.deciding.moderation import without_hidden
from dedupe.deciding.roles import Actor, check
from dedupe.errors import DecisionRefused
from dedupe.evidence import WHY
from dedupe.store import Store
from dedupe.wording import EMAIL, HANDLE, NUMBER

TABLES = ("links", "offers", "requests", "records", "decisions")
FORMATS = ("ndjson", "csv", "parquet", "geojson", "hxl")

MORE = ("conditions", "reach", "flags")
"""What `records` has after the columns that offers and requests have too."""
HXL = {
    "record": "#meta+id", "incident": "#crisis+code", "category": "#service+category", "kind": "#service+type",
    "place": "#adm2+name", "lat": "#geo+lat", "lon": "#geo+lon", "capacity": "#capacity+num", "until": "#date+end",
    "contact": "#contact+phone", "state": "#status", "posts": "#meta+posts+num", "networks": "#meta+network",
    "first_seen": "#date+reported", "last_seen": "#date+updated", "last_confirmed": "#date+confirmed", "url": "#meta+url",
    "text": "#description", "conditions": "#service+conditions+list", "reach": "#contact+type+list",
    "flags": "#meta+flags+list",
}  # fmt: skip

LINK = r"(?i)\b((?:https?://)?(?:[\w\-]+\.)+[a-z]{2,}(?::\d+)?)[/?#][^\s<>\"]+"
"""A link that names more than a host: a chat, or somebody's page."""
NOTES = ("note", "shift_note")
"""The decisions whose value is what a person wrote."""
_X_WRITER = r"^(https?://(?:[\w\-]+\.)?(?:x|twitter)\.com)/[^/]+/status/"

_RECORDS = """
select root, record, incident, category, kind, place, lat, lon, capacity,
       case when category in ('offer', 'request') then until end as until, contact, state, posts, networks,
       first_seen, last_seen, last_confirmed, url, text, network,
       case when category in ('offer', 'request') then conditions else [] end as conditions,
       case when category in ('offer', 'request') then reach else [] end as reach, flags
from current_records
where $category is null or category = $category
order by first_seen, record
"""
_LINKS = """
select current_posts.network, current_posts.id, records.record, current_links.why, current_links.strength,
       batches.finished_at as linked_at
from current_posts
join current_links using (wording)
join current_records as records using (root)
left join (select batch, max(finished_at) as finished_at from batches group by batch) as batches
       on batches.batch = current_links.batch
order by current_posts.created_at, current_posts.post
"""
_DECISIONS = """
select decision, decided_at, incident, who, role, action, value, places, since, until, follows, bulk, reason, undoes,
       list_transform(posts, post -> printf('%016x', post)) as posts,
       list_transform(others, post -> printf('%016x', post)) as others
from decisions order by decided_at, decision
"""


def export(store: Store, table: str, *, contacts: bool = False, incident: str | None = None) -> pl.DataFrame:
    """One of `TABLES` as a frame, of one `incident` or of all. Numbers, addresses and handles are masked, in
    texts and notes too, unless `contacts`.

    What moderators hid is left out. X's rules allow no altered text: where contacts are masked, posts of X go out without their text.
    """
    if table == "links":
        return store.read(_LINKS).with_columns(why=pl.col("why").replace(WHY))
    mine = pl.lit(value=True) if incident is None else pl.col("incident") == incident
    if table == "decisions":
        rows = store.read(_DECISIONS).filter(mine)
        return rows if contacts else rows.with_columns(_noted("value", pl.col("action").is_in(NOTES)), _noted("reason"))
    return _told(store, table, contacts, mine).drop("network")


def _told(store: Store, table: str, contacts: bool, mine: pl.Expr) -> pl.DataFrame:
    """Records with the `network` their words are from."""
    category = {"offers": "offer", "requests": "request"}.get(table)
    rows = without_hidden(store, store.read(_RECORDS, {"category": category}).filter(mine)).drop("root")
    known = rows["contact"].unique().to_list()
    told = {contact: spelled(contact) if contacts else masked(contact) for contact in known}
    rows = rows.with_columns(contact=pl.col("contact").replace(told))
    rows = rows if contacts else _covered(rows)
    return rows if table == "records" else rows.drop(MORE)


def hand_over(
    store: Store, table: str, incident: str, by: Actor, *, reason: str = "", contacts: bool = False, at: datetime
) -> pl.DataFrame:
    """`export` for somebody at the board. With contacts only for a coordinator with a reason, and on record as a decision.

    Of posts of X no text goes out, whoever asks: ids and what is our own. Raises NotAllowed, DecisionRefused, StoreError.
    """
    if contacts:
        check(by, "export")
        if not reason.strip():
            raise DecisionRefused("Say why you need the contacts: it stays on record.", said="why")
        doing = decisions.act(by, reason.strip(), at)
        store.in_turn(lambda tx: decisions.write(tx, doing, "export", incident, [], value=table))
    if table not in ("offers", "requests", "records"):
        return export(store, table, incident=incident)
    rows = _told(store, table, contacts, pl.col("incident") == incident)
    return rows.with_columns(text=pl.when(pl.col("network") != "x").then("text")).drop("network")


def _covered(rows: pl.DataFrame) -> pl.DataFrame:
    """Of an X post its number is told, not who wrote it: x.com finds it by the number alone."""
    text = _hidden(pl.col("text").str.replace_all(LINK, "$1/…"))
    url = pl.when(pl.col("network") == "x").then(pl.col("url").str.replace(_X_WRITER, "$1/i/status/")).otherwise("url")
    return rows.with_columns(text=pl.when(pl.col("network") != "x").then(text), url=url)


def _noted(name: str, where: pl.Expr | None = None) -> pl.Expr:
    hidden = _hidden(pl.col(name))
    return hidden if where is None else pl.when(where).then(hidden).otherwise(name).alias(name)


def _hidden(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(NUMBER, "•••").str.replace_all(EMAIL, "•••").str.replace_all(HANDLE, "@•••")


def write(rows: pl.DataFrame, form: str, out: Path) -> None:
    """Write a frame in one of `FORMATS`. Raises OSError when the file cannot be written."""
    _WRITERS[form](rows, out)


def as_bytes(rows: pl.DataFrame, form: str) -> bytes:
    """What `write` would put into a file. Raises OSError when there is no room to make it."""
    with tempfile.TemporaryDirectory(prefix="helpt-export-") as folder:
        write(rows, form, Path(folder) / "out")
        return (Path(folder) / "out").read_bytes()


def _write_ndjson(rows: pl.DataFrame, out: Path) -> None:
    rows.with_columns(pl.col(pl.Datetime).dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ")).write_ndjson(out)


def _write_csv(rows: pl.DataFrame, out: Path) -> None:
    _cells(rows).write_csv(out)


def _write_hxl(rows: pl.DataFrame, out: Path) -> None:
    cells = _cells(rows)
    tags = pl.DataFrame({name: [HXL.get(name, f"#meta+{name}")] for name in cells.columns})
    with out.open("w", encoding="utf-8", newline="") as file:
        file.write(tags.clear().write_csv())
        file.write(tags.write_csv(include_header=False))
        file.write(cells.write_csv(include_header=False))


def _cells(rows: pl.DataFrame) -> pl.DataFrame:
    """Lists joined, times as ISO 8601, and no cell that begins like a formula."""
    flat = rows.with_columns(
        pl.col(pl.List(pl.String)).list.join(" "), pl.col(pl.Datetime).dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    )
    formula = pl.col(pl.String).str.contains(r"^\s*[=+\-@\t\r]")
    return flat.with_columns(
        pl.when(formula).then(pl.lit("'") + pl.col(pl.String)).otherwise(pl.col(pl.String)).name.keep()
    )


def _write_geojson(rows: pl.DataFrame, out: Path) -> None:
    """Points at the middle of the municipality, never an address; what has no place has no geometry."""
    features = []
    for row in rows.with_columns(pl.col(pl.Datetime).dt.strftime("%Y-%m-%dT%H:%M:%SZ")).iter_rows(named=True):
        lat, lon = row.pop("lat", None), row.pop("lon", None)
        point = None if lat is None else {"type": "Point", "coordinates": [round(lon, 5), round(lat, 5)]}
        features.append({"type": "Feature", "id": row.get("record"), "geometry": point, "properties": row})
    out.write_text(
        json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False), encoding="utf-8"
    )


_WRITERS: dict[str, Callable[[pl.DataFrame, Path], None]] = {
    "ndjson": _write_ndjson,
    "csv": _write_csv,
    "parquet": lambda rows, out: rows.write_parquet(out),
    "geojson": _write_geojson,
    "hxl": _write_hxl,
}
