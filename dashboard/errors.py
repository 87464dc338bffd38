"""What can go wrong while showing.

DashboardError               base: one sentence for the reader, and what to do
├── NotLoopback              the board was asked to listen where others could reach it
├── PortTaken                another program listens on the port
├── NoPlan                   a rehearsal was asked for with a plan that cannot be used
└── NotWritten               the report of a rehearsal could not be written
"""

from __future__ import annotations


class DashboardError(Exception):
    """Base of everything `dashboard` raises; `str()` is one sentence fit for a screen."""


class NotLoopback(DashboardError):
    """Without a login the board serves this machine alone."""


class PortTaken(DashboardError):
    """Another program listens on the port."""


class NoPlan(DashboardError):
    """There is no plan to rehearse."""


class NotWritten(DashboardError):
    """The report could not be written; it stands on the terminal."""
