"""Assignment: which of the pairs that fit to take, so that most people are served and then the best fits are taken.

A generalised assignment: a request goes to one offer with room for all of it, an offer may serve several. People count first, then
the score, which never adds up to one person. Knows nothing of why a pair fits.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csc_array

FIRST_PAIRS = 8
"""Pairs of a request that are looked at first."""
CLOSE = 1e-9
"""What is less than this behind the best is as good."""
SECONDS = 5.0
"""Longest time one search has; there are two at most."""

FloatArray = NDArray[np.float64]


def assign(pairs: pl.DataFrame, seconds: float = SECONDS) -> pl.Series:
    """Which pairs to take: true or false for each row of `pairs` (request, offer, left, left_offer, score), of which those of a
    request come best first. A search longer than `seconds` gives the best found.

    Few pairs matter, so they are found first: by the prices of the linear programme (delayed column generation: Gilmore & Gomory,
    1961), which also bound how much better any other way could be.
    """
    people = pairs["left"].fill_null(1).to_numpy().astype(float)
    gain = people + (pairs["score"].clip(0, 200) / 200).to_numpy() / (pairs["request"].n_unique() + 1)
    limits, most = _limits(pairs, people)
    # 1. whole requests or parts of them: the pairs that matter, the best that could be, and how far behind each pair is
    looked_at = pairs.select(pl.int_range(pl.len()).over("request") < FIRST_PAIRS).to_series().to_numpy()
    while True:
        parts = linprog(-gain[looked_at], A_ub=limits[:, looked_at], b_ub=most)
        behind = -parts.ineqlin.marginals @ limits - gain
        better = (behind < -CLOSE) & ~looked_at
        if not better.any():
            break
        looked_at |= better
    # 2. whole requests, among these pairs and then among all that could yet be part of a better way
    taken = _whole(gain, limits, most, looked_at, seconds)
    short = -parts.fun - gain[taken].sum()
    could = behind <= short
    if short > CLOSE and (could & ~looked_at).any():
        again = _whole(gain, limits, most, could | looked_at, seconds)
        taken = max(taken, again, key=lambda way: gain[way].sum())
    return pl.Series(taken)


def _limits(pairs: pl.DataFrame, people: FloatArray) -> tuple[csc_array, FloatArray]:
    """What no way may exceed: each request once, and the room of each offer. A column for each pair."""
    request = pairs["request"].rank("dense").to_numpy().astype(int) - 1
    offer = pairs["offer"].rank("dense").to_numpy().astype(int) - 1
    # An offer that does not say its number has room for one request, whatever its size.
    load = np.where(pairs["left_offer"].is_null().to_numpy(), 1.0, people)
    room = np.zeros(offer.max() + 1)
    room[offer] = pairs["left_offer"].fill_null(1).to_numpy()
    requests, columns = request.max() + 1, np.arange(pairs.height)
    rows = np.concatenate([request, requests + offer])
    values = np.concatenate([np.ones(pairs.height), load])
    most = np.concatenate([np.ones(requests), room])
    return csc_array((values, (rows, np.tile(columns, 2))), shape=(len(most), pairs.height)), most


def _whole(
    gain: FloatArray, limits: csc_array, most: FloatArray, among: NDArray[np.bool_], seconds: float
) -> NDArray[np.bool_]:
    """The best way among some pairs; none of them where time is out before one was found."""
    found = milp(
        -gain[among],
        integrality=np.ones(among.sum()),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(limits[:, among], ub=most),
        options={"mip_rel_gap": 0.0, "time_limit": seconds},
    )
    taken = np.zeros(len(gain), dtype=bool)
    if found.x is not None:
        taken[among] = found.x > 0.5
    return taken
