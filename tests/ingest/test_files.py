from __future__ import annotations

import csv
import gzip
import io
import json
import random
import tracemalloc
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.errors import UnreadableFile
from ingest.files import FileSource, read_posts, rejects_path, write_rejects
from ingest.post import CONTENT, POST_SCHEMA, UTC_TIME
from ingest.reading import lines
from ingest.reading.gather import Chunk
from tests.ingest.samples import AT, NOW, content, ids, ndjson, read, reasons, row, write

HEADER = "network,id,author,text,created_at,likes\n"


def line(number: int, text: str = "bed") -> str:
    return f"x,{number},ann,{text},{AT},3\n"


def one(tmp_path: Path, **fields: object) -> list[Chunk]:
    """A file of one good row and then one with these fields; None leaves a field out."""
    given = {name: value for name, value in row(2, **fields).items() if value is not None}
    return read(write(tmp_path / "posts.ndjson", ndjson([row(1), given])))


def test_every_field_of_a_post_comes_through(tmp_path):
    full = row(
        1,
        url="https://example.org/1",
        author_name="Ann",
        lang="nl",
        repost_of="5",
        quote_of="6",
        reply_to="7",
        reposts=4,
        likes=9,
        edited_at="2011-08-18T18:30:00+02:00",
        labels=["!warn", "bot"],
        mood="ignored",
    )
    (chunk,) = read(write(tmp_path / "posts.ndjson", ndjson([full])))
    assert chunk.content.schema == pl.Schema(CONTENT)
    expected = {
        **full,
        "created_at": datetime(2011, 8, 18, 16, 20, tzinfo=UTC),
        "edited_at": datetime(2011, 8, 18, 16, 30, tzinfo=UTC),
    }
    del expected["mood"]
    assert chunk.content.row(0, named=True) == expected
    assert (chunk.refusals, chunk.rows, chunk.progress) == ((), 1, 1.0)


def test_labels_are_a_list_and_none_is_something_else_than_not_knowing(tmp_path):
    given = [["bot", "!warn", "bot"], [], None, "graphic-media, bot", ""]
    wanted = [["!warn", "bot"], [], None, ["bot", "graphic-media"], None]
    rows = [row(number, labels=labels) for number, labels in enumerate(given)]
    chunks = read(write(tmp_path / "posts.ndjson", ndjson([*rows, row(9, labels=[7]), row(10, labels={})])))
    assert content(chunks)["labels"].to_list() == wanted
    assert [number for number, _ in reasons(chunks)] == [6, 7]
    table = pl.DataFrame([row(number, labels=labels) for number, labels in enumerate(wanted)])
    table.write_parquet(tmp_path / "posts.parquet")
    assert content(read(tmp_path / "posts.parquet"))["labels"].to_list() == wanted
    cells = "network,id,author,text,created_at,labels\n" + "".join(
        f'x,{number},ann,bed,2011-08-18T16:20:00Z,"{labels}"\n' for number, labels in enumerate(("!warn,bot", ",", ""))
    )
    assert content(read(write(tmp_path / "posts.csv", cells)))["labels"].to_list() == [["!warn", "bot"], [], None]


@pytest.mark.parametrize("suffix", ["ndjson", "jsonl", "json", "no-suffix"])
def test_a_form_is_told_by_content_and_not_by_name(tmp_path, suffix):
    assert ids(read(write(tmp_path / f"posts.{suffix}", ndjson([row(1), row(2)])))) == ["1", "2"]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_packed_file_reads_like_the_plain_one(tmp_path, pack):
    data = ndjson(row(n) for n in range(500))
    packed = read(write(tmp_path / "posts.packed", pack(data[:9_000]) + pack(data[9_000:])), chunk_bytes=1_000)
    plain = read(write(tmp_path / "posts.ndjson", data), chunk_bytes=1_000)
    assert content(packed).equals(content(plain))
    assert reasons(packed) == []
    assert packed[-1].rows == 500


def test_packed_csv_is_read(tmp_path):
    assert ids(read(write(tmp_path / "posts.csv.gz", gzip.compress((HEADER + line(1)).encode())))) == ["1"]


@pytest.mark.parametrize(
    ("written", "micros"),
    [
        ("2011-08-18T16:20:00Z", 0),
        ("2011-08-18T18:20:00+02:00", 0),
        ("2011-08-18T18:20:00.250+0200", 250_000),
        ("2011-08-18T16:20:00.123456789Z", 123_456),
        ("2011-08-18 16:20:00Z", 0),
        ("2011-08-18T16:20Z", 0),
        ("2011-08-18T11:50:00-04:30", 0),
    ],
)
def test_times_of_any_zone_become_utc(tmp_path, written, micros):
    (chunk,) = one(tmp_path, created_at=written)
    assert chunk.content["created_at"][1] == datetime(2011, 8, 18, 16, 20, 0, micros, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"network": None}, "network is missing"),
        ({"id": None}, "id is missing"),
        ({"author": None}, "author is missing"),
        ({"text": None}, "text is missing"),
        ({"created_at": None}, "created_at is missing"),
        ({"network": " "}, "network is empty"),
        ({"id": ""}, "id is empty"),
        ({"author": "\x00"}, "author is empty"),
        ({"text": ["bed"]}, 'text is ["bed"], not text or a number'),
        ({"text": True}, "text is true, not text or a number"),
        ({"id": {"a": 1}}, 'id is {"a": 1}, not text or a number'),
        ({"likes": "many"}, 'likes "many" is not a whole number'),
        ({"likes": 2.5}, 'likes "2.5" is not a whole number'),
        ({"reply_to": "1.04E+17"}, 'reply_to "1.04E+17" has lost digits to rounding'),
        ({"id": "1e+16"}, 'id "1e+16" has lost digits to rounding'),
        ({"text": "x" * 10_000_001}, "text is 10000001 bytes long, the most is 10,000,000"),
        ({"author": "x" * 10_001}, "author is 10001 bytes long, the most is 10,000"),
        ({"created_at": "2011-08-18T16:20:00"}, 'created_at "2011-08-18T16:20:00" has no time zone'),
        ({"created_at": "2011-08-18"}, 'created_at "2011-08-18" has no time zone'),
        ({"created_at": "yesterday"}, 'created_at "yesterday" is not a time in ISO 8601'),
        ({"created_at": 1_313_684_400}, 'created_at "1313684400" is not a time in ISO 8601'),
        ({"created_at": "1970-01-01T00:00:00Z"}, 'created_at "1970-01-01T00:00:00Z" is before 2006-03-21'),
        ({"created_at": "2027-11-21T00:00:00Z"}, 'created_at "2027-11-21T00:00:00Z" is more than a day in the future'),
        ({"edited_at": "9999-12-31T23:59:59-12:00"}, 'edited_at "9999-12-31T23:59:59-12:00" is more than a day'),
        ({"edited_at": "soon"}, 'edited_at "soon" is not a time in ISO 8601'),
    ],
)
def test_a_bad_row_is_refused_with_its_number_and_reason(tmp_path, fields, reason):
    chunks = one(tmp_path, **fields)
    assert ids(chunks) == ["1"]
    ((number, told),) = reasons(chunks)
    assert number == 2
    assert told.startswith(reason)
    assert len(chunks[0].refusals[0].raw) <= 2_000


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (b'{"network": "x", "id"', "the row is not valid JSON"),
        (b'"just text"', "the row is not a JSON object"),
        (b"[1, 2]", "the row is not a JSON object"),
        (b"null", "the row is not a JSON object"),
        (gzip.compress(b"{}", mtime=0).replace(b"\n", b""), "the row is not UTF-8"),
        (ndjson([row(2)])[:-1].replace(b"bed", b"b\xe9d"), "the row is not UTF-8"),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "the row is nested too deeply"),
        (b'{"network":"x","likes":' + b"9" * 5_000 + b"}", "the row holds a number of too many digits"),
        (b"{}", "network is missing"),
    ],
)
def test_a_line_that_is_no_row_is_refused_and_its_neighbours_go_in(tmp_path, broken, reason):
    chunks = read(write(tmp_path / "posts.ndjson", ndjson([row(1)]) + broken + b"\n" + ndjson([row(3)])))
    assert ids(chunks) == ["1", "3"]
    assert [(number, told[: len(reason)]) for number, told in set(reasons(chunks))] == [(2, reason)]


def test_what_can_be_understood_goes_in(tmp_path):
    data = ndjson(
        [
            row(1, id=123456789012345678, likes=None, reposts="4"),
            row(2, text=""),
            row(3, text="half \ud83d and \ude00"),
            row(4, text="a\x00b\x08c\x1bd\x7fe\tf\ng"),
            row(5, text="[bed] free"),
            row(6, text="true"),
            row(7, likes=3.0, url=""),
            row(8, text="b" * 1_000_000),
            row(9, text=" ".join(f"#tag{n}" for n in range(10_000))),
            row(10, text="\U0001f6cf lit pour deux"),
            row(1, text="again"),
            row(1, text="again, with other words"),
        ]
    )
    chunks = read(write(tmp_path / "posts.ndjson", data))
    found = content(chunks)
    assert reasons(chunks) == []
    assert found["id"].to_list() == ["123456789012345678", *map(str, range(2, 11)), "1", "1"]
    assert found["text"].to_list()[:7] == [
        "bed 1",
        "",
        "half \ufffd and \ufffd",
        "abcde\tf\ng",
        "[bed] free",
        "true",
        "bed 7",
    ]
    assert found["text"].str.len_bytes().to_list()[7:9] == [1_000_000, 88_889]
    assert found["text"].to_list()[9:] == ["\U0001f6cf lit pour deux", "again", "again, with other words"]
    assert found["likes"].to_list()[6] == 3
    assert found["reposts"].to_list()[0] == 4
    assert found["url"].to_list()[6] is None


def test_a_field_named_twice_counts_once_and_the_first_wins_whatever_its_neighbours_are(tmp_path):
    twice = ndjson([row(1)])[:-2] + b', "id": "other", "text": "other"}\n'
    alone = read(write(tmp_path / "alone.ndjson", twice))
    beside_a_broken_line = read(write(tmp_path / "beside.ndjson", twice + b"{\n"))
    assert ids(alone) == ids(beside_a_broken_line) == ["1"]


def test_blank_lines_a_byte_order_mark_and_windows_line_ends_are_taken_in_stride(tmp_path):
    data = b"\xef\xbb\xbf" + ndjson([row(1)]).replace(b"\n", b"\r\n") + b"\r\n  \n" + ndjson([row(2), row(3, id="")])
    chunks = read(write(tmp_path / "posts.ndjson", data.rstrip()))
    assert ids(chunks) == ["1", "2"]
    assert reasons(chunks) == [(5, "id is empty")]
    assert chunks[-1].rows == 5


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0), b"[]", HEADER.encode()])
def test_an_empty_file_gives_no_posts_and_no_error(tmp_path, data):
    chunks = read(write(tmp_path / "posts", data))
    assert (ids(chunks), reasons(chunks), chunks[-1].progress) == ([], [], 1.0)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00", "holds no posts in a form known here"),
        (b"Dear all,\nthe meeting is at nine.\n", "holds no posts in a form known here"),
        (b'{"a": 1}\n{"b": 2}\n', "holds no posts in a form known here"),
        (b'{\n"type": "FeatureCollection"\n}', "holds no posts in a form known here"),
        (b'[{"a": 1}]', "holds no posts in a form known here"),
        ("network,id".encode("utf-16"), "is written in UTF-16; save it as UTF-8"),
        (b"PAR1 and then nothing", "is damaged or no Parquet file"),
        ((HEADER.replace("likes", "text") + line(1)).encode(), "more than one column text"),
    ],
)
def test_a_file_that_holds_no_posts_is_refused_in_one_sentence(tmp_path, data, told):
    with pytest.raises(UnreadableFile, match=told) as caught:
        read(write(tmp_path / "posts", data))
    assert str(caught.value).count("\n") == 0


def test_an_absent_file_and_a_folder_are_refused_in_one_sentence(tmp_path):
    with pytest.raises(UnreadableFile, match=r"^posts\.csv does not exist\.$"):
        read_posts(tmp_path / "posts.csv", now=NOW)
    with pytest.raises(UnreadableFile, match="is a folder; name the files in it"):
        read_posts(tmp_path, now=NOW)


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor(write_checksum=True).compress])
def test_of_a_cut_archive_all_that_can_be_read_goes_in_and_one_refusal_tells_the_rest(tmp_path, pack):
    noise = random.Random(5)
    data = ndjson(row(n, text=noise.randbytes(200).hex()) for n in range(3_000))
    packed = pack(data)
    chunks = read(write(tmp_path / "posts.packed", packed[: len(packed) * 2 // 3]), chunk_bytes=100_000)
    found = ids(chunks)
    assert 500 < len(found) < 3_000
    assert found == [str(n) for n in range(len(found))]
    ((number, reason),) = reasons(chunks)
    assert number == len(found) + 1
    assert "archive is cut off here" in reason


def test_a_damaged_archive_gives_what_comes_before_the_damage(tmp_path):
    noise = random.Random(5)
    packed = bytearray(gzip.compress(ndjson(row(n, text=noise.randbytes(200).hex()) for n in range(300))))
    packed[-8:-4] = b"\x00\x00\x00\x00"
    chunks = read(write(tmp_path / "posts.gz", bytes(packed)))
    assert len(ids(chunks)) == 300
    assert [reason for _, reason in reasons(chunks)] == ["the gzip archive is damaged here; the rest is lost"]


def test_a_line_beyond_the_bound_is_refused_and_the_next_goes_in(tmp_path, monkeypatch):
    # the bound itself is 64 MiB; a smaller one asks the same of the code and less of the machine
    monkeypatch.setattr(lines, "LINE_BYTES", 1 << 20)
    data = ndjson([row(1), row(2, text="x" * 5_000_000), row(3)])
    chunks = read(write(tmp_path / "posts.ndjson", data), chunk_bytes=10_000)
    assert ids(chunks) == ["1", "3"]
    assert reasons(chunks) == [(2, "the line is longer than 1 MiB")]


def test_csv_keeps_commas_quotes_and_line_ends_inside_quotes(tmp_path):
    written = io.StringIO()
    table = csv.DictWriter(written, fieldnames=["id", "text", "network", "author", "created_at"], lineterminator="\r\n")
    table.writeheader()
    text = 'two beds, "clean"\r\nand\na shower'
    table.writerow({**row(1, text=text)})
    table.writerow({**row(2)})
    found = content(read(write(tmp_path / "posts.csv", "\ufeff" + written.getvalue())))
    assert found["text"].to_list() == [text, "bed 2"]
    assert found["likes"].to_list() == [None, None]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_may_be_written_as_spreadsheets_do_in_other_countries(tmp_path, delimiter):
    data = (HEADER.upper() + line(1)).replace(",", delimiter)
    assert content(read(write(tmp_path / "posts.csv", data)))["likes"].to_list() == [3]


def test_a_bad_csv_row_costs_no_other_row(tmp_path):
    data = (
        (HEADER + line(1) + line(2, "a,b") + "\n" + line(3, '"never closed') + line(4) + line(5, "")).encode()
        + line(6).encode().replace(b"bed", b"b\xe9d")
        + (line(7, '"closed" too soon') + line(8)).encode()
    )
    chunks = read(write(tmp_path / "posts.csv", data))
    assert ids(chunks) == ["1", "4", "5", "8"]
    assert reasons(chunks) == [
        (3, "the row has 7 fields, the header has 6"),
        (5, "the quotes of the row do not match"),
        (8, "the row is not UTF-8"),
        (9, "the quotes of the row do not match"),
    ]


def test_a_csv_column_that_is_missing_is_told_for_every_row(tmp_path):
    chunks = read(write(tmp_path / "posts.csv", "network,id,author,created_at\nx,1,ann,2011-08-18T16:20:00Z\n"))
    assert reasons(chunks) == [(2, "text is missing")]


def test_parquet_is_read_in_slices_with_whatever_types_its_columns_have(tmp_path):
    at = datetime(2011, 8, 18, 16, 20, tzinfo=UTC)
    table = pl.DataFrame(
        {
            "id": range(1, 1_001),
            "network": pl.Series(["x"] * 1_000, dtype=pl.Categorical),
            "author": ["ann"] * 1_000,
            "text": ["bed"] * 999 + [None],
            "created_at": pl.Series([at] * 1_000, dtype=pl.Datetime("ms", "Europe/Brussels")),
            "repost_of": [None, 5.0, float("nan"), 1.2e17] + [None] * 996,
            "likes": [3.0] * 1_000,
            "edited_at": ["2011-08-18T16:30:00Z"] * 1_000,
        }
    )
    table.write_parquet(tmp_path / "posts.parquet")
    chunks = read(tmp_path / "posts.parquet", chunk_bytes=100_000)
    found = content(chunks)
    assert len(chunks) == 4
    assert found.schema == pl.Schema(CONTENT)
    assert found["id"].to_list() == [str(n) for n in range(1, 1_000) if n != 4]
    assert found["repost_of"].to_list()[:3] == [None, "5", None]
    assert set(found["created_at"]) == {at}
    assert set(found["likes"]) == {3}
    assert reasons(chunks) == [
        (4, 'repost_of "1.2e+17" has lost digits to rounding'),
        (1_000, "text is missing"),
    ]


def test_parquet_times_without_a_zone_are_refused(tmp_path):
    rows = pl.DataFrame([row(1, created_at=datetime(2011, 8, 18, 16, 20))])  # noqa: DTZ001 - the point of the test
    rows.write_parquet(tmp_path / "posts.parquet")
    ((number, reason),) = reasons(read(tmp_path / "posts.parquet"))
    assert number == 1
    assert "has no time zone" in reason


def test_a_json_list_is_read_item_by_item(tmp_path):
    records = [row(1), row(2), 5, row(4, id=""), row(5)]
    chunks = read(write(tmp_path / "posts.json", json.dumps(records, indent=2)), chunk_bytes=100)
    assert ids(chunks) == ["1", "2", "5"]
    assert reasons(chunks) == [(3, "the row is not a JSON object"), (4, "id is empty")]
    assert len(chunks) > 3


@pytest.mark.parametrize(
    ("cut", "told", "left"),
    [(-1, "the list is not closed", 2), (-30, "the list breaks off here", 1)],
)
def test_a_json_list_that_breaks_off_gives_what_comes_before(tmp_path, cut, told, left):
    chunks = read(write(tmp_path / "posts.json", json.dumps([row(1), row(2)])[:cut]))
    assert len(ids(chunks)) == left
    ((number, reason),) = reasons(chunks)
    assert number == left + 1
    assert reason.startswith(told)


@pytest.mark.parametrize("form", ["ndjson", "csv", "list", "parquet", "gzip"])
def test_reading_can_go_on_at_any_row(tmp_path, form):
    posts = [row(n, likes=3) if n != 4 else row(n, id="", likes=3) for n in range(1, 9)]
    path = tmp_path / "posts"
    if form == "parquet":
        pl.DataFrame(posts).write_parquet(path)
    elif form == "csv":
        write(path, pl.DataFrame(posts).write_csv())
    elif form == "list":
        write(path, json.dumps(posts))
    else:
        write(path, gzip.compress(ndjson(posts)) if form == "gzip" else ndjson(posts))
    whole = read(path, chunk_bytes=150)
    for chunk in [*whole, *read(path, chunk_bytes=900)]:
        before = [c for c in read(path, chunk_bytes=1) if c.rows <= chunk.rows]
        after = read(path, chunk_bytes=150, start=chunk.rows)
        assert content([*before, *after]).equals(content(whole))
        assert sorted(reasons(before) + reasons(after)) == reasons(whole)
        assert after[-1].rows == whole[-1].rows
        assert [c.progress == 1.0 for c in after] == [False] * (len(after) - 1) + [True]


def test_memory_does_not_follow_the_size_of_the_file(tmp_path):
    noise = random.Random(7)

    def most(rows: int) -> int:
        data = HEADER + "".join(line(n, noise.randbytes(40).hex()) for n in range(rows))
        path = write(tmp_path / f"{rows}.csv.gz", gzip.compress(data.encode()))
        tracemalloc.start()
        try:
            for chunk in read_posts(path, now=NOW, chunk_bytes=100_000):
                assert chunk.content.height < 5_000
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert most(30_000) < 1.5 * most(7_500)


def slow_verdict(line: bytes) -> tuple[str, str] | None:
    """The (id, text) a line must give, or None when it must be refused: the rules told once more, one row at a time."""
    try:
        found = json.loads(line.decode(), strict=False)
        given = {name: found.get(name) for name in CONTENT}
        strings = {name: None if value is None else str(value) for name, value in given.items()}
        kinds = [value for value in given.values() if isinstance(value, bool | list | dict)]
        at = datetime.fromisoformat(strings["created_at"] or "")
    except (ValueError, AttributeError, RecursionError):
        return None
    clean = {name: plain(value or "") for name, value in strings.items()}
    sound = not kinds and at.tzinfo is not None and strings["text"] is not None
    named = all(clean[name].strip() for name in ("network", "id", "author"))
    if not (sound and named and datetime(2006, 3, 21, tzinfo=UTC) <= at <= NOW + timedelta(days=1)):
        return None
    return clean["id"], clean["text"]


def plain(value: str) -> str:
    whole = "".join("\ufffd" if "\ud800" <= sign <= "\udfff" else sign for sign in value)
    return "".join(sign for sign in whole if sign in "\t\n\r" or not (sign < " " or sign == "\x7f"))


odd_values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=8),
    st.lists(st.integers(), max_size=2),
    st.sampled_from(["", " ", "\x00", "a\x00b", "\ud83d", "\ude00x", "[x]", "{}", "true"]),
    st.sampled_from(["1970-01-01T00:00:00Z", "2011-08-18T16:20:00"]),
)
odd_rows = st.builds(
    lambda number, field, value: row(number, **{field: value}),
    st.integers(0, 99),
    st.sampled_from(["network", "id", "author", "text", "created_at"]),
    odd_values,
)
odd_lines = st.one_of(
    odd_rows.map(lambda odd: json.dumps(odd).encode()),
    odd_rows.map(lambda odd: json.dumps(odd, ensure_ascii=False).encode(errors="replace")),
    st.binary(max_size=20).map(lambda junk: junk.replace(b"\n", b"")),
    st.tuples(st.integers(0, 76), st.binary(max_size=3)).map(
        lambda at: (ndjson([row(50)])[: at[0]] + at[1] + ndjson([row(50)])[at[0] :]).replace(b"\n", b"")
    ),
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(odd=st.lists(odd_lines, max_size=12), chunk_bytes=st.sampled_from([1, 100, 300, 1 << 20]), packed=st.booleans())
def test_every_line_is_in_the_posts_or_in_the_refusals(tmp_path, odd, chunk_bytes, packed):
    every = [json.dumps(row("first")).encode(), *odd]
    data = b"\n".join(every)
    chunks = read(write(tmp_path / "posts", gzip.compress(data) if packed else data), chunk_bytes=chunk_bytes)
    full = [(number, line) for number, line in enumerate(every, 1) if line.removeprefix(b"\xef\xbb\xbf").strip()]
    verdicts = [(number, slow_verdict(line.removeprefix(b"\xef\xbb\xbf"))) for number, line in full]
    found = content(chunks)
    assert list(zip(found["id"], found["text"], strict=True)) == [verdict for _, verdict in verdicts if verdict]
    refused = sorted({number for number, _ in reasons(chunks)})
    assert refused == [number for number, verdict in verdicts if verdict is None]


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.binary(max_size=300),
    like=st.sampled_from(["ndjson", "csv", "list", "gzip", "zstd", "parquet"]),
    at=st.integers(0, 400),
)
def test_no_bytes_whatever_crash_the_reader(tmp_path, data, like, at):
    posts = [row(n) for n in range(4)]
    if like == "parquet":
        pl.DataFrame(posts).write_parquet(tmp_path / "sound")
        sound = (tmp_path / "sound").read_bytes()
    elif like == "csv":
        sound = pl.DataFrame(posts).write_csv().encode()
    else:
        sound = json.dumps(posts).encode() if like == "list" else ndjson(posts)
        sound = gzip.compress(sound) if like == "gzip" else sound
        sound = zstandard.compress(sound) if like == "zstd" else sound
    at = min(at, len(sound))
    path = write(tmp_path / "posts", sound[:at] + data + sound[at + len(data) // 2 :])
    with suppress(UnreadableFile):
        chunks = read(path, chunk_bytes=97)
        assert [chunk.progress == 1.0 for chunk in chunks] == [False] * (len(chunks) - 1) + [True]


csv_text = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], include_characters='\n\t",;'), max_size=30
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(csv_text, max_size=8), chunk_bytes=st.sampled_from([1, 64, 1 << 20]))
def test_csv_gives_back_any_text_that_was_written(tmp_path, texts, chunk_bytes):
    written = io.StringIO()
    table = csv.DictWriter(written, fieldnames=list(row(0)), lineterminator="\n")
    table.writeheader()
    table.writerows(row(number, text=text) for number, text in enumerate(texts))
    chunks = read(write(tmp_path / "posts.csv", written.getvalue()), chunk_bytes=chunk_bytes)
    assert content(chunks)["text"].to_list() == texts
    assert reasons(chunks) == []


def test_refused_rows_are_appended_to_a_list_beside_the_file(tmp_path):
    path = write(tmp_path / "posts.ndjson", ndjson([row(1), row(2, id="")]) + b"{\xff\n")
    (chunk,) = read(path)
    write_rejects(rejects_path(path), chunk.refusals[:1])
    write_rejects(rejects_path(path), chunk.refusals[1:])
    write_rejects(rejects_path(path), ())
    written = (tmp_path / "posts.ndjson.rejects.ndjson").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in written] == [
        {"row": 2, "reason": "id is empty", "raw": json.dumps(row(2, id=""))},
        {"row": 3, "reason": "the row is not UTF-8", "raw": "{\ufffd"},
    ]


def test_a_list_of_refused_rows_that_cannot_be_written_is_told_in_one_sentence(tmp_path):
    (chunk,) = read(write(tmp_path / "posts.ndjson", ndjson([row(1, id="")])))
    with pytest.raises(UnreadableFile, match="cannot be listed"):
        write_rejects(tmp_path / "no" / "such", chunk.refusals)


def source(path: Path, chunk_bytes: int = 200) -> FileSource:
    return FileSource(path, incident="storm", clock=lambda: NOW, chunk_bytes=chunk_bytes)


def test_the_source_stamps_posts_and_a_new_process_goes_on_at_the_cursor(tmp_path):
    path = write(tmp_path / "posts.ndjson", ndjson(row(n) for n in range(20)))
    running, cursor, given = source(path), None, []
    while True:
        fetch = running.fetch(cursor)
        assert fetch.posts.schema == POST_SCHEMA
        given += fetch.posts["id"].to_list()
        again = source(path).fetch(cursor)
        assert again.posts.equals(fetch.posts)
        assert again.cursor == fetch.cursor
        cursor = fetch.cursor
        if not fetch.more:
            break
    assert given == [str(n) for n in range(20)]
    assert fetch.progress == 1.0
    assert running.fetch(cursor).posts.height == 0
    first = source(path).fetch(None).posts.row(0, named=True)
    assert (first["incident"], first["source"], first["query"]) == ("storm", "file", "posts.ndjson")
    assert first["collected_at"] == NOW
    assert POST_SCHEMA["collected_at"] == UTC_TIME


def test_a_file_that_changed_since_is_read_from_its_beginning(tmp_path):
    path = write(tmp_path / "posts.ndjson", ndjson(row(n) for n in range(4)))
    running = source(path)
    cursor = running.fetch(None).cursor
    write(path, ndjson(row(n) for n in range(10, 20)))
    assert source(path).fetch(cursor).posts["id"][0] == "10"
    assert running.fetch(cursor).posts["id"][0] == "10"


def test_asking_again_with_the_same_cursor_gives_the_same_posts(tmp_path):
    path = write(tmp_path / "posts.ndjson", ndjson(row(n) for n in range(20)))
    running = source(path)
    first = running.fetch(None)
    second = running.fetch(first.cursor)
    assert running.fetch(first.cursor).posts.equals(second.posts)
    assert running.fetch(None).posts.equals(first.posts)
