"""Exports: the columns of the contract, in every form, with contacts masked and no cell that runs as a formula."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dedupe import exports
from dedupe.deciding.decisions import Actor, merge, set_state
from dedupe.deciding.notes import note
from dedupe.exports import FORMATS, HXL, TABLES, export, write
from dedupe.store import Store
from tests.support.posts import BED, post, take

AN = Actor(who="An", role="volunteer")
OFFER = [
    "record", "incident", "category", "kind", "place", "lat", "lon", "capacity", "until", "contact", "state", "posts",
    "networks", "first_seen", "last_seen", "last_confirmed", "url", "text",
]  # fmt: skip


@pytest.fixture
def filled(store: Store) -> Store:
    take(
        store,
        post("bluesky", "1", "jan", BED, 1, url="https://social.example/1"),
        post("bluesky", "2", "piet", f"RT @jan: {BED}", 2),
        post("x", "3", "els", "Ik zoek een slaapplaats in Bilzen vannacht, mail els@example.org", 3),
        post("bluesky", "4", "koen", "=cmd|'/c calc'!A1 sterkte allemaal", 4),
        post("mastodon", "5", "=HYPERLINK(1)", "Rit naar Gent, dm @rit", 5),
    )
    return store


def test_records_have_the_columns_of_the_contract(filled: Store):
    for table in ("offers", "requests"):
        assert export(filled, table).columns == OFFER
    assert export(filled, "records").columns == [*OFFER, "conditions", "reach", "flags"]
    assert export(filled, "links").columns == ["network", "id", "record", "why", "strength", "linked_at"]


def test_offers_are_offers_and_requests_are_requests(filled: Store):
    assert set(export(filled, "offers")["category"]) == {"offer"}
    assert set(export(filled, "requests")["category"]) == {"request"}
    assert export(filled, "records").height == 4


def test_an_end_is_told_where_one_is_said_and_never_of_sympathy(store: Store):
    take(
        store,
        post("x", "1", "jan", f"{BED}, vannacht, huisdieren welkom", 1),
        post("x", "2", "els", "Veel sterkte aan iedereen die vannacht niet thuis raakt", 2),
    )
    rows = export(store, "records").sort("first_seen")
    assert rows["until"].to_list() == [datetime(2011, 8, 19, 6, tzinfo=UTC), None]
    assert rows["conditions"].to_list() == [["pets"], []]
    assert rows["reach"].to_list() == [["call"], []]


def test_danger_to_life_is_flagged_whatever_the_category(store: Store):
    take(store, post("x", "1", "jan", "Help! Man bewusteloos aan de ingang van de camping", 1))
    assert export(store, "records")["flags"].to_list() == [["danger"]]


def test_every_post_has_one_link_with_its_reason_in_words(filled: Store):
    links = export(filled, "links")
    assert sorted(links["id"]) == ["1", "2", "3", "4", "5"]
    assert links["linked_at"].null_count() == 0
    assert not any("_" in why for why in links["why"])
    assert links.filter(pl.col("id").is_in(["1", "2"]))["record"].n_unique() == 1


def text_of(rows: pl.DataFrame, folder: Path, form: str) -> str:
    out = folder / f"out.{form}"
    write(rows, form, out)
    return out.read_bytes().decode("utf-8", errors="replace")


@pytest.mark.parametrize("form", ["ndjson", "csv", "geojson", "hxl"])
@pytest.mark.parametrize("table", ["offers", "requests", "records"])
def test_masked_exports_hold_no_number_or_address_anywhere(filled: Store, tmp_path: Path, form: str, table: str):
    told = text_of(export(filled, table), tmp_path, form)
    assert not [secret for secret in ("12 34 56", "475123456", "0475", "els@example.org") if secret in told]


def test_no_handle_and_no_link_to_a_person_goes_out_masked(store: Store, tmp_path: Path):
    told = "2 slaapplaatsen in Genk, dm @jan.v@sociaal.example of https://t.me/janvoorbeeld of wa.me/32470000097"
    take(
        store,
        post("bluesky", "1", "jan", told, 1),
        post("x", "2", "els", BED, 2, url="https://x.com/elsvoorbeeld/status/2"),
    )
    out = text_of(export(store, "records"), tmp_path, "csv")
    assert not [secret for secret in ("jan.v", "sociaal", "janvoorbeeld", "32470", "elsvoorbeeld") if secret in out]
    assert "https://t.me/…" in out
    assert "https://x.com/i/status/2" in out
    assert "janvoorbeeld" in text_of(export(store, "records", contacts=True), tmp_path, "csv")


def test_what_people_note_goes_out_masked(filled: Store, tmp_path: Path):
    note(filled, "bluesky/1", "belde terug op 0470 00 00 99, mail els@example.org", AN)
    set_state(filled, "x/3", "matched", AN, "zie @elsvoorbeeld")
    out = text_of(export(filled, "decisions"), tmp_path, "csv")
    assert "belde terug op •••" in out
    assert "matched" in out
    assert not [secret for secret in ("00 99", "els@", "elsvoorbeeld") if secret in out]
    assert "0470 00 00 99" in text_of(export(filled, "decisions", contacts=True), tmp_path, "csv")


def test_those_who_need_contacts_get_them(filled: Store):
    rows = export(filled, "records", contacts=True)
    assert "els@example.org" in rows["contact"].to_list()
    assert any("12 34 56" in text for text in rows["text"])


def test_texts_of_x_go_out_whole_or_not_at_all(filled: Store):
    assert export(filled, "requests")["text"].to_list() == [None]
    assert "els@example.org" in export(filled, "requests", contacts=True)["text"].item()


def test_ndjson_tells_times_with_a_zone(filled: Store, tmp_path: Path):
    rows = [json.loads(line) for line in text_of(export(filled, "offers"), tmp_path, "ndjson").splitlines()]
    assert rows[0]["first_seen"].startswith("2011-08-18T16:16:00")
    assert rows[0]["first_seen"].endswith("Z")
    assert rows[0]["networks"] == ["bluesky"]


@pytest.mark.parametrize("form", ["csv", "hxl"])
def test_no_cell_runs_as_a_formula(filled: Store, tmp_path: Path, form: str):
    lines = list(csv.reader(io.StringIO(text_of(export(filled, "records", contacts=True), tmp_path, form))))
    cells = [cell for line in lines[1:] for cell in line]
    assert not [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell[:1]]
    assert any(cell.startswith("'=cmd") for cell in cells)
    assert len({len(line) for line in lines}) == 1


def test_hxl_has_a_tag_for_each_column_below_its_name(filled: Store, tmp_path: Path):
    lines = list(csv.reader(io.StringIO(text_of(export(filled, "offers"), tmp_path, "hxl"))))
    assert lines[0] == OFFER
    assert lines[1] == [HXL[name] for name in OFFER]
    assert len(lines) == 2 + export(filled, "offers").height


def test_geojson_has_points_where_there_is_a_place_and_none_where_there_is_not(filled: Store, tmp_path: Path):
    found: dict[str, Any] = json.loads(text_of(export(filled, "records"), tmp_path, "geojson"))
    assert found["type"] == "FeatureCollection"
    assert len(found["features"]) == 4
    for feature in found["features"]:
        assert (feature["geometry"] is None) == (feature["properties"]["place"] is None)
        if feature["geometry"]:
            lon, lat = feature["geometry"]["coordinates"]
            assert 2 < lon < 8 < 49 < lat < 52


def test_parquet_comes_back_as_it_went(filled: Store, tmp_path: Path):
    rows = export(filled, "records")
    write(rows, "parquet", tmp_path / "out.parquet")
    assert pl.read_parquet(tmp_path / "out.parquet").equals(rows)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("table", TABLES)
def test_an_empty_store_exports_an_empty_table_in_every_form(store: Store, tmp_path: Path, form: str, table: str):
    rows = export(store, table)
    assert rows.height == 0
    text_of(rows, tmp_path, form)
    assert (tmp_path / f"out.{form}").exists()


@pytest.mark.parametrize("form", ["ndjson", "csv", "parquet", "hxl"])
def test_decisions_go_out_with_the_posts_they_are_about(filled: Store, tmp_path: Path, form: str):
    merge(filled, "bluesky/1", "mastodon/5", AN, "+1 zei An")
    set_state(filled, "x/3", "matched", AN)
    rows = export(filled, "decisions")
    assert rows["action"].to_list() == ["merge", "state"]
    assert all(len(post) == 16 for posts in rows["posts"] for post in posts)
    text_of(rows, tmp_path, form)


def test_every_form_has_a_writer():
    assert set(exports._WRITERS) == set(FORMATS)
