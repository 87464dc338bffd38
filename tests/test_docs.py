"""The pages for those who use helpt: that their pictures are there, small, and made by the script."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

DOCS = Path(__file__).resolve().parents[1] / "docs"
PICTURES = DOCS / "pictures"
USERS = ("for-emergency-services", "for-volunteers", "for-planners")
MOST_BYTES, WIDEST = 150_000, 1_280


def test_every_picture_that_a_page_shows_is_there():
    readme = DOCS.parent / "README.md"
    shown = {
        (page.parent / path).resolve()
        for page in [readme, *DOCS.glob("*.md")]
        for path in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    }
    assert shown
    assert not [path for path in shown if not path.is_file()]


def test_pictures_are_small_and_made_by_the_script():
    made = set(re.findall(r'(?:kept|shown)\(.+"([\w-]+)"\)', (DOCS / "pictures.py").read_text(encoding="utf-8")))
    assert {path.stem for path in PICTURES.iterdir()} == made
    for path in PICTURES.iterdir():
        assert path.stat().st_size < MOST_BYTES
        with Image.open(path) as picture:
            assert picture.width <= WIDEST


@pytest.mark.parametrize("name", USERS)
def test_each_user_has_a_page_with_pictures_ten_tasks_and_what_helpt_never_does(name: str):
    text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    assert [int(number) for number in re.findall(r"^(\d+)\. \*\*", text, re.MULTILINE)] == list(range(1, 11))
    assert text.count("![") >= 3
    for heading in ("## What you see", "## What to do first", "## Ten everyday tasks", "## What helpt never does"):
        assert heading in text
    assert name in (DOCS.parent / "README.md").read_text(encoding="utf-8")
