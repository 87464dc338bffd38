"""What is learnt is tested on the rules alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dedupe.reading.readers import use_words
from dedupe.store import Store
from tests.dedupe.learning.lessons import taught
from tests.support.copies import begin


@pytest.fixture(autouse=True, scope="module")
def rules_alone() -> Iterator[None]:
    """Leave the shipped model out: it is taught anew with every example, and made-up words mean something else each time."""
    use_words(None, weighed=False)
    yield
    use_words(None)


@pytest.fixture
def lessons(store_name: str) -> Iterator[Store]:
    """A store that has been taught (`lessons.taught`), on each of the two kinds."""
    begin(store_name, "taught", taught)
    with Store(store_name) as store:
        yield store


@pytest.fixture
def lesson(tmp_path: Path) -> Iterator[Store]:
    """A store in a file that has been taught."""
    begin(str(tmp_path / "taught.duckdb"), "taught", taught)
    with Store(tmp_path / "taught.duckdb") as store:
        yield store
