"""The HTML of what would become of many records: before, after, and why not."""

from __future__ import annotations

from html import escape

import polars as pl

from dashboard.markup import cards
from dashboard.markup.refusals import sentence
from dashboard.words import Words


def table(found: pl.DataFrame, rows: pl.DataFrame, words: Words, deed: str) -> str:
    """`found` as `dedupe.bulk.Bulk.rows`; `rows` (of `lives.standing`) tell what each record is; `deed` is what would be done."""
    known = {row["record"]: row for row in rows.filter(pl.col("record").is_in(found["record"].implode())).to_dicts()}
    head = "".join(f'<th scope="col">{escape(words.say(f"many.{name}"))}</th>' for name in ("what", "before", "after"))
    body = "".join(_row(row, known.get(row["record"]), words, deed) for row in found.iter_rows(named=True))
    return f'<table class="series parts"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _row(row: cards.Row, known: cards.Row | None, words: Words, deed: str) -> str:
    what = cards.heading(known, words) if known else escape(str(row["record"]))
    kind = cards.kind_of(known) if known else "none"
    before = escape(words.word("state", row["before"]))
    after = escape(words.word("state", row["after"]))
    if row["before"] == row["after"]:
        after += f" · {escape(words.say(f'many.did_{deed}'))}"
    if row["refused"]:
        after = f'<span class="sentence">{escape(words.say("many.refused"))} {sentence(row["refused"], words)}</span>'
    return f'<tr class="kind-{kind}"><th scope="row">{what}</th><td>{before}</td><td>{after}</td></tr>'
