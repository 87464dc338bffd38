"""The form of a plan as JSON Schema, so that an editor completes keys and checks them while a planner types."""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from playbooks.model import Playbook


class _Plain(GenerateJsonSchema):
    """Without the titles pydantic makes of names: an editor would show them in the place of what a key means."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Never."""
        return False


def schema_text() -> str:
    """The JSON Schema of `helpt-playbook/1`, as the text of a file. What goes beyond one value is for the check."""
    schema = Playbook.model_json_schema(by_alias=True, schema_generator=_Plain)
    _close(schema)
    whole = {"$schema": GenerateJsonSchema.schema_dialect, **schema, "title": "helpt-playbook/1"}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def _close(part: JsonSchemaValue | list[Any]) -> None:
    """Names that match no pattern are refused by the model; let the schema say so too."""
    if isinstance(part, dict) and "patternProperties" in part:
        part["additionalProperties"] = False
    for inner in part.values() if isinstance(part, dict) else part:
        if isinstance(inner, dict | list):
            _close(inner)
