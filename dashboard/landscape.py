"""The lie of the land: where on a map towns stand, and which names fit beside them. Towns, never houses.

Owns the projection and the room for names. There is no outline of a country: small dots of all other towns (GeoNames, CC BY
4.0, by `dedupe.reading`) and the names of the largest cities show where one is, without a tile from outside.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, radians, sqrt

import polars as pl

from dedupe.reading.facts import default_reader

MARGIN, LEAST_KM = 0.12, 40.0
"""Room around the towns, as a part of their span, and the least span of a map in km."""
KM_PER_DEGREE = 111.2
NAMED, LANDMARKS, DOTS = 14, 6, 700
"""Most towns with a name, cities to find one's way by, and other towns as dots."""
CITY = 20_000
"""Inhabitants from which a dot is a larger one."""
WIDEST, NARROWEST = 1.9, 0.9
"""Width against height."""
LINE, LETTER = 4.2, 1.05
"""Height of a name and width of a letter, in percent of the map's height and width."""
FAR, MOST_RECORDS = 1.25, 0.9
"""A town is too far off for the map when it lies so many times as far from the middle as this part of all that is open."""
RECORDS = pl.col("offers") + pl.col("requests")
LARGEST = 6.5
"""Diameter of the largest circle in percent of the map's width."""
LEAST = 1.4
HEART = 0.5
"""Part of a circle that no name may cover."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A town on the map: `x` and `y` in percent from the left and the top; diameters in percent of the width."""

    name: str
    x: float
    y: float
    offers: int = 0
    requests: int = 0
    offered: float = 0.0
    asked: float = 0.0
    named: bool = False
    left: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Land:
    """A map: the towns, largest first; cities to find one's way by; dots (x, y, size) of all others.

    `shape` is width against height, `km` how far its width is. `beyond` names towns too far off to be on it.
    """

    towns: tuple[Spot, ...]
    landmarks: tuple[Spot, ...]
    dots: tuple[tuple[float, float, float], ...]
    shape: float
    km: float
    beyond: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What a map shows, in degrees; `shape` is its width against its height on the ground."""

    west: float
    east: float
    south: float
    north: float

    @property
    def km(self) -> tuple[float, float]:
        """Its width, along its middle, and its height."""
        width = (self.east - self.west) * KM_PER_DEGREE * cos(radians((self.north + self.south) / 2))
        return width, (self.north - self.south) * KM_PER_DEGREE

    def place(self, lat: float, lon: float) -> tuple[float, float]:
        """Where a point stands, in percent from the left and the top (equirectangular: of a country the fault is small)."""
        x = 100 * (lon - self.west) / (self.east - self.west)
        return x, 100 * (self.north - lat) / (self.north - self.south)


def land(towns: pl.DataFrame, known: pl.DataFrame | None = None) -> Land | None:
    """The map of `towns` (columns of `situation.towns`); None where none of them has a position.

    `known` are all towns there are (place, lat, lon, population); those the reader knows by default.
    """
    everywhere = towns.filter(pl.col("lat").is_not_null() & pl.col("lon").is_not_null())
    if everywhere.is_empty():
        return None
    there = _together(everywhere)
    window = frame(there)
    all_towns = default_reader().gazetteer.places if known is None else known
    near = all_towns.filter(
        pl.col("lat").is_between(window.south, window.north), pl.col("lon").is_between(window.west, window.east)
    ).sort("population", descending=True)
    taken: list[Box] = []
    spots = _spots(there, window, taken)
    width, height = window.km
    return Land(
        towns=spots,
        landmarks=_landmarks(near, {spot.name for spot in spots}, window, taken),
        dots=tuple(
            _dot(*window.place(lat, lon), size)
            for lat, lon, size in near.select("lat", "lon", "population").head(DOTS).iter_rows()
        ),
        shape=width / height,
        km=width,
        beyond=tuple(everywhere.join(there, on=["place", "lat", "lon"], how="anti")["place"]),
    )


def _dot(x: float, y: float, population: int) -> tuple[float, float, float]:
    return round(x, 1), round(y, 1), 1.0 if population >= CITY else 0.6


def _together(towns: pl.DataFrame) -> pl.DataFrame:
    """The towns without those that lie so far off that the others would become one dot."""
    middle = {name: towns.select(pl.col(name).repeat_by(RECORDS).explode().median()).item() for name in ("lat", "lon")}
    north = (pl.col("lat") - middle["lat"]) * KM_PER_DEGREE
    east = (pl.col("lon") - middle["lon"]) * KM_PER_DEGREE * cos(radians(middle["lat"]))
    rows = towns.with_columns(away=(north**2 + east**2).sqrt()).sort("away")
    far = rows.filter(RECORDS.cum_sum() >= MOST_RECORDS * RECORDS.sum())["away"].min()
    return rows.filter(pl.col("away") <= max(FAR * float(far), LEAST_KM)).drop("away")  # type: ignore[arg-type]


def frame(towns: pl.DataFrame) -> Window:
    """What to show for these towns (lat, lon): all of them with room around, not too narrow and not too small."""
    west, east, south, north = (
        float(value)
        for value in towns.select(
            west=pl.col("lon").min(), east=pl.col("lon").max(), south=pl.col("lat").min(), north=pl.col("lat").max()
        ).row(0)
    )
    lat, lon = (south + north) / 2, (west + east) / 2
    degree = KM_PER_DEGREE * cos(radians(lat))
    width, height = (east - west) * degree * (1 + 2 * MARGIN), (north - south) * KM_PER_DEGREE * (1 + 2 * MARGIN)
    height = max(height, width / WIDEST, LEAST_KM / WIDEST)
    width = max(width, height * NARROWEST, LEAST_KM)
    height = max(height, width / WIDEST)
    return Window(
        west=lon - width / degree / 2,
        east=lon + width / degree / 2,
        south=lat - height / KM_PER_DEGREE / 2,
        north=lat + height / KM_PER_DEGREE / 2,
    )


Box = tuple[float, float, float, float]


def _spots(towns: pl.DataFrame, window: Window, taken: list[Box]) -> tuple[Spot, ...]:
    rows = towns.with_columns(most=pl.max_horizontal("offers", "requests")).sort(
        "most", "place", descending=[True, False]
    )
    most = max(1, *rows["most"])
    spots = []
    for row in rows.iter_rows(named=True):
        x, y = window.place(row["lat"], row["lon"])
        taken.append(_circle(x, y, max(_size(row[name], most) for name in ("offers", "requests")), window))
    for number, row in enumerate(rows.iter_rows(named=True)):
        x, y = window.place(row["lat"], row["lon"])
        offered, asked = (_size(row[name], most) for name in ("offers", "requests"))
        beside = max(offered, asked) / 2
        name = str(row["place"])
        side = _room(name, x, y, beside, taken, width=len(name) + 6) if number < NAMED else None
        spot = Spot(name=name, x=round(x, 2), y=round(y, 2), offers=row["offers"], requests=row["requests"])
        sized = replace(spot, offered=round(offered, 2), asked=round(asked, 2))
        spots.append(replace(sized, named=side is not None, left=side == "left"))
    return tuple(spots)


def _size(n: int, most: int) -> float:
    """The diameter of a circle whose area tells `n`."""
    return max(LEAST, LARGEST * sqrt(n / most)) if n else 0.0


def _circle(x: float, y: float, size: float, window: Window) -> Box:
    """What a circle keeps free of names: not its rim, or where towns stand close no name would have room."""
    width, height = window.km
    size *= HEART
    tall = size * width / height
    return (x - size / 2, y - tall / 2, x + size / 2, y + tall / 2)


def _landmarks(near: pl.DataFrame, shown: set[str], window: Window, taken: list[Box]) -> tuple[Spot, ...]:
    found: list[Spot] = []
    for name, lat, lon in near.select("place", "lat", "lon").head(60).iter_rows():
        x, y = window.place(lat, lon)
        if name in shown or any(abs(spot.x - x) < 9 and abs(spot.y - y) < 9 for spot in found):
            continue
        if (side := _room(name, x, y, 0.6, taken, width=len(name))) and len(found) < LANDMARKS:
            found.append(Spot(name=name, x=round(x, 2), y=round(y, 2), named=True, left=side == "left"))
    return tuple(found)


def _room(name: str, x: float, y: float, beside: float, taken: list[Box], *, width: int) -> str | None:
    """At which side of a point a name of `width` letters has room, and take that; None when at neither."""
    length = width * LETTER
    for side, left in (("right", x + beside), ("left", x - beside - length)):
        box = (left, y - LINE / 2, left + length, y + LINE / 2)
        inside = box[0] >= 0 and box[2] <= 100 and box[1] >= 0 and box[3] <= 100
        if inside and not any(_overlap(box, other) for other in taken):
            taken.append(box)
            return side
    return None


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
