"""The situation on one page: to look at, to print and to hand over, with the notes of the shifts."""

from __future__ import annotations

from datetime import datetime, timedelta
from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import situation
from dashboard.board import Board
from dashboard.fare import covered
from dashboard.markup import cards, charts, land, sources
from dashboard.markup import situation as markup
from dashboard.markup.plan import tasks
from dashboard.markup.refusals import spoken
from dashboard.views import filters, plan, plot, who
from dashboard.views.glance import look_again, over_time
from dashboard.views.live import SLOWLY, live
from dashboard.views.scene import Scene, changes, scene, shift
from dashboard.visitors import can
from dashboard.words import Words
from dedupe.deciding.notes import MOST, shift_note
from dedupe.errors import DecisionRefused, NotAllowed, StoreError

SINCE = ("note", "60", "180", "480", "start", "own")
"""From when changes are told: the last shift note, so many minutes ago, the start of the incident, a chosen time."""
REFUSED, KEPT, PRINTED, READ = "note refused", "note kept", "printed", "situation read"

# Constant but for a number of ours, which has the browser run it each time.
PRINT = """<script>/* {number} */ setTimeout(() => window.print(), 300);</script>"""


def page(board: Board, said: Words) -> None:
    """Draw the page."""
    paused = filters.paused()
    with st.container(key="situation"):
        head = st.empty()
        since = _switches(board, said)
        live(draw, SLOWLY, paused=paused)(board, said, since, paused, head)
        write(board, said)
    filters.write_address(names=("lang", "since"))


def _switches(board: Board, said: Words) -> datetime | str:
    """From when to tell changes: a time, or a code of `SINCE` that goes with the clock."""
    with st.container(key="hand-over", horizontal=True, vertical_alignment="bottom"):
        filters.remember("since", SINCE)
        code = st.selectbox(
            said.say("since.label"),
            SINCE,
            index=filters.held("since", SINCE),
            key="since",
            format_func=lambda code: said.say(f"since.{code}"),
            width=280,
        )
        chosen = None
        if code == "own":
            local = board.now().astimezone(said.zone).replace(tzinfo=None, second=0, microsecond=0)
            chosen = st.datetime_input(
                said.say("since.own"), value=local - timedelta(hours=1), key="since-own", width=280
            )
        st.fragment(_print)(said)
        st.html(f'<a class="jump" href="#note">✎ {escape(said.say("shift.jump"))}</a>', width="content")
    return chosen.replace(tzinfo=said.zone) if chosen is not None else code


def _print(said: Words) -> None:
    if st.button(said.say("situation.print"), key="print", icon=":material/print:"):
        number = st.session_state[PRINTED] = st.session_state.get(PRINTED, 0) + 1
        with st.container(key="unseen-print"):
            st.html(PRINT.format(number=number), unsafe_allow_javascript=True)


def draw(board: Board, said: Words, since: datetime | str, paused: bool, head: DeltaGenerator) -> None:
    """Draw all that changes by itself; the figures in the room for the `head`."""
    told = sources.line(covered(board), said)
    if READ not in st.session_state:  # the first reading may take seconds on a busy machine: no blank page meanwhile
        head.html(cards.notice(said.say("situation.reading")))
    try:
        seen = scene(board, paused=paused)
        notes, people = shift(board, seen)
    except StoreError as error:
        head.html(cards.notice(said.say("board.store", sentence=error), "alarm") + told)
        return
    st.session_state[READ] = True
    now = seen.glance.now
    still = cards.notice(said.say("board.paused", time=said.clock(now, now)), "alarm") if paused else ""
    at = escape(said.say("situation.at", time=said.clock(now, now + timedelta(days=1))))
    closed = situation.closed(seen.lives)
    moderates = can(who.me(), "rumour")
    first = markup.attention(seen.found.flags, seen.glance.totals, *_asked(board, paused), said, moderates=moderates)
    head.html(
        f"<h2>{escape(said.say('situation.heading'))} <span class='note'>{at}</span></h2>"
        f"{markup.figures(seen.balance, closed, said)}{first}{told}{still}"
    )
    last = notes["decided_at"].first() if notes.height else None
    changed = changes(board, seen, _moment(since, board, now, last))
    left, right = st.columns(2, gap="medium")
    with left:
        _section(said, "balance", markup.balance(seen.balance, said))
    with right:
        _section(said, "since", markup.changes(changed, said, now))
        _section(said, "shift", markup.notes(notes, said, now))
        _section(said, "people", markup.people(people, said, now))
    left, right = st.columns(2, gap="medium")
    with left:
        if seen.land is not None:
            _section(said, "map", land.drawn(seen.land, said))
    with right:
        _section(said, "towns", markup.towns(seen.towns, said))
    left, right = st.columns(2, gap="medium")
    with left:
        with st.container(key="drawn"):
            plot.draw(board, said, paused)
        _on_paper(board, seen, said)
    with right:
        _section(said, "rest", markup.rest(seen.glance.totals, said))
        _section(said, "rumours", markup.rumours(seen.found.rumours, said))
        _section(said, "messages", markup.messages(situation.messages(seen.found), board.playbook, said, now))


def _asked(board: Board, paused: bool) -> tuple[int, int]:
    """How many actions of the plan are late, and how many are due now."""
    if (playbook := board.plans.look().playbook) is None:
        return 0, 0
    known, _ = plan.known_now(board, playbook, paused)
    due, _ = tasks(known, None)
    return len(due["late"]), len(due["now"])


def _on_paper(board: Board, seen: Scene, said: Words) -> None:
    """The plot as a table, which only a printed page shows: a plot has the colours of the screen."""
    series = over_time(board, seen.glance)
    if not series.is_empty():
        heading = f"<h3>{escape(said.say('plot.heading'))}</h3>"
        told = f"{heading}{cards.notice(charts.summary(series, said))}{charts.table(series, said)}"
        st.html(f'<section class="paper">{told}</section>')


def _section(said: Words, name: str, html: str) -> None:
    st.html(f'<section class="part-{name}"><h3>{escape(said.say(f"heading.{name}"))}</h3>{html}</section>')


def _moment(since: datetime | str, board: Board, now: datetime, last: object) -> datetime:
    if isinstance(since, datetime):
        return since
    if since == "note" and isinstance(last, datetime):
        return last
    return now - timedelta(minutes=int(since)) if since.isdecimal() else board.incident.opened_at


def write(board: Board, said: Words) -> None:
    """Draw the form for a note to the next shift, for those who may write one."""
    with st.container(key="note-form"):
        st.html('<span id="note"></span>')
        if not can(who.me(), "shift_note"):
            st.html(cards.notice(said.say("shift.who")))
            return
        with st.form("shift", clear_on_submit=False, border=False):
            st.text_area(said.say("shift.label"), key="shift-note", max_chars=MOST)
            st.html(cards.notice(said.say("shift.help")))
            st.form_submit_button(said.say("shift.button"), on_click=_note, args=(board, said))
        if problem := st.session_state.pop(REFUSED, None):
            st.html(cards.notice(problem, "alarm"))
        elif st.session_state.pop(KEPT, False):
            st.html(f'<p class="told" role="status">{escape(said.say("shift.kept"))}</p>')


def _note(board: Board, said: Words) -> None:
    text = str(st.session_state["shift-note"])
    if not text.strip():
        st.session_state[REFUSED] = said.say("shift.empty")
        return
    try:
        shift_note(board.store, board.incident.id, text, who.me(), at=board.now())
    except (DecisionRefused, NotAllowed, StoreError) as error:
        st.session_state[REFUSED] = said.say("shift.failed", sentence=spoken(error, said, board.now()))
    else:
        look_again()
        st.session_state["shift-note"] = ""
        st.session_state[KEPT] = True
