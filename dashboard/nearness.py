"""How far what is listed lies from a town that a viewer chose. Towns, never houses.

Owns the distances, as frames. Knows neither store nor screens.
"""

from __future__ import annotations

import polars as pl

from dedupe.deciding.matching import distance

KM = "km"


def away(rows: pl.DataFrame, town: str | None) -> pl.DataFrame:
    """`rows` (place, lat, lon in degrees) with `km`, from the middle of `town` to that of the town of each.

    Null for rows without a position; without a town, or with one where none of the rows lies, there is no such column.
    """
    if town is None:
        return rows
    there = rows.filter(pl.col("place") == town, pl.col("lat").is_not_null()).select("lat", "lon").head(1)
    if there.is_empty():
        return rows
    lat, lon = there.row(0)
    found = rows.with_columns(_lat=pl.lit(lat, pl.Float64), _lon=pl.lit(lon, pl.Float64))
    return found.with_columns(distance("_lat", "_lon", "lat", "lon").alias(KM)).drop("_lat", "_lon")


def nearest_first(rows: pl.LazyFrame) -> pl.LazyFrame:
    """`rows` of `away`, the nearest first and of one town the newest; what names no town last."""
    return rows.sort(KM, "first_seen", "record", descending=[False, True, True], nulls_last=True)
