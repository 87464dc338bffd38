"""The floor: what DuckDB alone needs to read a post file into a table and make it durable.

Owns that one measurement, on a fresh database, with the columns told in advance so that nothing is guessed. What any
store must spend at least; the engine is judged by its ratio to this.

    python -m benchmarks.floor posts.ndjson fresh.duckdb
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import duckdb

READ = """
create table posts as
from read_ndjson($file, columns = {
    network: 'varchar', id: 'varchar', author: 'varchar', text: 'varchar', created_at: 'timestamptz', url: 'varchar',
    author_name: 'varchar', lang: 'varchar', repost_of: 'varchar', quote_of: 'varchar', reply_to: 'varchar',
    reposts: 'bigint', likes: 'bigint', edited_at: 'timestamptz'
})
"""


def floor(file: Path, database: Path) -> float:
    """Seconds to read `file` (NDJSON) into a table of `database` (must not exist yet) and checkpoint."""
    with duckdb.connect(database) as connection:
        started = time.perf_counter()
        connection.execute(READ, {"file": str(file)})
        connection.execute("checkpoint")
        return time.perf_counter() - started


def main() -> None:
    """Print the seconds of one measurement."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.floor", description="DuckDB alone on a post file.")
    parser.add_argument("posts", type=Path)
    parser.add_argument("database", type=Path)
    asked = parser.parse_args()
    print(floor(asked.posts, asked.database))


if __name__ == "__main__":
    main()
