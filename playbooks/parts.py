"""The parts of a communication plan: every key, its type and its meaning.

Knows not how they hang together: the whole plan is in `model.py`, what goes beyond one value in `checks.py`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from playbooks.values import Day, Id, Line, Longest, Minute, Moment, Part, Tag, Text, Variable
from playbooks.vocabulary import FIGURES, BoardVariable, Figure, KindName

Bound = Annotated[int, Field(ge=0, le=1_000_000)]


class Plan(Part):
    """Which plan this is, whose it is and who approved it."""

    id: Id
    """Short name of the plan; also the name of its file."""
    title: Text
    """What the plan is called on the board."""
    version: Line
    """Version of the text, between quotes: "1.0"."""
    status: Literal["example", "draft", "approved"]
    """How far the plan is; only an approved plan should be used for real."""
    municipality: Line
    """The municipality or region the plan is for."""
    legal_frame: tuple[Line, ...]
    """The decrees and plans this plan is part of."""
    owner: Id
    """Role that keeps the plan up to date."""
    approved_by: Id
    """Role that approves the plan."""
    approved_on: Day | None = None
    """Day of approval, YYYY-MM-DD."""
    review_before: Day
    """Day by which the plan must be read again, YYYY-MM-DD. Later, the plan still loads, with a warning."""


class IncidentType(Part):
    """A kind of incident the plan is meant for."""

    id: Id
    """Short name of the kind of incident."""
    name: Text
    """What it is called."""
    risk_plan: Line | None = None
    """The plan for this risk that it belongs to: a BNIP, or the Dutch incident plan."""


class Role(Part):
    """A function in the plan. Names and numbers of persons never stand here."""

    id: Id
    """Short name other keys refer to."""
    name: Text
    """What the role is called."""
    discipline: Line
    """D1 to D5, policy, partner, or the Dutch column."""
    stand_in: Id | None = None
    """Role that takes over when this one cannot act."""


class Channel(Part):
    """A place where messages are given out."""

    id: Id
    """Short name other keys refer to."""
    network: Id
    """web, bluesky, mastodon, x, sms, be-alert, nl-alert, radio, announcement, phone, print, …"""
    account: Line | None = None
    """Address or account name, null where there is none."""
    readable_without_account: bool
    """true when everyone can read it without logging in."""
    role: Literal["source", "relay", "alert"]
    """source: the full text stands here; relay: points to the source; alert: makes people look up."""


class Hashtags(Part):
    """The tag of the help offers."""

    official: Tag
    """The one tag for offers, without #."""
    variants: tuple[Tag, ...] = ()
    """Spellings people will use by mistake; they are watched too."""
    avoid: tuple[Tag, ...] = ()
    """Ordinary tags in which offers would drown."""
    use: Text
    """What the tag is for and how to write under it."""


class Audience(Part):
    """People a message is for."""

    id: Id
    """Short name other keys refer to."""
    name: Text
    """Who they are."""
    question: Text
    """What they ask themselves; a message that does not answer it is not for them."""


class Action(Part):
    """One thing to do."""

    id: Id
    """Short name, unique in the whole plan."""
    what: Text
    """What to do, in one sentence."""
    role: Id
    """Role that does it."""
    within_min: Minute | None = None
    """To be done within so many minutes after the phase starts; absent when only a trigger calls for it."""
    repeat_min: Annotated[int, Field(ge=5, le=10_080)] | None = None
    """Again every so many minutes until the phase ends; absent for once."""
    channels: tuple[Id, ...] = ()
    """Channels it goes out on; empty for work behind the scenes."""
    audiences: tuple[Id, ...] = ()
    """Whom it is for."""
    template: Id | None = None
    """Template with the text to send."""
    approval: Id | None = None
    """Role that agrees before it goes out; another than the one that does it."""


class Phase(Part):
    """A stretch of the incident with its own actions."""

    id: Id
    """Short name other keys refer to."""
    name: Text
    """What the phase is called."""
    trigger: Text
    """What makes it start."""
    escalation: Text | None = None
    """The level it usually goes with: municipal phase, GRIP 2, …"""
    start_min: Minute
    """First minute of the phase, counted from the start of the incident."""
    end_min: Minute | None = None
    """Minute at which it ends (no longer in it); null for open."""
    actions: tuple[Action, ...]
    """What to do in it."""


class Variables(Part):
    """The variables of a message, each with its longest filling in characters; null counts as 12."""

    board: dict[BoardVariable, Longest | None] = Field(default_factory=dict)
    """Those the board fills in by itself."""
    person: dict[Variable, Longest | None] = Field(default_factory=dict)
    """Those a person fills in. `link`, and a name that ends in `_link`, is an address on the web."""

    def longest(self) -> dict[str, int | None]:
        """Every variable, with its longest filling in characters."""
        return {**{str(name): length for name, length in self.board.items()}, **self.person}


class Template(Part):
    """A message ready to be filled in."""

    id: Id
    """Short name other keys refer to."""
    purpose: Literal["limit_harm", "inform", "organise_help", "give_meaning", "keep_safe", "close"]
    """What the message is for."""
    principle: (
        Literal[
            "good_example",
            "positive_feedback",
            "social_support",
            "mindfulness",
            "responsibility",
            "confidence",
            "meaning",
            "norm",
        ]
        | None
    ) = None
    """The prosocial move it makes, if any."""
    variables: Variables = Variables()
    """What is filled in, and by whom."""
    text: Text
    """The message. A variable stands in it as {name}."""
    text_on: dict[Id, Text] = Field(default_factory=dict)
    """Another wording for a network: its name, then the text."""
    max_chars: Annotated[int, Field(ge=20, le=2000)] | None = None
    """The most characters any wording may have, beside what each network allows."""

    def text_for(self, network: str) -> Text:
        """The wording for `network`."""
        return self.text_on.get(network, self.text)


class Rumour(Part):
    """A rumour to expect, with its answer."""

    id: Id
    """Short name of the rumour."""
    question: Text
    """The rumour as a question."""
    answer: Text
    """The fact, without repeating the rumour."""
    source: Text
    """Who can confirm it."""
    checked_on: Moment | None = None
    """When the answer was last checked, with zone; null for not yet."""


class Sympathy(Part):
    """The place where people can show that they care, apart from the offers."""

    channel: Id
    """Channel where sympathy has its place."""
    template: Id
    """Template that invites people there."""
    from_phase: Id
    """Phase from which it is opened."""
    tone: Text
    """How to speak there."""


class Step(Part):
    """One step of moderation."""

    id: Literal["recognise", "report", "talk"]
    """recognise, report or talk, in this order."""
    who: Id
    """Role that takes the step."""
    what: Text
    """What to do."""
    template: Id | None = None
    """Template with the text to send in this step."""


class Reason(Part):
    """A reason why a post is hidden or reported."""

    id: Id
    """Short name; it goes into the log in place of the text."""
    name: Text
    """What it is called."""


class ReportingPoint(Part):
    """Where to report a post outside its own platform."""

    name: Line
    """What it is called."""
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    """Country in two capitals."""
    number: Line | None = None
    """Its public number, between quotes; only numbers on the public list pass."""
    about: Text
    """What to report there."""


class Moderation(Part):
    """What to do with posts that hurt."""

    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    """The steps."""
    reasons: tuple[Reason, ...]
    """The reasons a moderator can choose."""
    reporting_points: tuple[ReportingPoint, ...] = ()
    """Where to report, by country."""
    dont: tuple[Text, ...] = ()
    """What makes it worse."""


class Kind(Part):
    """A kind of offer."""

    id: KindName
    """The kind as the board knows it."""
    name: Text
    """What it is called in messages."""


class Offers(Part):
    """What is asked for, and what never appears."""

    kinds: tuple[Kind, ...]
    """Kinds of offers that help in this incident."""
    reception_point: Id
    """Role where people who need and people who offer are brought together."""
    never_show: tuple[Literal["phone", "email", "street_and_number", "iban", "number_plate", "name_of_minor"], ...]
    """What is never shown of an offer."""


class Condition(Part):
    """One figure of the board against a bound."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["at_least"]}, {"required": ["at_most"]}]})

    figure: Annotated[Figure, Field(json_schema_extra={"enumDescriptions": [one.says for one in FIGURES.values()]})]
    """What is counted."""
    kind: KindName | None = None
    """Of which kind, for a figure by kind; absent for each kind by itself."""
    at_least: Bound | None = None
    """Holds from this number on."""
    at_most: Bound | None = None
    """Holds up to this number. With at_least too, between the two."""


class Trigger(Part):
    """What the board notices by itself, and the action that answers it."""

    id: Id
    """Short name, kept with what fired."""
    why: Text
    """What has happened when it fires, in one sentence; shown with the figure."""
    when: Annotated[tuple[Condition, ...], Field(min_length=1)]
    """The conditions; all must hold."""
    action: Id
    """Action that is called for; it may stand in any phase."""
    within_min: Minute
    """To be done within so many minutes after it fires."""
    once_per: Literal["occurrence", "incident"] = "occurrence"
    """occurrence: fires again only after its conditions stopped holding; incident: never again for the same thing."""
