"""Posts in, one record per offer out, kept in DuckDB. Knows nothing of networks or screens."""
