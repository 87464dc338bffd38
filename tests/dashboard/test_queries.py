"""What the board reads, against what was put in; the reading of the page, against a plain loop over rows."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import queries
from dashboard.queries import ORDERS, Filters
from dedupe.deciding import decisions
from dedupe.deciding.decisions import Actor
from dedupe.deciding.moderation import hide
from dedupe.store import LAKE, Store
from tests.support.boards import INCIDENT, START, TOWNS, an_evening, bed, copy, post, take_in

ME = Actor(who="an", role="coordinator")


@pytest.fixture(params=["file", "lake"])
def store(request: pytest.FixtureRequest, tmp_path: Path):
    name = str(tmp_path / "store.duckdb") if request.param == "file" else f"{LAKE}{tmp_path / 'store.ducklake'}"
    with Store(name) as opened:
        yield opened


def test_an_empty_store_gives_empty_answers(store: Store):
    rows = queries.records(store, "storm")
    assert rows.is_empty()
    assert queries.totals(store, "storm").is_empty()
    assert queries.batches(store, "storm").is_empty()
    assert queries.over_time(store, "storm", rows).is_empty()
    assert queries.version(store, "storm") == (-1, 0)
    assert queries.members(store, 1).is_empty()
    assert queries.found(rows, Filters()).is_empty()


def test_copies_are_one_row_that_counts_them(store: Store):
    first = bed(1, minute=0, places=3, town="Genk")
    take_in(store, [first, copy(2, first, minute=1), copy(3, first, minute=2, network="bluesky")])
    row = queries.records(store, INCIDENT.id).row(0, named=True)
    assert (row["kind"], row["place"], row["capacity"]) == ("bed", "Genk", 3)
    assert (row["posts"], row["networks"], row["state"]) == (3, 2, "available")
    assert row["first_seen"] == START
    assert row["text"] == first.text
    assert queries.totals(store, INCIDENT.id).rows() == [("offer", 1, 3)]


def test_what_moderators_hid_is_neither_listed_nor_among_the_posts_of_a_record(store: Store):
    first = bed(1, minute=0, town="Genk")
    take_in(store, [first, copy(2, first, minute=1), bed(9, minute=2, town="Alken")])
    rows = queries.records(store, INCIDENT.id)
    record, root = rows.filter(pl.col("place") == "Genk").select("record", "root").row(0)
    hidden = hide(store, record, "threat", ME)
    assert queries.records(store, INCIDENT.id)["place"].to_list() == ["Alken"]
    decisions.undo(store, hidden, ME)
    hide(store, f"{first.network}/{first.id}", "threat", ME, post=True)
    shown = queries.records(store, INCIDENT.id).filter(pl.col("root") == root).row(0, named=True)
    assert (shown["posts"], shown["text"]) == (2, None)
    assert queries.members(store, root).height == 1


def test_a_later_batch_replaces_what_the_record_said_before(store: Store):
    first = bed(1, minute=0)
    take_in(store, [first])
    before = queries.version(store, INCIDENT.id)
    take_in(store, [copy(2, first, minute=1), bed(9, minute=2, town="Alken")])
    assert queries.version(store, INCIDENT.id) != before
    rows = queries.records(store, INCIDENT.id)
    assert sorted(rows["posts"]) == [1, 2]
    assert queries.batches(store, INCIDENT.id).select("source", "query", "posts").rows() == [("file", "test", 3)]


def test_a_decision_shows_and_changes_the_version(store: Store):
    take_in(store, [bed(1, minute=0)])
    before = queries.version(store, INCIDENT.id)
    record = queries.records(store, INCIDENT.id)["record"].item()
    decisions.set_state(store, record, "full", ME)
    assert queries.version(store, INCIDENT.id) != before
    assert queries.records(store, INCIDENT.id)["state"].item() == "full"


def test_a_record_relabelled_as_something_else_leaves_the_page(store: Store):
    take_in(store, [bed(1, minute=0), bed(2, minute=0, town="Alken")])
    record = queries.records(store, INCIDENT.id)["record"][0]
    decisions.relabel(store, record, "sympathy", ME)
    assert record not in queries.records(store, INCIDENT.id)["record"].to_list()


def test_the_members_come_in_order_each_with_its_reason(store: Store):
    first = bed(1, minute=0)
    again = copy(2, first, minute=1)
    take_in(store, [first, again, copy(3, first, minute=2), bed(4, minute=0, town="Bilzen")])
    rows = queries.records(store, INCIDENT.id)
    root = rows.filter(pl.col("place") == "Zonhoven")["root"].item()
    members = queries.members(store, root)
    assert members["url"].to_list()[:2] == [first.url, again.url]
    assert members["why"].to_list()[0] == "the first of its record"
    assert members["why"].null_count() == 0
    assert queries.members(store, root, limit=1).height == 1


def test_another_incident_is_not_on_this_board(store: Store):
    take_in(store, [bed(1, minute=0)])
    assert queries.records(store, "flood").is_empty()
    assert queries.over_time(store, "flood", queries.records(store, "flood")).is_empty()


def test_over_time_adds_up_to_what_was_put_in(store: Store):
    posts = an_evening(20)
    take_in(store, posts)
    series = queries.over_time(store, INCIDENT.id, queries.records(store, INCIDENT.id))
    totals = {category: records for category, records, _ in queries.totals(store, INCIDENT.id).iter_rows()}
    assert series["posts"].sum() == len(posts)
    assert series["offers"][-1] == totals["offer"]
    assert series["requests"][-1] == totals["request"]
    assert series["offers"].is_sorted()
    steps = series["at"].diff().drop_nulls().unique().to_list()
    assert steps == [timedelta(seconds=series["step"][0])], "an hour without posts is an hour on the axis"


def test_a_post_dated_1970_does_not_stretch_the_axis(store: Store):
    lost = post(99_999, "oud bericht", minute=-29_000_000)
    take_in(store, [*an_evening(300), lost])
    series = queries.over_time(store, INCIDENT.id, queries.records(store, INCIDENT.id))
    assert series["at"][0] >= START - timedelta(hours=1)
    assert series.height <= queries.BARS + 2


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "category": st.sampled_from(["offer", "request"]),
            "kind": st.sampled_from(["bed", "ride", None]),
            "place": st.sampled_from([*TOWNS[:2], None]),
            "text": st.sampled_from(["Hond welkom", "bed voor een hond", "RIT", "", None]),
            "posts": st.integers(1, 5),
            "state": st.sampled_from(["available", "unknown", "claimed", "full", "expired"]),
            "flags": st.sampled_from([[], ["danger"], ["threat"], None]),
            "minute": st.integers(0, 5),
        }
    ),
    max_size=25,
)
FILTERS = st.builds(
    Filters,
    category=st.sampled_from(["offer", "request"]),
    kind=st.sampled_from([None, "bed", "ride"]),
    place=st.sampled_from([None, "Zonhoven"]),
    words=st.sampled_from(["", "HOND", "bed hond", "(.*", "genk"]),
    order=st.sampled_from(ORDERS),
    state=st.sampled_from([None, "free", "claimed"]),
)


def as_frame(rows: list[dict]) -> pl.DataFrame:
    types: dict[str, Any] = {
        "category": pl.String,
        "kind": pl.String,
        "place": pl.String,
        "text": pl.String,
        "posts": pl.Int64,
    }
    types |= {"state": pl.String, "flags": pl.List(pl.String)}
    frame = pl.DataFrame(rows, schema={**types, "minute": pl.Int64})
    at = pl.lit(START) + pl.duration(minutes="minute")
    return frame.with_columns(
        record=pl.int_range(pl.len()).cast(pl.String).str.zfill(3), first_seen=at, last_confirmed=at
    )


@given(ROWS, FILTERS, st.integers(-2, 9))
def test_a_page_holds_what_a_plain_loop_finds(rows: list[dict], filters: Filters, number: int):
    def passes(row: dict) -> bool:
        text = " ".join(filter(None, (row["text"], row["place"], row["kind"]))).lower()
        return (
            row["category"] == filters.category
            and filters.kind in (None, row["kind"])
            and filters.place in (None, row["place"])
            and (filters.state in (None, row["state"]) or (filters.state == "free" and is_free(row)))
            and all(word in text for word in filters.words.lower().split())
        )

    def is_free(row: dict) -> bool:
        return row["state"] in ("available", "unknown")

    def urgency(row: dict) -> tuple:
        return "danger" not in (row["flags"] or ()), not is_free(row), row["minute"], row["record"]

    named = [{**row, "record": f"{n:03}"} for n, row in enumerate(rows)]
    first = "posts" if filters.order == "seen" else "minute"
    wanted = sorted((row for row in named if passes(row)), key=lambda row: (row[first], row["record"]), reverse=True)
    wanted.sort(key=lambda row: row["state"] in ("full", "expired"))
    if filters.order == "urgent":
        wanted.sort(key=urgency)
    frame = as_frame(rows)
    found = queries.found(frame, filters)
    pages = queries.pages(found, 4)
    assert pages == max(1, (len(wanted) + 3) // 4)
    shown = queries.page(frame, found, number, 4)
    at = (min(max(number, 1), pages) - 1) * 4
    assert (shown.found, shown.rows["record"].to_list()) == (
        len(wanted),
        [row["record"] for row in wanted[at : at + 4]],
    )


def test_persons_numbers_and_addresses_cannot_be_searched_for():
    assert queries.searchable("hond 2 personen 3500")
    assert not queries.searchable("@iemand")
    assert not queries.searchable("jan@example.be")
    assert not queries.searchable("0470 12")


def test_a_record_tells_what_made_its_category_and_nothing_of_a_post_of_x(store: Store):
    loft = post(1, "Bij ons staat de zolder leeg, wie wil kan komen", minute=0)
    take_in(store, [loft, bed(2, minute=1, town="Genk"), bed(3, minute=2, town="Alken", network="x")])
    roots = dict(store.read("select id, root from current_posts join current_links using (wording)").rows())
    told = {name: queries.reading(store, root) for name, root in roots.items()}
    by_examples, by_words, of_x = told[loft.id], told["2"], told["3"]
    assert by_examples.startswith("category: examples: ‘")
    assert by_words.startswith("category: ‘")
    assert "\nkind: " in by_words
    assert of_x == ""
    decisions.relabel(store, "bluesky/1", "request", ME)
    assert queries.reading(store, roots[loft.id]).startswith("category: a person said so\n")
