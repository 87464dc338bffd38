"""The script Streamlit runs for every viewer."""

from __future__ import annotations

from dashboard.board import held
from dashboard.views.page import draw

draw(held())
