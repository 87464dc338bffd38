"""Stores to test on: a DuckDB file, and a DuckLake with its catalog in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dedupe.store import LAKE, Store
from tests.support.copies import begin
from tests.support.shift import small_night

KINDS = {"a DuckDB file": "night.duckdb", "a DuckLake": f"{LAKE}night.ducklake"}


def place(kind: str, folder: Path) -> str:
    """The name of a store of `kind` in `folder`."""
    name = KINDS[kind]
    return f"{LAKE}{folder / name.removeprefix(LAKE)}" if name.startswith(LAKE) else str(folder / name)


@pytest.fixture(params=sorted(KINDS))
def store_name(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a store can be made, on each of the two kinds."""
    return place(request.param, tmp_path)


@pytest.fixture
def either(store_name: str) -> Iterator[Store]:
    """An empty store, on each of the two kinds."""
    begin(store_name, "empty", lambda _: None)
    with Store(store_name) as store:
        yield store


@pytest.fixture
def new_store(tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Makes as many fresh stores in a file as a test asks for."""
    made: list[Store] = []

    def make() -> Store:
        made.append(Store(tmp_path / f"{len(made)}.duckdb"))
        return made[-1]

    yield make
    for store in made:
        store.close()


@pytest.fixture
def store(new_store: Callable[[], Store]) -> Store:
    """A fresh store in a file."""
    return new_store()


@pytest.fixture
def night(store_name: str) -> Iterator[Store]:
    """A bed, its copy, a request and words that are neither, on each of the two kinds."""
    begin(store_name, "small night", small_night)
    with Store(store_name) as store:
        yield store
