"""Bulk: one action on many records, looked at first, one decision each, taken back in one go.

Owns the rehearsal: what would change is found by doing it and rolling it back, so that it cannot differ from the deed.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from dedupe.deciding.claims import claim_in, confirm_in, release_in
from dedupe.deciding.decisions import Act, act, find_record, relabel_in, set_state_in
from dedupe.deciding.life import TERMS, Terms, states
from dedupe.deciding.roles import Actor, check
from dedupe.errors import DecisionRefused, DedupeError, NotFound
from dedupe.store import Store, Transaction

MOST = 500
"""Records in one go."""

Deed = Callable[[Transaction, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """What became, or would become, of each record. `rows`: record, before and after (the state, of a relabel the category).
    `refused`: why not, by record. `bulk` is the id by which `decisions.undo` takes all back; null in a preview."""

    rows: pl.DataFrame
    refused: Mapping[str, DedupeError]
    bulk: str | None

    @property
    def done(self) -> int:
        """How many records were not refused."""
        return self.rows.height - len(self.refused)


class _Rehearsed(Exception):  # carries the result out of a transaction that is rolled back
    def __init__(self, found: Bulk) -> None:
        self.found = found


def bulk(
    store: Store, records: Sequence[str], action: str, by: Actor, *,
    value: str = "", reason: str = "", at: datetime | None = None, preview: bool = True, terms: Terms = TERMS,
) -> Bulk:  # fmt: skip
    """Take one action on many records: claim, release, confirm, state or relabel (these two to `value`).

    Records that refuse it are left out and say why. Writes nothing with `preview`. Raises NotAllowed, or DecisionRefused for
    an action that is not taken in bulk and for more than `MOST` records.
    """
    check(by, action)
    doing = act(by, reason, at, bulk=uuid.uuid4().hex)
    deed = _deed(doing, action, value, terms)
    if len(records) > MOST:
        raise DecisionRefused(
            f"That is {len(records)} records: take at most {MOST} in one go.",
            said="too_many",
            n=len(records),
            most=MOST,
        )

    def work(tx: Transaction) -> Bulk:
        found = _do(tx, doing, list(dict.fromkeys(records)), deed, "category" if action == "relabel" else "state")
        if preview:
            raise _Rehearsed(replace(found, bulk=None))
        return found

    try:
        return store.in_turn(work)
    except _Rehearsed as rehearsed:
        return rehearsed.found


def _deed(doing: Act, action: str, value: str, terms: Terms) -> Deed:
    deeds: dict[str, Deed] = {
        "claim": lambda tx, record: claim_in(tx, doing, record, terms),
        "release": lambda tx, record: release_in(tx, doing, record),
        "confirm": lambda tx, record: confirm_in(tx, doing, record),
        "state": lambda tx, record: set_state_in(tx, doing, record, value),
        "relabel": lambda tx, record: relabel_in(tx, doing, record, value),
    }
    if action not in deeds:
        raise DecisionRefused(
            f"{action} is not done in bulk: take one of {', '.join(deeds)}.", said="unknown", value=action
        )
    return deeds[action]


def _do(tx: Transaction, doing: Act, records: list[str], deed: Deed, column: str) -> Bulk:
    roots: dict[str, int] = {}
    incidents: set[str] = set()
    refused: dict[str, DedupeError] = {}
    for record in records:
        try:
            found = find_record(tx, record)
        except NotFound as error:
            refused[record] = error.with_traceback(None)
            continue
        roots[record] = found.root
        incidents.add(found.incident)
    before = _shown(tx, doing, incidents, column)
    for record in roots:
        try:
            deed(tx, record)
        except (DecisionRefused, NotFound) as error:
            refused[record] = error.with_traceback(None)
    after = _shown(tx, doing, incidents, column)
    shown = [
        {"record": record, "before": before.get(roots.get(record, -1)), "after": after.get(roots.get(record, -1))}
        for record in records
    ]
    rows = pl.DataFrame(shown, schema=dict.fromkeys(("record", "before", "after"), pl.String))
    return Bulk(rows=rows, refused=refused, bulk=doing.bulk)


def _shown(tx: Transaction, doing: Act, incidents: set[str], column: str) -> dict[int, str]:
    """The state or category of every record of the incidents, by root."""
    if column == "category":
        sql = "select root, max_by(category, batch) as category from faces where incident = $incident group by root"
        frames = [tx.read(sql, {"incident": incident}) for incident in incidents]
    else:
        frames = [states(tx, incident, doing.at) for incident in incidents]
    return {root: said for rows in frames for root, said in rows.select("root", column).iter_rows()}
