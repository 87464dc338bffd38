"""What a communication plan is, as a whole.

Owns the form `helpt-playbook/1`. The form only grows by keys that may be absent, so that a plan written for it keeps
loading. Knows no YAML, no files and no clock; what goes beyond one value (references, lengths) is in `checks.py`.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import Field

from playbooks.parts import (
    Action,
    Audience,
    Channel,
    Hashtags,
    IncidentType,
    Moderation,
    Offers,
    Phase,
    Plan,
    Role,
    Rumour,
    Sympathy,
    Template,
    Trigger,
)
from playbooks.values import Line, Part, Text


class Playbook(Part):
    """A whole plan."""

    form: Literal["helpt-playbook/1"] = Field(alias="schema")
    """The form of the file: helpt-playbook/1."""
    plan: Plan
    """Which plan this is."""
    incident_types: Annotated[tuple[IncidentType, ...], Field(min_length=1)]
    """Kinds of incidents it is for."""
    roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    """Who does what."""
    channels: Annotated[tuple[Channel, ...], Field(min_length=1)]
    """Where messages are given out."""
    hashtags: Hashtags
    """The tag of the offers."""
    audiences: Annotated[tuple[Audience, ...], Field(min_length=1)]
    """Whom messages are for."""
    phases: Annotated[tuple[Phase, ...], Field(min_length=1)]
    """The clock with its actions."""
    triggers: tuple[Trigger, ...] = ()
    """What the board notices by itself."""
    templates: tuple[Template, ...]
    """The messages."""
    rumours: tuple[Rumour, ...] = ()
    """Rumours with their answers."""
    do: tuple[Text, ...] = ()
    """What every message does."""
    dont: tuple[Text, ...] = ()
    """What no message does."""
    sympathy: Sympathy
    """The place for sympathy."""
    moderation: Moderation
    """What to do with posts that hurt."""
    offers: Offers
    """What is asked for and what never appears."""
    sources: tuple[Line, ...] = ()
    """What the plan was written from."""

    def own_fillings(self) -> dict[str, str]:
        """What the plan itself puts into messages: tag, place, and page and info_line where it has such a channel."""
        fillings = {"tag": self.hashtags.official, "place": self.plan.municipality}
        for name, network in (("page", "web"), ("info_line", "phone")):
            found = [one.account for one in self.channels if one.network == network and one.role == "source"]
            if found and found[0]:
                fillings[name] = found[0]
        return fillings

    def role(self, key: str) -> Role:
        """The role `key`; KeyError when there is none."""
        return _named(self.roles, key)

    def channel(self, key: str) -> Channel:
        """The channel `key`; KeyError when there is none."""
        return _named(self.channels, key)

    def audience(self, key: str) -> Audience:
        """The audience `key`; KeyError when there is none."""
        return _named(self.audiences, key)

    def action(self, key: str) -> tuple[Phase, Action]:
        """The action `key` and the phase it stands in; KeyError when there is none."""
        for phase in self.phases:
            for action in phase.actions:
                if action.id == key:
                    return phase, action
        raise KeyError(key)

    def template(self, key: str) -> Template:
        """The template `key`; KeyError when there is none."""
        return _named(self.templates, key)


Named = TypeVar("Named", Role, Channel, Audience, Template)


def _named(parts: tuple[Named, ...], key: str) -> Named:
    for part in parts:
        if part.id == key:
            return part
    raise KeyError(key)
