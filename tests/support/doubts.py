"""Posts that leave something to people: pairs that may be one, words nobody is sure of, threats, rumours. All made up."""

from __future__ import annotations

from ingest.post import Post
from tests.support.boards import bed, copy, post

AT_HOME = (
    "Bij ons thuis kunnen jullie terecht om te slapen, warme soep, douche en een {} bed, wij wonen vlakbij het {}, "
    "stuur ons gerust een bericht met hoeveel jullie zijn"
)
THREAT = "Wij weten waar je woont, we komen je halen en slaan je kapot"
TWO_NUMBERS = (
    "2 slaapplaatsen vrij in Genk voor vanavond, graag met hond, bel 0470 55 00 01 #hasselthelpt",
    "Kamer over in Genk, ruim bed, rustige buurt, gezin welkom, ook morgen: 0470 55 00 01",
)
SECOND_STORM = (
    "Ze zeggen dat er een tweede storm komt, klopt dat? Een tweede storm zou om 21 u komen",
    "Naar het schijnt komt er een tweede storm, niemand bevestigt het",
)


def doubts() -> list[Post]:
    """A pair to judge, a record to split, a threat here and one on X, two wordings of one rumour, an offer, and a question."""
    first = bed(1, minute=1)
    return [
        first,
        copy(2, first, minute=2),
        post(11, AT_HOME.format("droog", "festivalterrein"), minute=3),
        post(12, AT_HOME.format("zacht", "station"), minute=5, network="mastodon"),
        post(21, TWO_NUMBERS[0], minute=6),
        post(22, TWO_NUMBERS[1], minute=9, network="mastodon"),
        post(31, THREAT, minute=30),
        post(32, "Jullie gaan eraan, vuile honden, ik maak u kapot", minute=31, network="x", url="https://x.com/w/status/9"),
        post(41, SECOND_STORM[0], minute=20),
        post(42, SECOND_STORM[1], minute=22, network="mastodon"),
        post(51, "Iemand nog iets gehoord van de camping?", minute=32),
    ]  # fmt: skip
