"""The command line: what can be typed, and what the help says of it.

Owns names, options and examples. Knows nothing of what a command does: that is given, by name.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from dashboard.rehearsal import add_options as rehearsal_options
from dedupe import exports, incidents
from playbooks.commands import EXAMPLES, add_options

Option = Callable[..., Any]
"""Adds an option to a command."""
Command = Callable[..., Option]
"""Adds a command: its name, what it is for, and examples."""


def make_parser(does: Mapping[str, Callable[..., Any]], version: str) -> argparse.ArgumentParser:
    """The parser of all commands; what was asked for is `command`, of `does`."""
    common = argparse.ArgumentParser(add_help=False)
    # fmt: off
    common.add_argument("--store", metavar="FILE", help="the store (default: [dedupe] store of helpt.toml)")
    common.add_argument("--config", type=Path, metavar="TOML", help="settings (default: helpt.toml here, if there is one)")
    common.add_argument("--words", type=Path, metavar="DIR", help="word lists of your own (default: [dedupe] words)")
    common.add_argument("-q", "--quiet", action="count", default=0, help="say less")
    common.add_argument("-v", "--verbose", action="count", default=0, help="say more; twice shows post texts")
    parser = argparse.ArgumentParser(prog="helpt", description="Every help offer once, beside the communication playbook.")
    # fmt: on
    parser.add_argument("--version", action="version", version=f"helpt {version}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, says: str, *examples: str) -> Option:
        shown = "examples:\n" + "\n".join(f"  {example}" for example in examples)
        form = argparse.RawDescriptionHelpFormatter
        made = commands.add_parser(
            name, help=says, description=says, epilog=shown, parents=[common], formatter_class=form
        )
        made.set_defaults(command=does[name])
        return made.add_argument

    _watching(command)
    _keeping(command)
    return parser


def _hashtags(option: Option) -> None:
    option("--hashtag", action="append", metavar="TAG", help="watch this hashtag too; may be given several times")


def _watching(command: Command) -> None:
    """The commands about what is watched."""
    # fmt: off
    option = command("run", "the board and the collectors; with no settings, the demo night",
                     "helpt run", "helpt run --hashtag hasselthelpt", "helpt run --store night.duckdb")
    _hashtags(option)
    option("--demo", action="store_true", help="the bundled SYNTHETIC night, whatever the settings")
    option("--speed", type=float, metavar="TIMES", help="how fast the demo night plays (default 60)")
    option("--host", help="address to listen on (default 127.0.0.1; no other without a login)")
    option("--port", type=int, help="port to listen on (default 8501)")
    option("--playbook", metavar="PLAN", help="a plan that ships, or a YAML file")
    rehearsal_options(option)

    _hashtags(command("collect", "the collectors without the board, until stopped", "helpt collect --hashtag hasselthelpt"))

    option = command("add", "one post typed in by hand: the desk", "helpt add Bed --contact 0470000001 --author webcare")
    option("text", metavar="TEXT", help="what was said")
    option("--author", default="desk", metavar="NAME", help="the operator's role, or who called (default: desk)")
    option("--contact", help="a number or address to reach them")
    option("--incident", metavar="ID", help="the incident it belongs to (default: [incident] id, or the open one)")

    option = command("incident", "open, change, close, reopen or list what is watched",
                     "helpt incident open storm --name Storm --tag hasselthelpt", "helpt incident list",
                     "helpt incident change storm --variant hasselthelp --without ppok", "helpt incident close storm")
    option("step", choices=("open", "change", "close", "reopen", "list"))
    option("id", nargs="?", metavar="ID", help="short name: a-z, 0-9 and -")
    for name in ("name", "zone", "playbook"):
        option(f"--{name}", help=f"its {name}")
    for name in incidents.LISTS:
        option(f"--{name[:-1]}", dest=name, action="append", metavar="WORD", help=f"one of its {name}, to add; may be given several times")
    option("--without", action="append", metavar="WORD", help="a tag, variant, language or source to take away")

    _hashtags(command("doctor", "what works, what does not, what to do", "helpt doctor --hashtag hasselthelpt"))
    # fmt: on


def _keeping(command: Command) -> None:
    """The commands about what is in the store."""
    # fmt: off
    option = command("import", "posts from files into the store",
                     "helpt import archive.ndjson.gz", "helpt import *.csv --incident storm --store night.duckdb")
    option("files", nargs="+", type=Path, metavar="FILE")
    option("--incident", metavar="ID", help="the incident the posts belong to (default: [incident] id, or the open one)")

    option = command("export", "what others build on, as a file",
                     "helpt export offers --as csv -o offers.csv", "helpt export links --as parquet -o links.parquet")
    option("table", choices=exports.TABLES)
    option("--as", dest="form", choices=exports.FORMATS, default="ndjson", help="form of the file (default: ndjson)")
    option("-o", "--output", type=Path, metavar="OUT", help="file to write (default: standard output)")
    option("--contacts", action="store_true", help="with numbers and addresses: only for who needs them")

    option = command("explain", "why posts are one record, or why two are not",
                     "helpt explain x/1046", "helpt explain 1e676cd6675ca382 3ec23f50bea621bf")
    option("name", metavar="POST|RECORD", help="a record's id, or a post as network/id")
    option("other", nargs="?", metavar="POST|RECORD", help="a second one to compare it with")
    option("--contacts", action="store_true", help="with numbers and addresses")

    add_options(command("playbook", "check plans, begin one, print their form for editors", *EXAMPLES))

    option = command("rebuild", "compute all that is derived anew, compare, report",
                     "helpt rebuild", "helpt rebuild --apply")
    option("--apply", action="store_true", help="write what comes out otherwise")

    option = command("words", "the word lists that posts are read by: what is wrong with them, how a text is read",
                     "helpt words check --words lists", "helpt words try Bed --words lists")
    option("step", choices=("check", "try"))
    option("text", nargs="?", metavar="TEXT", help="the text to read")
    option("--lang", metavar="CODE", help="the language its network says it is in")
    option("--at", type=datetime.fromisoformat, metavar="TIME", help="when it was written, as 2011-08-18T20:00+02:00 (default: now)")
    # fmt: on
