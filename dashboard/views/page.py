"""The frame of every page: who is watched on top, who looks, the language and the pause, the way to the other pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from html import escape
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import Page

from dashboard import collecting
from dashboard.board import Board
from dashboard.markup import cards
from dashboard.views import (
    desk,
    filters,
    health,
    home,
    incident,
    match,
    moderation,
    planner,
    review,
    situation,
    wall,
    who,
)
from dashboard.visitors import can
from dashboard.words import LANGUAGES, Words, words

LOOK = Path(__file__).parent.parent / "board.css"

# Constant but for one of four known codes: what posts say never comes near a script.
SPEAK = """<script>document.documentElement.lang = "{language}";</script>"""


# Streamlit tells only the eye which page is open. On a phone the links to the pages are one row that scrolls: it begins
# where one is, and follows the keyboard alone: a link that moved away under a finger would not be followed.
HERE = """<script>(function begin(left) {{
const row = document.querySelector(".st-key-nav"), links = [...(row?.querySelectorAll("a") ?? [])];
const here = links[{number}];
if (links.length < {all}) {{ if (left) setTimeout(begin, 200, left - 1); return; }}
for (const link of links) link.removeAttribute("aria-current");
here.setAttribute("aria-current", "page");
const show = link => {{ const at = link.getBoundingClientRect(), room = row.getBoundingClientRect();
row.scrollLeft += at.left + at.width / 2 - room.left - room.width / 2; }};
row.addEventListener("focusin", event => {{ if (event.target.matches(":focus-visible")) show(event.target); }});
const begun = () => row.scrollLeft || row.contains(document.activeElement);
for (const wait of [0, 300, 1000, 2500]) setTimeout(() => begun() || show(here), wait); }})(25);</script>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One page: its word in the texts (`nav.*`), its address, what draws it, and the action one needs to be offered it.

    A `bare` one has the whole screen: no frame, and nothing to press.
    """

    name: str
    path: str
    draw: Callable[[Board, Words], None]
    needs: str | None = None
    bare: bool = False


LEAVES = (
    Leaf(name="offers", path="", draw=home.page),
    Leaf(name="match", path="match", draw=match.page, needs="match"),
    Leaf(name="planner", path="plan", draw=planner.page),
    Leaf(name="review", path="review", draw=review.page, needs="relabel"),
    Leaf(name="moderation", path="moderation", draw=moderation.page, needs="rumour"),
    Leaf(name="situation", path="situation", draw=situation.page),
    Leaf(name="desk", path="desk", draw=desk.page, needs="desk"),
    Leaf(name="incident", path="incident", draw=incident.page),
    Leaf(name="sources", path="health", draw=health.page),
    Leaf(name="wall", path="wall", draw=wall.page, bare=True),
)


def draw(board: Board) -> None:
    """Draw the page that the viewer's address names."""
    said = words(filters.language(), board.incident.zone)
    pages = {leaf.name: _page(board, said, leaf) for leaf in LEAVES}
    chosen = st.navigation(list(pages.values()), position="hidden")
    leaf = next(leaf for leaf in LEAVES if pages[leaf.name] is chosen)
    title = said.say("board.title", incident=board.incident.name)
    st.set_page_config(page_title=f"{said.say(f'nav.{leaf.name}')} · {title}", layout="wide")
    st.html(LOOK)
    with st.container(key="unseen"):
        st.html(SPEAK.format(language=said.language), unsafe_allow_javascript=True)
    if not leaf.bare:
        _top(board, said, leaf, pages)
    chosen.run()


def _page(board: Board, said: Words, leaf: Leaf) -> Page:
    title = said.say(f"nav.{leaf.name}")
    if leaf.path == "":
        return st.Page(partial(leaf.draw, board, said), title=title, default=True)
    return st.Page(partial(leaf.draw, board, said), title=title, url_path=leaf.path)


def _top(board: Board, said: Words, leaf: Leaf, pages: dict[str, Page]) -> None:
    name, switches = st.columns([0.5, 0.5], vertical_alignment="center")
    hashtags, closed = collecting.hashtags(board)
    with name:
        tags = " ".join(f"#{tag}" for tag in hashtags[:6])
        known = "named" if who.me().who else "nameless"
        st.html(
            f'<h1 class="{known}">{escape(board.incident.name)} <span class="note">{escape(tags)}</span></h1>'
            + (_jumps(said) if leaf.path == "" else "")
        )
    with (
        switches,
        st.container(key="switches", horizontal=True, vertical_alignment="center", horizontal_alignment="right"),
    ):
        who.badge(board, said)
        filters.switches(said)
    _nav(said, leaf, pages)
    if closed:
        st.html(cards.notice(said.say("refused.closed"), "alarm"))
    if board.incident.synthetic:
        st.html(_synthetic(board, said))
    if board.rehearsal:
        st.html(f'<p class="synthetic"><strong>▨ {escape(said.say("plan.rehearsal"))}</strong></p>')


def _nav(said: Words, here: Leaf, pages: dict[str, Page]) -> None:
    """The way to the other pages; those that ask for a role are offered to those who have it."""
    actor = who.me()
    shown = [leaf for leaf in LEAVES if leaf.needs is None or can(actor, leaf.needs) or leaf is here]
    with st.container(key="nav", horizontal=True, vertical_alignment="center", gap="small"):
        for leaf in LEAVES:
            if leaf not in shown:
                # Keeps its place: a new role would else turn one link into another under somebody's finger.
                st.empty()
                continue
            kept = st.session_state.get(home.KEPT, {}) if leaf.path == "" else {}
            st.page_link(pages[leaf.name], query_params={**kept, "lang": said.language})
    with st.container(key="unseen-here"):
        st.html(HERE.format(number=shown.index(here), all=len(shown)), unsafe_allow_javascript=True)


def _jumps(said: Words) -> str:
    return (
        f'<p class="skip"><a href="#offers">{escape(said.say("tab.offer"))}</a>'
        f'<a href="#plan">{escape(said.say("plan.heading"))}</a>'
        f'<a href="#plot">{escape(said.say("plot.short"))}</a></p>'
    )


def _synthetic(board: Board, said: Words) -> str:
    others = (words(language, board.incident.zone) for language in LANGUAGES if language != said.language)
    rest = "".join(f'<span lang="{other.language}">{escape(other.say("board.synthetic"))}</span>' for other in others)
    return f'<p class="synthetic"><strong>▨ {escape(said.say("board.synthetic"))}</strong> {rest}</p>'
