"""Settings of the board: the tables `[dashboard]` and `[incident]` of helpt.toml."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator


class DashboardSettings(BaseModel):
    """Where the board listens and which plan it shows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(default="127.0.0.1", description="address to listen on; without a login only one of this machine")
    port: int = Field(default=8501, ge=1024, le=65535, description="port to listen on")
    playbook: str = Field(default="festival-storm", description="name of a plan that ships, or a YAML file")


class IncidentSettings(BaseModel):
    """The emergency being watched."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(default="incident", pattern=r"^[a-z0-9][a-z0-9-]{0,62}$", description="short name: a-z, 0-9 and -")
    name: str = Field(default="Incident", min_length=1, max_length=80, description="name on screen")
    tags: tuple[str, ...] = Field(default=(), description="its hashtags, without #")
    variants: tuple[str, ...] = Field(default=(), description="other spellings of its hashtags")
    languages: tuple[str, ...] = Field(default=(), description="languages expected, as nl; none is all")
    sources: tuple[str, ...] = Field(
        default=(), description="networks to watch: bluesky, mastodon, x; none is all that are on"
    )
    zone: str = Field(default="Europe/Brussels", description="time zone in which times are shown")

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("expected a time zone such as Europe/Brussels") from error
        return zone
