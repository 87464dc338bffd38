"""Matching: which offers fit a request, which requests fit an offer, and what would serve most people at once.

Frames in, frames out; the clock is given. Owns what fits, in what order, and why: reasons and misfits are codes with a value,
so that a screen can say them in its language. Writes nothing: a person confirms each row (`matches.match`).

Offers and requests have the columns of `life.states`: record, kind, left, lat, lon, lang, state, holder, until,
last_confirmed. They may have `conditions` (a list of codes: `CONDITIONS`, or one of these after `no_`) and, for rides,
`origin_lat`, `origin_lon`; a ride's place is where it goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import polars as pl

from dedupe.deciding.assignment import assign
from dedupe.deciding.life import FREE, GONE

CONDITIONS = ("pets", "wheelchair", "families", "women_only", "smokers", "parking", "pick_up")
"""On an offer: welcome, or there. On a request: needed. With `no_` before it, on an offer: not welcome, not there."""

FARTHEST: Mapping[str, float] = {"ride": 10.0, "bed": 50.0}
"""Kilometres beyond which an offer of a kind does not fit: of a ride, between where it goes and where one wants to be."""
FAR = 30.0
"""The same for kinds not named."""

EARTH_KM = 6371.0088
"""Mean radius (IUGG)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fits:
    """What fits and what does not.

    `pairs`, the best first: request, offer, need and room (people, null when not said), places (the less of the two), km, score and
    `reasons`, a list of {code, value}: kind; places (left over), partial (people left without), places_unknown; km,
    km_unknown; origin_km; until (hours left); same_language; fresh (minutes since it was confirmed), unknown; and for each
    condition has_… or ask_….

    `misfits`: request, code (other_kind, taken, no_places, ended, far, origin_far, or no_… a condition), offers (how many).
    """

    pairs: pl.DataFrame
    misfits: pl.DataFrame


def fits(
    offers: pl.DataFrame, requests: pl.DataFrame, now: datetime, *,
    of: Literal["request", "offer"] = "request", best: int = 30, by: str | None = None,
) -> Fits:  # fmt: skip
    """Hold every request against every offer of its kind; `of` each request, or each offer, the `best` pairs are kept.

    What `by` has claimed is open to them.
    """
    asked, given = _side(requests, "request"), _closed(_side(offers, "offer"), now, by)
    both = _paired(asked, given).with_columns(misfit=pl.coalesce("closed", _first(_against()))).collect()
    pairs = both.filter(pl.col("misfit").is_null()).with_columns(score=_score(now))
    pairs = pairs.sort("score", "request", "offer", descending=[True, False, False])
    pairs = pairs.filter(pl.int_range(pl.len()).over(of) < best)
    return Fits(pairs=_reasoned(pairs, now), misfits=_misfits(both, asked, given))


def propose(offers: pl.DataFrame, requests: pl.DataFrame, now: datetime, *, by: str | None = None) -> pl.DataFrame:
    """Offers for many requests at once, so that most people are served and, among ways that do, the best fits are taken.

    A group stays together: a request goes to one offer with room for all of it. An offer may serve several requests; one that
    does not say its number serves one. Rows as `Fits.pairs`, of what is proposed, the largest groups first. Solved exactly
    (HiGHS, through scipy), kind by kind; a search that takes long gives the best found.
    """
    asked = _side(requests.filter(free_for(by)), "request")
    given = _closed(_side(offers, "offer"), now, by).filter(pl.col("closed").is_null())
    chosen = []
    for _, wanted in asked.drop_nulls("kind").sort("request").group_by("kind", maintain_order=True):
        pairs = _best(wanted, given.sort("offer"), now)
        if pairs.height:
            chosen.append(pairs.filter(assign(pairs)).select("request", "offer"))
    named = pl.concat(chosen) if chosen else asked.clear().select("request", offer="request")
    both = named.join(asked, on="request").join(given, on="offer", suffix="_offer").lazy()
    told = _reasoned(_measured(both).with_columns(score=_score(now)).collect(), now)
    return told.sort("need", "score", "request", descending=[True, True, False], nulls_last=True)


def free_for(by: str | None) -> pl.Expr:
    """Whether `by` may match a record: nobody has it, or they do."""
    mine = pl.col("holder") == by if by else pl.lit(value=False)
    return pl.col("state").is_in(FREE) | mine.fill_null(value=False)


def _best(asked: pl.DataFrame, given: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """The pairs of requests of one kind among which the best way lies: request, offer, left, left_offer, score.

    Of n requests each keeps its n best offers: one of these is free whatever the others get, and no worse than any left out.
    """
    asked, given = asked.with_row_index("row"), given.with_row_index("row")
    against = pl.any_horizontal(pl.col("left_offer") < pl.col("left"), *_against().values())
    pairs = (
        _paired(asked, given)
        .filter(~against.fill_null(value=False))
        .select("row", "row_offer", score=_score(now))
        .collect(engine="streaming")
    )
    least = pl.col("score").top_k(asked.height).min().over("row")
    pairs = pairs.filter(pl.col("score") >= least).sort("score", "row", "row_offer", descending=[True, False, False])
    kept = pairs.group_by("row", maintain_order=True).head(asked.height)
    return kept.join(asked.select("row", "request", "left"), on="row", maintain_order="left").join(
        given.select("row", "offer", left_offer="left"), left_on="row_offer", right_on="row", maintain_order="left"
    )


def _paired(asked: pl.DataFrame, given: pl.DataFrame) -> pl.LazyFrame:
    """Every request with every offer of its kind, and how far apart they are."""
    return _measured(asked.lazy().join(given.lazy(), on="kind", suffix="_offer"))


def _measured(both: pl.LazyFrame) -> pl.LazyFrame:
    return both.with_columns(
        km=distance("lat", "lon", "lat_offer", "lon_offer"),
        origin_km=distance("origin_lat", "origin_lon", "origin_lat_offer", "origin_lon_offer"),
    )


def _side(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """The columns that matter, those that may be missing as nulls."""
    optional = {
        "conditions": pl.lit([], pl.List(pl.String)),
        **dict.fromkeys(("origin_lat", "origin_lon"), pl.lit(None, pl.Float64)),
        "holder": pl.lit(None, pl.String),
        "until": pl.lit(None, pl.Datetime("us", "UTC")),
    }
    rows = rows.with_columns(**{column: value for column, value in optional.items() if column not in rows.columns})
    return rows.select(
        "kind", pl.col("record").alias(name), pl.col("left").cast(pl.Int64), "lat", "lon", "origin_lat", "origin_lon", "lang",
        "state", "holder", "until", "last_confirmed",
        *(_told(f"{no}{code}").alias(f"{no}{code}") for code in CONDITIONS for no in ("", "no_")),
    )  # fmt: skip


def distance(lat: str, lon: str, other_lat: str, other_lon: str) -> pl.Expr:
    """The distance in kilometres between points in these columns (degrees), over a sphere (haversine); null where one is not
    known."""
    here, there = pl.col(lat).radians(), pl.col(other_lat).radians()
    across = (pl.col(other_lon).radians() - pl.col(lon).radians()) / 2
    half = ((there - here) / 2).sin().pow(2) + here.cos() * there.cos() * across.sin().pow(2)
    return 2 * EARTH_KM * half.clip(0, 1).sqrt().arcsin()


def _told(code: str) -> pl.Expr:
    return pl.col("conditions").list.contains(code).fill_null(value=False)


def _closed(given: pl.DataFrame, now: datetime, by: str | None) -> pl.DataFrame:
    """The offers with `closed`: the first reason why one can serve nobody; null when none."""
    mine = pl.col("holder") == by if by else pl.lit(value=False)
    reasons = {
        "no_places": (pl.col("left") == 0) | pl.col("state").is_in(GONE),
        "taken": (pl.col("state") == "claimed") & ~mine.fill_null(value=False),
        "ended": (pl.col("until") <= _moment(now)) | (pl.col("state") == "expired"),
    }
    return given.with_columns(closed=_first(reasons))


def _against() -> dict[str, pl.Expr]:
    """Why an offer that is open cannot serve a request."""
    farthest = pl.col("kind").replace_strict(dict(FARTHEST), default=FAR, return_dtype=pl.Float64)
    return {
        "far": pl.col("km") > farthest,
        "origin_far": (pl.col("kind") == "ride") & (pl.col("origin_km") > farthest),
        **{f"no_{code}": _needs(code) & _says(f"no_{code}") for code in CONDITIONS},
    }


def _first(reasons: Mapping[str, pl.Expr]) -> pl.Expr:
    return pl.coalesce(pl.when(holds).then(pl.lit(code)) for code, holds in reasons.items())


def _moment(now: datetime) -> pl.Expr:
    return pl.lit(now.astimezone(UTC), pl.Datetime("us", "UTC"))


def _needs(code: str) -> pl.Expr:
    return pl.col(code)


def _says(code: str) -> pl.Expr:
    return pl.col(f"{code}_offer")


Said = dict[str, tuple[pl.Expr, pl.Expr, pl.Expr]]
"""By code: when a reason holds, the value said with it, and the points it gives."""


def _said(now: datetime) -> Said:
    need, room = pl.col("left"), pl.col("left_offer")
    moment = _moment(now)
    fresh = (moment - pl.col("last_confirmed_offer")).dt.total_seconds() / 60
    hours = (pl.col("until_offer") - moment).dt.total_seconds() / 3600
    nothing = pl.lit(None)
    said: Said = {
        "kind": (pl.lit(value=True), nothing, pl.lit(100.0)),
        "partial": (room < need, need - room, pl.lit(-30.0)),
        "places": (room >= need, room - need, -(room - need).clip(0, 5)),
        "places_unknown": (room.is_null() | need.is_null(), nothing, pl.lit(-10.0)),
        "km": (pl.col("km").is_not_null(), pl.col("km"), -pl.col("km").clip(0, 40)),
        "km_unknown": (pl.col("km").is_null(), nothing, pl.lit(-15.0)),
        "origin_km": (pl.col("origin_km").is_not_null(), pl.col("origin_km"), -pl.col("origin_km").clip(0, 40)),
        "until": (hours.is_not_null(), hours, pl.lit(2.0)),
        "same_language": (pl.col("lang") == pl.col("lang_offer"), nothing, pl.lit(5.0)),
        "fresh": (fresh.is_not_null(), fresh, -(fresh / 30).clip(0, 20)),
        "unknown": (pl.col("state_offer") == "unknown", nothing, pl.lit(-10.0)),
    }
    for code in CONDITIONS:
        met, ask = _needs(code) & _says(code), _needs(code) & ~_says(code)
        if code == "women_only":  # whose bed it is for must be asked also where the request does not say
            ask = _needs(code) ^ _says(code)
        said |= {f"has_{code}": (met, nothing, pl.lit(10.0)), f"ask_{code}": (ask, nothing, pl.lit(-5.0))}
    return said


def _score(now: datetime) -> pl.Expr:
    points = [pl.when(holds).then(points.cast(pl.Float64)).otherwise(0.0) for holds, _, points in _said(now).values()]
    return pl.sum_horizontal(points).round(3)


def _reasoned(rows: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """The pairs as they are shown. Costs far more than the score, so only few come here."""
    reasons = [
        pl.when(holds).then(pl.struct(code=pl.lit(code), value=value.cast(pl.Float64)))
        for code, (holds, value, _) in _said(now).items()
    ]
    return rows.select(
        "request", "offer", need="left", room="left_offer", places=pl.min_horizontal("left", "left_offer"), km="km",
        score="score", reasons=pl.concat_list(reasons).list.drop_nulls(),
    )  # fmt: skip


def _misfits(both: pl.DataFrame, asked: pl.DataFrame, given: pl.DataFrame) -> pl.DataFrame:
    """How many offers each request was not shown, by reason."""
    told = both.drop_nulls("misfit").group_by("request", code="misfit").agg(offers=pl.len().cast(pl.Int64))
    same = both.group_by("request").agg(same=pl.len().cast(pl.Int64))
    other = asked.select("request").join(same, on="request", how="left").select(
        "request", code=pl.lit("other_kind"), offers=given.height - pl.col("same").fill_null(0)
    )  # fmt: skip
    return pl.concat([told, other.filter(pl.col("offers") > 0)]).sort("request", "code")
