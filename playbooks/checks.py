"""What must hold between the values of a plan: names, references, tags, channels, roles, phases, dates.

Works on the tree as it was read, so that every problem has its place and a plan with a wrong type somewhere is still
checked everywhere else. What cannot be looked up because its own value is wrong is passed over here: the model tells.
What messages say is checked in `messages.py`, what triggers look at in `conditions.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from playbooks.conditions import check_triggers
from playbooks.errors import Problem, shown
from playbooks.finding import Findings, below, listed, number, text_of, word, words_of
from playbooks.messages import check_messages
from playbooks.tree import Mapping, Node, Scalar

NAMED = (
    "incident_types",
    "roles",
    "channels",
    "audiences",
    "phases",
    "phases.actions",
    "triggers",
    "templates",
    "rumours",
    "moderation.steps",
    "moderation.reasons",
    "offers.kinds",
)
"""Lists whose parts have an `id`. A dot goes into a part, or into each part of a list."""

REFERENCES = {
    "plan.owner": "roles",
    "plan.approved_by": "roles",
    "roles.stand_in": "roles",
    "phases.actions.role": "roles",
    "phases.actions.approval": "roles",
    "phases.actions.channels": "channels",
    "phases.actions.audiences": "audiences",
    "phases.actions.template": "templates",
    "triggers.action": "phases.actions",
    "triggers.when.kind": "offers.kinds",
    "sympathy.channel": "channels",
    "sympathy.template": "templates",
    "sympathy.from_phase": "phases",
    "moderation.steps.who": "roles",
    "moderation.steps.template": "templates",
    "offers.reception_point": "roles",
}
"""Keys that name a part -> the list in which that part must stand."""

ORDINARY_TAGS = """
    help hulp aide hilfe sos storm tempete tempête orage sturm unwetter flood floods overstroming inondation hochwasser
    attack aanslag attentat anschlag blackout stroompanne panne stromausfall fire brand feu feuer breaking news nieuws
    actu festival muziek music weer meteo météo wetter weather police politie polizei traffic verkeer trafic nmbs sncb
    belgie belgië belgique belgium nederland france deutschland vlaanderen wallonie brussel bruxelles brussels
    limburg pray prayfor rip condoleances support love
"""
"""Tags people use for many other things; offers would drown in them. Without capitals."""


def check_tree(root: Mapping, file: str, today: date) -> list[Problem]:
    """Every problem between values of the plan in `root`. `file` is the name to put in them; `today` judges reviews."""
    found = Findings(root, file)
    _ids(found)
    _references(found)
    _hashtags(found)
    _channels(found)
    _actions(found)
    _roles(found)
    _phases(found)
    check_triggers(found)
    check_messages(found)
    _dates(found, today)
    return found.problems


def _ids(found: Findings) -> None:
    for path in NAMED:
        seen: dict[str, Node] = {}
        for node in found.all(f"{path}.id"):
            name = text_of(node)
            if name is None:
                continue
            if name in seen:
                found.tell(node, "second_id", name=shown(name), under=path, line=seen[name].line)
            seen.setdefault(name, node)


def _references(found: Findings) -> None:
    for path, target in REFERENCES.items():
        known = set(words_of(found.root, f"{target}.id"))
        for node in found.all(path):
            name = text_of(node)
            if name is not None and name not in known:
                found.tell(node, "unknown_name", name=shown(name), under=target, known=listed(sorted(known)))


def _hashtags(found: Findings) -> None:
    seen: dict[str, str] = {}
    ordinary = {*ORDINARY_TAGS.split(), *(town.casefold() for town in words_of(found.root, "plan.municipality"))}
    for path in ("official", "variants", "avoid"):
        for node in found.all(f"hashtags.{path}"):
            tag = text_of(node)
            if tag is None:
                continue
            name = tag.casefold()
            if name in seen:
                found.tell(node, "tag_twice", tag=shown(tag), under=f"hashtags.{seen[name]}")
            elif path != "avoid" and name in ordinary:
                found.tell(node, "ordinary_tag", tag=shown(tag))
            seen.setdefault(name, path)


def _channels(found: Findings) -> None:
    channels = list(found.parts("channels"))
    sources = [channel for channel in channels if word(channel, "role") == "source"]
    if channels and not any(_open(channel) for channel in sources):
        if sources:
            found.tell(sources[0], "no_open_source")
        else:
            found.tell(channels[0], "no_source")


def _open(channel: Mapping) -> bool:
    return number(channel, "readable_without_account") is not False


def _actions(found: Findings) -> None:
    login_only = {word(channel, "id") for channel in found.parts("channels") if not _open(channel)}
    for action in found.parts("phases.actions"):
        approval = action.values.get("approval")
        if approval is not None and text_of(approval) is not None and text_of(approval) == word(action, "role"):
            found.tell(approval, "own_approval")
        channels = words_of(action, "channels")
        if channels and all(channel in login_only for channel in channels):
            found.tell(action.values["channels"], "login_only")
        if word(action, "template") and not channels:
            found.tell(action, "no_channel")


def _roles(found: Findings) -> None:
    acting = {text_of(node): node for path in ("role", "approval") for node in found.all(f"phases.actions.{path}")}
    acting |= {text_of(node): node for node in found.all("moderation.steps.who")}
    for role in found.parts("roles"):
        name, stand_in = word(role, "id"), role.values.get("stand_in")
        if stand_in is not None and text_of(stand_in) is not None and text_of(stand_in) == name:
            found.tell(stand_in, "own_stand_in")
        elif name is not None and name in acting and (stand_in is None or text_of(stand_in) is None):
            found.tell(role, "no_stand_in", name=shown(name), line=acting[name].line)


def _phases(found: Findings) -> None:
    before: int | None = 0
    for place, phase in enumerate(found.parts("phases")):
        start, end = number(phase, "start_min"), number(phase, "end_min")
        if start is None:
            continue
        if end is not None and end <= start:
            found.tell(phase.values["end_min"], "phase_backwards", start=start, end=end)
        node = phase.values["start_min"]
        if place == 0 and start != 0:
            found.tell(node, "first_phase", start=start)
        elif before is None:
            found.tell(node, "phase_after_open", start=start)
        elif place > 0 and before != start:
            found.tell(node, "phases_apart", start=start, end=before)
        before = end
        for action in _timed(phase):
            within = number(action, "within_min")
            if end is not None and within is not None and start + within > end > start:
                found.tell(action.values["within_min"], "due_too_late", within=within, most=end - start)


def _timed(phase: Mapping) -> Iterator[Mapping]:
    return (node for node in below(phase, "actions") if isinstance(node, Mapping) and "within_min" in node.values)


def _dates(found: Findings, today: date) -> None:
    for node in found.all("plan.review_before"):
        day = _day(node)
        if day is not None and day < today:
            found.tell(node, "review_overdue", day=day.isoformat(), today=today.isoformat())
    for node in found.all("plan.status"):
        plan = found.root.values["plan"]
        approved = plan.values.get("approved_on") if isinstance(plan, Mapping) else None
        if text_of(node) == "approved" and (approved is None or _day(approved) is None):
            found.tell(node, "approved_on_no_day")


def _day(node: Node) -> date | None:
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, date) else None
