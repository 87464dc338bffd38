"""Settings of collecting: the tables `[ingest]` and `[sources.…]` of helpt.toml."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ingest.bluesky.settings import BlueskySettings
from ingest.mastodon.source import MastodonSettings
from ingest.x.settings import XSettings


class IngestSettings(BaseModel):
    """Where posts come from and how often is looked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    inbox: str = Field(default="inbox", description="folder whose files are read as they arrive; made when absent")
    every: float = Field(default=5.0, ge=0.5, le=3600, description="seconds between two looks at the inbox")
    floor: float = Field(
        default=5.0, ge=1, le=3600, description="seconds between two looks at a network while posts come, 1 to 3600"
    )
    ceiling: float = Field(
        default=60.0, ge=1, le=3600, description="seconds between two looks at a network while none come, 1 to 3600"
    )
    demo_speed: float = Field(default=60.0, ge=1, le=3600, description="replayed seconds per second of the demo night")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ceiling < self.floor:
            raise ValueError("a ceiling that is not below the floor")
        return self


class SourcesSettings(BaseModel):
    """The networks, a table each."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bluesky: BlueskySettings = BlueskySettings()
    mastodon: MastodonSettings = MastodonSettings()
    x: XSettings = XSettings()

    def for_trial(self, seconds: float) -> SourcesSettings:
        """The same, but asking only for what is newest, with `seconds` for an answer: enough to see whether it works."""
        short = {"timeout": seconds}
        return self.model_copy(
            update={
                "bluesky": self.bluesky.model_copy(update={**short, "look_back": 0.0, "back_fill": 0.0}),
                "mastodon": self.mastodon.model_copy(update={**short, "look_back_hours": 0.0, "pages": 1}),
                "x": self.x.model_copy(update=short),
            }
        )
