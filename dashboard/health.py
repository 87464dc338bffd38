"""Whether the board can do its work, for whoever watches over it from outside: the answer of `/healthz`."""

from __future__ import annotations

from dashboard import queries
from dashboard.board import Board
from dashboard.coverage import coverage, told
from dedupe.errors import StoreError


def health(board: Board) -> tuple[int, dict[str, object]]:
    """The HTTP status and the answer.

    `status` is ok, degraded (a source stopped, cannot be reached, is silent or behind: 200, for the board goes on) or
    broken (the store cannot be read: 503). `coverage` says in one line what is watched. `last_batch_age_s` is null before the first batch.
    """
    lines = board.sources()
    sources = [
        {"source": line.source, "query": line.query, "state": line.state, "sentence": line.sentence or line.flag}
        for line in lines
    ]
    covered = {"coverage": told(coverage(lines, board.off())), "sources": sources}
    try:
        batches = queries.batches(board.store, board.incident.id)
    except StoreError as error:
        return 503, {"status": "broken", "store": str(error), "last_batch_age_s": None, **covered}
    newest = max((moment for moment in batches["finished_at"] if moment), default=None)
    age = None if newest is None else round((board.wall() - newest).total_seconds(), 1)
    ailing = any(line.state in ("retrying", "stopped") or line.flag for line in lines)
    status = "degraded" if ailing else "ok"
    return 200, {"status": status, "store": "ok", "last_batch_age_s": age, **covered}
