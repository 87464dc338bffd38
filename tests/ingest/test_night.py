"""The demo night: as large and as varied as promised, and nobody's."""

from __future__ import annotations

import hashlib
import os
import random
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from ingest.night import changes, habits, night, phones
from ingest.night.copies import Copying
from ingest.night.people import Crowd
from ingest.night.sentences import KINDS, LANGUAGES, places, sentences
from ingest.night.things import Teller
from ingest.post import CONTENT

ROOT = Path(__file__).parents[2]
AT = datetime(2011, 8, 18, 18, 40, tzinfo=UTC)


@pytest.fixture(scope="module")
def evening() -> pl.DataFrame:
    return night()


@pytest.fixture(scope="module")
def originals(evening: pl.DataFrame) -> pl.DataFrame:
    return evening.filter(pl.col("habit").is_in(["original", *habits.NOT_SAME]))


def test_the_night_is_the_same_whatever_the_process(tmp_path: Path) -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from ingest.night import night\n"
        "sys.stdout.buffer.write(night(7).write_ndjson().encode())"
    )
    digests = set()
    for hash_seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", script, str(ROOT)],
            capture_output=True,
            check=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
        )
        digests.add(hashlib.sha256(done.stdout).hexdigest())
    assert len(digests) == 1
    assert not night(8).equals(night(7))


def test_the_night_has_the_columns_of_a_post_and_its_truth(evening: pl.DataFrame) -> None:
    assert dict(list(evening.schema.items())[: len(CONTENT)]) == CONTENT
    assert evening.columns[len(CONTENT) :] == (
        ["removed_at", "thing", "habit", "category", "kind", "place", "capacity", "case", "group"]
    )
    for required in ("network", "id", "author", "text", "created_at", "thing", "habit", "category"):
        assert evening[required].null_count() == 0


def test_the_night_is_as_large_as_promised(evening: pl.DataFrame, originals: pl.DataFrame) -> None:
    assert 6_000 <= evening.height <= 8_000
    kinds = originals.group_by("category").len()
    count = dict(kinds.iter_rows())
    assert 145 <= count["offer"] <= 155
    assert 58 <= count["request"] <= 64
    assert count["abuse"] >= 8
    assert set(count) == {"offer", "request", "information", "rumour", "sympathy", "blame", "abuse", "other"}
    repeated = evening.filter(category="offer").group_by("thing").len().filter(pl.col("len") > 200)
    assert 3 <= repeated.height <= 9


def test_the_night_shows_all_kinds_languages_networks_and_habits(
    evening: pl.DataFrame, originals: pl.DataFrame
) -> None:
    assert set(originals.filter(category="offer")["kind"]) == set(KINDS)
    assert set(originals.filter(category="request")["kind"]) == set(KINDS)
    assert set(originals.filter(category="abuse")["kind"]) == {"threat", "doxing"}
    assert set(evening["lang"].drop_nulls()) == set(LANGUAGES)
    assert evening["lang"].drop_nulls().mode().to_list() == ["nl"]
    assert set(evening["network"]) == {"x", "bluesky", "mastodon"}
    assert set(evening["habit"]) == {"original", "edited", *habits.HABITS, *habits.NOT_SAME}


def test_the_night_runs_from_half_past_five_to_midnight_and_bursts_after_the_storm(evening: pl.DataFrame) -> None:
    local = evening.with_columns(at=pl.col("created_at").dt.convert_time_zone("Europe/Brussels"))
    minutes = local.select(minute=pl.col("at").dt.hour().cast(pl.Int32) * 60 + pl.col("at").dt.minute())["minute"]
    assert 17 * 60 + 30 <= minutes.min() < minutes.max() < 24 * 60  # type: ignore[operator]
    before = local.filter(pl.col("at").dt.time() < datetime(2011, 8, 18, 18, 15, tzinfo=UTC).time()).height
    assert before < evening.height * 0.03
    per_quarter = local.group_by(pl.col("at").dt.truncate("15m")).len().sort("at")["len"].to_list()
    assert max(per_quarter) > 3 * per_quarter[-1]


def test_every_thing_has_one_original_and_it_comes_first(evening: pl.DataFrame, originals: pl.DataFrame) -> None:
    assert originals["thing"].n_unique() == originals.height == evening["thing"].n_unique()
    first = evening.group_by("thing", maintain_order=True).first()
    assert set(first["habit"]) == {"original", *habits.NOT_SAME}
    assert (evening.group_by("thing").agg(pl.col("category").n_unique())["category"] == 1).all()


def test_a_copy_points_to_a_post_of_its_own_thing_on_its_own_network(evening: pl.DataFrame) -> None:
    known = evening.select("network", target="id", target_thing="thing").unique()
    for field in ("repost_of", "quote_of", "reply_to"):
        pointing = evening.filter(pl.col(field).is_not_null())
        joined = pointing.join(known, left_on=["network", field], right_on=["network", "target"])
        assert joined.height == pointing.height > 0
        assert (joined["thing"] == joined["target_thing"]).all()


def test_look_alikes_are_things_of_their_own(originals: pl.DataFrame) -> None:
    for case in habits.NOT_SAME:
        groups = originals.filter(case=case).group_by("group").agg(pl.col("thing").n_unique(), pl.len())
        assert groups.height >= 2
        assert (groups["thing"] == groups["len"]).all()
        assert (groups["len"] >= 2).all()


def test_only_look_alikes_that_share_a_number_share_a_number(originals: pl.DataFrame) -> None:
    holders: dict[phones.Phone, set[tuple[str | None, str | None]]] = {}
    for text, case, group in originals.select("text", "case", "group").iter_rows():
        found = phones.find(text)
        if found is not None:
            holders.setdefault(found[2], set()).add((case, group))
        if case == "template" and found is None:
            assert "@" not in text
    assert all(len(held) == 1 for held in holders.values())


def test_edits_keep_the_id_and_change_the_text(evening: pl.DataFrame) -> None:
    edits = evening.filter(habit="edited")
    assert edits.height >= 5
    both = edits.join(evening.filter(pl.col("edited_at").is_null()), on=["network", "id"], suffix="_before")
    assert both.height == edits.height
    assert (both["text"] != both["text_before"]).all()
    assert (both["edited_at"] > both["created_at"]).all()
    assert evening.filter(pl.col("habit") != "edited").select("network", "id").is_unique().all()


def test_some_posts_are_taken_down_after_they_were_written(evening: pl.DataFrame) -> None:
    removed = evening.filter(pl.col("removed_at").is_not_null())
    assert 15 <= removed.height <= 80
    assert (removed["removed_at"] >= removed["created_at"]).all()


def test_no_number_in_the_night_is_anybodys(evening: pl.DataFrame) -> None:
    nobodys = re.compile(
        r"(32)?0?(45[023479]|46[24])\d{6}|(31)?0?(632|68[89])\d{6}|(352)?(656|679)\d{6}"
        r"|(33)?0?(19900|26191|35301|46571|53649)\d{4}|(49)?0?(3023125|6990009|4066969|2214710|8999998)\d{3}"
        r"|(49)?0?(176040690|17139200)\d\d|442079460\d{3}|1\d{3}55501\d\d|61[2378](5550|7010)\d{4}|467017406\d\d"
    )
    seen = 0
    whole = evening.filter(~pl.col("habit").str.contains("cut|mistyped|native_repost_rt"))
    for text in whole["text"].unique():
        for run in re.findall(r"(?<!\w)\+?\d(?:(?:[ ./-]| ?\(|\) ?)?\d){8,}", re.sub(r"https?://\S+", "", text)):
            digits = re.sub(r"\D", "", run.replace("(0)", ""))
            assert nobodys.fullmatch(digits.removeprefix("00")), text
            seen += 1
    assert seen > 500


def test_links_lead_to_hosts_that_cannot_exist(evening: pl.DataFrame) -> None:
    hosts = evening["url"].str.extract(r"https?://([^/]+)/").unique().to_list()
    assert all(host.endswith(".example") for host in hosts)
    whole = evening.filter(~pl.col("habit").str.contains("cut|native_repost_rt"))
    for text in whole["text"]:
        assert all(".example" in link.lower() for link in re.findall(r"(?i)https?://\S+", text)), text


def test_no_sentence_leaves_a_slot_open(evening: pl.DataFrame) -> None:
    assert not evening["text"].str.contains(r"[{}]").any()
    assert not evening["text"].str.contains("  ").any()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_there_are_as_many_sentences_as_promised(lang: str) -> None:
    said = sentences(lang)
    for kind in KINDS:
        assert len(set(said[f"offer_{kind}"])) >= 12
        assert len(set(said[f"request_{kind}"])) >= 6
        assert said[f"full_{kind}"]
    for topic in ("information", "rumour", "sympathy", "blame", "other"):
        assert len(set(said[topic])) >= 25, topic
    long = [line for name, lines in said.items() if name.startswith("long_") for line in lines]
    assert len(set(long)) >= 25
    assert len({len(said["details"]), 40}) == 1
    for name in ("items_food", "items_material", "items_care", "items_animals"):
        assert len(said[name]) == len(sentences("nl")[name])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_long_offers_are_long(lang: str) -> None:
    teller = Teller(random.Random(4), places()["near"], places()["far"])
    for _ in range(150):
        thing = teller.offer(AT, lang, "x", long=True)
        assert len(re.findall(r"\w+", changes.without_tags(thing.original.text))) >= 20, thing.original.text


def test_nobody_shares_a_handle_on_any_network() -> None:
    crowd = Crowd(random.Random(2))
    people = [crowd.newcomer() for _ in range(20_000)]
    for network in ("x", "bluesky", "mastodon"):
        assert len({person.handle(network) for person in people}) == 20_000
    assert re.fullmatch(r"[a-z0-9-]+\.bsky\.social", people[0].handle("bluesky"))
    assert re.fullmatch(r"[a-z0-9_]+@mast\.example", people[0].handle("mastodon"))


def test_a_person_keeps_the_display_name_on_another_network(evening: pl.DataFrame, originals: pl.DataFrame) -> None:
    elsewhere = evening.filter(habit="other_network").join(originals, on="thing", suffix="_first")
    assert elsewhere.height > 20
    assert (elsewhere["author_name"] == elsewhere["author_name_first"]).all()
    assert (elsewhere["network"] != elsewhere["network_first"]).all()


def test_a_rewording_keeps_the_number_and_the_towns() -> None:
    teller = Teller(random.Random(6), places()["near"], places()["far"])
    copying = Copying(teller, [teller.crowd.newcomer() for _ in range(20)])
    done = 0
    while done < 300:
        thing = teller.offer(AT, LANGUAGES[done % 4], "x")
        if "reworded" not in copying.suited(thing, thing.original):
            continue
        copy = copying.one(thing, thing.original, "reworded" if done % 2 else "other_language", AT)
        before, after = phones.find(thing.original.text), phones.find(copy.post.text)
        assert before is not None
        assert after is not None
        assert before[2] == after[2]
        town = thing.about.near.names[copy.lang]
        assert town.lower() in copy.post.text.lower().replace("#", ""), (thing.original.text, copy.post.text)
        done += 1
