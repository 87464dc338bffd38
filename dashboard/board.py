"""What a page needs to draw: the open store, the incident, its plan, how the sources fare, and the clocks.

Owns the one place where a page's script finds them (`held`): Streamlit runs a script, not a function with arguments.
Knows neither Streamlit nor the collectors: these come in as a callable that tells how each source fares.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Protocol

from dashboard.plans import Plans
from dedupe.deciding.life import TERMS, Terms
from dedupe.store import Store
from playbooks.model import Playbook


class QuotaLine(Protocol):
    """What a network still allows; `ingest.source.Quota` is one."""

    @property
    def remaining(self) -> int:
        """Calls left."""
        ...

    @property
    def resets_at(self) -> datetime | None:
        """When there are new ones."""
        ...


class SourceLine(Protocol):
    """How one source fares; `ingest.schedule.Status` is one. Times are in UTC."""

    @property
    def source(self) -> str:
        """One of the words of the vocabulary: bluesky, mastodon, x, file, desk, replay."""
        ...

    @property
    def query(self) -> str:
        """What is asked of it."""
        ...

    @property
    def state(self) -> str:
        """waiting, running, retrying, stopped or paused."""
        ...

    @property
    def sentence(self) -> str | None:
        """What is wrong, fit for a screen; None when all is well."""
        ...

    @property
    def next_try(self) -> datetime | None:
        """When a source that failed is asked again."""
        ...

    @property
    def quota(self) -> QuotaLine | None:
        """What its network still allows; None where it does not say."""
        ...

    @property
    def last_ok(self) -> datetime | None:
        """When it last answered."""
        ...

    @property
    def last_post(self) -> datetime | None:
        """When something new last came."""
        ...

    @property
    def behind(self) -> float | None:
        """How many seconds a stream lags after its network; None where that is not known."""
        ...

    @property
    def notice(self) -> str | None:
        """What is less than it should be though nothing failed; None when nothing is."""
        ...

    @property
    def silent(self) -> bool:
        """Whether it should have answered by now."""
        ...

    @property
    def flag(self) -> str | None:
        """That it is silent or behind, fit for a screen; None when it is neither."""
        ...

    @property
    def rereads(self) -> bool:
        """Whether it looks again at posts another line collects."""
        ...


class OffLine(Protocol):
    """A source that is not asked; `ingest.collectors.Off` is one."""

    @property
    def source(self) -> str:
        """One of the words of the vocabulary."""
        ...

    @property
    def sentence(self) -> str:
        """Why, and what to do."""
        ...


class CeilingsLine(Protocol):
    """The most that may be spent, in USD."""

    @property
    def today(self) -> Decimal:
        """In a day of UTC."""
        ...

    @property
    def month(self) -> Decimal:
        """In a month of UTC."""
        ...


class BillLine(CeilingsLine, Protocol):
    """What was spent on X, in USD, in this day and this month of UTC; `ingest.x.budget.Bill` is one."""

    @property
    def ceilings(self) -> CeilingsLine:
        """The most that may be."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """The emergency on the board. `opened_at` carries a zone and is T+0 of the plan; `zone` is what times are shown in.

    `synthetic` says that its posts are made up, which the board then says on every screen.
    """

    id: str
    name: str
    opened_at: datetime
    tags: tuple[str, ...] = ()
    zone: str = "Europe/Brussels"
    synthetic: bool = False


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


def no_sources() -> Sequence[SourceLine]:
    """A board without collectors in its process."""
    return ()


def none_off() -> Sequence[OffLine]:
    """Nothing is known of sources that are off."""
    return ()


def no_bill() -> BillLine | None:
    """Nothing is billed, or nobody here knows what."""
    return None


def no_plan() -> Plans:
    """A board without a plan."""
    return Plans(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One incident's board.

    `now` is the incident's clock, which a replay may run faster; `wall` is the machine's, for how long ago a batch came
    in. `terms` say how long claims and offers hold; `rehearsal` that people practise: nothing is sent for real.
    `take_call` makes a post of what was said at the desk (text, writer, when) and takes it in; it gives the post's name,
    `network/id`.
    """

    store: Store
    incident: Incident
    plans: Plans = field(default_factory=no_plan)
    rehearsal: bool = False
    sources: Callable[[], Sequence[SourceLine]] = no_sources
    off: Callable[[], Sequence[OffLine]] = none_off
    bill: Callable[[], BillLine | None] = no_bill
    take_call: Callable[[str, str, datetime], str] | None = None
    now: Callable[[], datetime] = utc_now
    wall: Callable[[], datetime] = utc_now
    terms: Terms = TERMS

    @property
    def playbook(self) -> Playbook | None:
        """The plan in force."""
        return self.plans.playbook


_held: list[Board] = []


def hold(board: Board) -> None:
    """Make `board` the one this process shows."""
    _held[:] = [board]


def held() -> Board:
    """The board this process shows. Raises LookupError before `hold`."""
    if not _held:
        raise LookupError("no board is held: call dashboard.app.build first")
    return _held[0]
