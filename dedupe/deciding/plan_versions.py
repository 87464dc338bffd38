"""Versions of plans saved on the board, and which of them an incident works by.

Owns their numbers, that nobody saves over what somebody else saved meanwhile, and that saving alone changes nothing for an
incident. Knows not what a plan says: whoever saves has checked it. Text is kept as it is given.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from dedupe.deciding.decisions import act, write
from dedupe.deciding.roles import Actor, check
from dedupe.errors import DecisionRefused, NotFound, Overtaken
from dedupe.store import Store, Transaction

MOST = 300_000
"""Characters of a plan; one that ships has seventy thousand."""
MOST_WHY = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What an incident was told to work by: a version of a plan, or with number 0 the file it began with."""

    decision: str
    plan: str
    number: int
    who: str
    at: datetime


def save_version(
    store: Store, incident: str, plan: str, text: str, by: Actor, *, began: int, why: str = "", at: datetime | None = None
) -> int:  # fmt: skip
    """Save `text` as the next version of `plan`, in an edit that began from version `began` (0: there was none).

    Gives its number. What incidents work by stays. Raises NotAllowed, Overtaken when somebody saved since, or
    DecisionRefused when nothing changed or it is too long.
    """
    doing = act(by, why.strip(), at)
    check(by, "plan_saved")
    if len(text) > MOST or len(doing.reason) > MOST_WHY:
        raise DecisionRefused(
            f"A plan has at most {MOST} characters, a reason {MOST_WHY}.", said="plan_length", most=MOST, why=MOST_WHY
        )

    def work(tx: Transaction) -> int:
        latest = versions(tx, plan).head(1).to_dicts()
        if latest and latest[0]["number"] != began:
            raise Overtaken(plan, latest[0]["number"], latest[0]["who"], latest[0]["saved_at"])
        if latest and version_text(tx, plan, began) == text:
            raise DecisionRefused(f"Nothing changed since version {began}.", said="nothing_changed", number=began)
        number = 1 + int(tx.read(last_number(), {"plan": plan}).item())
        told = json.dumps({"key": plan, "number": number}, ensure_ascii=False)
        decision = write(tx, doing, "plan_saved", incident, [], value=told)
        row = {"decision": decision, "plan": plan, "number": number, "began": began, "text": text}
        tx.append("plan_versions", pl.DataFrame([row], schema_overrides={"number": pl.Int32, "began": pl.Int32}))
        return number

    return store.in_turn(work)


def take_version(store: Store, incident: str, plan: str, number: int, by: Actor, *, at: datetime | None = None) -> str:
    """Have `incident` work by a version from now on, or by its own file with number 0. Gives the decision's id.

    Taking an older one over goes back. Raises NotAllowed, NotFound, or DecisionRefused when it works by that one already.
    """
    doing = act(by, at=at)
    check(by, "plan_taken")

    def work(tx: Transaction) -> str:
        if number:
            version_text(tx, plan, number)
        before = _takings(tx, incident)
        if before and (before[-1]["plan"], before[-1]["number"]) == (plan, number):
            who = before[-1]["who"]
            raise DecisionRefused(f"{who} took that version over already.", said="done_already", who=who)
        step = 1 + max((row["step"] for row in before), default=0)
        told = json.dumps({"key": plan, "number": number, "step": step}, ensure_ascii=False)
        return write(tx, doing, "plan_taken", incident, [], value=told)

    return store.in_turn(work)


def taken(store: Store | Transaction, incident: str) -> Taken | None:
    """What `incident` was last told to work by; None when nobody said."""
    rows = _takings(store, incident)
    if not rows:
        return None
    last = rows[-1]
    names = ("decision", "plan", "number", "who")
    return Taken(**{name: last[name] for name in names}, at=last["decided_at"])


def versions(store: Store | Transaction, plan: str) -> pl.DataFrame:
    """The versions of `plan`, newest first: number, began, saved_at, who, role, why."""
    return store.read(saved_versions(), {"plan": plan})


def saved_plans(store: Store | Transaction) -> list[str]:
    """The plans of which there are versions, by name."""
    return store.read(plans_with_versions())["plan"].to_list()


def version_text(store: Store | Transaction, plan: str, number: int) -> str:
    """The text of a version, as it was saved. Raises NotFound."""
    rows = store.read(text_of_version(), {"plan": plan, "number": number})
    if rows.height == 0:
        raise NotFound(f"There is no version {number} of {plan}.")
    return str(rows.item())


def _takings(store: Store | Transaction, incident: str) -> list[dict[str, Any]]:
    """By `step`, which is counted in turn: the clocks of two machines differ."""
    rows = store.read(takings(), {"incident": incident}).with_columns(
        plan=pl.col("value").str.json_path_match("$.key"),
        number=pl.col("value").str.json_path_match("$.number").cast(pl.Int64),
        step=pl.col("value").str.json_path_match("$.step").cast(pl.Int64),
    )
    return rows.sort("step").to_dicts()


def saved_versions() -> str:
    """The standing versions of `$plan`, newest first."""
    return """
    select number, began, decided_at as saved_at, who, role, reason as why
    from plan_versions join standing_decisions using (decision) where plan = $plan order by number desc
    """


def plans_with_versions() -> str:
    """The names of all plans with a standing version."""
    return "select distinct plan from plan_versions semi join standing_decisions using (decision) order by plan"


def last_number() -> str:
    """The highest number a version of `$plan` ever had, 0 for none: no number is given twice."""
    return "select coalesce(max(number), 0)::bigint as number from plan_versions where plan = $plan"


def text_of_version() -> str:
    """The text of version `$number` of `$plan`."""
    return "select text from plan_versions where plan = $plan and number = $number"


def takings() -> str:
    """The standing decisions by which version of a plan `$incident` works."""
    return """
    select decision, decided_at, who, value from standing_decisions
    where incident = $incident and action = 'plan_taken'
    """
