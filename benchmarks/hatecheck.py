"""How well threats and hatred are flagged, on Multilingual HateCheck (Röttger et al. 2022, CC BY 4.0), which does not ship.

    python -m benchmarks.hatecheck multilingual_hatecheck.parquet

The file has `id`, `lang`, `text`, `functionality` and `label` (hate, threat, other). Its sentences are forms with a group
filled in; those that are alike are kept together, and every second form is held back: the words of `words/abuse.yaml` were
written with the other half alone. Told are recall where one harmless sentence in ten may be flagged, and recall and false
alarms at the weight from which a post is flagged. Harmless are here also threats against single persons and trades, for
HateCheck asks for hatred of groups alone; some of those are flagged as threats, as they should be.
"""

from __future__ import annotations

import argparse
import zlib
from pathlib import Path

import numpy as np
import polars as pl
from rapidfuzz import fuzz, process

from dedupe.reading.flags import THRESHOLD, make_flag_reader
from dedupe.wording import read_wordings

ALIKE = 72
"""Likeness (0 to 100) from which two sentences are of one form."""
ALLOWED = 0.1
"""Share of harmless sentences that may be flagged."""


def halves(cases: pl.DataFrame) -> pl.DataFrame:
    """Add `held` (bool): every form, whichever group it is filled with, is in one half."""
    parts = []
    for (lang,), part in cases.group_by("lang", maintain_order=True):
        texts = [text.lower() for text in part["text"]]
        alike = process.cdist(texts, texts, scorer=fuzz.token_sort_ratio, dtype=np.uint8) >= ALIKE
        form = list(range(len(texts)))
        for one, other in zip(*alike.nonzero(), strict=True):
            if one < other:
                form[_root(form, int(one))] = _root(form, int(other))
        names = [f"{lang}{_root(form, place)}" for place in range(len(texts))]
        parts.append(part.with_columns(held=pl.Series([bool(zlib.crc32(name.encode()) % 2) for name in names])))
    return pl.concat(parts)


def _root(form: list[int], place: int) -> int:
    while form[place] != place:
        form[place] = form[form[place]]
        place = form[place]
    return place


def weigh(cases: pl.DataFrame) -> pl.DataFrame:
    """Add the weights `hate` and `threat`."""
    wording = read_wordings(cases["text"], kept_tags=frozenset())["wording"]
    texts = pl.DataFrame({"wording": wording}).with_columns(
        has_contact=pl.lit(value=False), category=pl.lit("other"), kind=pl.lit(None, pl.String)
    )
    return pl.concat([cases, make_flag_reader().weigh(texts).select("hate", "threat")], how="horizontal")


def recall(cases: pl.DataFrame, label: str) -> dict[str, float]:
    """Recall where `ALLOWED` harmless ones may be flagged; recall and false alarms at the threshold."""
    harmless = cases.filter(pl.col("label") == "other")[label].sort(descending=True)
    sought = cases.filter(pl.col("label") == label)[label]
    bar = float(harmless[int(harmless.len() * ALLOWED)])
    shares = {"allowed": sought > bar, "recall": sought >= THRESHOLD, "false": harmless >= THRESHOLD}
    return {name: round(float(share.mean() or 0.0), 3) for name, share in shares.items()}  # type: ignore[arg-type]


def main() -> None:
    """Print recall per half, label and language, and what is flagged per functionality."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("file", type=Path)
    cases = weigh(halves(pl.read_parquet(parser.parse_args().file)))
    for held, half in ((True, "held back"), (False, "written with")):
        rows = cases.filter(pl.col("held") == held)
        for lang in (*rows["lang"].unique().sort(), None):
            some = rows if lang is None else rows.filter(lang=lang)
            for label in ("hate", "threat"):
                print(f"{half:<13} {lang or 'all':<4} {label:<7} {recall(some, label)}")
        flagged = pl.max_horizontal("hate", "threat") >= THRESHOLD
        for name, label, share in (
            rows.group_by("functionality", "label").agg(flagged.mean()).sort("functionality").rows()
        ):
            print(f"{half:<13} {name:<20} {label:<7} {share:.2f}")


if __name__ == "__main__":
    main()
