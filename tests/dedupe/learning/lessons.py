"""Posts to learn from: what the rules cannot read and a person can, and the labels such a person gives."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

import polars as pl

from dedupe.collapse import append_links
from dedupe.deciding.decisions import Actor
from dedupe.records import refresh_records
from dedupe.store import Store
from ingest.post import Post
from tests.support.posts import INCIDENT, post, take

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
SKY = ("Wat een wolken", "Zo'n hagel", "Die bliksem", "Grauwe lucht", "Dat onweer", "Rare wind", "Donkergroene hemel")
SEEN = (
    "boven het bos",
    "achter de heuvel",
    "over de velden",
    "naast het viaduct",
    "op de radar",
    "bij de kerk",
    "langs de spoorweg",
)


def doors(count: int, start: int = 0) -> list[Post]:
    """Offers that name no help the rules know."""
    numbers = range(start, start + count)
    texts = (f"{WHO[n % 7]}? {DOOR[n // 7 % 7]} staat op een kier, kom erbij tot {n} uur" for n in numbers)
    return [post("x", f"d{n}", f"deur{n}", text, n) for n, text in zip(numbers, texts, strict=True)]


def skies(count: int, start: int = 0) -> list[Post]:
    """Talk of the weather."""
    numbers = range(start, start + count)
    texts = (f"{SKY[n % 7]} {SEEN[n // 7 % 7]} gezien vanavond, foto {n} volgt" for n in numbers)
    return [post("x", f"s{n}", f"lucht{n}", text, n) for n, text in zip(numbers, texts, strict=True)]


def beds(count: int, start: int = 0) -> list[Post]:
    """Offers the rules are firm about."""
    numbers = range(start, start + count)
    texts = (f"Slaapplaats vrij in Genk voor 2 personen, bel 0470 00 00 {n:02}" for n in numbers)
    return [post("x", f"b{n}", f"bed{n}", text, n) for n, text in zip(numbers, texts, strict=True)]


def label(store: Store, posts: Sequence[Post], *categories: str) -> None:
    """Give the records of posts a category each (in turn, when there are several), as a person: many at once."""
    names = pl.DataFrame({"id": [each.id for each in posts]}).with_row_index("place")
    with store.transaction() as tx:
        found = names.join(tx.read("select distinct id, post, wording from posts"), on="id", maintain_order="left")
        given = [categories[place % len(categories)] for place in found["place"]]
        rows = found.select(
            decision=pl.lit(uuid4().hex[:8]) + pl.col("place").cast(pl.String), decided_at=pl.lit(datetime.now(UTC)),
            incident=pl.lit(INCIDENT), who=pl.lit(AN.who), role=pl.lit(AN.role), action=pl.lit("relabel"),
            posts=pl.concat_list("post"), value=pl.Series(given), reason=pl.lit(""),
        )  # fmt: skip
        tx.append("decisions", rows)
        none = pl.DataFrame(schema={"wording": pl.Int64})
        refresh_records(tx, append_links(tx, none, none), found.select("wording"), none)


def taught(store: Store, each: int = 20, *, as_read: bool = True) -> None:
    """A store with so many labelled offers and as much labelled talk, beside as many of both that nobody labelled.

    With `as_read` false the labels are what no list and no example would say, so that there is something to learn whatever
    helpt comes with.
    """
    take(store, *doors(2 * each), *skies(2 * each))
    label(store, doors(each), "offer" if as_read else "rumour")
    label(store, skies(each), "other" if as_read else "blame")


def faces(store: Store) -> pl.DataFrame:
    """What records say and why, by name."""
    return store.read("select record, label, category, certainty, category_why from current_records order by record")
