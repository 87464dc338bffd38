"""A shift: its people by role, and a small night for them to work on. Every number and name is made up."""

from __future__ import annotations

from dedupe.deciding.roles import Actor
from dedupe.store import Store
from tests.support.posts import BED, post, record_of, take

AN, BOB = (Actor(who=who, role="volunteer") for who in ("An", "Bob"))
MO, MIA = (Actor(who=who, role="moderator") for who in ("Mo", "Mia"))
CHIEF = Actor(who="Chief", role="coordinator")
WIM = Actor(who="Wim", role="watcher")

NEED = "Zoek slaapplaats in Genk voor 2 personen, bel 0470 00 00 02"
BLAME = "Schandalig hoe de organisatie dit aanpakt, dat hun tenten maar instorten"


def small_night(store: Store) -> Store:
    """A bed (x/1, copied by x/2), a request (x/3), and words that are neither (x/4)."""
    bed = post("x", "1", "jan", BED, 1, url="https://x.example/jan/1")
    copied = post("x", "2", "piet", f"RT @jan: {BED}", 2)
    take(store, bed, copied, post("x", "3", "els", NEED), post("x", "4", "bo", BLAME))
    return store


def name(store: Store, post_name: str) -> str:
    """The id of the record that the post `network/id` counts for."""
    return str(record_of(store, post_name)["record"])
