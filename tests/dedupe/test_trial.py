"""How a text is read, told word by word: and the examples of docs/reading.md, which say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dedupe.errors import LexiconError
from dedupe.reading.readers import current_reader
from dedupe.trial import tell_reading
from tests.support.posts import post, posts

DOC = (Path(__file__).parents[2] / "docs" / "reading.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r'^\$ helpt words try "(.*)"\n((?:(?!\$|```).+\n)+)', DOC, re.MULTILINE)


def told(text: str, own: Path | None = None) -> list[str]:
    reader = None if own else current_reader()
    return list(tell_reading(posts(post("desk", "1", "an", text)), own=own, reader=reader))


def unnumbered(line: str) -> str:
    """A line without the place in a list, which moves with every word that is added."""
    return re.sub(r"(\.yaml):\d+", r"\1", line.rstrip())


def test_every_part_is_told_with_its_words_and_where_they_stand() -> None:
    lines = told("Nog 2 bedden vrij in Genk, Kerkstraat 12, bel 0470 00 00 01")
    assert lines[0] == "wording    nog 2 bedden vrij in genk kerkstraat 12 bel"
    assert lines[1].startswith("category   offer, certainty 0.")
    assert {"kind       bed", "place      Genk", "capacity   2", "contact    470000001", "flags      address"} <= {
        *lines
    }
    assert any(re.fullmatch(r" +‘bedden’: firm bed, kinds\.yaml:\d+", line) for line in lines)
    assert lines[-1] == "           address weighs 0.80 (flagged from 0.50): ‘kerkstraat 12’"


def test_a_text_of_which_nothing_is_read_is_told_too() -> None:
    wording, category, *rest = told("🙏")
    assert (wording, rest) == ("wording", ["flags      none"])
    # How sure the examples are of an empty text changes with them; the rules only guess.
    assert re.fullmatch(r"category   other, certainty 0\.[5-7]\d, by the rule: what most words speak for", category)


def test_the_page_has_examples() -> None:
    assert len(EXAMPLES) >= 6


@pytest.mark.parametrize(("text", "shown"), EXAMPLES)
def test_the_examples_of_the_page_come_out_as_they_stand_there(text: str, shown: str) -> None:
    lines = [unnumbered(line) for line in told(text)]
    places = [lines.index(unnumbered(line)) for line in shown.splitlines()]
    assert places == sorted(places)


def test_the_list_of_the_page_can_be_used_as_it_stands_there(tmp_path: Path) -> None:
    (listed,) = re.findall(r"```yaml\n(.*?)```", DOC, re.DOTALL)
    (tmp_path / "ours.yaml").write_text(listed, encoding="utf-8")
    assert "kind       bed" not in told("Hemelbed vrij in Genk")
    lines = told("Hemelbed vrij in Genk", own=tmp_path)
    assert "kind       bed" in lines
    assert f"           ‘hemelbed’: firm bed, {tmp_path.name}/ours.yaml:5" in lines


def test_lists_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text("concept: kind\nfirm:\n  bad: {}\n", encoding="utf-8")
    with pytest.raises(LexiconError, match=r"ours\.yaml:3: 'bad' is no kind"):
        told("bed", own=tmp_path)
