from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from playbooks.model import Playbook
from playbooks.tree import Mapping, plain, read_tree
from playbooks.values import Text

DOC = (Path(__file__).parents[2] / "docs" / "playbook.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)` \| (must|) ?\|", re.MULTILINE)


def parts(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """Every part of a plan that has keys of its own, with its path as the document writes it."""
    yield path, model
    for name, field in model.model_fields.items():
        for inner, is_list in dict.fromkeys(inside(field.annotation)):
            if inner is not Text:
                yield from parts(inner, f"{path}.{name}".lstrip(".") + ("[]" if is_list else ""))


def inside(annotation: Any) -> Iterator[tuple[type[BaseModel], bool]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, False
    for inner in get_args(annotation):
        yield from ((model, is_list or get_origin(annotation) is tuple) for model, is_list in inside(inner))


def section(path: str) -> str:
    heading = f"### `{path}`\n" if path else "### The whole file\n"
    assert heading in DOC, heading
    return re.split(r"^##", DOC.split(heading)[1], maxsplit=1, flags=re.MULTILINE)[0]


def test_every_key_is_explained_in_the_section_of_its_part_and_no_other_key_is() -> None:
    for path, model in parts(Playbook):
        written = {key: must == "must" for key, must in ROW.findall(section(path))}
        keys = {field.alias or name: field.is_required() for name, field in model.model_fields.items()}
        assert written == keys, path


def test_every_choice_is_named_where_its_key_is_explained() -> None:
    for path, model in parts(Playbook):
        for choice in choices(model):
            assert f"`{choice}`" in section(path), (path, choice)


def test_every_part_has_an_example_with_all_its_keys_that_fits_the_model() -> None:
    for path, model in parts(Playbook):
        examples = re.findall(r"```yaml\n(.*?)```", section(path), re.DOTALL)
        assert len(examples) == 1, path
        root, problems = read_tree(examples[0], path)
        assert problems == [], path
        assert isinstance(root, Mapping)
        assert list(root.values) == [field.alias or name for name, field in model.model_fields.items()], path
        if path:
            model.model_validate(plain(root))


def choices(model: type[BaseModel]) -> Iterator[str]:
    properties = str(model.model_json_schema(by_alias=True)["properties"])
    for listed in re.findall(r"'enum': \[([^\]]*)\]", properties):
        yield from re.findall(r"'([^']*)'", listed)
