"""Streamlit's settings, set in code: a board that stays on this machine, and its colours, light and dark."""

from __future__ import annotations

from collections.abc import Mapping

LIGHT = {
    "primaryColor": "#0b5f66",
    "backgroundColor": "#f7f6f2",
    "secondaryBackgroundColor": "#efeee8",
    "textColor": "#1b2430",
    "linkColor": "#0b5f66",
    "borderColor": "#d9d8d1",
}
DARK = {
    "primaryColor": "#6fcbd1",
    "backgroundColor": "#12171d",
    "secondaryBackgroundColor": "#242c35",
    "textColor": "#e4e8ec",
    "linkColor": "#6fcbd1",
    "borderColor": "#313a44",
}

SERVER: Mapping[str, object] = {
    "browser.gatherUsageStats": False,
    "client.disableDataExport": True,
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "minimal",
    "global.developmentMode": False,
    "global.disableWidgetStateDuplicationWarning": True,  # why we do that: views/filters.held
    "logger.hideWelcomeMessage": True,
    "runner.magicEnabled": False,
    # A full collection after every look of every viewer took three quarters of what a viewer costs.
    "runner.postScriptGC": False,
    "server.allowedHosts": ["localhost", "127.0.0.1", "::1"],
    "server.enableAgentApi": False,
    "server.enableStaticServing": False,
    "server.fileWatcherType": "none",
    "server.headless": True,
    "server.showEmailPrompt": False,
    "theme.baseRadius": "0.35rem",
    "theme.showWidgetBorder": True,
}


def settings(address: str, port: int) -> dict[str, object]:
    """Every setting the board runs with; these win over any file or environment variable of Streamlit's."""
    colours = {f"theme.light.{name}": colour for name, colour in LIGHT.items()}
    colours |= {f"theme.dark.{name}": colour for name, colour in DARK.items()}
    return {**SERVER, **colours, "server.address": address, "server.port": port}
