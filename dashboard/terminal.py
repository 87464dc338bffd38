"""The bar that a long command shows on a terminal.

Owns when there is one. Knows nothing of what is being done.
"""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn


def progress_bar(*, quiet: bool) -> Progress:
    """A bar on a terminal, nothing elsewhere or when `quiet`: the closing line of a command says it all."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=console, disable=quiet or not console.is_terminal, transient=True)
