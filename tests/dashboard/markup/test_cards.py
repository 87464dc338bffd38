"""The markup: what came from outside can only ever be text in it."""

from __future__ import annotations

from datetime import timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.markup import cards
from dashboard.words import LANGUAGES, words
from tests.support.boards import START

NOW = START + timedelta(hours=1)
NL = words("nl", "Europe/Brussels")
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "![x](https://evil.example/x.png)",
    "[click](javascript:alert(1))",
    "$\\frac{1}{0}$ :red[x] :material/home: :smile:",
    "{0.__class__} %s {{7*7}}",
    "&lt;b&gt; &amp;",
    "\u202egnp.exe\u202c",
    "\x00\ud800",
    "</p></article><style>*{display:none}</style>",
)


def row(**more) -> dict:
    said = {"record": "r1", "root": 1, "category": "offer", "kind": "bed", "place": "Genk", "capacity": 2, "lang": "nl"}
    origin = {"network": "bluesky", "url": "https://bsky.app/profile/a/post/1", "text": "2 bedden", "posts": 212}
    times = {"first_seen": START, "last_seen": NOW, "last_confirmed": START}
    return {**said, **origin, **times, "networks": 3, "proposal": None, "state": "available", **more}


class Reader(HTMLParser):
    """Collects tags with their attributes, and the text."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.text = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    @property
    def names(self) -> set[str]:
        return {tag for tag, _ in self.tags}


CARD_TAGS = {"article", "h3", "span", "p", "time", "a"}


def test_a_card_says_what_how_many_where_how_fresh_and_how_often():
    said = Reader(cards.card(row(last_confirmed=NOW - timedelta(minutes=12)), NL, NOW)).text
    for part in (
        "Slaapplaats",
        "2 plaatsen",
        "Genk",
        "vrij",
        "bevestigd 12 min geleden",
        "(19:03)",
        "212× gezien op 3 netwerken",
    ):
        assert part in said
    assert "bsky.app" in said


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("field", ["text", "place", "url", "lang", "network", "kind", "state", "proposal", "record"])
def test_nothing_a_post_says_becomes_markup(field: str, hostile: str):
    read = Reader(cards.card(row(**{field: hostile}), NL, NOW))
    assert read.names <= CARD_TAGS
    assert not [name for _, attributes in read.tags for name in attributes if name.startswith("on") or name == "style"]
    assert not [link for _, a in read.tags if (link := a.get("href")) and not link.startswith("https://bsky.app/")]


@given(st.text(), st.text(), st.text())
def test_any_text_any_place_any_address_is_only_text(text: str, place: str, url: str):
    read = Reader(cards.card(row(text=text, place=place, url=url), NL, NOW))
    assert read.names <= CARD_TAGS
    read.text.encode("utf-8")


def test_a_post_of_x_is_not_shown_altered_but_linked_to():
    read = Reader(
        cards.card(row(network="x", url="https://x.com/a/status/1", text="bel 0470 12 34 56, 2 bedden"), NL, NOW)
    )
    assert "bedden" not in read.text
    assert "Tekst lezen op X (x.com)" in read.text
    assert "2 plaatsen" in read.text


def test_contact_data_is_covered_on_the_card_and_among_the_reasons():
    text = "2 bedden, bel 0470 12 34 56 of @iemand, Kerkstraat 7"
    member = {"network": "mastodon", "url": None, "text": text, "created_at": START, "why": "same", "strength": 1.0}
    both = cards.card(row(text=text), NL, NOW) + cards.why([member], 1, NL, NOW)
    assert not [part for part in ("0470", "34 56", "iemand", "raat 7") if part in both]


def test_a_link_opens_elsewhere_without_telling_where_from():
    links = [a for tag, a in Reader(cards.card(row(), NL, NOW)).tags if tag == "a"]
    assert [(link["target"], link["rel"]) for link in links] == [("_blank", "noopener noreferrer nofollow")]


@pytest.mark.parametrize("state", ["available", "claimed", "matched", "full", "withdrawn", "expired", "unknown"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_state_is_a_shape_and_a_word_and_never_a_colour_alone(language, state: str):
    said = words(language, "UTC")
    text = Reader(cards.card(row(state=state), said, NOW)).text
    assert cards.SHAPES[state] in text
    assert said.word("state", state) in text


def test_a_proposal_shows_until_a_person_has_decided():
    assert "mogelijk volzet" in cards.card(row(proposal="full"), NL, NOW)
    assert "mogelijk volzet" not in cards.card(row(proposal="full", state="matched"), NL, NOW)


def test_missing_facts_leave_no_holes():
    bare = row(kind=None, place=None, capacity=None, url=None, lang=None, text=None, last_confirmed=None)
    said = Reader(cards.card(bare, NL, NOW)).text
    assert "Hulp" in said
    assert "plaats onbekend" in said
    assert "None" not in said


def test_the_reasons_name_each_post_and_how_many_more_there_are():
    member = {"network": "x", "url": "https://x.com/a", "text": "t", "created_at": START, "strength": 1.0}
    text = Reader(cards.why([{**member, "why": "same"}, {**member, "why": "<b>new</b>"}], 5, NL, NOW)).text
    assert "zelfde nummer, zelfde soort en plaats" in text
    assert "<b>new</b>" in text
    assert "3 berichten" in text


def test_the_figures_tell_posts_against_offers():
    text = Reader(
        cards.figures({"offer": (150, 4_000), "request": (60, 900), "sympathy": (700, 2_000)}, 9_500, NL)
    ).text
    for part in ("150", "unieke aanbiedingen", "60", "9.500", "4.000 → 150", "700 medeleven"):
        assert part in text


def test_the_words_each_fact_was_read_from_are_told_covered_and_as_text():
    told = cards.reading("kind: sofa, <b>bed</b>\nreach: bel 0470 00 00 12\nfar: ver", words("nl", "Europe/Brussels"))
    assert "Soort" in told
    assert "&lt;b&gt;" in told
    assert "0470" not in told
    assert ">far<" in told  # a fact without a word of ours yet
    assert cards.reading("", words("nl", "Europe/Brussels")) == ""


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ("‘bed vrij’, ‘<b>’", "‘bed vrij’, ‘&lt;b&gt;’"),
        ("examples: ‘komen’, ‘leeg’", "zoals in voorbeelden ‘komen’, ‘leeg’"),
        ("learned from labels: ‘kier’", "geleerd van wat mensen zeiden ‘kier’"),
        ("learned from labels", "geleerd van wat mensen zeiden"),
        ("a person said so", "een mens zei het"),
    ],
)
def test_a_category_says_whether_lists_examples_or_people_made_it(made: str, told: str):
    shown = cards.reading(f"category: {made}\nkind: bed", words("nl", "Europe/Brussels"))
    assert f'<span class="fact">Soort bericht</span> {told}</li>' in shown
    assert '<span class="fact">Soort</span> <q>bed</q></li>' in shown
