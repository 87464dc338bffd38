"""Steps a person takes with an incident: those of `incidents`, with the name and role of who took them on record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from dedupe.deciding.decisions import act, write
from dedupe.deciding.roles import Actor, check
from dedupe.incidents import Action, Incident, incident_by_id, take_step
from dedupe.store import Store


def step_by(
    store: Store,
    action: Action,
    id: str,
    by: Actor,
    *,
    words: Mapping[str, Sequence[str]] | None = None,
    without: Iterable[str] = (),
    fields: Mapping[str, str] | None = None,
    reason: str = "",
    at: datetime | None = None,
) -> Incident:
    """Open, change, close or reopen an incident as `incidents.take_step` does, and write down who did.

    `at` is the incident's clock, now by default. A change that changes nothing leaves no trace. Raises NotAllowed before
    anything else, NotFound, IncidentRefused, StoreError.
    """
    check(by, "incident")
    doing, gone = act(by, reason, at), tuple(without)
    before = None if action == "open" else incident_by_id(store, id)
    taken = take_step(store, action, id, words=words, without=gone, fields=fields)
    if taken != before:
        store.in_turn(lambda tx: write(tx, doing, "incident", id, [], value=action))
    return taken
