"""The script Streamlit runs for every viewer."""

from __future__ import annotations

from dashboard.board import held
from dashboard.views.page import draw
from dashboard.views.turns import turn

if __name__ == "__main__":  # Streamlit runs it as the main script; importing it draws nothing
    with turn():
        draw(held())
