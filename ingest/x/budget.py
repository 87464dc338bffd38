"""What may still be spent on a network that bills what is read from it.

Owns prices, ceilings, the days and months of UTC in which they count, and which posts were paid for already: a post is
billed once a UTC day however often it is read. Knows no network and no store: what was spent before comes from whoever
keeps it, as counts.

Money is set aside before anything is asked and paid once the answer is there, so no ceiling is passed, whatever the
other side sends and however many sources ask at once. One budget serves all sources that share a bill. What another
process spends is seen once it is in the store, and the page it is reading at that moment is not.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from ingest.errors import TransientError

SOON = 5.0
"""Seconds to wait where the rest of a budget is set aside for another question, which may not need it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one unit costs, in USD: a post read, a question how many posts there are."""

    read: Decimal
    count: Decimal

    def of(self, reads: int, counts: int) -> Decimal:
        """The cost of so many, in USD."""
        return reads * self.read + counts * self.count


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceilings:
    """The most that may be spent, in USD, in a day and in a month of UTC."""

    today: Decimal
    month: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What is on record as paid for, in this day and this month of UTC; today's is part of the month's."""

    reads_today: int = 0
    counts_today: int = 0
    reads_month: int = 0
    counts_month: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """Where the spending stands, for a screen; all in USD. `today` and `month` hold what may yet prove unbilled."""

    today: Decimal
    month: Decimal
    ceilings: Ceilings


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Money set aside on `day` for as many posts and counts, until it is paid, lost or given back."""

    number: int
    day: date
    reads: int = 0
    counts: int = 0


class Budget:
    """Sets aside, pays and refuses. Safe to use from several threads."""

    def __init__(
        self,
        *,
        price: Price,
        ceilings: Ceilings,
        spent: Callable[[], Spent],
        clock: Callable[[], datetime],
        read_today: Iterable[str] = (),
    ) -> None:
        """spent: what the store has on record now. clock: the time, with a zone.

        read_today: ids of the posts read since 00:00 UTC; without them a restart counts anew those it reads again.
        """
        self._price = price
        self._ceilings = ceilings
        self._spent = spent
        self._clock = clock
        self._lock = threading.Lock()
        self._before: tuple[date, Spent] | None = None
        self._paid: defaultdict[date, Decimal] = defaultdict(Decimal)
        self._read: defaultdict[date, set[str]] = defaultdict(set, {self._today(): set(read_today)})
        self._holds: dict[int, Hold] = {}
        self._lost: defaultdict[str, dict[int, Hold]] = defaultdict(dict)
        self._numbers = 0

    def bill(self) -> Bill:
        """What was spent, with what answers that never came whole may have cost."""
        with self._lock:
            today, month = self._used(self._today(), holds=False)
        return Bill(today=today, month=month, ceilings=self._ceilings)

    def hold(self, *, most: int, least: int) -> Hold:
        """Set aside money for as many posts as fit under both ceilings, from `least` to `most`.

        Raises TransientError, with the time until there is a new budget, where not even `least` fit.
        """
        with self._lock:
            day = self._today()
            reads = min(most, self._room(day))
            if reads < least:
                raise self._refusal(day, least)
            return self._set_aside(day, reads=reads)

    def hold_for(self, ids: Iterable[str]) -> Hold:
        """Set aside money for these posts, those read today already left out. Raises as `hold` does."""
        with self._lock:
            day = self._today()
            reads = len(set(ids) - self._read[day])
            if reads > self._room(day):
                raise self._refusal(day, reads)
            return self._set_aside(day, reads=reads)

    def hold_count(self, *, beside: int) -> Hold | None:
        """Set aside money for one count, if `beside` posts can still be read after it; else None."""
        with self._lock:
            day = self._today()
            return self._set_aside(day, counts=1) if self._room(day, counts=1) >= beside else None

    def pay(self, hold: Hold, ids: Iterable[str] = ()) -> int:
        """The answer is there, with the posts `ids`. Returns how many are billed: those not read before that day."""
        with self._lock:
            self._holds.pop(hold.number, None)
            known = self._read[hold.day]
            fresh = set(ids) - known
            known |= fresh
            self._paid[hold.day] += self._price.of(len(fresh), hold.counts)
            for day in [day for day in self._read if day < hold.day - timedelta(days=1)]:
                del self._read[day]
            return len(fresh)

    def give_back(self, hold: Hold) -> None:
        """Nothing was billed."""
        with self._lock:
            self._holds.pop(hold.number, None)

    def lose(self, hold: Hold, what: str) -> None:
        """The answer never came whole, yet may be billed: count it in full until `what` is `settle`d."""
        with self._lock:
            if self._holds.pop(hold.number, None):
                self._lost[what][hold.number] = hold

    def settle(self, what: str) -> None:
        """Whatever lost answers to `what` held has been read and paid for since."""
        with self._lock:
            self._lost.pop(what, None)

    def room(self) -> int:
        """How many posts can still be read today."""
        with self._lock:
            return self._room(self._today())

    def _set_aside(self, day: date, *, reads: int = 0, counts: int = 0) -> Hold:
        self._numbers += 1
        hold = Hold(number=self._numbers, day=day, reads=reads, counts=counts)
        self._holds[hold.number] = hold
        return hold

    def _today(self) -> date:
        return self._clock().astimezone(UTC).date()

    def _used(self, day: date, *, holds: bool) -> tuple[Decimal, Decimal]:
        """USD of the day and of its month: on record or paid since we started, whichever is more, lost and held."""
        spent = self._spent()
        if self._before is None:
            self._before = (day, spent)
        began, before = self._before
        day_before = before if began == day else Spent()
        month_before = before if _month(began) == _month(day) else Spent()
        unsure = [hold for lost in self._lost.values() for hold in lost.values()]
        unsure += self._holds.values() if holds else ()

        def since_start(counts: Callable[[date], bool]) -> tuple[Decimal, Decimal]:
            paid = sum((cost for at, cost in self._paid.items() if counts(at)), Decimal(0))
            return paid, sum((self._price.of(one.reads, one.counts) for one in unsure if counts(one.day)), Decimal(0))

        paid_today, unsure_today = since_start(lambda at: at == day)
        paid_month, unsure_month = since_start(lambda at: _month(at) == _month(day))
        today = self._price.of(day_before.reads_today, day_before.counts_today) + paid_today
        month = self._price.of(month_before.reads_month, month_before.counts_month) + paid_month
        return (
            max(self._price.of(spent.reads_today, spent.counts_today), today) + unsure_today,
            max(self._price.of(spent.reads_month, spent.counts_month), month) + unsure_month,
        )

    def _room(self, day: date, *, counts: int = 0, holds: bool = True) -> int:
        """How many posts can be read on top of `counts`."""
        today, month = self._used(day, holds=holds)
        left = min(self._ceilings.today - today, self._ceilings.month - month) - self._price.of(0, counts)
        if left < 0:
            return 0
        return int(left // self._price.read) if self._price.read else 1_000_000

    def _refusal(self, day: date, least: int) -> TransientError:
        if self._room(day, holds=False) >= least:
            return TransientError("the rest of the budget is set aside for another question", retry_after=SOON)
        today, month = self._used(day, holds=False)
        for_month = self._ceilings.month - month < least * self._price.read
        used, ceiling = (month, self._ceilings.month) if for_month else (today, self._ceilings.today)
        again = (day.replace(day=1) + timedelta(days=32)).replace(day=1) if for_month else day + timedelta(days=1)
        wait = datetime(again.year, again.month, again.day, tzinfo=UTC) - self._clock()
        when = f"on {again:%Y-%m-%d} at 00:00 UTC" if for_month else "at 00:00 UTC"
        return TransientError(
            f"The budget for {'this month' if for_month else 'today'} is used up (${used:.2f} of ${ceiling:.2f}); "
            f"reading goes on {when}, or when the ceiling in the settings is raised.",
            retry_after=max(wait.total_seconds(), SOON),
        )


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month
