"""The desk: a post typed in by whoever answers the telephone, of equal rank with those of any network.

Owns making it a post. Knows neither the form nor the command it was typed into.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from ingest.post import Post, Provenance, frame, stamp
from ingest.source import Fetch

NAME = "desk"
"""The source, and the network such posts are on."""


def typed_in(text: str, *, incident: str, author: str = NAME, contact: str | None = None, now: datetime) -> Fetch:
    """One post, under an id no other has.

    author: the operator's role, or who called. contact: a number or address to reach them, added to the text unless it
    is in there. now: when, with a zone. Raises ValueError when there is no text.
    """
    said, reach = text.strip(), (contact or "").strip()
    if not said:
        raise ValueError("a post without a text says nothing")
    if reach and reach not in said:
        said = f"{said} {reach}"
    post = Post(network=NAME, id=uuid.uuid4().hex, author=author.strip() or NAME, text=said, created_at=now)
    provenance = Provenance(incident=incident, source=NAME, query=NAME, collected_at=now)
    return Fetch(posts=stamp(frame([post]), provenance), cursor=None)
