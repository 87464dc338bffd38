"""Explaining: why posts are one record, or why two records are not, in sentences a volunteer understands.

Owns the wording of reasons on a terminal; judges with the same evidence as the collapse, so that what is told is what counted.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from dedupe import statements
from dedupe.contact import masked, spelled
from dedupe.deciding.decisions import Found, find_record
from dedupe.errors import NotFound
from dedupe.evidence import AGAINST, LOWER, UPPER, WHY
from dedupe.links import CLOSEST, compare
from dedupe.reading.flags import PRIVATE
from dedupe.reading.readers import current_reader
from dedupe.store import Store

_SHOWN = 25


def explain(store: Store, name: str, *, contacts: bool = False) -> str:
    """What a post (`network/id`) or a record is made of and why. Contacts are masked unless `contacts`. Raises NotFound."""
    found = find_record(store, name)
    posts = store.read(statements.posts_of_record(), {"root": found.root})
    lines = [
        *_head(store, found, contacts),
        *_members(store, posts, found),
        *_doubts(store, found),
        *_decisions(store, posts),
    ]
    network, _, post = name.partition("/")
    own = posts.filter((pl.col("network") == network) & (pl.col("id") == post))
    if own.height:
        row = own.row(0, named=True)
        lines.append(f"Post {name} is here because: {reason(row['why'])} (strength {row['strength']:.2f}).")
    return "\n".join(lines)


def explain_two(store: Store, name: str, other: str) -> str:
    """Why two records (or two posts' records) are not one; or that they are. Raises NotFound."""
    here, there = find_record(store, name), find_record(store, other)
    if here.root == there.root:
        return f"{name} and {other} are one record.\n\n{explain(store, name)}"
    verdicts = compare(_wordings(store, here), _wordings(store, there)).head(CLOSEST)
    if verdicts.height == 0:
        return f"{name} and {other} share no number, no writer, no credit and no run of words: nothing suggests they are one."
    lines = [f"{name} and {other} are two records. Their closest wordings:"]
    for row in verdicts.iter_rows(named=True):
        lines += [f"  “{row['text']}”", f"  “{row['text_parent']}”", f"    words alike: {row['likeness']:.0%}"]
        if row["why"]:
            lines.append(f"    for:     {WHY[row['why']]} ({_side(row['strength'])})")
        if row["against"]:
            lines.append(f"    against: {AGAINST[row['against']]}")
    return "\n".join(lines)


def reason(why: str) -> str:
    """A link's reason in words: codes of the evidence are spelled out, other reasons are sentences already."""
    return WHY.get(why, why)


def _side(strength: float) -> str:
    if strength >= UPPER:
        return "enough to join, were there nothing against it"
    return "enough to ask a person" if strength >= LOWER else "too little"


def _head(store: Store, found: Found, contacts: bool) -> Iterator[str]:
    record = store.read("from current_records where root = $root", {"root": found.root}).row(0, named=True)
    facts = [record[key] for key in ("kind", "place", "capacity") if record[key] is not None]
    yield f"Record {record['record']}: {record['category']} ({', '.join(map(str, facts)) or 'no facts read'}), {record['state']}"
    yield f"  category because: {record['category_why'] or 'no word spoke for another'} (certainty {record['certainty']:.2f})"
    yield from (f"  {line}" for line in (record["said"] or "").splitlines())
    contact = record["contact"] or f"@{record['author']}"
    yield f"  contact: {spelled(contact) if contacts else masked(contact)}"
    first, last = (f"{record[key]:%d %b %H:%M}" for key in ("first_seen", "last_seen"))
    yield f"  seen {record['posts']} times on {', '.join(record['networks'])}, {first} to {last} UTC"
    yield from _flags(store, found, record["flags"] or [], contacts)
    if record["proposal"]:
        yield "  the writer says it is full; nobody confirmed it yet"


def _flags(store: Store, found: Found, flags: list[str], contacts: bool) -> Iterator[str]:
    """The flags with the words that made them, as the lists in force find them; what is private stays covered."""
    if not flags:
        return
    head = store.read(statements.head_of_record(), {"root": found.root}).rename({"text": "wording"})
    weighed = current_reader().flags.weigh(head).row(0, named=True)
    for flag in flags:
        words = weighed.get(f"{flag}_words", [])
        told = ", ".join(f"‘{word}’" for word in words if contacts or flag not in PRIVATE)
        yield f"  flagged {flag}, for a person to judge{f': {told}' if told else ''}"


def _members(store: Store, posts: pl.DataFrame, found: Found) -> Iterator[str]:
    wordings = posts.group_by("wording", "why", "strength").agg(count=pl.len(), first=pl.col("created_at").min())
    texts = _wordings(store, found).select("wording", "text")
    yield f"Its {wordings.height} wordings, and why each belongs:"
    rows = wordings.join(texts, on="wording").sort("count", descending=True)
    for row in rows.head(_SHOWN).iter_rows(named=True):
        yield f"  {row['count']:>5} × “{_short(row['text'])}”: {reason(row['why'])} ({row['strength']:.2f})"
    if rows.height > _SHOWN:
        yield f"  … and {rows.height - _SHOWN} more"


def _doubts(store: Store, found: Found) -> Iterator[str]:
    for row in store.read(statements.suggestions_of_record(), {"root": found.root}).iter_rows(named=True):
        against = f", but: {AGAINST[row['against']]}" if row["against"] else ""
        yield f"Perhaps one with {row['record']}: {reason(row['why'])}{against}. A person must say."


def _decisions(store: Store, posts: pl.DataFrame) -> Iterator[str]:
    said = store.read(statements.decisions_of_posts(), frames={"wanted": posts.select("post").unique()})
    for row in said.iter_rows(named=True):
        value = f" {_short(row['value'])}" if row["value"] else ""
        yield f"{row['decided_at']:%d %b %H:%M} UTC {row['who']} ({row['role']}): {row['action']}{value}"


def _wordings(store: Store, found: Found) -> pl.DataFrame:
    members = store.read(statements.links_of_roots(), frames={"wanted": pl.DataFrame({"root": [found.root]})})
    if members.height == 0:
        raise NotFound("That record has no posts any more.")
    return store.read(statements.wordings_by_hash(), frames={"wanted": members.select("wording")})


def _short(text: str, length: int = 90) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
