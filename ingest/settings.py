"""Settings of collecting: the table `[ingest]` of helpt.toml."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class IngestSettings(BaseModel):
    """Where posts come from and how often is looked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    inbox: str = Field(default="inbox", description="folder whose files are read as they arrive; made when absent")
    every: float = Field(default=5.0, ge=0.5, le=3600, description="seconds between two looks at the inbox")
    demo_speed: float = Field(default=60.0, ge=1, le=3600, description="replayed seconds per second of the demo night")
