"""The wall: for those who look up from across a room. Nothing to press; the language comes with the address."""

from __future__ import annotations

import streamlit as st

from dashboard import situation
from dashboard.board import Board
from dashboard.course import NOTHING
from dashboard.fare import covered
from dashboard.markup import cards, sources, wall
from dashboard.markup.situation import flagged
from dashboard.views.live import REFRESH, live
from dashboard.views.scene import scene, so_far
from dashboard.words import Words
from dedupe.errors import StoreError


def page(board: Board, said: Words) -> None:
    """Draw the wall, anew by itself."""
    with st.container(key="wall"):
        live(draw, REFRESH, paused=False)(board, said)


def draw(board: Board, said: Words) -> None:
    """One piece of HTML, so that nothing jumps."""
    now = board.now()
    told = sources.line(covered(board), said)
    try:
        seen = scene(board)
        course = so_far(board, seen)
    except StoreError as error:
        head = wall.head(board.incident, board.playbook, NOTHING, said, now)
        st.html(f"{head}{cards.notice(said.say('board.store', sentence=error), 'alarm')}{told}")
        return
    read = int(seen.glance.batches["posts"].sum())
    newest = wall.listed(situation.newest(seen.lives, wall.LISTED), "wall.newest", said, now)
    urgent = wall.listed(situation.urgent(seen.lives, wall.LISTED), "wall.urgent", said, now)
    st.html(
        f"{wall.head(board.incident, board.playbook, course, said, now)}{wall.figures(seen.balance, read, said)}"
        f'<p class="first">{flagged(seen.found.flags, seen.glance.totals, said)}</p>'
        f'<div class="halves">{wall.balance(seen.balance, said)}<div>{urgent}{newest}</div></div>{told}'
    )
