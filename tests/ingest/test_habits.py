"""Each copying habit, checked with patterns of this file's own."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import phonenumbers
import pytest

from ingest.night import changes, habits, phones
from ingest.night.look_alikes import CASES
from ingest.post import Post

AT = datetime(2011, 8, 18, 18, 40, tzinfo=UTC)
TEXT = (
    "Nog 4 bedden vrij #hasselthelpt in Genk, liefst geen rokers. "
    "Bel 0450/12.34.53 http://bit.example/abcdefg en zeg het voort"
)
A_POST = Post(
    network="x", id="1", author="lotte_vlasier12", text=TEXT, created_at=AT, author_name="Lotte Vlasier", lang="nl"
)
A_COPIER = habits.Copier(
    network="x",
    id="2",
    author="jonaskelwig7",
    name="Jonas",
    at=AT + timedelta(minutes=3),
    between="derde_man",
    words="volzet!",
)
BODY = re.escape(TEXT)
MARK = "RT @lotte_vlasier12: "

# What the text of a copy must look like, written without looking at how it is made.
LOOKS: dict[str, str | Callable[[str], object]] = {
    "native_repost": lambda text: text == TEXT,
    "native_repost_empty": lambda text: text == "",
    "native_repost_rt": lambda text: text.startswith(MARK) and text.endswith("…") and len(text) == 140,
    "rt": f"RT @lotte_vlasier12: {BODY}",
    "mt": r"MT @lotte_vlasier12: Nog 4 bedden vrij in Genk, .*voort",
    "via_front": f"via @lotte_vlasier12:? {BODY}",
    "via_behind": f"{BODY} via @lotte_vlasier12",
    "via_paren": rf"{BODY} \(via @lotte_vlasier12\)",
    "quoted": rf"[“\"]@lotte_vlasier12:? {BODY}[”\"].*",
    "cut": lambda text: text.startswith(MARK) and re.search(r"(…|\.\.\.)$", text) and len(text) < 145,
    "cut_number": r"RT @lotte_vlasier12: .*0[\d/. ]{2,11}(…|\.\.\.)",
    "comment_before": rf"\S.* RT @lotte_vlasier12: {BODY}",
    "comment_after": rf"RT @lotte_vlasier12: {BODY} \S.*",
    "nested_rt": rf"RT @derde_man: RT @lotte_vlasier12: {BODY}",
    "quote_post": lambda text: 0 < len(text) < 90 and "bedden" not in text,
    "number_respelled": lambda text: "0450/12.34.53" not in text and digits_of(text).endswith("450123453"),
    "other_tags": lambda text: tags_of(text) != tags_of(TEXT) and words_of(text) == words_of(TEXT),
    "emoji": lambda text: re.search(r"[^\x00-ɏ‘-„…]", text) and words_of(text) == words_of(TEXT),
    "capitals": lambda text: text != TEXT and text.lower() == TEXT.lower(),
    "links": lambda text: len(re.findall(r"https?://\w+\.example/\w+", text)) == 2,
    "typos": lambda text: text != TEXT and digits_of(text) == digits_of(TEXT) and "Genk" in text and len(text) > 115,
    "other_network": lambda text: text == TEXT,
    "rt_tight": r"(?i:rt)@lotte_vlasier12:? .*",
    "rt_dot": r"RT \.@lotte_vlasier12: .*",
    "mark_twice": r"(RT RT @\w+:|RT @(\w+):? RT @\2:) .*",
    "stray_character": r"[^\w\s] ?RT @lotte_vlasier12: .*",
    "cut_link": r".*\bh(t(t(p\S*)?)?)?…",
    "cut_140": lambda text: len(text) == 140 and not text.endswith(("…", "...")) and text[-20:] not in TEXT[-20:],
    "entities": r".*&(amp|quot|lt|gt|#39);.*",
    "own_link": lambda text: "abcdefg" not in text and len(re.findall(r"https?://", text)) == 1,
    "tag_added_mid": lambda text: text.count("#") == 2 and not text.rstrip().endswith(tags_of(text)[-1]),
    "tag_dropped_mid": lambda text: "#" not in text and "vrij in Genk" in text,
    "reworded": "volzet!",
    "other_language": "volzet!",
    "renewed_fewer": "volzet!",
    "full_reply": "volzet!",
    "full_repeat": "volzet!",
    "long_uncredited": lambda text: words_of(text) == words_of(TEXT) and "@" not in text,
    "digit_mistyped": lambda text: sum(a != b for a, b in zip(text, TEXT, strict=True)) == 1,
}


def digits_of(text: str) -> str:
    return "".join(re.findall(r"\d", re.sub(r"https?://\S+", "", text)))


def tags_of(text: str) -> list[str]:
    return re.findall(r"#\w+", text)


def words_of(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", re.sub(r"#\w+", "", text).lower())


@pytest.mark.parametrize("habit", sorted(LOOKS))
def test_a_copy_looks_like_its_habit(habit: str) -> None:
    look = LOOKS[habit]
    for seed in range(40):
        copier = replace(A_COPIER, credit=False)
        copier = replace(copier, network="mastodon") if habit == "other_network" else copier
        copy = habits.DO[habit](A_POST, random.Random(seed), copier)
        seen = re.fullmatch(look, copy.text, re.DOTALL) if isinstance(look, str) else look(copy.text)
        assert seen, f"{habit}: {copy.text!r}"
        assert (copy.id, copy.author, copy.created_at) == ("2", "jonaskelwig7", A_COPIER.at)


def test_every_habit_has_a_look_and_a_way_to_be_done() -> None:
    assert set(habits.DO) == set(habits.HABITS) == {*LOOKS, "number_abroad"}
    assert len(set(habits.HABITS)) == len(habits.HABITS)
    assert set(CASES) == set(habits.NOT_SAME)


def test_a_number_from_abroad_is_written_another_way() -> None:
    post = replace(A_POST, text="Bed in Genk, +1 212-555-0146")
    for seed in range(20):
        text = habits.DO["number_abroad"](post, random.Random(seed), replace(A_COPIER, credit=False)).text
        assert text != post.text
        assert digits_of(text).endswith("12125550146")


@pytest.mark.parametrize(
    ("habit", "field"),
    [
        ("native_repost", "repost_of"),
        ("native_repost_rt", "repost_of"),
        ("quote_post", "quote_of"),
        ("full_reply", "reply_to"),
    ],
)
def test_a_native_copy_points_to_its_post_and_stays_on_its_network(habit: str, field: str) -> None:
    assert getattr(habits.DO[habit](A_POST, random.Random(1), A_COPIER), field) == "1"
    with pytest.raises(ValueError, match="cannot point"):
        habits.DO[habit](A_POST, random.Random(1), replace(A_COPIER, network="bluesky"))


@pytest.mark.parametrize("habit", sorted(habits.CHANGES - {"number_abroad"}))
def test_a_changed_copy_names_its_source_when_credit_is_given(habit: str) -> None:
    assert habits.DO[habit](A_POST, random.Random(3), A_COPIER).text.startswith(MARK)


def test_a_slip_of_the_finger_spares_numbers_counts_towns_and_handles() -> None:
    text = "Twaalf personen welkom in Sint-Truiden @iemand #hasselthelpt https://t.example/abcdefg 0450123453"
    for seed in range(200):
        slipped = changes.slip(text, random.Random(seed))
        for kept in ("Twaalf", "Sint-Truiden", "@iemand", "#hasselthelpt", "https://t.example/abcdefg", "0450123453"):
            assert kept in slipped


def test_impossible_copies_are_refused() -> None:
    bare = replace(A_POST, text="Sterkte allemaal")
    for habit in ("number_respelled", "cut_number", "cut_link", "cut_140", "tag_dropped_mid", "digit_mistyped"):
        with pytest.raises(ValueError):  # noqa: PT011 - each says another thing
            habits.DO[habit](bare, random.Random(1), A_COPIER)
        assert habit not in habits.possible(bare)


@pytest.mark.parametrize("country", sorted(phones.BLOCKS))
def test_every_spelling_of_a_number_reads_as_the_same_valid_number(country: str) -> None:
    directory = phones.Directory(random.Random(5))
    for _ in range(40):
        phone = directory.new(country)
        for spelling in phone.spellings():
            found = phones.find(f"bel {spelling}, tot 22u")
            assert found is not None, spelling
            assert found[2] == phone, spelling
            read = phonenumbers.parse(spelling, phone.country if phone.country in phones.HOME else "BE")
            assert phonenumbers.is_valid_number(read), spelling
            assert str(read.national_number) == phone.digits


def test_no_number_is_given_out_twice_and_no_slip_gives_another_ones() -> None:
    directory = phones.Directory(random.Random(8))
    given = [directory.new("BE") for _ in range(30_000)]
    assert len(set(given)) == 30_000
    taken = {phone.digits for phone in given}
    for phone in given[:300]:
        for spot in range(3, 9):
            for digit in "0123456789".replace(phone.digits[spot], ""):
                assert phone.digits[:spot] + digit + phone.digits[spot + 1 :] not in taken
    apart = [abs(int(a.digits) - int(b.digits)) for a, b in pairwise(given)]
    assert min(apart) > 1000
