"""Rumours: what people found out about claims that go round.

Owns the standing of a claim: nobody looked, it holds, or it does not, with who confirms that. Matching claims with known
rumours is reading; what to answer is the plan's.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

import polars as pl

from dedupe import statements
from dedupe.current import current_records
from dedupe.deciding.decisions import act, concerned, write
from dedupe.deciding.moderation import without_hidden
from dedupe.deciding.roles import Actor
from dedupe.errors import DecisionRefused
from dedupe.store import Store, Transaction

FOUND = ("unverified", "checked", "false")
"""How a claim can stand: nobody knows, it holds, it does not."""
CLAIMED = ("root", "record", "network", "url", "lang", "text", "posts", "networks", "first_seen", "last_seen")
"""What is told of a claim beside how it stands."""


def judge_rumour(
    store: Store, records: Sequence[str], found: str, by: Actor, source: str = "", *, at: datetime | None = None
) -> str:
    """Say how a claim stands, for all records that make it, in one go. `source` is who confirms it.

    Gives the name all these decisions share (`undo` takes it). Raises NotAllowed, NotFound, or DecisionRefused for an unknown
    standing, and for one that nobody confirms.
    """
    doing = act(by, source.strip(), at, bulk=uuid.uuid4().hex)

    def work(tx: Transaction) -> str:
        about = {here.root: here for here in (concerned(tx, doing, "rumour", record) for record in records)}
        if found not in FOUND:
            raise DecisionRefused(
                f"{found} is no standing: take one of {', '.join(FOUND)}.", said="unknown", value=found
            )
        if found != "unverified" and not doing.reason:
            raise DecisionRefused("Say who confirms it: a claim is not checked without a source.", said="source")
        if not about:
            raise DecisionRefused("Pick the claims that this is about.", said="no_claims")
        for here in about.values():
            write(tx, doing, "rumour", here.incident, [here.first_post], value=found)
        return str(doing.bulk)

    return store.in_turn(work)


def rumours(store: Store, incident: str) -> pl.DataFrame:
    """The claims of an incident, what moderators hid left out, most posts first.

    Columns: root, record, network, url, lang, text, posts, networks (how many), first_seen, last_seen; found (one of
    `FOUND`), source, who and decided_at of the last decision, null without one.
    """
    told = current_records(store, incident).filter(pl.col("category") == "rumour").select(CLAIMED).collect()
    rows = without_hidden(store, told.sort("posts", "record", descending=[True, False]), incident)
    decided = store.read(standings(), {"incident": incident})
    about = store.read(statements.records_of_posts(), frames={"wanted": decided.select("post").unique()})
    last = decided.join(about.select("post", "root"), on="post", maintain_order="left").unique("root", keep="last")
    return rows.join(last.drop("post"), on="root", how="left", maintain_order="left").with_columns(
        pl.col("found").fill_null("unverified")
    )


def standings() -> str:
    """What stands of rumours in `$incident`, oldest first."""
    return """
    select posts[1] as post, value as found, reason as source, who, decided_at from standing_decisions
    where incident = $incident and action = 'rumour' order by decided_at, decision
    """
