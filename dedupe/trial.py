"""Trial: how one text is read, told word by word, for who writes word lists.

Owns the sentences. Reads as the collapse does, with the same steps; keeps nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from dedupe.naming import distinct_wordings, name_wordings
from dedupe.prepare import identify, read_new
from dedupe.reading.flags import FLAGS, THRESHOLD
from dedupe.reading.lexicon import load_lexicon
from dedupe.reading.readers import Reader, make_reader

FACT_OF = {
    "where": "place",
    "town": "place",
    "count": "capacity",
    "number": "capacity",
    "mark": "category",
    "authority": "category",
}
"""The fact that a concept's words speak for, where it does not go by the concept's own name."""
FACTS = ("category", "stance", "kind", "place", "capacity", "closed")
_WIDTH = 10


def tell_reading(post: pl.DataFrame, *, own: Path | None = None, reader: Reader | None = None) -> Iterator[str]:
    """How `post` (one row, as a source delivers it) is read with the lists of `own` too, a line each.

    `reader` is one made of these lists, where there is one. Raises LexiconError when the lists cannot be used.
    """
    reader = reader or make_reader(own)
    distinct = distinct_wordings(name_wordings(identify(post), reader.facts.tags()))
    told = read_new(distinct, reader).row(0, named=True)
    contact = bool(told["phones"] or told["emails"])
    texts = pl.DataFrame({"wording": [told["text"]], "has_contact": [contact]})
    ruled = reader.read(texts).row(0, named=True)
    words = _words(reader, told["text"], own)
    yield _line("wording", told["text"])
    yield from _category(told, ruled)
    for fact in FACTS:
        value, found = "yes" if told[fact] is True else told[fact], words.get(fact, [])
        if fact == "kind" and told["meant"] != value:
            value = f"{told['meant'] or 'none'}, by the examples; by the words alone: {value or 'none'}"
        if value or any(": hint" not in each for each in found):
            if fact != "category":
                yield _line(fact, str(value or "none"))
            yield from (_line("", each) for each in found)
    if contact:
        yield _line("contact", ", ".join([*told["phones"], *told["emails"]]))
    yield _line("flags", ", ".join(told["flags"]) or "none")
    weighed = reader.flags.weigh(
        texts.with_columns(category=pl.lit(told["category"]), kind=pl.lit(told["kind"], pl.String))
    )
    for flag in FLAGS:
        weight = weighed[flag].item()
        if weight > 0:
            quoted = ", ".join(f"‘{word}’" for word in weighed[f"{flag}_words"].item())
            yield _line("", f"{flag} weighs {weight:.2f} (flagged from {THRESHOLD:.2f}): {quoted}")


def _category(told: dict[str, Any], ruled: dict[str, Any]) -> Iterator[str]:
    """What the post is, by which rule; where the examples weigh otherwise, by which words, and what the rule says."""
    said = f"{told['category']}, certainty {told['certainty']:.2f}, by"
    if told["category"] == ruled["category"]:
        yield _line("category", f"{said} the rule: {ruled['rule']}")
    else:
        yield _line("category", f"{said} the {told['category_why'] or 'examples'}")
        yield _line("", f"by the rules alone: {ruled['category']}, {ruled['certainty']:.2f}: {ruled['rule']}")


def _line(name: str, text: str) -> str:
    return f"{name:<{_WIDTH}} {text}".rstrip()


def _words(reader: Reader, wording: str, own: Path | None) -> dict[str, list[str]]:
    """By fact: the words found for it, what they say and where they stand in the lists."""
    columns = ("concept", "pattern", "value", "firm", "file", "line")
    stands = {
        (concept, pattern): f"{'firm' if firm else 'hint'} {value}, {file}:{line}"
        for concept, pattern, value, firm, file, line in load_lexicon(own=own).select(columns).rows()
    }
    found: dict[str, dict[str, str]] = {}
    for concept, pattern in reader.matches(wording):
        word, told = pattern.strip(), stands.get((concept, pattern), "a town" if concept == "town" else "a number")
        found.setdefault(FACT_OF.get(concept, concept), {}).setdefault(word, f"‘{word}’: {told}")
    return {fact: list(words.values()) for fact, words in found.items()}
