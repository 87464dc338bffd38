"""What must hold between the values of a plan: names, references, variables, lengths, approvals, dates, privacy.

Works on the tree as it was read, so that every problem has its place and a plan with a wrong type somewhere is still
checked everywhere else. What cannot be looked up because its own value is wrong is passed over here: the model tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from playbooks.errors import Level, Problem, shown
from playbooks.fill import VARIABLE_NAME, longest_length, odd_braces, variables_in
from playbooks.private import private_data
from playbooks.tree import Items, Mapping, Node, Scalar, walk
from playbooks.values import LANGUAGES, MAX_TEXT

NAMED = {
    "incident_types": "kind of incident",
    "roles": "role",
    "channels": "channel",
    "audiences": "audience",
    "phases": "phase",
    "phases.actions": "action",
    "templates": "template",
    "rumours": "rumour",
    "moderation.steps": "step",
    "moderation.reasons": "reason",
    "offers.kinds": "kind of offer",
}
"""Lists whose parts have an `id` -> what a part is called. A dot goes into a part, or into each part of a list."""

REFERENCES = {
    "plan.owner": "roles",
    "plan.approved_by": "roles",
    "roles.stand_in": "roles",
    "phases.actions.role": "roles",
    "phases.actions.approval": "roles",
    "phases.actions.channels": "channels",
    "phases.actions.audiences": "audiences",
    "phases.actions.template": "templates",
    "sympathy.channel": "channels",
    "sympathy.template": "templates",
    "sympathy.from_phase": "phases",
    "moderation.steps.who": "roles",
    "moderation.steps.template": "templates",
    "offers.reception_point": "roles",
}
"""Keys that name a part -> the list in which that part must stand."""

LANGUAGES_SET = frozenset(LANGUAGES)

MOST_NAMED = 20
"""A message lists at most so many names to choose from."""


def check_tree(root: Mapping, file: str, today: date) -> list[Problem]:
    """Every problem between values of the plan in `root`. `file` is the name to put in them; `today` judges reviews."""
    check = _Check(root, file)
    check.ids()
    check.references()
    check.hashtags()
    check.actions()
    check.phases()
    check.templates()
    check.texts()
    check.review(today)
    return check.problems


class _Check:
    """Collects problems; each method is one group of checks."""

    def __init__(self, root: Mapping, file: str) -> None:
        self.root = root
        self.file = file
        self.problems: list[Problem] = []

    def _tell(self, node: Node, what: str, expected: str, mend: str, level: Level = "error") -> None:
        problem = Problem(
            file=self.file, line=node.line, column=node.column, what=what, expected=expected, mend=mend, level=level
        )
        self.problems.append(problem)

    def ids(self) -> None:
        for path, called in NAMED.items():
            seen: dict[str, Scalar] = {}
            for node in _all(self.root, f"{path}.id"):
                name = _text(node)
                if name is None or not isinstance(node, Scalar):
                    continue
                if name in seen:
                    first = seen[name].line
                    mend = "give one of the two another name"
                    self._tell(node, f"a second {called} {shown(name)}", f"another id (line {first} has it)", mend)
                seen.setdefault(name, node)

    def references(self) -> None:
        for path, target in REFERENCES.items():
            known = {name for name in map(_text, _all(self.root, f"{target}.id")) if name is not None}
            for node in _all(self.root, path):
                name = _text(node)
                if name is not None and name not in known:
                    what = f"there is no {NAMED[target]} {shown(name)}"
                    listed = _listed(sorted(known)) or "none is defined"
                    self._tell(node, what, f"one of: {listed}", f"correct the name, or add it under {target}")

    def hashtags(self) -> None:
        watched: dict[str, str] = {}
        for path in ("official", "variants", "avoid"):
            for node in _all(self.root, f"hashtags.{path}"):
                tag = _text(node)
                if tag is None:
                    continue
                if tag.casefold() in watched:
                    expected = f"a tag once (it is also under {watched[tag.casefold()]})"
                    self._tell(node, f"the tag {shown(tag)} a second time", expected, "remove one of the two")
                watched.setdefault(tag.casefold(), path)

    def actions(self) -> None:
        login_only = self._login_only()
        for action in _all(self.root, "phases.actions"):
            if not isinstance(action, Mapping):
                continue
            approval = action.values.get("approval")
            if approval is not None and _text(approval) is not None and _text(approval) == _word(action, "role"):
                expected = "approval by another role than the one that acts"
                self._tell(approval, "an action approved by its own role", expected, "name another role, or null")
            channels = [_text(node) for node in _all(action, "channels")]
            if channels and all(channel in login_only for channel in channels):
                expected = "a channel everyone can read without an account among them"
                mend = "add one, such as the crisis page"
                self._tell(
                    action.values["channels"],
                    "a message only on channels that ask for a login",
                    expected,
                    mend,
                    "warning",
                )
            if action.values.get("template") is not None and _word(action, "template") and not channels:
                self._tell(action, "a message without a channel", "where it goes out", "fill in channels", "warning")
        for role in _all(self.root, "roles"):
            if isinstance(role, Mapping) and _word(role, "stand_in") and _word(role, "stand_in") == _word(role, "id"):
                self._tell(
                    role.values["stand_in"], "a role that stands in for itself", "another role, or null", "name another"
                )

    def _login_only(self) -> set[str]:
        found = set()
        for channel in _all(self.root, "channels"):
            name = _word(channel, "id")
            if name and isinstance(channel, Mapping) and _number_or_flag(channel, "readable_without_account") is False:
                found.add(name)
        return found

    def phases(self) -> None:
        before: tuple[Mapping, int | None] | None = None
        for phase in _all(self.root, "phases"):
            start = _number_or_flag(phase, "start_min")
            if not isinstance(phase, Mapping) or start is None:
                continue
            end = _number_or_flag(phase, "end_min")
            if end is not None and end <= start:
                self._tell(
                    phase.values["end_min"], f"a phase from {start} to {end}", f"an end after {start}", "correct it"
                )
            if before is None and start != 0:
                self._tell(
                    phase.values["start_min"], f"a first phase from minute {start}", "0", "start at 0", "warning"
                )
            if before is not None and before[1] != start:
                ended = "open" if before[1] is None else f"minute {before[1]}"
                what = f"this phase starts at minute {start}, the one before it ends at {ended}"
                mend = "let each phase start where the one before it ends"
                self._tell(phase.values["start_min"], what, "no gap and no overlap", mend, "warning")
            before = (phase, end)
            for action in _all(phase, "actions"):
                within = _number_or_flag(action, "within_min")
                if end is not None and within is not None and start + within > end and isinstance(action, Mapping):
                    what = f"due {within} minutes into a phase of {end - start}"
                    mend = "shorten it, or move the action to the next phase"
                    self._tell(action.values["within_min"], what, f"at most {end - start}", mend, "warning")

    def templates(self) -> None:
        for template in _all(self.root, "templates"):
            texts = template.values.get("text") if isinstance(template, Mapping) else None
            if not isinstance(template, Mapping) or not isinstance(texts, Mapping):
                continue
            declared = _declared(template)
            limit = _number_or_flag(template, "max_chars")
            for language, node in texts.values.items():
                text = _text(node)
                if text is None or len(text) > MAX_TEXT or language not in LANGUAGES:
                    continue
                self._variables(node, language, text, declared)
                length = longest_length(text, declared)
                if limit is not None and length > limit:
                    what = f"the {language} text can be {length} characters long"
                    mend = "shorten the text, or the longest filling of a variable"
                    self._tell(node, what, f"at most {limit} (max_chars)", mend)

    def _variables(self, node: Node, language: str, text: str, declared: dict[str, int | None]) -> None:
        used = variables_in(text)
        for braces in odd_braces(text):
            expected = "a plain variable such as {place}"
            self._tell(node, f"{shown(braces)} in the {language} text", expected, "use a plain name, or no braces")
        for name in used:
            if name not in declared:
                listed = _listed(list(declared)) or "none declared"
                what = f"the {language} text uses {shown('{' + name + '}')}"
                self._tell(node, what, f"a declared variable ({listed})", "declare it under variables, or correct it")
        for name in declared:
            if name not in used:
                what = f"the {language} text does not use {shown('{' + name + '}')}"
                mend = "use it, or take it out of variables"
                self._tell(node, what, "every declared variable in every language", mend)

    def texts(self) -> None:
        filled = {id(node) for text in _all(self.root, "templates.text") for node in walk(text)}
        for node in walk(self.root):
            if isinstance(node, Mapping) and not LANGUAGES_SET.isdisjoint(node.values):
                absent = [language for language in LANGUAGES[1:] if _word(node, language) is None]
                if absent:
                    mend = "translate it; until then the board shows the Dutch text"
                    self._tell(node, f"a text without {', '.join(absent)}", "nl, fr, de and en", mend, "warning")
            text = _text(node)
            if text is None or len(text) > MAX_TEXT:
                continue
            for called, piece in private_data(text):
                expected = "no contact data of persons; only public numbers"
                mend = "take it out; use a variable or the name of a role"
                self._tell(node, f"{called}: {shown(piece)}", expected, mend)
            if id(node) not in filled and ("{" in text or "}" in text):
                mend = "write the words out, or make it a template"
                self._tell(node, "braces outside a template", "variables only in templates", mend)

    def review(self, today: date) -> None:
        for node in _all(self.root, "plan.review_before"):
            day = _day(node)
            if day is not None and day < today:
                what = f"the review was due before {day.isoformat()}"
                mend = "read the plan again and set a new day; it stays usable meanwhile"
                self._tell(node, what, f"a day from {today.isoformat()} on", mend, "warning")


def _listed(names: list[str]) -> str:
    return ", ".join([*names[:MOST_NAMED], "…"] if len(names) > MOST_NAMED else names)


def _all(node: Node, path: str) -> Iterator[Node]:
    """Every value at `path` under `node`: through keys and through each part of a list; a list counts by its parts."""
    nodes = [node]
    for key in path.split("."):
        nodes = [part for found in nodes if isinstance(found, Mapping) for part in _parts(found.values.get(key))]
    yield from nodes


def _parts(node: Node | None) -> list[Node]:
    if node is None:
        return []
    return node.values if isinstance(node, Items) else [node]


def _text(node: Node) -> str | None:
    return node.value.strip() if isinstance(node, Scalar) and isinstance(node.value, str) else None


def _word(node: Node, key: str) -> str | None:
    value = node.values.get(key) if isinstance(node, Mapping) else None
    return None if value is None else _text(value)


def _number_or_flag(node: Node, key: str) -> int | None:
    value = node.values.get(key) if isinstance(node, Mapping) else None
    return value.value if isinstance(value, Scalar) and isinstance(value.value, int) else None


def _declared(template: Mapping) -> dict[str, int | None]:
    variables = template.values.get("variables")
    if not isinstance(variables, Mapping):
        return {}
    return {name: _number_or_flag(variables, name) for name in variables.values if VARIABLE_NAME.fullmatch(name)}


def _day(node: Node) -> date | None:
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, date) else None
