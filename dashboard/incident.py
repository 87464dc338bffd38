"""The incident on the page: steps with it, spellings to add, the incidents there were, and files to take along.

Owns the way from the page to `dedupe.deciding.stepping`, `dedupe.spellings` and `dedupe.exports`. Knows no widgets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from dashboard.board import Board
from dashboard.board import Incident as Shown
from dedupe.deciding.roles import Actor
from dedupe.deciding.stepping import step_by
from dedupe.errors import IncidentRefused
from dedupe.exports import FORMATS, as_bytes, hand_over
from dedupe.incidents import Incident, id_of, incidents
from dedupe.spellings import beside, misspelt

NETWORKS = ("bluesky", "mastodon", "x")
TABLES = ("offers", "requests", "records", "decisions")
ENDINGS = {"csv": "csv", "hxl": "csv", "geojson": "geojson", "ndjson": "ndjson", "parquet": "parquet"}
MIMES = {
    "csv": "text/csv", "hxl": "text/csv", "geojson": "application/geo+json", "ndjson": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What one says to open an incident. `tags` as typed: words, with or without #."""

    name: str
    tags: str
    plan: str | None = None
    sources: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()


def tags_in(typed: str) -> list[str]:
    """The hashtags in what was typed, without #, each once."""
    words = typed.replace(",", " ").replace(";", " ").replace("#", " ").split()
    return list(dict.fromkeys(words))


def open_new(board: Board, by: Actor, opening: Opening) -> Incident:
    """Open an incident; its id is made of its first tag, with a number when there is one of that id.

    Raises NotAllowed, IncidentRefused, StoreError.
    """
    tags = tags_in(opening.tags)
    if not tags:
        raise IncidentRefused("An incident needs a hashtag to be watched by.", said="no_tag")
    known = {each.id for each in incidents(board.store)}
    stem = id_of(tags[0], "incident")[:58]
    free = next(id for id in (stem, *(f"{stem}-{number}" for number in range(2, 10_000))) if id not in known)
    words = {"tags": tags, "variants": opening.variants, "sources": opening.sources}
    fields = {"name": opening.name.strip() or f"#{tags[0]}", "zone": board.incident.zone}
    if opening.plan:
        fields["playbook"] = opening.plan
    return step_by(board.store, "open", free, by, words=words, fields=fields, at=board.now())


def change(board: Board, by: Actor, id: str, *, add: Sequence[str] = (), without: Sequence[str] = ()) -> Incident:
    """Watch more spellings, or fewer. Raises NotAllowed, NotFound, IncidentRefused, StoreError."""
    return step_by(board.store, "change", id, by, words={"variants": tuple(add)}, without=without, at=board.now())


def close(board: Board, by: Actor, id: str, reason: str = "") -> Incident:
    """Stop watching. Raises as `change`."""
    return step_by(board.store, "close", id, by, reason=reason, at=board.now())


def reopen(board: Board, by: Actor, id: str) -> Incident:
    """Watch again. Raises as `change`."""
    return step_by(board.store, "reopen", id, by, at=board.now())


def all_incidents(board: Board) -> list[Incident]:
    """The board's own incident, then every other there is or was, the open ones first. Raises StoreError."""
    found = incidents(board.store)
    shown = board.incident
    own = Incident(id=shown.id, name=shown.name, tags=shown.tags, zone=shown.zone, opened_at=shown.opened_at)
    mine = next((each for each in found if each.id == shown.id), own)
    return [mine, *(each for each in found if each.id != shown.id)]


def is_kept(board: Board, id: str) -> bool:
    """Whether somebody opened it, so that steps can be taken; a demo night is nobody's. Raises StoreError."""
    return any(each.id == id for each in incidents(board.store))


def proposed(tags: Sequence[str], variants: Sequence[str] = ()) -> list[str]:
    """Likely misspellings of tags that are not watched yet."""
    taken = {each.casefold() for each in (*tags, *variants)}
    return [each for each in dict.fromkeys(slip for tag in tags for slip in misspelt(tag)) if each not in taken]


def seen_beside(board: Board, incident: Incident) -> pl.DataFrame:
    """`spellings.beside` for an incident. Raises StoreError."""
    return beside(board.store, incident.id, incident.hashtags)


def board_of(board: Board, incident: Incident) -> Board:
    """The board of an incident; of another than this board's own only to look at: no sources, and no calls are taken."""
    if incident.id == board.incident.id:
        return board
    opened = incident.opened_at or board.incident.opened_at
    shown = Shown(id=incident.id, name=incident.name, opened_at=opened, tags=incident.hashtags, zone=incident.zone)
    return Board(store=board.store, incident=shown, now=board.now, wall=board.wall)


def forms(table: str) -> list[str]:
    """The forms a table comes in: what has no place is no map."""
    wanted = ("csv", "hxl", "geojson", "ndjson", "parquet")
    return [form for form in wanted if form in FORMATS and (table != "decisions" or form != "geojson")]


def file_name(board: Board, table: str, form: str, at: datetime) -> str:
    """What the file is called: incident, table, and when (UTC)."""
    return f"{board.incident.id}-{table}-{at:%Y%m%d-%H%M}{'-hxl' if form == 'hxl' else ''}.{ENDINGS[form]}"


def file(board: Board, by: Actor, table: str, form: str, *, contacts: bool = False, reason: str = "") -> bytes:
    """The file itself, made now. Raises NotAllowed, DecisionRefused, StoreError, OSError."""
    rows = hand_over(
        board.store, table, board.incident.id, by, reason=reason, contacts=contacts, at=board.now()
    )  # fmt: skip
    return as_bytes(rows, form)
