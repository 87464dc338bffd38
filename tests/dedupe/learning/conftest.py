"""What is learnt is tested on the rules alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dedupe.reading.readers import use_words


@pytest.fixture(autouse=True, scope="module")
def rules_alone() -> Iterator[None]:
    """Leave the shipped model out: it is taught anew with every example, and made-up words mean something else each time."""
    use_words(None, weighed=False)
    yield
    use_words(None)
