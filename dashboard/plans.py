"""The plan in force: what the board works by until somebody takes over another.

Owns the way from a plan's name (one that ships, or a file) to the plan in force. A file that changes on disk is read again,
but only waits; one that breaks or goes is told, and the last good one stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable
from pathlib import Path
from threading import Lock

from playbooks.errors import Problem
from playbooks.loader import load_playbook, read_playbook, shipped
from playbooks.model import Playbook
from playbooks.values import Language, Text


@cache
def titles() -> Mapping[str, Text]:
    """What the plans that ship are called."""
    return {name: load_playbook(file).plan.title for name, file in shipped().items()}


def title(name: str, language: Language) -> str:
    """What a plan that ships is called; of another its name."""
    return titles()[name].in_language(language) if name in titles() else name


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the plan stands. `problems` are those of what is on disk now; `waiting` is a sound one nobody took over yet."""

    playbook: Playbook | None = None
    problems: tuple[Problem, ...] = ()
    waiting: Playbook | None = None

    @property
    def problem(self) -> str | None:
        """What is wrong with the plan on disk, each with its file and line; None when nothing is."""
        return "\n".join(map(str, self.problems[:3])) or None


class Plans:
    """The plan of one board. Reads its file only when that changed; shared by all threads."""

    def __init__(self, name: str | None, playbook: Playbook | None = None) -> None:
        """name: a plan that ships, a file, or None for no plan; with `playbook`, that one is in force from the start."""
        self.name = name
        self._lock = Lock()
        self._seen: object = None
        self._standing = Standing(playbook=playbook)
        self.followed: str | None = None
        """The decision that was followed last; None before any."""
        if playbook is None:
            self.look()

    @property
    def playbook(self) -> Playbook | None:
        """The plan in force."""
        return self._standing.playbook

    @property
    def file(self) -> Path | None:
        """The file it is read from; None for a plan that ships, or none at all."""
        return None if self.name is None or self.name in shipped() else Path(self.name)

    @property
    def key(self) -> str | None:
        """What the plan it began with goes by; None without one."""
        file = self.file
        return self.name if file is None else file.stem

    def own_text(self) -> str:
        """The text of the plan it began with, as it is now; empty where it cannot be read."""
        source = self._source()
        try:
            return source.read_bytes().decode() if source is not None else ""
        except (OSError, ValueError):
            return ""

    def look(self) -> Standing:
        """How the plan stands now. The first sound one is in force at once; later ones wait for `take_over`."""
        source = self._source()
        if source is None:
            return self._standing
        with self._lock:
            sign = _sign(source)
            if sign is None or sign != self._seen:
                self._seen = sign
                self._read(source)
            return self._standing

    def take_over(self, playbook: Playbook | None = None) -> Playbook | None:
        """Put `playbook` in force, or the one that waits. Gives the one in force."""
        with self._lock:
            new = playbook or self._standing.waiting or self._standing.playbook
            self._standing = Standing(playbook=new, problems=self._standing.problems)
            return new

    def follow(self, decision: str | None, playbook: Playbook | None = None) -> None:
        """Put in force what a decision took over: `playbook`, or without one the plan of its own file as it is now.

        When that is no sound plan, the last good one stays.
        """
        source = self._source()
        new = playbook or (read_playbook(source).playbook if source is not None else None)
        with self._lock:
            self.followed = decision
            if new is not None:
                self._standing = Standing(playbook=new, problems=self._standing.problems)

    def _source(self) -> Path | Traversable | None:
        return None if self.name is None else shipped().get(self.name) or Path(self.name)

    def _read(self, source: Path | Traversable) -> None:
        found, held = read_playbook(source), self._standing.playbook
        if found.playbook is None:
            self._standing = Standing(playbook=held, problems=_errors(found.problems))
        elif held is None or found.playbook == held:
            self._standing = Standing(playbook=held or found.playbook)
        else:
            self._standing = Standing(playbook=held, waiting=found.playbook)


def _errors(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    return tuple(problem for problem in problems if problem.level == "error")


def _sign(source: Path | Traversable) -> object:
    """What tells that a file is as it was; None when it cannot be told."""
    try:
        told = source.stat() if isinstance(source, Path) else None
    except (OSError, ValueError):
        return None
    return (told.st_mtime_ns, told.st_size, told.st_ino) if told else source.name
