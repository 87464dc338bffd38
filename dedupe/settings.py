"""Settings of the store: the table `[dedupe]` of helpt.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from dedupe.deciding.life import EXPIRY, TERMS, Terms

Minutes = Annotated[int, Field(ge=1, le=43_200)]


def _kind(name: str) -> str:
    if name not in (*EXPIRY, "other"):
        raise PydanticCustomError("kind", "a kind of help: {kinds}, other", {"kinds": ", ".join(EXPIRY)})
    return name


class DedupeSettings(BaseModel):
    """Where records are kept, by which words posts are read, and how long what is said about them holds."""

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
    hold: int = Field(
        default=TERMS.hold, ge=1, le=240, description="minutes a claim holds before it runs out by itself"
    )
    expiry: dict[Annotated[str, AfterValidator(_kind)], Minutes] = Field(
        default={},
        description="minutes an offer or request of a kind stands without being confirmed; `other`: no kind named",
    )

    def terms(self) -> Terms:
        """How long things hold; kinds that are not named keep their usual time."""
        known = {**EXPIRY, **self.expiry}
        return Terms(hold=self.hold, other=known.pop("other", TERMS.other), expiry=known)
