"""Many viewers without a browser: each speaks to the board over its socket as Streamlit's page does.

Owns the protocol: a first drawing, then a request by each part of the page whenever its own timer says so, and now and
then another filter. Refuses to know what is drawn. A viewer's wait is from asking until the server says that all it
asked for was drawn.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

SEEK = "words"
"""Name of the box whose words a viewer changes."""
WORDS = ("Genk", "bed", "hond", "Hasselt", "rolstoel", "douche", "")
WHOLE = ""
"""Asked for instead of one part: the page as a whole."""
PATIENCE = 20.0
"""Seconds after the end in which what was asked may yet be drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """Seconds that viewers waited, from asking to drawn.

    `opening`: for the page, while the others came in; `parts`: for a part that draws itself anew; `filters`: for the
    page after another filter was chosen. `lost` is what was never drawn, which counts as `PATIENCE`.
    """

    opening: list[float] = field(default_factory=list)
    parts: list[float] = field(default_factory=list)
    filters: list[float] = field(default_factory=list)
    lost: int = 0

    @property
    def all(self) -> list[float]:
        """Every wait of viewers who were there."""
        return [*self.parts, *self.filters, *[PATIENCE] * self.lost]


@dataclass(slots=True)
class Viewer:
    """One page: which of its parts draw themselves anew, what it has asked for and not got, and how long it waited."""

    socket: ClientConnection
    counted_from: float
    counted_until: float
    asked: dict[str, float] = field(default_factory=dict)
    timers: list[asyncio.Task[None]] = field(default_factory=list)
    box: str | None = None
    sought: str | None = None
    drawn: asyncio.Event = field(default_factory=asyncio.Event)
    opening: float = 0.0
    parts: list[float] = field(default_factory=list)
    filters: list[float] = field(default_factory=list)

    async def ask(self, part: str = WHOLE) -> None:
        """Ask for a part, or for the page; a second time before the first was answered is one wait."""
        self.asked.setdefault(part, now())
        message = BackMsg()
        message.rerun_script.fragment_id = part
        message.rerun_script.is_auto_rerun = part != WHOLE
        if self.sought is not None:
            message.rerun_script.widget_states.widgets.add(id=self.box, string_value=self.sought)
        await self.socket.send(message.SerializeToString())

    async def look(self) -> None:
        """Take in what the server sends until it, or the caller, ends it."""
        async for frame in self.socket:
            assert isinstance(frame, bytes)
            self._take(ForwardMsg.FromString(frame))

    def _take(self, told: ForwardMsg) -> None:
        kind = told.WhichOneof("type")
        if kind == "new_session" and not told.metadata.run.fragment_ids:
            self.rest()
        elif kind == "auto_rerun":
            timer = self._every(told.auto_rerun.interval, told.auto_rerun.fragment_id)
            self.timers.append(asyncio.create_task(timer))
        elif kind == "delta" and told.delta.new_element.text_input.id.endswith(SEEK):
            self.box = told.delta.new_element.text_input.id
        elif kind == "script_finished":
            self._finish(told)

    def _finish(self, told: ForwardMsg) -> None:
        parts = list(told.metadata.run.fragment_ids)
        if not parts and told.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            return  # another filter was chosen meanwhile; a part is never broken off by another, whatever it is called
        # A drawing of the whole page answers also what its parts had asked for.
        for part in parts or list(self.asked):
            began = self.asked.pop(part, None)
            if began is None:
                continue
            if not self.drawn.is_set():
                self.opening = now() - began
            elif self.counted_from <= began < self.counted_until:
                (self.filters if part == WHOLE else self.parts).append(now() - began)
        if not parts:
            self.drawn.set()

    async def _every(self, seconds: float, part: str) -> None:
        while True:
            await asyncio.sleep(seconds)
            if now() < self.counted_until:
                with suppress(ConnectionClosed):
                    await self.ask(part)

    def rest(self) -> None:
        """Stop the timers, as a page does whose parts are about to be made anew."""
        for timer in self.timers:
            timer.cancel()
        self.timers.clear()


def now() -> float:
    """The seconds that waits are counted in."""
    return asyncio.get_running_loop().time()


def watch(port: int, *, viewers: int, coming: float, seconds: float, seed: int = 1) -> Waits:
    """Have so many viewers look at the board on a loopback port, and tell how long they waited.

    They come in at random moments over `coming` seconds, so that their timers do not beat together; waits are counted
    in the `seconds` after that, in which each chooses another filter once.
    """
    return asyncio.run(_watch(port, viewers, coming, seconds, random.Random(seed)))


async def _watch(port: int, viewers: int, coming: float, seconds: float, chance: random.Random) -> Waits:
    begin = now() + coming
    each = [
        _view(port, begin, seconds, now() + coming * chance.random(), seconds * chance.random(), chance.choice(WORDS))
        for _ in range(viewers)
    ]
    seen = await asyncio.gather(*each)
    return Waits(
        opening=[viewer.opening for viewer in seen],
        parts=[wait for viewer in seen for wait in viewer.parts],
        filters=[wait for viewer in seen for wait in viewer.filters],
        lost=sum(len(viewer.asked) for viewer in seen),
    )


async def _view(port: int, begin: float, seconds: float, come: float, choose: float, words: str) -> Viewer:
    await asyncio.sleep(come - now())
    async with _opened(port, begin, begin + seconds) as viewer:
        await asyncio.sleep(begin + choose - now())
        await asyncio.wait_for(viewer.drawn.wait(), PATIENCE)
        viewer.sought = words
        await viewer.ask()
        await asyncio.sleep(begin + seconds - now())
        end = now() + PATIENCE
        while viewer.asked and now() < end:
            await asyncio.sleep(0.05)
    return viewer


@asynccontextmanager
async def _opened(port: int, counted_from: float, counted_until: float) -> AsyncIterator[Viewer]:
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    async with connect(address, subprotocols=[Subprotocol("streamlit")], max_size=None) as socket:
        viewer = Viewer(socket, counted_from, counted_until)
        looking = asyncio.create_task(viewer.look())
        try:
            await viewer.ask()
            yield viewer
        finally:
            viewer.rest()
            looking.cancel()
            with suppress(asyncio.CancelledError, ConnectionClosed):
                await looking
