"""The HTML of what would become of many records: before, after, and why not."""

from __future__ import annotations

from datetime import datetime
from html import escape

import polars as pl

from dashboard.markup import cards
from dashboard.markup.refusals import sentence
from dashboard.words import Words
from dedupe.deciding.bulk import Bulk


def table(found: Bulk, rows: pl.DataFrame, words: Words, deed: str, now: datetime) -> str:
    """What would become of each; `rows` (of `lives.standing`) tell what a record is; `deed` is what would be done."""
    known = _known(found, rows)
    why = {record: sentence(error, words, now) for record, error in found.refused.items()}
    head = "".join(f'<th scope="col">{escape(words.say(f"many.{name}"))}</th>' for name in ("what", "before", "after"))
    told = found.rows.to_dicts()
    body = "".join(_row(row, known.get(row["record"]), words, deed, why.get(row["record"])) for row in told)
    return f'<table class="series parts"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def left_out(found: Bulk, rows: pl.DataFrame, words: Words, now: datetime) -> str:
    """The records that stayed as they were, and why: between the look and the deed somebody else may have taken one."""
    known = _known(found, rows)
    told = "".join(
        f'<li class="kind-{_kind(known.get(record))}">{_what(known.get(record), record, words)}: '
        f"{escape(words.say('many.refused'))} {sentence(error, words, now)}</li>"
        for record, error in found.refused.items()
    )
    return f'<ul class="parts left-out">{told}</ul>'


def _known(found: Bulk, rows: pl.DataFrame) -> dict[str, cards.Row]:
    picked = pl.col("record").is_in(found.rows["record"].implode())
    return {row["record"]: row for row in rows.filter(picked).to_dicts()}


def _what(known: cards.Row | None, record: str, words: Words) -> str:
    return cards.heading(known, words) if known else escape(record)


def _kind(known: cards.Row | None) -> str:
    return cards.kind_of(known) if known else "none"


def _row(row: cards.Row, known: cards.Row | None, words: Words, deed: str, why: str | None) -> str:
    what = _what(known, str(row["record"]), words)
    before = escape(words.word("state", row["before"]))
    after = escape(words.word("state", row["after"]))
    if row["before"] == row["after"]:
        after += f" · {escape(words.say(f'many.did_{deed}'))}"
    if why is not None:
        after = f'<span class="sentence">{escape(words.say("many.refused"))} {why}</span>'
    return f'<tr class="kind-{_kind(known)}"><th scope="row">{what}</th><td>{before}</td><td>{after}</td></tr>'
