"""The front door: the command line, and the one place that wires collecting, recognising and showing together."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import tomllib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from dashboard.errors import DashboardError
from dashboard.settings import DashboardSettings, IncidentSettings
from dedupe import checkup, exports
from dedupe.collapse import Batch, Collapsed, collapse
from dedupe.errors import DedupeError
from dedupe.explain import explain, explain_two
from dedupe.prepare import Prepared, prepare
from dedupe.rebuild import rebuild
from dedupe.settings import DedupeSettings
from dedupe.store import LAKE, Store
from ingest.errors import IngestError
from ingest.files import FileSource, rejects_path, write_rejects
from ingest.inbox import inbox_line
from ingest.settings import IngestSettings
from ingest.source import Fetch, removed
from playbooks.errors import PlaybookError
from playbooks.loader import load_playbook, shipped
from playbooks.model import Playbook

log = logging.getLogger("helpt")

CONFIG = Path("helpt.toml")
DEMO_HEAD = timedelta(minutes=30)
"""How much of the demo night after the storm is there when the board opens."""


class Refused(Exception):  # the front door's own error
    """A request that cannot be done; `str()` is one sentence that says what to do."""


class Settings(BaseModel):
    """All of helpt.toml: a table per package, and the incident."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ingest: IngestSettings = IngestSettings()
    dedupe: DedupeSettings = DedupeSettings()
    dashboard: DashboardSettings = DashboardSettings()
    incident: IncidentSettings = IncidentSettings()


def read_settings(path: Path | None) -> Settings:
    """Read a settings file; without one, the defaults. Raises Refused with every problem, a line each."""
    if path is None and not CONFIG.exists():
        return Settings()
    file = path or CONFIG
    try:
        return Settings.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise Refused(f"{file}: cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused(f"{file}: is no TOML: {error}.") from error
    except ValidationError as error:
        raise Refused("\n".join(_problem(file, dict(found)) for found in error.errors())) from error


def _problem(file: Path, found: dict[str, Any]) -> str:
    table, *keys = [str(part) for part in found["loc"]]
    expected = "a known key" if found["type"] == "extra_forbidden" else found["msg"]
    return f"{file}: [{table}] {'.'.join(keys)}: got {found['input']!r}, expected {expected}"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0 when done, 1 when nothing could be done; wrong use leaves with 2."""
    asked = _parser().parse_args(argv)
    level = logging.WARNING - 10 * asked.verbose + 10 * asked.quiet
    logging.basicConfig(level=max(level, logging.DEBUG), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        settings = read_settings(asked.config)
        return int(asked.command(asked, settings) or 0)
    except (Refused, IngestError, DedupeError, DashboardError, PlaybookError) as error:
        log.debug("refused", exc_info=error)
        print(f"helpt: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _open(asked: argparse.Namespace, settings: Settings, *, must_exist: bool = True) -> Store:
    name = asked.store or settings.dedupe.store
    if must_exist and not Path(name.removeprefix(LAKE)).exists():
        raise Refused(f"There is no store {name} yet: helpt import makes one, or name another with --store.")
    return Store(name, memory_limit=settings.dedupe.memory)


# --- import ---------------------------------------------------------------------------------------------------------


def import_files(asked: argparse.Namespace, settings: Settings) -> int:
    """helpt import: posts from files into the store."""
    incident = asked.incident or settings.incident.id
    done = 0
    with _open(asked, settings, must_exist=False) as store, _progress(asked) as progress:
        for path in asked.files:
            try:
                line = _import_file(store, path, incident, progress)
            except IngestError as error:
                print(f"helpt: {error}", file=sys.stderr)
                continue
            done += 1
            if not asked.quiet:
                print(line)
    return 0 if done else 1


def _import_file(store: Store, path: Path, incident: str, progress: Progress) -> str:
    """One file, each chunk in a transaction with its cursor; the next chunk is read while one is collapsed."""
    began = datetime.now(UTC)
    source = FileSource(path, incident=incident, clock=lambda: datetime.now(UTC), chunk_bytes=24 << 20)
    task = progress.add_task(path.name, total=1.0)
    refused, sums = 0, [0, 0, 0]
    cursor = last_cursor(store, incident, source.name, path.name)
    records_before = _count_records(store, incident)

    def read(cursor: str | None) -> tuple[Fetch, Prepared]:
        fetch = source.fetch(cursor)
        return fetch, prepare(fetch.posts)

    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(read, cursor)
        while True:
            fetch, prepared = coming.result()
            if fetch.more:
                coming = reader.submit(read, fetch.cursor)
            write_rejects(rejects_path(path), fetch.refusals)
            refused += len(fetch.refusals)
            taken = take_in(store, incident, source.name, path.name, fetch, prepared)
            sums = [before + now for before, now in zip(sums, (taken.read, taken.new, taken.known), strict=True)]
            progress.update(task, completed=fetch.progress or 0.0)
            if not fetch.more:
                break
    seconds = (datetime.now(UTC) - began).total_seconds()
    records = _count_records(store, incident)
    if cursor and not sums[0] and not refused:
        return f"{path.name}: was read before, nothing new, {records} records"
    listed = f" (listed in {rejects_path(path).name})" if refused else ""
    return (
        f"{path.name}: {sums[0]} read, {sums[1]} new, {sums[2]} already known, {refused} refused{listed}, "
        f"{records} records ({records - records_before:+d}), {seconds:.1f} s"
    )


def take_in(
    store: Store, incident: str, source: str, query: str, fetch: Fetch, prepared: Prepared | None = None
) -> Collapsed:
    """Collapse what a source gave, with its cursor, in one transaction."""
    batch = Batch(incident=incident, source=source, query=query, cursor=fetch.cursor, refused=len(fetch.refusals))
    return collapse(store, prepared or fetch.posts, batch, removals=removed(fetch.removals))


def last_cursor(store: Store, incident: str, source: str, query: str) -> str | None:
    """Where a source goes on: the cursor saved with its last batch."""
    rows = store.read(
        "select max_by(cursor, batch) as cursor from batches where incident = $incident and source = $source and query = $query",
        {"incident": incident, "source": source, "query": query},
    )
    found: str | None = rows["cursor"].item()
    return found


def _count_records(store: Store, incident: str) -> int:
    return int(
        store.read(
            "select count(*) as n from current_records where incident = $incident", {"incident": incident}
        ).item()
    )


def _progress(asked: argparse.Namespace) -> Progress:
    """A bar on a terminal, nothing elsewhere: the closing line says it all."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=console, disable=bool(asked.quiet) or not console.is_terminal, transient=True)


# --- export, explain, rebuild -----------------------------------------------------------------------------------------


def export_table(asked: argparse.Namespace, settings: Settings) -> int:
    """helpt export: what others build on."""
    if asked.form == "geojson" and asked.table in ("links", "decisions"):
        raise Refused(f"{asked.table} have no place: take ndjson, csv, parquet or hxl.")
    with _open(asked, settings) as store:
        rows = exports.export(store, asked.table, contacts=asked.contacts)
    out = asked.output
    try:
        if out is not None:
            exports.write(rows, asked.form, out)
        else:
            with tempfile.TemporaryDirectory(prefix="helpt-export-") as folder:
                exports.write(rows, asked.form, Path(folder) / "out")
                sys.stdout.buffer.write((Path(folder) / "out").read_bytes())
    except OSError as error:
        raise Refused(f"{out or 'The answer'} cannot be written: {error.strerror or error}.") from error
    if out is not None and not asked.quiet:
        print(f"{rows.height} {asked.table} in {out}")
    return 0


def explain_names(asked: argparse.Namespace, settings: Settings) -> int:
    """helpt explain: why posts are one record, or why two are not."""
    with _open(asked, settings) as store:
        answer = (
            explain_two(store, asked.name, asked.other)
            if asked.other
            else explain(store, asked.name, contacts=asked.contacts)
        )
    print(answer)
    return 0


def rebuild_store(asked: argparse.Namespace, settings: Settings) -> int:
    """helpt rebuild: recompute, compare, report."""
    with _open(asked, settings) as store, _progress(asked) as progress:
        task = progress.add_task("rebuild", total=1.0)
        found = rebuild(store, apply=asked.apply, progress=lambda share: progress.update(task, completed=share))
    if not found.links and not found.records:
        print(f"{found.posts} posts read anew: everything as it stands.")
        return 0
    written = "written" if asked.apply else "nothing written: --apply writes them"
    print(
        f"{found.posts} posts read anew: {found.links} wordings and {found.records} records come out otherwise ({written})."
    )
    return 0


# --- run --------------------------------------------------------------------------------------------------------------


def run(asked: argparse.Namespace, settings: Settings) -> int:
    """helpt run: the board and the collectors, in one process."""
    from dashboard.app import (
        build,
        loopback,
        serve,
    )  # these load Streamlit and the scheduler, which no other command needs
    from dashboard.board import Board, Incident
    from ingest.inbox import Inbox
    from ingest.night.evening import STORM, night
    from ingest.replay import Replay
    from ingest.schedule import Job, Schedule

    host, port = asked.host or settings.dashboard.host, asked.port or settings.dashboard.port
    loopback(host)
    demo = _is_demo(asked)
    name = str(_demo_store()) if demo else asked.store or settings.dedupe.store
    playbook, problem = _plan(asked.playbook or settings.dashboard.playbook)
    with Store(name, memory_limit=settings.dedupe.memory) as store:
        opened = datetime.now(UTC)
        clock: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731
        if demo:
            posts = night()
            first: datetime = posts["created_at"].min()  # type: ignore[assignment]
            head = STORM - first + DEMO_HEAD
            incident = Incident(
                id="demo",
                name="Pukkelpop 2011",
                opened_at=opened - DEMO_HEAD,
                tags=("hasselthelpt", "ppshelter", "ppok", "pp11"),
                synthetic=True,
            )
            source = Replay(
                posts,
                incident="demo",
                speed=asked.speed or settings.ingest.demo_speed,
                start=opened,
                clock=clock,
                head=head,
                shift=True,
                query="demo night",
            )
            jobs, now = [Job(incident="demo", source=source, query="demo night", every=1.0)], source.now
        else:
            folder = Path(settings.ingest.inbox)
            folder.mkdir(parents=True, exist_ok=True)
            chosen = settings.incident
            incident = Incident(
                id=chosen.id,
                name=chosen.name,
                opened_at=_opened_at(store, chosen.id) or opened,
                tags=chosen.tags,
                zone=chosen.zone,
            )
            jobs, now = (
                [
                    Job(
                        incident=chosen.id,
                        source=Inbox(folder, incident=chosen.id, clock=clock),
                        query=folder.name,
                        every=settings.ingest.every,
                    )
                ],
                clock,
            )
        schedule = Schedule(
            jobs,
            ask=lambda job: last_cursor(store, job.incident, job.source.name, job.query),
            deliver=lambda job, fetch: _deliver(store, job.incident, job.source.name, job.query, fetch),
        )
        board = Board(
            store=store,
            incident=incident,
            playbook=playbook,
            playbook_problem=problem,
            sources=schedule.status,
            now=now,
        )
        if not asked.quiet:
            print(
                f"The board is at http://{host}:{port} (stop with Ctrl-C)"
                + (": a SYNTHETIC demo night" if demo else "")
            )
        serve(build(board, collecting=schedule), host, port)
    return 0


def _is_demo(asked: argparse.Namespace) -> bool:
    """Without a settings file and without a store named there is nothing to show but the demo night."""
    return bool(asked.demo) or (asked.store is None and asked.config is None and not CONFIG.exists())


def _demo_store() -> Path:
    return Path(tempfile.mkdtemp(prefix="helpt-demo-")) / "demo.duckdb"


def _opened_at(store: Store, incident: str) -> datetime | None:
    first: datetime | None = store.read(
        "select min(started_at) as at_first from batches where incident = $incident", {"incident": incident}
    ).item()
    return first


def _deliver(store: Store, incident: str, source: str, query: str, fetch: Fetch) -> None:
    """An answer without posts and with the cursor we have leaves no row behind."""
    if (
        fetch.posts.height
        or fetch.removals
        or fetch.refusals
        or fetch.cursor != last_cursor(store, incident, source, query)
    ):
        take_in(store, incident, source, query, fetch)


def _plan(name: str) -> tuple[Playbook | None, str | None]:
    """The playbook, or the sentence that says what is wrong with it: a broken plan must not keep the board shut."""
    plans = shipped()
    try:
        return load_playbook(plans[name] if name in plans else Path(name)), None
    except PlaybookError as error:
        return None, str(error)


# --- doctor -----------------------------------------------------------------------------------------------------------


def doctor(asked: argparse.Namespace, settings: Settings) -> int:
    """helpt doctor: what works, what does not, what to do."""
    store = asked.store or settings.dedupe.store
    versions = ", ".join(f"{name} {version(name)}" for name in ("helpt", "duckdb", "polars", "streamlit"))
    checks: list[tuple[str, Callable[[], str]]] = [
        ("versions", lambda: f"{versions}, Python {sys.version.split()[0]}"),
        ("settings", lambda: str(asked.config or (CONFIG if CONFIG.exists() else "no helpt.toml here: the defaults"))),
        ("store", lambda: checkup.store_line(store)),
        ("disk", lambda: checkup.disk_line(store)),
        ("inbox", lambda: inbox_line(Path(settings.ingest.inbox))),
        ("playbook", lambda: _plan_line(settings.dashboard.playbook)),
        ("shared", checkup.shared_line),
        ("login", lambda: f"none yet: the board listens on {settings.dashboard.host} only"),
    ]
    bad = 0
    for name, check in checks:
        try:
            print(f"ok   {name:<9} {check()}")
        except (Refused, IngestError, DedupeError, PlaybookError) as error:
            bad += 1
            print(f"bad  {name:<9} {error}")
    return 1 if bad else 0


def _plan_line(name: str) -> str:
    playbook, problem = _plan(name)
    if playbook is None:
        raise Refused(problem or "no plan")
    return f"{name}: {playbook.plan.id}, version {playbook.plan.version}"


# --- the words of the command line ------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--store", metavar="FILE", help="the store (default: [dedupe] store of helpt.toml)")
    common.add_argument(
        "--config", type=Path, metavar="TOML", help="settings (default: helpt.toml here, if there is one)"
    )
    common.add_argument("-q", "--quiet", action="count", default=0, help="say less")
    common.add_argument("-v", "--verbose", action="count", default=0, help="say more; twice shows post texts")
    parser = argparse.ArgumentParser(
        prog="helpt", description="Every help offer once, beside the communication playbook."
    )
    parser.add_argument("--version", action="version", version=f"helpt {version('helpt')}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, does: Callable[[argparse.Namespace, Settings], int], says: str, *examples: str
    ) -> argparse.ArgumentParser:
        shown = "examples:\n" + "\n".join(f"  {example}" for example in examples)
        made = commands.add_parser(
            name,
            help=says,
            description=says,
            epilog=shown,
            parents=[common],
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        made.set_defaults(command=does)
        return made

    made = command(
        "run",
        run,
        "the board and the collectors; with no settings, the demo night",
        "helpt run",
        "helpt run --store night.duckdb",
    )
    made.add_argument("--demo", action="store_true", help="the bundled SYNTHETIC night, whatever the settings")
    made.add_argument("--speed", type=float, metavar="TIMES", help="how fast the demo night plays (default 60)")
    made.add_argument("--host", help="address to listen on (default 127.0.0.1; no other without a login)")
    made.add_argument("--port", type=int, help="port to listen on (default 8501)")
    made.add_argument("--playbook", metavar="PLAN", help="a plan that ships, or a YAML file")

    made = command(
        "import",
        import_files,
        "posts from files into the store",
        "helpt import archive.ndjson.gz",
        "helpt import *.csv --incident storm --store night.duckdb",
    )
    made.add_argument("files", nargs="+", type=Path, metavar="FILE")
    made.add_argument("--incident", metavar="ID", help="the incident the posts belong to (default: [incident] id)")

    made = command(
        "export",
        export_table,
        "what others build on, as a file",
        "helpt export offers --as csv -o offers.csv",
        "helpt export links --as parquet -o links.parquet",
    )
    made.add_argument("table", choices=exports.TABLES)
    made.add_argument(
        "--as", dest="form", choices=exports.FORMATS, default="ndjson", help="form of the file (default: ndjson)"
    )
    made.add_argument("-o", "--output", type=Path, metavar="OUT", help="file to write (default: standard output)")
    made.add_argument("--contacts", action="store_true", help="with numbers and addresses: only for who needs them")

    made = command(
        "explain",
        explain_names,
        "why posts are one record, or why two are not",
        "helpt explain x/1046",
        "helpt explain 1e676cd6675ca382 3ec23f50bea621bf",
    )
    made.add_argument("name", metavar="POST|RECORD", help="a record's id, or a post as network/id")
    made.add_argument("other", nargs="?", metavar="POST|RECORD", help="a second one to compare it with")
    made.add_argument("--contacts", action="store_true", help="with numbers and addresses")

    made = command(
        "rebuild",
        rebuild_store,
        "compute all that is derived anew, compare, report",
        "helpt rebuild",
        "helpt rebuild --apply",
    )
    made.add_argument("--apply", action="store_true", help="write what comes out otherwise")

    command("doctor", doctor, "what works, what does not, what to do", "helpt doctor")
    return parser


if __name__ == "__main__":
    sys.exit(main())
