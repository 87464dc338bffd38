"""Posts to learn from: what the rules cannot read and a person can, and the labels such a person gives."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from dedupe.decisions import Actor, relabel
from dedupe.store import Store
from ingest.post import Post
from tests.support.posts import post, take

AN = Actor(who="An", role="volunteer")
BO = Actor(who="Bo", role="coordinator")

WHO = (
    "Wie nat is",
    "Kletsnat",
    "Doorweekt en moe",
    "Verregende vrienden",
    "Natte voeten",
    "Bibberende mensen",
    "Verkleumd",
)
DOOR = ("de achterdeur", "onze poort", "de voordeur", "het tuinhek", "de zijdeur", "onze schuurdeur", "het luik")
SKY = ("Wat een wolken", "Zo'n hagel", "Die bliksem", "Zwarte lucht", "Dat onweer", "Rare wind", "Donkergroene hemel")
SEEN = (
    "boven het kanaal",
    "achter de heuvel",
    "over de velden",
    "naast het viaduct",
    "op de radar",
    "bij de kerk",
    "langs de spoorweg",
)


def doors(count: int, start: int = 0) -> list[Post]:
    """Offers that name no help the rules know."""
    return [
        post("x", f"d{number}", f"deur{number}", f"{WHO[number % 7]}? {DOOR[number // 7 % 7]} staat op een kier, kom erbij tot {number} uur", number)
        for number in range(start, start + count)
    ]  # fmt: skip


def skies(count: int, start: int = 0) -> list[Post]:
    """Talk of the weather."""
    return [
        post("x", f"s{number}", f"lucht{number}", f"{SKY[number % 7]} {SEEN[number // 7 % 7]} gezien vanavond, foto {number} volgt", number)
        for number in range(start, start + count)
    ]  # fmt: skip


def label(store: Store, posts: Sequence[Post], category: str) -> None:
    """Give the records of posts a category, as a person."""
    for each in posts:
        relabel(store, f"{each.network}/{each.id}", category, AN)


def taught(store: Store, each: int = 20) -> None:
    """A store with so many labelled offers and as much labelled talk, beside as many of both that nobody labelled."""
    take(store, *doors(2 * each), *skies(2 * each))
    label(store, doors(each), "offer")
    label(store, skies(each), "other")


def faces(store: Store) -> pl.DataFrame:
    """What records say and why, by name."""
    return store.read("select record, label, category, certainty, category_why from current_records order by record")


def beds(count: int, start: int = 0) -> list[Post]:
    """Offers the rules are firm about."""
    return [
        post("x", f"b{number}", f"bed{number}", f"Slaapplaats vrij in Genk voor 2 personen, bel 0470 00 00 {number:02}", number)
        for number in range(start, start + count)
    ]  # fmt: skip
