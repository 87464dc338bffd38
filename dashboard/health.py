"""Whether the board can do its work, for whoever watches over it from outside: the answer of `/healthz`.

Owns what counts as broken. Tells no author, no text and no token: sentences of sources are cut, and hold none.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from dashboard import queries
from dashboard.board import Board, SourceLine
from dashboard.coverage import told
from dashboard.fare import Fare, fares
from dashboard.markup.plain import clean, shorten
from dedupe.errors import StoreError

HOUSEBOUND = ("file", "desk", "replay")
"""Sources that reach no network: that they work says nothing about what is going on outside."""
SENTENCE = 300


def health(board: Board) -> tuple[int, dict[str, Any]]:
    """The HTTP status and the answer.

    `status` is ok, degraded (a source stopped, cannot be reached, is silent or behind: 200, for the board goes on) or
    broken: 503, for the store cannot be read, or every network that should be watched has stopped or been silent for
    minutes. `coverage` says in one line what is watched. `last_batch_age_s` is null before the first batch.
    """
    found = fares(board)
    lines = [line for fare in found.sources for line in fare.lines]
    answer = {"coverage": told(found.covered), "sources": [_line(line, found.at) for line in lines]}
    answer["off"] = [fare.source for fare in found.sources if fare.covered.cover == "off"]
    try:
        batches = queries.batches(board.store, board.incident.id)
    except StoreError as error:
        found = replace(found, problem=str(error))
    if found.problem is not None:
        return 503, {"status": "broken", "store": found.problem, "last_batch_age_s": None, **answer}
    newest = max((moment for moment in batches["finished_at"] if moment), default=None)
    ailing = any(line.state in ("retrying", "stopped") or line.silent or line.flag for line in lines)
    status = "broken" if _blind(found.sources) else "degraded" if ailing else "ok"
    code = 503 if status == "broken" else 200
    return code, {
        "status": status,
        "store": "ok",
        "last_batch_age_s": _age(newest, found.at),
        **answer,
    }


def _blind(sources: tuple[Fare, ...]) -> bool:
    """Whether no network is watched though some should be; one that a person paused or switched off should not."""
    wanted = [line for fare in sources for line in fare.lines if fare.source not in HOUSEBOUND and not line.rereads]
    wanted = [line for line in wanted if line.state != "paused"]
    return bool(wanted) and all(line.state == "stopped" or line.silent for line in wanted)


def _line(line: SourceLine, now: datetime) -> dict[str, Any]:
    said = line.sentence or line.flag
    return {
        "source": line.source,
        "query": shorten(clean(line.query), characters=SENTENCE, lines=1),
        "state": line.state,
        "silent": line.silent,
        "behind_s": None if line.behind is None else round(line.behind, 1),
        "last_answer_age_s": _age(line.last_ok, now),
        "last_post_age_s": _age(line.last_post, now),
        "sentence": shorten(clean(said), characters=SENTENCE, lines=3) if said else None,
    }


def _age(at: datetime | None, now: datetime) -> float | None:
    return None if at is None else round((now - at).total_seconds(), 1)
