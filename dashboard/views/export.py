"""The way to take files along: which table, in which form, masked unless a coordinator says why not."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard import incident as steps
from dashboard.board import Board
from dashboard.markup import cards
from dashboard.views.who import me
from dashboard.visitors import can
from dashboard.words import Words


def export(board: Board, said: Words) -> None:
    """Draw the popover for the incident of `board`. The file is made at the click and not before."""
    with st.popover(said.say("export.title"), icon=":material/download:", key="export"):
        table = st.radio(
            said.say("export.table"), steps.TABLES, key="export-table", horizontal=True,
            format_func=lambda name: said.say(f"export.of_{name}"),
        )  # fmt: skip
        form = st.radio(
            said.say("export.form"), steps.forms(table), key=f"export-form-{table == 'decisions'}", horizontal=True,
            format_func=lambda name: said.say(f"export.as_{name}"),
        )  # fmt: skip
        by, contacts, reason = me(), False, ""
        if can(by, "export") and table != "decisions":
            contacts = st.toggle(said.say("export.contacts"), key="export-contacts")
            if contacts:
                reason = st.text_input(said.say("export.reason"), key="export-reason", max_chars=200, live=True)
        st.download_button(
            said.say("export.button"),
            data=partial(steps.file, board, by, table, form, contacts=contacts, reason=reason),
            file_name=steps.file_name(board, table, form, board.now()),
            mime=steps.MIMES[form],
            key="export-file",
            on_click="ignore",
            type="primary",
            disabled=contacts and not reason.strip(),
        )
        st.html(cards.notice(said.say("export.logged" if contacts else "export.masked")))
