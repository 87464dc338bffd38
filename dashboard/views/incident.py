"""The page of incidents: what is watched and how it is spelled, opening, closing, past ones to look at, files to take along."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape

import polars as pl
import streamlit as st

from dashboard import incident as steps
from dashboard import queries
from dashboard.board import Board
from dashboard.markup import cards
from dashboard.markup import desk as told_as
from dashboard.markup import incident as drawn
from dashboard.markup.plain import clean
from dashboard.markup.refusals import spoken
from dashboard.plans import title
from dashboard.queries import Filters
from dashboard.views import filters
from dashboard.views.export import export
from dashboard.views.glance import glimpse, pages
from dashboard.views.glance import page as cards_of
from dashboard.views.who import me
from dashboard.visitors import can
from dashboard.words import Words
from dedupe.errors import DedupeError, StoreError
from dedupe.incidents import Incident
from playbooks.loader import shipped

TOLD, CHOSEN, FORM = "incident told", "incident chosen", "incident form"
NONE = ""


def page(board: Board, said: Words) -> None:
    """Draw the page."""
    if told := st.session_state.pop(TOLD, None):
        st.html(told_as.told(*told))
    try:
        found = steps.all_incidents(board)
    except StoreError as error:
        st.html(cards.notice(said.say("board.store", sentence=error), "alarm"))
        return
    left, right = st.columns([0.6, 0.4], gap="medium")
    with left:
        chosen = _choose(board, said, found)
        _incident(board, said, chosen)
    with right:
        st.fragment(opening)(board, said)
    if chosen.id != board.incident.id:
        st.fragment(past)(steps.board_of(board, chosen), said, chosen)
    filters.write_address(names=("lang",))


def _choose(board: Board, said: Words, found: list[Incident]) -> Incident:
    st.html(f"<h2>{escape(said.say('incident.heading'))}</h2>")
    by_id = {each.id: each for each in found}
    if st.session_state.get(CHOSEN) not in by_id:
        st.session_state[CHOSEN] = board.incident.id
    id = st.selectbox(
        said.say("incident.which"),
        list(by_id),
        key=CHOSEN,
        format_func=lambda id: f"{clean(by_id[id].name)} · {_state(by_id[id], said)}",
    )
    return by_id[id]


def _state(incident: Incident, said: Words) -> str:
    return said.say("incident.open_word" if incident.is_open else "incident.closed_word")


def _incident(board: Board, said: Words, chosen: Incident) -> None:
    with st.container(key="incident-one"):
        st.html(drawn.incident(chosen, said, board.wall()))
        may = can(me(), "incident")
        kept = steps.is_kept(board, chosen.id)
        with st.container(key="incident-can", horizontal=True, vertical_alignment="center"):
            export(steps.board_of(board, chosen), said)
            if may and kept:
                _doors(board, said, chosen)
        if not kept:
            st.html(cards.notice(said.say("incident.not_kept")))
        elif not may:
            st.html(cards.notice(said.say("incident.no_role")))
    if may and kept and chosen.is_open:
        st.fragment(spellings)(board, said, chosen)


def _doors(board: Board, said: Words, chosen: Incident) -> None:
    """The way to close it, asked once more, or to open it again."""
    if not chosen.is_open:
        st.button(
            said.say("incident.reopen"), key="incident-reopen",
            on_click=_reopen, args=(board, said, chosen.id),
        )  # fmt: skip
        return
    with st.popover(said.say("incident.close"), key="incident-close"):
        st.html(cards.notice(said.say("incident.close_sure", name=clean(chosen.name))))
        st.text_input(said.say("incident.close_why"), key="incident-why", max_chars=200)
        st.button(
            said.say("incident.close_now"), key="incident-close-now", type="primary",
            on_click=_close, args=(board, said, chosen.id),
        )  # fmt: skip


def _close(board: Board, said: Words, id: str) -> None:
    _do(board, said, "closed", partial(steps.close, board, me(), id, st.session_state.get("incident-why", "")))
    _choose_anew(id)


def _reopen(board: Board, said: Words, id: str) -> None:
    _do(board, said, "reopened", partial(steps.reopen, board, me(), id))
    _choose_anew(id)


def _choose_anew(id: str) -> None:
    # A browser keeps the chosen line as it first read it, "open" in it, until the choice is set again.
    st.session_state[CHOSEN] = id


def _do(board: Board, said: Words, name: str, step: Callable[[], Incident]) -> Incident | None:
    """Take a step and say what came of it."""
    try:
        done = step()
    except DedupeError as error:
        st.session_state[TOLD] = said.say("incident.refused", sentence=spoken(error, said, board.now())), "alarm"
        return None
    st.session_state[TOLD] = said.say(f"incident.did_{name}", name=clean(done.name)), "told"
    return done


def spellings(board: Board, said: Words, chosen: Incident) -> None:
    """Draw the ways to watch more spellings, or fewer."""
    with st.container(key="incident-spellings"):
        st.html(f"<h3>{escape(said.say('incident.spellings'))}</h3>")
        slips = steps.proposed(chosen.tags, chosen.variants)
        found = _beside(board, chosen)
        counted: dict[str, int] = dict(found.select("tag", "writers").iter_rows())
        near = found.filter("near")["tag"].to_list()
        offered = list(dict.fromkeys([*near, *slips, *found["tag"].to_list()]))
        picked = st.pills(
            said.say("incident.propose"), offered, selection_mode="multi", key=f"add-{len(chosen.hashtags)}",
            format_func=lambda tag: f"#{tag} ({said.number(counted[tag])}×)" if tag in counted else f"#{tag}",
        )  # fmt: skip
        own = st.text_input(said.say("incident.other"), key=f"other-{len(chosen.hashtags)}", max_chars=64, live=True)
        wanted = [*picked, *steps.tags_in(own)]
        if st.button(said.say("incident.add"), key="incident-add", disabled=not wanted, type="primary"):
            _do(board, said, "changed", partial(steps.change, board, me(), chosen.id, add=wanted))
            st.rerun()
        if not found.is_empty():
            with st.expander(said.say("incident.beside"), key="incident-beside", type="compact"):
                st.html(drawn.beside(found, said))
        if chosen.variants:
            gone = st.pills(
                said.say("incident.drop"), chosen.variants, selection_mode="multi", key=f"drop-{len(chosen.hashtags)}",
                format_func=lambda tag: f"#{tag}",
            )  # fmt: skip
            if st.button(said.say("incident.drop_now"), key="incident-drop", disabled=not gone):
                _do(board, said, "changed", partial(steps.change, board, me(), chosen.id, without=gone))
                st.rerun()


def _beside(board: Board, chosen: Incident) -> pl.DataFrame:
    version = queries.version(board.store, chosen.id)
    return _seen_beside(board.store.name, chosen.id, chosen.hashtags, version, board, chosen)


# Counting tags reads thousands of posts: once for all who look, and anew when as good as all of them are others.
@st.cache_resource(ttl=60, max_entries=8, show_spinner=False)
def _seen_beside(
    store: str, incident: str, tags: tuple[str, ...], version: tuple[int, int], _board: Board, _chosen: Incident
) -> pl.DataFrame:
    return steps.seen_beside(_board, _chosen)


def opening(board: Board, said: Words) -> None:
    """Draw the four fields that open an incident, with the spellings its tag brings."""
    st.html(f"<h2>{escape(said.say('incident.new'))}</h2>")
    if not can(me(), "incident"):
        st.html(cards.notice(said.say("incident.no_role")))
        return
    number = st.session_state.setdefault(FORM, 0)
    plans, own = [NONE, *shipped()], board.plans.key
    with st.container(key="incident-new"):
        name = st.text_input(said.say("incident.name"), key=f"new-name-{number}", max_chars=80)
        typed = st.text_input(
            said.say("incident.tags"), key=f"new-tags-{number}", max_chars=300, live=True, placeholder="#hasselthelpt"
        )
        slips = steps.proposed(steps.tags_in(typed))
        variants = (
            st.pills(
                said.say("incident.slips"), slips, selection_mode="multi", key=f"new-slips-{number}-{typed}",
                format_func=lambda tag: f"#{tag}",
            )
            if slips
            else []
        )  # fmt: skip
        plan = st.selectbox(
            said.say("incident.plan"), plans, index=plans.index(own) if own in plans else 0, key=f"new-plan-{number}",
            format_func=lambda id: title(id, said.language) if id else said.say("incident.no_plan"),
        )  # fmt: skip
        sources = st.pills(
            said.say("incident.sources"), steps.NETWORKS, selection_mode="multi", default=list(steps.NETWORKS[:2]),
            key=f"new-sources-{number}", format_func=lambda code: said.word("source", code),
        )  # fmt: skip
        if st.button(said.say("incident.open"), key="incident-open", type="primary", disabled=not typed.strip()):
            wanted = steps.Opening(
                name=name, tags=typed, plan=plan or None, sources=tuple(sources), variants=tuple(variants)
            )
            if _do(board, said, "opened", partial(steps.open_new, board, me(), wanted)):
                st.session_state[FORM] = number + 1
            st.rerun()
        st.html(cards.notice(said.say("incident.open_note")))


def past(board: Board, said: Words, chosen: Incident) -> None:
    """Draw what another incident's board shows, to look at: nothing on it can be changed."""
    st.html(f"<h2>{escape(said.say('incident.looking', name=clean(chosen.name)))}</h2>")
    try:
        glance = glimpse(board)
    except StoreError as error:
        st.html(cards.notice(said.say("board.store", sentence=error), "alarm"))
        return
    counted = {category: (records, posts) for category, records, posts in glance.totals.iter_rows()}
    st.html(cards.figures(counted, int(glance.batches["posts"].sum()), said))
    category = st.segmented_control(
        said.say("filters.category"), filters.CATEGORIES, key=f"past-{chosen.id}", default=filters.CATEGORIES[0],
        required=True, format_func=lambda code: said.say(f"tab.{code}"),
    )  # fmt: skip
    wanted = Filters(category=category or filters.CATEGORIES[0])
    most = pages(board, glance, wanted)
    number = st.pagination(most, key=f"past-page-{chosen.id}-{category}", max_visible_pages=7) if most > 1 else 1
    found = cards_of(board, glance, wanted, number)
    if found.found == 0:
        st.html(cards.notice(said.say(f"list.none_{wanted.category}")))
    with st.container(key="past-cards"):
        for row in found.rows.iter_rows(named=True):
            st.html(cards.card(row, said, glance.now))
