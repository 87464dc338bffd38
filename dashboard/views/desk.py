"""The desk: a form for typing while listening, what the call may be already, and the last calls with their undo.

Every field tells what was typed as it is typed, so that a likeness shows before the call ends; Enter takes the call in.
"""

from __future__ import annotations

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from dashboard import queries
from dashboard.board import Board
from dashboard.desk import CATEGORIES, KINDS, LONGEST, Call, draft, take, taken, undo_call
from dashboard.markup import cards
from dashboard.markup import desk as drawn
from dashboard.views import filters
from dashboard.views.glance import glimpse
from dashboard.views.who import me
from dashboard.visitors import can
from dashboard.words import Words
from dedupe.deciding.calls import Draft
from dedupe.deciding.roles import Actor
from dedupe.errors import DedupeError

FORM, TOLD, SEEN = "desk form", "desk told", "desk seen"
"""Where a viewer's form number, the last answer and the likenesses shown are kept."""
MOST_PLACES = 500

# Constant but for a number of ours. A click on the button leaves the field, which hands over what was typed in it. Who
# tabs on before the next field is there would go nowhere: the cursor is put back where a call begins.
SCRIPT = """<script>
(() => {{
  if (window.deskForm === undefined) {{
    document.addEventListener("keydown", (event) => {{
      const field = event.target;
      if (event.key !== "Enter" || event.isComposing || field.tagName !== "INPUT") return;
      if (!field.closest(".st-key-desk-form") || field.getAttribute("role") === "combobox") return;
      field.blur();
      setTimeout(() => document.querySelector(".st-key-desk-take button")?.click(), 60);
    }});
  }}
  if (window.deskForm === {number}) return;
  window.deskForm = {number};
  const reach = (times, begun) => {{
    const first = document.querySelector(".st-key-desk-category-{number} input:checked");
    if (first && (!begun || document.activeElement === document.body)) first.focus();
    if (times) setTimeout(() => reach(times - 1, begun || first !== null), 100);
  }};
  reach(50, false);
}})();
</script>"""


def page(board: Board, said: Words) -> None:
    """Draw the page."""
    st.html(f'<h2>{escape(said.say("desk.heading"))} <span class="note">{escape(said.say("desk.help"))}</span></h2>')
    if board.take_call is None:
        st.html(cards.notice(said.say("desk.no_desk"), "alarm"))
    elif not can(me(), "desk"):
        st.html(cards.notice(said.say("desk.no_role"), "alarm"))
    else:
        st.fragment(desk)(board, said)
    filters.write_address(names=("lang",))


def desk(board: Board, said: Words) -> None:
    """Draw the form and how the call reads so far; beside it what it is like, and the last calls."""
    number = st.session_state.setdefault(FORM, 0)
    left, right = st.columns([0.6, 0.4], gap="medium")
    with left:
        alike = _form(board, said, number)
    with right:
        if alike.height:
            _alike(board, said, alike, number)
        _last(board, said)
    st.session_state[SEEN] = set(alike["record"]) if alike.height else set()
    with st.container(key="unseen-desk"):
        st.html(SCRIPT.format(number=number), unsafe_allow_javascript=True)


def _form(board: Board, said: Words, number: int) -> pl.DataFrame:
    if told := st.session_state.get(TOLD):
        st.html(drawn.told(*told))
    with st.container(key="desk-form"):
        call = _fields(said, number)
        read = _read(board, said, call)
        alike = read.alike if read is not None else pl.DataFrame()
        st.html(drawn.reading(call, read, said, board.now()))
        with st.container(key="desk-take"):
            st.button(
                said.say("desk.anyway" if alike.height else "desk.take"),
                key=f"take-{number}",
                type="primary",
                on_click=_take,
                args=(board, said, number),
            )
    return alike


def _fields(said: Words, number: int) -> Call:
    """The fields in the order one hears things. They are new, and so empty, for each call."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="desk-row-1"):
        st.radio(
            said.say("desk.category"),
            CATEGORIES,
            key=f"desk-category-{number}",
            horizontal=True,
            format_func=lambda code: said.say(f"desk.is_{code}"),
        )
        st.selectbox(
            said.say("desk.kind"),
            KINDS,
            key=f"desk-kind-{number}",
            format_func=lambda code: _capital(said.say(f"desk.some_{code}")),
        )
        st.number_input(
            said.say("desk.places"), min_value=1, max_value=MOST_PLACES, value=None, step=1, key=f"desk-places-{number}"
        )
    with st.container(horizontal=True, vertical_alignment="bottom", key="desk-row-2"):
        _text(said, "town", number, most=80)
        _text(said, "until", number, most=60, hint=said.say("desk.until_hint"))
        _text(said, "contact", number, most=120)
    _text(said, "conditions", number, hint=said.say("desk.conditions_hint"))
    _text(said, "said", number)
    return _call(number)


def _text(said: Words, name: str, number: int, *, most: int = LONGEST, hint: str | None = None) -> None:
    st.text_input(
        said.say(f"desk.{name}"), key=f"desk-{name}-{number}", max_chars=most, placeholder=hint, live=True,
        autocomplete="off",
    )  # fmt: skip


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


def _call(number: int) -> Call:
    held = {name: st.session_state.get(f"desk-{name}-{number}") for name in Call.__dataclass_fields__}
    return Call(**{name: value for name, value in held.items() if value is not None})


def _read(board: Board, said: Words, call: Call) -> Draft | None:
    if call.is_empty:
        return None
    try:
        return draft(board, call, said)
    except DedupeError as error:
        st.html(cards.notice(said.say("desk.failed", sentence=error), "alarm"))
        return None


def _alike(board: Board, said: Words, alike: pl.DataFrame, number: int) -> None:
    """What stands there already, whole, each with the word that it is this one."""
    with st.container(key="desk-alike"):
        st.html(f'<h3 role="status">{escape(said.say("desk.alike"))}</h3>')
        try:
            glance = glimpse(board)
        except DedupeError:
            return
        for row in alike.join(glance.rows.drop("root"), on="record", maintain_order="left").iter_rows(named=True):
            with st.container(key=f"desk-like-{row['record']}"):
                st.html(drawn.alike(row, said, glance.now))
                st.button(
                    said.say("desk.this_one"),
                    key=f"this-{row['record']}-{number}",
                    on_click=_take,
                    args=(board, said, number, row["record"]),
                )


def _take(board: Board, said: Words, number: int, same_as: str | None = None) -> None:
    """Take the call in, unless it is like something that was not on the screen yet: then that is shown first."""
    if number != st.session_state[FORM]:  # Enter, pressed twice
        return
    call, shown = _call(number), st.session_state.get(SEEN, set())
    if call.is_empty:
        st.session_state[TOLD] = said.say("desk.empty"), "alarm"
        return
    try:
        like = set(draft(board, call, said).alike["record"])
        if same_as is None and not like <= shown:
            st.session_state[TOLD] = said.say("desk.look"), "alarm"
            return
        _, became = take(board, me(), call, said, same_as=same_as, apart=bool(like))
    except (DedupeError, LookupError) as error:
        st.session_state[TOLD] = said.say("desk.failed", sentence=error), "alarm"
        return
    st.session_state[TOLD] = said.say(f"desk.did_{became}"), "told"
    st.session_state[FORM] = number + 1


def _last(board: Board, said: Words) -> None:
    """Draw the last calls of this viewer, each with the way back."""
    st.html(f"<h2>{escape(said.say('desk.last'))}</h2>")
    try:
        seen = queries.version(board.store, board.incident.id)
        rows = _taken(board.store.name, board.incident.id, me(), seen, board)
    except DedupeError as error:
        st.html(cards.notice(said.say("desk.failed", sentence=error), "alarm"))
        return
    if rows.is_empty():
        st.html(cards.notice(said.say("desk.none")))
    with st.container(key="desk-last"):
        for row in rows.iter_rows(named=True):
            _entry(board, said, row)


# Read once per change, not once per letter that is typed.
@st.cache_resource(max_entries=40, show_spinner=False)
def _taken(store: str, incident: str, by: Actor, version: tuple[int, int], _board: Board) -> pl.DataFrame:
    return taken(_board, by)


def _entry(board: Board, said: Words, row: dict[str, Any]) -> None:
    with st.container(key=f"call-{row['decision']}", horizontal=True, vertical_alignment="center"):
        st.html(drawn.entry(row, said, board.now()))
        if not row["undone"]:
            st.button(
                said.say("desk.undo"),
                key=f"undo-{row['decision']}",
                on_click=_undo,
                args=(board, said, row["decision"]),
                help=said.say("desk.undo_this", what=drawn.headline(row, said)),
            )


def _undo(board: Board, said: Words, decision: str) -> None:
    try:
        undo_call(board, me(), decision)
        st.session_state[TOLD] = said.say("desk.did_undo"), "told"
    except DedupeError as error:
        st.session_state[TOLD] = said.say("desk.failed", sentence=error), "alarm"
