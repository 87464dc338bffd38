"""Settings of Bluesky: the table `[sources.bluesky]` of helpt.toml.

Knows no network. Handle and app password are no settings: they are secrets, and come from the environment through the
caller.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

HANDLE, PASSWORD = "HELPT_BLUESKY_HANDLE", "HELPT_BLUESKY_APP_PASSWORD"
"""The variables that hold the account which searches; without them Bluesky is read from its stream alone."""


class BlueskySettings(BaseModel):
    """Bluesky: its stream, which needs no account, and its search, which needs an app password."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(default=True, description="whether Bluesky is read at all")
    hosts: tuple[str, ...] = Field(
        default=("wss://jetstream.us-east.bsky.network/xrpc", "wss://jetstream.us-west.bsky.network/xrpc"),
        min_length=1,
        description="websocket addresses of Jetstream servers (version 2), ending in /xrpc; the next is taken when one fails",
    )
    compress: bool = Field(default=True, description="whether messages come compressed, about a quarter of the bytes")
    look_back: float = Field(
        default=1.0,
        ge=0,
        le=36,
        description="hours before now at which the first look begins, 0 to 36; servers keep 36",
    )
    rewind: float = Field(
        default=10.0,
        ge=1,
        le=600,
        description="seconds to go back at each connection, 1 to 600; nothing is doubled by it",
    )
    silence: float = Field(
        default=30.0,
        ge=1,
        le=600,
        description="seconds without any event after which another server is tried, 1 to 600",
    )
    every: float = Field(default=1.0, ge=0.2, le=60, description="seconds between two looks at what came, 0.2 to 60")
    profiles: str = Field(
        default="https://public.api.bsky.app",
        pattern=r"^(https?://.+)?$",
        description="server asked for the handles and labels of writers; empty asks none, and writers stay numbers (DIDs)",
    )
    service: str = Field(
        default="https://bsky.social",
        pattern=r"^https?://.+",
        description="server of the account that searches, where its app password is valid",
    )
    search_every: float = Field(
        default=300.0,
        ge=30,
        le=86_400,
        description="seconds between two searches for what the stream missed, 30 to 86400",
    )
    back_fill: float = Field(
        default=48.0, ge=0, le=720, description="hours the first search for a tag goes back, 0 to 720"
    )
    reread_every: float = Field(
        default=900.0, ge=60, le=86_400, description="seconds between two looks at posts we have, 60 to 86400"
    )
    session: str = Field(
        default="bluesky.session",
        min_length=1,
        description="file that keeps the login between two starts; readable by its owner alone",
    )
    timeout: float = Field(default=15.0, ge=0.1, le=120, description="seconds an answer may take, 0.1 to 120")
