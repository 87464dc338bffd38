"""The planner's page: the plan as text, checked while one types, what the board will show of it, what differs, its versions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from html import escape
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import planning
from dashboard.board import Board
from dashboard.markup import cards, planner
from dashboard.planning import MOST, MOST_WHY, Draft
from dashboard.plans import title
from dashboard.views import filters
from dashboard.views import planner_deeds as deeds
from dashboard.views.who import me
from dashboard.visitors import can
from dashboard.words import Words
from dedupe.errors import NotFound, StoreError
from playbooks.loader import Reading
from playbooks.model import Playbook

LOOKS = ("preview", "difference", "versions")
TALL = 390
"""Pixels of the text field."""
SCRIPT = Path(__file__).parent.parent / "planner.js"


def page(board: Board, said: Words) -> None:
    """Draw the page."""
    st.fragment(draw)(board, said)
    with st.container(key="unseen-planner"):
        st.html(f"<script>{SCRIPT.read_text(encoding='utf-8')}</script>", unsafe_allow_javascript=True)
    filters.write_address(names=("lang",))


def draw(board: Board, said: Words) -> None:
    """Draw the editor and what stands beside it."""
    try:
        _draw(board, said)
    except (StoreError, NotFound) as error:
        st.html(cards.notice(said.say("board.store", sentence=error), "alarm"))


def _draw(board: Board, said: Words) -> None:
    draft, names = deeds.draft(board), planning.plans(board)
    st.html(_standing(board, said))
    left, right = st.columns([0.55, 0.45], gap="medium")
    with left:
        draft, room = _editor(board, said, draft, names)
        found = _check(draft.text, draft.plan, board.now().date())
        room.html(planner.verdict(found.problems, said))
        _save(board, said, draft)
    with right:
        if found.problems:  # beside the text, in sight while one types
            st.html(planner.problems(found.problems, planning.lines_of(draft.text, found.problems), said))
        _beside(board, said, draft, found)


# What comes of a text is the same for all who wrote it; so is every version, as long as nobody types.
@st.cache_resource(max_entries=30, show_spinner=False)
def _check(text: str, plan: str, today: date) -> Reading:
    return planning.check(text, plan, today)


@st.cache_resource(max_entries=20, show_spinner=False)
def _preview(_playbook: Playbook, _said: Words, text: str, language: str) -> str:
    return planner.preview(_playbook, _said)


def _standing(board: Board, said: Words) -> str:
    """By which plan the incident works."""
    heading = f"<h2>{escape(said.say('planner.heading'))}</h2>"
    held, last = board.playbook, planning.in_force(board)
    if held is None:
        return heading + cards.notice(said.say("planner.none_in_force"))
    title = f"{held.plan.title.in_language(said.language)} {held.plan.version}"
    told = said.say("planner.works_by", title=title)
    if last is not None and last.number:
        when = said.clock(last.at, board.now())
        told += " · " + said.say("planner.taken", n=last.number, who=last.who, time=when)
    return heading + cards.notice(told)


def _editor(board: Board, said: Words, draft: Draft, names: list[str]) -> tuple[Draft, DeltaGenerator]:
    """The field with the text, the choice of the plan, and the ways in and out.

    Gives the edit as it is now, and the room above the field in which to say what is wrong with it.
    """
    may = can(me(), "plan_saved")
    with st.container(key="planner-tools", horizontal=True, vertical_alignment="bottom", gap="small"):
        options = names if draft.plan in names else [draft.plan, *names]
        st.session_state["planner-plan"] = draft.plan
        st.selectbox(
            said.say("planner.plan"),
            options,
            key="planner-plan",
            format_func=lambda name: title(name, said.language),
            on_change=deeds.choose,
            args=(board,),
        )
        if may:
            with st.popover(said.say("planner.upload"), icon=":material/upload:"):
                st.file_uploader(
                    said.say("planner.file_to_read"),
                    type=["yaml", "yml"],
                    key="planner-file",
                    max_upload_size=1,
                    on_change=deeds.upload,
                    args=(board, said),
                )
        st.download_button(
            said.say("planner.download"),
            data=draft.text.encode(errors="replace"),
            file_name=f"{draft.plan}.yaml",
            mime="application/yaml",
            key="planner-download",
            on_click="ignore",
            icon=":material/download:",
        )
        if deeds.kept() is not None:
            st.button(said.say("planner.back"), key="planner-back", on_click=deeds.swap, icon=":material/undo:")
    began = said.say("planner.began", n=draft.began) if draft.began else said.say("planner.began_file")
    st.html(cards.notice(began if may else said.say("planner.who_may")))
    room = st.empty()
    with st.container(key="planner-text"):
        text = st.text_area(
            said.say("planner.text"), draft.text, key=deeds.field(), height=TALL, max_chars=MOST, disabled=not may
        )
    return deeds.hold(replace(draft, text=text or "")), room


def _save(board: Board, said: Words, draft: Draft) -> None:
    """What came of the last try, above the way to save: there it is in sight of who just pressed it."""
    deeds.tell(board, said)
    rival = deeds.rival(draft)
    if rival is not None:
        _overtaken(board, said, draft, rival)
    if can(me(), "plan_saved"):
        with st.container(key="planner-save", horizontal=True, vertical_alignment="bottom", gap="small"):
            st.text_input(said.say("planner.why"), key="planner-why", max_chars=MOST_WHY)
            st.button(
                said.say("planner.save"),
                key="planner-saved",
                type="primary",
                icon=":material/save:",
                on_click=deeds.save,
                args=(board, said),
            )


def _overtaken(board: Board, said: Words, draft: Draft, rival: deeds.Rival) -> None:
    """Somebody saved meanwhile: what differs between theirs and this, and the two ways on."""
    when = said.clock(rival.at, board.now())
    st.html(cards.notice(said.say("planner.overtaken", who=rival.who, n=rival.number, time=when), "alarm"))
    st.html(
        planner.difference(planning.difference(planning.text_of(board, rival.plan, rival.number), draft.text), said)
    )
    with st.container(key="planner-rival", horizontal=True, gap="small"):
        mine, theirs = said.say("planner.go_on", n=rival.number), said.say("planner.open_theirs", n=rival.number)
        st.button(mine, key="planner-mine", on_click=deeds.go_on, args=(rival,))
        st.button(theirs, key="planner-theirs", on_click=deeds.open_version, args=(board, rival.plan, rival.number))


def _beside(board: Board, said: Words, draft: Draft, found: Reading) -> None:
    texts = {look: said.say(f"planner.{look}") for look in LOOKS}
    label = said.say("planner.look")
    look = st.segmented_control(
        label, LOOKS, key="planner-look", default=LOOKS[0], required=True, format_func=texts.__getitem__,
        label_visibility="collapsed",
    )  # fmt: skip
    if look == "difference":
        before = planning.text_of(board, draft.plan, draft.began)
        st.html(planner.difference(planning.difference(before, draft.text), said))
    elif look == "versions":
        _versions(board, said, draft)
    elif found.playbook is None:
        st.html(cards.notice(said.say("planner.no_preview")))
    else:
        st.html(_preview(found.playbook, said, draft.text, said.language))


def _versions(board: Board, said: Words, draft: Draft) -> None:
    """Every version of the plan, with the ways to open it and to have the incident work by it."""
    rows = planning.versions(board, draft.plan).to_dicts()
    own = draft.plan == board.plans.key
    rows += [{"number": 0}] if own else []
    last = planning.in_force(board)
    held = (last.plan, last.number) if last is not None and last.number else (board.plans.key, 0)
    if not rows:
        st.html(cards.notice(said.say("planner.no_versions")))
    for row in rows:
        number, here = int(row["number"]), held == (draft.plan, int(row["number"]))
        with st.container(key=f"version-{number}", horizontal=True, vertical_alignment="center", gap="small"):
            st.html(planner.version(row, here, said, board.now()))
            text = said.say("planner.open")
            st.button(text, key=f"open-{number}", on_click=deeds.open_version, args=(board, draft.plan, number))
            if not here and can(me(), "plan_taken"):
                with st.popover(said.say("plan.take_over"), key=f"take-{number}"):
                    st.html(cards.notice(said.say("planner.confirm")))
                    st.button(
                        said.say("planner.take"), key=f"taken-{number}", type="primary",
                        on_click=deeds.take, args=(board, said, draft.plan, number),
                    )  # fmt: skip
