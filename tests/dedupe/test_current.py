"""What is kept in memory of the records, against the same read as a whole, whatever was written in between."""

from __future__ import annotations

from pathlib import Path
from random import Random

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from dedupe import current
from dedupe.current import current_help, current_records, current_roots, several_wordings
from dedupe.deciding import decisions
from dedupe.deciding.decisions import Actor
from dedupe.deciding.life import TOLD, offers_and_requests
from dedupe.errors import DecisionRefused
from dedupe.records import append_records
from dedupe.store import Store
from tests.support.posts import INCIDENT, post, take

ME = Actor(who="an", role="coordinator")
SAME = (
    "root", "record", "category", "kind", "place", "lat", "lon", "network", "url", "lang", "text", "until", "capacity", "capacity_at",
    "capacity_post", "state", "proposal", "proposal_post", "posts", "first_seen", "last_seen", "last_confirmed",
)  # fmt: skip
TEXTS = (
    "Slaapplaats vrij in Genk voor 2 personen, bel 0475 12 34 5{n}",
    "Slaapplaats vrij in Genk voor 1 persoon, bel 0475 12 34 5{n}",
    "Volzet, bel 0475 12 34 5{n} niet meer",
    "Zoek een bed in Hasselt voor {n} mensen",
    "Wat een storm",
)

SEVERAL = """
select root, count(*)::integer as wordings, min(strength) filter (wording <> root) as weakest
from current_links group by root having count(*) > 1
"""


def assert_as_in_the_store(store: Store, incident: str = INCIDENT) -> None:
    """What is kept is what the store's own view gives."""
    values = {"incident": incident}
    whole = store.read("from current_records where incident = $incident", values)
    kept = current_records(store, incident).collect()
    assert_frame_equal(kept.select(SAME), whole.select(SAME), check_row_order=False)
    networks = whole.select("root", pl.col("networks").list.len().cast(pl.Int32))
    assert_frame_equal(kept.select("root", "networks"), networks, check_row_order=False)
    labelled = whole.select("root", "certainty", labelled=pl.col("label") != "")
    assert_frame_equal(kept.select("root", "certainty", "labelled"), labelled, check_row_order=False)
    links = store.read("select wording, root, strength from current_links")
    assert_frame_equal(current_roots(store), links, check_row_order=False)
    several = store.read(SEVERAL)
    assert_frame_equal(several_wordings(store), several, check_row_order=False)
    wanted = store.read(offers_and_requests(), {**values, "root": None})
    assert_frame_equal(current_help(store, incident).select(TOLD), wanted.select(TOLD), check_row_order=False)


@pytest.mark.parametrize(("seed", "most"), [(0, current.CHANGED), (1, 2)])
def test_what_is_kept_is_what_the_store_says_after_every_kind_of_change(
    seed: int, most: int, either: Store, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(current, "CHANGED", most)
    monkeypatch.setattr(current, "PIECES", most)
    chance, store = Random(seed), either
    assert current_records(store, INCIDENT).collect().is_empty()
    for step in range(9):
        names = current_records(store, INCIDENT).collect()["record"].sort().to_list()
        what = chance.choice(("posts", "posts", "edit", "gone", "elsewhere", "relabel", "state", "merge"))
        text = chance.choice(TEXTS).format(n=chance.randrange(3))
        if what == "posts":
            take(store, *(post("x", str(10 * step + n), f"a{chance.randrange(4)}", text) for n in range(2)))
        elif what == "edit":
            take(store, post("x", "1", "a1", text, minute=1, edited=200 + step))
        elif what == "gone":
            take(store, gone=[f"x/{10 * chance.randrange(step + 1)}"])
        elif what == "elsewhere":
            take(store, post("x", f"9{step}", "b", text), incident="flood")
        elif names:
            try:
                if what == "relabel":
                    decisions.relabel(store, chance.choice(names), chance.choice(("offer", "rumour", "other")), ME)
                elif what == "state":
                    decisions.set_state(store, chance.choice(names), "withdrawn", ME)
                else:
                    decisions.merge(store, chance.choice(names), chance.choice(names), ME)
            except DecisionRefused:
                continue
        assert_as_in_the_store(store)
    assert_as_in_the_store(store, "flood")


def test_what_another_machine_writes_late_under_an_earlier_number_is_seen(store: Store):
    take(store, post("x", "1", "an", TEXTS[0].format(n=1)))
    take(store, post("x", "2", "bo", TEXTS[0].format(n=2)))
    assert current_records(store, INCIDENT).collect().height == 2
    rows = store.read("from current_records")
    late = rows.head(1).with_columns(root=pl.lit(7, pl.Int64), record=pl.lit("00000000000000aa"))
    with store.transaction() as tx:
        append_records(tx, 0, late, late)
    assert current_records(store, INCIDENT).collect().height == 3
    assert_as_in_the_store(store)


def test_a_renewal_that_fails_halfway_loses_no_record(store: Store, monkeypatch: pytest.MonkeyPatch):
    take(store, post("x", "1", "an", TEXTS[0].format(n=1)), post("x", "2", "bo", TEXTS[3].format(n=1)))
    assert current_records(store, INCIDENT).collect().height == 2
    take(store, post("x", "3", "cy", TEXTS[0].format(n=1), repost_of="x/1"))

    def full(rows: pl.DataFrame) -> pl.DataFrame:
        raise MemoryError

    with monkeypatch.context() as failing:
        failing.setattr(current, "_whole", full)
        with pytest.raises(MemoryError):
            current_records(store, INCIDENT)
    assert_as_in_the_store(store)


def test_each_store_has_its_own(tmp_path: Path):
    for name in ("one", "two"):
        with Store(tmp_path / f"{name}.duckdb") as store:
            take(store, post("x", name, "an", TEXTS[0].format(n=1), minute=1))
            assert [*current_records(store, INCIDENT).collect()["posts"]] == [1]
