from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.errors import LexiconError
from dedupe.reading.finding import find, longest
from dedupe.reading.lexicon import CONCEPTS, ENTRIES, check_lexicon, fold, load_lexicon


def write_list(folder: Path, text: str, name: str = "some.yaml") -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder


def patterns(folder: Path) -> set[str]:
    return set(load_lexicon(folder)["pattern"])


def one_entry(folder: Path, entry: str, language: str = "nl") -> set[str]:
    return patterns(write_list(folder, f"concept: kind\nfirm:\n  bed:\n    {language}: |\n      {entry}\n"))


def test_the_bundled_lists_load_and_know_every_concept() -> None:
    lexicon = load_lexicon()
    assert lexicon.schema == ENTRIES
    assert set(lexicon["concept"]) == set(CONCEPTS)
    assert lexicon.select("concept", "pattern").is_duplicated().sum() == 0


def test_every_kind_and_mark_has_words_in_all_four_languages() -> None:
    counted = load_lexicon(concepts=("kind", "stance", "mark", "closed")).group_by("concept", "value").agg("language")
    for concept, value, languages in counted.filter(~pl.col("value").is_in(["mark", "none"])).rows():
        assert {"nl", "fr", "en", "de"} <= set(languages), (concept, value)


def test_a_word_a_stem_an_ending_and_a_phrase_become_patterns(tmp_path: Path) -> None:
    assert one_entry(tmp_path, "bed, slaap*, *matras, kom slapen") == {" bed ", " slaap", "matras ", " kom slapen "}


def test_alternatives_multiply_and_an_underscore_joins_words(tmp_path: Path) -> None:
    assert one_entry(tmp_path, "ik/we_allen heb/hebben nog") == {
        " ik heb nog ",
        " ik hebben nog ",
        " we allen heb nog ",
        " we allen hebben nog ",
    }


def test_german_umlauts_are_found_in_both_spellings(tmp_path: Path) -> None:
    assert one_entry(tmp_path, "Schlafplätze", "de") == {" schlafplatze ", " schlafplaetze "}


def test_dutch_ij_is_found_with_y_too(tmp_path: Path) -> None:
    assert one_entry(tmp_path, "meerijden") == {" meerijden ", " meeryden "}


def test_a_remark_after_a_hash_is_no_entry(tmp_path: Path) -> None:
    assert one_entry(tmp_path, "bed   # not the flower bed") == {" bed "}


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("concept: kind\nfirm:\n  bed:\n    nl: |\n      bed\n      sl*p\n", 6, "at the beginning or at the end"),
        ("concept: kind\nfirm:\n  bed:\n    nl: |\n      a*\n", 5, "at least 3 letters"),
        ("concept: kind\nfirm:\n  bed:\n    nl: |\n      …, bed\n", 5, "no letter or digit"),
        ("concept: kind\nfirm:\n  bad:\n    nl: |\n      bed\n", 3, "'bad' is no kind"),
        ("concept: kind\nfirm:\n  bed:\n    es: |\n      cama\n", 4, "'es' must be one of"),
        ("concept: kind\nstrong:\n  bed:\n    nl: |\n      bed\n", 2, "`firm` or `hint`"),
        ("concept: kind\nfirm:\n  bed:\n    nl: [bed]\n", 4, "begins with `|`"),
        ("concept: kindness\nfirm: {}\n", 1, "`concept` must be one of"),
        ("- bed\n", 1, "begins with `concept:`"),
        ("concept: kind\nfirm:\n  bed: {\n", 4, "expected the node content"),
        (
            "concept: kind\nfirm:\n  bed:\n    nl: |\n      lift\n  ride:\n    nl: |\n      lift\n",
            8,
            "some.yaml:5 as bed",
        ),
    ],
)
def test_a_broken_list_is_refused_with_file_line_and_reason(tmp_path: Path, text: str, line: int, reason: str) -> None:
    with pytest.raises(LexiconError) as refused:
        load_lexicon(write_list(tmp_path, text))
    assert str(refused.value).startswith(f"some.yaml:{line}: ")
    assert reason in str(refused.value)


def test_a_list_that_is_no_utf8_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match="no word lists"):
        load_lexicon(tmp_path)
    (tmp_path / "some.yaml").write_bytes(b"concept: \xff\xfe")
    with pytest.raises(LexiconError, match="UTF-8"):
        load_lexicon(tmp_path)


def test_folding_takes_marks_case_and_punctuation_away() -> None:
    assert fold("Qu'est-ce? Ça brûle, CŒUR & Straße_1") == "qu est ce ? ca brule coeur strasse 1"


def slow_find(texts: list[str | None], wanted: list[str]) -> set[tuple[int, int, int]]:
    """Row, entry and place in the padded text, by looking everywhere."""
    padded = [f" {text or ''} " for text in texts]
    return {
        (row, entry, at)
        for row, text in enumerate(padded)
        for entry, pattern in enumerate(wanted)
        for at in range(len(text))
        if text.startswith(pattern, at)
    }


@given(st.lists(st.one_of(st.none(), st.text("ab ", max_size=12)), max_size=6))
def test_finding_agrees_with_looking_everywhere(texts: list[str | None]) -> None:
    wanted = [" a ", " a b ", " ab", " b ", "ba "]
    found = find(pl.Series(texts, dtype=pl.String), pl.Series(wanted))
    begins = [0]
    for text in texts:
        begins.append(begins[-1] + len(text or "") + 2)
    assert {
        (row, entry, start - begins[row]) for row, entry, start in found.select("row", "entry", "start").rows()
    } == slow_find(texts, wanted)
    assert all(
        stop - start == len(wanted[entry]) for entry, start, stop in found.select("entry", "start", "stop").rows()
    )


def test_of_matches_inside_one_another_the_longest_stays() -> None:
    wanted = pl.Series([" sint truiden ", " truiden ", " tru", " in "])
    found = longest(find(pl.Series(["in sint truiden", "truiden"]), wanted))
    assert found.select("row", "entry").rows() == [(0, 3), (0, 0), (1, 1)]


BROKEN = """concept: kind
firm:
  bed:
    nl: |
      bed, sl*p
      a*
  bad:
    nl: |
      x
hint:
  ride:
    es: |
      viaje
    nl: [lift]
  bed:
    nl: |
      bed
"""


def test_all_that_is_wrong_is_told_at_once_with_file_and_line(tmp_path: Path) -> None:
    write_list(tmp_path, BROKEN)
    write_list(tmp_path, "concept: kindness\n", "other.yaml")
    write_list(tmp_path, "- a\n- b\n", "third.yaml")
    refusals, _ = check_lexicon(tmp_path)
    lines = [refusal.split(":")[:2] for refusal in refusals]
    assert lines == [
        ["other.yaml", "1"],
        *[["some.yaml", line] for line in ("5", "6", "7", "12", "14", "17")],
        ["third.yaml", "1"],
    ]


def test_the_bundled_lists_have_nothing_wrong() -> None:
    assert check_lexicon()[0] == []


def test_own_lists_are_told_what_they_do_to_others(tmp_path: Path) -> None:
    base, own = tmp_path / "base", tmp_path / "own"
    base.mkdir()
    own.mkdir()
    write_list(base, "concept: kind\nfirm:\n  bed:\n    nl: |\n      bed, matras*, sofa, sofa\n")
    write_list(own, "concept: kind\nfirm:\n  ride:\n    nl: |\n      sofa\n  bed:\n    nl: |\n      matrassen, bed\n")
    write_list(own, "[]", "places.yaml")
    refusals, warnings = check_lexicon(base, own=own)
    assert refusals == []
    assert warnings == [
        "own/some.yaml:5: 'sofa' takes the place of the one in some.yaml:5 (bed)",
        "own/some.yaml:8: 'bed' stands in some.yaml:5 already",
        "own/places.yaml:1: towns of your own are not read",
        "own/some.yaml:8: 'matrassen' is found by 'matras*' already (some.yaml:5)",
    ]
    assert load_lexicon(base, own=own).filter(pattern=" sofa ").select("value", "file", "line").rows() == [
        ("ride", "own/some.yaml", 5)
    ]
