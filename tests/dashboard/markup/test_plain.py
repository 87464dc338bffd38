"""Hostile text becomes text, and hostile links are not followed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.markup.mask import mask
from dashboard.markup.plain import MOST_CHARACTERS, MOST_LINES, clean, safe_link, shorten


def test_marks_that_turn_the_reading_direction_are_taken_out():
    assert clean("bel \u202e6543 0740\u202c nu\u2066!\u2069") == "bel 6543 0740 nu!"


def test_controls_nul_and_lone_surrogates_are_taken_out_and_emoji_stay_whole():
    assert clean("a\x00b\x1b[31mc\ud800d") == "ab[31mcd"
    assert clean("👨\u200d👩\u200d👧 ❤\ufe0f 👍🏽") == "👨\u200d👩\u200d👧 ❤\ufe0f 👍🏽"


def test_ten_thousand_empty_lines_become_one():
    assert clean("boven" + "\n" * 1000 + "onder") == "boven\n\nonder"
    assert clean("\n" * 10_000) == ""


def test_signs_that_were_copied_off_a_web_page_read_as_signs_and_hide_nothing():
    assert clean("Hasselt &lt;3 &amp; merci &#39;allemaal&#39; &quot;!&quot;") == "Hasselt <3 & merci 'allemaal' \"!\""
    assert clean("R&D en M&M's") == "R&D en M&M's"
    assert clean("&amp;lt;3") == "&lt;3"
    assert clean("bel &#x202e;6543&#8236; nu&#0;&#10;&#10;&#10;&#10;daar") == "bel 6543 nu\ufffd\n\ndaar"
    assert clean("&lt;script&gt;alert(1)&lt;/script&gt;") == "<script>alert(1)</script>"
    assert "0470" not in mask(clean("bel &#48;&#52;&#55;&#48; 00 00 12"))


def test_a_tower_of_accents_is_cut_down():
    assert len(clean("z" + "\u0301" * 500)) < 6


def test_a_wall_is_cut_and_says_so():
    cut = shorten(clean("lang " * 1000))
    assert len(cut) <= MOST_CHARACTERS + 2
    assert cut.endswith("…")
    assert shorten("\n".join("abcdefghijklmnop")).count("\n") < MOST_LINES
    assert shorten("kort") == "kort"


@given(st.text())
def test_what_is_shown_can_be_sent_and_hides_nothing(text: str):
    shown = shorten(clean(text))
    shown.encode("utf-8")
    hidden = {"Cc", "Cf", "Cs"}
    assert not [one for one in shown if unicodedata.category(one) in hidden and one not in "\n\u200d"]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://bsky.app/profile/a/post/1", "bsky.app"),
        ("http://www.example.be:8080/x?y=1#z", "example.be"),
        ("HTTPS://Example.BE/x", "example.be"),
        ("https://bücher.example/x", "xn--bcher-kva.example"),
        ("https://аpple.example/", "xn--pple-43d.example"),
        ("http://[2001:db8::1]/x", "2001:db8::1"),
    ],
)
def test_a_link_shows_where_it_really_leads(url: str, host: str):
    found = safe_link(url)
    assert found is not None
    assert found[1] == host
    assert found[0].startswith(("http://", "https://"))


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//example.be/x",
        "/healthz",
        "https://",
        "https://bsky.app@evil.example/",
        "https://user:secret@evil.example/",
        "https://evil.example\\@bsky.app/",
        "https://bsky.app/\nx",
        "https://exa mple.be",
        "https://example.be/\u202egnp",
        'https://example.be"onmouseover="alert(1)/',
        "http://[not an address]/",
        "https://example.be:99999/",
        "at://did:plc:x/app.bsky.feed.post/1",
        "https://example.be/" + "a" * 3000,
    ],
)
def test_a_link_that_may_lead_elsewhere_is_no_link(url: str | None):
    assert safe_link(url) is None


@given(st.text())
def test_no_address_breaks_the_check(url: str):
    found = safe_link(url)
    assert found is None or found[0].startswith(("http://", "https://"))
