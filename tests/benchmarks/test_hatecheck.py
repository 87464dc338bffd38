from __future__ import annotations

import polars as pl

from benchmarks.hatecheck import halves, recall, weigh


def test_sentences_of_one_form_are_in_one_half() -> None:
    forms = ["{} zijn welkom in dit gebouw", "ik woon samen met {} in de stad", "gisteren zag ik {} op de markt"]
    groups = ["vrouwen", "moslims", "migranten"]
    rows = [(form, form.format(group)) for form in forms for group in groups]
    cases = pl.DataFrame(rows, schema=["form", "text"], orient="row").with_columns(lang=pl.lit("nl"))
    assert halves(cases).group_by("form").agg(pl.col("held").n_unique())["held"].to_list() == [1, 1, 1]


def test_recall_is_that_at_one_false_alarm_in_ten_and_at_the_threshold() -> None:
    harmless = [("other", weight) for weight in (0.9, 0.4, *[0.0] * 8)]
    cases = pl.DataFrame([*harmless, ("hate", 0.6), ("hate", 0.3)], schema=["label", "hate"], orient="row")
    assert recall(cases, "hate") == {"allowed": 0.5, "recall": 0.5, "false": 0.1}


def test_weights_are_those_of_the_flags() -> None:
    weighed = weigh(pl.DataFrame({"text": ["Vluchtelingen zijn uitschot", "Vluchtelingen zijn welkom"]}))
    assert weighed["hate"].to_list() == [0.6, 0.0]
