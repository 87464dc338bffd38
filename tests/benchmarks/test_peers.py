"""The peers group as they should: a small night with known answers; CrisisTracker's method against a plain loop."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import crisistracker, peers, process

BED = "Twee slaapplaatsen vrij in een ruime woonkamer vlak bij het station van Zonhoven, wie wil kan tot morgen blijven"
RIDE = "Ik rijd om elf uur met een lege bestelwagen naar Leuven en kan zes mensen meenemen vanaf de grote parking"

NIGHT = [
    {"id": "1", "text": BED},
    {"id": "2", "text": f"RT @anker.voorbeeld: {BED} https://kort.example/a1 😀"},
    {"id": "3", "text": RIDE.upper()},
    {"id": "4", "text": f"{RIDE} nu"},
    {"id": "5", "text": "🙏"},
    {"id": "6", "text": "https://kort.example/b2"},
    {"id": "7", "text": "", "repost_of": "1"},
]


@pytest.fixture
def night(tmp_path: Path) -> Path:
    file = tmp_path / "posts.ndjson"
    at = (f"2011-08-18T18:{minute:02}:00Z" for minute in range(15, 60))
    rows = [{"network": "x", "author": "a", "created_at": time, **post} for time, post in zip(at, NIGHT, strict=False)]
    file.write_text("".join(json.dumps(row) + "\n" for row in reversed(rows)), encoding="utf-8")
    return file


def records(links: pl.DataFrame) -> dict[str, str]:
    return dict(links.select("id", "record").iter_rows())


def test_exact_text_sees_through_marks_links_case_and_emoji_and_no_further(night: Path):
    found = records(peers.link("exact text", peers.read(night)))
    assert found == {"1": "x/1", "2": "x/1", "3": "x/3", "4": "x/4", "5": "x/5", "6": "x/6", "7": "x/1"}


@pytest.mark.parametrize("peer", [name for name in peers.PEERS if name != "exact text"])
def test_near_text_is_joined_to_the_first_and_posts_without_words_stay_alone(night: Path, peer: str):
    found = records(peers.link(peer, peers.read(night)))
    assert found == {"1": "x/1", "2": "x/1", "3": "x/3", "4": "x/3", "5": "x/5", "6": "x/6", "7": "x/1"}


@pytest.mark.parametrize("peer", peers.PEERS)
def test_every_post_has_one_link_whatever_the_peer(night: Path, peer: str):
    links = peers.link(peer, peers.read(night))
    assert sorted(links["id"]) == [post["id"] for post in NIGHT]
    assert links.columns == ["network", "id", "record"]


@pytest.mark.parametrize("peer", peers.PEERS)
def test_a_file_without_posts_gives_no_links(tmp_path: Path, peer: str):
    empty = pl.DataFrame(
        schema={"post": pl.UInt32, "network": pl.String, "id": pl.String, "repost_of": pl.String, "plain": pl.String}
    )
    assert peers.link(peer, empty).height == 0


def test_crisistracker_joins_a_retweet_whatever_its_text():
    posts = pl.DataFrame(
        {
            "post": [0, 1],
            "network": ["x", "x"],
            "id": ["1", "2"],
            "plain": ["een bed", "heel iets anders"],
            "repost_of": [None, "1"],
        }
    )
    assert crisistracker.crisistracker(posts).to_list() == [0, 0]


@given(st.lists(st.lists(st.sampled_from("abcdefghij"), min_size=1, max_size=6), min_size=1, max_size=60))
def test_crisistracker_groups_as_a_loop_in_time_order_does(texts: list[list[str]]):
    unlike = (
        pl.DataFrame({"plain": [" ".join(words) for words in texts]})
        .unique(maintain_order=True)
        .with_row_index("number")
    )
    vectors = crisistracker.tf_idf(unlike)
    bins = crisistracker.bins(vectors)
    found = crisistracker.roots(crisistracker.nearest_earlier(vectors, bins))
    dense = vectors.toarray()
    tables: list[dict[int, list[int]]] = [{} for _ in range(crisistracker.TABLES)]
    cluster: list[int] = []
    for text in range(unlike.height):
        seen = {
            other
            for table, place in zip(tables, bins[text], strict=True)
            for other in table.get(place, [])[-crisistracker.BIN :]
        }
        cosine = {other: float(dense[text] @ dense[other]) for other in seen}
        best = max(cosine.values(), default=0.0)
        # Sums in another order differ in the last digit: any candidate as near as the nearest may have been taken.
        near = {cluster[other] for other, value in cosine.items() if np.isclose(value, best, atol=1e-5)}
        allowed = (
            near if best > crisistracker.NEAR + 1e-5 else {text} if best < crisistracker.NEAR - 1e-5 else near | {text}
        )
        assert found[text] in allowed
        cluster.append(int(found[text]))
        for table, place in zip(tables, bins[text], strict=True):
            table.setdefault(place, []).append(text)


def test_a_peer_runs_as_a_process_of_its_own_and_its_peak_memory_is_its_own(night: Path, tmp_path: Path):
    ballast = bytearray(400_000_000)
    out = tmp_path / "links.parquet"
    run = process.measure(process.python("-m", "benchmarks.peers", "exact text", night, out))
    assert pl.read_parquet(out).height == len(NIGHT)
    assert 0 < run.peak < len(ballast)
    assert run.seconds > 0


def test_a_command_that_fails_is_reported_with_what_it_said():
    with pytest.raises(process.CommandFailed, match=r"(?s)ended with 3.*half way"):
        process.measure(process.python("-c", "import sys; sys.stderr.write('half way'); sys.exit(3)"))
