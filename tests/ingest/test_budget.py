from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import TransientError
from ingest.x.budget import SOON, Budget, Ceilings, Price, Spent

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Record:
    """What a store would have on record; what is paid gets here only when a test says so."""

    clock: Clock
    reads: dict[str, int] = field(default_factory=dict)

    def add(self, reads: int) -> None:
        day = f"{self.clock.now:%Y-%m-%d}"
        self.reads[day] = self.reads.get(day, 0) + reads

    def __call__(self) -> Spent:
        day = f"{self.clock.now:%Y-%m-%d}"
        month = sum(reads for at, reads in self.reads.items() if at[:7] == day[:7])
        return Spent(reads_today=self.reads.get(day, 0), reads_month=month)


def budget(clock: Clock, spent=Spent, *, read="0.005", count="0.005", today="5", month="50", **more) -> Budget:
    price = Price(read=Decimal(read), count=Decimal(count))
    return Budget(
        price=price, ceilings=Ceilings(today=Decimal(today), month=Decimal(month)), spent=spent, clock=clock, **more
    )


def ids(count: int, start: int = 0) -> list[str]:
    return [str(n) for n in range(start, start + count)]


def test_a_post_is_paid_once_a_day_however_often_it_is_read():
    clock = Clock()
    some = budget(clock)
    assert some.pay(some.hold(most=100, least=10), ids(30)) == 30
    assert some.pay(some.hold(most=100, least=10), ids(40)) == 10
    assert some.bill().today == Decimal("0.200")
    clock.now += timedelta(hours=12)
    assert some.pay(some.hold(most=100, least=10), ids(40)) == 40
    assert (some.bill().today, some.bill().month) == (Decimal("0.200"), Decimal("0.400"))


def test_a_page_shrinks_to_what_is_left():
    some = budget(Clock(), lambda: Spent(reads_today=963, reads_month=963))
    assert some.hold(most=100, least=10).reads == 37


def test_a_ceiling_is_reached_exactly_and_not_passed_by_a_rounding():
    some = budget(Clock(), read="0.1", today="0.3")
    assert some.hold(most=100, least=1).reads == 3


@pytest.mark.parametrize(
    ("spent", "now", "sentence", "wait"),
    [
        (
            Spent(reads_today=991, reads_month=991),
            NOON,
            "The budget for today is used up ($4.96 of $5.00); reading goes on at 00:00 UTC, or when the ceiling in the "
            "settings is raised.",
            timedelta(hours=12),
        ),
        (
            Spent(reads_today=5, reads_month=10_000),
            NOON,
            "The budget for this month is used up ($50.00 of $50.00); reading goes on on 2026-12-01 at 00:00 UTC, or "
            "when the ceiling in the settings is raised.",
            timedelta(days=9, hours=12),
        ),
        (
            Spent(reads_today=1000, reads_month=10_000),
            datetime(2026, 12, 31, 23, 0, tzinfo=UTC),
            "The budget for this month is used up ($50.00 of $50.00); reading goes on on 2027-01-01 at 00:00 UTC, or "
            "when the ceiling in the settings is raised.",
            timedelta(hours=1),
        ),
    ],
)
def test_what_does_not_fit_is_refused_until_there_is_a_new_budget(spent, now, sentence, wait):
    with pytest.raises(TransientError) as refused:
        budget(Clock(now), lambda: spent).hold(most=100, least=10)
    assert str(refused.value) == sentence
    assert refused.value.retry_after == wait.total_seconds()


def test_after_midnight_in_utc_reading_goes_on():
    clock = Clock()
    some = budget(clock, today="0.05")
    some.pay(some.hold(most=10, least=10), ids(10))
    with pytest.raises(TransientError):
        some.hold(most=10, least=10)
    clock.now += timedelta(hours=12)
    assert some.hold(most=10, least=10).reads == 10


def test_money_set_aside_is_not_spent_twice_and_the_wait_for_it_is_short():
    some = budget(Clock(), today="0.5")
    first = some.hold(most=95, least=10)
    with pytest.raises(TransientError) as refused:
        some.hold(most=100, least=10)
    assert refused.value.retry_after == SOON
    some.give_back(first)
    assert some.hold(most=100, least=10).reads == 100


def test_a_lost_answer_counts_in_full_until_what_it_held_has_been_read():
    some = budget(Clock(), today="0.5")
    some.lose(some.hold(most=60, least=10), "storm")
    assert some.bill().today == Decimal("0.3")
    assert some.hold(most=100, least=10).reads == 40
    some.settle("storm")
    assert some.bill().today == 0


def test_what_is_paid_counts_before_the_store_has_it_and_once_when_it_has():
    clock = Clock()
    record = Record(clock)
    record.add(100)
    some = budget(clock, record)
    some.pay(some.hold(most=100, least=10), ids(50))
    assert some.bill().today == Decimal("0.75")
    record.add(50)
    assert some.bill().today == Decimal("0.75")
    record.add(7)  # another process
    assert some.bill().today == Decimal("0.785")


def test_after_a_restart_posts_read_today_are_not_counted_anew():
    some = budget(Clock(), read_today=ids(30))
    assert some.pay(some.hold_for(ids(40)), ids(40)) == 10


def test_a_count_is_paid_by_the_question_and_left_out_where_no_page_could_follow():
    some = budget(Clock(), today="0.06", count="0.01")
    hold = some.hold_count(beside=10)
    assert hold is not None
    some.pay(hold)
    assert some.bill().today == Decimal("0.01")
    assert some.hold_count(beside=10) is None


def test_what_costs_nothing_is_never_refused():
    some = budget(Clock(), read="0", today="0")
    assert some.hold(most=100, least=10).reads == 100


def test_many_threads_together_do_not_pass_the_ceiling():
    some = budget(Clock(), today="1")
    paid: list[int] = []

    def read(start: int) -> None:
        for n in range(20):
            try:
                hold = some.hold(most=17, least=3)
            except TransientError:
                continue
            paid.append(some.pay(hold, ids(hold.reads, start + 100 * n)))

    threads = [threading.Thread(target=read, args=(10_000 * n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 197 < sum(paid) <= 200


MONEY = st.decimals(min_value=0, max_value=1, places=4)
STEP = st.tuples(
    st.sampled_from(["page", "page", "page", "lost", "refused", "count", "again", "night", "settle"]),
    st.integers(10, 100),
    st.floats(0, 1),
)


@given(
    read=MONEY.filter(bool),
    count=MONEY,
    today=st.decimals(min_value=0, max_value=40, places=2),
    month=st.decimals(min_value=0, max_value=90, places=2),
    before=st.integers(0, 300),
    steps=st.lists(STEP, max_size=40),
)
def test_whatever_is_asked_the_true_bill_never_passes_a_ceiling(read, count, today, month, before, steps):
    """The true bill is kept apart, by X's rules: each post once a day, a lost answer in full, each count."""
    clock = Clock()
    on_record = Spent(reads_today=before, reads_month=before)
    some = budget(
        clock,
        lambda: on_record if clock.now == NOON else Spent(reads_month=before),
        read=read,
        count=count,
        today=today,
        month=month,
    )
    billed: dict[datetime, set[int]] = {NOON: set()}
    counts: dict[datetime, int] = {NOON: 0}
    newest = 0
    unread: set[int] = set()
    for kind, most, share in steps:
        day = clock.now
        spent_before = (billed[day].copy(), counts[day])
        try:
            if kind == "count":
                if hold := some.hold_count(beside=10):
                    some.pay(hold)
                    counts[day] += 1
            elif kind == "night":
                if day < NOON + timedelta(days=5):
                    clock.now += timedelta(days=1)
                    billed[clock.now], counts[clock.now] = set(), 0
            elif kind == "settle":
                # only what has been read since is settled
                hold = some.hold_for(map(str, unread))
                some.pay(hold, map(str, unread))
                billed[day] |= unread
                unread = set()
                some.settle("storm")
            else:
                hold = some.hold(most=most, least=10)
                given_ = range(newest, newest + int(hold.reads * share))
                if kind == "refused":
                    some.give_back(hold)
                elif kind == "lost":
                    some.lose(hold, "storm")
                    billed[day] |= set(given_)
                    unread |= set(given_)
                else:
                    some.pay(hold, map(str, given_))
                    billed[day] |= set(given_)
                    newest += 0 if kind == "again" else len(given_)
        except TransientError:
            assert (billed[day], counts[day]) == spent_before
            continue
        first = before if clock.now == NOON else 0
        assert before * read > today or (len(billed[clock.now]) + first) * read + counts[clock.now] * count <= today
        whole = (sum(map(len, billed.values())) + before) * read + sum(counts.values()) * count
        assert before * read > month or whole <= month
