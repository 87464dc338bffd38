"""What every test gets: in CI a skip is a failure, hypothesis has no stopwatch, a browser stays on this machine."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import hypothesis
import pytest

from tests.support import browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def pytest_configure(config: pytest.Config) -> None:
    # No deadline: a shared machine is slow at times. In CI always the same examples: a red run must be repeatable.
    hypothesis.settings.register_profile("house", deadline=None, print_blob=True)
    hypothesis.settings.register_profile("ci", parent=hypothesis.settings.get_profile("house"), derandomize=True)
    hypothesis.settings.load_profile("ci" if in_ci() else "house")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and report.when == "call" and (context := getattr(item, "funcargs", {}).get("context")):
        report.sections += [(f"page {open_page.url}", browser.read_aloud(open_page)) for open_page in context.pages]
    # An expected failure also counts as skipped, but it did run.
    if report.skipped and not hasattr(report, "wasxfail"):
        refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped:
        refuse_skip(report)
    return report


def refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if in_ci():
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped, and in CI nothing is skipped. {reason}"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real browser, opened once for the tests of a module.

    While it is open its thread counts as running an event loop, so `asyncio.run` belongs in a module without a browser.
    """
    executable = browser.find_chromium()
    if executable is None:
        pytest.skip(browser.NO_BROWSER)
    with browser.chromium(executable) as opened:
        yield opened


@contextmanager
def within(chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh profile that reaches loopback alone; fails in the end if a page asked for anything beyond."""
    fresh = chromium.new_context(locale="nl-BE", timezone_id="Europe/Brussels", viewport={"width": 1280, "height": 900})
    fresh.set_default_timeout(browser.PATIENCE)
    beyond = browser.keep_inside(fresh)
    yield fresh
    fresh.close()
    assert not beyond, f"a page asked for what is not on this machine: {sorted(set(beyond))}"


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh profile that reaches loopback alone; the test fails if a page asked for anything beyond."""
    with within(chromium) as fresh:
        yield fresh


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty page in a fresh profile."""
    return context.new_page()
