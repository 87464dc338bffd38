"""What must hold of a plan's triggers: bounds that can be met, figures that go together, actions somebody calls for."""

from __future__ import annotations

from playbooks.errors import Term, shown
from playbooks.finding import Findings, below, number, text_of, word, words_of
from playbooks.tree import Mapping, Node
from playbooks.vocabulary import FIGURES, About, Figure

ABOUT: dict[str, About | None] = {figure: meaning.about for figure, meaning in FIGURES.items()}
SORTS: dict[About | None, Term] = {
    "kind": Term(code="kind", english="kind"),
    "rumour": Term(code="rumour", english="rumour"),
    "source": Term(code="source", english="source"),
}


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
        found.tell(condition, "no_bound")
    elif low is not None and high is not None and low > high:
        found.tell(condition.values["at_most"], "no_number_meets", low=low, high=high)
    elif low == 0 and high is None:
        found.tell(condition.values["at_least"], "every_number_meets")


def _kind(found: Findings, condition: Mapping) -> None:
    figure = word(condition, "figure")
    if (
        figure is not None
        and figure in ABOUT
        and ABOUT[figure] != "kind"
        and text_of(condition.values.get("kind")) is not None
    ):
        by_kind = ", ".join(name for name, about in ABOUT.items() if about == "kind")
        found.tell(condition.values["kind"], "not_by_kind", figure=figure, known=by_kind)


def _together(found: Findings, conditions: list[Mapping]) -> None:
    """Conditions on each kind, each rumour or each source can only be about one of the three at once."""
    first: Figure | str | None = None
    for condition in conditions:
        figure = word(condition, "figure")
        about = ABOUT.get(figure or "")
        if figure is None or about is None or text_of(condition.values.get("kind")) is not None:
            continue
        if first is not None and ABOUT[first] != about:
            sorts = {"by_first": SORTS[ABOUT[first]], "by_second": SORTS[about]}
            found.tell(condition.values["figure"], "mixed_figures", first=first, second=figure, **sorts)
        first = first or figure


def _waiting(found: Findings) -> None:
    called = set(words_of(found.root, "triggers.action"))
    for action in found.parts("phases.actions"):
        if _absent(action, "within_min"):
            name = word(action, "id")
            if name is not None and name not in called:
                found.tell(action, "never_called", name=shown(name))
            if not _absent(action, "repeat_min"):
                found.tell(action.values["repeat_min"], "never_due")


def _absent(part: Mapping, key: str) -> bool:
    value: Node | None = part.values.get(key)
    return value is None or getattr(value, "value", "") is None
