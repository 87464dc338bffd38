"""Roles: who may decide what on the board. One table, asked by every function that writes a decision.

A role is chosen, not proven: there is no login yet. Knows no store and no screen; a screen asks `may` what to offer.
"""

from __future__ import annotations

from dataclasses import dataclass

from dedupe.errors import NotAllowed

_ALL = frozenset({"role", "shift_note", "duty"})
_HELP = frozenset(
    {
        *("claim", "release", "extend", "confirm", "capacity", "accept", "refuse", "match", "arrived", "fell_through"),
        *("state", "relabel", "merge", "split", "apart", "later", "note", "reveal", "desk"),
    }
)
PROMISES = frozenset({"claim", "extend", "match", "desk"})
"""What somebody will rely on tonight: not to be done once an incident is closed."""
_COORDINATION = frozenset({"incident", "export", "roll_back"})
"""Opening and closing what is watched, taking files with contacts out of the house, and taking back what the board learnt."""
MODERATION = frozenset({"propose_hide", "hide", "unhide", "report", "clear"})
PLAN = frozenset({"plan", "sent", "skipped", "checked", "phase", "plan_taken"})
"""What the plan asks of people; `plan` stands for all of it where a screen asks."""
PLANNING = frozenset({"plan_saved"})
"""Writing the plan itself."""
RUMOURS = frozenset({"rumour"})

MAY: dict[str, frozenset[str]] = {
    "watcher": _ALL,
    "volunteer": _ALL | _HELP,
    "coordinator": _ALL | _HELP | MODERATION | RUMOURS | PLAN | PLANNING | _COORDINATION,
    "planner": _ALL | RUMOURS | PLAN | PLANNING | {"note"},
    "moderator": _ALL | MODERATION | RUMOURS | PLAN | {"note", "relabel"},
}
"""Every role with the actions it may take. Everyone may take back what they did themselves."""

UNDO_OF_OTHERS: dict[str, frozenset[str]] = {
    "coordinator": _ALL | _HELP | MODERATION | RUMOURS | PLAN | PLANNING,
    "moderator": MODERATION | RUMOURS,
}
"""Of which actions a role may take back those of others, and end them: a coordinator releases anyone's claim."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who decides: a name and the role it is done in."""

    who: str
    role: str


MACHINE = Actor(who="helpt", role="machine")
"""The board itself, which notes what fired; nobody can come in as such."""


def may(role: str, action: str) -> bool:
    """Whether a role may take an action: one of those in `MAY`."""
    return action in MAY.get(role, frozenset())


def check(by: Actor, action: str) -> None:
    """Raises NotAllowed when `by` may not take `action`, or is nobody."""
    _known(by)
    if not by.who.strip():
        raise NotAllowed("Say who you are first: every decision bears a name.", said="nameless")
    if not may(by.role, action):
        raise NotAllowed(f"A {by.role} may not {_spelled(action)}: ask a {_able(action)}.", said="role")


def check_other(by: Actor, action: str, whose: str) -> None:
    """Raises NotAllowed when `by` may not take back or end what `whose` did by `action`."""
    _known(by)
    if by.who != whose and action not in UNDO_OF_OTHERS.get(by.role, frozenset()):
        raise NotAllowed(f"{whose} did that: ask them, or a coordinator.", said="others", who=whose)


def _known(by: Actor) -> None:
    if by.role not in MAY:
        raise NotAllowed(f"{by.role} is no role: take one of {', '.join(MAY)}.", said="unknown", value=by.role)


def _spelled(action: str) -> str:
    return action.replace("_", " ")


def _able(action: str) -> str:
    return " or a ".join(role for role in MAY if may(role, action)) or "developer"
