"""Who looks at the board: a name and a role, chosen and not proven, remembered for a browser until the process ends.

Owns the tokens by which a browser that comes back is known again. What a role may do is in `dedupe.deciding.roles`. A login, when
there is one, takes the place of `Visitors` and gives the same `Actor`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from threading import Lock

from dedupe.deciding.roles import MAY, UNDO_OF_OTHERS, Actor, may

COOKIE = "helpt_visitor"
ROLES = tuple(MAY)
WATCHER = Actor(who="", role="watcher")
"""Who has not said who they are: they see the board and decide nothing."""
LONGEST_NAME = 60
MOST = 1_000
"""Visitors that are remembered; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Visitors:
    """The visitors of this process, by token."""

    known: dict[str, Actor] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def greet(self, who: str, role: str) -> tuple[str, Actor]:
        """Remember a visitor. Returns their token (letters, digits, `-` and `_`) and who they are from now on.

        Raises ValueError for a name without a letter or digit, or an unknown role.
        """
        name = " ".join(who.split())[:LONGEST_NAME]
        if not any(char.isalnum() for char in name) or role not in ROLES:
            raise ValueError("a name and a role are wanted")
        token, actor = secrets.token_urlsafe(18), Actor(who=name, role=role)
        with self.lock:
            while len(self.known) >= MOST:
                self.known.pop(next(iter(self.known)))
            self.known[token] = actor
        return token, actor

    def recall(self, token: str | None) -> Actor:
        """Who a token stands for; `WATCHER` when nobody knows it."""
        return self.known.get(token or "", WATCHER)


def can(actor: Actor, action: str) -> bool:
    """Whether to offer an action: to somebody with a name whose role may take it."""
    return actor.who != "" and may(actor.role, action)


def can_undo(actor: Actor, action: str, whose: str) -> bool:
    """Whether to offer taking back what `whose` did."""
    return actor.who != "" and (actor.who == whose or action in UNDO_OF_OTHERS.get(actor.role, frozenset()))
