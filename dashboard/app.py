"""The board as a server: one Streamlit app with the collectors in its lifespan, on this machine alone.

    app = build(Board(store=store, incident=incident, plans=Plans(name), sources=schedule.status), collecting=schedule)
    serve(app, "127.0.0.1", 8501)      # blocks until stopped

`collecting` is entered when the server starts and left when it stops, each in a thread of its own. Owns the routes, the
settings and the refusal to listen where others could reach it. Knows nothing of what is collected.
"""

from __future__ import annotations

import asyncio
import gc
import ipaddress
import logging
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext, suppress
from importlib import import_module
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from dashboard.board import Board, hold
from dashboard.errors import NotLoopback, PortTaken
from dashboard.health import health
from dashboard.planning import follow
from dashboard.theme import settings
from dashboard.watch import Watch, watching
from dedupe.errors import StoreError

log = logging.getLogger(__name__)

SCRIPT = Path(__file__).parent / "views" / "script.py"


def build(board: Board, *, collecting: AbstractContextManager[object] | None = None) -> st.App:
    """The app that shows `board`; the process shows one board at a time."""
    hold(board)
    # Here and not with the first viewer, who would wait for it.
    import_module("dashboard.views.page")
    glance = import_module("dashboard.views.glance")
    watch = Watch(board, lambda: glance.seen(board))

    @asynccontextmanager
    async def lifespan(_: st.App) -> AsyncIterator[None]:
        with suppress(StoreError):  # which the page says
            await asyncio.to_thread(follow, board)
            await asyncio.to_thread(glance.warm, board)
        work = collecting or nullcontext()
        await asyncio.to_thread(work.__enter__)
        # What is there by now stays: to look through all of it every few seconds took a quarter of a second each time.
        gc.collect()
        gc.freeze()
        try:
            with watching(watch):
                yield
        finally:
            await asyncio.to_thread(work.__exit__, None, None, None)

    def healthz(_: Request) -> JSONResponse:
        code, answer = health(board)
        return JSONResponse(answer, status_code=code)

    return st.App(
        SCRIPT, lifespan=lifespan, routes=[Route("/healthz", healthz, methods=["GET"])], on_script_error=_log_error
    )


def serve(app: st.App, host: str, port: int) -> None:
    """Serve until the process is told to stop.

    Raises NotLoopback for an address others could reach, PortTaken when another program listens there.
    """
    address = loopback(host)
    try:
        app.run(config=settings(address, port))
    except SystemExit as stop:
        if stop.code == 1:
            raise PortTaken(f"Port {port} is taken: stop the other program or name another port.") from stop
        raise


def loopback(host: str) -> str:
    """The address `host` stands for, if it is this machine's own. Raises NotLoopback."""
    if host == "localhost":
        return "127.0.0.1"
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise NotLoopback(f"Without a login the board listens on this machine only: use 127.0.0.1 instead of {host}.")
    return str(address)


def _log_error(error: Exception) -> bool:
    log.error("a page could not be drawn", exc_info=error)
    return False
