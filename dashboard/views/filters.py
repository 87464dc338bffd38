"""The filters and switches: what a viewer chose, kept in the address so that it can be shared and survives a reload."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import streamlit as st

from dashboard.markup.cards import label
from dashboard.markup.plain import clean, shorten
from dashboard.queries import ORDERS, Filters, Order
from dashboard.words import LANGUAGES, Language, Words, language_of

EVERY = ""
"""The option for all kinds or places."""
DEFAULTS = {
    "lang": "nl", "show": "offer", "kind": EVERY, "place": EVERY, "state": EVERY, "words": "", "order": ORDERS[0],
    "near": EVERY, "page": "1", "view": "cards", "record": "", "since": "note",
}  # fmt: skip
"""What the address of the offers begins with."""
STATES = (EVERY, "free", "claimed", "matched", "full", "withdrawn", "expired")
DENSE = "list"
CATEGORIES = ("offer", "request")
PAGE = "page"
UNFOLDED = "unfolded"
"""Whether the filters are unfolded on a phone."""


def language() -> Language:
    """The language of the address, before any word is drawn."""
    return language_of(st.session_state.get("lang") or st.query_params.get("lang"))


def switches(words: Words) -> None:
    """Draw the language and the pause, which every page has."""
    if st.session_state.get("lang") is None:  # a browser may forget it; the address does not
        st.session_state["lang"] = words.language
    st.segmented_control(
        words.say("board.language"),
        LANGUAGES,
        key="lang",
        default=st.session_state["lang"],
        required=True,
        format_func=str.upper,
        label_visibility="collapsed",
    )
    st.toggle(words.say("board.pause"), key="paused")


def paused() -> bool:
    """Whether the viewer paused, once the switches are drawn."""
    return bool(st.session_state["paused"])


def chosen(words: Words, there: Callable[[str, str], list[str]]) -> Filters:
    """Draw the filters. `there` gives the options of a column for a category. Returns what was chosen.

    On a phone all but the first are folded away (by the style sheet) behind one button that says what is filtered.
    """
    with st.container(key="filters", horizontal=True, vertical_alignment="bottom"):
        category = _category(words)
        space = st.empty()
        kind = _choice(words, "kind", _options("kind", there("kind", category)), "all_kinds", table="kind")
        place = _choice(words, "place", _options("place", there("place", category)), "all_places")
        near = _near(words, [*there("place", CATEGORIES[0]), *there("place", CATEGORIES[1])])
        remember("state", STATES)
        state = st.selectbox(
            words.say("filters.state"),
            STATES,
            index=held("state", STATES),
            key="state",
            format_func=lambda code: words.say(f"filters.state_{code or 'all'}"),
        )
        remember("words", None)
        sought = st.text_input(
            words.say("filters.words"),
            value=st.session_state["words"],
            key="words",
            placeholder=words.say("filters.words_hint"),
            max_chars=100,
        )
        order = _order(words, near)
        st.button(
            words.say("list.as_cards" if dense() else "list.as_lines"),
            key="turn-view",
            shortcut="l",
            on_click=turn_view,
        )
    wanted = Filters(
        category=category,
        kind=kind or None,
        place=place or None,
        state=state or None,
        words=sought.strip(),
        order=order,
        dense=dense(),
        near=near or None,
    )
    space.button(summary(wanted, words), key="fold", icon=":material/tune:", on_click=_fold)
    with st.container(key="unseen-fold"):
        st.html('<i class="unfolded"></i>' if st.session_state.get(UNFOLDED) else "<i></i>")
    return wanted


def summary(wanted: Filters, words: Words) -> str:
    """What is filtered, in a few words, for the label of a button."""
    told = [
        wanted.kind and words.word("kind", wanted.kind),
        wanted.place,
        wanted.near and words.say("filters.near_town", town=wanted.near),
        wanted.state and words.say(f"filters.state_{wanted.state}"),
        wanted.words and f"“{wanted.words}”",
    ]
    kept = [shorten(clean(each), characters=24, lines=1) for each in told if each]
    return label(" · ".join(kept) or words.say("filters.fold"))


def _fold() -> None:
    st.session_state[UNFOLDED] = not st.session_state.get(UNFOLDED)


def _choice(words: Words, name: str, options: Sequence[str], every: str, *, table: str = "") -> str:
    def told(code: str) -> str:
        if not code:
            return words.say(f"filters.{every}")
        return words.word(table, code) if table else code

    return st.selectbox(words.say(f"filters.{name}"), options, index=held(name, options), key=name, format_func=told)


def _near(words: Words, towns: Sequence[str]) -> str:
    """The town to measure from: choosing one puts the nearest first."""
    options = _options("near", sorted(set(towns)))
    return st.selectbox(
        words.say("filters.near"),
        options,
        index=held("near", options),
        key="near",
        format_func=lambda name: name or words.say("filters.near_none"),
        on_change=_nearest_first,
    )


def _nearest_first() -> None:
    st.session_state["order"] = "nearest" if st.session_state["near"] else DEFAULTS["order"]


def _order(words: Words, near: str) -> Order:
    orders = [order for order in ORDERS if near or order != "nearest"]
    remember("order", orders)
    if st.session_state["order"] not in orders:
        st.session_state["order"] = orders[0]
    return st.selectbox(
        words.say("filters.order"),
        orders,
        index=held("order", orders),
        key="order",
        format_func=lambda code: words.say(f"order.{code}"),
    )


def dense() -> bool:
    """Whether the viewer wants lines instead of cards."""
    remember("view", ("cards", DENSE))
    return bool(st.session_state["view"] == DENSE)


def opened() -> str | None:
    """The record that is open, if one is: as the viewer, or who sent them the address, chose."""
    remember("record", None)
    return st.session_state["record"] or None


def turn_view() -> None:
    """Cards become lines, and lines cards; what was opened stays open."""
    st.session_state["view"] = "cards" if dense() else DENSE


def _category(words: Words) -> str:
    remember("show", CATEGORIES)
    category = st.segmented_control(
        words.say("filters.category"),
        CATEGORIES,
        key="show",
        default=st.session_state["show"],
        required=True,
        format_func=lambda code: words.say(f"tab.{code}"),
    )
    return category or CATEGORIES[0]


def page_number(pages: int, wanted: Filters) -> int:
    """Draw the way to the other pages, when there are any. Returns the page chosen, from 1.

    Other filters begin at their first page again, for the widget carries them in its name.
    """
    if pages == 1:
        st.session_state[PAGE] = 1
        return 1
    said = st.query_params.get(PAGE, "1")
    begin = min(max(int(said), 1), pages) if said.isdecimal() and len(said) < 6 and PAGE not in st.session_state else 1
    number = st.pagination(pages, default=begin, key=f"page {wanted}", max_visible_pages=7)
    st.session_state[PAGE] = number
    return number


def write_address(starts: Mapping[str, str] = DEFAULTS, *, names: Collection[str] | None = None) -> None:
    """Put what was chosen into the address, leaving out what is as it starts, and what is not among `names`."""
    wanted = {}
    for name, start in starts.items():
        held = st.session_state.get(name)  # None where a browser forgot it: then the address stands
        value = str(st.query_params.get(name, "") if held is None else held)
        if value not in ("", start) and (names is None or name in names):
            wanted[name] = value
    if wanted != st.query_params.to_dict():
        st.query_params.from_dict(wanted)


def remember(name: str, options: Sequence[str] | None) -> None:
    """Let the widget `name` begin with what the address says, where that is one of `options`."""
    if name not in st.session_state:
        said = st.query_params.get(name, DEFAULTS[name])
        st.session_state[name] = said if options is None or said in options else DEFAULTS[name]


def held(name: str, options: Sequence[str]) -> int:
    """Where in `options` the value of the widget `name` stands: what it begins with in a browser.

    Streamlit sends a value that was set here once. A browser that is still drawing the page when somebody clicks gets the
    next drawing in its place, and would show the first option, or none, beside a list that is filtered by another.
    """
    value = st.session_state[name]
    return options.index(value) if value in options else 0


def _options(name: str, found: Sequence[str]) -> list[str]:
    """All, then what there is, most first; what was chosen stays even when there is none of it just now."""
    there = [EVERY, *found]
    held = st.session_state.get(name, st.query_params.get(name, EVERY))
    if name not in st.session_state:
        st.session_state[name] = held = held if held in there else EVERY
    return there if held in there else [*there, held]
