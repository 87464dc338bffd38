"""What was done by the plan: messages sent or skipped, answers checked, phases stepped, duties taken, triggers that fired.

Owns these decisions, which are about the incident and name no post. What they mean for the plan is for whoever knows plans:
here their value is JSON, kept as it was given.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

import polars as pl

from dedupe.deciding.decisions import act, write
from dedupe.deciding.roles import MACHINE, Actor
from dedupe.errors import DecisionRefused
from dedupe.store import Store, Transaction

Deed = Literal["sent", "skipped", "checked", "phase", "duty"]
"""By a person. `sent` and `skipped` can be done once for each key."""
Noted = Literal["fired", "ceased"]
"""By the board itself."""
ONCE: Mapping[str, tuple[str, ...]] = {"sent": ("sent", "skipped"), "skipped": ("sent", "skipped")}
MOST = 2_000
"""Characters of a value, and of a reason."""


def do(
    store: Store,
    incident: str,
    deed: Deed,
    key: str,
    by: Actor,
    *,
    told: Mapping[str, object] | None = None,
    reason: str = "",
    at: datetime | None = None,
) -> str:
    """Note what a person did about `key` (an action with its round, a rumour, a phase, a role). Gives the decision's id.

    `told` is what else is kept. Raises NotAllowed, or DecisionRefused when somebody did it already, when something is
    skipped without a reason, or when there is too much of it.
    """
    doing = act(by, reason.strip(), at)
    value = _value(key, told or {})
    if deed == "skipped" and not doing.reason:
        raise DecisionRefused("Say why it is skipped.", said="why")
    if len(value) > MOST or len(doing.reason) > MOST:
        raise DecisionRefused(f"At most {MOST} characters are kept.", said="too_long", most=MOST)

    def work(tx: Transaction) -> str:
        if deed in ONCE:
            before = _with_keys(tx.read(standing_deeds(), {"incident": incident}))
            there = before.filter(pl.col("action").is_in(ONCE[deed]), pl.col("key") == key)
            if there.height:
                who = there.row(0, named=True)["who"]
                raise DecisionRefused(f"{who} did that already.", said="done_already", who=who)
        return write(tx, doing, deed, incident, [], value=value)

    return store.in_turn(work)


def note(
    store: Store,
    incident: str,
    noted: Noted,
    causes: Sequence[tuple[str, Mapping[str, object]]],
    *,
    at: datetime | None = None,
) -> list[str]:
    """Note what the board saw by itself, each as (key, what else is kept), but for the keys that were noted before.

    So of several boards, also on several machines and after a restart, one notes a key, once. Gives the new keys.
    """
    doing = act(MACHINE, at=at)

    def work(tx: Transaction) -> list[str]:
        wanted = pl.DataFrame({"key": [key for key, _ in causes]}, schema={"key": pl.String})
        known = _with_keys(tx.read(standing_deeds(), {"incident": incident})).filter(pl.col("action") == noted)
        new = set(wanted.join(known, on="key", how="anti")["key"])
        for key, told in causes:
            if key in new:
                write(tx, doing, noted, incident, [], value=_value(key, told))
        return [key for key, _ in causes if key in new]

    return store.in_turn(work) if causes else []


def deeds(store: Store, incident: str) -> pl.DataFrame:
    """What stands of all that, oldest first: decision, decided_at, who, role, action, value (JSON), reason, key."""
    return _with_keys(store.read(standing_deeds(), {"incident": incident}))


def _value(key: str, told: Mapping[str, object]) -> str:
    return json.dumps({"key": key, **told}, ensure_ascii=False)


def _with_keys(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(key=pl.col("value").str.json_path_match("$.key"))


def standing_deeds() -> str:
    """The standing decisions of `$incident` about its plan, oldest first."""
    return """
    select decision, decided_at, who, role, action, value, reason from standing_decisions
    where incident = $incident and action in ('sent', 'skipped', 'checked', 'phase', 'duty', 'fired', 'ceased')
    order by decided_at, decision
    """
