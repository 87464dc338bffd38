"""What the figures of a plan need beside the offers and requests: what comes in by the minute, rumours, flags, numbers shown.

Reads only. Counts no figure itself: that is `figures`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from dedupe.deciding.moderation import hidden_records, reported, without_hidden
from dedupe.store import Store

RUMOURS = 20
"""Most rumours that are told apart, those repeated most."""
FLAGS = ("threat", "hate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """What was read at one moment.

    recent    category, hour, minutes: posts of the last hour and of the last ten minutes
    rumours   record, root, network, text, posts: most repeated first
    showing   root of each offer and request that shows a number or address in public
    flagged   root, flags, posts of what nobody hid or reported yet
    """

    recent: pl.DataFrame
    rumours: pl.DataFrame
    showing: pl.DataFrame
    flagged: pl.DataFrame


def notice(store: Store, incident: str, now: datetime) -> Noticed:
    """What there is to notice of an incident at `now`, its clock. Raises StoreError."""
    values = {"incident": incident}
    times = {**values, "now": now, "hour": now - timedelta(hours=1), "minutes": now - timedelta(minutes=10)}
    dealt = pl.concat([hidden_records(store, incident).select("root"), reported(store, incident).select("root")])
    flagged = store.read(flagged_records(), {**values, "flags": list(FLAGS)}).join(dealt, on="root", how="anti")
    return Noticed(
        recent=store.read(recent_posts(), times),
        rumours=without_hidden(store, store.read(rumour_records(), {**values, "most": RUMOURS}), incident),
        showing=store.read(showing_contacts(), values),
        flagged=flagged,
    )


def recent_posts() -> str:
    """Posts of `$incident` after `$hour` and after `$minutes` until `$now`, by the category of their record."""
    return """
    with recent as (
        select wording, created_at from current_posts
        where incident = $incident and created_at > $hour and created_at <= $now
    ), linked as (
        select wording, max_by(root, batch) as root from links semi join recent using (wording) group by wording
    ), said as (
        select root, max_by(category, batch) as category from faces semi join linked using (root) group by root
    )
    select category, count(*)::bigint as hour, count(*) filter (created_at > $minutes)::bigint as minutes
    from recent join linked using (wording) join said using (root) group by category
    """


def rumour_records() -> str:
    """The `$most` rumours of `$incident` with most posts."""
    return """
    select record, root, network, text, posts from current_records
    where incident = $incident and category = 'rumour' order by posts desc, record limit $most
    """


def showing_contacts() -> str:
    """Offers and requests of `$incident` whose own words hold a number or an address."""
    return r"""
    select root from current_records where incident = $incident and category in ('offer', 'request')
      and (regexp_full_match(contact, '\+?[0-9]+') or contact like '%_@_%._%' or list_contains(flags, 'address'))
    """


def flagged_records() -> str:
    """The records of `$incident` with one of `$flags`."""
    return """
    select root, flags, posts from current_records where incident = $incident and list_has_any(flags, $flags)
    """
