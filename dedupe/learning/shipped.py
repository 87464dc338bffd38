"""The model that helpt comes with: it weighs what the rules found, as thousands of written examples taught it.

Owns the form of the examples (`reading/examples/*.txt`, made up for this), the teaching from them, and what becomes of a
reading by it. It is no verdict beside the rules but their scales: their verdicts are among its features, and their words
remain the reasons. Taught by `python -m benchmarks.teach`, which writes the weights beside this file: a process that
reads posts never loads scikit-learn.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from dedupe.errors import LearningError
from dedupe.learning.features import BUCKETS, find_features
from dedupe.learning.model import AT_ONCE, DIGITS
from dedupe.learning.network import Network, network_of
from dedupe.reading.category import CATEGORIES, FIRM
from dedupe.reading.lexicon import KINDS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EXAMPLES = Path(__file__).parent.parent / "reading" / "examples"
CATEGORY, KIND = Path(__file__).parent / "shipped_category.npz", Path(__file__).parent / "shipped_kind.npz"
NONE = "-"
"""The kind of a message that names none."""
SEEN = 2
"""Examples from which a feature counts."""
SETTINGS: dict[str, Any] = {
    "hidden_layer_sizes": (24,), "max_iter": 4, "batch_size": 256, "learning_rate_init": 0.01, "random_state": 0,
}  # fmt: skip
"""Judged on batches of examples by other hands: from 16 to 48 units, the mean of three networks, and 6 rounds for 4 make no
difference; after 10 rounds the examples are learnt by heart. What else was tried, word vectors among it: docs/decisions/0006."""
BELOW_FIRM = FIRM - 0.01
"""The most certainty that the model gives: what volunteers teach may overrule it, never what the rules are sure of."""
SURE, SWAYS = 0.9, 20.0
"""How many times likelier help is where the rules are so certain of it."""
DOUBTS = 3.0
"""How many times less likely help is where the rules find none. Both were chosen on the made-up night and on the labelled posts of
the half one may work on, by weights these had not taught: in words it never met, the network takes too much for help."""
KNOWN = 0.6
"""The share from which a kind is shown that the rules did not see. Of 719 such kinds in examples by other hands than had taught, 1 in 3
is right below it (half of them just below), 4 in 5 above; the labelled posts one may work on hold too few. A wrong kind costs
tired people more than none."""
LANGUAGES = ("nl", "fr", "de", "en")
EXAMPLE = pl.Schema({"lang": pl.String(), "category": pl.String(), "kind": pl.String(), "text": pl.String()})

WEIGHED = pl.Schema(
    {"category": pl.String(), "certainty": pl.Float64(), "category_why": pl.String(), "meant": pl.String()}
)


def read_examples(folder: Path = EXAMPLES) -> pl.DataFrame:
    """Every example of every language: `EXAMPLE`. `lang` is what the file is named after (`nl2.txt`: nl), one of `LANGUAGES`,
    and null where it holds several. Raises LearningError with file, line and reason."""
    rows = []
    for path in sorted(folder.glob("*.txt")):
        named = path.stem.rstrip("0123456789")
        lang = named if named in LANGUAGES else None
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            if not line.strip() or line.startswith("#"):
                continue
            head, _, text = line.partition("|")
            said = head.split()
            if len(said) != 2 or said[0] not in CATEGORIES or said[1] not in (*KINDS, NONE) or not text.strip():
                raise LearningError(f"{path.name}:{number}: an example is `category kind | text`, with - for no kind")
            rows.append((lang, *said, text.strip()))
    return pl.DataFrame(rows, schema=EXAMPLE, orient="row")


def weigh(read: pl.DataFrame, models: tuple[Network, Network] | None = None) -> pl.DataFrame:
    """What the rules read (columns `features.READ`), weighed: `category`, `certainty`, `category_why` and `meant`, in order.

    `meant` is the kind of help to show of an offer or request, null where the rules saw none and the examples are not sure (`KNOWN`);
    the kind by which posts are told to be one stays the rules'.
    Where the rules said the same, their words stand, and the greater certainty; firm are the rules alone. models: of
    category and of kind, if not the shipped.
    """
    parts = [_weigh(part, *(models or shipped_models())) for part in read.iter_slices(AT_ONCE)]
    return pl.concat(parts) if parts else pl.DataFrame(schema=WEIGHED)


def _weigh(read: pl.DataFrame, model: Network, kinds: Network) -> pl.DataFrame:
    import numpy as np

    found = find_features(read)
    shares = _with_rules(read, model.categories, model.shares(found))
    best = shares.argmax(axis=1)
    both = read.select("category", "certainty", "category_why", "kind").with_columns(
        said=pl.Series(np.array(model.categories)[best]),
        sure=pl.Series(shares[np.arange(read.height), best].round(DIGITS)),
    )
    helps = pl.col("said").is_in(["offer", "request"])
    rows = both.select(helps.arg_true()).to_series().to_numpy()
    kind, known = np.full(read.height, None, dtype=object), np.zeros(read.height)
    likely = kinds.shares(found.take(rows))
    kind[rows] = np.array(kinds.categories, dtype=object)[likely.argmax(axis=1)]
    known[rows] = likely.max(axis=1)
    agree = pl.col("category") == pl.col("said")
    silent = both.select((~agree | (pl.col("category_why") == "")).arg_true()).to_series().to_numpy()
    because = np.full(read.height, "", dtype=object)
    because[silent] = model.reasons(found.take(silent), best[silent]).to_numpy()
    vague = pl.col("kind").is_null() & (pl.Series(known) < KNOWN)
    both = both.with_columns(
        helps=pl.when(~vague).then(pl.Series(kind.tolist(), dtype=pl.String).replace(NONE, None)),
        because=pl.Series(because.tolist(), dtype=pl.String),
    )
    words = pl.when(pl.col("because") == "").then(pl.lit("")).otherwise("examples: " + pl.col("because"))
    sure = pl.col("sure").clip(0, BELOW_FIRM)
    return both.select(
        category="said",
        certainty=pl.when(agree).then(pl.max_horizontal("certainty", sure)).otherwise(sure),
        category_why=pl.when(agree & (pl.col("category_why") != "")).then("category_why").otherwise(words),
        meant=pl.when(helps).then(pl.coalesce("helps", "kind")).otherwise("kind"),
    ).cast(WEIGHED)


def _with_rules(read: pl.DataFrame, categories: tuple[str, ...], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """The shares (text × category) with what the rules say of help weighed in."""
    import numpy as np

    said = read["category"].to_numpy()[:, None] == np.array(categories)
    helps = np.isin(categories, ["offer", "request"])
    sure = (read["certainty"] >= SURE).to_numpy()[:, None]
    odds = shares * np.where(said & helps & sure, SWAYS, 1.0)
    odds = odds / np.where(helps & ~(said & helps).any(axis=1, keepdims=True), DOUBTS, 1.0)
    weighed: NDArray[np.float64] = odds / odds.sum(axis=1, keepdims=True)
    return weighed


def teach(examples: pl.DataFrame) -> tuple[Network, Network]:
    """The networks of category and of kind that examples teach. `examples` has `features.READ`, with the rules' verdict, and
    `label`, `label_kind`."""
    helps = examples["label"].is_in(["offer", "request"])
    return _fit(examples, examples["label"]), _fit(examples.filter(helps), examples.filter(helps)["label_kind"])


def _fit(examples: pl.DataFrame, labels: pl.Series) -> Network:
    """A rare category weighs more than its examples, by the root of how rare it is."""
    import warnings

    import numpy as np
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    matrix = find_features(examples).matrix().astype(np.float32)
    seen = np.flatnonzero(np.bincount(matrix.indices, minlength=matrix.shape[1]) >= SEEN)
    names, which, often = np.unique(labels.to_numpy(), return_inverse=True, return_counts=True)
    weight = often[which] ** -0.5
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # to stop early is the purpose
        fitted = MLPClassifier(**SETTINGS).fit(matrix[:, seen], which, sample_weight=weight / weight.mean())
    weights = np.zeros((matrix.shape[1], fitted.coefs_[0].shape[1]), dtype=np.float32)
    weights[seen] = fitted.coefs_[0]
    network = Network(
        categories=tuple(str(each) for each in names), text=weights[:BUCKETS], told=weights[BUCKETS:],
        bias=fitted.intercepts_[0], out=fitted.coefs_[1], lean=fitted.intercepts_[1],
    )  # fmt: skip
    return network_of(network.to_bytes())


@cache
def shipped_models() -> tuple[Network, Network]:
    """The networks of category and of kind that helpt comes with."""
    return network_of(CATEGORY.read_bytes()), network_of(KIND.read_bytes())
