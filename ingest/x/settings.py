"""Settings of X: the table `[sources.x]` of helpt.toml, and why X is off.

Knows no network. The bearer token is no setting: it is a secret, and comes from the environment through the caller.
"""

from __future__ import annotations

import re
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

ACKNOWLEDGEMENT = "We have read docs/sources/x.md of 2026-11-21, and X allows us to show its posts on our board."
"""What `acknowledged` must say, to the letter. A new version of these terms gets a new date, and is asked anew."""

TOKEN = "HELPT_X_BEARER"  # noqa: S105 - the name of the variable, not what is in it


class XSettings(BaseModel):
    """Reading X, which is billed by the post. Off unless it is enabled and its terms are acknowledged."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(default=False, description="whether X is read at all; needs `acknowledged` as well")
    acknowledged: str = Field(default="", description=f"must say, to the letter: {ACKNOWLEDGEMENT}")
    price_per_read: Decimal = Field(
        default=Decimal("0.005"), ge=0, le=1, description="USD that X bills for a post read, 0 to 1"
    )
    price_per_count: Decimal = Field(
        default=Decimal("0.005"), ge=0, le=1, description="USD that X bills for asking how many posts there are, 0 to 1"
    )
    ceiling_today: Decimal = Field(
        default=Decimal(5), ge=0, le=100_000, description="USD, the most to spend in a day of UTC; 0 reads nothing"
    )
    ceiling_month: Decimal = Field(
        default=Decimal(50), ge=0, le=1_000_000, description="USD, the most to spend in a month of UTC; 0 reads nothing"
    )
    pages: int = Field(
        default=20, ge=1, le=400, description="pages read in one look, 1 to 400; the rest is read at the next"
    )
    max_results: int = Field(default=100, ge=10, le=100, description="posts on a page, 10 to 100")
    backfill: float = Field(
        default=24.0, ge=0, le=167, description="hours the first look at a tag goes back, 0 to 167; X keeps 168"
    )
    quiet: int = Field(
        default=0,
        ge=0,
        le=1000,
        description="posts; where a look brought fewer, the next first pays for a count and reads only what it finds; "
        "0 never does, as X bills nothing for a look that finds nothing",
    )
    timeout: float = Field(default=10.0, ge=0.1, le=60, description="seconds an answer may take, 0.1 to 60")


def why_off(settings: XSettings, bearer: str | None) -> str | None:
    """One sentence why X is not read and what to do, or None when it may be. bearer: from the environment."""
    if not settings.enabled:
        return "X is off; docs/sources/x.md tells what it takes to switch it on."
    if settings.acknowledged != ACKNOWLEDGEMENT:
        return (
            "X is off until its terms are acknowledged: read docs/sources/x.md, then write "
            f'acknowledged = "{ACKNOWLEDGEMENT}" in [sources.x].'
        )
    if not bearer or not bearer.strip():
        return f"X is off because {TOKEN} is not set; docs/sources/x.md tells where to get a bearer token."
    if not is_token(bearer):
        return f"X is off because {TOKEN} holds characters that no bearer token has; copy it again."
    return None


def is_token(bearer: str) -> bool:
    """Whether this can be sent as a token at all: printable ASCII without spaces, blanks around it left aside."""
    return re.fullmatch(r"[!-~]+", bearer.strip()) is not None
