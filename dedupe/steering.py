"""Steering: which source of which incident a person paused or resumed, and who, each a row that stays.

Owns what was told, not the telling: whoever collects reads it here, in this process or another, and follows. Knows no
network: sources are words to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import polars as pl

from dedupe.store import Store, Transaction

Action = Literal["pause", "resume"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Steered:
    """What a source of an incident was told last, by `who` (null where that was not kept). `step` rises with each word;
    `taken_at` is in UTC."""

    incident: str
    source: str
    step: int
    action: Action
    taken_at: datetime
    who: str | None


def steer(
    store: Store, incident: str, source: str, action: Action, who: str | None = None, *, at: datetime | None = None
) -> None:
    """Tell a source to pause, or to be asked again: now when it was paused or stopped. `at` is now by default.

    Raises StoreError.
    """
    with store.transaction() as tx:
        step = tx.read(next_step(), {"incident": incident, "source": source}).item()
        row = {
            "incident": incident,
            "source": source,
            "step": step,
            "action": action,
            "taken_at": at or datetime.now(UTC),
            "who": who,
        }
        tx.append("steering", pl.DataFrame([row], schema_overrides={"who": pl.String}))


def steered(store: Store | Transaction) -> list[Steered]:
    """What stands for each source that was ever told something, of all incidents. Raises StoreError."""
    return [Steered(**row) for row in store.read(standing_steps()).to_dicts()]


def standing_steps() -> str:
    """The last row of each incident and source."""
    return """
    select incident, source, max(step) as step, max_by(action, step) as action, max_by(taken_at, step) as taken_at,
           arg_max_null(who, step) as who
    from steering group by incident, source order by incident, source
    """


def next_step() -> str:
    """The number of the next step of `$incident` and `$source`."""
    return "select coalesce(max(step), 0) + 1 as step from steering where incident = $incident and source = $source"
