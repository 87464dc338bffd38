"""Settings of the store: the table `[dedupe]` of helpt.toml."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class DedupeSettings(BaseModel):
    """Where records are kept, and by which words posts are read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    store: str = Field(
        default="helpt.duckdb", min_length=1, description="file of the store, or ducklake:FILE for a DuckLake"
    )
    memory: str = Field(
        default="600MB", pattern=r"^\d+ ?[MG]B$", description="most memory DuckDB takes, as 600MB or 2GB"
    )
    words: Path | None = Field(
        default=None,
        description="folder of word lists that extend the bundled ones; read again within seconds of a change",
    )
