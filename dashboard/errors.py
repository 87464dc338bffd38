"""What can go wrong while showing.

DashboardError               base: one sentence for the reader, and what to do
├── NotLoopback              the board was asked to listen where others could reach it
└── PortTaken                another program listens on the port
"""

from __future__ import annotations


class DashboardError(Exception):
    """Base of everything `dashboard` raises; `str()` is one sentence fit for a screen."""


class NotLoopback(DashboardError):
    """Without a login the board serves this machine alone."""


class PortTaken(DashboardError):
    """Another program listens on the port."""
