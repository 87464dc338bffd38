"""The measurement of collecting runs to its end and says how late posts were."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.parametrize("network", ["bluesky", "mastodon"])
def test_collecting_is_measured(network: str):
    asked = ["--network", network, "--minutes", "0.05", "--posts", "600", "--events", "500"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.collect", *asked], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "30 of 30 posts in the store" in done.stdout
    assert "p95" in done.stdout
