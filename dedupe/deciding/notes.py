"""Notes: what people write beside a record, for the next shift, and in which role they came in.

Owns decisions that change nothing but are to be read: on a record, or on the incident as a whole (then they name no post).
"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from dedupe import statements
from dedupe.deciding.decisions import act, concerned, find_record, write
from dedupe.deciding.roles import Actor, check
from dedupe.errors import DecisionRefused
from dedupe.store import Store, Transaction

MOST = 2_000
"""Characters of a note."""


def note(store: Store, record: str, text: str, by: Actor, *, at: datetime | None = None) -> str:
    """Write a note beside a record. Gives the decision's id. Raises NotAllowed, NotFound, DecisionRefused."""
    doing = act(by, at=at)

    def work(tx: Transaction) -> str:
        here = concerned(tx, doing, "note", record)
        return write(tx, doing, "note", here.incident, [here.first_post], value=_checked(text))

    return store.in_turn(work)


def shift_note(store: Store, incident: str, text: str, by: Actor, *, at: datetime | None = None) -> str:
    """Write a note for the next shift. Gives the decision's id. Raises NotAllowed, DecisionRefused."""
    doing = act(by, at=at)
    return store.in_turn(lambda tx: write(tx, doing, "shift_note", incident, [], value=_checked(text)))


def take_role(store: Store, incident: str, by: Actor, *, at: datetime | None = None) -> str:
    """Say who is there and in which role. Gives the decision's id. Raises NotAllowed."""
    check(by, "role")
    doing = act(by, at=at)
    return store.in_turn(lambda tx: write(tx, doing, "role", incident, [], value=by.role))


def notes(store: Store, record: str) -> pl.DataFrame:
    """The standing notes beside a record, newest first: decision, decided_at, who, role, text. Raises NotFound."""
    here = find_record(store, record)
    rows = store.read(notes_of_incident(), {"incident": here.incident, "action": "note"})
    found = store.read(statements.records_of_posts(), frames={"wanted": rows.select("post").unique()})
    mine = found.filter(pl.col("root") == here.root)
    return rows.join(mine, on="post", how="semi", maintain_order="left").drop("post")


def shift_notes(store: Store, incident: str) -> pl.DataFrame:
    """The standing notes for the next shift, newest first: decision, decided_at, who, role, text."""
    return store.read(notes_of_incident(), {"incident": incident, "action": "shift_note"}).drop("post")


def people(store: Store, incident: str) -> pl.DataFrame:
    """Who came in, and the last role of each: who, role, since."""
    return store.read(roles_taken(), {"incident": incident})


def _checked(text: str) -> str:
    words = text.strip()
    if not words or len(words) > MOST:
        raise DecisionRefused(f"A note has 1 to {MOST} characters.", said="note_length", most=MOST)
    return words


def notes_of_incident() -> str:
    """The standing notes of `$incident` of one `$action`: post is null where they are about no record."""
    return """
    select decision, decided_at, who, role, value as text, posts[1] as post from standing_decisions
    where incident = $incident and action = $action order by decided_at desc, decision
    """


def roles_taken() -> str:
    """The last role each person of `$incident` took."""
    return """
    select who, max_by(role, (decided_at, decision)) as role, max(decided_at) as since from standing_decisions
    where incident = $incident and action = 'role' group by who order by since desc, who
    """
