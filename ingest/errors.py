"""What can go wrong while collecting.

IngestError                  base: one sentence for the reader, and what to do
├── TransientError           try again later (the network is down, a quota is used up)
└── TerminalError            stop this source until a person acts (no rights, unreadable file)
    └── UnreadableFile       a file or folder that cannot be read as posts at all
"""

from __future__ import annotations


class IngestError(Exception):
    """Base of everything `ingest` raises; `str()` is one sentence fit for a screen."""


class TransientError(IngestError):
    """The same call may work later. `retry_after` is in seconds, or None when the other side did not say."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TerminalError(IngestError):
    """Trying again does not help; a person must act. The message says how."""


class UnreadableFile(TerminalError):
    """The file as a whole cannot be read: absent, a directory, an unknown form, a broken archive."""
