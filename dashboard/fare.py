"""How the sources fare, put together: what the collectors of this process say, what is on record, what people ordered.

Owns the judgement what can be done about a source, and what is known of one that another process collects from. Knows
neither Streamlit nor words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from dashboard import runs
from dashboard.board import BillLine, Board, SourceLine
from dashboard.coverage import Covered, coverage
from dedupe.errors import StoreError
from dedupe.steering import Action, Steered, steered

SILENT = timedelta(minutes=3)
"""After so long without a run on record a source is silent: runs that bring nothing are written once a minute."""

GONE = timedelta(minutes=15)
"""A query whose last run is so much older than that of another of its source is asked no more."""

FOLLOWED = timedelta(seconds=10)
"""Within which collectors have followed an order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """Calls that a network still allows until `resets_at`."""

    remaining: int
    resets_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedLine:
    """A `SourceLine` made of what the last runs left on record, where this process does not collect."""

    source: str
    query: str
    state: str
    sentence: str | None
    last_ok: datetime | None
    last_post: datetime | None
    behind: float | None
    notice: str | None
    silent: bool
    quota: Allowed | None
    flag: str | None = None
    next_try: datetime | None = None

    @property
    def rereads(self) -> bool:
        """Whether it looks again at posts another line collects."""
        return self.query.split(" ")[0] == "reread"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fare:
    """How one source fares: what it covers, its lines, and what a person can do about it.

    `order` is what it was told last; `pending` that its collectors have not followed it yet. `can` lists what makes
    sense now. `last_post` is when something new last came, also before this process began.
    """

    covered: Covered
    lines: tuple[SourceLine, ...] = ()
    last_post: datetime | None = None
    order: Steered | None = None
    pending: bool = False
    can: tuple[Action, ...] = ()

    @property
    def source(self) -> str:
        """One of the words of the vocabulary."""
        return self.covered.source


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """What X cost in a day or month of UTC: posts read, counts asked, USD spent and the most that may be, if known."""

    reads: int
    counts: int
    spent: Decimal | None = None
    ceiling: Decimal | None = None

    @property
    def full(self) -> bool:
        """Whether nothing more may be spent."""
        return self.spent is not None and self.ceiling is not None and self.spent >= self.ceiling


@dataclass(frozen=True, slots=True, kw_only=True)
class Fares:
    """All sources at one moment. `bill` is today's and this month's, empty where X is off and never cost anything.

    `problem` is the sentence of a store that cannot be read: what the collectors say stands all the same.
    """

    sources: tuple[Fare, ...]
    at: datetime
    bill: tuple[Charged, ...] = ()
    problem: str | None = None

    @property
    def covered(self) -> list[Covered]:
        """What the coverage line tells."""
        return [each.covered for each in self.sources]


def fares(board: Board) -> Fares:
    """How the sources of the board's incident fare now."""
    now, lines = board.wall(), board.sources()
    try:
        recorded = runs.last_runs(board.store, board.incident.id, now).to_dicts()
        orders = {each.source: each for each in steered(board.store) if each.incident == board.incident.id}
        bill = _bill(board.bill(), *runs.charged(board.store, now))
    except StoreError as error:
        return _together(board, lines, [], {}, Fares(sources=(), at=now, problem=str(error)))
    # Who does not collect, and has nothing that is off either, looks over the shoulder of another process.
    known = lines or ([] if board.off() else recorded_lines(recorded, orders, now))
    return _together(board, known, recorded, orders, Fares(sources=(), at=now, bill=bill))


def covered(board: Board) -> list[Covered]:
    """What the coverage line tells, without a look at the store where this process collects: for a page many look at."""
    lines, off = board.sources(), board.off()
    return coverage(lines, off) if lines or off else fares(board).covered


def recorded_lines(recorded: Sequence[dict[str, Any]], orders: dict[str, Steered], now: datetime) -> list[SourceLine]:
    """Lines made of the last runs (rows of `runs.last_runs`), those left out that are asked no more."""
    latest: dict[str, datetime] = {}
    for row in recorded:
        latest[row["source"]] = max(row["finished_at"], latest.get(row["source"], row["finished_at"]))
    return [_line(row, orders, now) for row in recorded if latest[row["source"]] - row["finished_at"] < GONE]


def _line(row: dict[str, Any], orders: dict[str, Steered], now: datetime) -> RecordedLine:
    order = orders.get(row["source"])
    paused = order is not None and order.action == "pause" and row["finished_at"] < order.taken_at + FOLLOWED
    state = "paused" if paused else "retrying" if row["error"] else "waiting"
    allowed = None if row["remaining"] is None else Allowed(remaining=row["remaining"], resets_at=row["resets_at"])
    return RecordedLine(
        source=row["source"], query=row["query"], state=state, sentence=row["error"], last_ok=row["last_ok"],
        last_post=row["last_post"], behind=row["behind"], notice=row["notice"], quota=allowed,
        silent=not paused and now - row["finished_at"] > SILENT,
    )  # fmt: skip


def _together(
    board: Board,
    lines: Sequence[SourceLine],
    recorded: Sequence[dict[str, Any]],
    orders: dict[str, Steered],
    found: Fares,
) -> Fares:
    each = [
        _fare(cover, [line for line in lines if line.source == cover.source], recorded, orders, found.at)
        for cover in coverage(lines, board.off())
    ]
    return replace(found, sources=tuple(each))


def _fare(
    cover: Covered,
    lines: Sequence[SourceLine],
    recorded: Sequence[dict[str, Any]],
    orders: dict[str, Steered],
    now: datetime,
) -> Fare:
    order = orders.get(cover.source)
    came = [line.last_post for line in lines]
    came += [row["last_post"] for row in recorded if row["source"] == cover.source]
    states = {line.state for line in lines}
    return Fare(
        covered=cover,
        lines=tuple(lines),
        last_post=max((at for at in came if at is not None), default=None),
        order=order,
        pending=order is not None and bool(lines) and _pending(order, states, now),
        can=_can(states, {line.state for line in lines if not line.rereads}),
    )


def _pending(order: Steered, states: set[str], now: datetime) -> bool:
    if order.action == "pause":
        return states != {"paused"}
    return "paused" in states or ("stopped" in states and now - order.taken_at < FOLLOWED)


def _can(states: set[str], collecting: set[str]) -> tuple[Action, ...]:
    resume: tuple[Action, ...] = ("resume",) if states & {"paused", "stopped"} else ()
    pause: tuple[Action, ...] = ("pause",) if collecting - {"paused", "stopped"} else ()
    return resume + pause


def _bill(bill: BillLine | None, today: tuple[int, int], month: tuple[int, int]) -> tuple[Charged, ...]:
    if bill is None:
        return (
            (Charged(reads=today[0], counts=today[1]), Charged(reads=month[0], counts=month[1])) if any(month) else ()
        )
    return (
        Charged(reads=today[0], counts=today[1], spent=bill.today, ceiling=bill.ceilings.today),
        Charged(reads=month[0], counts=month[1], spent=bill.month, ceiling=bill.ceilings.month),
    )
