"""The report `make bench` ends with: tables on the screen, and all figures as JSON.

Owns how findings are shown. What they must reach is in `benchmarks.targets`.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.quality import Result
from benchmarks.targets import Findings, rows

LIBRARIES = ("duckdb", "polars", "streamlit", "rapidfuzz", "rensa", "datasketch", "numpy", "scipy")


def show(found: Findings, console: Console) -> None:
    """Print the design's table and, for whom wants to know more, the peers and the habits."""
    table = Table("what", "must reach", "measured", "met", title="What the design asks")
    for row in rows(found):
        table.add_row(row.what, row.must, row.measured, {True: "yes", False: "NO", None: "–"}[row.met])
    console.print(table)
    streams = (("Quality", found.whole), ("Slow peers, smaller stream", found.sample), ("Large", found.large))
    for title, results in streams:
        if results:
            console.print(_peer_table(f"{title}: {results[0].posts:,} posts", results))
    if found.whole:
        console.print(_habit_table(found.whole))


def _peer_table(title: str, results: Sequence[Result]) -> Table:
    """P, R and F1 are of pairs with a post of an offer, B³ over posts of offers and over all."""
    table = Table("", "lost", "merged", "records", "P", "R", "F1", "B³", "B³ all", "posts/s", "MB", title=title)
    for result in results:
        scored, on = result.score, result.score.on_offers
        shares = (on.pair_precision, on.pair_recall, on.pair_f1, on.b3_f1, scored.on_all.b3_f1)
        table.add_row(
            result.name,
            f"{scored.lost_share:.2%}",
            f"{scored.merged_offers:,}",
            f"{scored.records_per_offer:.3f}",
            *(f"{share:.4f}" for share in shares),
            f"{result.rate:,.0f}",
            f"{result.run.peak / 1e6:,.0f}",
        )
    return table


def _habit_table(results: Sequence[Result]) -> Table:
    table = Table("", "of", *(result.name for result in results), title="By habit and case")
    parts = (("joined", "copies with their original: 1 is right"), ("wrong", "look-alikes in one record: 0 is right"))
    for heading, of in parts:
        table.add_section()
        table.add_row(f"[bold]{of}")
        for habit, (_, posts) in getattr(results[0].score, heading).items():
            shares = (getattr(result.score, heading).get(habit, (float("nan"), 0))[0] for result in results)
            table.add_row(habit, f"{posts:,}", *(f"{share:.4f}" for share in shares))
    return table


def write(found: Findings, file: Path, settings: Mapping[str, Any]) -> None:
    """Write all that was measured as JSON: settings of the run, machine, table, and the figures behind it."""
    machine = {
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{library: version(library) for library in LIBRARIES},
    }
    told = {
        "settings": dict(settings),
        "machine": machine,
        "table": [asdict(row) for row in rows(found)],
        "results": [{**asdict(result), "posts_per_second": result.rate} for result in found.results],
        "floors": found.speed.floors if found.speed else [],
        "runs": [asdict(run) for run in found.speed.runs] if found.speed else [],
        "batches": [asdict(batch) for batch in found.batches],
        "board": asdict(found.board) if found.board else None,
    }
    file.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
