"""What must hold of a plan's triggers: bounds that can be met, figures that go together, actions somebody calls for."""

from __future__ import annotations

from playbooks.errors import shown
from playbooks.finding import Findings, below, number, text_of, word, words_of
from playbooks.tree import Mapping, Node
from playbooks.vocabulary import FIGURES, About, Figure

ABOUT: dict[str, About | None] = {figure: meaning.about for figure, meaning in FIGURES.items()}


def check_triggers(found: Findings) -> None:
    """Write down every problem with triggers, and with actions that wait for one."""
    for trigger in found.parts("triggers"):
        conditions = [node for node in below(trigger, "when") if isinstance(node, Mapping)]
        for condition in conditions:
            _bounds(found, condition)
            _kind(found, condition)
        _together(found, conditions)
    _waiting(found)


def _bounds(found: Findings, condition: Mapping) -> None:
    low, high = number(condition, "at_least"), number(condition, "at_most")
    if not {"at_least", "at_most"} & condition.values.keys():
        found.tell(condition, "a condition without a bound", "at_least, at_most, or both", "add `at_least: …`")
    elif low is not None and high is not None and low > high:
        found.tell(
            condition.values["at_most"],
            f"no number is {low} or more and {high} or less",
            f"{low} or more",
            "correct it",
        )
    elif low == 0 and high is None:
        found.tell(condition.values["at_least"], "a bound every figure meets", "1 or more", "raise it")


def _kind(found: Findings, condition: Mapping) -> None:
    figure: str | None = word(condition, "figure")
    if figure in ABOUT and ABOUT[figure] != "kind" and text_of(condition.values.get("kind")) is not None:
        by_kind = ", ".join(name for name, about in ABOUT.items() if about == "kind")
        found.tell(
            condition.values["kind"],
            f"{figure} is not counted by kind",
            f"a kind only with {by_kind}",
            "remove it, or look at another figure",
        )


def _together(found: Findings, conditions: list[Mapping]) -> None:
    """Conditions on each kind, each rumour or each source can only be about one of the three at once."""
    first: Figure | str | None = None
    for condition in conditions:
        figure = word(condition, "figure")
        about = ABOUT.get(figure or "")
        if figure is None or about is None or text_of(condition.values.get("kind")) is not None:
            continue
        if first is not None and ABOUT[first] != about:
            found.tell(
                condition.values["figure"],
                f"{first} is counted by {ABOUT[first]}, {figure} by {about}",
                "figures of one sort in a trigger",
                "make two triggers of it",
            )
        first = first or figure


def _waiting(found: Findings) -> None:
    called = set(words_of(found.root, "triggers.action"))
    for action in found.parts("phases.actions"):
        if _absent(action, "within_min"):
            name = word(action, "id")
            if name is not None and name not in called:
                what = f"nothing ever calls for {shown(name)}"
                found.tell(action, what, "within_min, or a trigger that names it", "add `within_min: …`, or a trigger")
            if not _absent(action, "repeat_min"):
                node = action.values["repeat_min"]
                found.tell(node, "repeated, but never due a first time", "within_min too", "add `within_min: …`")


def _absent(part: Mapping, key: str) -> bool:
    value: Node | None = part.values.get(key)
    return value is None or getattr(value, "value", "") is None
