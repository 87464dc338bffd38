"""The page where people answer what the reader doubts: the same or not, which category, which posts to take apart.

One thing at a time, one key per answer; the next comes by itself, the last can be taken back.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import streamlit as st

from dashboard import deeds, review
from dashboard.board import Board
from dashboard.markup import cards
from dashboard.markup import review as markup
from dashboard.markup.refusals import refusal
from dashboard.views import filters, who
from dashboard.visitors import can
from dashboard.words import Words
from dedupe.deciding.decisions import CATEGORIES
from dedupe.deciding.roles import Actor
from dedupe.errors import DedupeError, NotFound, StoreError

PARTS = {"pairs": "merge", "labels": "relabel", "split": "split"}
"""The parts of the page with the action one needs for each."""
PART, KEYS, SKIPPED, WANTED = "review-part", "review-keys", "review-skipped", "review-record"
HELD = "review-held"
"""What is being asked, by part: it stays until it is answered, whatever comes in."""
DONE, REFUSED = "review-done", "review-refused"
WHY, ROLLED_BACK = "review-why", "review-rolled-back"
MOST_DONE = 50


def page(board: Board, said: Words) -> None:
    """Draw the page."""
    st.html(f"<h2>{escape(said.say('review.heading'))}</h2>")
    actor = who.me()
    parts = [part for part, action in PARTS.items() if can(actor, action)]
    if not parts:
        st.html(cards.notice(said.say("review.not_you"), "told"))
    else:
        if (record := st.query_params.get("record")) and WANTED not in st.session_state:
            st.session_state[WANTED] = record
            st.session_state.setdefault(PART, "split" if "split" in parts else parts[0])
        st.fragment(draw)(board, said, actor, parts)
    filters.write_address(names=("lang",))


def draw(board: Board, said: Words, actor: Actor, parts: list[str]) -> None:
    """Draw the part that was chosen."""
    with st.container(key="review-head", horizontal=True, vertical_alignment="center"):
        if st.session_state.get(PART) not in parts:
            st.session_state[PART] = parts[0]
        st.segmented_control(
            said.say("review.part"),
            parts,
            key=PART,
            default=st.session_state[PART],
            required=True,
            label_visibility="collapsed",
            format_func=lambda part: said.say(f"review.{part}"),
        )
        st.session_state.setdefault(KEYS, [True])
        # No box to tick: while one has the focus, no key is heard.
        st.pills(
            said.say("review.keys"),
            [True],
            key=KEYS,
            default=st.session_state[KEYS],
            selection_mode="multi",
            label_visibility="collapsed",
            format_func=lambda _: said.say("review.keys"),
        )
    draws: dict[str, Callable[[Board, Words, Actor], None]] = {"pairs": _pairs, "labels": _labels, "split": _split}
    _last(board, said, actor)
    try:
        draws[st.session_state[PART]](board, said, actor)
    except StoreError as error:
        st.html(refusal(error, said, board.now()))


def _key(key: str) -> str | None:
    return key if st.session_state[KEYS] else None


def _last(board: Board, said: Words, actor: Actor) -> None:
    """What was done last, with the way back; and why something was not done."""
    if (error := st.session_state.pop(REFUSED, None)) is not None:
        st.html(refusal(error, said, board.now()))
    if st.session_state.pop(ROLLED_BACK, False):
        st.html(cards.notice(said.say("review.rolled_back"), "told"))
    done = st.session_state.get(DONE) or []
    with st.container(key="review-last", horizontal=True, vertical_alignment="center"):
        told = said.say(f"review.help_{st.session_state[PART]}")
        if done:
            key, values = done[-1]["told"]
            told = said.say("review.done", what=said.say(key, **values))
        st.html(f'<p class="note" role="status">{escape(told)}</p>')
        if done:
            st.button(
                said.say("review.undo"), key="review-undo", shortcut=_key("U"), on_click=_undo, args=(board, actor)
            )


def _do(part: str, told: tuple[str, dict[str, Any]], work: Callable[[], str]) -> None:
    """Carry out an answer, remember it for the way back, and let the next come."""
    held = st.session_state.get(HELD, {})
    try:
        decision = work()
    except DedupeError as error:
        st.session_state[REFUSED] = error
        if not isinstance(error, StoreError):
            held.pop(part, None)
        return
    done = st.session_state.setdefault(DONE, [])
    done.append({"decision": decision, "part": part, "told": told, "row": held.pop(part, None)})
    del done[:-MOST_DONE]


def _undo(board: Board, actor: Actor) -> None:
    """Take the last answer back and ask it again."""
    done = st.session_state[DONE]
    try:
        deeds.undo(board, actor, done[-1]["decision"])
    except StoreError as error:
        st.session_state[REFUSED] = error
        return
    except DedupeError as error:
        st.session_state[REFUSED] = error
    last = done.pop()
    st.session_state[PART] = last["part"]
    if last["row"] is not None:
        st.session_state.setdefault(HELD, {})[last["part"]] = last["row"]


def _asked(part: str, rows: Callable[[], list[dict[str, Any]]]) -> tuple[dict[str, Any] | None, int]:
    """What to ask now, and how many wait with it."""
    held: dict[str, tuple[dict[str, Any], int]] = st.session_state.setdefault(HELD, {})
    if part not in held and (found := rows()):
        held[part] = found[0], len(found)
    return held.get(part, (None, 0))


def _pairs(board: Board, said: Words, actor: Actor) -> None:
    row, waiting = _asked("pairs", lambda: review.pairs(board.store, board.incident.id, actor, board.now()).to_dicts())
    if row is None:
        _nothing(said, "review.no_pairs")
        return
    st.html(
        f'<h3>{escape(said.say("review.ask_same"))} <span class="note">{escape(markup.waiting(waiting, said))}</span></h3>'
    )
    st.html(markup.pair(row, said, board.now()))
    answers = (("same", deeds.same), ("apart", deeds.not_the_same), ("later", deeds.later))
    with st.container(key="review-answers", horizontal=True):
        for number, (name, deed) in enumerate(answers, 1):
            st.button(
                said.say(f"review.{name}"),
                key=f"{name}-{row['record']}-{row['other_record']}",
                shortcut=_key(str(number)),
                on_click=_judge,
                args=(board, row, name, deed, actor),
            )


def _judge(
    board: Board, row: dict[str, Any], name: str, deed: Callable[[Board, Actor, str, str], str], actor: Actor
) -> None:
    _do("pairs", (f"review.done_{name}", {}), lambda: deed(board, actor, row["record"], row["other_record"]))


def _labels(board: Board, said: Words, actor: Actor) -> None:
    skipped: set[str] = st.session_state.setdefault(SKIPPED, set())
    spared = () if can(actor, "hide") else ("abuse",)  # volunteers need not read these: moderators do
    row, waiting = _asked(
        "labels",
        lambda: [
            row
            for row in review.to_label(board.store, board.incident.id).to_dicts()
            if row["record"] not in skipped and row["category"] not in spared
        ],
    )
    _learnt(board, said, actor)
    if row is None:
        _nothing(said, "review.no_labels")
        return
    st.html(
        f'<h3>{escape(said.say("review.ask_label"))} <span class="note">{escape(markup.waiting(waiting, said))}</span></h3>'
    )
    st.html(markup.post(row, said, board.now()))
    with st.container(key="review-answers", horizontal=True):
        for number, category in enumerate(CATEGORIES, 1):
            st.button(
                said.say(f"label.{category}"),
                key=f"{category}-{row['record']}",
                shortcut=_key(str(number)),
                type="primary" if category == row["category"] else "secondary",
                help=said.say(f"label_is.{category}"),
                on_click=_label,
                args=(board, said, row["record"], category, actor),
            )
        st.button(
            said.say("review.skip"),
            key=f"skip-{row['record']}",
            shortcut=_key("9"),
            type="tertiary",
            on_click=_skip,
            args=(row["record"],),
        )


def _learnt(board: Board, said: Words, actor: Actor) -> None:
    """What answers led to, and for who may, the way to take the model back."""
    score = review.score(board.store)
    st.html(cards.notice(markup.learned(score, said)))
    if score.right is None or not can(actor, "roll_back"):
        return
    with st.popover(said.say("review.roll_back"), key="review-roll-back"):
        st.html(cards.notice(said.say("review.roll_back_sure")))
        st.text_input(said.say("review.roll_back_why"), key=WHY, max_chars=200)
        st.button(
            said.say("review.roll_back_now"), key="review-roll-back-now", type="primary",
            on_click=_roll_back, args=(board, actor),
        )  # fmt: skip


def _roll_back(board: Board, actor: Actor) -> None:
    try:
        deeds.roll_back(board, actor, st.session_state.get(WHY, ""))
    except DedupeError as error:
        st.session_state[REFUSED] = error
        return
    st.session_state.get(HELD, {}).pop("labels", None)
    st.session_state[ROLLED_BACK] = True


def _label(board: Board, said: Words, record: str, category: str, actor: Actor) -> None:
    told = ("review.done_label", {"category": said.say(f"label.{category}")})
    _do("labels", told, lambda: deeds.relabel(board, actor, record, category))


def _skip(record: str) -> None:
    st.session_state[SKIPPED].add(record)
    st.session_state[HELD].pop("labels", None)


def _split(board: Board, said: Words, actor: Actor) -> None:
    found = {row["record"]: row for row in review.splittable(board.store, board.incident.id).to_dicts()}
    wanted = st.session_state.get(WANTED)
    if wanted and wanted not in found:
        named = _named(board, said, wanted)
        found, wanted = named | found, next(iter(named), None)
    if not found:
        _nothing(said, "review.no_split")
        return
    st.session_state[WANTED] = wanted or next(iter(found))
    record = st.selectbox(
        said.say("review.choose"), list(found), key=WANTED, format_func=lambda name: markup.option(found[name], said)
    )
    rows = review.wordings(board.store, found[record]["root"]).to_dicts()
    st.html(f"<h3>{escape(said.say('review.ask_split'))}</h3>")
    picked = []
    with st.container(key="review-wordings"):
        for number, row in enumerate(rows, 1):
            with st.container(key=f"review-wording-{row['post']}", horizontal=True, vertical_alignment="top"):
                if st.checkbox(said.say("review.pick", n=number), key=f"pick-{record}-{row['post']}"):
                    picked.append(row["post"])
                st.html(markup.wording(number, row, said, board.now()))
    enough = 0 < len(picked) < len(rows)
    st.button(
        said.count("review.split_off", len(picked)) if enough else said.say("review.split_none"),
        key="review-split",
        type="primary",
        disabled=not enough,
        shortcut=_key("Ctrl+Enter"),  # a letter is not heard while a box to tick has the focus
        on_click=_take_apart,
        args=(board, record, picked, actor),
    )


def _named(board: Board, said: Words, name: str) -> dict[str, dict[str, Any]]:
    """A record that somebody asked for by its name, when there is one of several wordings."""
    try:
        root = review.named(board.store, name)["root"]
    except NotFound as error:
        st.html(refusal(error, said, board.now()))
        return {}
    return {row["record"]: row for row in review.splittable(board.store, board.incident.id, root).to_dicts()}


def _take_apart(board: Board, record: str, picked: list[int], actor: Actor) -> None:
    _do("split", ("review.done_split", {}), lambda: deeds.split(board, actor, record, picked))


def _nothing(said: Words, key: str) -> None:
    st.html(cards.notice(said.say(key), "told"))
    st.button(said.say("review.again"), key="review-again", shortcut=_key("N"))
