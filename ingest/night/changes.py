"""What copying does to a text, as small pure functions on text.

Owns the slips, tags, emoji, capitals, links, entities and cuts. Knows nothing of posts or of who copies.
"""

from __future__ import annotations

import random
import re

from ingest.night.people import short_link
from ingest.night.phones import find
from ingest.night.sentences import T, count_words, pick, town_words

TAGS = (
    *["hasselthelpt"] * 36,
    *["ppshelter"] * 8,
    *["pp11"] * 7,
    *["ppok"] * 3,
    "hasselthelp",
    "hasselhelpt",
    "haselthelpt",
    "HasseltHelpt",
    "hasseltHelpt",
    "ppselter",
    "pukkelpop",
    "pkp11",
)
"""Tags of the evening, the misspelt ones among them, as often as they are used."""

EMOJI = ("🙏", "❤️", "👍", "🛏️", "🚗", "⚠️", "💙", "🏠", "😢", "👏", "🌩️", "🙌", "‼️")
LINK = re.compile(r"https?://\S+")
TAG = re.compile(r"#\w+")
_WORD = re.compile(r"[^\W\d_]{5,}")
_AND = re.compile(r" (en|et|and|und) ")
LIMIT = 140


def tags(rng: random.Random) -> list[str]:
    """One to three different tags, with #."""
    wanted = 1 + (rng.random() < 0.35) + (rng.random() < 0.1)
    return list(dict.fromkeys("#" + pick(rng, TAGS) for _ in range(wanted)))


def without_tags(text: str) -> str:
    """`text` with every tag gone and the gaps closed."""
    return " ".join(TAG.sub("", text).split())


def other_tags(text: str, rng: random.Random) -> str:
    """The same words under other tags, in front or behind."""
    bare, old = without_tags(text), set(TAG.findall(text))
    new = tags(rng)
    while set(new) == old:
        new = tags(rng)
    return f"{bare} {' '.join(new)}" if rng.random() < 0.8 else f"{' '.join(new)} {bare}"


def with_emoji(text: str, rng: random.Random) -> str:
    """One or two emoji in front, behind or before the tags."""
    signs = pick(rng, EMOJI) * (1 + int(rng.random() * 2))
    spot = rng.random()
    if spot < 0.3:
        return f"{signs} {text}"
    tag = text.find(" #")
    return f"{text[:tag]} {signs}{text[tag:]}" if spot < 0.6 and tag > 0 else f"{text} {signs}"


def other_capitals(text: str, rng: random.Random) -> str:
    """All capitals, none, or one for every word; links, handles and addresses stay as they are."""
    words = text.split(" ")
    form = rng.random()
    changed = text
    for change in (str.upper, str.lower, _capital) if form < 0.45 else (str.lower, str.upper, _capital):
        changed = " ".join(word if "@" in word or "://" in word else change(word) for word in words)
        if changed != text:
            break
    return changed


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


def slip(text: str, rng: random.Random) -> str:
    """One or two small typing differences in longer words; never in a number, count, town, tag, handle or link."""
    words = text.split(" ")
    chances = [index for index, word in enumerate(words) if _may_slip(word)]
    if not chances:
        return text.replace(".", " .", 1) if "." in text else text + " ."
    for index in {pick(rng, chances) for _ in range(1 + (rng.random() < 0.3))}:
        words[index] = _slipped(words[index], rng)
    return " ".join(words)


def _may_slip(word: str) -> bool:
    if any(sign in word for sign in "#@/0123456789"):
        return False
    bare = word.strip(".,!?:;()<>-\"'").lower()
    return _WORD.fullmatch(bare) is not None and bare not in count_words() and bare not in town_words()


def _slipped(word: str, rng: random.Random) -> str:
    at = 1 + int(rng.random() * (len(word.rstrip(".,!?:;()")) - 2))
    kind = rng.random()
    if kind < 0.35 and word[at] != word[at + 1]:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + word[at + 1 :] if kind < 0.7 else word[:at] + word[at] + word[at:]


def other_link(text: str, rng: random.Random) -> str:
    """Another short link in place of the one there, or one more behind."""
    new = short_link(rng)
    return LINK.sub(new, text, count=1) if LINK.search(text) else f"{text} {new}"


def added_link(text: str, rng: random.Random) -> str:
    """A short link behind the text, or a "pic" link as some programs add."""
    return f"{text} {'' if rng.random() < 0.8 else 'pic '}{short_link(rng)}"


def entities(text: str, rng: random.Random) -> str:
    """The text as it comes out of a page: & " ' < > written as entities; something to escape is put in if need be."""
    if not any(sign in text for sign in "&\"'<>"):
        aside = f"{text} <3" if rng.random() < 0.6 else f'"{text}"'
        text = _AND.sub(" & ", text, count=1) if _AND.search(text) else aside
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return escaped.replace("'", "&#39;")


def middle_tag(text: str) -> re.Match[str] | None:
    """A tag with words behind it, or None."""
    for found in TAG.finditer(text):
        if any(word[0] != "#" and "://" not in word for word in text[found.end() :].split()) and found.start() > 0:
            return found
    return None


def tag_added(text: str, rng: random.Random) -> str:
    """A tag put between two words, or a word made into one."""
    words = text.split(" ")
    inside = range(1, len(words) - 1)
    plain = [i for i in inside if _WORD.fullmatch(words[i]) and not words[i - 1].startswith("#")]
    if not plain:
        return f"{words[0]} #{pick(rng, TAGS)} {' '.join(words[1:])}"
    index = pick(rng, plain)
    words[index] = f"#{words[index]}" if rng.random() < 0.5 else f"#{pick(rng, TAGS)} {words[index]}"
    return " ".join(words)


def tag_dropped(text: str, rng: random.Random) -> str:
    """A tag in mid-sentence gone, or its # alone where the tag is a word of the sentence."""
    found = middle_tag(text)
    if found is None:
        raise ValueError("there is no tag in mid-sentence")
    of_evening = found.group()[1:].lower() in {tag.lower() for tag in TAGS}
    kept = "" if of_evening else found.group()[1:]
    return " ".join((text[: found.start()] + kept + text[found.end() :]).split())


def respelled(text: str, rng: random.Random) -> str:
    """The number in `text` written another way."""
    found = find(text)
    if found is None:
        raise ValueError("there is no number to write another way")
    start, end, phone = found
    others = [form for form in phone.spellings() if form != text[start:end]]
    return text[:start] + pick(rng, others) + text[end:]


def cut(text: str, rng: random.Random, *, keep: int) -> str:
    """`text` broken off with … or ..., anywhere after `keep` signs and never beyond 140."""
    least = min(max(keep, int(len(text) * 0.6)), LIMIT - 10)
    most = min(len(text) - 3, LIMIT - 1)
    end = least + int(rng.random() * max(1, most - least))
    return text[:end].rstrip() + pick(rng, ("…", "…", "…", "...", " …"))


def cut_in_number(text: str, rng: random.Random) -> str:
    """`text` broken off after the first few digits of its number."""
    found = find(text)
    if found is None:
        raise ValueError("there is no number to cut in")
    start, end, _ = found
    return text[: start + 3 + int(rng.random() * (end - start - 5))].rstrip() + pick(rng, ("…", "..."))


def cut_in_link(text: str, rng: random.Random) -> str:
    """`text` broken off within its link: ht…"""
    found = LINK.search(text)
    if found is None:
        raise ValueError("there is no link to cut in")
    return text[: found.start() + 1 + int(rng.random() * (found.end() - found.start() - 2))] + "…"


def shuffled(rng: random.Random, items: list[T]) -> list[T]:
    """A shuffled copy; the same on every Python."""
    return sorted(items, key=lambda _: rng.random())
