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

import numpy as np
import polars as pl
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

CONDITIONS = ("pets", "wheelchair", "families", "women_only", "smokers", "parking", "pick_up")
"""On an offer: welcome, or there. On a request: needed. With `no_` before it, on an offer: not welcome, not there."""

OPEN = ("available", "unknown")
"""States that can be matched."""

FARTHEST: Mapping[str, float] = {"ride": 10.0, "bed": 50.0}
"""Kilometres beyond which an offer of a kind does not fit: of a ride, between where it goes and where one wants to be."""
FAR = 30.0
"""The same for kinds not named."""

EARTH_KM = 6371.0088
"""Mean radius (IUGG)."""

MOST_PAIRS = 20_000
"""Pairs that are solved at once; beyond these, each request keeps its best."""
SECONDS = 10.0
"""Longest time the solver has."""

REASON = pl.Struct({"code": pl.String(), "value": pl.Float64()})


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
    asked, given = _side(requests, "request"), _side(offers, "offer")
    both = _paired(asked, given, now, by)
    pairs = _scored(both.filter(pl.col("misfit").is_null()), now)
    pairs = pairs.filter(pl.int_range(pl.len()).over(of) < best)
    return Fits(pairs=_reasoned(pairs, now), misfits=_misfits(both, asked, given))


def propose(offers: pl.DataFrame, requests: pl.DataFrame, now: datetime, *, by: str | None = None) -> pl.DataFrame:
    """Offers for many requests at once, so that most people are served and, among ways that do, the best fits are taken.

    A group stays together: a request goes to one offer with room for all of it. An offer may serve several requests; one that
    does not say its number serves one. Rows as `Fits.pairs`, of what is proposed, the largest groups first. Solved exactly
    (HiGHS, through scipy's milp) for up to `MOST_PAIRS` pairs within `SECONDS`; a longer search gives the best found.
    """
    mine = pl.col("state").is_in(OPEN) | (pl.col("holder") == by if by else pl.lit(value=False))
    both = _paired(_side(requests.filter(mine), "request"), _side(offers, "offer"), now, by)
    roomy = pl.col("left_offer") >= pl.col("left")
    pairs = _scored(both.filter(pl.col("misfit").is_null(), roomy.fill_null(value=True)), now)
    if pairs.height > MOST_PAIRS:
        each = max(1, MOST_PAIRS // pairs["request"].n_unique())
        pairs = pairs.group_by("request", maintain_order=True).head(each)
    chosen = _reasoned(pairs.filter(_solve(pairs)) if pairs.height else pairs, now)
    return chosen.sort("need", "score", "request", descending=[True, True, False], nulls_last=True)


def _paired(asked: pl.DataFrame, given: pl.DataFrame, now: datetime, by: str | None) -> pl.DataFrame:
    """Every request with every offer of its kind, how far apart they are, and what speaks against them."""
    both = asked.join(given, on="kind", suffix="_offer").with_columns(
        km=distance("lat", "lon", "lat_offer", "lon_offer"),
        origin_km=distance("origin_lat", "origin_lon", "origin_lat_offer", "origin_lon_offer"),
    )
    return both.with_columns(misfit=_misfit(pl.lit(now.astimezone(UTC), pl.Datetime("us", "UTC")), by))


def _solve(pairs: pl.DataFrame) -> pl.Series:
    """Which rows to take: a generalised assignment, people first and then the score, which never adds up to one person."""
    people = pairs["left"].fill_null(1).to_numpy().astype(float)
    worth = (pairs["score"].clip(0, 200) / 200).to_numpy() / (pairs["request"].n_unique() + 1)
    request = pairs["request"].rank("dense").to_numpy().astype(int) - 1
    offer = pairs["offer"].rank("dense").to_numpy().astype(int) - 1
    # An offer that does not say its number has room for one request, whatever its size.
    silent = pairs["left_offer"].is_null().to_numpy()
    load = np.where(silent, 1.0, people)
    room = np.zeros(offer.max() + 1)
    room[offer] = pairs["left_offer"].fill_null(1).to_numpy()
    columns = np.arange(pairs.height)
    once = csr_array((np.ones(pairs.height), (request, columns)))
    within = csr_array((load, (offer, columns)))
    found = milp(
        -(people + worth),
        integrality=np.ones(pairs.height),
        bounds=Bounds(0, 1),
        constraints=[LinearConstraint(once, ub=np.ones(once.shape[0])), LinearConstraint(within, ub=room)],
        options={"mip_rel_gap": 0.0, "time_limit": SECONDS},
    )
    if found.x is None:  # out of time before anything was found
        return pl.repeat(value=False, n=pairs.height, eager=True)
    return pl.Series(found.x > 0.5)


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
        "state", "holder", "until", "last_confirmed", pl.col("conditions").fill_null([]),
    )  # fmt: skip


def distance(lat: str, lon: str, other_lat: str, other_lon: str) -> pl.Expr:
    """The distance in kilometres between points in these columns (degrees), over a sphere (haversine); null where one is not
    known."""
    here, there = pl.col(lat).radians(), pl.col(other_lat).radians()
    across = (pl.col(other_lon).radians() - pl.col(lon).radians()) / 2
    half = ((there - here) / 2).sin().pow(2) + here.cos() * there.cos() * across.sin().pow(2)
    return 2 * EARTH_KM * half.clip(0, 1).sqrt().arcsin()


def _misfit(now: pl.Expr, by: str | None) -> pl.Expr:
    """The first reason why an offer cannot serve a request; null when none."""
    farthest = pl.col("kind").replace_strict(dict(FARTHEST), default=FAR, return_dtype=pl.Float64)
    mine = pl.col("holder_offer") == by if by else pl.lit(value=False)
    reasons = {
        "no_places": (pl.col("left_offer") == 0) | pl.col("state_offer").is_in(["full", "matched", "withdrawn"]),
        "taken": (pl.col("state_offer") == "claimed") & ~mine.fill_null(value=False),
        "ended": (pl.col("until_offer") <= now) | (pl.col("state_offer") == "expired"),
        "far": pl.col("km") > farthest,
        "origin_far": (pl.col("kind") == "ride") & (pl.col("origin_km") > farthest),
        **{f"no_{code}": _needs(code) & _says(f"no_{code}") for code in CONDITIONS},
    }
    return pl.coalesce(pl.when(holds).then(pl.lit(code)) for code, holds in reasons.items())


def _needs(code: str) -> pl.Expr:
    return pl.col("conditions").list.contains(code)


def _says(code: str) -> pl.Expr:
    return pl.col("conditions_offer").list.contains(code)


Said = dict[str, tuple[pl.Expr, pl.Expr, pl.Expr]]
"""By code: when a reason holds, the value said with it, and the points it gives."""


def _said(now: datetime) -> Said:
    need, room = pl.col("left"), pl.col("left_offer")
    moment = pl.lit(now.astimezone(UTC), pl.Datetime("us", "UTC"))
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


def _scored(both: pl.DataFrame, now: datetime) -> pl.DataFrame:
    """The pairs with their score, the best first."""
    points = [pl.when(holds).then(points.cast(pl.Float64)).otherwise(0.0) for holds, _, points in _said(now).values()]
    rows = both.with_columns(score=pl.sum_horizontal(points).round(3))
    return rows.sort("score", "request", "offer", descending=[True, False, False])


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
