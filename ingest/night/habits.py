"""Every copying habit, as a small pure function on (post, rng, copier) that gives the copy.

Owns the vocabulary of habits and how each shows in a post. Does not decide who copies what or when, and knows nothing
of what recognises the copies.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from ingest.night import changes
from ingest.night.people import link
from ingest.night.phones import HOME, find, mistyped
from ingest.night.sentences import pick, sentences
from ingest.post import Post

ORIGINAL = "original"
EDITED = "edited"

PLAIN = (
    *("native_repost", "native_repost_empty", "native_repost_rt", "rt", "mt", "via_front", "via_behind", "via_paren"),
    *("quoted", "cut", "cut_number", "comment_before", "comment_after", "nested_rt", "quote_post", "number_respelled"),
    *("other_tags", "emoji", "capitals", "links", "typos", "other_network"),
)
ARCHIVE = (
    *("rt_tight", "rt_dot", "mark_twice", "stray_character", "cut_link", "cut_140", "entities", "own_link"),
    *("tag_added_mid", "tag_dropped_mid", "number_abroad"),
)
HARD = (
    *("reworded", "other_language", "renewed_fewer", "full_reply", "full_repeat", "long_uncredited", "digit_mistyped"),
)
NOT_SAME = (
    *("other_count", "same_few_words", "other_town", "other_number", "bed_and_ride", "hotline", "organiser_per_town"),
    *("opposite_ride", "template"),
)
"""Cases of posts that look alike and are not the same: each is a thing of its own."""

HABITS = PLAIN + ARCHIVE + HARD
NATIVE = frozenset({"native_repost", "native_repost_empty", "native_repost_rt", "quote_post", "full_reply"})
"""Habits that point to the post they repeat, and so stay on its network."""
CHANGES = frozenset(
    {"number_respelled", "number_abroad", "other_tags", "emoji", "capitals", "links", "own_link", "typos", "entities"}
    | {"tag_added_mid", "tag_dropped_mid"}
)
"""Habits that change the words' dress; they name no source unless the copier gives credit."""
OWN = frozenset({"other_network", "renewed_fewer", "full_reply", "full_repeat"})
"""Habits of the writer, not of others."""
WORDED = frozenset({"reworded", "other_language", "renewed_fewer", "full_reply", "full_repeat"})
"""Habits for which the copier brings the words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copier:
    """Who makes a copy: handle and name on a network, the id and time of the copy, whether credit is given to the
    writer, through whom it came (`between`), in which language comments are made, and own words where needed."""

    network: str
    id: str
    author: str
    name: str | None
    at: datetime
    between: str = "iemand_ver99"
    lang: str = "nl"
    credit: bool = True
    words: str = ""


Habit = Callable[[Post, random.Random, Copier], Post]


def _copy(post: Post, copier: Copier, text: str) -> Post:
    return Post(
        network=copier.network,
        id=copier.id,
        author=copier.author,
        text=text,
        created_at=copier.at,
        url=link(copier.network, copier.author, copier.id),
        author_name=copier.name,
        lang=post.lang,
        reposts=0,
        likes=0,
    )


def _on_same(post: Post, copier: Copier) -> None:
    if copier.network != post.network:
        raise ValueError(f"a post on {copier.network} cannot point to one on {post.network}")


def native_repost(post: Post, rng: random.Random, copier: Copier) -> Post:
    """The network's own repost, with the words repeated."""
    _on_same(post, copier)
    return replace(_copy(post, copier, post.text), repost_of=post.id)


def native_repost_empty(post: Post, rng: random.Random, copier: Copier) -> Post:
    """The network's own repost, with no text."""
    return replace(native_repost(post, rng, copier), text="")


def native_repost_rt(post: Post, rng: random.Random, copier: Copier) -> Post:
    """The network's own repost as the v1.1 API gives it: "RT @a: " before the words, cut at 140."""
    text = f"RT @{post.author}: {post.text}"
    text = text if len(text) <= changes.LIMIT else text[: changes.LIMIT - 1] + "…"
    return replace(native_repost(post, rng, copier), text=text)


def quote_post(post: Post, rng: random.Random, copier: Copier) -> Post:
    """A quote with a few words; some networks put the link behind them."""
    _on_same(post, copier)
    words = pick(rng, sentences(copier.lang)["quotes"])
    text = f"{words} {link(post.network, post.author, post.id)}" if rng.random() < 0.35 else words
    return replace(_copy(post, copier, text), quote_of=post.id, lang=copier.lang)


def _marked(form: str) -> Habit:
    def mark(post: Post, rng: random.Random, copier: Copier) -> Post:
        return _copy(post, copier, form.format(a=post.author, b=copier.between, text=post.text))

    return mark


def mt(post: Post, rng: random.Random, copier: Copier) -> Post:
    """A modified tweet: shortened by leaving its tags and some signs out."""
    bare = changes.without_tags(post.text).replace("!!", "!")
    return _copy(post, copier, f"MT @{post.author}: {bare or post.text}")


def quoted(post: Post, rng: random.Random, copier: Copier) -> Post:
    """“@a: …”, with a word behind now and then."""
    form = pick(rng, ("“@{a}: {text}”", "“@{a} {text}”", '"@{a}: {text}"', "“@{a}: {text}” {word}"))
    word = pick(rng, sentences(copier.lang)["quotes"])
    return _copy(post, copier, form.format(a=post.author, text=post.text, word=word))


def cut(post: Post, rng: random.Random, copier: Copier) -> Post:
    """A credited copy that breaks off with …"""
    mark = f"RT @{post.author}: "
    return _copy(post, copier, changes.cut(mark + post.text, rng, keep=len(mark) + 25))


def cut_number(post: Post, rng: random.Random, copier: Copier) -> Post:
    """A credited copy that breaks off in the middle of the number."""
    return _copy(post, copier, f"RT @{post.author}: {changes.cut_in_number(post.text, rng)}")


def cut_link(post: Post, rng: random.Random, copier: Copier) -> Post:
    """A credited copy that breaks off inside its link."""
    return _copy(post, copier, f"RT @{post.author}: {changes.cut_in_link(post.text, rng)}")


def cut_140(post: Post, rng: random.Random, copier: Copier) -> Post:
    """A credited copy that stops at 140 signs with no mark at all."""
    text = f"RT @{post.author}: {post.text}"
    text = text if len(text) > changes.LIMIT else f"RT @{copier.between}: {text}"
    if len(text) <= changes.LIMIT:
        raise ValueError("too short to be cut at 140")
    return _copy(post, copier, text[: changes.LIMIT])


def comment_before(post: Post, rng: random.Random, copier: Copier) -> Post:
    """A few own words, then the RT."""
    return _copy(post, copier, f"{pick(rng, sentences(copier.lang)['comments_before'])} RT @{post.author}: {post.text}")


def comment_after(post: Post, rng: random.Random, copier: Copier) -> Post:
    """The RT, then a few own words."""
    return _copy(post, copier, f"RT @{post.author}: {post.text} {pick(rng, sentences(copier.lang)['comments_after'])}")


def mark_twice(post: Post, rng: random.Random, copier: Copier) -> Post:
    """The same mark twice."""
    form = pick(rng, ("RT RT @{a}: {text}", "RT @{a}: RT @{a}: {text}", "RT @{a} RT @{a}: {text}"))
    return _marked(form)(post, rng, copier)


def stray_character(post: Post, rng: random.Random, copier: Copier) -> Post:
    """A sign that does not belong there before the mark."""
    return _marked(pick(rng, (".", ",", "-", "»", "'", "* ", "\\ ", ". ")) + "RT @{a}: {text}")(post, rng, copier)


def rt_tight(post: Post, rng: random.Random, copier: Copier) -> Post:
    """RT@a: with no space, or without the colon."""
    return _marked(pick(rng, ("RT@{a}: {text}", "RT@{a} {text}", "rt@{a}: {text}")))(post, rng, copier)


def _changed(change: Callable[[str, random.Random], str]) -> Habit:
    def dress(post: Post, rng: random.Random, copier: Copier) -> Post:
        text = change(post.text, rng)
        return _copy(post, copier, f"RT @{post.author}: {text}" if copier.credit else text)

    return dress


def other_network(post: Post, rng: random.Random, copier: Copier) -> Post:
    """The same person on another network, in the same words."""
    if copier.network == post.network:
        raise ValueError("another network is needed")
    return _copy(post, copier, post.text)


def long_uncredited(post: Post, rng: random.Random, copier: Copier) -> Post:
    """Long distinctive words taken over without saying whose they are."""
    return _copy(post, copier, changes.other_tags(post.text, rng) if rng.random() < 0.4 else post.text)


def digit_mistyped(post: Post, rng: random.Random, copier: Copier) -> Post:
    """A long text retyped without credit, one digit of its number wrong."""
    return _copy(post, copier, mistyped(post.text, rng))


def own_words(post: Post, rng: random.Random, copier: Copier) -> Post:
    """The words the copier brings: a rewording, a translation, fewer places, or that it is full."""
    return replace(_copy(post, copier, copier.words), lang=copier.lang)


def full_reply(post: Post, rng: random.Random, copier: Copier) -> Post:
    """The writer answers the own post: full."""
    _on_same(post, copier)
    return replace(own_words(post, rng, copier), reply_to=post.id)


DO: dict[str, Habit] = {
    "native_repost": native_repost,
    "native_repost_empty": native_repost_empty,
    "native_repost_rt": native_repost_rt,
    "rt": _marked("RT @{a}: {text}"),
    "mt": mt,
    "via_front": _marked("via @{a}: {text}"),
    "via_behind": _marked("{text} via @{a}"),
    "via_paren": _marked("{text} (via @{a})"),
    "quoted": quoted,
    "cut": cut,
    "cut_number": cut_number,
    "comment_before": comment_before,
    "comment_after": comment_after,
    "nested_rt": _marked("RT @{b}: RT @{a}: {text}"),
    "quote_post": quote_post,
    "number_respelled": _changed(changes.respelled),
    "other_tags": _changed(changes.other_tags),
    "emoji": _changed(changes.with_emoji),
    "capitals": _changed(changes.other_capitals),
    "links": _changed(changes.added_link),
    "typos": _changed(changes.slip),
    "other_network": other_network,
    "rt_tight": rt_tight,
    "rt_dot": _marked("RT .@{a}: {text}"),
    "mark_twice": mark_twice,
    "stray_character": stray_character,
    "cut_link": cut_link,
    "cut_140": cut_140,
    "entities": _changed(changes.entities),
    "own_link": _changed(changes.other_link),
    "tag_added_mid": _changed(changes.tag_added),
    "tag_dropped_mid": _changed(changes.tag_dropped),
    "number_abroad": _changed(changes.respelled),
    "reworded": own_words,
    "other_language": own_words,
    "renewed_fewer": own_words,
    "full_reply": full_reply,
    "full_repeat": own_words,
    "long_uncredited": long_uncredited,
    "digit_mistyped": digit_mistyped,
}
"""Habit -> how it is done."""


def possible(post: Post) -> frozenset[str]:
    """The habits `post` lends itself to by its text alone: a number to respell, a link to cut in, a tag to drop …"""
    found = find(post.text)
    absent = {"digit_mistyped", "long_uncredited"} | WORDED
    if found is None:
        absent |= {"number_respelled", "number_abroad", "cut_number"}
    else:
        absent.add("number_abroad" if found[2].country in HOME else "number_respelled")
        absent |= {"cut_number"} if found[0] < 25 else set()
    if changes.LINK.search(post.text) is None:
        absent |= {"own_link", "cut_link"}
    if changes.middle_tag(post.text) is None:
        absent.add("tag_dropped_mid")
    absent |= {"cut_140"} if len(post.text) < 112 else set()
    absent |= {"cut"} if len(post.text) < 45 else set()
    return frozenset(HABITS) - absent
