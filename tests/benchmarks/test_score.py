"""The figures of `benchmarks.score`, against a slow scorer in plain Python and small cases reckoned by hand."""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter, defaultdict
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.batch import Batches
from benchmarks.prepare import prepare
from benchmarks.process import Run
from benchmarks.quality import Result
from benchmarks.score import Score, Shares, score
from benchmarks.targets import Findings, rows

TRUTH = dict.fromkeys(("network", "id", "thing", "habit", "category", "original_id", "case", "group"), pl.String)
LINKS = dict.fromkeys(("network", "id", "record"), pl.String)

# A post as (thing, record, place in the list of the post it was made from); no record: no link; no place: an original.
Made = list[tuple[int, int | None, int | None]]
posts = st.lists(
    st.tuples(st.integers(0, 5), st.one_of(st.none(), st.integers(0, 5)), st.one_of(st.none(), st.integers(0, 9))),
    max_size=25,
)
OFFERS = {0, 1, 2}
GROUPS = {0: "a", 1: "a", 2: "b", 3: "b", 4: "b"}
CASES = {"a": "other town", "b": "other count"}


def frames(made: Made) -> tuple[pl.DataFrame, pl.DataFrame]:
    truth, links = [], []
    for number, (thing, record, target) in enumerate(made):
        post, group = str(number), GROUPS.get(thing)
        habit = "original" if target is None else f"habit {number % 3}"
        category = "offer" if thing in OFFERS else "rumour"
        case = CASES[group] if group else None
        origin = None if target is None else str(target)
        truth.append(("x", post, f"thing {thing}", habit, category, origin, case, group))
        if record is not None:
            links.append(("x", post, f"record {record}"))
    return pl.DataFrame(links, LINKS, orient="row"), pl.DataFrame(truth, TRUTH, orient="row")


def partition(made: Made) -> tuple[list[str], list[str]]:
    things = [f"thing {thing}" for thing, _, _ in made]
    records = [f"alone {n}" if record is None else f"record {record}" for n, (_, record, _) in enumerate(made)]
    return things, records


def ratio(part: float, whole: float) -> float:
    return part / whole if whole else 1.0


def slow_homes(made: Made) -> dict[str, tuple[str, int]]:
    things, records = partition(made)
    size = Counter(records)
    found = {}
    for thing in set(things):
        shared = Counter(record for t, record in zip(things, records, strict=True) if t == thing)
        home = min(shared, key=lambda record: (-shared[record], size[record], record))
        found[thing] = (home, shared[home])
    return found


def slow_lost(made: Made) -> int:
    home = slow_homes(made)
    lost = 0
    for thing in (f"thing {offer}" for offer in OFFERS if f"thing {offer}" in home):
        record, shared = home[thing]
        rivals = [(-n, t) for t, (r, n) in home.items() if r == record and t != thing]
        lost += any(rival < (-shared, thing) for rival in rivals)
    return lost


@given(posts)
def test_pairs_and_b3_agree_with_counting_every_pair(made: Made):
    things, records = partition(made)
    scored = score(*frames(made))
    for inside, got in (({f"thing {o}" for o in OFFERS}, scored.on_offers), (set(things), scored.on_all)):
        pairs = [(a, b) for a, b in itertools.combinations(range(len(made)), 2) if {things[a], things[b]} & inside]
        together = [(a, b) for a, b in pairs if records[a] == records[b]]
        same = [(a, b) for a, b in pairs if things[a] == things[b]]
        both = set(together) & set(same)
        assert got.pair_precision == pytest.approx(ratio(len(both), len(together)))
        assert got.pair_recall == pytest.approx(ratio(len(both), len(same)))
        within = [n for n in range(len(made)) if things[n] in inside]
        hits = {n: sum(things[n] == things[m] and records[n] == records[m] for m in range(len(made))) for n in within}
        assert got.b3_precision == pytest.approx(
            ratio(sum(hits[n] / records.count(records[n]) for n in within), len(within))
        )
        assert got.b3_recall == pytest.approx(
            ratio(sum(hits[n] / things.count(things[n]) for n in within), len(within))
        )


@given(posts)
def test_homes_losses_and_spread_agree_with_looking_at_every_offer(made: Made):
    things, records = partition(made)
    scored = score(*frames(made))
    home = {thing: record for thing, (record, _) in slow_homes(made).items() if int(thing[-1]) in OFFERS}
    spread = defaultdict(set)
    for thing, record in zip(things, records, strict=True):
        spread[thing].add(record)
    assert scored.offers == len(home)
    assert scored.offers_lost == slow_lost(made)
    assert scored.merged_offers == sum(a == b for a, b in itertools.combinations(home.values(), 2))
    assert scored.records_per_offer == pytest.approx(sum(len(spread[t]) for t in home) / len(home) if home else 0)
    assert scored.unlinked == sum(record is None for _, record, _ in made)


@given(posts)
def test_copies_agree_with_following_every_pointer(made: Made):
    things, records = partition(made)
    expected = defaultdict(list)
    for n, (_, _, target) in enumerate(made):
        if target is not None and target < len(made) and things[n] == things[target]:
            expected[f"habit {n % 3}"].append(records[n] == records[target])
    same_shares(score(*frames(made)).joined, expected)


@given(posts)
def test_look_alikes_agree_with_comparing_every_pair_of_homes(made: Made):
    home = {int(thing[-1]): record for thing, (record, _) in slow_homes(made).items()}
    expected = defaultdict(list)
    for a, b in itertools.combinations(sorted(set(home) & set(GROUPS)), 2):
        if GROUPS[a] == GROUPS[b]:
            expected[CASES[GROUPS[a]]].append(home[a] == home[b])
    same_shares(score(*frames(made)).wrong, expected)


def same_shares(got: Shares, expected: dict[str, list[bool]]) -> None:
    want = {name: (sum(holds) / len(holds), len(holds)) for name, holds in expected.items()}
    assert set(got) == set(want)
    assert all(got[name] == pytest.approx(want[name]) for name in want)


def figures(scored: Score) -> list[float]:
    flat = [scored.offers, scored.offers_lost, scored.merged_offers, scored.records_per_offer, scored.unlinked]
    for agreement in (scored.on_offers, scored.on_all):
        flat += dataclasses.astuple(agreement)
    for shares in (scored.joined, scored.wrong):
        flat += itertools.chain.from_iterable(shares[habit] for habit in sorted(shares))
    return flat


@given(posts, st.randoms())
def test_the_order_of_rows_and_the_names_of_records_do_not_matter(made: Made, chance):
    links, truth = frames(made)
    shuffled = links.sample(fraction=1, shuffle=True, seed=chance.randrange(2**32))
    renamed = shuffled.with_columns(record="r" + pl.col("record"))
    assert figures(score(renamed, truth)) == pytest.approx(figures(score(links, truth)))


def case(*made: tuple[int, int | None]) -> Score:
    return score(*frames([(thing, record, None) for thing, record in made]))


def test_perfect_links_score_one_everywhere():
    scored = case((0, 0), (0, 0), (1, 1), (4, 4), (4, 4))
    assert (scored.offers, scored.offers_lost, scored.merged_offers, scored.records_per_offer) == (2, 0, 0, 1.0)
    for agreement in (scored.on_offers, scored.on_all):
        assert agreement.pair_f1 == agreement.b3_f1 == 1.0


def test_of_two_offers_in_one_record_the_smaller_is_lost():
    scored = case((0, 0), (0, 0), (1, 0))
    assert (scored.offers_lost, scored.merged_offers, scored.lost_share) == (1, 1, 0.5)


def test_an_offer_buried_under_a_rumour_is_lost_though_no_offer_took_its_place():
    scored = case((0, 0), (4, 0), (4, 0))
    assert (scored.offers_lost, scored.merged_offers) == (1, 0)


def test_an_offer_with_one_stray_copy_elsewhere_keeps_its_record():
    scored = case((0, 0), (0, 0), (0, 1), (1, 1), (1, 1))
    assert scored.offers_lost == 0
    assert scored.records_per_offer == 1.5


def test_rumours_merged_with_each_other_cost_nothing_on_offers():
    scored = case((0, 0), (0, 0), (4, 1), (5, 1))
    assert scored.on_offers.pair_precision == scored.on_offers.b3_precision == 1.0
    assert scored.on_all.pair_precision == 0.5


def test_a_post_with_two_links_is_refused():
    links, truth = frames([(0, 0, None)])
    with pytest.raises(ValueError, match="1 posts have more than one link"):
        score(pl.concat([links, links]), truth)


def result(name: str, posts: int, seconds: float, scored: Score) -> Result:
    return Result(name=name, posts=posts, score=scored, run=Run(seconds=seconds, processor=seconds, peak=10**9))


def test_what_was_not_measured_is_neither_met_nor_missed():
    assert {row.met for row in rows(Findings())} == {None}


def test_each_target_is_judged_by_its_own_figure():
    good, bad = case((0, 0), (1, 1)), case((0, 0), (0, 0), (0, 2), (1, 0))
    fine = Findings(whole=[result("helpt", 100, 1, good), result("rensa 0.70", 100, 2, good)])
    poor = Findings(whole=[result("helpt", 100, 2, bad), result("rensa 0.70", 100, 1, good)])
    for found, met in ((fine, True), (poor, False)):
        judged = {row.what.split(",")[0]: row.met for row in rows(found)}
        assert judged["offers lost"] is met
        assert judged["records per true offer"] is met
        assert judged["faster than rensa"] is met


def test_a_store_too_small_to_say_can_miss_a_target_but_not_meet_it():
    def wait(posts: int, seconds: float) -> bool | None:
        found = Findings(batches=[Batches(posts=posts, count=9, median=seconds, p95=seconds, page=0.01)])
        return next(row.met for row in rows(found) if row.what.startswith("500 posts"))

    assert (wait(1_000_000, 0.1), wait(1_000, 0.1), wait(1_000, 0.2)) == (True, None, False)


def test_a_stream_is_cut_in_time_and_its_truth_with_it(tmp_path: Path):
    stream = prepare(tmp_path, 300, seed=3, say=lambda _: None, tail=50)
    head, tail = (pl.read_ndjson(file, infer_schema_length=None) for file in (stream.posts, stream.tail))
    assert (head.height, tail.height) == (300, 50)
    assert max(head["created_at"].to_list()) <= min(tail["created_at"].to_list())
    assert set(pl.read_parquet(stream.truth)["id"]) == set(head["id"])
