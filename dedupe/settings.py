"""Settings of the store: the table `[dedupe]` of helpt.toml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from dedupe.life import EXPIRY, TERMS, Terms

Minutes = Annotated[int, Field(ge=1, le=43_200)]


Kind = Literal[
    "bed",
    "ride",
    "animal",
    "children",
    "care",
    "language",
    "parking",
    "shower",
    "food",
    "charging",
    "hands",
    "material",
    "other",
]


class DedupeSettings(BaseModel):
    """Where records are kept, and how long what is said about them holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    store: str = Field(
        default="helpt.duckdb", min_length=1, description="file of the store, or ducklake:FILE for a DuckLake"
    )
    memory: str = Field(
        default="600MB", pattern=r"^\d+ ?[MG]B$", description="most memory DuckDB takes, as 600MB or 2GB"
    )
    hold: int = Field(
        default=TERMS.hold, ge=1, le=240, description="minutes a claim holds before it runs out by itself"
    )
    expiry: dict[Kind, Minutes] = Field(
        default={},
        description="minutes an offer or request of a kind stands without being confirmed; `other`: no kind named",
    )

    def terms(self) -> Terms:
        """How long things hold; kinds that are not named keep their usual time."""
        known = {**EXPIRY, **{str(kind): minutes for kind, minutes in self.expiry.items()}}
        return Terms(hold=self.hold, other=known.pop("other", TERMS.other), expiry=known)
