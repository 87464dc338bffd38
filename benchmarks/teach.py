"""Teaches the models that helpt comes with, and says on folds how well they do.

By the examples (`dedupe/reading/examples`) and by the labelled posts of the half one may work on (`benchmarks/posts/*.work.ndjson`):
figures on that half flatter. The half held out teaches nothing.

    python -m benchmarks.teach              # writes dedupe/learning/shipped_*.npz
    python -m benchmarks.teach --try        # figures on five folds of what teaches, writes nothing
    python -m benchmarks.teach --curve      # figures on the half held out, by how many teach; writes nothing

To be run after examples, word lists or rules changed: the rules' verdicts are among the features.
"""

from __future__ import annotations

import argparse

import numpy as np
import polars as pl
from rich.console import Console
from sklearn.metrics import f1_score, precision_recall_fscore_support

from benchmarks.reading import SHOWN, judge, load, read_as, ruled
from dedupe.learning.features import find_features
from dedupe.learning.network import Network
from dedupe.learning.shipped import CATEGORY, KIND, NONE, read_examples, teach, weigh

FOLDS = 5
CURVE = (3_000, 6_000, 12_000)
"""So many examples teach, and all of them."""
SEED = 7


def lessons(examples: pl.DataFrame) -> pl.DataFrame:
    """The examples as the rules read them, with `label` and `label_kind`."""
    read = ruled(examples["text"])
    return read.with_columns(label=examples["category"], label_kind=examples["kind"], lang=examples["lang"])


def taught_by() -> pl.DataFrame:
    """The examples that helpt comes with, and the labelled posts of the half one may work on; never those held out."""
    posts = load("work").select("lang", "category", pl.col("kind").fill_null(NONE), "text")
    return pl.concat([read_examples(), posts])


def try_out(labelled: pl.DataFrame, console: Console) -> None:
    """Print what models taught by four folds say of the fifth, by language, beside the rules alone."""
    fold = np.random.default_rng(SEED).permutation(labelled.height) % FOLDS
    parts = []
    for number in range(FOLDS):
        model, kinds = teach(labelled.filter(pl.Series(fold != number)))
        held = labelled.filter(pl.Series(fold == number))
        parts.append(held.with_columns(said=_said(model, held), helps=_said(kinds, held)))
    told = pl.concat(parts)
    for lang in ("all", *map(str, told["lang"].drop_nulls().unique().sort())):
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


def curve(labelled: pl.DataFrame, console: Console) -> None:
    """Print what models taught by some of `labelled`, chosen by chance, make of the posts held out, weighed as in force."""
    held = load("held")
    told, shuffled = ruled(held["text"]), labelled.sample(fraction=1.0, shuffle=True, seed=SEED)
    for count in (*CURVE, labelled.height):
        weighed = weigh(told, teach(shuffled.head(count)))
        figures = judge(read_as(held, weighed["category"], weighed["meant"])).filter(lang="all", posts="all")
        found = dict(figures.select("figure", "value").rows())
        shown = "  ".join(f"{name} {found[name]:.3f}" for name in (*SHOWN, "kind right"))
        console.print(f"{count:6,}  {shown}", highlight=False)


def _said(network: Network, read: pl.DataFrame) -> pl.Series:
    """What a network takes each text for."""
    return pl.Series(np.array(network.categories)[network.shares(find_features(read)).argmax(axis=1)])


def main() -> int:
    """Teach, try out, or draw the curve. Returns 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--try", action="store_true", dest="only_try", help="figures on folds, nothing written")
    only.add_argument("--curve", action="store_true", help="figures by how many teach, nothing written")
    asked = parser.parse_args()
    console, labelled = Console(width=160), lessons(taught_by())
    if asked.only_try or asked.curve:
        (try_out if asked.only_try else curve)(labelled, console)
        return 0
    for model, path in zip(teach(labelled), (CATEGORY, KIND), strict=True):
        path.write_bytes(model.to_bytes())
        console.print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB from {labelled.height} examples")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
