"""What the figures of a plan need beside the offers and requests: what comes in by the minute, rumours, flags, numbers shown.

Reads only. Counts no figure itself: that is `figures`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from dedupe.current import current_help, current_records
from dedupe.deciding.moderation import hidden_records, reported, without_hidden
from dedupe.store import Store

RUMOURS = 20
"""Most rumours that are told apart, those repeated most."""
FLAGS = ("threat", "hate")
TOLD = ("record", "root", "network", "text", "posts")
"""What is told of a rumour."""


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
    rows = current_records(store, incident)
    times = {"incident": incident, "now": now, "hour": now - timedelta(hours=1), "minutes": now - timedelta(minutes=10)}
    recent = store.read(recent_posts(), times).join(rows.select("root", "category").collect(), on="root")
    dealt = pl.concat([hidden_records(store, incident).select("root"), reported(store, incident).select("root")])
    bearing = rows.filter(pl.any_horizontal(pl.col("flags").list.contains(flag) for flag in FLAGS))
    flagged = bearing.select("root", "flags", "posts").collect()
    rumours = rows.filter(pl.col("category") == "rumour").select(TOLD).collect()
    return Noticed(
        recent=recent.group_by("category").agg(pl.col("hour", "minutes").sum()),
        rumours=without_hidden(
            store, rumours.sort("posts", "record", descending=[True, False]).head(RUMOURS), incident
        ),
        showing=current_help(store, incident).select("root", "shows_contact").filter("shows_contact").select("root"),
        flagged=flagged.join(dealt, on="root", how="anti"),
    )


def recent_posts() -> str:
    """Posts of `$incident` after `$hour`, and of these after `$minutes`, until `$now`, by record: root, hour, minutes."""
    return """
    with recent as (
        select wording, created_at from current_posts
        where incident = $incident and created_at > $hour and created_at <= $now
    ), linked as (
        select wording, max_by(root, batch) as root from links semi join recent using (wording) group by wording
    )
    select root, count(*)::bigint as hour, count(*) filter (created_at > $minutes)::bigint as minutes
    from recent join linked using (wording) group by root
    """
