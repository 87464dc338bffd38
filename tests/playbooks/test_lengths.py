from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks.lengths import measure


def used(network: str, text: str) -> int:
    length = measure(network, text)
    assert length is not None
    return length.used


X = {  # the first ten as twitter-text's conformance tests count them
    "Hi http://test.co": 26,
    "http://test.co": 23,
    "285 chars-" + "xxxxxxxxxx-" * 25: 285,
    "😷👾😡🔥💩": 10,
    "example.com": 23,
    "foo.co.jp": 23,
    "randomurlrandomurlrandomurlrandomurlrandomurlrandomurlrandomurls.com": 68,
    "ÁB": 2,
    "A\u0301B": 2,
    "1\u20e3": 2,
    "👨‍👩‍👧‍👦": 2,
    "🧕🏾🇧🇪": 4,
    "日本語": 6,
    "é ß ñ «d» “d” – — '": 19,
    "5 € …": 7,
    "©": 1,
    "Zie https://crisis.stad.example/nu.": 28,
    "Zie „https://crisis.stad.example/een/heel/lang/pad?met=alles“ nu": 32,
    "Om 18.40 uur, z.B. morgen": 25,
    "@stad@sociaal.example": 21,
}


@pytest.mark.parametrize("text", X)
def test_x_weighs_characters_and_counts_an_address_as_twenty_three(text: str) -> None:
    assert used("x", text) == X[text]


def test_bluesky_counts_what_a_reader_sees() -> None:
    assert used("bluesky", "👨‍👩‍👧‍👦 e\u0301 https://a.example") == 1 + 1 + 1 + 1 + 17


def test_mastodon_counts_addresses_as_twenty_three_and_of_a_handle_the_name() -> None:
    assert used("mastodon", f"Zie https://a.example/{'x' * 90} nu") == 4 + 23 + 3
    assert used("mastodon", "@stad@sociaal.example: hoi") == len("@stad: hoi")
    assert used("mastodon", "stad.example") == 12, "without http:// it is no address there"


@pytest.mark.parametrize(
    ("text", "size", "limit", "parts"),
    [
        ("a" * 160, 160, 160, 1),
        ("a" * 161, 161, 160, 2),
        ("a" * 306, 306, 160, 2),
        ("a" * 307, 307, 160, 3),
        ("à" * 160, 160, 160, 1),
        ("€" * 80, 160, 160, 1),
        ("a" * 152 + "€" * 77, 306, 160, 3),  # the pair at the cut moves to the next whole
        ("ê" * 70, 70, 70, 1),
        ("ê" * 71, 71, 70, 2),
        ("ê" * 134, 134, 70, 2),
        ("ê" * 135, 135, 70, 3),
        ("😀" * 35, 70, 70, 1),
        ("😀" * 36, 72, 70, 2),
    ],
)
def test_an_sms_holds_160_of_its_alphabet_or_70_of_others(text: str, size: int, limit: int, parts: int) -> None:
    for network in ("sms", "be-alert"):
        length = measure(network, text)
        assert length is not None
        assert (length.used, length.limit, length.parts, length.fits) == (size, limit, parts, parts == 1)


def test_a_network_without_a_known_limit_has_no_length() -> None:
    assert measure("radio", "x" * 5_000) is None


@given(st.text(max_size=300))
def test_any_text_has_a_length_everywhere(text: str) -> None:
    for network in ("x", "bluesky", "mastodon", "sms"):
        assert used(network, text) >= 0
