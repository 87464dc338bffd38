"""Reveals: contact data shown in full to who needs it for a record they are on, each time with a reason and on record.

Owns who may see a contact. Lists, cards and exports only ever have it masked (`contact.masked`).
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from dedupe.contact import spelled
from dedupe.deciding.claims import standing
from dedupe.deciding.decisions import act, write
from dedupe.deciding.matches import matches
from dedupe.deciding.roles import Actor
from dedupe.errors import DecisionRefused, NotAllowed
from dedupe.store import Store, Transaction


def reveal(store: Store, record: str, by: Actor, reason: str, *, at: datetime | None = None) -> str:
    """The number, address or handle to reach who wrote an offer or request; the reveal is a decision.

    Only for who holds it by a claim or by a match that did not fall through; a coordinator may where anybody does. Raises
    NotAllowed, NotFound, DecisionRefused.
    """
    doing = act(by, reason.strip(), at)

    def work(tx: Transaction) -> str:
        here, stand = standing(tx, doing, "reveal", record)
        if not doing.reason:
            raise DecisionRefused("Say why you need the contact: it stays on record.", said="why")
        on_it = {stand["holder"], *_matched_by(tx, here.incident, here.record)} - {None}
        if by.who not in on_it and not (by.role == "coordinator" and on_it):
            raise NotAllowed("Claim it first: a contact is shown to who is on the record.", said="claim_first")
        sql = "select max_by(contact, batch) as contact, max_by(author, batch) as author from faces where root = $root"
        contact, author = tx.read(sql, {"root": here.root}).row(0)
        write(tx, doing, "reveal", here.incident, [here.first_post])
        return spelled(contact) or f"@{author}"

    return store.in_turn(work)


def _matched_by(tx: Transaction, incident: str, record: str) -> list[str]:
    """Who made the matches of a record that stand."""
    rows = matches(tx, incident).filter((pl.col("offer") == record) | (pl.col("request") == record))
    return rows.filter((pl.col("outcome") != "fell_through").fill_null(value=True))["who"].to_list()
