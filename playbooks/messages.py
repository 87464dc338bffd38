"""What must hold of the texts of a plan: languages, variables, lengths as each network counts, no contact data."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from playbooks.errors import Filling, shown
from playbooks.fill import VARIABLE_NAME, longest, odd_braces, variables_in
from playbooks.finding import Findings, below, listed, number, text_of, word, words_of
from playbooks.lengths import GSM, GSM_ESCAPED, measure
from playbooks.private import private_data
from playbooks.tree import Mapping, Node, Scalar, walk
from playbooks.values import LANGUAGES, MAX_TEXT

LANGUAGES_SET = frozenset(LANGUAGES)

NAMED_BY_PLAN = {
    "tag": "hashtags.official",
    "place": "plan.municipality",
    "fact": "rumours.answer",
    "source": "rumours.source",
    "kind": "offers.kinds.name",
}
"""Variables the board fills with something that stands in the plan itself -> where it stands."""

SAME_WORDS = 4
"""From so many words on, variables aside, the same text in two languages was not translated."""


def check_messages(found: Findings) -> None:
    """Write down every problem with texts and templates."""
    networks = _networks(found)
    for template in found.parts("templates"):
        declared = _declared(template)
        _fillings(found, template)
        for network, node in template_texts(template):
            if network is not None and network not in set(words_of(found.root, "channels.network")):
                known = listed(sorted(set(words_of(found.root, "channels.network"))))
                found.tell(_key(template, network), "unused_network", network=shown(network), known=known)
            used_on = [network] if network else _others(networks.get(word(template, "id") or "", {}), template)
            for language, text in _wordings(node):
                _variables(found, text, language, declared)
                _length(found, text, language, number(template, "max_chars"), declared, used_on)
    _texts(found)


def template_texts(template: Mapping) -> Iterator[tuple[str | None, Mapping]]:
    """Each wording of a template with the network it is for; None for all others."""
    text, by_network = template.values.get("text"), template.values.get("text_on")
    if isinstance(text, Mapping):
        yield None, text
    if isinstance(by_network, Mapping):
        yield from ((name, node) for name, node in by_network.values.items() if isinstance(node, Mapping))


def _key(template: Mapping, network: str) -> Node:
    by_network = template.values["text_on"]
    return by_network.keys[network] if isinstance(by_network, Mapping) else by_network


def _networks(found: Findings) -> dict[str, dict[str, None]]:
    """Template -> the networks its message goes out on, in the order in which they are met."""
    of = {word(channel, "id"): word(channel, "network") for channel in found.parts("channels")}
    sent: dict[str, dict[str, None]] = {}
    outlets = [(word(action, "template"), words_of(action, "channels")) for action in found.parts("phases.actions")]
    outlets += [(word(part, "template"), words_of(part, "channel")) for part in found.parts("sympathy")]
    for template, channels in outlets:
        networks = (of.get(channel) for channel in channels)
        sent.setdefault(template or "", {}).update({network: None for network in networks if network})
    return sent


def _others(networks: dict[str, None], template: Mapping) -> list[str]:
    own = {network for network, _ in template_texts(template)}
    return [network for network in networks if network not in own]


def _wordings(node: Mapping) -> Iterator[tuple[str, Scalar]]:
    """The texts of a message by language, without those that are no text or far too long: the model tells of them."""
    for language, text in node.values.items():
        said = text_of(text)
        if language in LANGUAGES_SET and isinstance(text, Scalar) and said is not None and len(said) <= MAX_TEXT:
            yield language, text


def _declared(template: Mapping) -> dict[str, int | None]:
    groups = [group for by in ("board", "person") for group in below(template, f"variables.{by}")]
    return {
        name: number(group, name)
        for group in groups
        if isinstance(group, Mapping)
        for name in group.values
        if VARIABLE_NAME.fullmatch(name)
    }


def _fillings(found: Findings, template: Mapping) -> None:
    """No variable by two hands, and room for what the plan itself will put in."""
    board, person = (next(below(template, f"variables.{by}"), None) for by in ("board", "person"))
    if isinstance(board, Mapping) and isinstance(person, Mapping):
        for name in board.values.keys() & person.values.keys():
            found.tell(person.keys[name], "filled_twice", name=shown(name))
    if not isinstance(board, Mapping):
        return
    for name, nodes in _own_fillings(found).items():
        room = number(board, name)
        if room is None:
            continue
        texts = [text for node in nodes for text in walk(node) if isinstance(text, Scalar)]
        told = max(texts, key=lambda text: len(text_of(text) or ""), default=None)
        size = len(text_of(told) or "") if told else 0
        if told is not None and room < size <= MAX_TEXT:
            found.tell(board.values[name], "no_room", name=shown("{" + name + "}"), size=size, line=told.line)


def _own_fillings(found: Findings) -> dict[str, list[Node]]:
    """Variable -> the values of the plan the board fills it with."""
    nodes = {name: list(found.all(path)) for name, path in NAMED_BY_PLAN.items()}
    for name, network in (("page", "web"), ("info_line", "phone")):
        channels = [one for one in found.parts("channels") if word(one, "network") == network]
        nodes[name] = [
            one.values["account"] for one in channels if word(one, "role") == "source" and word(one, "account")
        ]
    return nodes


def _length(
    found: Findings,
    node: Scalar,
    language: str,
    most: int | None,
    declared: dict[str, int | None],
    networks: list[str],
) -> None:
    full = longest(text_of(node) or "", declared)
    size = len(unicodedata.normalize("NFC", full.strip()))
    if most is not None and size > most:
        found.tell(node, "over_max_chars", language=language, size=size, most=most)
    for network in networks:
        length = measure(network, full)
        if length is not None and not length.fits:
            values: dict[str, Filling] = {
                "language": language,
                "used": length.used,
                "network": network,
                "most": length.limit,
            }
            if length.unit == "weighted":
                found.tell(node, "over_weighted", **values)
            elif length.unit == "graphemes":
                found.tell(node, "over_graphemes", **values)
            elif length.unit == "septets":
                found.tell(node, "over_septets", **values, parts=length.parts)
            else:
                found.tell(node, "over_utf16", **values, parts=length.parts, letters=_letters(full))


def _letters(text: str) -> str:
    """The characters of `text` that an SMS has no septet for."""
    return " ".join(dict.fromkeys(shown(char) for char in text if char not in GSM and char not in GSM_ESCAPED))


def _variables(found: Findings, node: Scalar, language: str, declared: dict[str, int | None]) -> None:
    text = text_of(node) or ""
    used = variables_in(text)
    for braces in odd_braces(text):
        found.tell(node, "odd_braces", braces=shown(braces), language=language)
    for name in used:
        if name not in declared:
            called, known = shown("{" + name + "}"), listed(list(declared))
            found.tell(node, "undeclared", language=language, name=called, known=known)
    for name in declared:
        if name not in used:
            found.tell(node, "unused", language=language, name=shown("{" + name + "}"))


def _texts(found: Findings) -> None:
    messages = [text for template in found.parts("templates") for _, text in template_texts(template)]
    filled = {id(node) for message in messages for node in walk(message)}
    for node in walk(found.root):
        if isinstance(node, Mapping) and not LANGUAGES_SET.isdisjoint(node.values):
            _translated(found, node)
        text = text_of(node)
        if text is None or len(text) > MAX_TEXT:
            continue
        for kind, piece in private_data(text):
            found.tell(node, kind, found=shown(piece))
        if id(node) not in filled and ("{" in text or "}" in text):
            found.tell(node, "loose_braces")


def _translated(found: Findings, node: Mapping) -> None:
    absent = [language for language in LANGUAGES[1:] if word(node, language) is None]
    if absent:
        found.tell(node, "no_translation", languages=", ".join(absent))
    seen: dict[str, str] = {}
    for language in LANGUAGES:
        text = word(node, language)
        if text is None or sum("{" not in one for one in text.split()) < SAME_WORDS:
            continue
        if text in seen:
            found.tell(node.values[language], "same_text", language=language, other=seen[text])
        seen.setdefault(text, language)
