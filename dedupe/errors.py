"""What can go wrong while recognising and storing.

DedupeError                  base: one sentence for the reader, and what to do
├── LexiconError             a word list that cannot be used; names file and line
├── StoreError               the store cannot be opened or written
│   ├── StoreLocked          another process holds the file
│   ├── StoreTooNew          the file was written by a newer version
│   ├── StoreFull            the disk has no room left; nothing of the batch was written
│   └── StoreBusy            others kept deciding at the same moment; nothing was written
├── NotFound                 no such post, record or incident
├── Refusal                  what a person wanted cannot be; nothing was written; `said` is its code
│   ├── DecisionRefused      a decision that cannot be carried out
│   │   ├── NotAllowed       the role may not do that
│   │   ├── Held             somebody else has claimed the record; says who and until when
│   │   └── Overtaken        somebody saved another version meanwhile; says which, who and when
│   └── IncidentRefused      an incident that cannot be opened, changed, closed or reopened so
└── LearningError            what was learnt cannot be used
"""

from __future__ import annotations

from datetime import datetime


class DedupeError(Exception):
    """Base of everything `dedupe` raises; `str()` is one sentence fit for a screen."""


class LexiconError(DedupeError):
    """A word list that cannot be used; the message names file, line and reason."""


class StoreError(DedupeError):
    """The store cannot be opened, read or written."""


class StoreLocked(StoreError):
    """Another process holds the store's file."""


class StoreTooNew(StoreError):
    """The store was written by a newer version than this one."""


class StoreFull(StoreError):
    """The disk is full. The transaction was rolled back: nothing is half written."""


class StoreBusy(StoreError):
    """Other machines decided at the same moment, again and again."""


class NotFound(DedupeError):
    """No post, record or incident goes by that name."""


class Refusal(DedupeError):
    """What a person wanted cannot be. `said` is a code for why, `values` what stands in it: a screen says it in its words."""

    def __init__(self, message: str, *, said: str, **values: object) -> None:
        super().__init__(message)
        self.said, self.values = said, values


class DecisionRefused(Refusal):
    """A decision that cannot be carried out; the message says why."""


class LearningError(DedupeError):
    """What was learnt cannot be read or used; the message says what to do."""


class NotAllowed(DecisionRefused):
    """The role may not do that; the message says who may."""


class Held(DecisionRefused):
    """The record is claimed: `who` has it, until `until` (UTC)."""

    def __init__(self, who: str, until: datetime) -> None:
        super().__init__(f"{who} has it until {until:%H:%M} UTC: ask them, or wait.", said="held", who=who, until=until)
        self.who, self.until = who, until


class Overtaken(DecisionRefused):
    """While `plan` was edited, `who` saved its version `number`, at `at` (UTC)."""

    def __init__(self, plan: str, number: int, who: str, at: datetime) -> None:
        super().__init__(
            f"{who} saved version {number} at {at:%H:%M} UTC, while you wrote: look at what differs.",
            said="overtaken", who=who, number=number, at=at,
        )  # fmt: skip
        self.plan, self.number, self.who, self.at = plan, number, who, at


class IncidentRefused(Refusal):
    """A step of an incident that cannot be taken; the message says why."""
