"""Incidents: what is watched, opened, changed, closed and reopened, each a row that stays.

Owns what an incident is and which steps it can take. Knows no network: sources are words to it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from dedupe.errors import IncidentRefused, NotFound
from dedupe.store import Store, Transaction

Action = Literal["open", "change", "close", "reopen"]

ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
ZONE = "Europe/Brussels"
"""What times are shown and read in where nobody says another."""
LISTS = ("tags", "variants", "languages", "sources")


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One emergency being watched.

    `tags` and their spelling `variants` are without #. Empty `languages` and `sources` mean all. `zone` is what times
    are shown in. Times carry a zone; `opened_at` is when it was first opened, `closed_at` None while it is open.
    """

    id: str
    name: str
    tags: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    playbook: str | None = None
    zone: str = ZONE
    opened_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def hashtags(self) -> tuple[str, ...]:
        """Its tags and their variants."""
        return (*self.tags, *self.variants)

    @property
    def is_open(self) -> bool:
        """Whether it is watched."""
        return self.closed_at is None

    def __str__(self) -> str:
        tags = " ".join(f"#{tag}" for tag in self.hashtags) or "no hashtag"
        state = "open" if self.closed_at is None else f"closed {self.closed_at:%Y-%m-%d %H:%M} UTC"
        return f"{self.id}: {self.name}, {tags}, {state}"


def open_incident(store: Store, incident: Incident, *, at: datetime | None = None) -> Incident:
    """Begin to watch. `at` is when it opened, now by default.

    Raises IncidentRefused when one goes by that id already, or its words cannot be used.
    """
    with store.transaction() as tx:
        if _latest(tx, incident.id) is not None:
            raise IncidentRefused(
                f"There is an incident {incident.id} already: change or reopen it, or take another id.",
                said="incident_there",
                id=incident.id,
            )
        return _write(tx, "open", checked(incident), at)


def change_incident(
    store: Store,
    id: str,
    *,
    add: Mapping[str, Sequence[str]] | None = None,
    without: Iterable[str] = (),
    **changes: Any,
) -> Incident:
    """Change what is watched: `add` words to lists (tags, variants, languages, sources), take words away from all lists
    (`without`), and replace the other fields named in `changes` (name, playbook, zone).

    Writes nothing when all is so already. Raises NotFound, or IncidentRefused when the words cannot be used.
    """
    with store.transaction() as tx:
        stands = incident_by_id(tx, id)
        gone = {_word(each) for each in without}
        lists: dict[str, tuple[str, ...]] = {
            name: (*getattr(stands, name), *(add or {}).get(name, ())) for name in LISTS
        }
        kept: dict[str, Any] = {
            name: tuple(word for word in words if _word(word) not in gone) for name, words in lists.items()
        }
        changed = checked(replace(stands, **kept, **changes))
        return stands if changed == stands else _write(tx, "change", changed, None)


def ensure_incident(store: Store, incident: Incident, *, at: datetime | None = None, reopen: bool = False) -> Incident:
    """Have `incident` watched: open it (as of `at`) when nobody did, else add its tags and variants to those that stand.

    One that a person closed is opened again only with `reopen`. Raises IncidentRefused.
    """
    try:
        stands = change_incident(store, incident.id, add={"tags": incident.tags, "variants": incident.variants})
    except NotFound:
        return open_incident(store, incident, at=at)
    return reopen_incident(store, incident.id) if reopen and stands.closed_at is not None else stands


def id_of(tag: str, default: str) -> str:
    """An id that says which tag an incident is about; `default` when the tag has no letter of a-z and no digit."""
    plain = unicodedata.normalize("NFKD", tag).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:63] or default


def close_incident(store: Store, id: str, *, at: datetime | None = None) -> Incident:
    """Stop watching. Raises NotFound, or IncidentRefused when it is closed already."""
    with store.transaction() as tx:
        stands = incident_by_id(tx, id)
        if stands.closed_at is not None:
            raise IncidentRefused(f"The incident {id} is closed already.", said="incident_closed")
        return _write(tx, "close", stands, at)


def reopen_incident(store: Store, id: str, *, at: datetime | None = None) -> Incident:
    """Watch again. Raises NotFound, or IncidentRefused when it is open."""
    with store.transaction() as tx:
        stands = incident_by_id(tx, id)
        if stands.closed_at is None:
            raise IncidentRefused(f"The incident {id} is open.", said="incident_open")
        return _write(tx, "reopen", stands, at)


def take_step(
    store: Store,
    action: Action,
    id: str,
    *,
    words: Mapping[str, Sequence[str]] | None = None,
    without: Iterable[str] = (),
    fields: Mapping[str, str] | None = None,
) -> Incident:
    """Open, change, close or reopen an incident; `words` and `fields` as in `change_incident`. Raises as these do."""
    if action == "open":
        return open_incident(store, Incident(**{"id": id, "name": id, **(fields or {}), **(words or {})}))  # type: ignore[arg-type]
    if action == "change":
        return change_incident(store, id, add=words, without=without, **(fields or {}))
    return close_incident(store, id) if action == "close" else reopen_incident(store, id)


def incident_by_id(store: Store | Transaction, id: str) -> Incident:
    """The incident as it stands. Raises NotFound."""
    found = _latest(store, id)
    if found is None:
        raise NotFound(f"No incident goes by {id}: helpt incident list names those there are.")
    return found


def must_be_open(store: Store | Transaction, id: str) -> None:
    """Raises IncidentRefused for an incident that was closed; one that nobody opened, as a demo night's, is not."""
    stands = _latest(store, id)
    if stands is not None and not stands.is_open:
        raise IncidentRefused(f"The incident {id} is closed: a coordinator can reopen it.", said="closed")


def incidents(store: Store | Transaction) -> list[Incident]:
    """All incidents as they stand, the open ones first, then by when they were opened."""
    found = [_incident(row) for row in store.read(standing_incidents()).to_dicts()]
    return sorted(
        found, key=lambda each: (each.closed_at is not None, each.opened_at or datetime.max.replace(tzinfo=UTC))
    )


def first_open(store: Store | Transaction) -> str | None:
    """The id of the open incident that was opened first; None when none is open."""
    return next((each.id for each in incidents(store) if each.is_open), None)


def steps(store: Store | Transaction) -> pl.DataFrame:
    """Every step of every incident, oldest first: the columns of the table `incidents`."""
    return store.read("select * from incidents order by taken_at, incident, step")


def standing_incidents() -> str:
    """The latest row of each incident, with when it was opened first and, unless it is open, closed."""
    return """
    with latest as (
        select incident, max(step) as step, min(taken_at) filter (action = 'open') as opened_at,
               max(step) filter (action in ('open', 'reopen')) as opening,
               max(step) filter (action = 'close') as closing, max_by(taken_at, step) filter (action = 'close') as left_at
        from incidents group by incident
    )
    select incidents.*, opened_at, case when closing > opening then left_at end as closed_at
    from incidents join latest using (incident, step)
    """


def checked(incident: Incident) -> Incident:
    """An incident with its words as they are used: no #, no doubles, composed letters. Raises IncidentRefused."""
    if not ID.fullmatch(incident.id):
        raise IncidentRefused(
            f"{incident.id!r} is no id: take up to 63 of a-z, 0-9 and -, beginning with a letter or digit.",
            said="incident_id",
            id=incident.id,
        )
    if not incident.name.strip() or len(incident.name) > 80:
        raise IncidentRefused("An incident has a name of 1 to 80 characters.", said="incident_name", most=80)
    try:
        ZoneInfo(incident.zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise IncidentRefused(
            f"{incident.zone!r} is no time zone: write one such as Europe/Brussels.", said="zone", zone=incident.zone
        ) from error
    words: dict[str, Any] = {name: _distinct(getattr(incident, name)) for name in LISTS}
    bad = [word for name in ("tags", "variants") for word in words[name] if not _is_tag(word)]
    if bad:
        raise IncidentRefused(
            f"{bad[0]!r} is no hashtag: it has letters, digits and _ alone, and not only digits.",
            said="tag",
            tag=bad[0],
        )
    return replace(incident, name=incident.name.strip(), **words)


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    """Each word once, as first written, whatever its case."""
    seen: dict[str, str] = {}
    for word in words:
        plain = unicodedata.normalize("NFC", word.strip().removeprefix("#"))
        if plain:
            seen.setdefault(plain.casefold(), plain)
    return tuple(seen.values())


def _word(word: str) -> str:
    return unicodedata.normalize("NFC", word.strip().removeprefix("#")).casefold()


def _is_tag(word: str) -> bool:
    letters = all(sign == "_" or unicodedata.category(sign)[0] in "LMN" for sign in word)
    return letters and len(word) <= 64 and not word.isdecimal()


def _latest(store: Store | Transaction, id: str) -> Incident | None:
    rows = store.read(f"from ({standing_incidents()}) where incident = $incident", {"incident": id})
    return _incident(rows.row(0, named=True)) if rows.height else None


def _incident(row: dict[str, Any]) -> Incident:
    lists = {name: tuple(row[name] or ()) for name in LISTS}
    return Incident(
        id=row["incident"], name=row["name"], playbook=row["playbook"], zone=row["zone"], **lists,
        opened_at=row["opened_at"], closed_at=row["closed_at"],
    )  # fmt: skip


def _write(tx: Transaction, action: Action, incident: Incident, at: datetime | None) -> Incident:
    moment = at or datetime.now(UTC)
    number = tx.read(
        "select coalesce(max(step), 0) + 1 as step from incidents where incident = $incident", {"incident": incident.id}
    )
    row = {
        "incident": incident.id, "step": int(number.item()), "action": action, "taken_at": moment, "name": incident.name,
        **{name: list(getattr(incident, name)) for name in LISTS}, "playbook": incident.playbook, "zone": incident.zone,
    }  # fmt: skip
    types: dict[str, Any] = {**dict.fromkeys(LISTS, pl.List(pl.String)), "playbook": pl.String}
    tx.append("incidents", pl.DataFrame([row], schema_overrides=types))
    return incident_by_id(tx, incident.id)
