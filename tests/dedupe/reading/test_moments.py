"""Moments: what a spec means for a post, also in nights in which the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.reading.moments import resolve

BRUSSELS = ZoneInfo("Europe/Brussels")


def ends(*rows: tuple[str | None, datetime], zone: str = "Europe/Brussels") -> list[datetime | None]:
    told = pl.DataFrame(
        {"until": [spec for spec, _ in rows], "written_at": [written for _, written in rows]},
        schema={"until": pl.String, "written_at": pl.Datetime("us", "UTC")},
    )
    return resolve(told.with_columns(zone=pl.lit(zone))).to_list()


def here(text: str, zone: ZoneInfo = BRUSSELS) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("spec", "written", "end"),
    [
        ("22:00", "2011-08-18 18:00", "2011-08-18 22:00"),
        ("22:00", "2011-08-18 22:00", "2011-08-19 22:00"),
        ("10:00/12", "2011-08-18 18:00", "2011-08-18 22:00"),
        ("10:00/12", "2011-08-18 22:30", "2011-08-19 10:00"),
        ("12:00/12", "2011-08-18 18:00", "2011-08-19 00:00"),
        ("+0d 23:59", "2011-08-18 18:00", "2011-08-18 23:59"),
        ("+1d 10:00", "2011-08-18 18:00", "2011-08-19 10:00"),
        ("+1d 10:00", "2011-08-19 01:30", "2011-08-19 10:00"),
        ("+1d 23:59", "2011-08-19 01:30", "2011-08-20 23:59"),
        ("+1d 32:00", "2011-08-18 18:00", "2011-08-20 08:00"),
        ("+1n", "2011-08-18 18:00", "2011-08-19 08:00"),
        ("+1n", "2011-08-19 01:30", "2011-08-19 08:00"),
        ("+1n", "2011-08-19 07:00", "2011-08-20 08:00"),
        ("+2n", "2011-08-18 18:00", "2011-08-20 08:00"),
        ("+2h", "2011-08-18 23:00", "2011-08-19 01:00"),
        ("+45m", "2011-08-18 23:30", "2011-08-19 00:15"),
        ("thu 23:59", "2011-08-18 18:00", "2011-08-18 23:59"),
        ("thu 10:00", "2011-08-18 18:00", "2011-08-25 10:00"),
        ("sun 23:59", "2011-08-18 18:00", "2011-08-21 23:59"),
        ("21-08 23:59", "2011-08-18 18:00", "2011-08-21 23:59"),
        ("02-01 23:59", "2011-12-28 18:00", "2012-01-02 23:59"),
        ("d02 23:59", "2011-12-28 18:00", "2012-01-02 23:59"),
        ("d21 23:59", "2011-08-18 18:00", "2011-08-21 23:59"),
    ],
)
def test_a_spec_is_counted_from_when_its_post_was_written(spec: str, written: str, end: str) -> None:
    assert ends((spec, here(written))) == [here(end)]


@pytest.mark.parametrize(
    ("spec", "written"),
    [
        (None, "2011-08-18 18:00"),
        ("+0d 10:00", "2011-08-18 18:00"),
        ("01-03 23:59", "2011-08-18 18:00"),
        ("31-02 23:59", "2011-02-18 18:00"),
        ("d31 23:59", "2011-02-18 18:00"),
    ],
)
def test_what_is_past_or_in_no_calendar_is_no_end(spec: str | None, written: str) -> None:
    if spec == "d31 23:59":
        assert ends((spec, here(written))) == [here("2011-03-31 23:59")]
    else:
        assert ends((spec, here(written))) == [None]


def test_hours_last_as_long_in_nights_when_clocks_change() -> None:
    spring = here("2024-03-31 01:30")
    assert ends(("+2h", spring)) == [spring.astimezone(UTC) + timedelta(hours=2)]
    assert ends(("+1n", spring)) == [here("2024-03-31 08:00")]


def test_a_time_that_the_clocks_skip_is_an_hour_later() -> None:
    assert ends(("02:30", here("2024-03-31 01:30"))) == [here("2024-03-31 03:30")]


def test_a_time_that_the_clocks_show_twice_is_the_later_one() -> None:
    assert ends(("02:30", here("2024-10-27 01:30"))) == [here("2024-10-27 02:30").replace(fold=1).astimezone(UTC)]


def test_each_row_is_read_in_its_own_zone_and_stays_in_its_place() -> None:
    written = datetime(2011, 8, 18, 18, tzinfo=UTC)
    zones = ["Europe/London", "Europe/Brussels", "America/New_York", "Europe/London"]
    told = pl.DataFrame({"until": ["22:00"] * 4, "zone": zones}).with_columns(written_at=pl.lit(written))
    assert [end.hour for end in resolve(told)] == [21, 20, 2, 21]
    assert resolve(told.clear()).len() == 0


NEXT = st.one_of(
    st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59)),
    st.builds("{:02}:{:02}/12".format, st.integers(1, 12), st.integers(0, 59)),
    st.builds("{} {:02}:{:02}".format, st.sampled_from(["mon", "thu", "sun"]), st.integers(0, 23), st.integers(0, 59)),
    st.builds("+{}h".format, st.integers(1, 30)),
    st.builds("+{}n".format, st.integers(1, 9)),
)
CHANGES = [
    datetime(2024, 3, 31, 1, tzinfo=UTC),
    datetime(2024, 10, 27, 1, tzinfo=UTC),
    datetime(2024, 12, 31, 23, tzinfo=UTC),
]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(NEXT, st.sampled_from(CHANGES), st.integers(-1800, 1800)), min_size=1, max_size=20),
    st.sampled_from(["Europe/Brussels", "Europe/London", "America/New_York", "Asia/Kolkata", "UTC"]),
)
def test_the_next_time_always_comes_after_the_post_and_soon(rows: list[tuple[str, datetime, int]], zone: str) -> None:
    written = [(spec, change + timedelta(minutes=minutes)) for spec, change, minutes in rows]
    for (spec, at), end in zip(written, ends(*written, zone=zone), strict=True):
        assert end is not None, (spec, at)
        days = int(spec[1:-1]) + 1 if spec.endswith("n") else 8
        assert at < end <= at + timedelta(days=days, hours=2), (spec, at)
        if "h" not in spec and "n" not in spec.partition(" ")[0]:
            shown = end.astimezone(ZoneInfo(zone))
            told = spec.split(" ")[-1]
            wanted = int(told[:2]) % 12 if told.endswith("/12") else int(told[:2])
            got = shown.hour % 12 if told.endswith("/12") else shown.hour
            assert (got - wanted) % 12 in (0, 1), (spec, at, shown)
            assert f"{shown:%M}" == told[3:5]
