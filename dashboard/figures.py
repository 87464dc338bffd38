"""The figures that a plan's triggers look at and its messages tell, from what the board shows at one moment. Pure.

A figure the board cannot tell is left out, which is something else than 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import polars as pl

from dashboard.board import Incident, SourceLine
from dashboard.noticed import Noticed
from dashboard.situation import balance
from dedupe.deciding.life import OPEN
from playbooks.model import Playbook
from playbooks.triggers import Figures
from playbooks.vocabulary import Figure

Figured = tuple[tuple[Figure, str | None], float]

PLENTY = 3
"""There is enough of a kind when none are short, and there are so many places for each open request …"""
SOME = 10
"""… and at least so many."""

BY_KIND: Mapping[Figure, str] = {
    "offers_of_kind": "offers", "places_of_kind": "places", "requests_of_kind": "requests", "short_of_kind": "short",
}  # fmt: skip
"""The figures by kind, each a column of `situation.balance`."""

WATCHED = ("waiting", "running", "retrying", "stopped")
"""States of a source that should answer: one that a person paused is silent by intent."""


def minutes_since(incident: Incident, now: datetime) -> int:
    """The plan's clock: whole minutes since the incident was opened."""
    return int((now - incident.opened_at).total_seconds() // 60)


def figures(
    playbook: Playbook,
    incident: Incident,
    rows: pl.DataFrame,
    noticed: Noticed | None,
    sources: Iterable[SourceLine],
    now: datetime,
    wall: datetime,
) -> Figures:
    """Every figure that can be told at `now`; `wall` is the machine's time, against which sources are silent.

    `rows` as in `lives.standing`; what is open, and how many places or people that is, `situation.balance` tells. Kinds are
    those of the plan. Rumours go by the name of their record, for the board does not know which answer of the plan goes with
    which.
    """
    still = rows.filter(pl.col("state").is_in(OPEN))
    offers, requests = (still.filter(pl.col("category") == category) for category in ("offer", "request"))
    found: dict[tuple[Figure, str | None], float] = {
        ("unique_offers", None): offers.height,
        ("open_requests", None): requests.height,
        ("full_offers", None): rows.filter(pl.col("category") == "offer", pl.col("state") == "full").height,
        ("minutes_since_start", None): minutes_since(incident, now),
    }
    found.update(_by_kind(playbook, rows))
    waits = requests["first_seen"].min() if "first_seen" in requests.columns else None
    found["longest_wait_min", None] = (now - waits).total_seconds() // 60 if isinstance(waits, datetime) else 0
    if noticed is not None:
        found.update(_noticed(noticed, still))
    found.update(_silence(sources, wall))
    return found


def short(playbook: Playbook, known: Figures) -> list[str]:
    """The kinds that are short, shortest first."""
    lacking: dict[str, float] = {kind.id: known.get(("short_of_kind", kind.id), 0) for kind in playbook.offers.kinds}
    return sorted((kind for kind, lacks in lacking.items() if lacks > 0), key=lambda kind: -lacking[kind])


def enough(playbook: Playbook, known: Figures) -> list[str]:
    """The kinds there is enough of: none short, ten places or more, three for each open request."""
    return [kind.id for kind in playbook.offers.kinds if _plenty(known, kind.id)]


def _plenty(known: Figures, kind: str) -> bool:
    places, asking = (known.get((figure, kind), 0) for figure in ("places_of_kind", "requests_of_kind"))
    return known.get(("short_of_kind", kind), 0) == 0 and places >= SOME and places >= PLENTY * asking


def _by_kind(playbook: Playbook, rows: pl.DataFrame) -> Iterator[Figured]:
    counted = {row["kind"]: row for row in balance(rows).iter_rows(named=True)}
    for kind in playbook.offers.kinds:
        known = counted.get(kind.id, {})
        for figure, column in BY_KIND.items():
            yield (figure, kind.id), known.get(column, 0)


def _noticed(noticed: Noticed, still: pl.DataFrame) -> Iterator[Figured]:
    hour = dict(noticed.recent.select("category", "hour").iter_rows())
    yield ("blame_posts", None), hour.get("blame", 0)
    yield ("sympathy_posts", None), hour.get("sympathy", 0)
    yield ("posts_per_minute", None), float(noticed.recent["minutes"].sum()) / 10
    for record, posts in noticed.rumours.select("record", "posts").iter_rows():
        yield ("rumour_repeats", record), posts
    if "root" in still.columns:
        yield ("contact_data", None), still.join(noticed.showing, on="root", how="semi").height
    flagged, bears = noticed.flagged, pl.col("flags").list.contains
    yield ("threats", None), int(flagged.filter(bears("threat"))["posts"].sum())
    yield ("hate", None), int(flagged.filter(bears("hate"))["posts"].sum())


def _silence(sources: Iterable[SourceLine], wall: datetime) -> Iterator[Figured]:
    answered: dict[str, datetime] = {}
    for line in sources:
        if line.last_ok is not None and line.state in WATCHED and not line.rereads:
            answered[line.source] = max(line.last_ok, answered.get(line.source, line.last_ok))
    for source, at in answered.items():
        yield ("source_silent_min", source), max(0.0, (wall - at).total_seconds() // 60)
