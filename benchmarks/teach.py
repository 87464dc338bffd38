"""Teaches the models that helpt comes with by the examples, and says on folds how well they do.

    python -m benchmarks.teach              # writes dedupe/learning/shipped_*.npz
    python -m benchmarks.teach --try        # figures on five folds of the examples, writes nothing

To be run after examples, word lists or rules changed: the rules' verdicts are among the features.
"""

from __future__ import annotations

import argparse

import numpy as np
import polars as pl
from rich.console import Console
from sklearn.metrics import f1_score, precision_recall_fscore_support

from benchmarks.reading import load
from dedupe.learning.features import find_features
from dedupe.learning.network import Network
from dedupe.learning.shipped import CATEGORY, KIND, NONE, read_examples, teach
from dedupe.prepare import read_by_rules
from dedupe.reading.facts import default_reader
from dedupe.reading.readers import current_reader
from dedupe.wording import read_wordings

FOLDS = 5


def lessons(examples: pl.DataFrame) -> pl.DataFrame:
    """The examples as the rules read them, with `label` and `label_kind`."""
    worded = read_wordings(examples["text"], kept_tags=default_reader().tags())
    read = read_by_rules(worded.with_columns(text="wording", wording=pl.int_range(pl.len())), current_reader())
    return read.with_columns(label=examples["category"], label_kind=examples["kind"], lang=examples["lang"])


def taught_by() -> pl.DataFrame:
    """The examples that helpt comes with, and the labelled posts of the half one may work on; never those held out."""
    posts = load("work").select("lang", "category", pl.col("kind").fill_null(NONE), "text")
    return pl.concat([read_examples(), posts])


def try_out(labelled: pl.DataFrame, console: Console) -> None:
    """Print what models taught by four folds say of the fifth, by language, beside the rules alone."""
    fold = np.random.default_rng(7).permutation(labelled.height) % FOLDS
    parts = []
    for number in range(FOLDS):
        model, kinds = teach(labelled.filter(pl.Series(fold != number)))
        held = labelled.filter(pl.Series(fold == number))
        parts.append(held.with_columns(said=_said(model, held), helps=_said(kinds, held)))
    told = pl.concat(parts)
    for lang in ("all", *map(str, told["lang"].unique().sort())):
        rows = told if lang == "all" else told.filter(lang=lang)
        for name, told_by in (("category", "rules"), ("said", "weighed")):
            labels, said = rows["label"].to_list(), rows[name].to_list()
            precision, recall, _, _ = precision_recall_fscore_support(
                labels, said, labels=["offer", "request"], zero_division=0
            )
            console.print(
                f"{lang:4} {told_by:8} macro F1 {f1_score(labels, said, average='macro'):.3f}  "
                f"offers {precision[0]:.3f}/{recall[0]:.3f}  requests {precision[1]:.3f}/{recall[1]:.3f}"
            )
        helps = rows.filter(pl.col("label").is_in(["offer", "request"]))
        right = [
            float((helps[name].fill_null("-") == helps["label_kind"]).sum()) / max(helps.height, 1)
            for name in ("kind", "helps")
        ]
        console.print(f"{lang:4} kind: rules {right[0]:.3f}, weighed {right[1]:.3f}")


def _said(network: Network, read: pl.DataFrame) -> pl.Series:
    """What a network takes each text for."""
    return pl.Series(np.array(network.categories)[network.shares(find_features(read)).argmax(axis=1)])


def main() -> int:
    """Teach, or try out. Returns 0."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--try", action="store_true", dest="only_try")
    console, labelled = Console(width=120), lessons(taught_by())
    if asked.parse_args().only_try:
        try_out(labelled, console)
        return 0
    for model, path in zip(teach(labelled), (CATEGORY, KIND), strict=True):
        path.write_bytes(model.to_bytes())
        console.print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB from {labelled.height} examples")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
