"""Posts from networks and files, as polars frames with provenance. Knows nothing of DuckDB, records or screens."""
