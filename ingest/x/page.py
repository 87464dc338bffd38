"""Answers of X → posts, removals, and what is needed to ask on.

Owns what an answer must hold to count as one. Knows no connection, no budget and no order of asking.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from ingest.reading.form_x import NETWORK, read_page
from ingest.reading.found import Record, child, children, key, text
from ingest.reading.gather import Gathering
from ingest.source import Refusal, Removal
from ingest.x.cursor import is_id, newest

_GONE = {"resource-not-found": "deleted", "not-authorized-for-resource": "no longer public"}


class NoAnswer(ValueError):
    """JSON, but not of a kind that answers the question; `str()` says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one answer holds.

    content: posts with the columns of `CONTENT`, of each the latest version alone. ids: as X numbers and bills them,
    each version of an edited post by its own. newer: versions X knows of and did not give. left_out: how many things X
    says it could not give.
    """

    content: pl.DataFrame
    refusals: tuple[Refusal, ...]
    ids: tuple[str, ...]
    removals: tuple[Removal, ...] = ()
    newer: tuple[str, ...] = ()
    newest: str | None = None
    token: str | None = None
    left_out: int = 0


def read_search(body: Record, *, now: datetime) -> Page:
    """A page of a search. Raises NoAnswer when it is none."""
    if not isinstance(body.get("meta"), Mapping):
        raise NoAnswer("it tells nothing of its page")
    meta = child(body, "meta")
    content, refusals, ids = _posts(body, now)
    named = text(meta, "newest_id")
    return Page(
        content=content,
        refusals=refusals,
        ids=ids,
        newest=named if is_id(named) else newest(one for one in ids if is_id(one)),
        token=text(meta, "next_token"),
        left_out=len(children(body, "errors")),
    )


def read_count(body: Record) -> int:
    """How many posts there are. Raises NoAnswer when it does not say."""
    total = child(body, "meta").get("total_tweet_count")
    if not isinstance(total, int):
        raise NoAnswer("it tells no number")
    return total


def read_lookup(body: Record, *, asked: Sequence[str], now: datetime) -> Page:
    """The posts that were `asked` for, and removals for those X shows no more. Raises NoAnswer when it is none.

    A post that X neither gives nor speaks of is gone as well, unless X says that something of this answer failed.
    """
    if not isinstance(body.get("data"), list) and not isinstance(body.get("errors"), list):
        raise NoAnswer("it holds neither posts nor errors")
    content, refusals, ids = _posts(body, now)
    errors = {key(error, "resource_id", "value"): text(error, "type") or "" for error in children(body, "errors")}
    failed = any(one not in asked for one in errors)
    versions = [(key(post, "id"), _versions(post)) for post in children(body, "data")]
    shown = {one for post, history in versions for one in (post, *history)}
    reasons = {
        one: _GONE.get(errors[one].rpartition("/")[2]) if one in errors else None if failed else "not shown any more"
        for one in asked
        if one not in shown
    }
    return Page(
        content=content,
        refusals=refusals,
        ids=ids,
        removals=tuple(
            Removal(network=NETWORK, id=one, at=now, reason=reason) for one, reason in reasons.items() if reason
        ),
        newer=tuple(history[-1] for _, history in versions if history and history[-1] not in ids),
    )


def latest(content: pl.DataFrame) -> pl.DataFrame:
    """Of each post the version written last; columns as they were."""
    written = pl.coalesce("edited_at", "created_at")
    return content.sort(written, maintain_order=True).unique("id", keep="last", maintain_order=True)


def _posts(body: Record, now: datetime) -> tuple[pl.DataFrame, tuple[Refusal, ...], tuple[str, ...]]:
    gathering = Gathering(now)
    data = body.get("data")
    for number, post in enumerate(data if isinstance(data, list) else (), 1):
        raw = json.dumps(post, ensure_ascii=False)
        if not isinstance(post, Mapping):
            gathering.refuse(number, "the post is not a JSON object", raw)
            continue
        for found in read_page({"data": [post], "includes": body.get("includes")}):
            gathering.take_found(number, found, raw)
    chunk = gathering.chunk(rows=len(gathering), progress=1.0)
    ids = dict.fromkeys(one for post in children(body, "data") if (one := key(post, "id")))
    return latest(chunk.content), chunk.refusals, tuple(ids)


def _versions(post: Record) -> list[str]:
    history = post.get("edit_history_tweet_ids")
    return [one for one in history if is_id(one)] if isinstance(history, list) else []
