"""What sources need to know of what was collected before, told by whoever keeps it.

Owns the questions. Knows no store.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol


class Recall(Protocol):
    """What sources need to know of what was collected before."""

    def known(self, incident: str, network: str) -> Iterable[str]:
        """The ids of an incident's posts on a network."""
        ...

    def due(
        self, incident: str, network: str, after: str, most: int, since: datetime | None
    ) -> Sequence[tuple[str, str]]:
        """Id and place of the next posts to look at again, after a place, at most so many, collected from `since` on."""
        ...

    def paid(self, source: str, since: datetime) -> tuple[int, int]:
        """How many reads and counts of a source are on record from `since` on."""
        ...

    def read_since(self, network: str, since: datetime) -> Iterable[str]:
        """The ids of the posts of a network that were read from `since` on."""
        ...


class Nothing:
    """A recall of nothing: for a look at a source that is not kept."""

    def known(self, incident: str, network: str) -> Iterable[str]:
        """None."""
        return ()

    def due(
        self, incident: str, network: str, after: str, most: int, since: datetime | None
    ) -> Sequence[tuple[str, str]]:
        """None."""
        return ()

    def paid(self, source: str, since: datetime) -> tuple[int, int]:
        """Nothing."""
        return 0, 0

    def read_since(self, network: str, since: datetime) -> Iterable[str]:
        """None."""
        return ()
