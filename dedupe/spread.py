"""Spreading: row-wise work on a frame shared out over the machine's cores.

polars runs the steps of one string expression on one core; threads over slices use the others, as it lets go of the
interpreter while it works. Only for work in which a row's outcome depends on that row alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import polars as pl

LEAST = 10_000
"""Rows below which sharing out costs more than it brings."""


def spread(rows: pl.DataFrame, work: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.DataFrame:
    """`work(rows)`, done slice by slice on all cores; the rows keep their order."""
    cores = os.cpu_count() or 1
    if cores == 1 or rows.height < LEAST:
        return work(rows)
    size = -(-rows.height // cores)
    with ThreadPoolExecutor(cores) as threads:
        return pl.concat(list(threads.map(work, rows.iter_slices(size))), rechunk=True)


def only_where(rows: pl.DataFrame, condition: pl.Expr, work: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.DataFrame:
    """`work` on the rows where `condition` holds, the others as they are with nulls for what it adds; order is kept."""
    marked = rows.with_row_index("place").with_columns(chosen=condition)
    chosen, others = marked.filter("chosen").drop("chosen"), marked.filter(~pl.col("chosen")).drop("chosen")
    return pl.concat([work(chosen), others], how="diagonal").sort("place").drop("place")
