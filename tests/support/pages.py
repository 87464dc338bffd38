"""Pages of the board drawn without a browser."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from dashboard.app import SCRIPT
from dashboard.board import Board, hold
from dashboard.views.who import ME
from dedupe.deciding.roles import Actor


def drawn(board: Board, path: str = "", by: Actor | None = None, **address: str) -> AppTest:
    """The page at `path`, with `address` behind it, as one sees it who is `by`."""
    hold(board)
    page = AppTest.from_file(str(SCRIPT), default_timeout=60)
    if by is not None:
        page.session_state[ME] = by
    page.query_params.update(address)
    page.run()
    if path:
        # Pages of files can be switched to; those of functions, which ours are, go by their hash alone.
        page._page_hash = next(key for key, one in page._registered_pages.items() if one.get("url_pathname") == path)
        page.query_params.update(address)
        page.run()
    return page


def markup(page: AppTest) -> str:
    """All HTML on a page."""
    return "\n".join(element.proto.body for element in page.get("html"))
