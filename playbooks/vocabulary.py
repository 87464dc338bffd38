"""The words a plan shares with the board: kinds of help, figures it counts, variables it fills in.

Owns the names and what each means, so that a plan can be checked without a board. Counts and fills nothing itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

KindName = Literal[
    "bed",
    "ride",
    "animal",
    "children",
    "care",
    "language",
    "parking",
    "shower",
    "food",
    "charging",
    "hands",
    "material",
]
"""Every kind of help the board tells apart."""

About = Literal["kind", "rumour", "source"]
"""What a figure may be counted for, each apart."""

Figure = Literal[
    "unique_offers",
    "open_requests",
    "offers_of_kind",
    "places_of_kind",
    "requests_of_kind",
    "short_of_kind",
    "full_offers",
    "longest_wait_min",
    "rumour_repeats",
    "threats",
    "hate",
    "contact_data",
    "blame_posts",
    "sympathy_posts",
    "posts_per_minute",
    "source_silent_min",
    "minutes_since_start",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a figure counts; with `about`, there is one for each kind, rumour or source."""

    says: str
    about: About | None = None


FIGURES: dict[Figure, Meaning] = {
    "unique_offers": Meaning(says="offers that are still open, each once"),
    "open_requests": Meaning(says="requests that are still open, each once"),
    "offers_of_kind": Meaning(says="open offers of one kind", about="kind"),
    "places_of_kind": Meaning(
        says="places left in the open offers of one kind; an offer without a number is 1", about="kind"
    ),
    "requests_of_kind": Meaning(says="open requests of one kind", about="kind"),
    "short_of_kind": Meaning(
        says="places asked for and not offered, of one kind; 0 when there is enough", about="kind"
    ),
    "full_offers": Meaning(says="offers that are full by now"),
    "longest_wait_min": Meaning(says="minutes the oldest open request has been waiting"),
    "rumour_repeats": Meaning(says="posts that repeat one rumour", about="rumour"),
    "threats": Meaning(says="posts with a threat that nobody has dealt with yet"),
    "hate": Meaning(says="posts with hatred of a group that nobody has dealt with yet"),
    "contact_data": Meaning(says="open offers and requests that show a number or address in public"),
    "blame_posts": Meaning(says="posts that look for someone to blame, in the last hour"),
    "sympathy_posts": Meaning(says="posts of sympathy under the watched tags, in the last hour"),
    "posts_per_minute": Meaning(says="posts a minute, over the last ten minutes"),
    "source_silent_min": Meaning(says="minutes since a source that is watched last answered", about="source"),
    "minutes_since_start": Meaning(says="minutes since the start of the incident"),
}
"""Every figure a trigger may look at."""

BoardVariable = Literal[
    "time",
    "next",
    "hours",
    "tag",
    "place",
    "page",
    "info_line",
    "offers",
    "requests",
    "beds",
    "rides",
    "offers_by_kind",
    "short",
    "enough",
    "full",
    "kind",
    "figure",
    "fact",
    "source",
    "checked",
]

BOARD_VARIABLES: dict[BoardVariable, str] = {
    "time": "the hour of this message, 18:40",
    "next": "the hour of the next message, 19:00",
    "hours": "whole hours since the start of the incident",
    "tag": "the official tag, without #",
    "place": "the municipality of the plan",
    "page": "address of the first channel of network `web` that is a source",
    "info_line": "number of the first channel of network `phone` that is a source",
    "offers": "number of open offers, each once",
    "requests": "number of open requests, each once",
    "beds": "number of places to sleep in the open offers",
    "rides": "number of seats in the open offers",
    "offers_by_kind": "places in the open offers by kind, in words: 42 beds, 12 rides",
    "short": "the kinds that are short, in words",
    "enough": "the kinds there is enough of, in words",
    "full": "number of offers that are full by now",
    "kind": "the kind a trigger fired about, as the plan calls it",
    "figure": "the number that fired a trigger",
    "fact": "the answer to the rumour at hand",
    "source": "who confirms that answer",
    "checked": "the hour at which that answer was last checked",
}
"""Every variable the board fills in by itself."""
