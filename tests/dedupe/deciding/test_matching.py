"""Matching: what fits and why, and a proposal that serves as many people as can be served."""

from __future__ import annotations

import itertools
from datetime import timedelta
from random import Random
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from dedupe.deciding.matching import CONDITIONS, fits, propose
from tests.support.posts import at

NOW = at(200)
GENK, HASSELT, GHENT = ({"lat": lat, "lon": lon} for lat, lon in ((50.965, 5.5), (50.930, 5.338), (51.054, 3.717)))
TYPES: dict[str, Any] = {
    "record": pl.String, "kind": pl.String, "left": pl.Int64, "lat": pl.Float64, "lon": pl.Float64, "lang": pl.String,
    "state": pl.String, "holder": pl.String, "until": pl.Datetime("us", "UTC"),
    "last_confirmed": pl.Datetime("us", "UTC"), "conditions": pl.List(pl.String),
    "origin_lat": pl.Float64, "origin_lon": pl.Float64,
}  # fmt: skip


def frame(*rows: dict[str, Any], **all_of_them: Any) -> pl.DataFrame:
    """Offers or requests: beds for two in Genk unless a row says otherwise."""
    usual = {"kind": "bed", "left": 2, "lang": "nl", "state": "available", "last_confirmed": at(170), **GENK}
    return pl.DataFrame([{**dict.fromkeys(TYPES), **usual, **all_of_them, **row} for row in rows], schema=TYPES)


def codes(row: dict[str, Any]) -> dict[str, float | None]:
    return {each["code"]: each["value"] for each in row["reasons"]}


def one(offer: dict[str, Any], request: dict[str, Any], **more: Any) -> tuple[dict[str, Any] | None, str | None]:
    """The pair as it is shown, or why it is not."""
    found = fits(frame({"record": "o", **offer}), frame({"record": "r", **request}), NOW, **more)
    shown = found.pairs.row(0, named=True) if found.pairs.height else None
    return shown, found.misfits["code"].item() if found.misfits.height else None


def test_a_fit_says_why_in_codes_and_values():
    row, _ = one({"left": 4, "until": at(320), "conditions": ["pets"]}, {"conditions": ["pets", "parking"], **HASSELT})
    assert row is not None
    assert (row["request"], row["offer"], row["places"], row["need"], row["room"]) == ("r", "o", 2, 2, 4)
    told = codes(row)
    assert set(told) == {"kind", "places", "km", "until", "same_language", "fresh", "has_pets", "ask_parking"}
    assert (told["places"], told["until"], told["fresh"]) == (2, 2, 30)
    assert told["km"] == pytest.approx(12, abs=0.5)


@pytest.mark.parametrize(
    ("offer", "request_", "misfit"),
    [
        ({"kind": "ride"}, {}, "other_kind"),
        ({}, {"kind": None}, "other_kind"),
        ({"left": 0, "state": "full"}, {}, "no_places"),
        ({"state": "withdrawn"}, {}, "no_places"),
        ({"state": "claimed", "holder": "An"}, {}, "taken"),
        ({"until": at(200)}, {}, "ended"),
        ({"state": "expired"}, {}, "ended"),
        (GHENT, {}, "far"),
        ({"kind": "ride"}, {"kind": "ride", **HASSELT}, "far"),
        (
            {"kind": "ride", "origin_lat": 51.054, "origin_lon": 3.717},
            {"kind": "ride", "origin_lat": 50.93, "origin_lon": 5.338},
            "origin_far",
        ),
        ({"conditions": ["no_pets"]}, {"conditions": ["pets"]}, "no_pets"),
    ],
)
def test_a_hard_misfit_is_left_out_and_counted_by_its_reason(
    offer: dict[str, Any], request_: dict[str, Any], misfit: str
):
    assert one(offer, request_) == (None, misfit)


def test_what_one_has_claimed_is_open_to_oneself():
    row, misfit = one({"state": "claimed", "holder": "An"}, {}, by="An")
    assert (row is not None, misfit) == (True, None)


@pytest.mark.parametrize(
    ("offer", "request_", "code"),
    [
        ({"left": 1}, {"left": 3}, "partial"),
        ({"left": None}, {}, "places_unknown"),
        ({"lat": None, "lon": None}, {}, "km_unknown"),
        ({"state": "unknown"}, {}, "unknown"),
        ({"conditions": ["women_only"]}, {}, "ask_women_only"),
        ({}, {"conditions": ["wheelchair"]}, "ask_wheelchair"),
    ],
)
def test_what_is_uncertain_is_said_and_ranks_behind_what_is_sure(
    offer: dict[str, Any], request_: dict[str, Any], code: str
):
    sure = {"record": "sure", "conditions": request_.get("conditions"), "left": request_.get("left", 2)}
    found = fits(frame({"record": "o", **offer}, sure), frame({"record": "r", **request_}), NOW)
    assert found.pairs["offer"].to_list() == ["sure", "o"]
    assert code in codes(found.pairs.row(1, named=True))


def test_nearer_fresher_and_in_the_same_language_goes_first():
    offers = frame(
        {"record": "far", **HASSELT}, {"record": "stale", "last_confirmed": at(0)}, {"record": "french", "lang": "fr"}, {"record": "best"}
    )  # fmt: skip
    assert fits(offers, frame({"record": "r"}), NOW).pairs["offer"].to_list() == ["best", "french", "stale", "far"]


def test_the_best_of_each_side_are_kept():
    offers, requests = frame(*({"record": f"o{n}"} for n in range(5))), frame(*({"record": f"r{n}"} for n in range(3)))
    assert fits(offers, requests, NOW, best=2).pairs.group_by("request").len()["len"].to_list() == [2, 2, 2]
    assert fits(offers, requests, NOW, best=2, of="offer").pairs.group_by("offer").len()["len"].to_list() == [2] * 5


def test_columns_that_are_not_known_yet_may_be_missing():
    offers, requests = frame({"record": "o"}), frame({"record": "r"})
    bare = ["conditions", "origin_lat", "origin_lon", "holder", "until"]
    assert fits(offers.drop(bare), requests.drop(bare), NOW).pairs.height == 1


def test_one_offer_serves_two_requests_and_no_group_is_torn_apart():
    found = propose(frame({"record": "o", "left": 4}), frame(*({"record": f"r{n}"} for n in range(3))), NOW)
    assert found.height == 2
    assert propose(frame({"record": "o", "left": 3}), frame({"record": "r", "left": 4}), NOW).height == 0


def test_most_people_go_before_best_fit_and_best_fit_before_chance():
    offers = frame({"record": "near", "left": 3}, {"record": "far", "left": 2, **HASSELT})
    requests = frame({"record": "pair", "left": 2}, {"record": "three", "left": 3})
    found = propose(offers, requests, NOW)
    assert dict(found.select("request", "offer").iter_rows()) == {"three": "near", "pair": "far"}
    found = propose(frame({"record": "far", **HASSELT}, {"record": "near"}), frame({"record": "pair"}), NOW)
    assert found["offer"].to_list() == ["near"]


def test_requests_that_somebody_else_is_on_are_not_proposed():
    requests = frame({"record": "r", "state": "claimed", "holder": "An"})
    assert propose(frame({"record": "o"}), requests, NOW).height == 0
    assert propose(frame({"record": "o"}), requests, NOW, by="An").height == 1


def test_nothing_to_match_proposes_nothing():
    assert propose(frame().clear(), frame({"record": "r"}), NOW).height == 0
    assert fits(frame().clear(), frame({"record": "r"}), NOW).pairs.height == 0


SIZES = st.one_of(st.none(), st.integers(1, 4))
PLACES = st.sampled_from([GENK, HASSELT, GHENT, {"lat": None, "lon": None}])


def people_served_at_best(
    offers: list[dict[str, Any]], requests: list[dict[str, Any]], able: set[tuple[str, str]]
) -> int:
    """Every way of giving each request one offer or none, tried out."""
    best = 0
    for chosen in itertools.product([None, *offers], repeat=len(requests)):
        pairs = [(offer, request) for offer, request in zip(chosen, requests, strict=True) if offer]
        if any((request["record"], offer["record"]) not in able for offer, request in pairs):
            continue
        for offer in offers:
            mine = [request["left"] or 1 for given_, request in pairs if given_ is offer]
            room = offer["left"]
            if (len(mine) > 1) if room is None else (sum(mine) > room):
                break
        else:
            best = max(best, sum(request["left"] or 1 for _, request in pairs))
    return best


@given(
    st.lists(st.tuples(SIZES, PLACES), min_size=1, max_size=4),
    st.lists(st.tuples(SIZES, PLACES), min_size=1, max_size=4),
)
def test_no_way_of_matching_serves_more_people(offered: list[Any], asked: list[Any]):
    offers = [{"record": f"o{n}", "left": left, **where} for n, (left, where) in enumerate(offered)]
    requests = [{"record": f"r{n}", "left": left, **where} for n, (left, where) in enumerate(asked)]
    given_, wanted = frame(*offers), frame(*requests)
    able = set(fits(given_, wanted, at(200)).pairs.select("request", "offer").iter_rows())
    found = propose(given_, wanted, at(200))
    assert found["request"].is_unique().all()
    assert set(found.select("request", "offer").iter_rows()) <= able
    for offer in offers:
        mine = found.filter(pl.col("offer") == offer["record"])
        assert mine.height <= 1 if offer["left"] is None else mine["need"].fill_null(1).sum() <= offer["left"]
    assert found["need"].fill_null(1).sum() == people_served_at_best(offers, requests, able)


def worth_of(pairs: pl.DataFrame, requests: pl.DataFrame) -> float:
    """What a proposal aims at: people, and scores that never add up to one of them."""
    score = pl.col("score").clip(0, 200) / 200 / (requests.height + 1)
    return float(pairs.select((pl.col("need").fill_null(1) + score).sum()).item())


def best_of_all(offers: pl.DataFrame, requests: pl.DataFrame) -> float:
    """What the best way is worth, with every pair in one programme and nothing left out beforehand."""
    pairs = fits(offers, requests, NOW, best=10_000).pairs.filter(
        (pl.col("room") >= pl.col("need")).fill_null(value=True)
    )
    if pairs.is_empty():
        return 0.0
    people = pairs["need"].fill_null(1).to_numpy()
    gain = people + (pairs["score"].clip(0, 200) / 200 / (requests.height + 1)).to_numpy()
    load = np.where(pairs["room"].is_null(), 1, people)
    each, room = (
        pairs["request"].unique().to_list(),
        dict(pairs.select("offer", pl.col("room").fill_null(1)).iter_rows()),
    )
    once = [(pairs["request"].to_numpy() == name).astype(float) for name in each]
    within = [(pairs["offer"].to_numpy() == name) * load for name in room]
    limits, most = np.array(once + within), np.array([1] * len(each) + list(room.values()))
    found = milp(
        -gain, integrality=np.ones(pairs.height), bounds=Bounds(0, 1), constraints=LinearConstraint(limits, ub=most),
        options={"mip_rel_gap": 0.0},
    )  # fmt: skip
    return -float(found.fun)


def some(chance: Random, name: str, many: int) -> list[dict[str, Any]]:
    """Offers or requests of a few kinds in a few places, alike enough to be wanted by several."""
    codes_ = [*CONDITIONS, "no_pets", "no_smokers"]
    return [
        {
            "record": f"{name}{n}", "kind": chance.choice(["bed", "bed", "ride"]), "left": chance.choice([None, 1, 1, 2, 3, 5]),
            "lang": chance.choice(["nl", "fr"]), "conditions": [code for code in codes_ if chance.random() < 0.1],
            "last_confirmed": at(chance.randrange(100, 200)),
            "state": chance.choice(["available", "available", "unknown", "claimed"]),
            **chance.choice([GENK, HASSELT, GHENT, {"lat": None, "lon": None}]),
        }
        for n in range(many)
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_a_proposal_is_worth_as_much_as_the_best_among_all_pairs(seed: int):
    chance = Random(seed)
    offers = frame(*some(chance, "o", chance.choice([8, 20, 60])))
    requests = frame(*some(chance, "r", 20)).filter(pl.col("state") != "claimed")
    found = propose(offers, requests, NOW)
    assert worth_of(found, requests) == pytest.approx(best_of_all(offers, requests), abs=1e-4)


def test_time_passing_makes_an_offer_that_ends_no_match():
    offers = frame({"record": "o", "until": NOW + timedelta(minutes=1)})
    assert propose(offers, frame({"record": "r"}), NOW).height == 1
    assert propose(offers, frame({"record": "r"}), NOW + timedelta(minutes=1)).height == 0
